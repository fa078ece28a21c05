//! The numbers as their source declared them: `{datum, lon, lat}` for degrees, `{datum, x, y}` for metres, a local grid with
//! its coefficients, and the conversion in words.
//!
//! Invariant: what [`write_declared`] writes, [`read_declared`] reads back the same.

use super::reader::{Given, Reader};
use crate::domain::{Crs, Declared, LocalGrid, Violation};
use serde_json::{Value, json};

const NAMES: [&str; 7] = ["datum", "lon", "lat", "x", "y", "grid", "conversion"];

/// Writes the numbers as declared.
pub fn write_declared(declared: &Declared) -> Value {
    let [first, second] = if declared.crs.degrees().is_some() { ["lon", "lat"] } else { ["x", "y"] };
    let mut out = json!({"datum": declared.crs.word(), first: declared.first, second: declared.second});
    if let Crs::Local(grid) = &declared.crs {
        out["grid"] = json!({
            "central_meridian_deg": grid.central_meridian_deg,
            "coefficients": grid.coefficients,
            "rms_m": grid.rms_m,
        });
    }
    if let Some(conversion) = &declared.conversion {
        out["conversion"] = conversion.as_str().into();
    }
    out
}

/// Reads the numbers as declared; absent keeps `kept`.
pub(super) fn read_declared(reader: &mut Reader<'_>, kept: Option<Declared>) -> Option<Declared> {
    let read = reader.object("declared", &NAMES, |inner| {
        let word = inner.text("datum").value();
        let grid = read_grid(inner);
        let crs = match word.as_deref()?.strip_prefix("local:") {
            Some(name) => Crs::Local(LocalGrid { name: name.to_owned(), ..grid? }),
            None => Crs::parse(&word?).map_err(|fault| inner.report(fault)).ok()?,
        };
        let [first, second] = if crs.degrees().is_some() { ["lon", "lat"] } else { ["x", "y"] };
        let (first, second) = (inner.number(first).value(), inner.number(second).value());
        Some(Declared { crs, first: first?, second: second?, conversion: inner.text("conversion").value() })
    });
    match read {
        Given::Absent => kept,
        given => given.value(),
    }
}

fn read_grid(reader: &mut Reader<'_>) -> Option<LocalGrid> {
    let read = reader.object("grid", &["central_meridian_deg", "coefficients", "rms_m"], |inner| {
        let meridian = inner.number("central_meridian_deg").value();
        let rms_m = inner.number("rms_m").value();
        let numbers: Option<Vec<f64>> = inner.list("coefficients").value()?.iter().map(Value::as_f64).collect();
        let coefficients: Option<[f64; 6]> = numbers.and_then(|n| n.try_into().ok());
        if coefficients.is_none() {
            let (zh, en) = ("coefficients 应为 6 个数字", "coefficients are 6 numbers");
            inner.report(Violation::new("coefficients", "wrong_type", zh, en));
        }
        let (central_meridian_deg, coefficients, rms_m) = (meridian?, coefficients?, rms_m?);
        Some(LocalGrid { name: String::new(), central_meridian_deg, coefficients, rms_m })
    });
    read.value()
}
