//! One-time links: the set-up of a store without accounts, invitations, and new passwords for those who lost theirs.
//!
//! The secret stands behind the `#` of the address, so that it reaches no server's log; the store keeps its hash.
//! Invariants: a link works once, for one purpose, only for so long, and only for the account as it was when the link was
//! made: who got more rights since is not for whoever holds an old link. A set-up link that a start printed by itself
//! ends with the first administrator of the whole. Whoever can run this program on the store owns it: the command line
//! may always make one, and that one takes an administrator's account back.

use super::audit::Mark;
use super::record::taken;
use super::{Account, NewSession, from_record, same_secret, secret, to_record};
use crate::domain::{Act, LoginName, Role, Violation, weaknesses};
use crate::service::{App, Error, token};
use crate::store::{Expected, Record, RecordKind};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How long a set-up link or a link for a new password works.
pub const SET_UP_WITHIN: TimeDelta = TimeDelta::hours(24);

/// How long an invitation works: over a weekend.
pub const INVITED_FOR: TimeDelta = TimeDelta::hours(72);

/// Most links looked through at once; each account has few, and they end by themselves.
const LINKS_MAX: usize = 50_000;

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", content = "name", rename_all = "snake_case")]
pub enum Purpose {
    /// To make an administrator of the whole.
    FirstAdmin,
    /// To give an account its first password.
    Invite(LoginName),
    /// To give an account another password.
    Reset(LoginName),
}

impl Purpose {
    /// Returns the account that it is for; `None` for the set-up of the store.
    pub fn account(&self) -> Option<&LoginName> {
        match self {
            Self::FirstAdmin => None,
            Self::Invite(name) | Self::Reset(name) => Some(name),
        }
    }
}

/// Who asked for a link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody: a start without accounts printed it. What was kept before this was told apart is held to the stricter rule.
    #[default]
    Start,
    /// Somebody who may.
    Asked,
}

/// A link as it is kept, under the hash of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it is for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Who asked for it.
    #[serde(default)]
    pub origin: Origin,
    /// Generation of the account that it was made for.
    #[serde(default)]
    pub generation: Option<String>,
}

impl Link {
    /// Returns whether the account is still the one that the link was made for, and may sign in.
    fn holds_for(&self, account: &Account) -> bool {
        let made_for = self.generation.as_deref().unwrap_or_default();
        !account.disabled && same_secret(made_for, &account.generation)
    }
}

/// A link just made.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// For the address alone: `/setup#SECRET`.
    pub secret: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Somebody who follows a link.
#[derive(Debug, Clone)]
pub struct Follower {
    /// Secret of the link.
    pub secret: String,
    /// Login name; needed where the link does not say it.
    pub name: Option<String>,
    /// New password.
    pub password: String,
    /// Name shown to people.
    pub display_name: Option<String>,
    /// Address of the client.
    pub address: String,
}

impl App {
    /// Makes the set-up link of a store without accounts; `None` when there is one.
    pub async fn first_link(&self) -> Result<Option<NewLink>, Error> {
        if self.has_accounts().await? {
            return Ok(None);
        }
        self.keep_link(Purpose::FirstAdmin, Origin::Start, None).await.map(Some)
    }

    /// Makes a set-up link that works whoever is there. Whoever calls this owns the store.
    pub async fn setup_link(&self) -> Result<NewLink, Error> {
        self.keep_link(Purpose::FirstAdmin, Origin::Asked, None).await
    }

    /// Makes a link to set the password of an account as it is now. Whoever calls this has asked for the right to.
    pub(super) async fn password_link(&self, account: &Account) -> Result<NewLink, Error> {
        let purpose = if account.password.is_some() { Purpose::Reset } else { Purpose::Invite };
        self.keep_link(purpose(account.name.clone()), Origin::Asked, Some(account.generation.clone())).await
    }

    async fn keep_link(&self, purpose: Purpose, origin: Origin, generation: Option<String>) -> Result<NewLink, Error> {
        let lasting = if matches!(purpose, Purpose::Invite(_)) { INVITED_FOR } else { SET_UP_WITHIN };
        let (secret, now) = (secret()?, self.now());
        let link = Link { purpose, expires_at: now + lasting, origin, generation };
        let record = to_record(RecordKind::Setup, token::hash(&secret), now, &link)?;
        self.store().put_record(&record, Expected::New).await?;
        Ok(NewLink { secret, expires_at: link.expires_at })
    }

    /// Returns what a link is for, if it still works.
    pub async fn link(&self, secret: &str) -> Result<(Link, Option<Account>), Error> {
        let (_, link, account) = self.find_link(secret).await?;
        Ok((link, account))
    }

