//! Bearer tokens: made from 256 random bits, kept only as their SHA-256.
//!
//! A plain hash is enough: a token is not a password, nobody can guess 256 bits, and a slow hash would cost every
//! request.

use super::{App, Error};
use crate::domain::{Actor, DivisionCode, LoginName, Role, Violation, refuse_posing, same_name};
use crate::store::{RecordKind, Store, StoreError, TokenRecord};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How long the token works that the first start prints: whoever needs one for longer makes it, and says for how long.
pub const FIRST_FOR: TimeDelta = TimeDelta::days(30);

/// What a new token is to be.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Name written in the journal for its bearer, and unique among the tokens in force; one is made when none is given.
    pub name: Option<String>,
    /// Role.
    pub role: Role,
    /// Division that bounds it.
    pub scope: Option<DivisionCode>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a token on the command line, keeps its hash and returns the token itself, which can not be read again.
pub async fn create(store: &dyn Store, new: NewToken, now: DateTime<Utc>) -> Result<String, Error> {
    create_kept(store, new, None, now).await.map(|(token, _)| token)
}

/// Makes a token for whom it is `by`, and returns it with what is kept of it.
pub async fn create_kept(
    store: &dyn Store,
    new: NewToken,
    by: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(String, TokenRecord), Error> {
    let mut secret = [0u8; 32];
    getrandom::fill(&mut secret).map_err(|e| Error::internal(e.to_string()))?;
    let token = format!("bihu_{}", URL_SAFE_NO_PAD.encode(secret));
    let hash = hash(&token);
    let id = hash[..12].to_owned();
    let name = new.name.unwrap_or_else(|| format!("{}-{}", new.role, &id[..6]));
    check_name(store, &name, now).await?;
    let record = TokenRecord {
        id,
        hash,
        name,
        role: new.role,
        scope: new.scope,
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
        created_by: by.map(str::to_owned),
    };
    store.add_token(&record).await?;
    Ok((token, record))
}

/// Longest name of a token, characters.
const NAME_MAX: usize = 100;

/// Refuses a name that the journal could not tell from another's.
async fn check_name(store: &dyn Store, name: &str, now: DateTime<Utc>) -> Result<(), Error> {
    if name.trim().is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Error::invalid(Violation::new(
            "name",
            "bad_name",
            format!("名称应为 1–{NAME_MAX} 个字符"),
            format!("a name takes 1–{NAME_MAX} characters"),
        )));
    }
    refuse_posing("name", name).map_err(Error::invalid)?;
    let is_account = match LoginName::parse(name) {
        Ok(login) => store.record(RecordKind::Account, login.as_str()).await?.is_some(),
        Err(_) => false,
    };
    if is_account || in_force(store, now).await?.iter().any(|t| same_name(&t.name, name)) {
        return Err(Error::Conflict {
            zh: format!("名称“{name}”已属于另一个有效令牌或账号，请换一个"),
            en: format!("the name `{name}` belongs to another token in force, or to an account; take another"),
        });
    }
    Ok(())
}

/// Returns the tokens that are neither revoked nor expired.
pub async fn in_force(store: &dyn Store, now: DateTime<Utc>) -> Result<Vec<TokenRecord>, Error> {
    let mut all = store.tokens().await?;
    all.retain(|t| t.revoked_at.is_none() && t.expires_at.is_none_or(|end| end > now));
    Ok(all)
}

/// Makes the first admin token of a store that has no token at all; it works for [`FIRST_FOR`].
pub async fn create_first(store: &dyn Store, now: DateTime<Utc>) -> Result<Option<String>, Error> {
    if !store.tokens().await?.is_empty() {
        return Ok(None);
    }
    // Not plainly `admin`: that is the name that the first administrator will want for himself.
    let name = Some("admin-token".to_owned());
    let admin = NewToken { name, role: Role::Admin, scope: None, expires_at: Some(now + FIRST_FOR) };
    create(store, admin, now).await.map(Some)
}

/// Tokens as the store last showed them, so that staff can ask on while it is away. Only tokens that were found are
/// kept; one that is taken back in the meantime opens nothing but questions, and only until the store is back.
#[derive(Default)]
pub struct LastSeen(Mutex<HashMap<String, TokenRecord>>);

impl LastSeen {
    fn get(&self, hash: &str) -> Option<TokenRecord> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    fn set(&self, hash: &str, found: Option<&TokenRecord>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Some(record) => kept.insert(hash.to_owned(), record.clone()),
            None => kept.remove(hash),
        };
    }
}

impl App {
    /// Returns who bears `token`.
    pub async fn bearer(&self, token: &str) -> Result<Actor, Error> {
        let Some(record) = self.look_up(&hash(token)).await? else {
            return Err(Error::Unsigned { zh: "令牌无效", en: "the token is not known here" });
        };
        if record.revoked_at.is_some() {
            return Err(Error::Unsigned { zh: "令牌已被撤销", en: "the token was revoked" });
        }
        if record.expires_at.is_some_and(|end| end <= self.now()) {
            return Err(Error::Unsigned { zh: "令牌已过期", en: "the token has expired" });
        }
        Ok(Actor { name: record.name, role: record.role, scope: record.scope })
    }

    /// Finds a token in the store or, while that is away, among those seen before, without waiting for it each time.
    async fn look_up(&self, hash: &str) -> Result<Option<TokenRecord>, StoreError> {
        let last_seen = self.tokens.get(hash);
        if last_seen.is_some() && !self.is_following() {
            return Ok(last_seen);
        }
        match self.store.find_token(hash).await {
            Ok(found) => {
                self.tokens.set(hash, found.as_ref());
                Ok(found)
            }
            Err(StoreError::Database(_)) if last_seen.is_some() => Ok(last_seen),
            Err(error) => Err(error),
        }
    }
}

/// Returns the hash under which a secret of 256 random bits is kept.
pub(super) fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Returns bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
