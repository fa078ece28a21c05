//! Vector tiles read by hand, strictly: what the specification (MVT 2.1) asks of a tile is asked here, and nothing is repaired.

use std::collections::BTreeMap;

/// A layer of a tile.
#[derive(Debug, Default)]
pub struct Layer {
    pub name: String,
    pub extent: u64,
    pub features: Vec<Feature>,
}

/// A feature of a layer.
#[derive(Debug, Default)]
pub struct Feature {
    pub id: Option<u64>,
    pub kind: u64,
    /// Points, lines or rings.
    pub parts: Vec<Vec<(i64, i64)>>,
    pub properties: BTreeMap<String, Value>,
}

/// A value of a property.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Number(f64),
    Is(bool),
}

type Checked<T> = Result<T, String>;

/// A field of a message: its number and what stands in it.
enum Field<'a> {
    Varint(u64),
    Four([u8; 4]),
    Eight([u8; 8]),
    Bytes(&'a [u8]),
}

/// Reads a tile; the first rule that it breaks is told.
pub fn tile(bytes: &[u8]) -> Checked<Vec<Layer>> {
    let mut layers: Vec<Layer> = Vec::new();
    for field in fields(bytes)? {
        let (3, Field::Bytes(layer)) = field else { return Err("a tile holds layers only".into()) };
        let layer = read_layer(layer)?;
        if layers.iter().any(|l| l.name == layer.name) {
            return Err(format!("two layers are called {}", layer.name));
        }
        layers.push(layer);
    }
    Ok(layers)
}

fn varint(bytes: &[u8], at: &mut usize) -> Checked<u64> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let byte = *bytes.get(*at).ok_or("cut within a number")?;
        *at += 1;
        if shift < 64 {
            value |= u64::from(byte & 0x7f) << shift;
        }
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err("a number without an end".into())
}

fn fields(bytes: &[u8]) -> Checked<Vec<(u64, Field<'_>)>> {
    let mut at = 0;
    let mut all = Vec::new();
    while at < bytes.len() {
        let key = varint(bytes, &mut at)?;
        let mut take = |n: usize| {
            let part = at.checked_add(n).and_then(|end| bytes.get(at..end)).ok_or("cut within a field");
            at = at.saturating_add(n);
            part
        };
        let field = match key & 7 {
            0 => Field::Varint(varint(bytes, &mut at)?),
            1 => Field::Eight(take(8)?.try_into().map_err(|_| "eight")?),
            5 => Field::Four(take(4)?.try_into().map_err(|_| "four")?),
            2 => {
                let length = varint(bytes, &mut at)? as usize;
                let end = at.checked_add(length).filter(|end| *end <= bytes.len()).ok_or("cut within a field")?;
                let part = &bytes[at..end];
                at = end;
                Field::Bytes(part)
            }
            other => return Err(format!("wire type {other}")),
        };
        all.push((key >> 3, field));
    }
    Ok(all)
}

fn text(bytes: &[u8]) -> Checked<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "text that is not UTF-8".into())
}

fn packed(bytes: &[u8]) -> Checked<Vec<u32>> {
    let mut at = 0;
    let mut all = Vec::new();
    while at < bytes.len() {
        all.push(u32::try_from(varint(bytes, &mut at)?).map_err(|_| "a number beyond 32 bits")?);
    }
    Ok(all)
}

fn read_layer(bytes: &[u8]) -> Checked<Layer> {
    let (mut name, mut extent, mut version) = (None, 4096, None);
    let (mut keys, mut values, mut raw) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields(bytes)? {
        match field {
            (15, Field::Varint(n)) => version = Some(n),
            (1, Field::Bytes(b)) => name = Some(text(b)?),
            (2, Field::Bytes(b)) => raw.push(b),
            (3, Field::Bytes(b)) => keys.push(text(b)?),
            (4, Field::Bytes(b)) => values.push(value(b)?),
            (5, Field::Varint(n)) => extent = n,
            (n, _) => return Err(format!("field {n} of a layer")),
        }
    }
    if !matches!(version, Some(1 | 2)) {
        return Err(format!("version {version:?}"));
    }
    let name = name.ok_or("a layer without a name")?;
    let features = raw.into_iter().map(|b| feature(b, (&keys, &values))).collect::<Checked<Vec<_>>>()?;
    Ok(Layer { name, extent, features })
}

fn value(bytes: &[u8]) -> Checked<Value> {
    let mut all = fields(bytes)?;
    let only = all.pop().filter(|_| all.is_empty()).ok_or("a value that is not one value")?;
    match only {
        (1, Field::Bytes(b)) => Ok(Value::Text(text(b)?)),
        (2, Field::Four(b)) => Ok(Value::Number(f32::from_le_bytes(b).into())),
        (3, Field::Eight(b)) => Ok(Value::Number(f64::from_le_bytes(b))),
        (4, Field::Varint(n)) => Ok(Value::Number(n as i64 as f64)),
        (5, Field::Varint(n)) => Ok(Value::Number(n as f64)),
        (6, Field::Varint(n)) => Ok(Value::Number(((n >> 1) as i64 ^ -((n & 1) as i64)) as f64)),
        (7, Field::Varint(n)) => Ok(Value::Is(n != 0)),
        (n, _) => Err(format!("field {n} of a value")),
    }
}

