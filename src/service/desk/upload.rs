//! One file on the desk: its bytes, what was found in them, and how far it has come.
//!
//! Invariant: once it is written it holds its report alone; the bytes and the rows of the preview are gone.

use super::super::error::Halt;
use super::super::{Error, token};
use super::preview::{Preview, State};
use super::{Committal, KEPT_FOR, Mapping, UPLOAD_MAX, suggest};
use crate::exchange::{Inspection, inspect};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What is told of a file once it is there.
#[derive(Debug, Clone)]
pub struct UploadFacts {
    /// Word of what its rows probably are.
    pub kind: Option<&'static str>,
    /// What is in it.
    pub inspection: Inspection,
}

/// One file.
pub struct Upload {
    /// Its id, which can not be guessed.
    pub id: String,
    /// Name of whoever brought it.
    pub owner: String,
    /// Name of the file.
    pub name: String,
    /// Its size, bytes.
    pub size: usize,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// What was found in it.
    pub facts: UploadFacts,
    /// When it is forgotten.
    pub expires_at: DateTime<Utc>,
    /// Its bytes, until it is written.
    bytes: Mutex<Option<Arc<[u8]>>>,
    state: Mutex<State>,
    /// When somebody last asked for it, milliseconds of the Unix epoch.
    touched_ms: AtomicI64,
    done: AtomicUsize,
    total: AtomicUsize,
}

impl Upload {
    /// Looks into a file; one that can not be read at all is refused.
    pub(super) fn new(owner: String, name: String, bytes: Arc<[u8]>, now: DateTime<Utc>) -> Result<Self, Error> {
        if bytes.len() > UPLOAD_MAX {
            return Err(Error::TooLarge {
                zh: format!("文件超过 {UPLOAD_MAX} 字节；更大的文件请用命令行 bihu import"),
                en: format!("the file is larger than {UPLOAD_MAX} bytes: import it with bihu import"),
            });
        }
        let inspection = inspect(&name, &bytes)?;
        let kind = suggest::kind(&name, &inspection);
        let mut id = [0u8; 16];
        getrandom::fill(&mut id).map_err(|error| Error::internal(error.to_string()))?;
        Ok(Self {
            id: token::hex(&id),
            owner,
            name,
            sha256: token::hex(&Sha256::digest(&bytes)),
            size: bytes.len(),
            bytes: Mutex::new(Some(bytes)),
            facts: UploadFacts { kind, inspection },
            expires_at: now + KEPT_FOR,
            state: Mutex::new(State::Uploaded),
            touched_ms: AtomicI64::new(now.timestamp_millis()),
            done: AtomicUsize::new(0),
            total: AtomicUsize::new(0),
        })
    }

    /// Returns how far it has come.
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns steps done and steps there are, of the job that runs or ran last.
    pub fn progress(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Returns the preview, when there is one that was not overtaken.
    pub fn preview(&self) -> Option<Arc<Preview>> {
        match self.state() {
            State::Ready(preview) | State::Committing(preview) => Some(preview),
            State::Uploaded | State::Previewing | State::Committed(_) | State::Failed(_) => None,
        }
    }

    /// Returns the preview, or says that there is none yet, or none any more.
    pub fn ready(&self) -> Result<Arc<Preview>, Error> {
        match self.state() {
            State::Ready(preview) | State::Committing(preview) => Ok(preview),
            State::Committed(_) => Err(written()),
            State::Uploaded | State::Previewing | State::Failed(_) => Err(Error::Halted {
                why: Halt::NotPreviewed,
                zh: "该文件还没有预览结果".to_owned(),
                en: "there is no preview of the file yet".to_owned(),
            }),
        }
    }

    /// Returns its bytes, or says that it is written and they are gone.
    pub fn bytes(&self) -> Result<Arc<[u8]>, Error> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(written)
    }

    /// Returns the name of the saved mapping that fits the file.
    pub fn suggested_mapping<'m>(&self, saved: &'m [Mapping]) -> Option<&'m str> {
        suggest::mapping(&self.facts.inspection, saved)
    }

    pub(super) fn tell(&self, done: usize, total: usize) {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(done.min(total), Ordering::Relaxed);
    }

    /// Steps from one state to the next, if `next` has one for it.
    pub(super) fn step(&self, next: impl FnOnce(&State) -> Result<State, Error>) -> Result<State, Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = state.clone();
        *state = next(&before)?;
        Ok(before)
    }

    pub(super) fn put(&self, next: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// Keeps the report of what was written, and nothing else.
    pub(super) fn written(&self, committal: Committal) {
        self.put(State::Committed(committal));
        *self.bytes.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn is_committing(&self) -> bool {
        matches!(self.state(), State::Committing(_))
    }

    pub(super) fn is_committed(&self) -> bool {
        matches!(self.state(), State::Committed(_))
    }

    /// Returns whether nothing is being done with it, so that it may be let go without stopping a job.
    pub(super) fn rests(&self) -> bool {
        matches!(self.state(), State::Uploaded | State::Ready(_) | State::Failed(_))
    }

    /// Notes that somebody asked for it.
    pub(super) fn touch(&self, now: DateTime<Utc>) {
        self.touched_ms.fetch_max(now.timestamp_millis(), Ordering::Relaxed);
    }

    /// Returns when somebody last asked for it, milliseconds of the Unix epoch.
    pub(super) fn touched_ms(&self) -> i64 {
        self.touched_ms.load(Ordering::Relaxed)
    }

    /// Returns how many rows are kept of it: of its preview, or those that the report of a written one lists.
    pub(super) fn rows_kept(&self) -> usize {
        match self.state() {
            State::Ready(preview) | State::Committing(preview) => preview.rows.len(),
            State::Committed(committal) => committal.report.refused_rows.len(),
            State::Uploaded | State::Previewing | State::Failed(_) => 0,
        }
    }
}

/// Says that a file is written, and what is left of it.
pub(super) fn written() -> Error {
    Error::Halted {
        why: Halt::Committed,
        zh: "该文件已写入，只保留报告；如需再次导入，请重新上传".to_owned(),
        en: "the file is written and only its report is kept: upload it again to import it again".to_owned(),
    }
}
