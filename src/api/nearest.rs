//! `GET /api/nearest`: the nearest resources that really serve, with the reasons for those that do not.

use super::caller::Caller;
use super::conditional::viewed;
use super::outward::Outward;
use super::params::Params;
use super::problem::Problem;
use super::wire::{NearestAnswer, Reasoned};
use crate::analysis::serving::{Asked, Need, Openness};
use crate::domain::Datum;
use crate::domain::{Hazard, Kind, Violation};
use crate::service::App;
use crate::service::history::Moment;
use crate::spatial::crs::uncertainty_m;
use crate::world::nearest::{K_MAX, Request, Unknowns, nearest as search};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use std::sync::Arc;

/// Farthest `within_m`: half way round the Earth.
const WITHIN_MAX_M: f64 = 20_037_508.0;

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
        ("by" = Option<String>, Query, description = "air (default): straight line on the ellipsoid"),
        ("party" = Option<u32>, Query, description = "people who need a place"),
        ("hazard" = Option<String>, Query, description = "the event; sites that do not suit it are refused"),
        ("needs" = Option<String>, Query, description = "accessible, pets, indoor or facilities; comma-separated"),
        ("open" = Option<bool>, Query, description = "only sites that are open now"),
        ("within_m" = Option<f64>, Query, description = "no farther than this, metres"),
        ("unknown" = Option<String>, Query, description = "last (default) | include | exclude: sites about which something asked for is not known"),
        ("as_of" = Option<String>, Query, description = "the past: a revision or an RFC 3339 time; ages count back from then"),
        ("explain" = Option<bool>, Query, description = "list every closer site that was refused, with the reason"),
    ),
    responses((status = 200, body = NearestAnswer), (status = 400, body = Problem)))]
pub async fn nearest(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let Asking { request, reasoned, moment, given_in, outward } = read(query.as_deref(), &caller)?;
    let view = viewed(&app, request.audience, moment).await?;
    let rule = app.freshness().settings.rule();
    let answering = move || {
        let answer = search(&view.world, &request);
        let mut answer = NearestAnswer::of(&view, &rule, (&request, answer), reasoned);
        answer.origin_uncertainty_m = uncertainty_m(&given_in.into());
        outward.json("application/json", &answer)
    };
    let answer = tokio::task::spawn_blocking(answering).await.map_err(crate::service::Error::internal)?;
    Ok(answer)
}

/// What was asked, of which moment, and in which datum it is to be answered.
struct Asking {
    request: Request,
    reasoned: Reasoned,
    moment: Option<Moment>,
    given_in: Datum,
    outward: Outward,
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
    by_air(&mut params);
    let moment = params.as_of();
    params.finish()?;
    Ok(Asking { request, reasoned, moment, given_in, outward })
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

/// Refuses every way of travelling but the straight line.
fn by_air(params: &mut Params) {
    if let Some(by) = params.text("by").filter(|by| by != "air") {
        params.refuse::<()>(Violation::not_a_choice("by", &by, "air"));
    }
}
