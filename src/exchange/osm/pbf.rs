//! `.osm.pbf`: the binary form of OpenStreetMap (wiki: PBF Format), read block by block in place.
//!
//! Invariants: a block is bounded by the format's own limits (32 MiB unpacked) before it is unpacked; every number is checked
//! before it is used; memory is that of one block and its table of strings. Blocks without what a reading is about are
//! skipped from the second reading on.

use super::wire::{Fields, Packed, Value, zigzag};
use super::{
    Head, Member, OsmError, Part, Pass, UNPACKED_FREE, UNPACKED_RATIO, Visit, WORD_MAX, What, damaged, few, point_of,
    role,
};
use chrono::DateTime;
use flate2::read::ZlibDecoder;
use std::cell::Cell;
use std::io::Read;

/// Features that a file may require of its reader.
const UNDERSTOOD: [&[u8]; 3] = [b"OsmSchema-V0.6", b"DenseNodes", b"HistoricalInformation"];

/// Most bytes of the header of a blob, and of a blob, packed or unpacked.
const HEADER_MAX: usize = 64 << 10;
const BLOB_MAX: usize = 32 << 20;

/// Strings of a block.
type Strings<'a> = Vec<&'a str>;
type Tagged<'a> = Vec<(&'a str, &'a str)>;

/// A file and what is known of it: what each of its blocks holds, in order.
pub(super) struct Pbf<'a> {
    bytes: &'a [u8],
    holds: Vec<u8>,
}

impl<'a> Pbf<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, holds: Vec::new() }
    }

    /// Reads the things of one kind.
    pub(super) fn each(&mut self, pass: Pass, read: &Cell<u64>, visit: Visit<'_>) -> Result<(), OsmError> {
        let mut rest = self.bytes;
        let mut unpacked = Vec::new();
        let (mut block, mut total) = (0, 0_u64);
        while !rest.is_empty() {
            let at = self.bytes.len() - rest.len();
            let wrong = |why: &str| damaged(format!("byte {at}: {why}"));
            let (kind, blob) =
                blob(&mut rest).ok_or_else(|| wrong("a block is cut, or longer than the format allows"))?;
            read.set((self.bytes.len() - rest.len()) as u64);
            match kind {
                b"OSMHeader" => {
                    visit(Part::Head(head(unpack(blob, &mut unpacked, at)?).ok_or_else(|| wrong("the header"))??))?
                }
                b"OSMData" => {
                    block += 1;
                    if self.holds.get(block - 1).is_some_and(|holds| holds & bit(pass) == 0) {
                        continue;
                    }
                    let bytes = unpack(blob, &mut unpacked, at)?;
                    total += bytes.len() as u64;
                    if total > read.get() * UNPACKED_RATIO + UNPACKED_FREE {
                        return Err(OsmError::Bomb { ratio: UNPACKED_RATIO });
                    }
                    let holds = Block::of(bytes).ok_or_else(|| wrong("a block makes no sense"))??.each(pass, visit);
                    let holds = holds.ok_or_else(|| wrong("a block names what is not there"))??;
                    if self.holds.len() < block {
                        self.holds.push(holds);
                    }
                }
                _ => {}
            }
        }
        if block == 0 { Err(damaged("it holds no block of data")) } else { Ok(()) }
    }
}

const fn bit(what: What) -> u8 {
    match what {
        What::Node => 1,
        What::Way => 2,
        What::Relation => 4,
    }
}

/// Takes the next blob off the bytes: its kind, and its message.
fn blob<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes(*length) as usize;
    let (header, after) = after.split_at_checked(length).filter(|_| length < HEADER_MAX)?;
    let (mut kind, mut size) = (None, None);
    for field in Fields(header) {
        match field? {
            (1, value) => kind = value.bytes(),
            (3, value) => size = value.number(),
            _ => {}
        }
    }
    let size = usize::try_from(size?).ok().filter(|size| *size <= BLOB_MAX + HEADER_MAX)?;
    let (blob, after) = after.split_at_checked(size)?;
    *rest = after;
    Some((kind?, blob))
}

/// Returns the unpacked bytes of a blob.
fn unpack<'a>(blob: &'a [u8], into: &'a mut Vec<u8>, at: usize) -> Result<&'a [u8], OsmError> {
    let wrong = |why: &str| damaged(format!("byte {at}: {why}"));
    let (mut size, mut zlib) = (0, None);
    for field in Fields(blob) {
        match field.ok_or_else(|| wrong("a blob makes no sense"))? {
            (1, Value::Bytes(raw)) if raw.len() <= BLOB_MAX => return Ok(raw),
            (2, Value::Number(number)) => size = number,
            (3, Value::Bytes(bytes)) => zlib = Some(bytes),
            (4, Value::Bytes(_)) => return Err(OsmError::Packed { how: "lzma" }),
            (5, Value::Bytes(_)) => return Err(OsmError::Packed { how: "bzip2" }),
            (6, Value::Bytes(_)) => return Err(OsmError::Packed { how: "lz4" }),
            (7, Value::Bytes(_)) => return Err(OsmError::Packed { how: "zstd" }),
            _ => {}
        }
    }
    let zlib = zlib.ok_or_else(|| wrong("a blob without data"))?;
    if size > BLOB_MAX as u64 {
        return Err(wrong("a blob claims more than 32 MiB"));
    }
    into.clear();
    let unpacked = ZlibDecoder::new(zlib).take(size + 1).read_to_end(into);
    match unpacked {
        Ok(count) if count as u64 == size => Ok(into),
        Ok(_) => Err(wrong("a blob holds another number of bytes than it says")),
        Err(error) => Err(wrong(&error.to_string())),
    }
}

