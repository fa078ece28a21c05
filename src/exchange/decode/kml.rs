//! KML and KMZ → features. OGC 12-007r2.
//!
//! Every Placemark is a feature, folders are layers beside the whole. Data of a Placemark (Data, SimpleData) are its columns;
//! its own name and description are columns too, and give way to data of the same name. Invariant: what a KML points at
//! (links, images, overlays) is never fetched.

use super::archive::{Archive, is_litter};
use super::built::{Vertices, collection, geometry, position, unread};
use super::sink::{CrsInFile, Head, Kind, Sink};
use super::xml::{Feature, Gathered, Walk, give, to_text};
use super::{Known, Layered};
use crate::domain::Datum;
use crate::exchange::DecodeError;
use quick_xml::events::BytesStart;
use serde_json::Value;

/// Name of the layer of all folders.
const WHOLE: &str = "全部 all";
/// Most folders that are layers.
const FOLDERS_MAX: usize = 40;
/// Largest KML in a KMZ, unpacked, bytes.
const KML_MAX: u64 = 256 << 20;

/// A document, read.
pub(super) struct Document {
    gathered: Gathered,
    folders: Vec<String>,
    encoding: &'static str,
    notes: Vec<String>,
}

/// Opens a KML.
pub(super) fn open(bytes: &[u8]) -> Result<Document, DecodeError> {
    let mut book = Book::default();
    book.add(bytes, None)?;
    Ok(book.finish(0))
}

/// Opens a KMZ: its doc.kml, and every other KML in it, each a folder of its own, as a doc.kml links to them.
pub(super) fn open_zip(bytes: &[u8]) -> Result<Document, DecodeError> {
    let mut archive = Archive::open(bytes)?;
    let is_kml = |name: &str| !is_litter(name) && name.to_ascii_lowercase().ends_with(".kml");
    let mut all: Vec<(usize, String)> =
        archive.names.iter().cloned().enumerate().filter(|(_, name)| is_kml(name)).collect();
    all.sort_by_key(|(_, name)| !name.eq_ignore_ascii_case("doc.kml"));
    let mut book = Book::default();
    for (i, (index, name)) in all.iter().take(FOLDERS_MAX).enumerate() {
        let stem = name.rsplit('/').next().and_then(|last| last.get(..last.len() - 4));
        book.add(&archive.unpack(*index, KML_MAX)?, stem.filter(|_| i > 0))?;
    }
    if all.len() > FOLDERS_MAX {
        let (n, left) = (all.len(), all.len() - FOLDERS_MAX);
        book.notes
            .push(format!("KMZ 中 {n} 个 KML 有 {left} 个未读取 / of {n} KML files in the KMZ {left} were not read"));
    }
    Ok(book.finish(all.len().saturating_sub(1)))
}

/// Documents, gathered into one.
#[derive(Default)]
struct Book {
    gathered: Gathered,
    folders: Vec<String>,
    encoding: Option<&'static str>,
    notes: Vec<String>,
    vertices: Vertices,
    left_out: usize,
}

impl Book {
    /// Adds a document; with a name, all of it is one folder.
    fn add(&mut self, bytes: &[u8], name: Option<&str>) -> Result<(), DecodeError> {
        let (text, encoding) = to_text(bytes)?;
        self.encoding = self.encoding.or(Some(encoding));
        let mut reader = Reader { walk: Walk::new(&text), out: std::mem::take(self) };
        let folder = name.and_then(|_| reader.new_folder());
        if let (Some(slot), Some(name)) = (folder.and_then(|folder| reader.out.folders.get_mut(folder)), name) {
            *slot = name.chars().take(80).collect();
        }
        reader.container(0, Place { folder, is_named: false })?;
        *self = reader.out;
        Ok(())
    }

    /// Ends it; so many links lead to documents that were read.
    fn finish(mut self, followed: usize) -> Document {
        let left = self.left_out.saturating_sub(followed);
        if left > 0 {
            self.notes
                .push(format!("{left} 个网络链接或叠加图未读取 / {left} network links or overlays were not read"));
        }
        let Self { gathered, folders, encoding, notes, .. } = self;
        Document { gathered, folders, encoding: encoding.unwrap_or("UTF-8"), notes }
    }
}

