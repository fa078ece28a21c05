//! Closing roads and opening them again: one line of the journal, effective with the next question.
//!
//! Invariants: a closure that shuts no road is refused where there are roads to shut, with the distance to the nearest; the
//! answer to closing one tells what it does, worked out on both sides of the change; a repeated request with the same
//! `Idempotency-Key` makes no second closure; nobody who writes waits while effects are worked out.

mod check;
mod effect;

pub use check::{CLOSURES_MAX, LINES_MAX_M};
pub use effect::{Effect, Hit, Household, LISTED_MAX, effects};

use super::edit::{receipt_key, refuse_other};
use super::roads::Present;
use super::{App, Error, Submission};
use crate::domain::{
    Actor, Change, Closure, ClosureCause, ClosureId, ClosureShape, DivisionCode, Edit, Level, LonLat, ProfileSet,
    Proposal, Revision, Role,
};
use crate::network::{Centimetres, Millis};
use crate::store::{EntryQuery, Receipt, ReceiptKey};
use crate::world::{Kept, Row, World};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio::sync::Mutex;

/// A closure on its way in.
#[derive(Debug, Clone)]
pub struct NewClosure {
    /// Where.
    pub shape: ClosureShape,
    /// Who can not pass.
    pub profiles: ProfileSet,
    /// Why, as a word.
    pub cause: ClosureCause,
    /// Why, in words.
    pub reason: String,
    /// Depth of standing water, centimetres.
    pub depth_cm: Option<u16>,
    /// From when.
    pub from: Option<DateTime<Utc>>,
    /// Until when.
    pub to: Option<DateTime<Utc>>,
    /// Who or what it is known from.
    pub source: Option<String>,
    /// It is invented.
    pub synthetic: bool,
}

/// What came of closing or opening.
pub struct Outcome {
    /// The closure.
    pub closure: Kept<Closure>,
    /// What it does, by profile; empty without roads, or while it is not in force.
    pub effects: Vec<Effect>,
    /// Length of road that it shuts; `None` without roads.
    pub length: Option<Centimetres>,
    /// It was there already: the request is a repetition.
    pub repeated: bool,
    /// State of things after.
    pub present: Present,
}

/// Whose turn it is to have effects worked out: one after the other, for each takes all processors.
#[derive(Default)]
pub(super) struct Turn(Mutex<()>);

/// Closes roads.
pub async fn close(
    app: Arc<App>,
    actor: Actor,
    new: NewClosure,
    (key, delayed_over): (Option<String>, Millis),
) -> Result<Outcome, Error> {
    tokio::spawn(async move { carry_out(&app, &actor, new, (key, delayed_over)).await })
        .await
        .map_err(Error::internal)?
}

async fn carry_out(
    app: &Arc<App>,
    actor: &Actor,
    new: NewClosure,
    (key, delayed_over): (Option<String>, Millis),
) -> Result<Outcome, Error> {
    refuse_public(actor)?;
    let turn = app.turn.lock().await;
    app.catch_up().await?;
    let before = app.present();
    let receipt = receipt_key(actor, key.as_deref(), &format!("closure {new:?}"))?;
    if let Some(key) = &receipt
        && let Some(kept) = app.store.receipt(&key.key).await?
    {
        refuse_other(key, &kept)?;
        return repeated(app, before, kept).await;
    }
    let now = app.now();
    let closure = Arc::new(drawn_up(&before.world, now, new)?);
    check::refuse_crowd(&before.world, now)?;
    let wrong = check::violations(&before, now, &closure).await?;
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let (id, profiles, reason) = (closure.id.clone(), closure.profiles, closure.reason.clone());
    let edit = Edit { before: None, after: Some(closure) };
    write(app, actor, (edit, None), (Some(reason), receipt)).await?;
    let world = app.world();
    drop(turn);
    let after = roads_in(app, world, now).await?;
    let row = after.world.closure(&id).cloned().ok_or_else(|| Error::not_found(id.to_string()))?;
    let effects = told(app, (before, after.clone()), (profiles, actor.clone()), delayed_over).await?;
    Ok(Outcome { closure: row, effects, length: length_of(&after, &id), repeated: false, present: after })
}

/// Opens roads again: the effects are of what is regained, as if the roads now open had just been closed.
pub async fn lift(app: Arc<App>, actor: Actor, id: ClosureId, reason: Option<String>) -> Result<Outcome, Error> {
    let lifting = async move {
        refuse_public(&actor)?;
        let turn = app.turn.lock().await;
        app.catch_up().await?;
        let before = app.present();
        let row = before.world.closure(&id).cloned().ok_or_else(|| Error::not_found(id.to_string()))?;
        let edit = Edit { before: Some(row.value.clone()), after: None };
        write(&app, &actor, (edit, Some(row.revision)), (reason, None)).await?;
        let world = app.world();
        drop(turn);
        let after = roads_in(&app, world, before.at).await?;
        let length = length_of(&before, &id);
        let asked = (row.value.profiles, actor);
        let effects = told(&app, (after.clone(), before), asked, DELAY).await?;
        Ok(Outcome { closure: row, effects, length, repeated: false, present: after })
    };
    tokio::spawn(lifting).await.map_err(Error::internal)?
}

