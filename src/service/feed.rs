//! The live feed: what changed, to whom it may be told, from any point of the journal on.
//!
//! A listener names the last revision it has seen; what it missed is read from the journal, then it joins live. A
//! listener that falls behind is sent back to the journal, never skipped. A batch too large to be told one by one, or a
//! gap too wide to be replayed, becomes one [`Event::Reset`] that names the layers to load anew. Invariant: an audience
//! is told of nothing it may not see: a thing that becomes hidden is told as removed. How wide a gap is, is counted in
//! the revisions that the audience is told, so that what is hidden can not be felt by asking for one revision or another.

use super::App;
use crate::domain::{Audience, Change, Edit, Entry, Kind, Resource, ResourceId, Revision};
use crate::store::EntryQuery;
use crate::world::World;
use chrono::{DateTime, Utc};
use futures::Stream;
use futures::stream::{self, StreamExt};
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Most revisions replayed from the journal; a wider gap is a reset.
pub const REPLAY_MAX: u64 = 2000;

/// Most changes told one by one from one batch.
const ONE_BY_ONE_MAX: usize = 200;

/// What goes round inside the service.
#[derive(Debug, Clone)]
pub enum News {
    /// Entries that were folded.
    Entries(Arc<[Entry]>),
    /// The world was read anew from the tables.
    Reloaded,
}

/// One thing to tell a listener.
#[derive(Debug, Clone)]
pub enum Event {
    /// Where the stream begins.
    Hello {
        /// Revision that the listener had seen: a line cut right after this must not lose what was still to be told.
        seen: Revision,
        /// Revision of the world, as the audience is told it.
        revision: Revision,
    },
    /// A resource is there, or is otherwise.
    Upsert {
        /// Revision of the change.
        revision: Revision,
        /// When.
        at: DateTime<Utc>,
        /// The resource.
        resource: Arc<Resource>,
    },
    /// A resource is gone, for this audience.
    Remove {
        /// Revision of the change.
        revision: Revision,
        /// When.
        at: DateTime<Utc>,
        /// Kind.
        kind: Kind,
        /// Id.
        id: String,
    },
    /// One report more or fewer waits for an answer about a resource.
    Report {
        /// Revision of the change.
        revision: Revision,
        /// When.
        at: DateTime<Utc>,
        /// The resource.
        resource: ResourceId,
        /// The report waits for its answer.
        open: bool,
    },
    /// These layers are to be loaded anew.
    Reset {
        /// Revision up to which.
        revision: Revision,
        /// Names of layers.
        layers: BTreeSet<&'static str>,
    },
}

impl Event {
    /// Returns the revision that the event brings the listener to.
    pub const fn revision(&self) -> Revision {
        match self {
            Self::Hello { seen: revision, .. }
            | Self::Upsert { revision, .. }
            | Self::Remove { revision, .. }
            | Self::Report { revision, .. }
            | Self::Reset { revision, .. } => *revision,
        }
    }
}

struct Listener {
    app: Arc<App>,
    audience: Audience,
    news: broadcast::Receiver<News>,
    /// Everything up to here has been told or was not for this audience.
    seen: Revision,
    waiting: VecDeque<Event>,
}

/// What a listener needs before it joins live.
enum Start {
    /// Nothing.
    Level,
    /// What it missed.
    Behind,
    /// Everything: it has seen revisions that are not there, so its world is another one.
    Elsewhere,
}

/// Returns the stream of events for an audience after `last` (`None`: from now on). It ends when the service stops.
pub fn listen(app: Arc<App>, audience: Audience, last: Option<Revision>) -> impl Stream<Item = Event> {
    // First listen, then look: what is committed in between is in both and told once.
    let news = app.news.subscribe();
    let world = app.world();
    let revision = world.revision_for(audience);
    let hello = Event::Hello { seen: last.unwrap_or(revision), revision };
    let seen = last.unwrap_or(world.revisions().all);
    let start = match last {
        None => Start::Level,
        Some(last) if last > revision => Start::Elsewhere,
        Some(_) => Start::Behind,
    };
    let listener = Listener { app, audience, news, seen, waiting: VecDeque::from([hello]) };
    stream::unfold((listener, start), |(mut listener, start)| async move {
        match start {
            Start::Level => {}
            Start::Behind => listener.replay().await,
            Start::Elsewhere => listener.reset_all(),
        }
        let event = listener.next().await?;
        Some((event, (listener, Start::Level)))
    })
    .boxed()
}

