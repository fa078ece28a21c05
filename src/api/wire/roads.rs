//! Questions by road and their answers: routes, matrices, isochrones.

use super::Sentence;
use crate::api::travel::TravelWords;
use crate::domain::{Datum, LonLat, Population, Revision, Violation};
use crate::exchange::geometry::write_area;
use crate::network::{
    self, Cause, Cost, Maneuver, Metric, Millis, Snap, TOLERANCE_M, TOLERANCES_M, Toward, Trip, geometry,
};
use crate::service::roads::ask::{BANDS_MAX, Isochrones, MATRIX_SIDE_MAX, ORIGINS_MAX, Routed, Spread, Stuck};
use crate::service::roads::{ASIDE_MAX_M, Present, Roads, Travel};
use crate::spatial::datum::to_wgs84;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The word of `by` for the straight line.
pub const AIR: &str = "air";

/// How the roads were asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoadDoc {
    /// What was kept small: `time` or `length`.
    pub metric: &'static str,
    /// Factor on all durations.
    pub time_factor: f64,
    /// Where the origin lies on the roads; null: none comes near.
    pub origin: Option<OnRoad>,
    /// How far beside a road a place may lie, metres.
    pub aside_max_m: f64,
    /// Why nothing can be reached at all.
    pub unreachable: Option<Sentence>,
}

/// A place on the roads.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnRoad {
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// Distance from the position asked about, metres; durations and lengths do not hold it.
    pub aside_m: f64,
}

impl OnRoad {
    /// Describes a place.
    pub fn of(snap: &Snap) -> Self {
        let (lon, lat) = <(f64, f64)>::from(LonLat::clamped(snap.position.lon(), snap.position.lat()));
        Self { lon, lat, aside_m: (snap.aside_m * 100.0).round() / 100.0 }
    }
}

impl RoadDoc {
    /// Describes how a question went.
    pub fn of(travel: Travel, (from, stuck): (Option<&Snap>, Stuck)) -> Self {
        let unreachable = match (from, stuck) {
            (None, Stuck::OnIsland) => Some(on_island()),
            (None, _) => Some(off_network()),
            (Some(_), Stuck::OnClosedRoad) => Some(Sentence {
                zh: "起点所在的道路已封控，请先离开封控范围或联系救援".to_owned(),
                en: "the road at the origin is closed: leave the closed area first, or call for help".to_owned(),
            }),
            (Some(_), _) => None,
        };
        Self {
            metric: travel.metric.word(),
            time_factor: travel.slowdown.factor(),
            origin: from.map(OnRoad::of),
            aside_max_m: ASIDE_MAX_M,
            unreachable,
        }
    }
}

/// Says that no road comes near a place.
pub fn off_network() -> Sentence {
    Sentence {
        zh: format!("{ASIDE_MAX_M} 米内没有可通行的道路"),
        en: format!("no road that can be used comes within {ASIDE_MAX_M} m"),
    }
}

/// Says that the roads at an origin lead nowhere else.
fn on_island() -> Sentence {
    Sentence {
        zh: "起点所在的路段与其他道路不连通（如江心洲），请联系救援或改用船只".to_owned(),
        en: "the road at the origin is not connected with any other, as on an islet: call for help, or take a boat"
            .to_owned(),
    }
}

/// Costs between many places.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatrixBody {
    /// `[lon, lat]` each, at most 1000, in `datum`.
    #[serde(default)]
    #[schema(required = true)]
    origins: Vec<[f64; 2]>,
    /// `[lon, lat]` each, at most 1000, in `datum`.
    #[serde(default)]
    #[schema(required = true)]
    destinations: Vec<[f64; 2]>,
    /// foot | wheelchair | car | truck | emergency.
    #[serde(default)]
    #[schema(required = true)]
    by: String,
    /// time (default) | length: what is kept small.
    #[serde(default)]
    metric: Option<String>,
    /// rain | night | crowd.
    #[serde(default)]
    conditions: Vec<String>,
    /// A factor of your own on all durations.
    #[serde(default)]
    time_factor: Option<f64>,
    /// Datum of the positions: wgs84 (default) | cgcs2000 | gcj02 | bd09.
    #[serde(default)]
    datum: Option<String>,
}

