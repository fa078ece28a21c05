//! Answers that the map page asks for.

use super::Sentence;
use crate::domain::{Actor, Audience, Kind, Level, Revision, Visibility};
use crate::service::App;
use crate::service::ground::Raster;
use crate::service::query::coverage::default_standards;
use crate::service::query::items::{self, Collection};
use crate::service::query::search::Found;
use crate::world::World;
use geo::BoundingRect;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What this service holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Meta {
    /// Name of the software.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Revision of the world, as this audience is told it.
    pub revision: u64,
    /// `public` or `staff`.
    pub audience: &'static str,
    /// Who is signed in.
    pub actor: Option<ActorDoc>,
    /// Some of what is shown is invented.
    pub synthetic: bool,
    /// What the page must show for that reason.
    pub notice: Option<Sentence>,
    /// The largest division that has an area.
    pub district: Option<DistrictDoc>,
    /// Box around all resources that this audience sees, `[west, south, east, north]` in degrees: what to show where
    /// there is no district.
    pub extent: Option<[f64; 4]>,
    /// Resources by kind, as this audience sees them; people and demand points are under `population`.
    pub counts: BTreeMap<&'static str, usize>,
    /// Divisions with a level above village.
    pub divisions: Vec<DivisionDoc>,
    /// Approval of the map as published (审图号), source and date: null until set.
    pub map: MapApproval,
    /// Service standards offered for coverage.
    pub default_standards: Vec<StandardDoc>,
    /// What those standards are worth.
    pub default_standards_note: Sentence,
}

/// How far a site of a level serves in a straight line.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandardDoc {
    /// Level: city, district, town, village.
    pub level: &'static str,
    /// Service distance, metres.
    pub distance_m: f64,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActorDoc {
    /// Name.
    pub name: String,
    /// Role.
    pub role: &'static str,
    /// Division that bounds it.
    pub scope: Option<String>,
}

/// The district.
#[derive(Debug, Serialize, ToSchema)]
pub struct DistrictDoc {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// `[west, south, east, north]`, degrees.
    pub bbox: [f64; 4],
}

/// A division.
#[derive(Debug, Serialize, ToSchema)]
pub struct DivisionDoc {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// Level.
    pub level: &'static str,
}

/// Approval of the map as published.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct MapApproval {
    /// 审图号.
    pub approval_number: Option<String>,
    /// Source of the map.
    pub source: Option<String>,
    /// Date of its data.
    pub data_date: Option<String>,
    /// There is a vector base map: tiles at `/tiles/base.json`, styles at `/tiles/styles/…`.
    pub vector: bool,
    /// Whose data the vector base map is made of.
    pub vector_source: Option<String>,
    /// State of that data.
    pub vector_date: Option<String>,
    /// The vector base map and the roads are invented.
    pub vector_synthetic: bool,
    /// Raster tiles of another server, where the operator named one.
    pub raster: Option<Raster>,
}

impl MapApproval {
    /// Says what lies under the resources.
    pub fn of(app: &App) -> Self {
        let (ground, vector) = (app.ground(), app.vector_ground());
        Self {
            approval_number: ground.approval_number,
            source: ground.attribution,
            data_date: ground.data_date,
            vector: app.has_base_tiles(),
            vector_source: vector.attribution,
            vector_date: vector.data_date,
            vector_synthetic: app.roads().is_some_and(|roads| roads.meta.synthetic),
            raster: ground.raster,
        }
    }
}

