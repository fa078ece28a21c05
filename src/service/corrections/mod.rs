//! Corrections: anyone says that the map is wrong about a place; staff look into it and answer.
//!
//! The live value stays, its confidence drops ([`crate::analysis::freshness`]). A report is a line of the journal, so it
//! is never lost and its answer is on the record; its photograph and the reporter's contact lie beside and are erased some
//! days after the answer (`beside`). Invariants: no account and no personal data is needed, and none is in the journal; whoever has not the receipt number, and is not staff of the place, learns nothing of a report but that one
//! is open; a hidden place is not there for the public; what one caller says of a place again and again, while nobody has
//! answered, is one voice.

mod answer;
mod beside;
mod inbox;
mod photo;
mod throttle;

pub(super) use beside::{drop_all, forget};
pub(super) use inbox::may_read;

pub use answer::{Answer, Answered, Verdict, answer};
pub use inbox::{Filter, Inbox, LIMIT_MAX, Report, Status, inbox, look_up, photo_of};
pub use photo::{BYTES_MAX as PHOTO_BYTES_MAX, Photo, PhotoError};
pub use throttle::{OPEN_MAX, PER_DAY, PER_HOUR, Throttle};

use crate::domain::{
    Actor, Audience, Change, Correction, CorrectionId, CorrectionState, Edit, Fault, Level, LonLat, Proposal, Resource,
    ResourceId, Role, Violation,
};
use crate::service::{App, Error, Submission};
use crate::spatial::geodesic::distance_m;
use crate::world::World;
use beside::Beside;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Farthest from the pin that a place can be said to be, metres: beyond it is another place, or a slip.
pub const FAR_MAX_M: f64 = 20_000.0;

/// A report on its way in; its text has been checked for length.
#[derive(Debug, Clone)]
pub struct NewReport {
    /// What it is about.
    pub resource: ResourceId,
    /// What is said to be wrong.
    pub fault: Fault,
    /// In the reporter's words.
    pub message: String,
    /// Where it is said to be, WGS84.
    pub position: Option<LonLat>,
    /// How to reach the reporter.
    pub contact: Option<String>,
    /// A photograph, as sent.
    pub photo: Option<Vec<u8>>,
}

/// What the reporter gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Number to look the answer up by.
    pub id: CorrectionId,
    /// When an answer is due.
    pub due_at: DateTime<Utc>,
}

/// Takes a report in. `client` names whoever sends it, so that nobody sends without end; staff may.
pub async fn report(app: Arc<App>, actor: Actor, client: String, new: NewReport) -> Result<Receipt, Error> {
    tokio::spawn(async move { take_in(&app, &actor, &client, new).await }).await.map_err(Error::internal)?
}

async fn take_in(app: &App, actor: &Actor, client: &str, new: NewReport) -> Result<Receipt, Error> {
    // Most that is refused is refused before the turn is taken.
    let world = app.world();
    let row = world.resource_for(actor.audience(), &new.resource);
    let place = row.ok_or_else(|| Error::not_found(new.resource.as_str()))?.value.clone();
    refuse_far(&place, new.position)?;
    let photo = new.photo.as_deref().map(Photo::cleaned).transpose().map_err(|e| Error::invalid(e.violation()))?;
    let said = throttle::fingerprint(client, &new);
    // Presses of the same button that come together are told one after another, so that the second sees the first.
    let _turn = app.turn.lock().await;
    app.catch_up().await?;
    let world = app.world();
    let row = world.resource_for(actor.audience(), &new.resource);
    let place = row.ok_or_else(|| Error::not_found(new.resource.as_str()))?.value.clone();
    // The same words again are a second press of the button: the answer is the first one's.
    if let Some(report) = app.throttle.said_before(&said, app.now()).and_then(|id| world.correction(&id)) {
        return Ok(Receipt { id: report.value.id.clone(), due_at: report.value.due_at });
    }
    if world.open_corrections(&place.id) >= OPEN_MAX {
        return Err(throttle::enough(&place));
    }
    if actor.role == Role::Public {
        app.throttle.count_report(client, app.now())?;
    }
    let voice = throttle::voice(client, &place.id);
    let repeats = app.throttle.spoke(&voice, |first| world.speaks(first, &place.id));
    let contact = new.contact.clone();
    let report = Correction { repeats, ..drawn_up(app, &world, &place, new)? };
    let receipt = Receipt { id: report.id.clone(), due_at: report.due_at };
    let first = report.voice().clone();
    keep(app, actor, report, Beside { photo, contact }).await?;
    app.throttle.note_voice(voice, first, app.now());
    app.throttle.note(said, receipt.id.clone(), app.now());
    Ok(receipt)
}

/// Writes a report and lays beside it what is no part of the journal. The caller holds the turn.
async fn keep(app: &App, actor: &Actor, report: Correction, beside: Beside) -> Result<(), Error> {
    let id = report.id.clone();
    beside.lay(app, &id).await?;
    let change = Change::Correction(Edit { before: None, after: Some(Arc::new(report)) });
    let proposals = vec![Proposal { change, expected: None }];
    let written = app.write(actor, Submission { proposals, reason: None, receipt: None }, &|_| {}).await;
    if written.is_err() {
        // What belongs to nothing; should this fail too, `forget` finds it.
        drop_all(app, &id).await;
    }
    written.map(|_| ())
}

fn drawn_up(app: &App, world: &World, place: &Resource, new: NewReport) -> Result<Correction, Error> {
    let mut bits = [0u8; 8];
    getrandom::fill(&mut bits).map_err(|e| Error::internal(e.to_string()))?;
    // A place without a division belongs to whoever its ground belongs to.
    let ground = || world.division_at(place.place.position, Level::Town).map(|row| row.value.code.clone());
    let division = place.division.clone().or_else(ground);
    let now = app.now();
    Ok(Correction {
        id: CorrectionId::from_bits(u64::from_le_bytes(bits)),
        resource: place.id.clone(),
        public: place.is_public(),
        hidden: !place.is_public(),
        repeats: None,
        fault: new.fault,
        message: new.message,
        position: new.position,
        has_contact: new.contact.is_some(),
        reported_at: now,
        due_at: now + app.freshness().settings.due_within(new.fault, division.as_ref()),
        division,
        state: CorrectionState::Open,
        reply: None,
        answered_at: None,
        answered_by: None,
    })
}

/// Returns whether the public does not know of the place of a report now.
pub(super) fn is_hidden(world: &World, report: &Correction) -> bool {
    world.resource_for(Audience::Public, &report.resource).is_none()
}

fn refuse_far(place: &Resource, position: Option<LonLat>) -> Result<(), Error> {
    let Some(position) = position else { return Ok(()) };
    let away_m = distance_m(position, place.place.position);
    if away_m <= FAR_MAX_M {
        return Ok(());
    }
    let (away_km, most_km) = ((away_m / 1000.0).round(), FAR_MAX_M / 1000.0);
    Err(Error::invalid(Violation::new(
        "lon",
        "too_far",
        format!("所报位置距原位置约 {away_km} 公里，超过 {most_km} 公里；请检查经纬度与坐标系，或改报其他场所"),
        format!(
            "the position is about {away_km} km from the pin, more than {most_km} km: check the numbers and the datum, \
             or report another place"
        ),
    )))
}

/// Returns the name of a resource, if the audience may know of it now.
fn name_for(world: &World, audience: Audience, id: &ResourceId) -> Option<String> {
    world.resource_for(audience, id).map(|row| row.value.name.zh.clone())
}
