//! `--bounds`: four numbers, the code of a division, or a GeoJSON file → an area.

use super::StoreArgument;
use crate::domain::{Crs, DivisionCode, Footprint};
use crate::exchange::geometry::{Shape, parse};
use crate::service::seed;
use crate::spatial::area::union;
use anyhow::{Context, bail};
use geo_types::{Rect, coord};
use serde_json::Value;
use std::path::Path;

/// Largest GeoJSON file of bounds, bytes.
const FILE_MAX: u64 = 64 << 20;

/// Returns the area that the words name; a code is looked for in the store, if there is one, and then in the demonstration.
pub async fn area(words: &str, store: &StoreArgument) -> anyhow::Result<Footprint> {
    if words.contains(',') {
        return numbers(words);
    }
    if let Ok(code) = DivisionCode::parse(words) {
        return division(&code, store).await;
    }
    let path = Path::new(words);
    let about = std::fs::metadata(path).with_context(|| {
        format!(
            "--bounds 应为 west,south,east,north、行政区划代码或 GeoJSON 文件，`{words}` 都不是 / --bounds takes west,south,east,north, the code of a division, or a GeoJSON file, and `{words}` is none of them"
        )
    })?;
    if about.len() > FILE_MAX {
        bail!("{words}: 范围文件不得大于 64 MiB / a file of bounds has at most 64 MiB");
    }
    let text = std::fs::read(path).with_context(|| format!("无法读取 / can not read {words}"))?;
    let areas = areas(&text, |_| true).with_context(|| words.to_owned())?;
    if areas.is_empty() {
        bail!("{words}: 没有面要素 / there is no polygon in it");
    }
    Ok(union(&areas))
}

fn numbers(words: &str) -> anyhow::Result<Footprint> {
    let numbers: Vec<f64> = words.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    match numbers[..] {
        [west, south, east, north]
            if words.split(',').count() == 4
                && (-180.0..=180.0).contains(&west)
                && (-180.0..=180.0).contains(&east)
                && (-90.0..=90.0).contains(&south)
                && (-90.0..=90.0).contains(&north)
                && west < east
                && south < north =>
        {
            let area = Rect::new(coord! { x: west, y: south }, coord! { x: east, y: north });
            Ok(Footprint::new(vec![area.to_polygon()]))
        }
        _ => bail!(
            "--bounds 应为 west,south,east,north（度，西<东，南<北），例如 121.0,30.9,121.4,31.2 / --bounds takes west,south,east,north in degrees, west < east and south < north"
        ),
    }
}

async fn division(code: &DivisionCode, store: &StoreArgument) -> anyhow::Result<Footprint> {
    if let Ok(app) = store.existing_app().await {
        let area = app.world().division(code).and_then(|row| row.value.area.clone());
        app.close().await;
        if let Some(area) = area {
            return Ok(area);
        }
    }
    let is_it = |feature: &Value| feature.pointer("/properties/code").and_then(Value::as_str) == Some(code.as_str());
    match areas(seed::divisions(), is_it)?.into_iter().next() {
        Some(area) => Ok(area),
        None => bail!(
            "{} 的边界未知：请用 bihu import --kind division 导入，或给出 GeoJSON 文件 / the outline of {} is not known: import it by bihu import --kind division, or name a GeoJSON file",
            code.as_str(),
            code.as_str()
        ),
    }
}

/// Returns the areas of those features of a GeoJSON text that are wanted.
fn areas(text: &[u8], wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Vec<Footprint>> {
    let whole: Value = serde_json::from_slice(text).context("不是 GeoJSON / this is no GeoJSON")?;
    let features = match whole.get("features").and_then(Value::as_array) {
        Some(features) => features.clone(),
        None => vec![whole],
    };
    let mut areas = Vec::new();
    for feature in features.iter().filter(|feature| wanted(feature)) {
        let geometry = feature.get("geometry").unwrap_or(feature);
        if geometry.is_null() {
            continue;
        }
        let parsed = parse(geometry, &Crs::WGS84).map_err(|fault| anyhow::anyhow!("{} / {}", fault.zh, fault.en))?;
        if let Shape::Area(area) = parsed.shape {
            areas.push(area);
        }
    }
    Ok(areas)
}
