//! Around question and answer (周边分析).

use super::{kinds, moment, operational};
use crate::analysis::around::{Count, Known};
use crate::domain::{Audience, Datum, Kind, LonLat, Population, Resource, Shelter, Violation};
use crate::exchange::geometry::{Shape, parse};
use crate::service::Error;
use crate::service::datum::uncertainty_m;
use crate::service::history::Moment;
use crate::service::query::around::{Answer, LIMIT_MAX, RADIUS_MAX_M, Request, Within};
use crate::spatial::datum::to_wgs84;
use crate::spatial::shape::shape_violations;
use crate::world::World;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Items listed when the client does not say.
const LIMIT: usize = 200;

/// An around question: a point and a radius, or a polygon.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AroundBody {
    /// `[lon, lat]` of the centre, in `datum`.
    #[serde(default)]
    point: Option<[f64; 2]>,
    /// Radius, metres.
    #[serde(default)]
    radius_m: Option<f64>,
    /// GeoJSON Polygon or MultiPolygon, in `datum`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    polygon: Option<Value>,
    /// Kinds, at least one; default all.
    #[serde(default)]
    kinds: Option<Vec<String>>,
    /// Datum of the question: wgs84 (default) | cgcs2000 | gcj02 | bd09.
    #[serde(default)]
    datum: Option<String>,
    /// Datum of the answer: wgs84 (default) | cgcs2000 | gcj02 | bd09.
    #[serde(default)]
    pub datum_out: Option<String>,
    /// Most items to list, 1–5000, default 200; counts and sums are over all.
    #[serde(default)]
    limit: Option<usize>,
    /// The past to ask about: a revision, as a number or as text, or an RFC 3339 time.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    as_of: Option<Value>,
}

impl AroundBody {
    /// Returns the past that is asked about.
    pub fn moment(&self) -> Result<Option<Moment>, Error> {
        moment(self.as_of.as_ref())
    }

    /// Returns the question, or everything wrong with it.
    pub fn read(self, audience: Audience) -> Result<Request, Vec<Violation>> {
        let mut wrong = Vec::new();
        let datum = match self.datum.as_deref().map(|word| (word, Datum::from_word(word))) {
            None => Datum::Wgs84,
            Some((_, Some(datum))) => datum,
            Some((word, None)) => {
                wrong.push(Violation::not_a_choice("datum", word, &Datum::choices()));
                Datum::Wgs84
            }
        };
        let kinds = kinds(self.kinds, Kind::ALL, &mut wrong);
        let limit = self.limit.unwrap_or(LIMIT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            wrong.push(Violation::out_of_range("limit", &limit.to_string(), &format!("1…{LIMIT_MAX}")));
        }
        let within = match (self.point, self.radius_m, self.polygon) {
            (Some(point), Some(radius_m), None) => circle(point, radius_m, datum, &mut wrong),
            (None, None, Some(polygon)) => area(&polygon, datum, &mut wrong),
            _ => {
                wrong.push(Violation::new(
                    "point",
                    "missing",
                    "请给出 point 与 radius_m，或 polygon，二者取其一",
                    "give point and radius_m, or polygon: one of the two",
                ));
                None
            }
        };
        match within {
            Some(within) if wrong.is_empty() => Ok(Request { within, kinds, limit, audience }),
            _ => Err(wrong),
        }
    }
}

fn circle([lon, lat]: [f64; 2], radius_m: f64, datum: Datum, wrong: &mut Vec<Violation>) -> Option<Within> {
    if !(radius_m > 0.0 && radius_m <= RADIUS_MAX_M) {
        wrong.push(Violation::out_of_range("radius_m", &radius_m.to_string(), &format!("0 < m ≤ {RADIUS_MAX_M}")));
    }
    let given = LonLat::new(lon, lat).map_err(|violation| wrong.push(violation.under("point."))).ok()?;
    Some(Within::Circle { centre: to_wgs84(datum, given), radius_m })
}

fn area(polygon: &Value, datum: Datum, wrong: &mut Vec<Violation>) -> Option<Within> {
    let named = |violation: Violation| Violation { field: "polygon".to_owned(), ..violation };
    let kind = polygon.get("type").and_then(Value::as_str);
    if let Some(other) = kind.filter(|kind| !matches!(*kind, "Polygon" | "MultiPolygon")) {
        wrong.push(Violation::not_a_choice("polygon", other, "Polygon, MultiPolygon"));
        return None;
    }
    match parse(polygon, &datum.into()) {
        Ok(parsed) => match parsed.shape {
            Shape::Area(area) if area.0.is_empty() => {
                let (zh, en) = ("MultiPolygon 里没有面", "the MultiPolygon holds no polygon");
                wrong.push(Violation::new("polygon", "empty", zh, en));
                None
            }
            Shape::Area(area) => {
                wrong.extend(shape_violations(&area).into_iter().map(named));
                Some(Within::Area(area))
            }
            Shape::Point(_) => None,
        },
        Err(violation) => {
            wrong.push(named(violation));
            None
        }
    }
}

