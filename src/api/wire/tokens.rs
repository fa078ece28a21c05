//! Bearer tokens, as they go over the wire. A token itself is told once, when it is made.

use super::accounts::{both, role_of, scope_of};
use super::session::scope_name;
use crate::domain::{DivisionCode, Role, Violation};
use crate::service::token::NewToken;
use crate::store::TokenRecord;
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Days until a token ends that does not say when.
const TOKEN_DAYS: i64 = 365;

/// Most days until a token ends.
const TOKEN_DAYS_MAX: i64 = 3660;

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenDoc {
    /// Short id, to take it back by.
    pub id: String,
    /// Name in the journal.
    pub name: String,
    /// Role, a word.
    #[schema(value_type = String)]
    pub role: Role,
    /// Role in Chinese.
    pub role_zh: &'static str,
    /// Code of the division that bounds the role; null for the whole store.
    #[schema(value_type = Option<String>)]
    pub scope: Option<DivisionCode>,
    /// Its name, where the division is known.
    pub scope_name: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends; null never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Who made it, an account or a token; null for the command line.
    pub created_by: Option<String>,
    /// `valid`, `expired` or `revoked`.
    pub state: &'static str,
}

impl TokenDoc {
    /// Returns what is told of a token.
    pub fn of(token: TokenRecord, world: &World, now: DateTime<Utc>) -> Self {
        let state = match (token.revoked_at, token.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(end)) if end <= now => "expired",
            _ => "valid",
        };
        Self {
            scope_name: scope_name(world, token.scope.as_ref()),
            id: token.id,
            name: token.name,
            role: token.role,
            role_zh: token.role.zh(),
            scope: token.scope,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            created_by: token.created_by,
            state,
        }
    }
}

/// A page of tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokensAnswer {
    /// The newest first.
    pub tokens: Vec<TokenDoc>,
    /// `after` of the next page; null on the last.
    pub next: Option<String>,
    /// Most of one page.
    pub limit: usize,
}

/// A token just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeToken {
    /// The token itself, shown this once.
    pub token: String,
    /// What is kept of it.
    #[serde(flatten)]
    pub kept: TokenDoc,
}

/// A new token.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TokenBody {
    /// Name in the journal.
    pub name: Option<String>,
    /// Role, a word.
    #[schema(value_type = Option<String>)]
    pub role: Option<Role>,
    /// Division that bounds the role; null for the whole store.
    pub scope: Option<String>,
    /// Days until it ends, 1–3660; 365 when nothing is said.
    pub expires_in_days: Option<i64>,
}

impl TokenBody {
    /// Returns the token that is asked for, or everything that is wrong with it.
    pub fn read(self, now: DateTime<Utc>) -> Result<NewToken, Vec<Violation>> {
        let days = self.expires_in_days.unwrap_or(TOKEN_DAYS);
        let (role, scope) = both(role_of(self.role), scope_of(self.scope.as_deref()))?;
        if !(1..=TOKEN_DAYS_MAX).contains(&days) {
            let range = format!("1…{TOKEN_DAYS_MAX}");
            return Err(vec![Violation::out_of_range("expires_in_days", &days.to_string(), &range)]);
        }
        Ok(NewToken { name: self.name, role, scope, expires_at: Some(now + TimeDelta::days(days)) })
    }
}