impl Meta {
    /// Describes a world, and the map that it is drawn on, to an actor.
    pub fn of((world, map): (&World, MapApproval), actor: &Actor) -> Self {
        let audience = actor.audience();
        let count = |kind: &Kind| (kind.word(), world.of_kind(audience, *kind, None).count());
        let invented = |kind: &Kind| world.of_kind(audience, *kind, None).any(|row| row.value.synthetic);
        let synthetic =
            map.vector_synthetic || Kind::ALL.iter().any(invented) || world.divisions().any(|d| d.value.synthetic);
        let (default_standards, default_standards_note) = default_standards();
        Self {
            name: "bihu 庇护",
            version: env!("CARGO_PKG_VERSION"),
            revision: world.revision_for(audience).0,
            audience: audience.word(),
            actor: (actor.role != crate::domain::Role::Public).then(|| ActorDoc {
                name: actor.name.clone(),
                role: actor.role.word(),
                scope: actor.scope.as_ref().map(ToString::to_string),
            }),
            synthetic,
            notice: synthetic.then(|| Sentence {
                zh: "演示数据：位置、名称与数字均为虚构，不可用于实际避险".to_owned(),
                en: "Demonstration data: positions, names and figures are invented; not for real use".to_owned(),
            }),
            district: district(world),
            extent: extent(world, audience),
            counts: Kind::ALL.iter().map(count).collect(),
            divisions: divisions(world),
            map,
            default_standards: default_standards
                .into_iter()
                .map(|s| StandardDoc { level: s.level.word(), distance_m: s.limit.number() })
                .collect(),
            default_standards_note: Sentence { zh: default_standards_note.0, en: default_standards_note.1 },
        }
    }
}

fn extent(world: &World, audience: Audience) -> Option<[f64; 4]> {
    let boxes = Kind::ALL.iter().filter_map(|kind| items::extent(world, audience, Collection::Resources(*kind)));
    boxes.reduce(items::joined).map(|b| [b.min().x, b.min().y, b.max().x, b.max().y])
}

fn district(world: &World) -> Option<DistrictDoc> {
    let with_area = world.divisions().filter(|row| row.value.area.is_some());
    let top = with_area.min_by_key(|row| (row.value.level, row.value.code.clone()))?;
    let bounds = top.value.area.as_ref()?.bounding_rect()?;
    Some(DistrictDoc {
        code: top.value.code.to_string(),
        name: top.value.name.clone(),
        name_en: top.value.name_en.clone(),
        bbox: [bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y],
    })
}

fn divisions(world: &World) -> Vec<DivisionDoc> {
    let above_village = world.divisions().filter(|row| row.value.level != Level::Village);
    let doc = |row: &crate::world::Kept<crate::domain::Division>| DivisionDoc {
        code: row.value.code.to_string(),
        name: row.value.name.clone(),
        name_en: row.value.name_en.clone(),
        level: row.value.level.word(),
    };
    above_village.map(doc).collect()
}

/// What was found by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// Revision of the world that answered.
    pub revision: u64,
    /// Best first.
    pub results: Vec<FoundDoc>,
}

/// One thing found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundDoc {
    /// `resource` or `division`.
    #[serde(rename = "type")]
    pub class: &'static str,
    /// Id of the resource or code of the division.
    pub id: String,
    /// Kind, or `division`.
    pub kind: &'static str,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// Longitude, WGS84 degrees.
    pub lon: Option<f64>,
    /// Latitude, WGS84 degrees.
    pub lat: Option<f64>,
    /// Level.
    pub level: Option<&'static str>,
    /// Name of the division that it belongs to, or that a division lies in: tells things of one name apart.
    pub division_name: Option<String>,
    /// Address of a resource.
    pub address: Option<String>,
    /// `operational` for what only staff may know of; absent on what is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<&'static str>,
}

impl SearchAnswer {
    /// Puts what was found into wire form.
    pub fn of(revision: Revision, found: Vec<Found>) -> Self {
        let doc = |f: Found| FoundDoc {
            class: f.class,
            id: f.id,
            kind: f.kind,
            name: f.name,
            name_en: f.name_en,
            lon: f.position.map(|p| p.lon()),
            lat: f.position.map(|p| p.lat()),
            level: f.level.map(|l| l.word()),
            division_name: f.division_name,
            address: f.address,
            visibility: Some(f.visibility).filter(|v| *v != Visibility::Public).map(|v| v.word()),
        };
        Self { revision: revision.0, results: found.into_iter().map(doc).collect() }
    }
}
