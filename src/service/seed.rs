//! The demonstration district that an empty store gets: embedded files, through the same import as any other file.
//!
//! All of it is one batch: a store either has the demonstration or is empty, also after a kill in between. Its invented roads
//! are laid under nothing but invented places.

use super::import::{self, Plan};
use super::roads::Roads;
use super::{App, Error, Submission};
use crate::domain::{Actor, Audience, Kind, Role};
use crate::exchange::Target;
use crate::exchange::osm::{self, Order};
use std::sync::Arc;

/// File name, content and what its rows are.
const FILES: [(&str, &[u8], Target); 7] = [
    ("divisions.geojson", include_bytes!("../../data/demo/divisions.geojson"), Target::Division),
    ("shelters.geojson", include_bytes!("../../data/demo/shelters.geojson"), Target::Resource(Kind::Shelter)),
    ("warehouses.geojson", include_bytes!("../../data/demo/warehouses.geojson"), Target::Resource(Kind::Warehouse)),
    (
        "storage_points.geojson",
        include_bytes!("../../data/demo/storage_points.geojson"),
        Target::Resource(Kind::StoragePoint),
    ),
    ("teams.geojson", include_bytes!("../../data/demo/teams.geojson"), Target::Resource(Kind::Team)),
    ("sites.geojson", include_bytes!("../../data/demo/sites.geojson"), Target::Resource(Kind::Site)),
    ("demand.csv", include_bytes!("../../data/demo/demand.csv"), Target::Demand),
];

/// The invented roads of the demonstration district.
const ROADS: (&str, &[u8]) = ("roads.osm.gz", include_bytes!("../../data/demo/roads.osm.gz"));

/// Returns the divisions of the demonstration district, a GeoJSON FeatureCollection.
pub const fn divisions() -> &'static [u8] {
    FILES[0].1
}

/// Puts the demonstration district into an empty store; does nothing to one that is not empty.
pub async fn demonstration(app: &Arc<App>) -> Result<bool, Error> {
    let _turn = app.turn.lock().await;
    app.catch_up().await?;
    let world = app.world();
    if world.revisions().all.0 > 0 {
        return Ok(false);
    }
    let planning = move || -> Result<Vec<_>, Error> {
        let mut proposals = Vec::new();
        for (file, bytes, target) in FILES {
            let request = import::Request::of(file, bytes, target);
            let Plan { report, proposals: planned, .. } = import::plan(&world, &request, &[])?;
            if let Some(bad) = report.refused_rows.first() {
                return Err(Error::internal(format!("{file} row {}: {:?}", bad.row, bad.violations)));
            }
            proposals.extend(planned);
        }
        Ok(proposals)
    };
    let proposals = tokio::task::spawn_blocking(planning).await.map_err(Error::internal)??;
    let actor = Actor { name: "demo".to_owned(), role: Role::Admin, scope: None };
    let reason = Some("演示数据（虚构） / invented demonstration data".to_owned());
    app.write(&actor, Submission { proposals, reason, receipt: None }, &|_| {}).await?;
    Ok(true)
}

/// Returns the invented roads of the demonstration district, where the store holds places and all of them are invented.
pub fn roads(app: &App) -> Result<Option<Roads>, Error> {
    let world = app.world();
    let mut places = Kind::ALL.iter().flat_map(|kind| world.of_kind(Audience::Staff, *kind, None)).peekable();
    if places.peek().is_none() || !places.all(|row| row.value.synthetic) {
        return Ok(None);
    }
    let (source, bytes) = ROADS;
    let order = Order { source, within: None, built_at: app.now() };
    let made = osm::make(bytes, &order, &|_, _| {}).map_err(Error::internal)?;
    Roads::open(Arc::new(made.file.to_file())).map(Some).map_err(Error::internal)
}
