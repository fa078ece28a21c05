//! KML 2.2 (OGC 07-147r2) and KMZ: one styled folder of placemarks, every field as `ExtendedData`. Always WGS84, which the
//! standard demands (section 9.1).
//!
//! No icon is named, because every icon of Google Earth lies on the network; the viewer's own pin is tinted instead.

use super::rows::{Outline, Row, Rows};
use super::xml::escaped;
use super::{EncodeError, FileFormat, Loss, cell};
use crate::domain::Kind;
use crate::exchange::Target;
use geo_types::{LineString, MultiPolygon, Polygon};
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;

pub(super) fn write(rows: &Rows<'_>, losses: &[Loss]) -> Result<String, EncodeError> {
    let failed = EncodeError::of(rows.writing.format);
    let mut out = String::new();
    document(rows, losses, &mut out).map_err(|error| failed(&error))?;
    Ok(out)
}

/// KMZ: a zip whose first entry is `doc.kml` (OGC 07-147r2 annex C).
pub(super) fn zipped(rows: &Rows<'_>, losses: &[Loss]) -> Result<Vec<u8>, EncodeError> {
    let failed = EncodeError::of(FileFormat::Kmz);
    let kml = write(rows, losses)?;
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("doc.kml", SimpleFileOptions::default()).map_err(|error| failed(&error))?;
    zip.write_all(kml.as_bytes()).map_err(|error| failed(&error))?;
    Ok(zip.finish().map_err(|error| failed(&error))?.into_inner())
}

fn document(rows: &Rows<'_>, losses: &[Loss], out: &mut String) -> std::fmt::Result {
    let target = rows.writing.target;
    let made = &rows.writing.made;
    let title = format!("{} / {}", target.zh(), target.en());
    let told: String = losses.iter().map(|loss| format!("\n{}", loss.both())).collect();
    let about = format!(
        "{} 行 / rows；WGS84；修订 / revision {}；{}（北京时间）{told}",
        rows.len(),
        made.revision,
        made.in_shanghai()
    );
    out.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>\n",
    );
    writeln!(out, "<name>{}</name><description>{}</description>", escaped(&title), escaped(&about))?;
    let colour = colour(target);
    writeln!(
        out,
        "<Style id=\"of\"><IconStyle><color>ff{colour}</color><scale>1</scale></IconStyle>\
         <LineStyle><color>ff{colour}</color><width>2</width></LineStyle>\
         <PolyStyle><color>66{colour}</color></PolyStyle></Style>"
    )?;
    writeln!(out, "<Folder id=\"{0}\"><name>{0}</name>", target.layer())?;
    for row in rows.iter() {
        placemark(rows, &row, out)?;
    }
    out.push_str("</Folder>\n</Document></kml>\n");
    Ok(())
}

/// Colours as KML has them: blue, green, red.
const fn colour(target: Target) -> &'static str {
    match target {
        Target::Resource(Kind::Shelter) => "4a9b2e",
        Target::Resource(Kind::Warehouse) => "b4771f",
        Target::Resource(Kind::StoragePoint) => "d9a05b",
        Target::Resource(Kind::Team) => "2b3fd1",
        Target::Resource(Kind::Site) => "8a4f7d",
        Target::Demand => "808080",
        Target::Division => "505050",
    }
}

fn placemark(rows: &Rows<'_>, row: &Row, out: &mut String) -> std::fmt::Result {
    write!(out, "<Placemark><name>{}</name><styleUrl>#of</styleUrl><ExtendedData>", escaped(&row.name))?;
    for (spec, value) in rows.columns.iter().zip(&row.values) {
        if let Some(text) = cell::text(value, spec.form) {
            write!(out, "<Data name=\"{}\"><value>{}</value></Data>", spec.name, escaped(&text))?;
        }
    }
    out.push_str("</ExtendedData>");
    match &row.outline {
        Outline::Nowhere => {}
        Outline::Point(at) => write!(out, "<Point><coordinates>{},{}</coordinates></Point>", at.x, at.y)?,
        Outline::Area(area) => write_area(area, out)?,
    }
    out.push_str("</Placemark>\n");
    Ok(())
}

fn write_area(area: &MultiPolygon<f64>, out: &mut String) -> std::fmt::Result {
    match area.0.as_slice() {
        [one] => polygon(one, out),
        parts => {
            out.push_str("<MultiGeometry>");
            parts.iter().try_for_each(|part| polygon(part, out))?;
            out.push_str("</MultiGeometry>");
            Ok(())
        }
    }
}

fn polygon(polygon: &Polygon<f64>, out: &mut String) -> std::fmt::Result {
    out.push_str("<Polygon>");
    ring("outerBoundaryIs", polygon.exterior(), out)?;
    polygon.interiors().iter().try_for_each(|hole| ring("innerBoundaryIs", hole, out))?;
    out.push_str("</Polygon>");
    Ok(())
}

fn ring(tag: &str, ring: &LineString<f64>, out: &mut String) -> std::fmt::Result {
    write!(out, "<{tag}><LinearRing><coordinates>")?;
    for (i, c) in ring.0.iter().enumerate() {
        write!(out, "{}{},{}", if i > 0 { " " } else { "" }, c.x, c.y)?;
    }
    write!(out, "</coordinates></LinearRing></{tag}>")
}