    /// Follows a link: the account gets its password, all its sessions end, and a new one is opened.
    pub async fn follow_link(&self, follower: Follower) -> Result<NewSession, Error> {
        let (record, link, _) = self.find_link(&follower.secret).await?;
        let name = named(&link.purpose, follower.name.as_deref())?;
        let weak = weaknesses(&follower.password, &name);
        if !weak.is_empty() {
            return Err(Error::Invalid(weak));
        }
        let display_name = follower.display_name.as_deref().map(super::keep::display_name).transpose()?;
        let hash = self.desk.hasher.hash(follower.password).await?;
        let _turn = self.desk.turn.lock().await;
        // Of two who follow it at once one takes it.
        if !self.store().drop_record(RecordKind::Setup, &record.key).await? {
            return Err(used_up());
        }
        let set = self.set_password(&link, &name, (hash, display_name)).await;
        if let Err(error) = set {
            // Nothing came of it, so it still works.
            self.store().put_record(&record, Expected::Any).await?;
            return Err(error);
        }
        self.forget_links(&link.purpose).await?;
        let detail = serde_json::to_value(&link.purpose).ok();
        let mark = Mark { actor: name.as_str(), act: Act::LinkUsed, target: name.as_str(), address: &follower.address };
        self.note(mark, detail).await;
        self.open_session(&name, &follower.address).await
    }

    async fn set_password(
        &self,
        link: &Link,
        name: &LoginName,
        (hash, display_name): (String, Option<String>),
    ) -> Result<(), Error> {
        let first = link.purpose == Purpose::FirstAdmin;
        if first && self.account(name).await?.is_none() {
            self.refuse_taken_name(name).await?;
            let mut account = Account::new(name.clone(), Role::Admin, ("setup", self.now()))?;
            account.password = Some(hash);
            account.display_name = display_name.unwrap_or(account.display_name);
            self.add_account(&account).await?;
            return Ok(());
        }
        self.amend_account(name, |account| {
            // A set-up link that was asked for gives an administrator who is locked out his account back, and nobody
            // else's to him.
            if first && (link.origin == Origin::Start || !account.is_whole_admin()) {
                return Err(taken(name));
            }
            // Asked again of what is written over: it may have become another since the link was looked up.
            if !first && !link.holds_for(account) {
                return Err(used_up());
            }
            account.disabled &= !first;
            account.password = Some(hash.clone());
            if let Some(shown) = &display_name {
                account.display_name.clone_from(shown);
            }
            account.end_sessions()
        })
        .await?;
        Ok(())
    }

    /// Finds a link that still works, with the account that it is for.
    async fn find_link(&self, secret: &str) -> Result<(Record, Link, Option<Account>), Error> {
        let found = self.store().record(RecordKind::Setup, &token::hash(secret)).await?;
        let record = found.ok_or_else(used_up)?;
        // What else lies there under a secret, such as somebody on the way to a provider, is no link.
        let link: Link = from_record(&record).map_err(|_| used_up())?;
        let account = match link.purpose.account() {
            None => None,
            Some(name) => self.account(name).await?.map(|(account, _)| account),
        };
        let holds = match (&link.purpose, link.origin) {
            (Purpose::FirstAdmin, Origin::Asked) => true,
            (Purpose::FirstAdmin, Origin::Start) => !self.accounts().await?.iter().any(Account::is_whole_admin),
            (Purpose::Invite(_) | Purpose::Reset(_), _) => account.as_ref().is_some_and(|a| link.holds_for(a)),
        };
        if !holds || link.expires_at <= self.now() { Err(used_up()) } else { Ok((record, link, account)) }
    }

    /// Ends every link for the same account, or every set-up link: each start without an account printed one.
    pub(super) async fn forget_links(&self, purpose: &Purpose) -> Result<(), Error> {
        for record in self.store().records(RecordKind::Setup, "", "", LINKS_MAX).await? {
            if from_record::<Link>(&record).is_ok_and(|link| link.purpose.account() == purpose.account()) {
                self.store().drop_record(RecordKind::Setup, &record.key).await?;
            }
        }
        Ok(())
    }
}

/// Returns the name that a link sets up: its own, or the one that was chosen.
fn named(purpose: &Purpose, chosen: Option<&str>) -> Result<LoginName, Error> {
    let chosen = chosen.map(LoginName::parse).transpose().map_err(Error::invalid)?;
    match (purpose, chosen) {
        (Purpose::FirstAdmin, Some(chosen)) => Ok(chosen),
        (Purpose::FirstAdmin, None) => Err(Error::invalid(Violation::missing("name"))),
        (Purpose::Invite(own) | Purpose::Reset(own), chosen) if chosen.as_ref().is_none_or(|c| c == own) => {
            Ok(own.clone())
        }
        (Purpose::Invite(own) | Purpose::Reset(own), _) => Err(Error::invalid(Violation::new(
            "name",
            "other_name",
            format!("此链接只用于账号“{own}”"),
            format!("this link is for the account `{own}` alone"),
        ))),
    }
}

fn used_up() -> Error {
    Error::Unsigned {
        zh: "链接无效：已被使用、已过期或抄写有误；请管理员重新生成，或在服务器上运行 bihu setup-link",
        en: "the link does not work: used, expired or miswritten; ask an administrator for another, or run `bihu setup-link` on the server",
    }
}
