//! The past as it was: worlds at a revision or a time, as an audience may see them.
//!
//! A world of the past is read from the journal, which costs a second; so the last few are kept, one is read at a time,
//! and of a crowd that asks for the same only the first reads. Invariants: what is kept is bounded; the public is shown
//! of the past only what is public then and now ([`World::as_public_in`]), and no revision that it could not see.

use super::{entry, revision_at};
use crate::domain::{Audience, Revision, Violation};
use crate::service::{App, Error};
use crate::world::World;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Worlds of the past that are kept.
pub const WORLDS_KEPT: usize = 4;

/// Most who may wait for a world to be read.
const WAITING_MAX: usize = 64;

/// A moment that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Right after a revision.
    Revision(Revision),
    /// At a time.
    Time(DateTime<Utc>),
}

impl Moment {
    /// Reads a revision number or an RFC 3339 time.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Revision(Revision(number)));
        }
        // In the query of an address a plus sign that is not encoded arrives as a blank.
        let read = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        read.map(|at| Self::Time(at.with_timezone(&Utc))).map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            Violation::new(
                "as_of",
                "bad_moment",
                format!("as_of 应为修订号（如 841）或带时区的时间（如 2026-05-01T08:00:00+08:00）；收到 {shown}"),
                format!("as_of takes a revision such as 841 or a time such as 2026-05-01T08:00:00+08:00, not {shown}"),
            )
        })
    }
}

/// Which past an answer speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Revision, as the audience is told it.
    pub revision: Revision,
    /// The time asked for, or that of the revision; ages count back from here.
    pub at: DateTime<Utc>,
}

/// A world to answer from.
pub struct View {
    /// The world.
    pub world: Arc<World>,
    /// What ages count back from.
    pub now: DateTime<Utc>,
    /// Set when it is not the present.
    pub past: Option<Past>,
    /// Revision of the present as the audience is told it.
    pub present: Revision,
}

/// Worlds of the past that were read. The key of a public one holds the revision that decided what is public now.
#[derive(Default)]
pub struct Archive {
    kept: Mutex<VecDeque<(Key, Arc<World>)>>,
    reading: tokio::sync::Mutex<()>,
    waiting: AtomicUsize,
}

type Key = (Revision, Option<Revision>);

impl Archive {
    fn get(&self, key: Key) -> Option<Arc<World>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(k, _)| *k == key)?;
        let found = kept.remove(at)?;
        let world = found.1.clone();
        kept.push_front(found);
        Some(world)
    }

    fn put(&self, key: Key, world: Arc<World>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((key, world));
        kept.truncate(WORLDS_KEPT);
    }
}

/// Counts one who waits, until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl App {
    /// Returns the world as it was right after a revision, which must not be later than the present one.
    pub async fn world_as_of(&self, revision: Revision) -> Result<Arc<World>, Error> {
        let present = self.world();
        if revision == present.revisions().all {
            return Ok(present);
        }
        self.kept_or((revision, None), async || {
            let tables = self.store.load(Some(revision)).await?;
            tokio::task::spawn_blocking(move || World::from_tables(tables)).await.map_err(Error::internal)
        })
        .await
    }

    /// Returns what an audience may see: the present, or the past at a moment.
    pub async fn view(&self, audience: Audience, moment: Option<Moment>) -> Result<View, Error> {
        let world = self.world();
        let present = world.revision_for(audience);
        let Some(moment) = moment else { return Ok(View { world, now: self.now(), past: None, present }) };
        let revision = self.revision_of(moment, present).await?;
        let then = self.world_as_of(revision).await?;
        let then = match audience {
            Audience::Staff => then,
            Audience::Public => self.public_past(then, world).await?,
        };
        let told = then.revision_for(audience);
        let at = match moment {
            Moment::Time(at) => at,
            // The time of a revision that the public can not see is none of its business either.
            Moment::Revision(_) => entry(self, told).await?.map(|entry| entry.at).ok_or_else(before_everything)?,
        };
        Ok(View { world: then, now: at, past: Some(Past { revision: told, at }), present })
    }

    async fn public_past(&self, then: Arc<World>, now: Arc<World>) -> Result<Arc<World>, Error> {
        if then.revisions() == now.revisions() {
            return Ok(then);
        }
        let key = (then.revisions().all, Some(now.revisions().public));
        self.kept_or(key, async || {
            let filtering = move || then.as_public_in(&now);
            tokio::task::spawn_blocking(filtering).await.map_err(Error::internal)
        })
        .await
    }

    /// Returns a kept world, or makes it while all others who want one wait.
    async fn kept_or(&self, key: Key, make: impl AsyncFnOnce() -> Result<World, Error>) -> Result<Arc<World>, Error> {
        if let Some(world) = self.archive.get(key) {
            return Ok(world);
        }
        let before_me = self.archive.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.archive.waiting);
        if before_me >= WAITING_MAX {
            return Err(Error::TooMany {
                after_s: 5,
                zh: "同时回看历史的请求过多，请稍后再试".to_owned(),
                en: "too many are looking back at once: try again shortly".to_owned(),
            });
        }
        let _turn = self.archive.reading.lock().await;
        if let Some(world) = self.archive.get(key) {
            return Ok(world);
        }
        let world = Arc::new(make().await?);
        self.archive.put(key, world.clone());
        Ok(world)
    }

    /// Returns the revision of a moment; the future and what lies before the first entry are refused.
    async fn revision_of(&self, moment: Moment, present: Revision) -> Result<Revision, Error> {
        let revision = match moment {
            Moment::Revision(revision) if revision > present => {
                return Err(Error::invalid(Violation::new(
                    "as_of",
                    "in_the_future",
                    format!("尚无第 {revision} 修订，现为第 {present} 修订"),
                    format!("there is no revision {revision} yet: the present one is {present}"),
                )));
            }
            Moment::Revision(revision) => revision,
            Moment::Time(at) if at > self.now() => {
                let at = at.to_rfc3339();
                return Err(Error::invalid(Violation::new(
                    "as_of",
                    "in_the_future",
                    format!("{at} 晚于当前时间"),
                    format!("{at} lies in the future"),
                )));
            }
            Moment::Time(at) => revision_at(self, at).await?,
        };
        if revision.0 == 0 { Err(before_everything()) } else { Ok(revision) }
    }
}

fn before_everything() -> Error {
    Error::invalid(Violation::new(
        "as_of",
        "before_everything",
        "那时还没有任何记录；请选择更晚的时间或修订号",
        "nothing was recorded by then: choose a later time or revision",
    ))
}
