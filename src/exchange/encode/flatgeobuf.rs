//! FlatGeobuf: points and areas in one indexed file, every field a typed column.
//!
//! The index orders features along a Hilbert curve, so that rows come back in another order than they went. Invariant: a
//! value that nobody knows is not written at all, which is how the format says null.

use super::rows::{Outline, Row, Rows};
use super::{EncodeError, Loss, cell, crs_text};
use crate::exchange::document::Form;
use ::flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geo_types::{Geometry, Point};
use geozero::{ColumnValue, PropertyProcessor};
use serde_json::Value;

pub(super) fn write(rows: &Rows<'_>, losses: &[Loss]) -> Result<Vec<u8>, EncodeError> {
    let failed = EncodeError::of(rows.writing.format);
    let (crs, target) = (&rows.writing.crs, rows.writing.target);
    let (wkt, title, epsg) = (crs_text::wkt(crs), crs_text::title(crs), crs_text::epsg(crs));
    let (zh, en) = cell::datum_note(crs);
    let about: String = losses.iter().map(|loss| format!("\n{}", loss.both())).collect();
    let about = format!("{zh} / {en}{about}");
    let some = rows.iter().any(|row| row.outline != Outline::Nowhere);
    let options = FgbWriterOptions {
        // An index over nothing is no index.
        write_index: some,
        detect_type: false,
        promote_to_multi: false,
        crs: FgbCrs {
            org: epsg.map(|_| "EPSG"),
            code: epsg.unwrap_or(0),
            name: Some(&title),
            wkt: Some(&wkt),
            ..FgbCrs::default()
        },
        title: Some(target.zh()),
        description: Some(&about),
        ..FgbWriterOptions::default()
    };
    let mut file = FgbWriter::create_with_options(target.layer(), GeometryType::Unknown, options)
        .map_err(|error| failed(&error))?;
    for spec in &rows.columns {
        file.add_column(spec.name, column_type(spec.form), |_, _| {});
    }
    for row in rows.iter() {
        let Some(geometry) = geometry(&row.outline) else { continue };
        let mut wrong = None;
        let added = file.add_feature_geom(geometry, |feature| wrong = properties(rows, &row, feature).err());
        added.map_err(|error| failed(&error))?;
        wrong.map_or(Ok(()), |error| Err(failed(&error)))?;
    }
    let mut bytes = Vec::new();
    file.write(&mut bytes).map_err(|error| failed(&error))?;
    Ok(bytes)
}

const fn column_type(form: Form) -> ColumnType {
    match form {
        Form::Flag => ColumnType::Bool,
        Form::Whole => ColumnType::Long,
        Form::Number => ColumnType::Double,
        Form::Nested | Form::Geometry => ColumnType::Json,
        Form::Text | Form::Word | Form::Words | Form::Time => ColumnType::String,
    }
}

fn geometry(outline: &Outline) -> Option<Geometry<f64>> {
    match outline {
        Outline::Nowhere => None,
        Outline::Point(at) => Some(Geometry::Point(Point(*at))),
        Outline::Area(area) => Some(match area.0.as_slice() {
            [one] => Geometry::Polygon(one.clone()),
            _ => Geometry::MultiPolygon(area.clone()),
        }),
    }
}

fn properties(rows: &Rows<'_>, row: &Row, feature: &mut impl PropertyProcessor) -> geozero::error::Result<()> {
    for (i, (spec, value)) in rows.columns.iter().zip(&row.values).enumerate() {
        let text = cell::text(value, spec.form).unwrap_or_default();
        let typed = match (spec.form, value) {
            (_, Value::Null) => continue,
            (Form::Flag, Value::Bool(flag)) => ColumnValue::Bool(*flag),
            (Form::Whole, Value::Number(n)) => ColumnValue::Long(n.as_i64().unwrap_or_default()),
            (Form::Number, Value::Number(n)) => ColumnValue::Double(n.as_f64().unwrap_or_default()),
            (Form::Nested | Form::Geometry, _) => ColumnValue::Json(&text),
            _ => ColumnValue::String(&text),
        };
        feature.property(i, spec.name, &typed)?;
    }
    Ok(())
}