impl Listener {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            let mut ended = self.app.ended.subscribe();
            let heard = tokio::select! {
                _ = ended.wait_for(|ended| *ended) => return None,
                heard = self.news.recv() => heard,
            };
            match heard {
                Ok(News::Entries(entries)) => {
                    let (world, audience) = (self.app.world(), self.audience);
                    self.tell(&entries, |event| now_told(&world, audience, event));
                }
                Ok(News::Reloaded) => self.reset_all(),
                Err(RecvError::Lagged(_)) => self.replay().await,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Reads what was missed from the journal.
    async fn replay(&mut self) {
        let world = self.app.world();
        let missed = world.revision_for(self.audience).0.saturating_sub(self.seen.0);
        if missed > REPLAY_MAX {
            return self.reset_all();
        }
        if missed > 0 {
            match self.app.store.entries(&EntryQuery::after(self.seen), missed as usize).await {
                Ok(entries) => {
                    let batches = entries.chunk_by(|a, b| a.batch == b.batch);
                    let audience = self.audience;
                    batches.for_each(|batch| self.tell(batch, |event| still_told(&world, audience, event)));
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a listener starts over");
                    return self.reset_all();
                }
            }
        }
        // What lies between is not for this audience.
        self.seen = self.seen.max(world.revisions().all);
    }

    fn tell(&mut self, entries: &[Entry], fits: impl Fn(&Event) -> bool) {
        let fresh = entries.iter().filter(|e| e.revision > self.seen);
        let events: Vec<Event> = fresh.filter_map(|entry| told(self.audience, entry)).filter(fits).collect();
        let changes = events.iter().filter(|e| !matches!(e, Event::Reset { .. })).count();
        if changes > ONE_BY_ONE_MAX || changes < events.len() {
            self.waiting.extend(condensed(events));
        } else {
            self.waiting.extend(events);
        }
        if let Some(last) = entries.last() {
            self.seen = self.seen.max(last.revision);
        }
    }

    fn reset_all(&mut self) {
        let world = self.app.world();
        self.seen = world.revisions().all;
        let layers =
            Kind::ALL.iter().map(|k| k.word()).chain(["divisions", "demand", "corrections", "closures"]).collect();
        self.waiting.push_back(Event::Reset { revision: world.revision_for(self.audience), layers });
    }
}

/// Returns whether an event of this moment may be told: of a report, only to those who may know of its place now.
fn now_told(world: &World, audience: Audience, event: &Event) -> bool {
    match event {
        Event::Report { resource, .. } => world.resource_for(audience, resource).is_some(),
        _ => true,
    }
}

/// Returns whether an event of the past may still be told: what a thing was like is told only to those who may know of
/// it now. That it is gone for them is told in any case.
fn still_told(world: &World, audience: Audience, event: &Event) -> bool {
    match event {
        Event::Upsert { resource, .. } => world.resource_for(audience, &resource.id).is_some(),
        event => now_told(world, audience, event),
    }
}

/// Puts many events into one reset of the layers they touch.
fn condensed(events: Vec<Event>) -> Option<Event> {
    let revision = events.last()?.revision();
    let layers = events
        .iter()
        .flat_map(|event| match event {
            Event::Upsert { resource, .. } => vec![resource.kind().word()],
            Event::Remove { kind, .. } => vec![kind.word()],
            Event::Report { .. } => vec!["corrections"],
            Event::Reset { layers, .. } => layers.iter().copied().collect(),
            Event::Hello { .. } => Vec::new(),
        })
        .collect();
    Some(Event::Reset { revision, layers })
}

/// Returns what an audience is told of one entry.
fn told(audience: Audience, entry: &Entry) -> Option<Event> {
    let revision = entry.revision;
    if audience == Audience::Public && !entry.change.touches_public() {
        return None;
    }
    match &entry.change {
        Change::Resource(edit) => told_resource(audience, entry, edit),
        Change::Division(_) => Some(Event::Reset { revision, layers: BTreeSet::from(["divisions"]) }),
        Change::Demand(_) => Some(Event::Reset { revision, layers: BTreeSet::from(["demand"]) }),
        Change::Closure(_) => Some(Event::Reset { revision, layers: BTreeSet::from(["closures"]) }),
        Change::Correction(edit) => edit.latest().map(|report| Event::Report {
            revision,
            at: entry.at,
            resource: report.resource.clone(),
            open: edit.after.as_ref().is_some_and(|after| after.is_open()),
        }),
    }
}

fn told_resource(audience: Audience, entry: &Entry, edit: &Edit<Resource>) -> Option<Event> {
    let seen = |side: &Option<Arc<Resource>>| side.as_ref().filter(|r| crate::world::visible(audience, r)).cloned();
    let (revision, at) = (entry.revision, entry.at);
    match (seen(&edit.before), seen(&edit.after)) {
        (_, Some(resource)) => Some(Event::Upsert { revision, at, resource }),
        (Some(gone), None) => Some(Event::Remove { revision, at, kind: gone.kind(), id: gone.id.to_string() }),
        (None, None) => None,
    }
}
