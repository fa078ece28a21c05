//! What kind of file it is, told by its content.
//!
//! Names lie (a web page saved as .xls, a table named .txt): a name counts only where the bytes leave it open. Zips are
//! looked into. Invariant: a format is named only when its reader can be asked; everything else is refused with the way out.

use super::DecodeError;
use super::decode::archive;
use crate::domain::words::words;

words! {
    /// Format of a file.
    Format {
        Csv = "csv", "文本表格（CSV）", "a text table: comma, tab or semicolon";
        GeoJson = "geojson", "GeoJSON", "GeoJSON, whole or one feature per line";
        Xlsx = "xlsx", "Excel 工作簿（XLSX）", "an Excel workbook (XLSX)";
        Xls = "xls", "Excel 97–2003 工作簿（XLS）", "an Excel 97–2003 workbook (XLS)";
        Shapefile = "shapefile", "Shapefile（zip）", "shapefiles in a zip";
        GeoPackage = "geopackage", "GeoPackage", "a GeoPackage";
        Kml = "kml", "KML", "KML";
        Kmz = "kmz", "KMZ", "KMZ: KML in a zip";
        Gpx = "gpx", "GPX", "GPX";
        FlatGeobuf = "flatgeobuf", "FlatGeobuf", "FlatGeobuf";
    }
}

/// Bytes in which the first element of an XML file is looked for.
const SNIFFED: usize = 8192;

/// First bytes of files that are told apart by them. An OLE file may be a document too; the reader finds out.
const MAGIC: &[(&[u8], Format)] = &[
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format::Xls),
    (b"SQLite format 3\0", Format::GeoPackage),
    (b"fgb\x03fgb", Format::FlatGeobuf),
];

/// First bytes of files that are not read, and what they are.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"%PDF", "PDF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "Parquet"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
];

impl Format {
    /// Tells the format of a file from its bytes, and from its name where these leave it open.
    pub fn detect(name: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        let lower = name.to_lowercase();
        if bytes.starts_with(b"\x00\x00\x27\x0a") || lower.ends_with(".dbf") || lower.ends_with(".prj") {
            return Err(DecodeError::PartOfShapefile);
        }
        if let Some((_, what)) = FOREIGN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Err(unsupported(what));
        }
        if let Some((_, format)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Ok(*format);
        }
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return of_zip(bytes);
        }
        let text = opening(bytes);
        let first = text.trim_start_matches(['\u{1e}', '\u{feff}']).trim_start();
        let named_json = [".geojson", ".json", ".geojsonl", ".ndjson", ".jsonl", ".geojsons"];
        match first.chars().next() {
            Some('<') => of_xml(first),
            Some('{') => Ok(Self::GeoJson),
            _ if named_json.iter().any(|ending| lower.ends_with(ending)) => Ok(Self::GeoJson),
            None if bytes.iter().all(u8::is_ascii_whitespace) => Err(DecodeError::Empty),
            _ => Ok(Self::Csv),
        }
    }
}

impl Format {
    /// Returns whether a blank value only says that nobody wrote one: formats of cells have no other way to leave one out.
    /// In the others a null is written on purpose, and a name may be missing.
    pub const fn blank_says_nothing(self) -> bool {
        matches!(self, Self::Csv | Self::Xlsx | Self::Xls | Self::Shapefile | Self::GeoPackage)
    }
}

/// Returns the beginning of a text in UTF-8 or UTF-16; of any other, what of it is ASCII is right.
fn opening(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(SNIFFED)];
    let (encoding, mark) = encoding_rs::Encoding::for_bom(head).unwrap_or((encoding_rs::UTF_8, 0));
    encoding.decode_without_bom_handling(&head[mark..]).0.into_owned()
}

fn of_zip(bytes: &[u8]) -> Result<Format, DecodeError> {
    let names = archive::names(bytes)?;
    let ends = |ending: &str| names.iter().any(|n| n.to_ascii_lowercase().ends_with(ending));
    let has = |name: &str| names.iter().any(|n| n == name);
    match () {
        () if has("xl/workbook.bin") => Err(unsupported("XLSB")),
        () if has("[Content_Types].xml") && names.iter().any(|n| n.starts_with("xl/")) => Ok(Format::Xlsx),
        () if has("word/document.xml") => Err(unsupported("DOCX")),
        () if has("mimetype") && has("content.xml") => Err(unsupported("ODS")),
        () if ends(".shp") => Ok(Format::Shapefile),
        () if ends(".kml") => Ok(Format::Kmz),
        () => Err(DecodeError::NothingInZip { names: shown(&names) }),
    }
}

fn of_xml(text: &str) -> Result<Format, DecodeError> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '.');
    let roots = text.split('<').skip(1).filter(|tag| tag.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    let root: String = roots.map(|tag| tag.chars().take_while(|c| is_name(*c)).collect()).next().unwrap_or_default();
    match root.rsplit(':').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        // A Placemark or Document without its root is met in the field, and is KML nevertheless.
        "kml" | "document" | "folder" | "placemark" => Ok(Format::Kml),
        "gpx" => Ok(Format::Gpx),
        "html" | "head" | "body" | "table" | "meta" | "style" => Err(unsupported("HTML")),
        "workbook" => Err(unsupported("XML Spreadsheet 2003")),
        "" => Err(unsupported("XML")),
        other => Err(unsupported(&format!("XML <{}>", other.chars().take(40).collect::<String>()))),
    }
}

fn unsupported(what: &str) -> DecodeError {
    DecodeError::Unsupported { what: what.to_owned() }
}

fn shown(names: &[String]) -> String {
    names.iter().take(5).map(|n| n.chars().take(60).collect::<String>()).collect::<Vec<_>>().join(", ")
}
