//! Signing in and out, and who a session's cookie stands for.
//!
//! A session is a random secret in a cookie; the store keeps its hash. It ends by sign-out, after 12 idle hours, after
//! seven days, and when its account is disabled, removed, given another role, scope or password: the account's
//! generation is then another one. The store is asked anew every half second at most, on every node.

use super::attempt::FREE_BY_NAME;
use super::audit::Mark;
use super::throttle::Tries;
use super::{Account, from_record, same_secret, secret, to_record};
use crate::domain::{Act, Actor, LoginName};
use crate::service::{App, Error, token};
use crate::store::{Expected, RecordKind, StoreError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A session that nobody uses ends after this.
pub const IDLE: TimeDelta = TimeDelta::hours(12);

/// A session ends after this, however busy.
pub const AT_MOST: TimeDelta = TimeDelta::days(7);

/// Use is written down at most this often.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// What was read is believed for so long.
const BELIEVED_FOR: Duration = Duration::from_millis(500);

/// Most sessions remembered at once.
const SEEN_MAX: usize = 10_000;

/// A session as it is kept, under the hash of its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) account: LoginName,
    pub(super) generation: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) seen_at: DateTime<Utc>,
}

impl Session {
    /// Returns when it ends if nobody uses it.
    pub(super) fn ends_at(&self) -> DateTime<Utc> {
        (self.seen_at + IDLE).min(self.created_at + AT_MOST)
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// What an unsafe request has to carry beside the cookie.
    pub csrf: String,
    /// When the session ends if nobody uses it.
    pub expires_at: DateTime<Utc>,
    key: String,
}

/// A session just made, with the secret for the cookie.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// For the cookie alone.
    pub secret: String,
    /// Who, and until when.
    pub signed_in: SignedIn,
}

/// Sessions as the store last showed them.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<String, (Instant, Session, Account)>>);

