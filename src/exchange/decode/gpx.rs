//! GPX 1.0 and 1.1 → features: every waypoint is one, with what it says and what its extensions say.
//!
//! Tracks and routes are lines, and no resource is one: they are counted and told, so that a file recorded on the way still
//! gives its waypoints. Invariant: a waypoint whose place can not be read is refused by its row and not left out.

use super::built::{geometry, position};
use super::sink::{CrsInFile, Head, Kind, Sink};
use super::xml::{Feature, Gathered, Token, Walk, give, to_text};
use super::{Known, Layered};
use crate::domain::Datum;
use crate::exchange::DecodeError;
use quick_xml::events::BytesStart;

/// Name of the one layer.
const LAYER: &str = "waypoints";

/// A document, read.
pub(super) struct Document {
    gathered: Gathered,
    encoding: &'static str,
    lines: usize,
}

/// Opens a GPX.
pub(super) fn open(bytes: &[u8]) -> Result<Document, DecodeError> {
    let (text, encoding) = to_text(bytes)?;
    let mut out = Document { gathered: Gathered::default(), encoding, lines: 0 };
    let mut walk = Walk::new(&text);
    while let Some(start) = walk.child(0)? {
        match start.local_name().as_ref() {
            "gpx" => {}
            "wpt" => waypoint(&mut walk, &start, &mut out.gathered)?,
            "trk" | "rte" => {
                out.lines += 1;
                walk.skip()?;
            }
            _ => walk.skip()?,
        }
    }
    Ok(out)
}

impl Layered for Document {
    fn layers(&self) -> Vec<(String, bool)> {
        vec![(LAYER.to_owned(), false)]
    }

    fn read(&mut self, _: usize, _: Known<'_>, sink: &mut dyn Sink) -> Result<(), DecodeError> {
        let headers = self.gathered.headers.clone();
        let columns = headers.len();
        let crs = Some(CrsInFile::Format(Datum::Wgs84));
        sink.begin(Head { headers, kind: Kind::Features, encoding: Some(self.encoding.to_owned()), crs })?;
        if self.lines > 0 {
            let n = self.lines;
            sink.note(format!(
                "{n} 条航迹或航线未读取，只读取航点 / {n} tracks or routes were not read, only waypoints are"
            ));
        }
        give(sink, columns, self.gathered.features.iter().zip(1..))
    }
}

fn waypoint<'a>(walk: &mut Walk<'a>, start: &BytesStart<'a>, gathered: &mut Gathered) -> Result<(), DecodeError> {
    let mut feature = Feature::default();
    let mut numbers = [f64::NAN; 2];
    for (number, name) in numbers.iter_mut().zip(["lon", "lat"]) {
        let text = walk.attribute(start, name)?;
        *number = text.and_then(|text| text.trim().parse().ok()).unwrap_or(f64::NAN);
    }
    let mut height = None;
    let depth = walk.depth();
    while let Some(start) = walk.child(depth)? {
        let name = start.local_name().as_ref().to_owned();
        match name.as_str() {
            "ele" => height = walk.text()?.trim().parse::<f64>().ok(),
            "extensions" => extensions(walk, &mut feature, gathered)?,
            "link" => walk.skip()?,
            _ => {
                let text = walk.text()?;
                gathered.put(&mut feature, &name, &text)?;
            }
        }
    }
    feature.place(&geometry("Point", position(numbers[0], numbers[1], height)));
    gathered.keep(feature)
}

/// Takes every element that holds text, however deep.
fn extensions(walk: &mut Walk<'_>, feature: &mut Feature, gathered: &mut Gathered) -> Result<(), DecodeError> {
    let depth = walk.depth();
    let mut open: Vec<(String, String)> = Vec::new();
    while walk.depth() >= depth {
        match walk.next()? {
            Some(Token::Start(start)) => open.push((start.local_name().as_ref().to_owned(), String::new())),
            Some(Token::Text(text)) => {
                if let Some((_, own)) = open.last_mut() {
                    own.push_str(&text);
                }
            }
            Some(Token::End) => {
                if let Some((name, text)) = open.pop() {
                    gathered.put(feature, &name, &text)?;
                }
            }
            None => break,
        }
    }
    Ok(())
}
