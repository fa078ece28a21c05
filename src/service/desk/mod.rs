//! The desk: files that somebody brought, looked into, previewed, and then committed or thrown away.
//!
//! An upload lives in memory for an hour and belongs to whoever brought it: for anybody else it is not there. A preview is
//! a job on a thread of its own; what it planned is what a commit writes, in one batch, or nothing of it; then only the
//! report is kept. Invariants: uploads, their bytes, the rows of their previews and the jobs that run at once all have
//! limits, for one caller and for all together (`room`); a request that hangs up does not stop a commit half-way.

mod annotated;
mod commit;
mod fields;
mod mapping;
mod preview;
mod room;
mod rows;
mod suggest;
mod upload;

pub use annotated::annotated;
pub use commit::{Committal, RefusedRows, commit};
pub use fields::{FieldDoc, fields};
pub use mapping::{MAPPINGS_MAX, Mapping, drop_mapping, mapping, mappings, put_mapping};
pub use preview::{Asked, Failure, Inside, Preview, State, start};
pub use rows::{PAGE_MAX, Page, RowFilter, page};
pub use upload::{Upload, UploadFacts};

use super::{App, Error};
use crate::domain::{Actor, Right, Violation, may};
use chrono::{DateTime, TimeDelta, Utc};
use room::Departed;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Largest file, bytes.
pub const UPLOAD_MAX: usize = 128 * 1024 * 1024;

/// How long an upload is kept.
pub const KEPT_FOR: TimeDelta = TimeDelta::hours(1);

/// Most uploads of one caller, and of all. Written ones are counted by themselves, to as many.
pub const UPLOADS_MAX: [usize; 2] = [8, 40];

/// Most bytes of the uploads of one caller, and of all.
pub const BYTES_MAX: [usize; 2] = [256 * 1024 * 1024, 768 * 1024 * 1024];

/// A file that nobody asked for in this time makes room for another one: of its owner, and when the desk is full for
/// everybody, of anybody.
pub const IDLE_FOR: TimeDelta = TimeDelta::minutes(10);

/// Most rows that the previews of all uploads hold together.
pub const PREVIEW_ROWS_MAX: usize = 1_000_000;

/// Jobs that work at once; others wait their turn.
const JOBS: usize = 2;

/// Uploads that are received at once.
pub const RECEIVING: usize = 4;

/// What lies on the desk.
pub struct Desk {
    uploads: Mutex<BTreeMap<String, Arc<Upload>>>,
    /// What made way for other files, so that its owner is told when they come back for it.
    departed: Mutex<VecDeque<Departed>>,
    jobs: Semaphore,
    receiving: Semaphore,
}

impl Default for Desk {
    fn default() -> Self {
        let (uploads, departed) = Default::default();
        Self { uploads, departed, jobs: Semaphore::new(JOBS), receiving: Semaphore::new(RECEIVING) }
    }
}

impl Desk {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Arc<Upload>>) -> T) -> T {
        work(&mut self.uploads.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets what has been kept long enough. What is being written is not forgotten.
    fn sweep(&self, now: DateTime<Utc>) {
        self.with(|uploads| uploads.retain(|_, upload| upload.expires_at > now || upload.is_committing()));
    }
}

impl App {
    /// Asks whether somebody may import at all, and for a place to receive a file; it is free again when the place is
    /// dropped.
    pub fn receive(&self, actor: &Actor) -> Result<tokio::sync::SemaphorePermit<'_>, Error> {
        may(actor, Right::Import).map_err(refused)?;
        self.imports.receiving.try_acquire().map_err(|_| Error::TooLarge {
            zh: format!("正在接收 {RECEIVING} 个文件，请稍后再传"),
            en: format!("{RECEIVING} files are being received: send it a little later"),
        })
    }

    /// Puts a file on the desk.
    pub async fn bring(self: &Arc<Self>, actor: &Actor, name: String, bytes: Arc<[u8]>) -> Result<Arc<Upload>, Error> {
        may(actor, Right::Import).map_err(refused)?;
        let (now, owner) = (self.now(), actor.name.clone());
        self.imports.sweep(now);
        check_name(&name)?;
        self.imports.make_room(&owner, bytes.len(), now)?;
        let looking = move || Upload::new(owner, name, bytes, now);
        let upload = Arc::new(tokio::task::spawn_blocking(looking).await.map_err(Error::internal)??);
        self.imports.place(upload, now)
    }

    /// Returns an upload of the actor.
    pub fn upload(&self, actor: &Actor, id: &str) -> Result<Arc<Upload>, Error> {
        may(actor, Right::Import).map_err(refused)?;
        self.imports.sweep(self.now());
        let found = self.imports.with(|uploads| uploads.get(id).cloned());
        let found = found.filter(|upload| upload.owner == actor.name);
        let own = found.ok_or_else(|| self.imports.why_gone(&actor.name, id))?;
        own.touch(self.now());
        Ok(own)
    }

    /// Throws an upload of the actor away.
    pub fn throw_away(&self, actor: &Actor, id: &str) -> Result<(), Error> {
        let upload = self.upload(actor, id)?;
        if upload.is_committing() {
            return Err(busy());
        }
        self.imports.with(|uploads| uploads.remove(id));
        Ok(())
    }
}

/// Turns a denial into an error: without credentials one is asked for them.
pub(super) fn refused(denial: crate::domain::Denial) -> Error {
    if denial.missing == "sign_in" {
        return Error::Unsigned { zh: "此操作需要登录或令牌", en: "this needs a sign-in or a bearer token" };
    }
    Error::Denied(denial)
}

fn busy() -> Error {
    Error::Halted {
        why: super::error::Halt::Busy,
        zh: "该文件正在预览或写入，请等它结束".to_owned(),
        en: "the file is being previewed or written: wait for it to end".to_owned(),
    }
}

/// Longest name of a file, characters.
const NAME_MAX: usize = 200;

fn check_name(name: &str) -> Result<(), Error> {
    let fits = (1..=NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits {
        return Ok(());
    }
    Err(Error::invalid(Violation::new(
        "name",
        "bad_name",
        format!("文件名应为 1–{NAME_MAX} 个字符"),
        format!("the name of a file takes 1–{NAME_MAX} characters"),
    )))
}
