//! The quarantine inbox, and what somebody with a receipt number is told.
//!
//! Invariants: an inbox holds what its reader may answer and nothing else; a receipt number that is wrong, spelled wrongly
//! or about something that the caller may not know of is the same: not found.

use super::{beside, name_for};
use crate::domain::{
    Actor, Audience, Correction, CorrectionId, CorrectionState, DivisionCode, LonLat, Population, ResourceId, Revision,
    Right, Role, Violation, may,
};
use crate::service::freshness::people;
use crate::service::{App, Error};
use crate::world::Kept;
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::sync::Arc;

/// Longest page.
pub const LIMIT_MAX: usize = 200;

/// What the holder of a receipt is told.
#[derive(Debug, Clone)]
pub struct Status {
    /// The report.
    pub report: Kept<Correction>,
    /// Name of the resource; `None` when the caller may not, or no longer, know of it.
    pub name: Option<String>,
}

/// Which reports are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<CorrectionState>,
    /// Only of this division.
    pub division: Option<DivisionCode>,
    /// Only about this resource.
    pub resource: Option<ResourceId>,
    /// Only what was reported before this one.
    pub before: Option<CorrectionId>,
}

/// One report as staff see it.
#[derive(Debug, Clone)]
pub struct Report {
    /// The report.
    pub report: Kept<Correction>,
    /// Name, revision and position of the resource now; `None` when it is gone.
    pub place: Option<(String, Revision, LonLat)>,
    /// There is a photograph.
    pub has_photo: bool,
    /// How to reach the reporter; `None` when they did not say, or it is erased.
    pub contact: Option<String>,
    /// It waits for its answer longer than it should.
    pub overdue: bool,
    /// People for whom the place is the nearest shelter that could serve; `None` for what is no shelter.
    pub people: Option<Population>,
}

/// A page of the inbox.
#[derive(Debug, Clone)]
pub struct Inbox {
    /// Reports, the newest first.
    pub reports: Vec<Report>,
    /// Receipt to go on before; `None` on the last page.
    pub next: Option<CorrectionId>,
    /// How many wait in the reader's scope, whatever was filtered by.
    pub open: usize,
    /// How many of them are overdue.
    pub overdue: usize,
}

/// Returns what became of a report, to anybody with its receipt number.
pub fn look_up(app: &App, actor: &Actor, client: &str, typed: &str) -> Result<Status, Error> {
    let (now, world) = (app.now(), app.world());
    let audience = actor.audience();
    let told = |row: &&Kept<Correction>| audience == Audience::Staff || row.value.public;
    let found = CorrectionId::parse(typed).and_then(|id| world.correction(&id).filter(told).cloned());
    let Some(report) = found else {
        // Only wrong ones count, and a right one is let through: many may share an address with somebody who guesses,
        // and 60 bits are not guessed.
        if actor.role == Role::Public {
            app.throttle.refuse_guessing(client, now)?;
        }
        app.throttle.count_miss(client, now);
        return Err(Error::not_found("receipt"));
    };
    let name = name_for(&world, audience, &report.value.resource);
    Ok(Status { report, name })
}

/// Returns a page of the inbox of somebody who may answer.
pub async fn inbox(app: &App, actor: &Actor, filter: &Filter, limit: usize) -> Result<Inbox, Error> {
    signed_in(actor)?;
    may(actor, Right::AnswerReports).map_err(Error::Denied)?;
    let people = people(app, Audience::Staff).await?;
    let (world, now) = (app.world(), app.now());
    let mut mine: Vec<&Kept<Correction>> = world.corrections().filter(|row| is_mine(actor, &row.value)).collect();
    let open = mine.iter().filter(|row| row.value.is_open()).count();
    let overdue = mine.iter().filter(|row| is_overdue(&row.value, now)).count();
    let fits = |row: &&Kept<Correction>| {
        let report = &row.value;
        filter.state.is_none_or(|state| report.state == state)
            && filter.resource.as_ref().is_none_or(|id| report.resource == *id)
            && filter.division.as_ref().is_none_or(|d| report.division.as_ref().is_some_and(|c| d.contains(c)))
    };
    mine.retain(fits);
    mine.sort_by_key(|row| Reverse(place_in_line(&row.value)));
    if let Some(before) = &filter.before {
        let last = world.correction(before).ok_or_else(|| unknown_cursor(before))?;
        mine.retain(|row| place_in_line(&row.value) < place_in_line(&last.value));
    }
    let limit = limit.clamp(1, LIMIT_MAX);
    let more = mine.len() > limit;
    mine.truncate(limit);
    let next = mine.last().filter(|_| more).map(|row| row.value.id.clone());
    let mut reports = Vec::with_capacity(mine.len());
    for row in mine {
        let place = world.resource(&row.value.resource);
        let is_shelter = place.is_some_and(|p| p.value.shelter().is_some());
        let near = people.nearest.get(&row.value.resource).copied().unwrap_or(Population::ZERO);
        reports.push(Report {
            has_photo: beside::has_photo(app, &row.value.id).await?,
            contact: if row.value.has_contact { beside::contact(app, &row.value.id).await? } else { None },
            place: place.map(|p| (p.value.name.zh.clone(), p.revision, p.value.place.position)),
            overdue: is_overdue(&row.value, now),
            people: is_shelter.then_some(near),
            report: row.clone(),
        });
    }
    Ok(Inbox { reports, next, open, overdue })
}

/// Returns the photograph of a report, with its media type, to somebody who may answer it.
pub async fn photo_of(app: &Arc<App>, actor: &Actor, typed: &str) -> Result<(String, Vec<u8>), Error> {
    signed_in(actor)?;
    may(actor, Right::AnswerReports).map_err(Error::Denied)?;
    let missing = || Error::not_found("photo");
    let id = CorrectionId::parse(typed).ok_or_else(missing)?;
    let world = app.world();
    world.correction(&id).filter(|row| is_mine(actor, &row.value)).ok_or_else(missing)?;
    beside::photo(app, &id).await?.ok_or_else(missing)
}

/// Refuses the public before it is told which right it lacks.
pub(super) fn signed_in(actor: &Actor) -> Result<(), Error> {
    if actor.role == Role::Public {
        return Err(Error::Unsigned { zh: "收件箱需要登录", en: "the inbox needs a sign-in" });
    }
    Ok(())
}

/// Returns whether somebody may read all that a report says.
pub(in crate::service) fn may_read(actor: &Actor, report: &Correction) -> bool {
    may(actor, Right::AnswerReports).is_ok() && is_mine(actor, report)
}

/// Returns whether a report lies within somebody's scope.
fn is_mine(actor: &Actor, report: &Correction) -> bool {
    actor.scope.as_ref().is_none_or(|scope| report.division.as_ref().is_some_and(|code| scope.contains(code)))
}

fn is_overdue(report: &Correction, now: DateTime<Utc>) -> bool {
    report.is_open() && report.due_at < now
}

fn place_in_line(report: &Correction) -> (DateTime<Utc>, &CorrectionId) {
    (report.reported_at, &report.id)
}

fn unknown_cursor(before: &CorrectionId) -> Error {
    Error::invalid(Violation::new(
        "before",
        "unknown_cursor",
        format!("没有回执号 {before}；请从第一页重新读取"),
        format!("there is no report {before}: read from the first page again"),
    ))
}
