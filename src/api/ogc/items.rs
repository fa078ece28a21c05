//! Items of a collection.

use super::collections::Named;
use super::negotiate::{Base, accept};
use crate::api::caller::Caller;
use crate::api::conditional::{tagged, view_tag, viewed};
use crate::api::outward::Outward;
use crate::api::params::Params;
use crate::api::problem::Problem;
use crate::api::wire::PastDoc;
use crate::domain::{DivisionCode, LonLat, Violation};
use crate::exchange::document::vocabulary;
use crate::service::history::{Moment, View};
use crate::service::query::coverage::{Found, gap_of, latest_gap};
use crate::service::query::items::{Collection, Filter, LIMIT_MAX, Page, item as find, page};
use crate::service::{App, Error};
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use geo_types::{Coord, Rect};
use serde_json::{Value, json};
use std::sync::Arc;

const GEOJSON: &str = "application/geo+json";
const OFFERED: [&str; 2] = [GEOJSON, "application/json"];

/// Items of a page when the client does not say.
const LIMIT: u64 = 100;

/// Properties of resources that can be filtered by.
const OF_RESOURCES: [&str; 15] = [
    "code",
    "name",
    "division",
    "level",
    "lifecycle",
    "status",
    "standing",
    "duration",
    "space",
    "hazards",
    "tier",
    "category",
    "readiness",
    "class",
    "synthetic",
];

/// Properties of divisions that can be filtered by.
const OF_DIVISIONS: [&str; 3] = ["code", "name", "level"];

/// Properties of demand points that can be filtered by.
const OF_DEMAND: [&str; 2] = ["code", "division"];

/// Returns the properties that a collection can be filtered by.
pub fn queryables(named: Named) -> &'static [&'static str] {
    match named {
        Named::Kept(Collection::Resources(_)) => &OF_RESOURCES,
        Named::Kept(Collection::Divisions) => &OF_DIVISIONS,
        Named::Kept(Collection::Demand) => &OF_DEMAND,
        Named::Gap => &[],
    }
}

struct Asked {
    filter: Filter,
    limit: usize,
    after: Option<String>,
    outward: Outward,
    moment: Option<Moment>,
    /// The parameters as given, but for the cursor, to carry over into `next`.
    carried: String,
}

