//! Small map files of our own, as XML and as PBF: the same town in every form that is read.

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::Write;

type Tags = Vec<(String, String)>;

/// A map file in the making.
#[derive(Debug, Clone, Default)]
pub struct Doc {
    pub nodes: Vec<(i64, f64, f64, Tags)>,
    pub ways: Vec<(i64, Vec<i64>, Tags)>,
    /// Members: 0 node, 1 way, 2 relation.
    pub relations: Vec<(i64, Vec<(u64, i64, &'static str)>, Tags)>,
}

/// How a PBF is written.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    pub dense: bool,
    pub zlib: bool,
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

impl Doc {
    pub fn node(&mut self, id: i64, (lon, lat): (f64, f64), pairs: &[(&str, &str)]) {
        self.nodes.push((id, lon, lat, tags(pairs)));
    }

    pub fn way(&mut self, id: i64, refs: &[i64], pairs: &[(&str, &str)]) {
        self.ways.push((id, refs.to_vec(), tags(pairs)));
    }

    pub fn relation(&mut self, id: i64, members: &[(u64, i64, &'static str)], pairs: &[(&str, &str)]) {
        self.relations.push((id, members.to_vec(), tags(pairs)));
    }

    pub fn xml(&self) -> Vec<u8> {
        let said = |tags: &Tags| {
            let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            tags.iter().map(|(k, v)| format!("<tag k=\"{}\" v=\"{}\"/>", escaped(k), escaped(v))).collect::<String>()
        };
        let mut out = String::from("<?xml version=\"1.0\"?><osm version=\"0.6\" timestamp=\"2026-11-20T00:00:00Z\">");
        for (id, lon, lat, tags) in &self.nodes {
            out += &format!("<node id=\"{id}\" lon=\"{lon:.7}\" lat=\"{lat:.7}\">{}</node>", said(tags));
        }
        for (id, refs, tags) in &self.ways {
            let refs: String = refs.iter().map(|r| format!("<nd ref=\"{r}\"/>")).collect();
            out += &format!("<way id=\"{id}\">{refs}{}</way>", said(tags));
        }
        for (id, members, tags) in &self.relations {
            let of = |(kind, id, role): &(u64, i64, &str)| {
                let kind = ["node", "way", "relation"][*kind as usize];
                format!("<member type=\"{kind}\" ref=\"{id}\" role=\"{role}\"/>")
            };
            let members: String = members.iter().map(of).collect();
            out += &format!("<relation id=\"{id}\">{members}{}</relation>", said(tags));
        }
        (out + "</osm>").into_bytes()
    }

    pub fn gz(&self) -> Vec<u8> {
        gzipped(&self.xml())
    }

    pub fn pbf(&self, form: Form) -> Vec<u8> {
        let mut block = Vec::new();
        let mut strings: Vec<String> = vec![String::new()];
        let mut group = Vec::new();
        if form.dense {
            field(&mut group, 2, &self.dense(&mut strings));
        } else {
            for node in &self.nodes {
                field(&mut group, 1, &plain(node, &mut strings));
            }
        }
        field(&mut block, 2, &group);
        let mut group = Vec::new();
        for (id, refs, tags) in &self.ways {
            let mut way = thing(*id as u64, tags, &mut strings);
            field(&mut way, 8, &deltas(refs.iter().copied()));
            field(&mut group, 3, &way);
        }
        field(&mut block, 2, &group);
        let mut group = Vec::new();
        for (id, members, tags) in &self.relations {
            let mut relation = thing(*id as u64, tags, &mut strings);
            let roles = members.iter().map(|(_, _, role)| place(role, &mut strings)).collect::<Vec<_>>();
            field(&mut relation, 8, &packed(roles));
            field(&mut relation, 9, &deltas(members.iter().map(|(_, id, _)| *id)));
            field(&mut relation, 10, &packed(members.iter().map(|(kind, _, _)| *kind)));
            field(&mut group, 4, &relation);
        }
        field(&mut block, 2, &group);
        let mut table = Vec::new();
        strings.iter().for_each(|s| field(&mut table, 1, s.as_bytes()));
        // The table stands first in most files; nothing says it must.
        field(&mut block, 1, &table);
        let mut head = Vec::new();
        field(&mut head, 4, b"OsmSchema-V0.6");
        field(&mut head, 4, b"DenseNodes");
        number(&mut head, 32, 1_795_132_800);
        let mut file = blob("OSMHeader", &head, form.zlib);
        file.extend(blob("OSMData", &block, form.zlib));
        file
    }

    fn dense(&self, strings: &mut Vec<String>) -> Vec<u8> {
        let units = |degrees: f64| (degrees * 1e7).round() as i64;
        let mut dense = Vec::new();
        field(&mut dense, 1, &deltas(self.nodes.iter().map(|n| n.0)));
        field(&mut dense, 8, &deltas(self.nodes.iter().map(|n| units(n.2))));
        field(&mut dense, 9, &deltas(self.nodes.iter().map(|n| units(n.1))));
        let mut words = Vec::new();
        for node in &self.nodes {
            node.3.iter().for_each(|(k, v)| words.extend([place(k, strings), place(v, strings)]));
            words.push(0);
        }
        field(&mut dense, 10, &packed(words));
        dense
    }
}

fn plain((id, lon, lat, tags): &(i64, f64, f64, Tags), strings: &mut Vec<String>) -> Vec<u8> {
    let units = |degrees: f64| zigzag((degrees * 1e7).round() as i64);
    let mut node = thing(zigzag(*id), tags, strings);
    number(&mut node, 8, units(*lat));
    number(&mut node, 9, units(*lon));
    node
}

fn thing(id: u64, tags: &Tags, strings: &mut Vec<String>) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, 1, id);
    let keys = tags.iter().map(|(k, _)| place(k, strings)).collect::<Vec<_>>();
    let values = tags.iter().map(|(_, v)| place(v, strings)).collect::<Vec<_>>();
    field(&mut out, 2, &packed(keys));
    field(&mut out, 3, &packed(values));
    out
}

fn place(text: &str, strings: &mut Vec<String>) -> u64 {
    if let Some(at) = strings.iter().skip(1).position(|s| s == text) {
        return at as u64 + 1;
    }
    strings.push(text.to_owned());
    strings.len() as u64 - 1
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// Adds a number as a field.
pub fn number(out: &mut Vec<u8>, name: u64, value: u64) {
    varint(out, name << 3);
    varint(out, value);
}

/// Adds bytes as a field.
pub fn field(out: &mut Vec<u8>, name: u64, bytes: &[u8]) {
    varint(out, name << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Returns packed numbers.
pub fn packed(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let mut out = Vec::new();
    numbers.into_iter().for_each(|n| varint(&mut out, n));
    out
}

fn deltas(numbers: impl IntoIterator<Item = i64>) -> Vec<u8> {
    let mut before = 0_i64;
    packed(numbers.into_iter().map(|n| zigzag(n.wrapping_sub(std::mem::replace(&mut before, n)))))
}

/// Returns a blob of a kind with its header.
pub fn blob(kind: &str, content: &[u8], zlib: bool) -> Vec<u8> {
    let mut message = Vec::new();
    if zlib {
        let mut packing = ZlibEncoder::new(Vec::new(), Compression::fast());
        packing.write_all(content).expect("bytes");
        number(&mut message, 2, content.len() as u64);
        field(&mut message, 3, &packing.finish().expect("bytes"));
    } else {
        field(&mut message, 1, content);
    }
    framed(kind, &message)
}

/// Returns a message that should be a blob with its header.
pub fn framed(kind: &str, message: &[u8]) -> Vec<u8> {
    let mut header = Vec::new();
    field(&mut header, 1, kind.as_bytes());
    number(&mut header, 3, message.len() as u64);
    let mut out = (header.len() as u32).to_be_bytes().to_vec();
    out.extend(header);
    out.extend_from_slice(message);
    out
}

pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::fast());
    packing.write_all(bytes).expect("bytes");
    packing.finish().expect("bytes")
}

/// A town with something of everything that is read: a grid of streets, a river with an islet, restrictions along a node and
/// along a way, a ferry, a barrier, addresses and names.
pub fn town() -> Doc {
    let mut doc = Doc::default();
    const SIDE: i64 = 9;
    for i in 0..SIDE * SIDE {
        let at = (121.2 + (i % SIDE) as f64 * 0.002, 31.0 + (i / SIDE) as f64 * 0.002);
        let tags: &[(&str, &str)] = match i {
            12 => &[("highway", "traffic_signals")],
            31 => &[("barrier", "bollard")],
            40 => &[("place", "town"), ("name", "示例镇"), ("name:en", "Demo Town")],
            _ => &[],
        };
        doc.node(i + 1, at, tags);
    }
    for row in 0..SIDE {
        let east: Vec<i64> = (0..SIDE).map(|x| row * SIDE + x + 1).collect();
        let north: Vec<i64> = (0..SIDE).map(|y| y * SIDE + row + 1).collect();
        let class = ["residential", "primary", "footway"][row as usize % 3];
        let name = format!("示例{row}路");
        let oneway = if row % 4 == 1 { "yes" } else { "no" };
        doc.way(100 + row, &east[..5], &[("highway", class), ("name", &name), ("oneway", oneway)]);
        doc.way(200 + row, &east[4..], &[("highway", class), ("name", &name), ("maxspeed", "40")]);
        doc.way(300 + row, &north, &[("highway", "tertiary"), ("bridge", if row == 2 { "yes" } else { "no" })]);
    }
    for (i, (x, y)) in
        [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.3, 0.3), (0.6, 0.3), (0.6, 0.6)].iter().enumerate()
    {
        doc.node(500 + i as i64, (121.21 + x * 0.003, 31.01 + y * 0.003), &[]);
    }
    doc.way(400, &[500, 501, 502], &[]);
    doc.way(401, &[502, 503, 500], &[]);
    doc.way(402, &[504, 505, 506, 504], &[("leisure", "park"), ("name", "示例洲")]);
    doc.way(403, &[500, 81], &[("route", "ferry"), ("foot", "yes")]);
    doc.way(
        404,
        &[510, 511, 512, 510],
        &[("building", "yes"), ("addr:street", "示例1路"), ("addr:housenumber", "8号")],
    );
    for (i, at) in [(121.2001, 31.0001), (121.2002, 31.0001), (121.2002, 31.0002)].into_iter().enumerate() {
        doc.node(510 + i as i64, at, &[]);
    }
    doc.node(520, (121.2005, 31.0005), &[("amenity", "hospital"), ("name", "示例医院")]);
    doc.node(521, (121.2006, 31.0005), &[("addr:street", "示例0路"), ("addr:housenumber", "12号")]);
    let banned = [("type", "restriction"), ("restriction", "no_left_turn")];
    doc.relation(1, &[(1, 101, "from"), (0, 14, "via"), (1, 304, "to")], &banned);
    doc.relation(2, &[(1, 300, "from"), (1, 101, "via"), (1, 301, "to")], &[banned[0], ("restriction", "no_u_turn")]);
    doc.relation(
        3,
        &[(1, 301, "from"), (0, 11, "via"), (1, 101, "to")],
        &[banned[0], ("restriction", "only_straight_on")],
    );
    let hours = ("restriction:conditional", "no_left_turn @ (Mo-Fr 07:00-09:00)");
    doc.relation(4, &[(1, 101, "from"), (0, 14, "via"), (1, 304, "to")], &[banned[0], hours]);
    let water = [("type", "multipolygon"), ("natural", "water"), ("name", "示例湖")];
    doc.relation(5, &[(1, 400, "outer"), (1, 401, "outer"), (1, 402, "inner"), (2, 5, "")], &water);
    doc
}

/// The town in every form, with what the form is called.
pub fn every_form() -> Vec<(&'static str, Vec<u8>)> {
    let town = town();
    vec![
        ("xml", town.xml()),
        ("gz", town.gz()),
        ("pbf", town.pbf(Form { dense: true, zlib: true })),
        ("raw.pbf", town.pbf(Form { dense: true, zlib: false })),
        ("plain.pbf", town.pbf(Form { dense: false, zlib: false })),
    ]
}
