//! `.osm`: the XML of OpenStreetMap, read as a stream.
//!
//! Invariants: entities are the five of XML and numbers; a document type is refused, so nothing can be expanded; an element
//! holds a bounded number of children and of bytes, whatever it nests.

use super::{Head, Member, OsmError, Part, Pass, Visit, WORD_MAX, What, damaged, few, point_of, role};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::cell::Cell;
use std::io::{BufRead, Read};

/// Most bytes of one thing with all that is in it.
const THING_MAX: usize = 32 << 20;

/// What is being put together.
#[derive(Default)]
struct Open {
    what: Option<What>,
    id: i64,
    position: Option<(f64, f64)>,
    tags: Vec<(String, String)>,
    refs: Vec<i64>,
    members: Vec<Member>,
    deleted: bool,
}

/// Reads the things of one kind.
pub(super) fn each(from: impl BufRead, pass: Pass, visit: Visit<'_>) -> Result<(), OsmError> {
    let since = Cell::new(0);
    let mut reader = Reader::from_reader(Fence { from, since: &since });
    reader.config_mut().check_end_names = true;
    let mut buffer = Vec::new();
    let mut open = Open::default();
    let (mut seen_root, mut depth) = (false, 0_usize);
    loop {
        buffer.clear();
        if depth <= 1 {
            since.set(0);
        }
        match reader.read_event_into(&mut buffer) {
            Err(error) => return Err(said(error, reader.error_position())),
            Ok(Event::DocType(_)) => return Err(damaged("a document type is not read")),
            Ok(Event::Start(element)) => {
                depth += 1;
                if check_root(depth, seen_root, &element)? {
                    seen_root = true;
                    visit(Part::Head(head(&element)?))?;
                }
                open.begin(&element, pass)?;
            }
            Ok(Event::Empty(element)) => {
                seen_root |= check_root(depth + 1, seen_root, &element)?;
                open.begin(&element, pass)?;
                open.end(element.name().as_ref(), visit)?;
            }
            Ok(Event::End(element)) => {
                depth = depth.saturating_sub(1);
                open.end(element.name().as_ref(), visit)?;
            }
            Ok(Event::Eof) if depth > 0 => return Err(damaged("the file ends within an element")),
            Ok(Event::Eof) if !seen_root => return Err(FOREIGN),
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
        }
    }
}

fn check_root(depth: usize, seen: bool, element: &BytesStart<'_>) -> Result<bool, OsmError> {
    if depth == 1 && !seen && element.name().as_ref() != "osm" {
        return Err(FOREIGN);
    }
    Ok(depth == 1)
}

const FOREIGN: OsmError = OsmError::Foreign { zh: "其他 XML", en: "other XML" };

/// Returns what the root says of the file.
fn head(root: &BytesStart<'_>) -> Result<Head, OsmError> {
    let mut head = Head::default();
    for name in ["timestamp", "osmosis_replication_timestamp"] {
        if let Some(time) = text(root, name)? {
            head.timestamp = chrono::DateTime::parse_from_rfc3339(&time).ok().map(|time| time.to_utc());
        }
    }
    let words = [text(root, "generator")?, text(root, "note")?];
    head.synthetic =
        text(root, "synthetic")?.as_deref() == Some("yes") || words.iter().flatten().any(|w| super::says_invented(w));
    Ok(head)
}

/// Returns the error of the reader; one of our own that it carries is given back.
fn said(error: quick_xml::Error, at: u64) -> OsmError {
    if let quick_xml::Error::Io(io) = &error {
        match io.get_ref().and_then(|inner| inner.downcast_ref::<OsmError>()) {
            Some(OsmError::Bomb { ratio }) => return OsmError::Bomb { ratio: *ratio },
            Some(OsmError::Limit { zh, en, limit }) => return OsmError::Limit { zh, en, limit: *limit },
            _ => {}
        }
    }
    damaged(format!("byte {at}: {error}"))
}