/// Reads the header; an inner error where it requires what is not understood.
fn head(bytes: &[u8]) -> Option<Result<Head, OsmError>> {
    let mut head = Head::default();
    for field in Fields(bytes) {
        match field? {
            (4, Value::Bytes(required)) if !UNDERSTOOD.contains(&required) => {
                let required = String::from_utf8_lossy(required);
                return Some(Err(damaged(format!("it requires `{required:.60}`, which is not understood"))));
            }
            (16 | 17, Value::Bytes(words)) => head.synthetic |= super::says_invented(&String::from_utf8_lossy(words)),
            (32, Value::Number(seconds)) => head.timestamp = DateTime::from_timestamp(seconds as i64, 0),
            _ => {}
        }
    }
    Some(Ok(head))
}

/// A block of data.
struct Block<'a> {
    bytes: &'a [u8],
    strings: Strings<'a>,
    granularity: i64,
    lat_offset: i64,
    lon_offset: i64,
}

/// What reading a part of a block comes to: `None` where it makes no sense.
type Outcome<T = ()> = Option<Result<T, OsmError>>;

impl<'a> Block<'a> {
    fn of(bytes: &'a [u8]) -> Outcome<Self> {
        let mut block = Self { bytes, strings: Vec::new(), granularity: 100, lat_offset: 0, lon_offset: 0 };
        for field in Fields(bytes) {
            match field? {
                (1, value) => {
                    for string in Fields(value.bytes()?) {
                        let (1, Value::Bytes(string)) = string? else { continue };
                        let Ok(string) = std::str::from_utf8(string) else {
                            return Some(Err(damaged("a text is not UTF-8")));
                        };
                        block.strings.push(if string.len() <= WORD_MAX { string } else { "" });
                    }
                }
                (17, value) => block.granularity = value.number()? as i64,
                (19, value) => block.lat_offset = value.number()? as i64,
                (20, value) => block.lon_offset = value.number()? as i64,
                _ => {}
            }
        }
        Some(Ok(block))
    }

    /// Visits the things of a kind, and returns the bits of the kinds that are there.
    fn each(&self, pass: Pass, visit: Visit<'_>) -> Outcome<u8> {
        let mut holds = 0;
        let mut tags = Tagged::new();
        for field in Fields(self.bytes) {
            let (2, Value::Bytes(group)) = field? else { continue };
            for thing in Fields(group) {
                let (kind, Value::Bytes(bytes)) = thing? else { continue };
                let what = match kind {
                    1 | 2 => What::Node,
                    3 => What::Way,
                    4 => What::Relation,
                    _ => continue,
                };
                holds |= bit(what);
                if what != pass {
                    continue;
                }
                let outcome = match kind {
                    1 => self.node(bytes, &mut tags, visit),
                    2 => self.dense(bytes, &mut tags, visit),
                    3 => self.way(bytes, &mut tags, visit),
                    _ => self.relation(bytes, &mut tags, visit),
                };
                if let Err(error) = outcome? {
                    return Some(Err(error));
                }
            }
        }
        Some(Ok(holds))
    }

