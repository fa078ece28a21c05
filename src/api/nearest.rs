//! `GET /api/nearest`: the nearest resources that really serve, with the reasons for those that do not.

use super::caller::Caller;
use super::conditional::viewed;
use super::origin::Client;
use super::outward::Outward;
use super::params::Params;
use super::problem::Problem;
use super::travel::TravelWords;
use super::wire::{NearestAnswer, Reasoned};
use crate::analysis::serving::{Asked, Need, Openness};
use crate::domain::Datum;
use crate::domain::{Hazard, Kind, Violation};
use crate::network::Metric;
use crate::service::App;
use crate::service::history::Moment;
use crate::service::lanes::Lane;
use crate::service::roads::Travel;
use crate::service::roads::ask::nearest_by_road;
use crate::spatial::crs::uncertainty_m;
use crate::world::nearest::{K_MAX, Request, Unknowns, nearest as search};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use std::sync::Arc;

/// Farthest `within_m`: half way round the Earth.
const WITHIN_MAX_M: f64 = 20_037_508.0;

/// Longest `within_s`: a week.
const WITHIN_MAX_S: f64 = 604_800.0;

/// Largest party.
const PARTY_MAX: u64 = 1_000_000;

/// 最近可用资源 — the k nearest that really serve, and every closer one that does not, with its reason.
#[utoipa::path(get, path = "/api/nearest", tag = "query",
    params(
        ("lon" = f64, Query, description = "经度 longitude, degrees, in `datum`"),
        ("lat" = f64, Query, description = "纬度 latitude, degrees, in `datum`"),
        ("datum" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of lon and lat"),
        ("datum_out" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of the answer, which names it"),
        ("k" = Option<u32>, Query, description = "how many, 1–100, default 5"),
        ("kind" = Option<String>, Query, description = "shelter (default), warehouse, storage_point, team, site; comma-separated"),
        ("by" = Option<String>, Query, description = "air (default): straight line on the ellipsoid; foot, wheelchair, car, truck, emergency: by road"),
        ("metric" = Option<String>, Query, description = "by road: time (default) | length"),
        ("conditions" = Option<String>, Query, description = "by road: rain, night, crowd; comma-separated; each makes everything slower by a stated factor"),
        ("time_factor" = Option<f64>, Query, description = "by road: a factor of your own on all durations, 0.1–20"),
        ("within_s" = Option<f64>, Query, description = "by road and time: no longer than this, seconds"),
        ("within_length_m" = Option<f64>, Query, description = "by road and length: no longer than this, metres"),
        ("party" = Option<u32>, Query, description = "people who need a place"),
        ("hazard" = Option<String>, Query, description = "the event; sites that do not suit it are refused"),
        ("needs" = Option<String>, Query, description = "accessible, pets, indoor or facilities; comma-separated"),
        ("open" = Option<bool>, Query, description = "only sites that are open now"),
        ("within_m" = Option<f64>, Query, description = "no farther than this in a straight line, metres"),
        ("unknown" = Option<String>, Query, description = "last (default) | include | exclude: sites about which something asked for is not known"),
        ("as_of" = Option<String>, Query, description = "the past: a revision or an RFC 3339 time; ages count back from then"),
        ("explain" = Option<bool>, Query, description = "list every closer site that was refused, with the reason"),
    ),
    responses((status = 200, body = NearestAnswer), (status = 400, body = Problem), (status = 503, body = Problem)))]
pub async fn nearest(
    State(app): State<Arc<App>>,
    caller: Caller,
    client: Client,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let Asking { request, reasoned, moment, given_in, outward, by_road } = read(query.as_deref(), &caller)?;
    let roads = by_road.map(|_| app.roads_wanted()).transpose()?;
    let view = viewed(&app, request.audience, moment).await?;
    let rule = app.freshness().settings.rule();
    let asking = app.clone();
    let answering = move || {
        let mut answer = match roads.zip(by_road) {
            None => {
                let found = search(&view.world, &request);
                NearestAnswer::of(&view, &rule, (&request, found), reasoned)
            }
            Some((roads, Roadwise { travel, within })) => {
                let present = asking.roads_in(view.world.clone(), view.now);
                let found = nearest_by_road(&present, (&roads, travel), within, &request);
                NearestAnswer::by_road(&view, &rule, (&request, found, travel), reasoned)
            }
        };
        answer.origin_uncertainty_m = uncertainty_m(&given_in.into());
        outward.json("application/json", &answer)
    };
    Ok(app.in_lane((Lane::Quick, &caller.who(&client)), answering).await?)
}