impl Cache {
    fn get(&self, key: &str) -> Option<(Instant, Session, Account)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn set(&self, key: &str, session: Session, account: Account) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= SEEN_MAX {
            seen.retain(|_, (at, _, _)| at.elapsed() < BELIEVED_FOR);
        }
        if seen.len() < SEEN_MAX {
            seen.insert(key.to_owned(), (Instant::now(), session, account));
        }
    }

    fn forget(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// Forgets all, after something about accounts was changed here.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl App {
    /// Opens a new session of an account; an old one of the same browser is never taken over.
    pub(super) async fn open_session(&self, name: &LoginName, address: &str) -> Result<NewSession, Error> {
        let now = self.now();
        let account = self
            .amend_account(name, |account| {
                if account.disabled {
                    return Err(Error::Unsigned {
                        zh: "账号已停用，请联系管理员", en: "the account is disabled"
                    });
                }
                account.last_sign_in_at = Some(now);
                Ok(())
            })
            .await?;
        let secret = secret()?;
        let key = token::hash(&secret);
        let session =
            Session { account: name.clone(), generation: account.generation.clone(), created_at: now, seen_at: now };
        let record = to_record(RecordKind::Session, &key, now, &session)?;
        self.store().put_record(&record, Expected::New).await?;
        self.note(Mark { actor: name.as_str(), act: Act::SignedIn, target: name.as_str(), address }, None).await;
        let signed_in = SignedIn { csrf: csrf(&secret), expires_at: session.ends_at(), account, key };
        Ok(NewSession { secret, signed_in })
    }

    /// Returns who a session's secret stands for; `None` when it has ended or never was.
    pub async fn session(&self, secret: &str) -> Result<Option<SignedIn>, Error> {
        let key = token::hash(secret);
        let Some((session, account)) = self.look_up_session(&key).await? else { return Ok(None) };
        let holds = session.ends_at() > self.now()
            && !account.disabled
            && same_secret(&session.generation, &account.generation);
        Ok(holds.then(|| SignedIn { csrf: csrf(secret), expires_at: session.ends_at(), account, key }))
    }

    /// Finds a session and its account in the store or, while that is away, among those seen before.
    async fn look_up_session(&self, key: &str) -> Result<Option<(Session, Account)>, Error> {
        let last_seen = self.desk.seen.get(key);
        let believed = |at: &Instant| at.elapsed() < BELIEVED_FOR || !self.is_following();
        if let Some((_, session, account)) = last_seen.clone().filter(|(at, _, _)| believed(at)) {
            return Ok(Some((session, account)));
        }
        match self.read_session(key).await {
            Ok(Some((session, account))) => {
                self.desk.seen.set(key, session.clone(), account.clone());
                Ok(Some((session, account)))
            }
            Ok(None) => {
                self.desk.seen.forget(key);
                Ok(None)
            }
            Err(Error::Unavailable(error)) => match last_seen {
                Some((_, session, account)) => Ok(Some((session, account))),
                None => Err(Error::Unavailable(error)),
            },
            Err(error) => Err(error),
        }
    }

    async fn read_session(&self, key: &str) -> Result<Option<(Session, Account)>, Error> {
        let Some(record) = self.store().record(RecordKind::Session, key).await? else { return Ok(None) };
        let mut session: Session = from_record(&record)?;
        let Some((account, _)) = self.account(&session.account).await? else { return Ok(None) };
        let now = self.now();
        if session.ends_at() > now && now - session.seen_at >= NOTED_EVERY {
            session.seen_at = now;
            let noted = to_record(RecordKind::Session, key, now, &session)?;
            // At the version that was read: a session that was ended in between stays ended.
            match self.store().put_record(&noted, Expected::At(record.version)).await {
                Ok(_) | Err(StoreError::RecordStale { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some((session, account)))
    }

    /// Ends a session.
    pub async fn sign_out(&self, who: &SignedIn, address: &str) -> Result<(), Error> {
        self.store().drop_record(RecordKind::Session, &who.key).await?;
        self.desk.seen.forget(&who.key);
        let name = who.account.name.as_str();
        self.note(Mark { actor: name, act: Act::SignedOut, target: name, address }, None).await;
        Ok(())
    }

    /// Ends all sessions of somebody, on every node.
    pub async fn sign_out_everywhere(&self, who: &SignedIn, address: &str) -> Result<(), Error> {
        self.amend_account(&who.account.name, Account::end_sessions).await?;
        let name = who.account.name.as_str();
        self.note(Mark { actor: name, act: Act::SignedOutEverywhere, target: name, address }, None).await;
        Ok(())
    }

    /// Changes one's own password: all sessions end, and a new one is opened.
    pub async fn change_password(
        &self,
        who: &SignedIn,
        given: (&str, &str),
        address: &str,
    ) -> Result<NewSession, Error> {
        let (current, new) = given;
        let name = who.account.name.clone();
        let slow = |wait_s| Error::Throttled { wait_s };
        let tries = (Tries::default(), self.now());
        // Whoever sits down at an open screen must not guess the password there.
        let key = format!("password/{name}");
        self.desk.names.begin(&key, FREE_BY_NAME, tries).map_err(slow)?;
        let violations = crate::domain::weaknesses(new, &name);
        if !violations.is_empty() {
            return Err(Error::Invalid(violations.into_iter().map(|v| as_field(v, "new")).collect()));
        }
        if !self.desk.hasher.fits(current.to_owned(), who.account.password.clone()).await? {
            return Err(Error::invalid(crate::domain::Violation::new(
                "current",
                "wrong_password",
                "当前密码不对",
                "the current password is wrong",
            )));
        }
        self.desk.names.forget(&key);
        let hash = self.desk.hasher.hash(new.to_owned()).await?;
        self.amend_account(&name, |account| {
            account.password = Some(hash.clone());
            account.end_sessions()
        })
        .await?;
        self.note(Mark { actor: name.as_str(), act: Act::PasswordChanged, target: name.as_str(), address }, None).await;
        self.open_session(&name, address).await
    }
}

impl SignedIn {
    /// Returns the actor.
    pub fn actor(&self) -> Actor {
        self.account.actor()
    }
}

/// Moves a violation to the field that the caller knows it by.
fn as_field(mut violation: crate::domain::Violation, field: &str) -> crate::domain::Violation {
    violation.field = field.to_owned();
    violation
}

/// Returns the token that goes with a session's secret: derived, so that it need not be kept, and telling nothing of it.
fn csrf(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("bihu csrf {secret}")))
}
