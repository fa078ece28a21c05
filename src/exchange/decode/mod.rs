//! Foreign bytes → drafts.
//!
//! A reader turns bytes into rows of a table or features (`sink.rs`) and knows nothing of fields; what these mean is found
//! out in one place for all formats. Every reader is synchronous, pure over bytes, and holds one item at a time where the
//! format lets it. Invariants: files are untrusted, so that no size that a file claims is believed before it is measured;
//! a parser of others that panics is a damaged file and not a crash.

pub(super) mod archive;
mod built;
mod cell;
mod cfb;
mod csv;
mod dbf;
mod encoding;
mod flatgeobuf;
mod geojson;
mod geopackage;
mod gpx;
mod inspect;
mod kml;
mod little_endian;
mod merged;
mod shapefile;
mod shp;
mod sink;
mod table;
mod verbatim;
mod wkb;
mod wkt;
mod xls;
mod xlsx;
mod xml;

pub use inspect::{ColumnSample, Inspection, Layer, inspect};
pub(super) use verbatim::{Sheet, as_features, each_row, sheets};

use super::mapping::Override;
use super::unwound::unwound;
use super::{DecodeError, Decoded, Format, Target, columns};
use crate::domain::Crs;
use sink::{Drafts, Sink};
use std::borrow::Cow;

/// Most data rows in one layer.
pub(super) const ROWS_MAX: usize = 500_000;
/// Most columns.
pub(super) const COLUMNS_MAX: usize = 2000;
/// Largest cell, bytes.
pub(super) const CELL_MAX: usize = 1 << 20;

/// How a file is to be read.
#[derive(Clone)]
pub struct Reading<'a> {
    /// Its format.
    pub format: Format,
    /// What its rows become.
    pub target: Target,
    /// Coordinate system of its coordinates.
    pub crs: Crs,
    /// The layer or sheet; `None` takes the first that is not empty, and tells which others there are.
    pub layer: Option<String>,
    /// Header → the field it is read as, or `None` not to read it; headers that are not named are recognised.
    pub columns: Option<Override>,
    /// Called now and then with the number of rows read so far.
    pub progress: Option<&'a (dyn Fn(usize) + Sync)>,
}

impl Reading<'_> {
    /// Returns a reading without layer, mapping and progress.
    pub fn new(format: Format, target: Target, crs: &Crs) -> Self {
        Self { format, target, crs: crs.clone(), layer: None, columns: None, progress: None }
    }
}

/// Decodes a file whose coordinates are in `crs`; drafts are in WGS84.
pub fn decode(bytes: &[u8], format: Format, target: Target, crs: &Crs) -> Result<Decoded, DecodeError> {
    decode_with(bytes, &Reading::new(format, target, crs))
}

/// Decodes a file as it is to be read; drafts are in WGS84.
pub fn decode_with(bytes: &[u8], reading: &Reading<'_>) -> Result<Decoded, DecodeError> {
    let confirmed = |header: &str| {
        let mapped = reading.columns.as_ref().is_some_and(|columns| columns.contains_key(header.trim()));
        mapped || columns::known(header)
    };
    guarded(reading.format, || {
        let mut drafts = Drafts::new(reading);
        let mut file = open(reading.format, bytes)?;
        read_chosen(&mut *file, reading.layer.as_deref(), &confirmed, &mut drafts)?;
        drafts.finish()
    })
}

/// Turns a panic in a parser that is not ours into an error. Readers share nothing, so nothing is left half-changed.
fn guarded<T>(format: Format, work: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    unwound(work)
        .unwrap_or_else(|| Err(DecodeError::damaged(format.zh(), "解析程序无法继续 / the parser can not go on")))
}

/// Tells which cells are headers.
type Known<'a> = &'a (dyn Fn(&str) -> bool + Sync);

/// An open file of any format.
trait Layered {
    /// Returns its layers in their order, each with its name and whether it is hidden.
    fn layers(&self) -> Vec<(String, bool)>;

    /// Returns whether the first layer holds all others.
    fn first_is_whole(&self) -> bool {
        false
    }