impl Layered for Document {
    fn layers(&self) -> Vec<(String, bool)> {
        std::iter::once(WHOLE)
            .chain(self.folders.iter().map(String::as_str))
            .map(|name| (name.to_owned(), false))
            .collect()
    }

    fn first_is_whole(&self) -> bool {
        true
    }

    fn read(&mut self, index: usize, _: Known<'_>, sink: &mut dyn Sink) -> Result<(), DecodeError> {
        let headers = self.gathered.headers.clone();
        let columns = headers.len();
        let crs = Some(CrsInFile::Format(Datum::Wgs84));
        sink.begin(Head { headers, kind: Kind::Features, encoding: Some(self.encoding.to_owned()), crs })?;
        self.notes.iter().for_each(|note| sink.note(note.clone()));
        let is_in = |feature: &Feature| index == 0 || feature.folder.is_some_and(|folder| folder + 1 == index);
        give(sink, columns, self.gathered.features.iter().zip(1..).filter(|(feature, _)| is_in(feature)))
    }
}

struct Reader<'a> {
    walk: Walk<'a>,
    out: Book,
}

/// Where in the folders the walk is.
#[derive(Clone, Copy, Default)]
struct Place {
    folder: Option<usize>,
    /// A name met here is that of the folder.
    is_named: bool,
}