/// Bytes that end in an error when one thing takes too many of them.
struct Fence<'a, R> {
    from: R,
    since: &'a Cell<usize>,
}

impl<R: BufRead> Read for Fence<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.from.read(into)
    }
}

impl<R: BufRead> BufRead for Fence<'_, R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.since.get() > THING_MAX {
            let (zh, en) = ("一个要素的字节数", "bytes of one thing");
            return Err(std::io::Error::other(OsmError::Limit { zh, en, limit: THING_MAX as u64 }));
        }
        self.from.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.since.set(self.since.get() + count);
        self.from.consume(count);
    }
}

impl Open {
    fn begin(&mut self, element: &BytesStart<'_>, pass: Pass) -> Result<(), OsmError> {
        let what = match element.name().as_ref() {
            "node" => What::Node,
            "way" => What::Way,
            "relation" => What::Relation,
            "tag" if self.what.is_some() => return self.tag(element),
            "nd" if self.what.is_some() => return self.nd(element),
            "member" if self.what.is_some() => return self.member(element),
            _ => return Ok(()),
        };
        *self = Self::default();
        if what != pass {
            return Ok(());
        }
        self.what = Some(what);
        self.id = number(element, "id")?.ok_or_else(|| damaged("a thing without an id"))?;
        self.deleted = text(element, "visible")?.as_deref() == Some("false");
        if what == What::Node {
            let degrees = |name| -> Result<Option<f64>, OsmError> {
                Ok(text(element, name)?.and_then(|text| text.trim().parse::<f64>().ok()).filter(|d| d.is_finite()))
            };
            self.position = degrees("lon")?.zip(degrees("lat")?);
        }
        Ok(())
    }

    fn tag(&mut self, element: &BytesStart<'_>) -> Result<(), OsmError> {
        let pair = text(element, "k")?.zip(text(element, "v")?);
        self.tags.extend(pair.filter(|(key, value)| key.len() <= WORD_MAX && value.len() <= WORD_MAX));
        few(self.tags.len())
    }

    fn nd(&mut self, element: &BytesStart<'_>) -> Result<(), OsmError> {
        self.refs.extend(number(element, "ref")?);
        few(self.refs.len())
    }

    fn member(&mut self, element: &BytesStart<'_>) -> Result<(), OsmError> {
        let what = match text(element, "type")?.as_deref() {
            Some("node") => What::Node,
            Some("way") => What::Way,
            Some("relation") => What::Relation,
            _ => return Ok(()),
        };
        let role = role(&text(element, "role")?.unwrap_or_default());
        self.members.extend(number(element, "ref")?.map(|id| Member { what, id, role }));
        few(self.members.len())
    }

    fn end(&mut self, name: &str, visit: Visit<'_>) -> Result<(), OsmError> {
        if !matches!(name, "node" | "way" | "relation") {
            return Ok(());
        }
        let done = std::mem::take(self);
        let Some(what) = done.what.filter(|_| !done.deleted) else { return Ok(()) };
        let tags: Vec<(&str, &str)> = done.tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        match what {
            What::Node => match done.position.and_then(|(lon, lat)| point_of(lon, lat)) {
                Some(at) => visit(Part::Node { id: done.id, at, tags: &tags }),
                // A node without a place is as good as missing.
                None => Ok(()),
            },
            What::Way => visit(Part::Way { id: done.id, refs: &done.refs, tags: &tags }),
            What::Relation => visit(Part::Relation { members: &done.members, tags: &tags }),
        }
    }
}

fn text(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, OsmError> {
    let attribute = element.try_get_attribute(name).map_err(damaged)?;
    attribute
        .map(|a| a.normalized_value(quick_xml::XmlVersion::Implicit1_0).map(|v| v.into_owned()).map_err(damaged))
        .transpose()
}

fn number(element: &BytesStart<'_>, name: &str) -> Result<Option<i64>, OsmError> {
    let text = text(element, name)?;
    text.map(|text| text.trim().parse::<i64>().map_err(|_| damaged(format!("{name} `{text}` is no number"))))
        .transpose()
}