    /// Reads a layer, by its number, into a sink.
    fn read(&mut self, index: usize, known: Known<'_>, sink: &mut dyn Sink) -> Result<(), DecodeError>;

    /// Gives every row of a table as it stands, whether it is a header, a remark or data; features have none.
    fn each_row(&mut self, _: usize, _: Take<'_>) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Takes a row of a table with its number.
type Take<'t> = &'t mut dyn FnMut(usize, Vec<Verbatim<'_>>);

/// A cell as it stands.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::exchange) enum Verbatim<'a> {
    /// A text, or what a reader makes of a date; empty where there is nothing.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
}

impl Default for Verbatim<'_> {
    fn default() -> Self {
        Self::Text(Cow::Borrowed(""))
    }
}

/// Opens a file. What can be told without reading a layer is told here.
fn open<'a>(format: Format, bytes: &'a [u8]) -> Result<Box<dyn Layered + 'a>, DecodeError> {
    Ok(match format {
        Format::Csv => Box::new(csv::Table(bytes)),
        Format::GeoJson => Box::new(geojson::Document(bytes)),
        Format::Xlsx => Box::new(xlsx::open(bytes)?),
        Format::Xls => Box::new(xls::open(bytes)?),
        Format::Shapefile => Box::new(shapefile::open(bytes)?),
        Format::GeoPackage => Box::new(geopackage::open(bytes)?),
        Format::Kml => Box::new(kml::open(bytes)?),
        Format::Kmz => Box::new(kml::open_zip(bytes)?),
        Format::Gpx => Box::new(gpx::open(bytes)?),
        Format::FlatGeobuf => Box::new(flatgeobuf::open(bytes)?),
    })
}

/// Reads the layer asked for, or else the first in which there is something to read: visible ones come first.
fn read_chosen(
    file: &mut dyn Layered,
    asked: Option<&str>,
    known: Known<'_>,
    sink: &mut dyn Sink,
) -> Result<(), DecodeError> {
    let layers = file.layers();
    if let Some(asked) = asked {
        let index = layers.iter().position(|(name, _)| name == asked);
        return file.read(index.ok_or_else(|| no_such_layer(&layers, asked))?, known, sink);
    }
    let mut order: Vec<usize> = (0..layers.len()).collect();
    order.sort_by_key(|index| layers[*index].1);
    let mut first_error = None;
    for index in order {
        match file.read(index, known, sink) {
            Ok(()) => {
                let others = |(i, (_, hidden)): &(usize, &(String, bool))| *i != index && !hidden;
                let others: Vec<&str> =
                    layers.iter().enumerate().filter(others).map(|(_, (name, _))| name.as_str()).collect();
                if !others.is_empty() && !file.first_is_whole() {
                    let (read, others) = (&layers[index].0, names(&others));
                    sink.note(format!("读取了图层“{read}”，未读取：{others} / layer `{read}` was read, not: {others}"));
                }
                return Ok(());
            }
            // Nothing went to the sink yet.
            Err(error @ (DecodeError::Empty | DecodeError::NoKnownColumn { .. })) => {
                // An empty sheet says less than one of which nothing is known.
                let replaces = first_error.as_ref().is_none_or(|first| *first == DecodeError::Empty);
                first_error = if replaces { Some(error) } else { first_error };
            }
            Err(error) => return Err(error),
        }
    }
    Err(first_error.unwrap_or(DecodeError::Empty))
}

fn no_such_layer(layers: &[(String, bool)], asked: &str) -> DecodeError {
    let there: Vec<&str> = layers.iter().map(|(name, _)| name.as_str()).collect();
    DecodeError::NoSuchLayer { given: asked.chars().take(60).collect(), choices: names(&there) }
}

/// Joins the first names for a message.
fn names(names: &[&str]) -> String {
    let cut = |name: &&str| name.chars().take(60).collect::<String>();
    let shown: Vec<String> = names.iter().take(20).map(cut).collect();
    shown.join(", ") + if names.len() > 20 { " …" } else { "" }
}