/// A matrix question.
pub struct MatrixAsked {
    /// From where.
    pub origins: Vec<LonLat>,
    /// To where.
    pub destinations: Vec<LonLat>,
    /// How.
    pub travel: Travel,
}

impl MatrixBody {
    /// Returns the question, or everything wrong with it.
    pub fn read(self) -> Result<MatrixAsked, Vec<Violation>> {
        let mut wrong = Vec::new();
        let datum = datum(self.datum.as_deref(), &mut wrong);
        let origins = positions(("origins", &self.origins), MATRIX_SIDE_MAX, datum, &mut wrong);
        let destinations = positions(("destinations", &self.destinations), MATRIX_SIDE_MAX, datum, &mut wrong);
        let words = TravelWords {
            by: Some(self.by).filter(|by| !by.is_empty()),
            metric: self.metric,
            conditions: self.conditions,
            time_factor: self.time_factor,
        };
        match words.read() {
            Ok(travel) if wrong.is_empty() => Ok(MatrixAsked { origins, destinations, travel }),
            Ok(_) => Err(wrong),
            Err(more) => Err(wrong.into_iter().chain(more).collect()),
        }
    }
}

fn datum(word: Option<&str>, wrong: &mut Vec<Violation>) -> Datum {
    let Some(word) = word else { return Datum::Wgs84 };
    Datum::from_word(word).unwrap_or_else(|| {
        wrong.push(Violation::not_a_choice("datum", word, &Datum::choices()));
        Datum::Wgs84
    })
}

fn positions(
    (field, given): (&str, &[[f64; 2]]),
    most: usize,
    datum: Datum,
    wrong: &mut Vec<Violation>,
) -> Vec<LonLat> {
    if given.is_empty() || given.len() > most {
        wrong.push(Violation::out_of_range(field, &given.len().to_string(), &format!("1…{most}")));
        return Vec::new();
    }
    let read = given.iter().enumerate().filter_map(|(i, [lon, lat])| match LonLat::new(*lon, *lat) {
        Ok(position) => Some(to_wgs84(datum, position)),
        Err(violation) => {
            wrong.push(violation.under(&format!("{field}[{i}].")));
            None
        }
    });
    read.collect()
}

/// Costs between many places, row by row of the origins; null where there is no way, or no road near.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatrixAnswer {
    /// Revision of the world that answered; closures count.
    revision: u64,
    /// Profile.
    by: &'static str,
    /// What was kept small.
    metric: &'static str,
    /// Factor on all durations.
    time_factor: f64,
    /// Seconds.
    durations_s: Vec<Vec<Option<f64>>>,
    /// Metres.
    lengths_m: Vec<Vec<Option<f64>>>,
    /// Longest side.
    side_max: usize,
}

impl MatrixAnswer {
    /// Puts costs into wire form.
    pub fn of(revision: Revision, travel: Travel, costs: &[Vec<Option<Cost>>]) -> Self {
        let told = |pick: fn((f64, f64)) -> f64| {
            let row = |row: &Vec<Option<Cost>>| row.iter().map(|cost| cost.map(|c| pick(travel.told(c)))).collect();
            costs.iter().map(row).collect()
        };
        Self {
            revision: revision.0,
            by: travel.profile.word(),
            metric: travel.metric.word(),
            time_factor: travel.slowdown.factor(),
            durations_s: told(|(seconds, _)| seconds),
            lengths_m: told(|(_, metres)| metres),
            side_max: MATRIX_SIDE_MAX,
        }
    }
}

