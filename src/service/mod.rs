//! Floor 6: the use cases, and the only place where the world (memory that answers) and the store (memory that
//! survives) meet.
//!
//! One write path: validate, permit, commit, apply, publish, reply, in that order, one writer at a time. One query path:
//! take the world once, answer from it alone. A follower folds what other processes wrote into the same world.

pub mod accounts;
mod border;
pub mod closures;
pub mod corrections;
pub mod datum;
mod derived;
pub mod desk;
pub mod edit;
pub mod error;
pub mod export;
pub mod feed;
pub mod feeds;
pub mod freshness;
pub mod grids;
pub mod ground;
pub mod history;
pub mod import;
mod inward;
pub mod lanes;
pub mod query;
pub mod roads;
pub mod seed;
mod seen;
pub mod token;
pub mod view;

pub use error::Error;

use crate::domain::{Actor, Proposal, Revision, permit};
use crate::store::{Batch, Committed, EntryQuery, Progress, ReceiptKey, Store};
use crate::world::World;
use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::{DateTime, Utc};
use feed::News;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, broadcast, watch};

/// Most entries folded one by one when behind; farther behind, the tables are read anew.
const FOLD_MAX: u64 = 20_000;

/// Batches of news kept for slow listeners before they are sent back to the journal.
const NEWS_KEPT: usize = 256;

/// Pause after the store failed, before it is asked again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The running service: a store, the world made from it, and who listens.
pub struct App {
    store: Arc<dyn Store>,
    world: ArcSwap<World>,
    /// Held while a batch is committed and folded, so that worlds follow one another in order.
    turn: Mutex<()>,
    news: broadcast::Sender<News>,
    clock: fn() -> DateTime<Utc>,
    following: AtomicBool,
    ended: watch::Sender<bool>,
    layers: query::layers::Cache,
    tiles: query::tiles::Cache,
    ground: ArcSwapOption<ground::Ground>,
    names: query::places::Cache,
    roads: ArcSwapOption<roads::Roads>,
    standing: roads::Standing,
    effects: closures::Turn,
    gap: query::coverage::GapCache,
    tokens: token::LastSeen,
    archive: history::Archive,
    settings: freshness::Kept,
    people: freshness::PeopleCache,
    throttle: corrections::Throttle,
    imports: desk::Desk,
    feeds: feeds::Feeds,
    desk: accounts::Desk,
    lanes: lanes::Lanes,
}

/// What somebody wants written.
pub struct Submission {
    /// The changes.
    pub proposals: Vec<Proposal>,
    /// Why.
    pub reason: Option<String>,
    /// The client's name for the request.
    pub receipt: Option<ReceiptKey>,
}

impl App {
    /// Loads the world from a store.
    pub async fn open(store: Arc<dyn Store>, clock: fn() -> DateTime<Utc>) -> Result<Arc<Self>, Error> {
        let world = Self::read(&*store).await?;
        let app = Arc::new(Self {
            store,
            world: ArcSwap::from_pointee(world),
            turn: Mutex::new(()),
            news: broadcast::Sender::new(NEWS_KEPT),
            clock,
            following: AtomicBool::new(true),
            ended: watch::Sender::new(false),
            layers: query::layers::Cache::default(),
            tiles: query::tiles::Cache::default(),
            ground: ArcSwapOption::empty(),
            names: query::places::Cache::default(),
            roads: ArcSwapOption::empty(),
            standing: roads::Standing::default(),
            effects: closures::Turn::default(),
            gap: query::coverage::GapCache::default(),
            tokens: token::LastSeen::default(),
            imports: desk::Desk::default(),
            feeds: feeds::Feeds::default(),
            desk: accounts::Desk::default(),
            lanes: lanes::Lanes::default(),
            archive: history::Archive::default(),
            settings: freshness::Kept::default(),
            people: freshness::PeopleCache::default(),
            throttle: corrections::Throttle::default(),
        });
        app.look_after_settings().await?;
        Ok(app)
    }

    /// Returns the present world; take it once per request.
    pub fn world(&self) -> Arc<World> {
        self.world.load_full()
    }

    /// Returns the time by the service's clock.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Returns what is held in memory about accounts.
    pub fn accounts_desk(&self) -> &accounts::Desk {
        &self.desk
    }

