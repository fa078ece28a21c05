//! An account as it is kept, and how it is read and changed: the whole record, at the version that was looked at.

use super::{from_record, secret, to_record};
use crate::domain::{Actor, DivisionCode, LoginName, Role};
use crate::service::{App, Error};
use crate::store::{Expected, RecordKind, StoreError};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;

/// Most accounts of a store.
pub const ACCOUNTS_MAX: usize = 10_000;

/// How often a change is tried anew when the record was written in between.
const TRIES: usize = 8;

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Login name, and the name in the journal.
    pub name: LoginName,
    /// Name shown to people.
    pub display_name: String,
    /// Role.
    pub role: Role,
    /// Division that bounds it.
    pub scope: Option<DivisionCode>,
    /// May not sign in for now.
    pub disabled: bool,
    /// Hash of the password as a PHC string; `None` until a one-time link was used.
    pub password: Option<String>,
    /// Subject at the OpenID provider that signs in as this account.
    #[serde(default)]
    pub oidc_subject: Option<String>,
    /// Sessions and one-time links made under another one hold no more. Random, so that an account made anew does not revive old sessions.
    pub generation: String,
    /// Grows by one with every change that somebody who keeps accounts makes.
    pub edition: u64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// When its bearer last signed in.
    #[serde(default)]
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

impl Account {
    /// Returns a new account that nobody can sign in to yet.
    pub fn new(name: LoginName, role: Role, made: (&str, DateTime<Utc>)) -> Result<Self, Error> {
        Ok(Self {
            display_name: name.to_string(),
            name,
            role,
            scope: None,
            disabled: false,
            password: None,
            oidc_subject: None,
            generation: secret()?,
            edition: 1,
            created_at: made.1,
            created_by: made.0.to_owned(),
            last_sign_in_at: None,
        })
    }

    /// Returns the actor that its bearer is.
    pub fn actor(&self) -> Actor {
        Actor { name: self.name.to_string(), role: self.role, scope: self.scope.clone() }
    }

    /// Returns whether it is one that can put everything else right: an administrator of the whole who can sign in.
    pub fn is_chief(&self) -> bool {
        let can_sign_in = self.password.is_some() || self.oidc_subject.is_some();
        !self.disabled && self.is_whole_admin() && can_sign_in
    }

    /// Returns whether it is an administrator of the whole, whether or not anybody can sign in to it now.
    pub fn is_whole_admin(&self) -> bool {
        self.role == Role::Admin && self.scope.is_none()
    }

    /// Ends all its sessions and one-time links.
    pub fn end_sessions(&mut self) -> Result<(), Error> {
        self.generation = secret()?;
        Ok(())
    }
}

impl App {
    /// Returns an account with its version.
    pub(super) async fn account(&self, name: &LoginName) -> Result<Option<(Account, u64)>, Error> {
        let found = self.store().record(RecordKind::Account, name.as_str()).await?;
        found.map(|record| Ok((from_record(&record)?, record.version))).transpose()
    }

    /// Returns all accounts in order of name.
    pub(super) async fn accounts(&self) -> Result<Vec<Account>, Error> {
        let records = self.store().records(RecordKind::Account, "", "", ACCOUNTS_MAX).await?;
        records.iter().map(from_record).collect()
    }

    /// Returns whether there is any account.
    pub async fn has_accounts(&self) -> Result<bool, Error> {
        if self.desk.any.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let any = !self.store().records(RecordKind::Account, "", "", 1).await?.is_empty();
        self.desk.any.store(any, Ordering::Relaxed);
        Ok(any)
    }

    /// Keeps a new account; another of the same name is a conflict.
    pub(super) async fn add_account(&self, account: &Account) -> Result<(), Error> {
        let record = to_record(RecordKind::Account, account.name.as_str(), self.now(), account)?;
        match self.store().put_record(&record, Expected::New).await {
            Ok(_) => Ok(()),
            Err(StoreError::RecordStale { .. }) => Err(taken(&account.name)),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes an account; `change` is tried anew on what is there when somebody else wrote it in between.
    pub(super) async fn amend_account(
        &self,
        name: &LoginName,
        mut change: impl FnMut(&mut Account) -> Result<(), Error>,
    ) -> Result<Account, Error> {
        for _ in 0..TRIES {
            let Some((mut account, version)) = self.account(name).await? else {
                return Err(Error::not_found(name.as_str()));
            };
            change(&mut account)?;
            let record = to_record(RecordKind::Account, name.as_str(), self.now(), &account)?;
            match self.store().put_record(&record, Expected::At(version)).await {
                Ok(_) => {
                    self.desk.seen.clear();
                    return Ok(account);
                }
                Err(StoreError::RecordStale { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Conflict {
            zh: format!("账号“{name}”正被频繁修改，请稍后再试"),
            en: format!("the account `{name}` is being changed by many at once: try again"),
        })
    }
}

/// The refusal of a name that somebody else has.
pub(super) fn taken(name: &LoginName) -> Error {
    Error::Conflict {
        zh: format!("登录名“{name}”已被账号或有效令牌使用，请换一个"),
        en: format!("the name `{name}` belongs to an account or to a token in force; take another"),
    }
}
