//! What goes over the wire, and how it is made of what the floors below answer. Units end every name of a measure.

mod accounts;
mod around;
mod coverage;
mod map;
mod nearest;
mod session;
mod tokens;

pub use accounts::{
    AccountBody, AccountsAnswer, AmendmentBody, InviteDoc, KeptAccount, LineDoc, MadeAccount, TrailAnswer,
};
pub use around::{AroundAnswer, AroundBody};
pub use coverage::{CoverageAnswer, CoverageBody};
pub use map::{Meta, SearchAnswer};
pub use nearest::{NearestAnswer, Reasoned};
pub use session::{LinkAnswer, LinkBody, OidcDoc, PasswordBody, SessionAnswer, SetupBody, SignInBody, WhoAnswer};
pub use tokens::{MadeToken, TokenBody, TokenDoc, TokensAnswer};

use serde::Serialize;
use utoipa::ToSchema;

/// A sentence in both languages.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Sentence {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}