    fn string(&self, number: u64) -> Option<&'a str> {
        self.strings.get(usize::try_from(number).ok()?).copied()
    }

    fn tags(&self, keys: Packed<'a>, values: Packed<'a>, into: &mut Tagged<'a>) -> Outcome {
        into.clear();
        for (key, value) in keys.zip(values) {
            into.push((self.string(key?)?, self.string(value?)?));
        }
        Some(few(into.len()))
    }

    fn at(&self, lat: i64, lon: i64) -> Option<crate::network::Point> {
        let degrees = |offset: i64, units: i64| {
            let nano = units.checked_mul(self.granularity)?.checked_add(offset)?;
            Some(nano as f64 * 1e-9)
        };
        point_of(degrees(self.lon_offset, lon)?, degrees(self.lat_offset, lat)?)
    }

    fn node(&self, bytes: &'a [u8], tags: &mut Tagged<'a>, visit: Visit<'_>) -> Outcome {
        let mut thing = Thing::default();
        let (mut lat, mut lon) = (None, None);
        for field in Fields(bytes) {
            match field? {
                (1, value) => thing.id = zigzag(value.number()?),
                (8, value) => lat = Some(zigzag(value.number()?)),
                (9, value) => lon = Some(zigzag(value.number()?)),
                other => thing.field(other)?,
            }
        }
        if let Err(error) = self.tags(thing.keys, thing.values, tags)? {
            return Some(Err(error));
        }
        match self.at(lat?, lon?).filter(|_| !thing.deleted) {
            Some(at) => Some(visit(Part::Node { id: thing.id, at, tags })),
            // A node without a place is as good as missing.
            None => Some(Ok(())),
        }
    }

    fn dense(&self, bytes: &'a [u8], tags: &mut Tagged<'a>, visit: Visit<'_>) -> Outcome {
        let (mut ids, mut lats, mut lons, mut words, mut visible) = Default::default();
        for field in Fields(bytes) {
            match field? {
                (1, value) => ids = Packed(value.bytes()?),
                (5, Value::Bytes(info)) => {
                    for field in Fields(info) {
                        if let (6, Value::Bytes(bytes)) = field? {
                            visible = Packed(bytes);
                        }
                    }
                }
                (8, value) => lats = Packed(value.bytes()?),
                (9, value) => lons = Packed(value.bytes()?),
                (10, value) => words = Packed(value.bytes()?),
                _ => {}
            }
        }
        let (mut id, mut lat, mut lon) = (0_i64, 0_i64, 0_i64);
        let words: &mut Packed<'a> = &mut words;
        let visible: &mut Packed<'a> = &mut visible;
        let (lats, lons): (&mut Packed<'a>, &mut Packed<'a>) = (&mut lats, &mut lons);
        for step in ids {
            id = id.checked_add(zigzag(step?))?;
            lat = lat.checked_add(zigzag(lats.next()??))?;
            lon = lon.checked_add(zigzag(lons.next()??))?;
            tags.clear();
            while let Some(key) = words.next() {
                let key = key?;
                if key == 0 {
                    break;
                }
                tags.push((self.string(key)?, self.string(words.next()??)?));
            }
            let deleted = match visible.next() {
                Some(said) => said? == 0,
                None => false,
            };
            if let Some(at) = self.at(lat, lon).filter(|_| !deleted)
                && let Err(error) = few(tags.len()).and_then(|()| visit(Part::Node { id, at, tags }))
            {
                return Some(Err(error));
            }
        }
        Some(Ok(()))
    }

    fn way(&self, bytes: &'a [u8], tags: &mut Tagged<'a>, visit: Visit<'_>) -> Outcome {
        let mut thing = Thing::default();
        let mut steps = Packed::default();
        for field in Fields(bytes) {
            match field? {
                (8, value) => steps = Packed(value.bytes()?),
                other => thing.field(other)?,
            }
        }
        let mut refs = Vec::new();
        let mut id = 0_i64;
        for step in steps.take(super::CHILDREN_MAX + 1) {
            id = id.checked_add(zigzag(step?))?;
            refs.push(id);
        }
        let outcome = match self.tags(thing.keys, thing.values, tags)? {
            Ok(()) if thing.deleted => Ok(()),
            Ok(()) => few(refs.len()).and_then(|()| visit(Part::Way { id: thing.id, refs: &refs, tags })),
            error => error,
        };
        Some(outcome)
    }

    fn relation(&self, bytes: &'a [u8], tags: &mut Tagged<'a>, visit: Visit<'_>) -> Outcome {
        let mut thing = Thing::default();
        let (mut roles, mut steps, mut kinds) = (Packed::default(), Packed::default(), Packed::default());
        for field in Fields(bytes) {
            match field? {
                (8, value) => roles = Packed(value.bytes()?),
                (9, value) => steps = Packed(value.bytes()?),
                (10, value) => kinds = Packed(value.bytes()?),
                other => thing.field(other)?,
            }
        }
        let mut members = Vec::new();
        let mut id = 0_i64;
        for step in steps.take(super::CHILDREN_MAX + 1) {
            id = id.checked_add(zigzag(step?))?;
            let what = match kinds.next()?? {
                0 => What::Node,
                1 => What::Way,
                2 => What::Relation,
                _ => return None,
            };
            members.push(Member { what, id, role: role(self.string(roles.next()??)?) });
        }
        let outcome = match self.tags(thing.keys, thing.values, tags)? {
            Ok(()) if thing.deleted => Ok(()),
            Ok(()) => few(members.len()).and_then(|()| visit(Part::Relation { members: &members, tags })),
            error => error,
        };
        Some(outcome)
    }
}

/// What all things have.
#[derive(Default)]
struct Thing<'a> {
    id: i64,
    keys: Packed<'a>,
    values: Packed<'a>,
    deleted: bool,
}

impl<'a> Thing<'a> {
    fn field(&mut self, (number, value): (u64, Value<'a>)) -> Option<()> {
        match number {
            1 => self.id = value.number()? as i64,
            2 => self.keys = Packed(value.bytes()?),
            3 => self.values = Packed(value.bytes()?),
            4 => {
                for field in Fields(value.bytes()?) {
                    if let (6, Value::Number(visible)) = field? {
                        self.deleted = visible == 0;
                    }
                }
            }
            _ => {}
        }
        Some(())
    }
}
