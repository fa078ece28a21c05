//! Room on the desk: how many files, bytes and rows it holds, and what makes way for another file.
//!
//! A written file is a report and no longer in anybody's way: as many are kept as there may be files, the oldest goes
//! first. Of the others, those that rest and were not asked for in [`IDLE_FOR`] make way, the longest forgotten first: the
//! caller's own for the caller's, and anybody's when the desk is full for everybody. Invariants: what is being previewed or
//! written, or was just asked for, never makes way; whoever comes back for what made way is told so.

use super::super::Error;
use super::super::error::Halt;
use super::{BYTES_MAX, Desk, IDLE_FOR, PREVIEW_ROWS_MAX, UPLOADS_MAX, Upload};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

type Uploads = BTreeMap<String, Arc<Upload>>;

/// Departed files that are remembered.
const DEPARTED_MAX: usize = 400;

/// A file that made way.
pub(super) struct Departed {
    id: String,
    owner: String,
    name: String,
}

impl Desk {
    /// Makes room for a file of `bytes`, or says how it is to be made.
    pub(super) fn make_room(&self, owner: &str, bytes: usize, now: DateTime<Utc>) -> Result<(), Error> {
        let (room, gone) = self.with(|uploads| make_room(uploads, (owner, bytes), now));
        self.remember(gone);
        room
    }

    /// Puts a file on the desk, if there is still room for it.
    pub(super) fn place(&self, upload: Arc<Upload>, now: DateTime<Utc>) -> Result<Arc<Upload>, Error> {
        let (placed, gone) = self.with(|uploads| {
            let (room, gone) = make_room(uploads, (&upload.owner, upload.size), now);
            if room.is_ok() {
                uploads.insert(upload.id.clone(), upload.clone());
            }
            (room.map(|()| upload), gone)
        });
        self.remember(gone);
        placed
    }

    fn remember(&self, gone: Vec<Departed>) {
        let mut departed = self.departed.lock().unwrap_or_else(PoisonError::into_inner);
        departed.extend(gone);
        let over = departed.len().saturating_sub(DEPARTED_MAX);
        departed.drain(..over);
    }

    /// Returns why a file of `owner` is not there.
    pub(super) fn why_gone(&self, owner: &str, id: &str) -> Error {
        let departed = self.departed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(gone) = departed.iter().find(|gone| gone.id == id && gone.owner == owner) else {
            return Error::not_found("import");
        };
        let (name, minutes) = (&gone.name, IDLE_FOR.num_minutes());
        Error::Halted {
            why: Halt::MadeWay,
            zh: format!("“{name}”闲置超过 {minutes} 分钟，已为其他文件让位，内容没有写入；请重新上传"),
            en: format!(
                "`{name}` lay idle for more than {minutes} minutes and made way for another file; nothing of it was written: upload it again"
            ),
        }
    }

    /// Returns whether a preview of `rows` rows fits beside the others; reports of written files make way for it.
    pub(super) fn has_room_for(&self, rows: usize) -> bool {
        self.with(|uploads| {
            let kept = |uploads: &Uploads| uploads.values().map(|upload| upload.rows_kept()).sum::<usize>();
            while kept(uploads) + rows > PREVIEW_ROWS_MAX {
                let written = oldest(uploads, |upload| upload.is_committed() && upload.rows_kept() > 0);
                let Some(id) = written else { return false };
                uploads.remove(&id);
            }
            true
        })
    }
}

/// Returns whether there is room now, and what made way for it.
fn make_room(
    uploads: &mut Uploads,
    (owner, bytes): (&str, usize),
    now: DateTime<Utc>,
) -> (Result<(), Error>, Vec<Departed>) {
    let mine = |upload: &Upload| upload.owner == owner;
    // One place is kept for the file that is coming, which will be written too.
    keep_reports(uploads, UPLOADS_MAX[0] - 1, mine);
    keep_reports(uploads, UPLOADS_MAX[1] - 1, |_| true);
    let mut gone = Vec::new();
    let room = clear(uploads, ((0, bytes), now), mine, &mut gone).ok_or_else(own_is_full);
    let room = room.and_then(|()| clear(uploads, ((1, bytes), now), |_| true, &mut gone).ok_or_else(all_is_full));
    (room, gone)
}

/// Lets idle files go until another one of `bytes` keeps the limit `which`; `None` when too few of them are idle.
fn clear(
    uploads: &mut Uploads,
    (limit, now): ((usize, usize), DateTime<Utc>),
    counts: impl Fn(&Upload) -> bool,
    gone: &mut Vec<Departed>,
) -> Option<()> {
    let idle_since_ms = (now - IDLE_FOR).timestamp_millis();
    let idle = |upload: &Upload| counts(upload) && upload.rests() && upload.touched_ms() <= idle_since_ms;
    while is_full(uploads, limit, &counts) {
        let upload = uploads.remove(&oldest(uploads, idle)?)?;
        gone.push(Departed { id: upload.id.clone(), owner: upload.owner.clone(), name: upload.name.clone() });
    }
    Some(())
}

/// Lets the oldest reports of written files go until at most `most` are left.
fn keep_reports(uploads: &mut Uploads, most: usize, counts: impl Fn(&Upload) -> bool) {
    let written = |upload: &Upload| upload.is_committed() && counts(upload);
    while uploads.values().filter(|upload| written(upload)).count() > most {
        let Some(id) = oldest(uploads, written) else { return };
        uploads.remove(&id);
    }
}

/// Returns whether another file of `bytes` goes beyond the limit `which`, counting what is not written yet.
fn is_full(uploads: &Uploads, (which, bytes): (usize, usize), counts: impl Fn(&Upload) -> bool) -> bool {
    let counted = uploads.values().filter(|upload| !upload.is_committed() && counts(upload));
    let (files, size) = counted.fold((0, 0), |(files, size), upload| (files + 1, size + upload.size));
    files >= UPLOADS_MAX[which] || size + bytes > BYTES_MAX[which]
}

/// Returns the id of the one that nobody asked for the longest.
fn oldest(uploads: &Uploads, counts: impl Fn(&Upload) -> bool) -> Option<String> {
    let counted = uploads.values().filter(|upload| counts(upload));
    counted.min_by_key(|upload| upload.touched_ms()).map(|upload| upload.id.clone())
}

fn own_is_full() -> Error {
    let (files, mib, minutes) = (UPLOADS_MAX[0], BYTES_MAX[0] >> 20, IDLE_FOR.num_minutes());
    Error::TooLarge {
        zh: format!(
            "每人最多同时保留 {files} 个未写入的文件、共 {mib} MiB；请先提交或删除不用的上传，或等 {minutes} 分钟：闲置的会自动让位"
        ),
        en: format!(
            "one caller may keep {files} files of {mib} MiB together that are not written: commit or delete uploads that are not needed, or wait {minutes} minutes, after which idle ones make way"
        ),
    }
}

fn all_is_full() -> Error {
    let (files, mib, minutes) = (UPLOADS_MAX[1], BYTES_MAX[1] >> 20, IDLE_FOR.num_minutes());
    Error::TooLarge {
        zh: format!(
            "服务器上待处理的文件已满（{files} 个、共 {mib} MiB），且都在使用；闲置 {minutes} 分钟的会自动让位，请稍后再传"
        ),
        en: format!(
            "the desk is full ({files} files, {mib} MiB together) and all of them are in use: those left idle for {minutes} minutes make way, send the file later"
        ),
    }
}
