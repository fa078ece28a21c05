//! Room on the desk: how many files, bytes and rows it holds, and what makes way for another file.
//!
//! A written file is a report and no longer in anybody's way: as many are kept as there may be files, the oldest goes
//! first. Of the others, those of the caller that rest and were not asked for in [`IDLE_FOR`] make way, the longest
//! forgotten first. Invariant: what is being previewed or written, and what is somebody else's, never makes way.

use super::super::Error;
use super::{BYTES_MAX, Desk, IDLE_FOR, PREVIEW_ROWS_MAX, UPLOADS_MAX, Upload};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;

type Uploads = BTreeMap<String, Arc<Upload>>;

impl Desk {
    /// Makes room for a file of `bytes`, or says how it is to be made.
    pub(super) fn make_room(&self, owner: &str, bytes: usize, now: DateTime<Utc>) -> Result<(), Error> {
        self.with(|uploads| make_room(uploads, (owner, bytes), now))
    }

    /// Puts a file on the desk, if there is still room for it.
    pub(super) fn place(&self, upload: Arc<Upload>, now: DateTime<Utc>) -> Result<Arc<Upload>, Error> {
        self.with(|uploads| {
            make_room(uploads, (&upload.owner, upload.size), now)?;
            uploads.insert(upload.id.clone(), upload.clone());
            Ok(upload)
        })
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

fn make_room(uploads: &mut Uploads, (owner, bytes): (&str, usize), now: DateTime<Utc>) -> Result<(), Error> {
    let mine = |upload: &Upload| upload.owner == owner;
    // One place is kept for the file that is coming, which will be written too.
    keep_reports(uploads, UPLOADS_MAX[0] - 1, mine);
    keep_reports(uploads, UPLOADS_MAX[1] - 1, |_| true);
    let idle_since_ms = (now - IDLE_FOR).timestamp_millis();
    while is_full(uploads, (0, bytes), mine) {
        let idle = |upload: &Upload| mine(upload) && upload.rests() && upload.touched_ms() <= idle_since_ms;
        let Some(id) = oldest(uploads, idle) else { return Err(own_is_full()) };
        uploads.remove(&id);
    }
    if is_full(uploads, (1, bytes), |_| true) {
        return Err(Error::TooLarge {
            zh: "服务器上待处理的文件已满，请稍后再传".to_owned(),
            en: "the desk is full: send the file later".to_owned(),
        });
    }
    Ok(())
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
