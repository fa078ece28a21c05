//! `GET /api/live`: changes as they happen (Server-Sent Events).
//!
//! `id:` is the revision; a client that comes back with `Last-Event-ID` gets what it missed from the journal.

use super::caller::{Caller, Standing};
use super::params::Params;
use super::problem::Problem;
use crate::domain::{Audience, Revision, Violation};
use crate::exchange::geometry::write_point;
use crate::service::feed::{self, Event as News};
use crate::service::{App, view};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Pause between comments that keep the line open.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Credentials are looked at anew at most this often.
const LOOKED_EVERY: Duration = Duration::from_millis(500);

/// Most listeners at once before the public is sent away.
const PUBLIC_LISTENERS_MAX: usize = 5000;

/// 实时变更 — Server-Sent Events: `hello`, `change`, `report`, `reset`.
#[utoipa::path(get, path = "/api/live", tag = "live",
    params(
        ("Last-Event-ID" = Option<String>, Header, description = "last revision seen; what was missed is replayed"),
        ("last_event_id" = Option<u64>, Query, description = "the same, for clients that can not set the header"),
    ),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 400, body = Problem), (status = 503, body = Problem)))]
pub async fn live(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let mut params = Params::parse(query.as_deref());
    let asked = params.whole("last_event_id", 0, u64::MAX);
    if let Some(header) = headers.get("last-event-id") {
        let seen = header.to_str().ok().and_then(|text| text.trim().parse().ok());
        if seen.is_none() {
            params.refuse::<()>(Violation::new(
                "Last-Event-ID",
                "not_a_number",
                "应为修订号（数字）",
                "must be a revision",
            ));
        }
        params.finish()?;
        return stream(app, (&caller, Standing::of(&headers)), seen.map(Revision));
    }
    params.finish()?;
    stream(app, (&caller, Standing::of(&headers)), asked.map(Revision))
}

fn stream(
    app: Arc<App>,
    (caller, standing): (&Caller, Standing),
    last: Option<Revision>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, Problem> {
    // A crowd of the public must not keep the command centre off the line.
    if caller.audience() == Audience::Public && app.listeners() >= PUBLIC_LISTENERS_MAX {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "实时连接已满 / Too many listeners",
            format!(
                "上限 {PUBLIC_LISTENERS_MAX}；请稍后再试，或定时刷新 / the limit is {PUBLIC_LISTENERS_MAX}: try later, or ask again now and then"
            ),
        ));
    }
    let (asked, mut looked) = (app.clone(), Instant::now());
    let events = feed::listen(app, caller.audience(), last).take_while(move |_| {
        // Before each event, but not for each of a crowd: who has lost his right is told nothing more.
        let due = looked.elapsed() >= LOOKED_EVERY;
        if due {
            looked = Instant::now();
        }
        let (app, standing) = (asked.clone(), standing.clone());
        async move { !due || standing.holds(&app).await }
    });
    let events = events.map(|news| Ok(told(&news)));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

fn told(news: &News) -> Event {
    let revision = news.revision();
    let event = Event::default().id(revision.to_string());
    let (name, body) = match news {
        News::Hello { revision: now, .. } => ("hello", json!({ "revision": now })),
        News::Upsert { at, resource, .. } => (
            "change",
            json!({
                "revision": revision, "op": "upsert", "kind": resource.kind(), "id": resource.id, "at": at,
                "feature": {
                    "type": "Feature", "id": resource.id,
                    "geometry": write_point(resource.place.position),
                    "properties": view::slim(resource),
                },
            }),
        ),
        News::Remove { at, kind, id, .. } => (
            "change",
            json!({ "revision": revision, "op": "remove", "kind": kind, "id": id, "at": at, "feature": null }),
        ),
        News::Report { at, resource, open, .. } => {
            ("report", json!({ "revision": revision, "resource": resource, "open": open, "at": at }))
        }
        News::Reset { layers, .. } => ("reset", json!({ "revision": revision, "kinds": layers })),
    };
    event.event(name).data(body.to_string())
}