/// A route.
#[derive(Debug, Serialize, ToSchema)]
pub struct RouteAnswer {
    /// Revision of the world that answered; closures count.
    revision: u64,
    /// Datum of all coordinates in this answer.
    datum: &'static str,
    /// Profile.
    by: &'static str,
    /// What was kept small.
    metric: &'static str,
    /// Factor on all durations.
    time_factor: f64,
    /// Seconds; null when there is no way.
    duration_s: Option<f64>,
    /// Metres; null when there is no way.
    length_m: Option<f64>,
    /// LineString; null when there is no way.
    #[schema(value_type = Option<Object>)]
    geometry: Option<Value>,
    /// What to do on the way, in order.
    steps: Vec<StepDoc>,
    /// Where it begins on the roads; null: no road comes near.
    from: Option<OnRoad>,
    /// Where it ends.
    to: Option<OnRoad>,
    /// Why there is no way.
    unreachable: Option<UnreachableDoc>,
}

/// Why there is no way.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnreachableDoc {
    /// closure | island | off_network.
    cause: &'static str,
    /// Chinese sentence.
    zh: String,
    /// English sentence.
    en: String,
    /// Closures in the way: were they lifted, there would be one.
    closures: Vec<String>,
}

/// Something to do on the way.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepDoc {
    /// Chinese sentence.
    zh: String,
    /// English sentence.
    en: String,
    /// What kind of thing: depart, left, slight_right, arrive …
    maneuver: &'static str,
    /// Name of the road, empty when it has none.
    name: String,
    /// Metres until the next.
    length_m: f64,
    /// Seconds until the next.
    duration_s: f64,
    /// Where: longitude, degrees.
    lon: f64,
    /// Latitude, degrees.
    lat: f64,
}

impl RouteAnswer {
    /// Puts a route into wire form.
    pub fn of(
        present: &Present,
        roads: &Roads,
        travel: Travel,
        (revision, routed, goal): (Revision, &Routed, LonLat),
    ) -> Self {
        let told = routed.trip.as_ref().map(|trip| travel.told(trip.cost));
        Self {
            revision: revision.0,
            datum: Datum::Wgs84.word(),
            by: travel.profile.word(),
            metric: travel.metric.word(),
            time_factor: travel.slowdown.factor(),
            duration_s: told.map(|(seconds, _)| seconds),
            length_m: told.map(|(_, metres)| metres),
            geometry: routed.trip.as_ref().map(|trip| line(roads, trip, routed.from.as_ref())),
            steps: routed.trip.as_ref().map(|trip| steps(present, roads, travel, (trip, goal))).unwrap_or_default(),
            from: routed.from.as_ref().map(OnRoad::of),
            to: routed.to.as_ref().map(OnRoad::of),
            unreachable: routed.why_not.as_ref().map(|cause| unreachable(present, cause)),
        }
    }
}

/// Returns the line of a trip; of one that goes nowhere, its place twice.
fn line(roads: &Roads, trip: &Trip, from: Option<&Snap>) -> Value {
    let pair = |position: LonLat| <[f64; 2]>::from(<(f64, f64)>::from(position));
    let mut line: Vec<[f64; 2]> =
        geometry(&roads.graph, trip).into_iter().map(|point| pair(point.position())).collect();
    if line.len() < 2 {
        let here = line.first().copied().or(from.map(|snap| pair(snap.position)));
        line = here.map_or(Vec::new(), |here| vec![here, here]);
    }
    json!({ "type": "LineString", "coordinates": line })
}

fn steps(present: &Present, roads: &Roads, travel: Travel, (trip, goal): (&Trip, LonLat)) -> Vec<StepDoc> {
    let line = geometry(&roads.graph, trip);
    let told = network::steps(&present.costs(roads, travel), trip, Some(goal));
    let mut come = Cost::default();
    let step = |maneuver: Maneuver| {
        let at = line.get(maneuver.at).map_or(goal, |point| point.position());
        // From what is told at one maneuver to what is told at the next: rounded up each for itself, they would not add up.
        let before = travel.slowdown.slowed(come.time);
        come = come + Cost { time: maneuver.time, length: maneuver.length };
        let taken = Millis(travel.slowdown.slowed(come.time).0 - before.0);
        StepDoc {
            zh: maneuver.zh(),
            en: maneuver.en(),
            maneuver: maneuver.kind.word(),
            length_m: maneuver.length.as_metres(),
            duration_s: taken.as_seconds(),
            lon: at.lon(),
            lat: at.lat(),
            name: maneuver.name,
        }
    };
    told.into_iter().map(step).collect()
}