fn feature(bytes: &[u8], (keys, values): (&[String], &[Value])) -> Checked<Feature> {
    let mut read = Feature::default();
    let (mut kind, mut geometry, mut tags) = (None, None, Vec::new());
    for field in fields(bytes)? {
        match field {
            (1, Field::Varint(n)) => read.id = Some(n),
            (2, Field::Bytes(b)) => tags = packed(b)?,
            (3, Field::Varint(n)) => kind = Some(n),
            (4, Field::Bytes(b)) if geometry.is_none() => geometry = Some(packed(b)?),
            (n, _) => return Err(format!("field {n} of a feature")),
        }
    }
    read.kind = kind.filter(|kind| *kind < 4).ok_or("a feature without a type")?;
    for pair in tags.chunks(2) {
        let [key, value] = pair else { return Err("a key without a value".into()) };
        let key = keys.get(*key as usize).ok_or("a key that is not there")?;
        let value = values.get(*value as usize).ok_or("a value that is not there")?;
        if read.properties.insert(key.clone(), value.clone()).is_some() {
            return Err(format!("{key} stands twice"));
        }
    }
    read.parts = parts(read.kind, &geometry.ok_or("a feature without a geometry")?)?;
    Ok(read)
}

/// Commands and steps → points, lines or rings.
fn parts(kind: u64, words: &[u32]) -> Checked<Vec<Vec<(i64, i64)>>> {
    let mut parts: Vec<Vec<(i64, i64)>> = Vec::new();
    let mut at = (0_i64, 0_i64);
    let mut words = words.iter().copied();
    let mut last = 0;
    while let Some(command) = words.next() {
        let (id, count) = (command & 7, command >> 3);
        let follows = match (kind, id) {
            (0, _) => true,
            (1, 1) => last == 0,
            (2, 1) => last != 1,
            (2, 2) => last == 1,
            (3, 1) => last == 0 || last == 7,
            (3, 2) => last == 1,
            (3, 7) => last == 2,
            _ => false,
        };
        if !follows || count == 0 || (kind > 1 && id == 1 && count != 1) || (id == 7 && count != 1) {
            return Err(format!("command {id} × {count} after {last} in a shape of kind {kind}"));
        }
        last = id;
        if id == 7 {
            continue;
        }
        if id == 1 && kind != 1 {
            parts.push(Vec::new());
        }
        for _ in 0..count {
            let mut step = || {
                let n = words.next().ok_or("a command without its numbers")?;
                Ok::<i64, String>(i64::from((n >> 1) as i32 ^ -((n & 1) as i32)))
            };
            at = (at.0 + step()?, at.1 + step()?);
            match (id, kind) {
                (1, 1) => parts.push(vec![at]),
                (_, 0) => parts.push(vec![at]),
                _ => {
                    let part = parts.last_mut().ok_or("a line without a beginning")?;
                    if kind == 2 && part.last() == Some(&at) {
                        return Err("a place twice in a row".into());
                    }
                    part.push(at);
                }
            }
        }
    }
    match kind {
        1 if parts.is_empty() => Err("no point".into()),
        2 if parts.is_empty() || last != 2 => Err("a line of one point".into()),
        3 if parts.is_empty() || last != 7 => Err("a ring that does not close".into()),
        3 => rings(&parts).map(|()| parts),
        _ => Ok(parts),
    }
}

fn rings(rings: &[Vec<(i64, i64)>]) -> Checked<()> {
    for (i, ring) in rings.iter().enumerate() {
        let area = twice_area(ring);
        if ring.len() < 3 || area == 0 {
            return Err(format!("a ring of {} points and the area {area}", ring.len()));
        }
        if i == 0 && area < 0 {
            return Err("the first ring is a hole".into());
        }
    }
    Ok(())
}

/// Twice the area of a ring by the surveyor's formula.
pub fn twice_area(ring: &[(i64, i64)]) -> i64 {
    (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()])).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum()
}

/// Returns whether a ring neither touches nor crosses itself.
pub fn is_simple(ring: &[(i64, i64)]) -> bool {
    let n = ring.len();
    let side = |i: usize| (ring[i], ring[(i + 1) % n]);
    let cross =
        |a: (i64, i64), b: (i64, i64), c: (i64, i64)| ((b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)).signum();
    let within = |a: (i64, i64), b: (i64, i64), p: (i64, i64)| {
        cross(a, b, p) == 0
            && (a.0.min(b.0)..=a.0.max(b.0)).contains(&p.0)
            && (a.1.min(b.1)..=a.1.max(b.1)).contains(&p.1)
    };
    (0..n).all(|i| {
        (i + 1..n).all(|j| {
            let ((a, b), (c, d)) = (side(i), side(j));
            if j == i + 1 {
                return !within(a, b, d);
            }
            if (j + 1) % n == i {
                return !within(a, b, c);
            }
            let crosses = cross(a, b, c) * cross(a, b, d) < 0 && cross(c, d, a) * cross(c, d, b) < 0;
            !crosses && !within(a, b, c) && !within(a, b, d) && !within(c, d, a) && !within(c, d, b)
        })
    })
}
