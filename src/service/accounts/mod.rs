//! Accounts and sessions: who may sign in, who is signed in, and the trail of what was done about it.
//!
//! All of it lies in records beside the journal: a password's hash must not stand in a book that is never rewritten.
//! Invariants: no secret is kept, only its hash; a right that is taken away is gone within a second on every node; wrong
//! names and wrong passwords cost and tell the same; nobody is locked out for good; what somebody made, a link or a token,
//! is worth no more than he is.

pub mod attempt;
pub mod audit;
pub mod keep;
pub mod link;
pub mod oidc;
mod password;
pub mod record;
pub mod session;
pub mod sweep;
mod throttle;

pub use record::Account;
pub use session::{NewSession, SignedIn};

use super::Error;
use crate::store::{Record, RecordKind};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use tokio::sync::Mutex;

/// What the service holds in memory about accounts; all of it can be lost without harm.
#[derive(Default)]
pub struct Desk {
    seen: session::Cache,
    hasher: password::Hasher,
    names: throttle::Throttle,
    addresses: throttle::Throttle,
    trail: audit::Trail,
    /// Held while accounts are changed, so that two changes on this node see one another.
    turn: Mutex<()>,
    provider: OnceLock<oidc::Provider>,
    /// An account was seen in the store.
    any: AtomicBool,
}

impl Desk {
    /// Returns how many passwords were hashed, to make or to check: work that must not depend on whether a name exists.
    pub fn hashes(&self) -> u64 {
        self.hasher.done()
    }
}

/// Returns 256 random bits as text.
fn secret() -> Result<String, Error> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| Error::internal(e.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Returns a record of a document; its version is the store's matter.
fn to_record(
    kind: RecordKind,
    key: impl Into<String>,
    at: DateTime<Utc>,
    doc: &impl Serialize,
) -> Result<Record, Error> {
    let doc = serde_json::to_string(doc).map_err(Error::internal)?;
    Ok(Record { kind, key: key.into(), version: 0, at, doc, blob: None })
}

/// Reads the document of a record.
fn from_record<T: serde::de::DeserializeOwned>(record: &Record) -> Result<T, Error> {
    serde_json::from_str(&record.doc).map_err(Error::internal)
}

/// Returns whether two texts are the same, in a time that does not tell where they differ.
pub fn same_secret(a: &str, b: &str) -> bool {
    let differ = a.bytes().zip(b.bytes()).fold(0u8, |seen, (x, y)| seen | (x ^ y));
    std::hint::black_box(differ) == 0 && a.len() == b.len()
}
