//! Corrections: somebody says that the map is wrong about a place. The live value stays; its confidence drops until the
//! report is answered.
//!
//! Invariants: the receipt number is the only key to a report for somebody without an account, so it can not be guessed;
//! a report is about one resource and never changes what it said; only its answer is added.

use super::words::words;
use super::{DivisionCode, LonLat, ResourceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

words! {
    /// What is said to be wrong.
    Fault {
        Moved = "moved", "位置不对", "it is somewhere else";
        Closed = "closed", "已关闭或不存在", "it is closed or gone";
        WrongPhone = "wrong_phone", "电话不对", "the phone number is wrong";
        WrongName = "wrong_name", "名称或地址不对", "the name or the address is wrong";
        WrongCapacity = "wrong_capacity", "容量或设施不对", "capacity or facilities are wrong";
        NoAccess = "no_access", "进不去", "one can not get in";
        Other = "other", "其他", "something else";
    }
}

words! {
    /// What became of a report.
    CorrectionState {
        Open = "open", "待核实", "waiting";
        Accepted = "accepted", "已采纳", "accepted";
        Rejected = "rejected", "未采纳", "not accepted";
    }
}

/// Receipt number of a report: 12 letters and digits that can not be mistaken for one another, in groups of four.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CorrectionId(String);

impl CorrectionId {
    /// Letters and digits of a receipt number (Crockford's base 32: no I, L, O, U).
    const ALPHABET: &'static [u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// Returns the receipt number of 60 random bits.
    pub fn from_bits(bits: u64) -> Self {
        let mut text = String::with_capacity(14);
        for place in 0..12 {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(Self::ALPHABET[(bits >> (5 * place) & 31) as usize]));
        }
        Self(text)
    }

    /// Returns the receipt number that somebody typed: small letters, blanks, missing hyphens and the letters that are
    /// taken for digits are forgiven. `None` when it is no receipt number.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut plain = Vec::with_capacity(12);
        for c in typed.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{3000}')) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            let byte = u8::try_from(c).ok().filter(|b| Self::ALPHABET.contains(b))?;
            plain.push(byte);
        }
        if plain.len() != 12 {
            return None;
        }
        let groups: Vec<String> = plain.chunks(4).map(|g| String::from_utf8_lossy(g).into_owned()).collect();
        Some(Self(groups.join("-")))
    }

    /// Returns the number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CorrectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One report and, once there is one, its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// Receipt number.
    pub id: CorrectionId,
    /// What it is about.
    pub resource: ResourceId,
    /// Division of the resource when it was reported; bounds who may answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// The public knew of the resource when it was reported.
    pub public: bool,
    /// The public did not know of the resource when the report was last written: what was written is no news to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// The first of the reports about the resource that waited for an answer from the same caller: together they are one
    /// voice. Who the caller is, is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<CorrectionId>,
    /// What is said to be wrong.
    pub fault: Fault,
    /// In the reporter's words.
    pub message: String,
    /// Where it is said to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<LonLat>,
    /// The reporter said how to be reached. What they said lies outside: a line of the journal is never erased, and
    /// personal data must be.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_contact: bool,
    /// When it was reported.
    pub reported_at: DateTime<Utc>,
    /// When an answer is due.
    pub due_at: DateTime<Utc>,
    /// What became of it.
    pub state: CorrectionState,
    /// The answer, in words that the reporter reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// Who answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
}

impl Correction {
    /// Returns the report that stands for all of the same voice: itself, or the first of them.
    pub fn voice(&self) -> &CorrectionId {
        self.repeats.as_ref().unwrap_or(&self.id)
    }

    /// Returns whether it still waits for an answer.
    pub fn is_open(&self) -> bool {
        self.state == CorrectionState::Open
    }
}

// By reference, as serde asks.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_false(value: &bool) -> bool {
    !*value
}
