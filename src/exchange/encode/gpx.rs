//! GPX 1.1 (Topografix): a waypoint per row, for the navigators in cars and hands. Always WGS84, which the schema demands.
//!
//! Navigators show a waypoint's name, description, source and type; all fields stand in its extensions, which they keep or
//! drop. A waypoint is a point, so that areas are lost, and the file says so. Elements stand in the order of the schema
//! (wptType: name, cmt, desc, src, sym, type, extensions).

use super::rows::{Outline, Row, Rows};
use super::xml::escaped;
use super::{Item, Loss, cell};
use crate::domain::{Detail, Footprint, LonLat};
use geo::BoundingRect;
use std::fmt::Write as _;

/// Namespace of the extensions.
const NAMESPACE: &str = "urn:bihu:gpx:1";

pub(super) fn write(rows: &Rows<'_>, mut losses: Vec<Loss>) -> (Vec<u8>, Vec<Loss>) {
    let areas = rows.iter().filter(|row| matches!(row.outline, Outline::Area(_))).count();
    if areas > 0 {
        losses.push(Loss::new(
            format!("{areas} 行的面未写出，只写代表点"),
            format!("the areas of {areas} rows are left out; their points are written"),
        ));
    }
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = document(rows, &losses, &mut out);
    (out.into_bytes(), losses)
}

fn document(rows: &Rows<'_>, losses: &[Loss], out: &mut String) -> std::fmt::Result {
    let made = &rows.writing.made;
    let told: String = losses.iter().map(|loss| format!("\n{}", loss.both())).collect();
    let (zh, en) = (rows.writing.target.zh(), rows.writing.target.en());
    writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"bihu\" \
         xmlns=\"http://www.topografix.com/GPX/1/1\" xmlns:bihu=\"{NAMESPACE}\">"
    )?;
    writeln!(
        out,
        "<metadata><name>{}</name><desc>{}</desc><time>{}</time></metadata>",
        escaped(&format!("{zh} / {en}")),
        escaped(&format!("WGS84；修订 / revision {}{told}", made.revision)),
        made.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    )?;
    for (row, item) in rows.iter().zip(rows.items()) {
        waypoint(rows, &row, *item, out)?;
    }
    out.push_str("</gpx>\n");
    Ok(())
}

fn waypoint(rows: &Rows<'_>, row: &Row, item: Item<'_>, out: &mut String) -> std::fmt::Result {
    let Some(at) = position(item) else { return Ok(()) };
    write!(out, "<wpt lat=\"{}\" lon=\"{}\"><name>{}</name>", at.lat(), at.lon(), escaped(&row.name))?;
    let (address, source, class) = described(item);
    for (tag, text) in [("desc", address), ("src", source), ("type", class)] {
        if let Some(text) = text {
            write!(out, "<{tag}>{}</{tag}>", escaped(text))?;
        }
    }
    out.push_str("<extensions>");
    for (spec, value) in rows.columns.iter().zip(&row.values).filter(|(spec, _)| spec.name != "name") {
        if let Some(text) = cell::text(value, spec.form) {
            write!(out, "<bihu:{0}>{1}</bihu:{0}>", spec.name, escaped(&text))?;
        }
    }
    out.push_str("</extensions></wpt>\n");
    Ok(())
}

/// Returns the position, or the waypoint of an area that has none of its own.
fn position(item: Item<'_>) -> Option<LonLat> {
    item.position().or_else(|| waypoint_of(item.area()?))
}

/// Returns the waypoint that stands for an area that has no position of its own: the middle of the box around it.
pub fn waypoint_of(area: &Footprint) -> Option<LonLat> {
    let middle = area.bounding_rect()?.center();
    Some(LonLat::clamped(middle.x, middle.y))
}

/// Returns address, source and type. The type is the word that an importer of the kind reads under that name.
fn described(item: Item<'_>) -> (Option<&str>, Option<&str>, Option<&'static str>) {
    match item {
        Item::Resource(r) => {
            let class = match &r.detail {
                Detail::Team(team) => team.category.map(|c| c.zh()),
                Detail::Site(site) => site.class.map(|c| c.zh()),
                Detail::Shelter(_) | Detail::Warehouse(_) | Detail::StoragePoint(_) => Some(r.kind().zh()),
            };
            (r.address.as_deref(), r.source.as_deref(), class)
        }
        Item::Division(d) => (None, d.source.as_deref(), Some(d.level.zh())),
        Item::Demand(p) => (None, p.source.as_deref(), None),
    }
}