    /// Returns the store, for tokens and receipts.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Returns whether the store answered the follower the last time it was asked.
    pub fn is_following(&self) -> bool {
        self.following.load(Ordering::Relaxed)
    }

    /// Commits, folds and announces. The caller holds the turn, has validated, and asks for permission here.
    async fn write(&self, actor: &Actor, submission: Submission, progress: Progress<'_>) -> Result<Committed, Error> {
        let world = self.world();
        for proposal in &submission.proposals {
            permit(actor, &proposal.change).map_err(Error::Denied)?;
            border::keep_within(&world, actor, &proposal.change).map_err(Error::Denied)?;
        }
        let batch = Batch {
            actor: actor.name.clone(),
            at: self.now(),
            reason: submission.reason,
            proposals: submission.proposals,
            receipt: submission.receipt,
        };
        let committed = self.store.commit(&batch, progress).await?;
        self.fold(committed.entries.clone()).await?;
        Ok(committed)
    }

    /// Folds committed entries into the world and announces them. When another process wrote in between, what it wrote
    /// is read from the journal first.
    async fn fold(&self, entries: Vec<crate::domain::Entry>) -> Result<(), Error> {
        let follows = entries.first().is_some_and(|e| e.revision == self.world().revisions().all.next());
        if follows { self.take_in(entries).await } else { self.catch_up().await }
    }

    async fn take_in(&self, entries: Vec<crate::domain::Entry>) -> Result<(), Error> {
        let world = self.world();
        let entries: Arc<[crate::domain::Entry]> = entries.into();
        let folding = entries.clone();
        // Folding a large import takes a while: not on a thread that answers requests.
        let next = tokio::task::spawn_blocking(move || world.apply(&folding)).await.map_err(Error::internal)?;
        self.world.store(Arc::new(next.map_err(Error::internal)?));
        // No listener is no fault.
        let _ = self.news.send(News::Entries(entries));
        Ok(())
    }

    /// Brings the world up to the journal. The caller holds the turn.
    async fn catch_up(&self) -> Result<(), Error> {
        let seen = self.world().revisions().all;
        let there = self.store.revisions().await?.all;
        if there.0.saturating_sub(seen.0) > FOLD_MAX {
            let world = Self::read(&*self.store).await?;
            self.world.store(Arc::new(world));
            let _ = self.news.send(News::Reloaded);
            return Ok(());
        }
        let entries = self.store.entries(&EntryQuery::after(seen), FOLD_MAX as usize).await?;
        if entries.is_empty() { Ok(()) } else { self.take_in(entries).await }
    }

    async fn read(store: &dyn Store) -> Result<World, Error> {
        let tables = store.load(None).await?;
        tokio::task::spawn_blocking(move || World::from_tables(tables)).await.map_err(Error::internal)
    }

    /// Brings the world up to the journal, now.
    pub async fn refresh(&self) -> Result<(), Error> {
        let _turn = self.turn.lock().await;
        self.catch_up().await
    }

    /// Follows the journal for ever: what other processes write becomes visible here. End it by dropping the task.
    pub async fn follow(self: Arc<Self>) {
        loop {
            let seen: Revision = self.world().revisions().all;
            let outcome = match self.store.wait(seen).await {
                Ok(()) => self.look_around().await,
                Err(error) => Err(error.into()),
            };
            let well = outcome.is_ok();
            if self.following.swap(well, Ordering::Relaxed) != well {
                match outcome {
                    Ok(()) => tracing::info!("following the journal again"),
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, "can not follow the journal")
                    }
                }
            }
            if !well {
                tokio::time::sleep(RETRY_AFTER).await;
            }
        }
    }

    async fn look_around(&self) -> Result<(), Error> {
        self.look_after_settings().await?;
        self.refresh_if_behind().await
    }

    async fn refresh_if_behind(&self) -> Result<(), Error> {
        if self.store.revisions().await?.all > self.world().revisions().all { self.refresh().await } else { Ok(()) }
    }

    /// Returns how many listen to the live feed.
    pub fn listeners(&self) -> usize {
        self.news.receiver_count()
    }

    /// Ends every live stream, so that the process can stop.
    pub fn stop_telling(&self) {
        self.ended.send_replace(true);
    }

    /// Closes the store.
    pub async fn close(&self) {
        self.store.close().await;
    }
}
