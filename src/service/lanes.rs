//! Lanes: work that keeps a processor busy waits for its turn, so that a few large questions never stop the many small.
//!
//! Invariants: no more runs in a lane than it has places; whoever hangs up while waiting leaves the queue, and what has begun
//! keeps its place until it ends, for it goes on on its thread; nobody fills a lane alone.

use super::{App, Error};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Where a question waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Milliseconds: what somebody asks while he looks on.
    Quick,
    /// Seconds: large matrices, many isochrones, coverage of a district.
    Long,
}

/// What holds in a lane.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Questions that are worked on at once.
    pub places: usize,
    /// Most that are worked on or wait.
    pub inside: usize,
    /// Most of them of one caller.
    pub own: usize,
    /// How long one waits before one is sent away.
    pub patience: Duration,
}

impl Rule {
    /// Returns what holds on a machine with so many processors.
    pub fn of(lane: Lane, processors: usize) -> Self {
        let processors = processors.max(1);
        match lane {
            Lane::Quick => Self {
                places: 4 * processors,
                inside: 256 * processors,
                own: 64 * processors,
                patience: Duration::from_secs(10),
            },
            // A large question spreads over all processors by itself.
            Lane::Long => Self {
                places: processors.div_ceil(4),
                inside: 16 * processors.div_ceil(4),
                own: 4,
                // With the longest that such a question may take, still within the time that any answer has.
                patience: Duration::from_secs(12),
            },
        }
    }
}

/// The lanes of a service.
pub struct Lanes {
    quick: Queue,
    long: Queue,
}

impl Default for Lanes {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let queue = |lane| Queue::new(Rule::of(lane, processors));
        Self { quick: queue(Lane::Quick), long: queue(Lane::Long) }
    }
}

/// Seconds after which somebody who was sent away may try again.
const AGAIN_S: u16 = 5;

/// A lane: who is inside, and the places.
pub struct Queue {
    rule: Rule,
    places: Arc<Semaphore>,
    inside: Arc<Mutex<BTreeMap<String, usize>>>,
}

/// A place in a lane, free again when it is dropped.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    _inside: Inside,
}

struct Inside {
    all: Arc<Mutex<BTreeMap<String, usize>>>,
    who: String,
}

impl Drop for Inside {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&self.who) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                all.remove(&self.who);
            }
        }
    }
}

impl Queue {
    /// Returns an empty lane.
    pub fn new(rule: Rule) -> Self {
        Self { rule, places: Arc::new(Semaphore::new(rule.places)), inside: Arc::default() }
    }

    /// Waits for a place, in order of arrival. [`Error::TooMany`]: the caller has as many inside as he may;
    /// [`Error::Overloaded`]: the lane is full, or no place became free in time.
    pub async fn enter(&self, who: &str) -> Result<Place, Error> {
        let inside = self.join(who)?;
        let waiting = tokio::time::timeout(self.rule.patience, self.places.clone().acquire_owned());
        match waiting.await {
            Ok(Ok(permit)) => Ok(Place { _permit: permit, _inside: inside }),
            _ => Err(overloaded()),
        }
    }

    fn join(&self, who: &str) -> Result<Inside, Error> {
        let mut all = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.get(who).copied().unwrap_or(0);
        if own >= self.rule.own {
            return Err(Error::TooMany {
                after_s: AGAIN_S,
                zh: format!("您已有 {own} 个同类计算正在进行或排队；请等它们结束再提"),
                en: format!(
                    "{own} questions of yours of this size are being worked on or wait: ask again when they end"
                ),
            });
        }
        if all.values().sum::<usize>() >= self.rule.inside {
            return Err(overloaded());
        }
        *all.entry(who.to_owned()).or_default() += 1;
        Ok(Inside { all: self.inside.clone(), who: who.to_owned() })
    }
}

fn overloaded() -> Error {
    Error::Overloaded {
        after_s: AGAIN_S,
        zh: "计算任务排队已满，请稍后重试，或把问题缩小（减少起终点、缩短时限）".to_owned(),
        en: "too many questions wait: try again a little later, or ask a smaller one (fewer places, shorter limits)"
            .to_owned(),
    }
}

impl App {
    /// Does work in a lane, on a thread that answers no requests. `who` is the caller that it counts for.
    pub async fn in_lane<T: Send + 'static>(
        &self,
        (lane, who): (Lane, &str),
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let queue = match lane {
            Lane::Quick => &self.lanes.quick,
            Lane::Long => &self.lanes.long,
        };
        let place = queue.enter(who).await?;
        let working = move || {
            let _place = place;
            work()
        };
        tokio::task::spawn_blocking(working).await.map_err(Error::internal)
    }
}
