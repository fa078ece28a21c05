//! What a file says of its coordinates, in well-known text (.prj), by authority and code, or by name.
//!
//! WKT is scanned and not parsed: three dialects are in use, and a few facts of each are enough. Invariant: a system is
//! named only when datum, projection and parameters all fit; everything else is unknown, and told.

use super::sink::CrsInFile;
use crate::domain::{Crs, Datum, GaussKruger};

/// Largest text that is looked at, bytes.
const TEXT_MAX: usize = 16 << 10;

/// Returns the coordinate system of an authority's code; codes that are not known here stay names.
pub(super) fn of_code(authority: &str, code: i64) -> CrsInFile {
    let word = format!("{authority}:{code}");
    let plain = match code {
        900_913 | 102_100 | 102_113 => "EPSG:3857".to_owned(),
        _ => word.to_ascii_uppercase().replace("ESRI:", "EPSG:"),
    };
    Crs::parse(&plain).map_or(CrsInFile::Unknown(word), CrsInFile::Known)
}

/// Returns the coordinate system of well-known text.
pub(super) fn of_wkt(text: &str) -> CrsInFile {
    let text: String = text.chars().take(TEXT_MAX).filter(|c| !c.is_control()).collect();
    let name = text.split('"').nth(1).unwrap_or(text.trim()).to_owned();
    known(&text).map_or(CrsInFile::Unknown(name), CrsInFile::Known)
}

fn known(text: &str) -> Option<Crs> {
    let folded: String = text.to_ascii_lowercase().chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '/')).collect();
    let is_projected =
        folded.starts_with("projcs") || folded.starts_with("projcrs") || folded.starts_with("projectedcrs");
    let datum = datum(&folded)?;
    if !is_projected {
        let is_geographic =
            ["geogcs", "geogcrs", "geodcrs", "geographiccrs", "geodeticcrs"].iter().any(|k| folded.starts_with(k));
        return is_geographic.then_some(Crs::Geographic(datum));
    }
    if folded.contains("mercatorauxiliarysphere") || folded.contains("pseudomercator") || folded.contains("webmercator")
    {
        return (datum == Datum::Wgs84).then_some(Crs::WebMercator);
    }
    let is_gauss = folded.contains("gausskruger") || folded.contains("transversemercator");
    let scale = parameter(&folded, &["scalefactor", "scalefactoratnaturalorigin"]).unwrap_or(1.0);
    let south = parameter(&folded, &["falsenorthing"]).unwrap_or(0.0);
    let origin = parameter(&folded, &["latitudeoforigin", "latitudeofnaturalorigin"]).unwrap_or(0.0);
    if datum != Datum::Cgcs2000 || !is_gauss || (scale, south, origin) != (1.0, 0.0, 0.0) {
        return None;
    }
    let meridian = parameter(&folded, &["centralmeridian", "longitudeofnaturalorigin"])?;
    let easting = parameter(&folded, &["falseeasting"])?;
    // Of two zones with the same numbers either will do.
    let zone = (4491..=4554).rev().filter_map(GaussKruger::of_epsg).find(|zone| {
        (zone.central_meridian_deg() - meridian).abs() < 1e-9 && (zone.false_easting_m() - easting).abs() < 1e-3
    });
    zone.map(Crs::GaussKruger)
}

fn datum(folded: &str) -> Option<Datum> {
    let after = ["datum[\"", "datum(\"", "ensemble[\""].iter().find_map(|key| folded.split(key).nth(1))?;
    let name = after.split('"').next()?;
    match name {
        "dwgs1984" | "wgs1984" | "wgs84" | "worldgeodeticsystem1984" | "worldgeodeticsystem1984ensemble" => {
            Some(Datum::Wgs84)
        }
        "dchina2000" | "china2000" | "chinageodeticcoordinatesystem2000" | "cgcs2000" | "dcgcs2000" => {
            Some(Datum::Cgcs2000)
        }
        // No register has these; files that go out from here name them so.
        "dgcj02" => Some(Datum::Gcj02),
        "dbd09" => Some(Datum::Bd09),
        _ => None,
    }
}

fn parameter(folded: &str, names: &[&str]) -> Option<f64> {
    let after = names.iter().find_map(|name| folded.split(&format!("parameter[\"{name}\",")).nth(1))?;
    after.split([',', ']']).next()?.trim().parse().ok()
}