/// What was asked, of which moment, and in which datum it is to be answered.
struct Asking {
    request: Request,
    reasoned: Reasoned,
    moment: Option<Moment>,
    given_in: Datum,
    outward: Outward,
    by_road: Option<Roadwise>,
}

/// How it is asked by road.
#[derive(Clone, Copy)]
struct Roadwise {
    travel: Travel,
    /// No farther than this: seconds or metres, by the metric.
    within: Option<f64>,
}

fn read(query: Option<&str>, caller: &Caller) -> Result<Asking, Problem> {
    let mut params = Params::parse(query);
    let given_in = params.datum();
    let outward = Outward::of(&mut params, "datum_out");
    let origin = params.position(given_in);
    let request = Request {
        origin: origin.unwrap_or(crate::domain::LonLat::clamped(0.0, 0.0)),
        k: params.whole("k", 1, K_MAX as u64).unwrap_or(5) as usize,
        kinds: kinds(&mut params),
        asked: Asked {
            party: params.whole("party", 1, PARTY_MAX).map(|n| n as u32),
            hazard: params.word("hazard", Hazard::from_word, Hazard::choices()),
            needs: params.words("needs", Need::from_word, Need::choices()),
            openness: if params.flag("open") { Openness::OpenNow } else { Openness::OpenOrCouldOpen },
        },
        unknowns: params.word("unknown", unknowns, "last, include, exclude".to_owned()).unwrap_or_default(),
        within_m: params.number("within_m", 0.0, WITHIN_MAX_M),
        audience: caller.audience(),
    };
    let reasoned = if params.flag("explain") { Reasoned::Yes } else { Reasoned::No };
    let by_road = by_road(&mut params);
    let moment = params.as_of();
    params.finish()?;
    Ok(Asking { request, reasoned, moment, given_in, outward, by_road })
}

fn kinds(params: &mut Params) -> Vec<Kind> {
    let kinds = params.words("kind", Kind::from_word, Kind::choices());
    if kinds.is_empty() { vec![Kind::Shelter] } else { kinds }
}

fn unknowns(word: &str) -> Option<Unknowns> {
    match word {
        "last" => Some(Unknowns::Last),
        "include" => Some(Unknowns::Include),
        "exclude" => Some(Unknowns::Exclude),
        _ => None,
    }
}

/// Reads how it is asked by road; `None` for the straight line.
fn by_road(params: &mut Params) -> Option<Roadwise> {
    let words = TravelWords::of(params);
    let within_s = params.number("within_s", 0.0, WITHIN_MAX_S);
    let within_length_m = params.number("within_length_m", 0.0, WITHIN_MAX_M);
    let travel = match words.by_road() {
        Ok(travel) => travel,
        Err(wrong) => wrong.into_iter().find_map(|violation| params.refuse(violation)),
    };
    let (fits, other) = match travel.map(|t| t.metric) {
        Some(Metric::Time) => (within_s, within_length_m.map(|_| "within_length_m")),
        Some(Metric::Length) => (within_length_m, within_s.map(|_| "within_s")),
        None => (None, within_s.map(|_| "within_s").or(within_length_m.map(|_| "within_length_m"))),
    };
    if let Some(name) = other {
        params.refuse::<()>(Violation::new(
            name,
            "does_not_fit",
            "within_s 用于按时间（metric=time）、within_length_m 用于按路程（metric=length）的道路查询；直线用 within_m",
            "within_s goes with metric=time, within_length_m with metric=length, both by road; a straight line takes within_m",
        ));
    }
    travel.map(|travel| Roadwise { travel, within: fits })
}