fn unreachable(present: &Present, cause: &Cause) -> UnreachableDoc {
    let word = cause.word();
    let closures: Vec<String> = match cause {
        Cause::Closure { parts } => {
            let mut ids: Vec<String> =
                parts.iter().flat_map(|(edge, _)| present.shut.on(*edge)).map(ToString::to_string).collect();
            ids.sort();
            ids.dedup();
            ids
        }
        Cause::OffNetwork | Cause::Island => Vec::new(),
    };
    let (zh, en) = match cause {
        Cause::OffNetwork => {
            let Sentence { zh, en } = off_network();
            (format!("起点或终点 {zh}"), format!("{en} of one of the two places"))
        }
        Cause::Closure { .. } => ("道路封控阻断，绕不过去".to_owned(), "closed roads leave no way".to_owned()),
        Cause::Island => ("两地之间没有连通的道路".to_owned(), "no road connects the two places".to_owned()),
    };
    UnreachableDoc { cause: word.word(), zh, en, closures }
}

/// What can be reached within times or lengths.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IsochroneBody {
    /// `[lon, lat]` each, at most 200, in `datum`; the nearest of them counts.
    #[serde(default)]
    #[schema(required = true)]
    origins: Vec<[f64; 2]>,
    /// foot | wheelchair | car | truck | emergency.
    #[serde(default)]
    #[schema(required = true)]
    by: String,
    /// Limits in seconds, at most 10.
    #[serde(default)]
    seconds: Option<Vec<f64>>,
    /// Limits in metres, at most 10; instead of seconds.
    #[serde(default)]
    metres: Option<Vec<f64>>,
    /// away (default): what is reached from the origins; origin: from where the origins are reached.
    #[serde(default)]
    toward: Option<String>,
    /// How far an area may reach beyond what is reached, metres, 2–2000; default 30.
    #[serde(default)]
    tolerance_m: Option<f64>,
    /// rain | night | crowd.
    #[serde(default)]
    conditions: Vec<String>,
    /// A factor of your own on all durations.
    #[serde(default)]
    time_factor: Option<f64>,
    /// Datum of the origins: wgs84 (default) | cgcs2000 | gcj02 | bd09.
    #[serde(default)]
    datum: Option<String>,
    /// Datum of the answer: wgs84 (default) | cgcs2000 | gcj02 | bd09.
    #[serde(default)]
    pub datum_out: Option<String>,
}

/// Longest limits: a day, a thousand kilometres.
const LIMITS: [(&str, f64); 2] = [("seconds", 86_400.0), ("metres", 1_000_000.0)];

impl IsochroneBody {
    /// Returns the question, or everything wrong with it.
    pub fn read(self) -> Result<Spread, Vec<Violation>> {
        let mut wrong = Vec::new();
        let datum = datum(self.datum.as_deref(), &mut wrong);
        let origins = positions(("origins", &self.origins), ORIGINS_MAX, datum, &mut wrong);
        let (metric, limits) = match (self.seconds, self.metres) {
            (Some(seconds), None) => (Metric::Time, seconds),
            (None, Some(metres)) => (Metric::Length, metres),
            _ => {
                let (zh, en) = ("请给出 seconds 或 metres，二者取其一", "give seconds or metres: one of the two");
                wrong.push(Violation::new("seconds", "missing", zh, en));
                (Metric::Time, vec![1.0])
            }
        };
        let (field, most) = LIMITS[metric as usize];
        if limits.is_empty() || limits.len() > BANDS_MAX {
            wrong.push(Violation::out_of_range(field, &limits.len().to_string(), &format!("1…{BANDS_MAX}")));
        }
        for (i, limit) in limits.iter().enumerate().filter(|(_, limit)| !(**limit > 0.0 && **limit <= most)) {
            wrong.push(Violation::out_of_range(
                &format!("{field}[{i}]"),
                &limit.to_string(),
                &format!("0 < … ≤ {most}"),
            ));
        }
        let toward = match self.toward.as_deref() {
            None | Some("away") => Toward::Away,
            Some("origin") => Toward::Seeds,
            Some(other) => {
                wrong.push(Violation::not_a_choice("toward", other, "away, origin"));
                Toward::Away
            }
        };
        let tolerance_m = self.tolerance_m.unwrap_or(TOLERANCE_M);
        let [least, greatest] = TOLERANCES_M;
        if !(least..=greatest).contains(&tolerance_m) {
            let range = format!("{least}…{greatest}");
            wrong.push(Violation::out_of_range("tolerance_m", &tolerance_m.to_string(), &range));
        }
        let words = TravelWords {
            by: Some(self.by).filter(|by| !by.is_empty()),
            metric: Some(metric.word().to_owned()),
            conditions: self.conditions,
            time_factor: self.time_factor,
        };
        match words.read() {
            Ok(travel) if wrong.is_empty() => Ok(Spread { origins, toward, limits, tolerance_m, travel }),
            Ok(_) => Err(wrong),
            Err(more) => Err(wrong.into_iter().chain(more).collect()),
        }
    }
}