impl Reader<'_> {
    /// Reads what is in a kml, Document or Folder. A folder within a folder belongs to the outermost, which is a layer;
    /// placemarks outside of folders are in the whole only.
    fn container(&mut self, depth: usize, place: Place) -> Result<(), DecodeError> {
        while let Some(start) = self.walk.child(depth)? {
            let inside = self.walk.depth();
            match start.local_name().as_ref() {
                "kml" | "Document" => self.container(inside, Place { is_named: false, ..place })?,
                "Folder" if place.folder.is_none() => {
                    let folder = self.new_folder();
                    self.container(inside, Place { folder, is_named: true })?;
                }
                "Folder" => self.container(inside, Place { is_named: false, ..place })?,
                "Placemark" => self.placemark(inside, place.folder)?,
                "name" if place.is_named => self.name_folder(place.folder)?,
                "NetworkLink" | "GroundOverlay" | "ScreenOverlay" | "PhotoOverlay" => {
                    self.out.left_out += 1;
                    self.walk.skip()?;
                }
                _ => self.walk.skip()?,
            }
        }
        Ok(())
    }

    fn name_folder(&mut self, folder: Option<usize>) -> Result<(), DecodeError> {
        let name: String = self.walk.text()?.trim().chars().take(80).collect();
        let is_free = !name.is_empty() && !self.out.folders.contains(&name);
        if let Some(slot) = folder.filter(|_| is_free).and_then(|folder| self.out.folders.get_mut(folder)) {
            *slot = name;
        }
        Ok(())
    }

    /// Beyond the limit folders are no layers of their own; their placemarks are in the whole.
    fn new_folder(&mut self) -> Option<usize> {
        let number = self.out.folders.len();
        (number < FOLDERS_MAX).then(|| {
            self.out.folders.push(format!("folder {}", number + 1));
            number
        })
    }

    fn placemark(&mut self, depth: usize, folder: Option<usize>) -> Result<(), DecodeError> {
        let mut feature = Feature::in_folder(folder);
        let mut own: Vec<(&str, String)> = Vec::new();
        while let Some(start) = self.walk.child(depth)? {
            let name = start.local_name();
            match name.as_ref() {
                "name" => own.push(("name", self.walk.text()?)),
                "description" => own.push(("description", self.walk.text()?)),
                "address" => own.push(("address", self.walk.text()?)),
                "phoneNumber" => own.push(("phone", self.walk.text()?)),
                "ExtendedData" => self.data(self.walk.depth(), &mut feature)?,
                kind => {
                    if let Some(found) = self.geometry(kind)? {
                        feature.place(&found);
                    }
                }
            }
        }
        for (header, text) in own {
            if !self.out.gathered.has(&feature, header) {
                self.out.gathered.put(&mut feature, header, &text)?;
            }
        }
        self.out.gathered.keep(feature)
    }

    fn data(&mut self, depth: usize, feature: &mut Feature) -> Result<(), DecodeError> {
        while let Some(start) = self.walk.child(depth)? {
            match start.local_name().as_ref() {
                "SchemaData" => self.data(self.walk.depth(), feature)?,
                "SimpleData" => {
                    let name = self.name_of(&start)?;
                    let text = self.walk.text()?;
                    self.out.gathered.put(feature, &name, &text)?;
                }
                "Data" => {
                    let name = self.name_of(&start)?;
                    let inside = self.walk.depth();
                    while let Some(start) = self.walk.child(inside)? {
                        if start.local_name().as_ref() == "value" {
                            let text = self.walk.text()?;
                            self.out.gathered.put(feature, &name, &text)?;
                        } else {
                            self.walk.skip()?;
                        }
                    }
                }
                // Data in a namespace of its own.
                name => {
                    let name = name.to_owned();
                    let text = self.walk.text()?;
                    self.out.gathered.put(feature, &name, &text)?;
                }
            }
        }
        Ok(())
    }

    fn name_of(&self, start: &BytesStart<'_>) -> Result<String, DecodeError> {
        Ok(self.walk.attribute(start, "name")?.unwrap_or_default())
    }

    /// Reads the geometry that was just begun, or passes over what is none.
    fn geometry(&mut self, kind: &str) -> Result<Option<Value>, DecodeError> {
        let depth = self.walk.depth();
        match kind {
            "Point" => {
                let first = self.coordinates(depth)?.into_iter().next();
                Ok(first.map(|at| geometry("Point", at)))
            }
            "Polygon" => Ok(Some(geometry("Polygon", self.rings(depth)?))),
            "MultiGeometry" => {
                let mut members = Vec::new();
                while let Some(start) = self.walk.child(depth)? {
                    let kind = start.local_name().as_ref().to_owned();
                    members.extend(self.geometry(&kind)?);
                    self.out.vertices.add(1)?;
                }
                Ok(Some(collection(members)))
            }
            "LineString" | "LinearRing" | "Model" | "Track" | "MultiTrack" => {
                self.walk.skip()?;
                Ok(Some(unread(if kind == "LinearRing" { "LineString" } else { kind })))
            }
            _ => {
                self.walk.skip()?;
                Ok(None)
            }
        }
    }

    fn rings(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let (mut outer, mut holes) = (Vec::new(), Vec::new());
        while let Some(start) = self.walk.child(depth)? {
            let is_outer = match start.local_name().as_ref() {
                "outerBoundaryIs" => true,
                "innerBoundaryIs" => false,
                _ => {
                    self.walk.skip()?;
                    continue;
                }
            };
            let inside = self.walk.depth();
            while let Some(ring) = self.walk.child(inside)? {
                if ring.local_name().as_ref() == "LinearRing" {
                    let ring = Value::Array(closed(self.coordinates(self.walk.depth())?));
                    if is_outer { outer.push(ring) } else { holes.push(ring) }
                } else {
                    self.walk.skip()?;
                }
            }
        }
        Ok(outer.into_iter().chain(holes).collect())
    }

    fn coordinates(&mut self, depth: usize) -> Result<Vec<Value>, DecodeError> {
        let mut out = Vec::new();
        while let Some(start) = self.walk.child(depth)? {
            if start.local_name().as_ref() != "coordinates" {
                self.walk.skip()?;
                continue;
            }
            let text = self.walk.text()?;
            // Blanks behind commas are against the standard, and met.
            let joined = if text.contains(", ") { text.replace(", ", ",") } else { text };
            for tuple in joined.split_whitespace() {
                self.out.vertices.add(1)?;
                let mut numbers = tuple.split(',').map(|n| n.trim().parse::<f64>().unwrap_or(f64::NAN));
                let (x, y) = (numbers.next().unwrap_or(f64::NAN), numbers.next().unwrap_or(f64::NAN));
                out.push(position(x, y, numbers.next().filter(|z| *z != 0.0)));
            }
        }
        Ok(out)
    }
}

/// Rings that are not closed are met, and there is no doubt about what they mean.
fn closed(mut ring: Vec<Value>) -> Vec<Value> {
    if ring.len() > 2 && ring.first() != ring.last() {
        ring.extend(ring.first().cloned());
    }
    ring
}
