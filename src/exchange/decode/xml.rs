//! XML, read strictly and with limits: what KML and GPX have in common.
//!
//! Invariants: no document type with rules of its own is taken, so nothing expands; of references only the five of XML and
//! those to characters are known; nesting is limited; a text that ends before its root does is an error.

use super::sink::{Item, Sink};
use super::{COLUMNS_MAX, ROWS_MAX, encoding};
use crate::exchange::DecodeError;
use crate::exchange::assemble::{Cell, Outline};
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;
use std::collections::HashMap;

/// Deepest nesting of elements.
const DEPTH_MAX: usize = 64;

/// What comes next in a document.
pub(super) enum Token<'a> {
    /// An element begins.
    Start(BytesStart<'a>),
    /// Text within an element; one text may come in pieces.
    Text(std::borrow::Cow<'a, str>),
    /// An element ends.
    End,
}

/// A document, walked through once.
pub(super) struct Walk<'a> {
    text: &'a str,
    reader: quick_xml::Reader<&'a [u8]>,
    depth: usize,
    has_root: bool,
}

/// Returns the text of a document: by its mark, or by the encoding that it declares.
pub(super) fn to_text(bytes: &[u8]) -> Result<(String, &'static str), DecodeError> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let declared = head.split("?>").next().filter(|head| head.trim_start().starts_with("<?xml"));
    let label = declared.and_then(|d| d.split("encoding").nth(1)).and_then(|rest| rest.split(['"', '\'']).nth(1));
    encoding::declared(bytes, label.and_then(encoding::of_page))
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = quick_xml::Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { text, reader, depth: 0, has_root: false }
    }

    /// Returns what comes next; `None` at the end of the document.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, DecodeError> {
        loop {
            let event = self.reader.read_event().map_err(|error| self.fault(error))?;
            return Ok(Some(match event {
                Event::Start(start) => {
                    self.depth += 1;
                    self.has_root = true;
                    if self.depth > DEPTH_MAX {
                        return Err(self.fault(format!("嵌套超过 {DEPTH_MAX} 层 / nested deeper than {DEPTH_MAX}")));
                    }
                    Token::Start(start)
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Token::End
                }
                Event::Text(text) => Token::Text(text.into_inner()),
                Event::CData(text) => Token::Text(text.into_inner()),
                Event::GeneralRef(reference) => Token::Text(self.resolved(&reference)?.into()),
                Event::DocType(rules) if rules.contains('[') => {
                    return Err(self.fault("不接受 DTD / a DTD is not taken"));
                }
                Event::Eof if self.depth > 0 || !self.has_root => {
                    return Err(self.fault("文件不完整 / the document is cut off"));
                }
                Event::Eof => return Ok(None),
                _ => continue,
            }));
        }
    }

    fn resolved(&self, reference: &quick_xml::events::BytesRef<'_>) -> Result<String, DecodeError> {
        if let Some(c) = reference.resolve_char_ref().map_err(|error| self.fault(error))? {
            return Ok(c.to_string());
        }
        match reference.as_ref() {
            "amp" => Ok("&".to_owned()),
            "lt" => Ok("<".to_owned()),
            "gt" => Ok(">".to_owned()),
            "quot" => Ok("\"".to_owned()),
            "apos" => Ok("'".to_owned()),
            other => {
                let other: String = other.chars().take(40).collect();
                Err(self.fault(format!("未知的实体 &{other}; / unknown entity &{other};")))
            }
        }
    }

    /// Returns the text of the element that was just begun, and passes its end; elements within it are passed over.
    pub(super) fn text(&mut self) -> Result<String, DecodeError> {
        let mut out = String::new();
        let until = self.depth;
        while self.depth >= until {
            match self.next()? {
                Some(Token::Text(text)) if self.depth == until => out.push_str(&text),
                Some(_) => {}
                None => break,
            }
        }
        Ok(out)
    }

    /// Passes the end of the element that was just begun.
    pub(super) fn skip(&mut self) -> Result<(), DecodeError> {
        let until = self.depth;
        while self.depth >= until && self.next()?.is_some() {}
        Ok(())
    }

    /// Returns the next element within the element at `depth`; `None` when that one ends.
    pub(super) fn child(&mut self, depth: usize) -> Result<Option<BytesStart<'a>>, DecodeError> {
        while self.depth >= depth {
            match self.next()? {
                Some(Token::Start(start)) => return Ok(Some(start)),
                Some(_) => {}
                None => break,
            }
        }
        Ok(None)
    }

    /// How deep the walk is.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Returns an attribute of an element, with its references resolved.
    pub(super) fn attribute(&self, start: &BytesStart<'_>, name: &str) -> Result<Option<String>, DecodeError> {
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.fault(error))?;
            if attribute.key.local_name().as_ref() == name {
                let value = attribute
                    .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                    .map_err(|error| self.fault(error))?;
                return Ok(Some(value.into_owned()));
            }
        }
        Ok(None)
    }

    fn fault(&self, why: impl ToString) -> DecodeError {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).min(self.text.len());
        let line = 1 + self.text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
        DecodeError::BadXml { line, why: why.to_string().chars().take(200).collect() }
    }
}