/// Isochrones: a GeoJSON FeatureCollection, largest band first.
#[derive(Debug, Serialize, ToSchema)]
pub struct IsochroneAnswer {
    /// `FeatureCollection`.
    r#type: &'static str,
    /// Revision of the world that answered; closures count.
    revision: u64,
    /// Datum of all coordinates in this answer.
    datum: &'static str,
    /// Profile.
    by: &'static str,
    /// away | origin.
    toward: &'static str,
    /// Factor on all durations.
    time_factor: f64,
    /// Where the origins lie on the roads; null: no road comes near.
    origins: Vec<Option<OnRoad>>,
    /// The bands.
    features: Vec<BandFeature>,
}

/// A band: a GeoJSON Feature.
#[derive(Debug, Serialize, ToSchema)]
pub struct BandFeature {
    /// `Feature`.
    r#type: &'static str,
    /// Polygon or MultiPolygon; null when nothing is reached.
    #[schema(value_type = Option<Object>)]
    geometry: Option<Value>,
    /// What is said of it.
    properties: BandDoc,
}

/// What is said of a band.
#[derive(Debug, Serialize, ToSchema)]
pub struct BandDoc {
    /// Limit, seconds; null by length.
    seconds: Option<f64>,
    /// Limit, metres; null by time.
    metres: Option<f64>,
    /// Size of the area, square metres.
    area_m2: f64,
    /// People of the demand points that are reached; null when nobody has said who lives where.
    #[schema(value_type = Option<f64>)]
    population: Option<Population>,
    /// Length of road that is reached, metres.
    reached_m: f64,
    /// How far the area may reach beyond what is reached, metres.
    tolerance_m: f64,
}

impl IsochroneAnswer {
    /// Puts isochrones into wire form.
    pub fn of(present: &Present, asked: &Spread, (revision, found): (Revision, &Isochrones)) -> Self {
        let known = !present.world.settled().is_empty();
        let by_time = asked.travel.metric == Metric::Time;
        let bands = found.bands.iter().zip(&found.people).map(|((limit, band), people)| BandFeature {
            r#type: "Feature",
            geometry: (!band.area.0.is_empty()).then(|| write_area(&band.area)),
            properties: BandDoc {
                seconds: by_time.then_some(*limit),
                metres: (!by_time).then_some(*limit),
                area_m2: crate::spatial::area::area_m2(&band.area),
                population: known.then_some(*people),
                reached_m: band.reached_cm() as f64 / 100.0,
                tolerance_m: band.tolerance_m,
            },
        });
        Self {
            r#type: "FeatureCollection",
            revision: revision.0,
            datum: Datum::Wgs84.word(),
            by: asked.travel.profile.word(),
            toward: if asked.toward == Toward::Away { "away" } else { "origin" },
            time_factor: asked.travel.slowdown.factor(),
            origins: found.origins.iter().map(|snap| snap.as_ref().map(OnRoad::of)).collect(),
            features: bands.collect(),
        }
    }
}
