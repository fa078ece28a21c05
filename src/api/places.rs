//! `GET /api/places`: places by what somebody types.

use super::caller::Caller;
use super::outward::Outward;
use super::params::Params;
use super::problem::Problem;
use super::wire::PlacesAnswer;
use crate::domain::{Kind, Violation};
use crate::service::query::places::{LIMIT_MAX, QUERY_MAX, Request, is_pair_without_numbers, places as find};
use crate::service::{App, Error};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use std::sync::Arc;

/// 地点搜索 — names, roads, crossings, addresses, divisions, resources and coordinates; Chinese, pinyin, initials, typing errors.
#[utoipa::path(get, path = "/api/places", tag = "map",
    params(
        ("q" = String, Query, description = "what is looked for: part of a name, pinyin or its initials (`sj`), two streets (`人民路 乐都路`), an address (`文诚路500号`), coordinates (`121.23, 31.03`), a code or its beginning (`SJ-BN-`); words in any order, traditional or simplified characters; at most 100 characters"),
        ("lon" = Option<f64>, Query, description = "经度 longitude, degrees, in `datum`: whence; nearer places come first"),
        ("lat" = Option<f64>, Query, description = "纬度 latitude, degrees, in `datum`"),
        ("kind" = Option<String>, Query, description = "kinds of resources to look for besides places, comma-separated; default all"),
        ("limit" = Option<u32>, Query, description = "1–50, default 10"),
        ("datum" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of lon and lat and of coordinates in q"),
        ("datum_out" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of the answer, which names it"),
    ),
    responses((status = 200, body = PlacesAnswer), (status = 400, body = Problem)))]
pub async fn places(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref());
    let datum = params.datum();
    let outward = Outward::of(&mut params, "datum_out");
    let near = params.position_if_any(datum);
    let limit = params.whole("limit", 1, LIMIT_MAX as u64).unwrap_or(10) as usize;
    let kinds = params.words("kind", Kind::from_word, Kind::choices());
    let typed = typed(&mut params);
    params.finish()?;
    let request = Request { typed: typed.unwrap_or_default(), near, datum, limit, kinds, audience: caller.audience() };
    let answering = move || {
        let (revision, found) = find(&app, &request);
        outward.json("application/json", &PlacesAnswer::of(revision, found))
    };
    Ok(tokio::task::spawn_blocking(answering).await.map_err(Error::internal)?)
}

fn typed(params: &mut Params) -> Option<String> {
    let typed = params.required("q")?;
    if typed.chars().count() > QUERY_MAX {
        let wanted = (format!("1…{QUERY_MAX} 个字符"), format!("1…{QUERY_MAX} characters"));
        return params.refuse(Violation::outside("q", "…", (&wanted.0, &wanted.1)));
    }
    if typed.chars().any(char::is_control) {
        return params.refuse(Violation::new(
            "q",
            "control_character",
            "q 含有控制字符；请只输入名称、地址、拼音或坐标",
            "q holds control characters: type a name, an address, pinyin or coordinates only",
        ));
    }
    if is_pair_without_numbers(&typed) {
        return params.refuse(Violation::new(
            "q",
            "not_a_number",
            format!("“{typed}”像一对坐标，但其中有的不是数字或没有止境；请输入如 121.23, 31.03 的坐标，或只输入名称"),
            format!("`{typed}` looks like coordinates, but not both are finite numbers: type them like 121.23, 31.03, or type a name"),
        ));
    }
    Some(typed)
}