/// Features with columns that are found on the way; each keeps only what it has.
#[derive(Default)]
pub(super) struct Gathered {
    /// Names of the columns.
    pub(super) headers: Vec<String>,
    index: HashMap<String, usize>,
    /// The features.
    pub(super) features: Vec<Feature>,
}

/// Gives features on to a sink, each with its number.
pub(super) fn give<'f>(
    sink: &mut dyn Sink,
    columns: usize,
    features: impl Iterator<Item = (&'f Feature, usize)>,
) -> Result<(), DecodeError> {
    for (feature, row) in features {
        let geometry = serde_json::from_str(&feature.geometry).unwrap_or(Value::Null);
        let outline = Some(Outline { geometry: Some(&geometry), id: None });
        sink.item(Item { row, cells: feature.cells(columns), outline, ..Item::default() })?;
    }
    Ok(())
}

/// One feature.
#[derive(Default)]
pub(super) struct Feature {
    /// The folder it is in, by number.
    pub(super) folder: Option<usize>,
    values: Vec<(usize, Value)>,
    /// Its geometry as text, which is a tenth of what it is when parsed; blank when it has none.
    geometry: String,
}

impl Gathered {
    /// Puts a text into a column of a feature; a later one wins.
    pub(super) fn put(&mut self, feature: &mut Feature, header: &str, text: &str) -> Result<(), DecodeError> {
        let text = text.trim();
        if text.is_empty() || header.trim().is_empty() {
            return Ok(());
        }
        let column = match self.index.get(header.trim()) {
            Some(column) => *column,
            None if self.headers.len() == COLUMNS_MAX => {
                return Err(DecodeError::TooManyColumns { row: 0, limit: COLUMNS_MAX });
            }
            None => {
                self.index.insert(header.trim().to_owned(), self.headers.len());
                self.headers.push(header.trim().to_owned());
                self.headers.len() - 1
            }
        };
        feature.values.retain(|(other, _)| *other != column);
        feature.values.push((column, Value::from(text)));
        Ok(())
    }

    /// Returns whether a feature has a text in a column.
    pub(super) fn has(&self, feature: &Feature, header: &str) -> bool {
        let column = self.index.get(header);
        column.is_some_and(|column| feature.values.iter().any(|(other, _)| other == column))
    }

    /// Keeps a feature.
    pub(super) fn keep(&mut self, feature: Feature) -> Result<(), DecodeError> {
        if self.features.len() == ROWS_MAX {
            return Err(DecodeError::TooManyRows { limit: ROWS_MAX });
        }
        self.features.push(feature);
        Ok(())
    }
}

impl Feature {
    /// Begins a feature in a folder.
    pub(super) fn in_folder(folder: Option<usize>) -> Self {
        Self { folder, ..Self::default() }
    }

    /// Returns its cells, one for each of so many columns.
    fn cells(&self, columns: usize) -> Vec<Cell<'_>> {
        let mut cells: Vec<Cell<'_>> = (0..columns).map(|_| Cell::Json(None)).collect();
        for (column, value) in &self.values {
            if let Some(cell) = cells.get_mut(*column) {
                *cell = Cell::Json(Some(value));
            }
        }
        cells
    }

    /// Keeps a geometry.
    pub(super) fn place(&mut self, geometry: &Value) {
        self.geometry = geometry.to_string();
    }
}
