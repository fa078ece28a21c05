//! How a use case can end other than well: a closed list that the API maps to problems in one exhaustive match.

use crate::domain::{Denial, Revision, Violation};
use crate::exchange::DecodeError;
use crate::store::StoreError;

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input is wrong; every violation at once.
    #[error("invalid input: {}", .0.iter().map(|v| format!("{}: {}", v.field, v.en)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Violation>),
    /// The file or body can not be read at all.
    #[error(transparent)]
    Undecodable(#[from] DecodeError),
    /// No credentials, or ones that do not hold.
    #[error("{en}")]
    Unsigned {
        /// Chinese sentence.
        zh: &'static str,
        /// English sentence.
        en: &'static str,
    },
    /// The actor lacks a right.
    #[error("{}", .0.en)]
    Denied(Denial),
    /// There is no such thing, or the audience may not know of it.
    #[error("{what} not found")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// A question by road, and no network file was given.
    #[error("no network file")]
    NoNetwork,
    /// A write came without saying which version it looked at.
    #[error("If-Match is required")]
    PreconditionRequired,
    /// The thing has changed since the author looked.
    #[error("the resource has changed; it is at {current:?}")]
    Stale {
        /// Revision it is at; `None` when it is not there.
        current: Option<Revision>,
    },
    /// A record has been changed since the author looked.
    #[error("the record has changed; it is at v{current}")]
    Outdated {
        /// Edition it is at.
        current: u64,
    },
    /// Too many attempts; nothing was looked at.
    #[error("too many attempts: wait {wait_s} s")]
    Throttled {
        /// Seconds to wait.
        wait_s: u64,
    },
    /// It would clash with something that is there.
    #[error("{en}")]
    Conflict {
        /// Chinese sentence.
        zh: String,
        /// English sentence.
        en: String,
    },
    /// What it rests on has been changed by somebody else since; each thing with what happened to it.
    #[error("changed since: {}", .0.iter().map(|v| v.field.as_str()).collect::<Vec<_>>().join(", "))]
    Overtaken(Vec<Violation>),
    /// Too often, or too many at once: later it may work.
    #[error("{en}")]
    TooMany {
        /// Seconds after which it may be tried again.
        after_s: u16,
        /// Chinese sentence.
        zh: String,
        /// English sentence.
        en: String,
    },
    /// More is asked than can be worked on; nothing was looked at.
    #[error("{en}")]
    Overloaded {
        /// Seconds after which it may be tried again.
        after_s: u16,
        /// Chinese sentence.
        zh: String,
        /// English sentence.
        en: String,
    },
    /// It can not be done as things stand; what has to be done first is told.
    #[error("{en}")]
    Halted {
        /// What stands in the way.
        why: Halt,
        /// Chinese sentence.
        zh: String,
        /// English sentence.
        en: String,
    },
    /// A limit was reached.
    #[error("{en}")]
    TooLarge {
        /// Chinese sentence.
        zh: String,
        /// English sentence.
        en: String,
    },
    /// The store can not be reached now; nothing was written, or it is not known to have been.
    #[error("the store is unavailable")]
    Unavailable(#[source] StoreError),
    /// A bug, or a store that holds what it should not.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What stands in the way of an import or of a feed's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// Something else is being done with it.
    Busy,
    /// Nothing was previewed.
    NotPreviewed,
    /// What was previewed has been overtaken.
    StalePreview,
    /// Some rows can not be taken.
    RefusedRows,
    /// The points do not seem to be in the datum declared.
    Datum,
    /// It is written already.
    Committed,
    /// It was decided already.
    Decided,
    /// It lay idle, and another file took its place.
    MadeWay,
}

impl Halt {
    /// Returns the word of the problem.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::NotPreviewed => "not-previewed",
            Self::StalePreview => "stale-preview",
            Self::RefusedRows => "refused-rows",
            Self::Datum => "datum",
            Self::Committed => "committed",
            Self::Decided => "decided",
            Self::MadeWay => "made-way",
        }
    }
}

impl Error {
    /// One violation as an error.
    pub fn invalid(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }

    /// Something that is not there.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    /// A bug.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale { found, .. } => Self::Stale { current: found },
            StoreError::CodeTaken { code } => Self::Conflict {
                zh: format!("编码 {code} 已被同类资源使用"),
                en: format!("code `{code}` is used by another resource of this kind"),
            },
            StoreError::ReceiptTaken { .. } => Self::Invalid(vec![Violation::new(
                "Idempotency-Key",
                "key_reused",
                "该 Idempotency-Key 已用于另一个请求，请换一个新的",
                "this Idempotency-Key was used for another request; use a new one",
            )]),
            StoreError::RecordStale { key, found } => Self::Conflict {
                zh: match found {
                    Some(version) => format!("“{key}”已被他人修改（现为第 {version} 版），请刷新后重试"),
                    None => format!("“{key}”已不存在，请刷新"),
                },
                en: match found {
                    Some(version) => {
                        format!("`{key}` was changed by somebody else (now version {version}): load it again")
                    }
                    None => format!("`{key}` is no longer there: load the list again"),
                },
            },
            other @ (StoreError::Database(_) | StoreError::Disk(_)) => Self::Unavailable(other),
            other => Self::internal(other),
        }
    }
}
