//! Who is who: resource ids and revisions.
//!
//! Invariants: a [`ResourceId`] is safe in a URL path and never changes once given; a [`Revision`] only grows.

use super::{Kind, Violation};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Stable, URL-safe name of a resource: 1–80 characters of `A–Z a–z 0–9 . _ ~ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceId(String);

impl ResourceId {
    /// Longest id, in bytes.
    pub const MAX: usize = 80;

    /// Returns the id of `text`, or what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let fits = !text.is_empty() && text.len() <= Self::MAX && text.bytes().all(url_safe);
        if fits && text != "." && text != ".." {
            return Ok(Self(text.to_owned()));
        }
        Err(Violation::new(
            "id",
            "bad_id",
            "编号只能用 1–80 个字母、数字或 . _ ~ -",
            "id takes 1–80 characters of A–Z a–z 0–9 . _ ~ -",
        ))
    }

    /// Mints the id of a resource from its kind and official code. The same kind and code always give the same id,
    /// so that importing a file twice finds what the first time made.
    pub fn mint(kind: Kind, code: &str) -> Self {
        let head = kind.word().replace('_', "-");
        if !code.is_empty() && code.len() <= 48 && code.bytes().all(url_safe) {
            return Self(format!("{head}-{code}"));
        }
        // FNV-1a over the UTF-8 bytes, twice with two bases: not secret, only short and stable.
        let hash = |basis: u64| code.bytes().fold(basis, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Self(format!("{head}-x{:016x}{:08x}", hash(0xcbf2_9ce4_8422_2325), hash(0x6c62_272e_07bb_0142) as u32))
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'-')
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Position in the journal. The first entry is 1; an empty store is at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// Returns the revision that follows.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// How far the journal has come, for each audience.
///
/// The public one is the last revision that changed anything the public may see: an answer to the public is tagged with
/// it, so that a hidden change leaves no trace in any public byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Revisions {
    /// Last revision of all.
    pub all: Revision,
    /// Last revision with something public in it, before or after.
    pub public: Revision,
}