/// OGC 要素 — the items of a collection, a page at a time; each property of `/ogc/api` is a filter too.
#[utoipa::path(get, path = "/ogc/collections/{collection}/items", tag = "ogc",
    params(
        ("collection" = String, Path, description = "name of the collection"),
        ("limit" = Option<u32>, Query, description = "items of a page, at most 10000, default 100"),
        ("bbox" = Option<String>, Query, description = "west,south,east,north; west > east crosses the antimeridian"),
        ("datetime" = Option<String>, Query, description = "RFC 3339 time or interval, on observed_at"),
        ("datum" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of the answer, which names it"),
        ("as_of" = Option<String>, Query, description = "the past: a revision or an RFC 3339 time"),
        ("cursor" = Option<String>, Query, description = "go on after this id; as the next link has it"),
        ("f" = Option<String>, Query, description = "json | geojson"),
    ),
    responses((status = 200, content_type = "application/geo+json", body = Object), (status = 304), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn items(
    State(app): State<Arc<App>>,
    caller: Caller,
    base: Base,
    headers: HeaderMap,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let named = Named::find(&name)?;
    let asked = read(&headers, named, query.as_deref())?;
    let audience = caller.audience();
    let view = viewed(&app, audience, asked.moment).await?;
    let tag = view_tag(audience, &view);
    let found = match named {
        Named::Gap => gap_page(&app, &asked, &view).await?,
        Named::Kept(of) => {
            let world = view.world.clone();
            let (after, filter, limit) = (asked.after.clone(), asked.filter.clone(), asked.limit);
            let paging = move || page(&world, audience, of, &filter, after.as_deref(), limit);
            tokio::task::spawn_blocking(paging).await.map_err(Error::internal)?
        }
    };
    Ok(tagged(&headers, audience, &tag, || {
        let mut body = collection_of(&base, &name, &asked, query.as_deref(), found);
        if let Some(past) = view.past {
            body["as_of"] = json!(PastDoc::from(past));
        }
        asked.outward.json(GEOJSON, &body)
    }))
}

fn collection_of(base: &Base, name: &str, asked: &Asked, query: Option<&str>, found: Page) -> Value {
    let path = format!("/ogc/collections/{name}");
    let own = query.map_or_else(String::new, |q| format!("?{q}"));
    let mut links = vec![
        base.link(&format!("{path}/items{own}"), "self", GEOJSON, "this page"),
        base.link(&format!("{path}?f=json"), "collection", "application/json", "the collection"),
    ];
    if let Some(next) = &found.next {
        let cursor: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let query = format!("{}cursor={cursor}", asked.carried);
        links.push(base.link(&format!("{path}/items?{query}"), "next", GEOJSON, "next page"));
    }
    json!({
        "type": "FeatureCollection", "numberMatched": found.matched, "numberReturned": found.features.len(),
        "links": links, "features": found.features,
    })
}

/// OGC 要素 — one item.
#[utoipa::path(get, path = "/ogc/collections/{collection}/items/{item}", tag = "ogc",
    params(("collection" = String, Path, description = "name of the collection"), ("item" = String, Path, description = "id of the item"),
        ("datum" = Option<String>, Query, description = "wgs84 (default) | cgcs2000 | gcj02 | bd09: datum of the answer, which names it"),
        ("as_of" = Option<String>, Query, description = "the past: a revision or an RFC 3339 time"),
        ("f" = Option<String>, Query, description = "json | geojson")),
    responses((status = 200, content_type = "application/geo+json", body = Object), (status = 304), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn item(
    State(app): State<Arc<App>>,
    caller: Caller,
    base: Base,
    headers: HeaderMap,
    Path((name, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let named = Named::find(&name)?;
    let mut params = Params::parse(query.as_deref());
    let (format, outward, moment) = (params.text("f"), Outward::of(&mut params, "datum"), params.as_of());
    params.finish()?;
    accept(&headers, format.as_deref(), &OFFERED)?;
    let audience = caller.audience();
    let view = viewed(&app, audience, moment).await?;
    let tag = view_tag(audience, &view);
    let found = match named {
        Named::Gap => {
            let parts = gap(&app, &view).await?.features(&Filter::default());
            parts.into_iter().find(|f| f["id"].as_str() == Some(&id))
        }
        Named::Kept(of) => find(&view.world, audience, of, &id),
    };
    let mut feature = found.ok_or_else(|| Error::not_found(format!("item {id}")))?;
    let encoded: String = form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20");
    let path = format!("/ogc/collections/{name}");
    if let Some(past) = view.past {
        feature["as_of"] = json!(PastDoc::from(past));
    }
    feature["links"] = json!([
        base.link(&format!("{path}/items/{encoded}?f=json"), "self", GEOJSON, "this item"),
        base.link(&format!("{path}?f=json"), "collection", "application/json", "the collection"),
    ]);
    Ok(tagged(&headers, audience, &tag, || outward.json(GEOJSON, &feature)))
}

async fn gap(app: &Arc<App>, view: &View) -> Result<Arc<Found>, Error> {
    if view.past.is_none() { latest_gap(app).await } else { gap_of(view.world.clone()).await }
}

async fn gap_page(app: &Arc<App>, asked: &Asked, view: &View) -> Result<Page, Problem> {
    let all = gap(app, view).await?.features(&asked.filter);
    let matched = all.len();
    let seen = |f: &Value| f["id"].as_str() <= asked.after.as_deref();
    let mut rest = all.into_iter().skip_while(seen);
    let features: Vec<Value> = rest.by_ref().take(asked.limit).collect();
    let last = features.last().and_then(|f| f["id"].as_str()).map(str::to_owned);
    Ok(Page { features, matched, next: last.filter(|_| rest.next().is_some()) })
}

fn read(headers: &HeaderMap, named: Named, query: Option<&str>) -> Result<Asked, Problem> {
    let mut params = Params::parse(query);
    let format = params.text("f");
    // OGC 17-069r4 /req/core/fc-limit-response-1: a limit above the server's own is brought down to it.
    let limit = params.at_least("limit", 1).unwrap_or(LIMIT).min(LIMIT_MAX as u64) as usize;
    let boxes = params.text("bbox").map(|text| boxes(&mut params, &text)).unwrap_or_default();
    let (from, until) = params.text("datetime").map(|text| interval(&mut params, &text)).unwrap_or_default();
    let (after, outward, moment) = (params.text("cursor"), Outward::of(&mut params, "datum"), params.as_of());
    let names = queryables(named).iter();
    let properties = names.filter_map(|name| Some(((*name).to_owned(), property(&mut params, name)?))).collect();
    params.finish()?;
    accept(headers, format.as_deref(), &OFFERED)?;
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).filter(|(name, _)| name != "cursor");
    let mut carried = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if !carried.is_empty() {
        carried.push('&');
    }
    Ok(Asked { filter: Filter { boxes, from, until, properties }, limit, after, outward, moment, carried })
}

/// Reads the value that a property must have. One that no item can ever have is refused: nothing found would be taken
/// for an answer.
fn property(params: &mut Params, name: &'static str) -> Option<String> {
    let text = params.text(name)?;
    let choices: Vec<&str> = match name {
        "synthetic" => vec!["true", "false"],
        _ => vocabulary(name).into_iter().map(|[word, ..]| word).collect(),
    };
    if !choices.is_empty() && !choices.contains(&text.as_str()) {
        return params.refuse(Violation::not_a_choice(name, &text, &choices.join(", ")));
    }
    match DivisionCode::parse(&text) {
        Err(violation) if name == "division" => params.refuse(violation),
        _ => Some(text),
    }
}

/// Reads a box of 4 numbers (or 6, whose heights are left aside). West greater than east crosses the antimeridian.
pub fn boxes(params: &mut Params, text: &str) -> Vec<Rect<f64>> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse::<f64>().ok()).collect();
    let corners = match numbers.as_deref() {
        Some([w, s, e, n]) | Some([w, s, _, e, n, _]) => Some((*w, *s, *e, *n)),
        _ => None,
    };
    let Some((west, south, east, north)) = corners else {
        let shown: String = text.chars().take(60).collect();
        params.refuse::<()>(Violation::new(
            "bbox",
            "bad_bbox",
            format!("bbox 应为 4 个（或 6 个）数字：西,南,东,北；收到 {shown}"),
            format!("bbox takes 4 (or 6) numbers west,south,east,north, not {shown}"),
        ));
        return Vec::new();
    };
    for corner in [LonLat::new(west, south), LonLat::new(east, north)] {
        if let Err(violation) = corner {
            params.refuse::<()>(Violation { field: "bbox".to_owned(), ..violation });
            return Vec::new();
        }
    }
    if south > north {
        params.refuse::<()>(Violation::out_of_range("bbox", &format!("{south} > {north}"), "south ≤ north"));
        return Vec::new();
    }
    let rect = |w: f64, e: f64| Rect::new(Coord { x: w, y: south }, Coord { x: e, y: north });
    if west <= east { vec![rect(west, east)] } else { vec![rect(west, 180.0), rect(-180.0, east)] }
}

type Interval = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Reads an instant or an interval `from/until`, either end open by `..` or nothing (RFC 3339).
fn interval(params: &mut Params, text: &str) -> Interval {
    let end = |part: &str| match part.trim() {
        "" | ".." => Some(None),
        moment => DateTime::parse_from_rfc3339(moment).ok().map(|at| Some(at.with_timezone(&Utc))),
    };
    let read = match text.split_once('/') {
        Some((from, until)) => end(from).zip(end(until)),
        None => end(text).filter(Option::is_some).map(|at| (at, at)),
    };
    let ordered = |(from, until): &Interval| !matches!((from, until), (Some(f), Some(u)) if f > u);
    let open = |(from, until): &Interval| from.is_none() && until.is_none();
    match read.filter(ordered).filter(|i| !open(i) || text.trim() == "../..") {
        Some(interval) => interval,
        None => {
            let shown: String = text.chars().take(60).collect();
            params.refuse::<()>(Violation::new(
                "datetime",
                "bad_datetime",
                format!("datetime 应为 RFC 3339 时间或区间，如 2026-01-01T00:00:00Z/..；收到 {shown}"),
                format!("datetime takes an RFC 3339 time or interval such as 2026-01-01T00:00:00Z/.., not {shown}"),
            ));
            (None, None)
        }
    }
}