/// What lies there.
#[derive(Debug, Serialize, ToSchema)]
pub struct AroundAnswer {
    /// Revision of the world that answered.
    pub revision: u64,
    /// How it was worked out.
    pub method: &'static str,
    /// All items are listed.
    pub complete: bool,
    /// Size of the region, square metres.
    pub area_m2: f64,
    /// Datum of all coordinates in this answer.
    pub datum: &'static str,
    /// `[lon, lat]` from which distances are told.
    pub origin: Option<[f64; 2]>,
    /// People inside; null when no demand point is inside: then nobody has said who lives there.
    #[schema(value_type = Option<f64>)]
    pub population: Option<Population>,
    /// Demand points inside, over which the people are summed.
    pub demand_points: usize,
    /// Resources by kind.
    pub counts: BTreeMap<&'static str, CountDoc>,
    /// Places in the shelters.
    pub places: PlacesDoc,
    /// Stock by item.
    pub stock: Vec<StockDoc>,
    /// Stores without a list of stock.
    pub stores_without_list: usize,
    /// People in the teams.
    pub headcount: HeadcountDoc,
    /// Resources by distance.
    pub items: Vec<AroundItem>,
    /// How many there are.
    pub items_total: usize,
}

/// Resources of a kind; `unknown` counts those of which nobody has said.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountDoc {
    /// All.
    pub total: usize,
    /// By level.
    pub by_level: BTreeMap<&'static str, usize>,
    /// By function, tier, category or class.
    pub by_class: BTreeMap<&'static str, usize>,
    /// By status or readiness.
    pub by_status: BTreeMap<&'static str, usize>,
}

/// Places in the shelters; null when none is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacesDoc {
    /// Sum of the known capacities.
    pub capacity: Option<u64>,
    /// Sum of the known free places.
    pub free: Option<u64>,
    /// Shelters of unknown capacity.
    pub shelters_with_unknown_capacity: usize,
    /// Shelters of known capacity whose occupancy was never reported.
    pub occupancy_unreported: usize,
}

/// One item of stock.
#[derive(Debug, Serialize, ToSchema)]
pub struct StockDoc {
    /// 7-digit code of GB/T 38565-2020, where known.
    pub code: Option<String>,
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: Option<String>,
    /// Sum of the known quantities; null when none is known.
    pub quantity: Option<f64>,
    /// Lines.
    pub lines: usize,
    /// Lines without a quantity.
    pub lines_without_quantity: usize,
}

/// People in the teams.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeadcountDoc {
    /// Sum of the known figures; null when none is known.
    pub total: Option<u64>,
    /// Teams without a figure.
    pub teams_without_figure: usize,
}

/// One resource of the region.
#[derive(Debug, Serialize, ToSchema)]
pub struct AroundItem {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: &'static str,
    /// Official code.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// Longitude, degrees in the datum of the answer.
    pub lon: f64,
    /// Latitude, degrees in the datum of the answer.
    pub lat: f64,
    /// Geodesic distance from the origin, metres.
    pub distance_m: f64,
    /// How far off the position may be for its conversion from the declared system, metres; null where it is exact.
    pub position_uncertainty_m: Option<f64>,
    /// Free places of a shelter; null when unknown.
    pub free_places: Option<u32>,
    /// State of a shelter.
    pub status: Option<&'static str>,
    /// `operational` for what only staff may know of; absent on what is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<&'static str>,
    /// The record is invented.
    pub synthetic: bool,
}

impl AroundAnswer {
    /// Puts a finding into wire form.
    pub fn of(world: &World, request: &Request, answer: Answer) -> Self {
        let found = answer.around;
        let count =
            |c: Count| CountDoc { total: c.total, by_level: c.by_level, by_class: c.by_class, by_status: c.by_status };
        let Known { sum: total, unknown: teams_without_figure } = found.headcount;
        let items = answer.rows.iter().zip(&found.items).map(|(row, item)| listed(&row.value, item.distance_m));
        Self {
            revision: world.revision_for(request.audience).0,
            method: found.method,
            complete: found.complete,
            area_m2: found.area_m2,
            datum: Datum::Wgs84.word(),
            origin: found.origin.map(|p| [p.lon(), p.lat()]),
            population: found.population,
            demand_points: found.demand_points,
            counts: found.counts.into_iter().map(|(kind, c)| (kind.word(), count(c))).collect(),
            places: PlacesDoc {
                capacity: found.places.capacity.sum,
                free: found.places.free.sum,
                shelters_with_unknown_capacity: found.places.capacity.unknown,
                occupancy_unreported: found.places.occupancy_unreported,
            },
            stock: found
                .stock
                .into_iter()
                .map(|s| StockDoc {
                    code: s.code,
                    name: s.name,
                    unit: s.unit,
                    quantity: s.quantity,
                    lines: s.lines,
                    lines_without_quantity: s.lines_without_quantity,
                })
                .collect(),
            stores_without_list: found.stores_without_list,
            headcount: HeadcountDoc { total, teams_without_figure },
            items: items.collect(),
            items_total: found.items_total,
        }
    }
}

fn listed(resource: &Resource, distance_m: f64) -> AroundItem {
    let shelter = resource.shelter();
    AroundItem {
        id: resource.id.to_string(),
        kind: resource.kind().word(),
        code: resource.code.clone(),
        name: resource.name.zh.clone(),
        name_en: resource.name.en.clone(),
        lon: resource.place.position.lon(),
        lat: resource.place.position.lat(),
        distance_m,
        position_uncertainty_m: uncertainty_m(resource.place.declared.as_ref()),
        free_places: shelter.and_then(Shelter::free_places),
        status: shelter.and_then(|s| s.status).map(|s| s.word()),
        visibility: operational(resource),
        synthetic: resource.synthetic,
    }
}