/// A delay that is told when nobody says which, 5 minutes.
pub const DELAY: Millis = Millis(300_000);

fn refuse_public(actor: &Actor) -> Result<(), Error> {
    if actor.role != Role::Public {
        return Ok(());
    }
    Err(Error::Unsigned {
        zh: "封控道路需要登录或令牌", en: "closing roads needs a session or a bearer token"
    })
}

async fn write(
    app: &App,
    actor: &Actor,
    (edit, expected): (Edit<Closure>, Option<Revision>),
    (reason, receipt): (Option<String>, Option<ReceiptKey>),
) -> Result<(), Error> {
    let proposals = vec![Proposal { change: Change::Closure(edit), expected }];
    app.write(actor, Submission { proposals, reason, receipt }, &|_| {}).await.map(|_| ())
}

/// Answers a request that was carried out before, from the line of the journal that it became.
async fn repeated(app: &App, present: Present, kept: Receipt) -> Result<Outcome, Error> {
    let at = EntryQuery { up_to: Some(kept.last), newest_first: true, ..EntryQuery::default() };
    let entry = app.store.entries(&at, 1).await?.into_iter().next();
    let written = entry.and_then(|entry| match entry.change {
        Change::Closure(Edit { after: Some(closure), .. }) => Some((closure, entry.revision)),
        _ => None,
    });
    let (value, revision) = written.ok_or_else(|| Error::internal("a receipt of a closure names no closure"))?;
    let id = value.id.clone();
    // It may have been lifted since: the answer is then of what was written.
    let written = || Arc::new(Row { revision, public_revision: revision, value });
    let closure = present.world.closure(&id).cloned().unwrap_or_else(written);
    Ok(Outcome { closure, effects: Vec::new(), length: length_of(&present, &id), repeated: true, present })
}

/// Returns a world with the roads as they stand in it, worked out on a thread that answers no requests.
async fn roads_in(app: &Arc<App>, world: Arc<World>, at: DateTime<Utc>) -> Result<Present, Error> {
    let app = app.clone();
    tokio::task::spawn_blocking(move || app.roads_in(world, at)).await.map_err(Error::internal)
}

/// Works the effects out on a thread that answers no requests.
async fn told(
    app: &App,
    (before, after): (Present, Present),
    (profiles, actor): (ProfileSet, Actor),
    delayed_over: Millis,
) -> Result<Vec<Effect>, Error> {
    let Some(roads) = app.roads() else { return Ok(Vec::new()) };
    if Arc::ptr_eq(&before.shut, &after.shut) {
        return Ok(Vec::new());
    }
    let _turn = app.effects.0.lock().await;
    let work = move || effects(&roads, (&before, &after), (profiles, actor.audience()), delayed_over);
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// Returns the length that a closure shuts in the present.
pub fn length_of(present: &Present, id: &ClosureId) -> Option<Centimetres> {
    present.roads.as_ref()?;
    present.shut.parts_of(id).map(super::roads::Shut::length_of)
}

fn drawn_up(world: &World, now: DateTime<Utc>, new: NewClosure) -> Result<Closure, Error> {
    let mut bits = [0u8; 8];
    getrandom::fill(&mut bits).map_err(|e| Error::internal(e.to_string()))?;
    let (id, division) = (ClosureId::from_bits(u64::from_le_bytes(bits)), division_of(world, &new.shape));
    let NewClosure { shape, profiles, cause, reason, depth_cm, from, to, source, synthetic } = new;
    Ok(Closure { id, shape, profiles, cause, reason, depth_cm, from, to, source, division, created_at: now, synthetic })
}

/// Returns the town that all of a shape lies in, or else the district; `None` where it lies in several or in none.
fn division_of(world: &World, shape: &ClosureShape) -> Option<DivisionCode> {
    let corners: Vec<LonLat> = match shape {
        ClosureShape::Point(at) => vec![*at],
        ClosureShape::Lines(lines) => lines.iter().flatten().copied().collect(),
        ClosureShape::Area(area) => {
            area.iter().flat_map(|part| &part.exterior().0).map(|c| LonLat::clamped(c.x, c.y)).collect()
        }
    };
    [Level::Town, Level::District].into_iter().find_map(|level| {
        let mut codes = corners.iter().map(|at| world.division_at(*at, level).map(|row| row.value.code.clone()));
        let first = codes.next()??;
        codes.all(|code| code.as_ref() == Some(&first)).then_some(first)
    })
}
