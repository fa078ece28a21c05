//! Whole layers for the map, slim, made once per revision and audience.
//!
//! Invariant: the key of the cache holds the audience, and the public's entry is keyed by the public revision.

use crate::domain::{Audience, Kind, Revision};
use crate::exchange::geometry::{write_area, write_point};
use crate::service::history::View;
use crate::service::{App, Error, view};
use crate::world::World;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A layer of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    /// Resources of a kind, as points.
    Kind(Kind),
    /// Divisions that have an area.
    Divisions,
    /// Demand points.
    Demand,
}

impl Layer {
    /// Returns the layer of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "divisions" => Some(Self::Divisions),
            "demand" => Some(Self::Demand),
            kind => Kind::from_word(kind).map(Self::Kind),
        }
    }
}

/// Finished layers: at most one per layer and audience.
#[derive(Default)]
pub struct Cache(Mutex<HashMap<(Layer, Audience), (Revision, Bytes)>>);

impl Cache {
    fn get(&self, key: (Layer, Audience), revision: Revision) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&key).filter(|(at, _)| *at == revision).map(|(_, bytes)| bytes.clone())
    }

    fn put(&self, key: (Layer, Audience), revision: Revision, bytes: Bytes) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (revision, bytes));
    }
}

/// Returns a layer as GeoJSON (RFC 7946), with the revision it was made from.
/// Layers of the past are drawn each time: few ask for them.
pub async fn layer(app: &App, audience: Audience, layer: Layer, view: &View) -> Result<Bytes, Error> {
    let (world, key) = (view.world.clone(), (layer, audience));
    let revision = world.revision_for(audience);
    let is_present = view.past.is_none();
    if let Some(bytes) = app.layers.get(key, revision).filter(|_| is_present) {
        return Ok(bytes);
    }
    let drawing = move || draw(&world, audience, layer);
    let bytes = tokio::task::spawn_blocking(drawing).await.map_err(Error::internal)?.map_err(Error::internal)?;
    if is_present {
        app.layers.put(key, revision, bytes.clone());
    }
    Ok(bytes)
}

fn draw(world: &Arc<World>, audience: Audience, layer: Layer) -> Result<Bytes, serde_json::Error> {
    let mut out = format!(r#"{{"type":"FeatureCollection","revision":{},"features":["#, world.revision_for(audience))
        .into_bytes();
    let mut first = true;
    let mut write = |feature: Value| {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        serde_json::to_writer(&mut out, &feature)
    };
    match layer {
        Layer::Kind(kind) => world.of_kind(audience, kind, None).try_for_each(|row| {
            let resource = &row.value;
            write(json!({
                "type": "Feature", "id": resource.id,
                "geometry": write_point(resource.place.position), "properties": view::slim(resource),
            }))
        })?,
        Layer::Divisions => {
            world.divisions().filter_map(|row| Some((&row.value, row.value.area.as_ref()?))).try_for_each(
                |(division, area)| {
                    write(json!({
                        "type": "Feature", "id": division.code, "geometry": write_area(area),
                        "properties": {
                            "code": division.code, "name": division.name, "name_en": division.name_en,
                            "level": division.level, "synthetic": division.synthetic,
                        },
                    }))
                },
            )?;
        }
        Layer::Demand => world.demand().try_for_each(|row| {
            write(json!({
                "type": "Feature", "id": row.value.id, "geometry": write_point(row.value.position),
                "properties": { "population": row.value.population },
            }))
        })?,
    }
    out.extend_from_slice(b"]}");
    Ok(Bytes::from(out))
}
