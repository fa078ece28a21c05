//! Keeping accounts and tokens: make, change, remove, invite; bounded by what the keeper is himself.
//!
//! Invariants: [`may_grant`] is asked of what an account was and of what it becomes; the last administrator of the whole
//! who can sign in stays one, whichever nodes work at once; what an account loses, its sessions lose; and its links and
//! sessions are for what it was when they were made.

use super::audit::Mark;
use super::link::{NewLink, Purpose};
use super::record::{ACCOUNTS_MAX, taken};
use super::{Account, record};
use crate::domain::{
    Act, Actor, Denial, DivisionCode, LoginName, Right, Role, Violation, may, may_grant, refuse_posing, weaknesses,
};
use crate::service::token::{self, NewToken};
use crate::service::{App, Error};
use crate::store::{RecordKind, TokenRecord};
use serde_json::{Value, json};

/// Longest display name, characters.
const DISPLAY_NAME_MAX: usize = 60;

/// Longest subject of an OpenID provider, characters (OpenID Connect Core 1.0, section 2).
const SUBJECT_MAX: usize = 255;

/// Who keeps accounts, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Keeper<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// Address of the client.
    pub address: &'a str,
}

/// A new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Login name.
    pub name: String,
    /// Name shown to people.
    pub display_name: Option<String>,
    /// Role.
    pub role: Role,
    /// Division that bounds it.
    pub scope: Option<DivisionCode>,
    /// First password; without one a link to set it is made.
    pub password: Option<String>,
    /// Subject at the OpenID provider.
    pub oidc_subject: Option<String>,
}

/// What is to be otherwise about an account; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Amendment {
    /// Name shown to people.
    pub display_name: Option<String>,
    /// Role.
    pub role: Option<Role>,
    /// Division that bounds it.
    pub scope: Option<Option<DivisionCode>>,
    /// May not sign in for now.
    pub disabled: Option<bool>,
    /// Subject at the OpenID provider.
    pub oidc_subject: Option<Option<String>>,
}

impl App {
    /// Lists the accounts that a keeper may keep, in order of name.
    pub async fn list_accounts(&self, actor: &Actor) -> Result<Vec<Account>, Error> {
        may(actor, Right::KeepAccounts).map_err(Error::Denied)?;
        let mut all = self.accounts().await?;
        all.retain(|account| may_grant(actor, account.role, account.scope.as_ref()).is_ok());
        Ok(all)
    }

    /// Makes an account; without a password, with a link to set one.
    pub async fn make_account(&self, by: Keeper<'_>, new: NewAccount) -> Result<(Account, Option<NewLink>), Error> {
        may_grant(by.actor, new.role, new.scope.as_ref()).map_err(Error::Denied)?;
        let name = LoginName::parse(&new.name).map_err(Error::invalid)?;
        let mut account = Account::new(name, real(new.role)?, (&by.actor.name, self.now()))?;
        if let Some(shown) = &new.display_name {
            account.display_name = display_name(shown)?;
        }
        account.scope = new.scope;
        if let Some(password) = new.password {
            let weak = weaknesses(&password, &account.name);
            if !weak.is_empty() {
                return Err(Error::Invalid(weak));
            }
            account.password = Some(self.desk.hasher.hash(password).await?);
        }
        let _turn = self.desk.turn.lock().await;
        self.refuse_taken_name(&account.name).await?;
        if let Some(subject) = new.oidc_subject {
            account.oidc_subject = Some(self.free_subject(&subject, &account.name).await?);
        }
        if self.accounts().await?.len() >= ACCOUNTS_MAX {
            return Err(Error::TooLarge {
                zh: format!("账号数已达上限 {ACCOUNTS_MAX}"),
                en: format!("there are {ACCOUNTS_MAX} accounts already, which is the limit"),
            });
        }
        self.add_account(&account).await?;
        self.note_kept(by, Act::AccountMade, &account.name, json!({ "after": shown(&account) })).await;
        let invited = account.password.is_none() && account.oidc_subject.is_none();
        let link = if invited { Some(self.password_link(&account).await?) } else { None };
        Ok((account, link))
    }

    /// Changes an account that is at the edition its keeper looked at. A change of role, scope, of being disabled or of
    /// its OpenID subject ends its sessions and its links: an old link must not open an account that became more.
    pub async fn change_account(
        &self,
        by: Keeper<'_>,
        name: &LoginName,
        (edition, change): (Option<u64>, Amendment),
    ) -> Result<Account, Error> {
        let _turn = self.desk.turn.lock().await;
        self.kept_by(by.actor, name).await?;
        let subject = match change.oidc_subject {
            Some(Some(subject)) => Some(Some(self.free_subject(&subject, name).await?)),
            other => other,
        };
        let shown_name = change.display_name.as_deref().map(display_name).transpose()?;
        let mut before = None;
        let after = self
            .amend_account(name, |account| {
                may_grant(by.actor, account.role, account.scope.as_ref()).map_err(Error::Denied)?;
                if edition.is_some_and(|seen| seen != account.edition) {
                    return Err(Error::Outdated { current: account.edition });
                }
                before = Some(account.clone());
                account.display_name = shown_name.clone().unwrap_or_else(|| account.display_name.clone());
                account.role = change.role.map_or(Ok(account.role), real)?;
                account.scope = change.scope.clone().unwrap_or_else(|| account.scope.clone());
                account.disabled = change.disabled.unwrap_or(account.disabled);
                account.oidc_subject = subject.clone().unwrap_or_else(|| account.oidc_subject.clone());
                may_grant(by.actor, account.role, account.scope.as_ref()).map_err(Error::Denied)?;
                account.edition += 1;
                settle(before.as_ref(), account)
            })
            .await?;
        let Some(before) = before else { return Ok(after) };
        self.keep_a_chief(&before).await?;
        if before.generation != after.generation {
            // They do not hold any more; this clears them away.
            self.forget_links(&Purpose::Reset(name.clone())).await?;
        }
        self.revoke_made_by(by, &after, Some(&after)).await?;
        let told = json!({ "before": shown(&before), "after": shown(&after) });
        self.note_kept(by, Act::AccountChanged, name, told).await;
        Ok(after)
    }

    /// Removes an account; its sessions end, what it did stays in the journal under its name.
    pub async fn remove_account(&self, by: Keeper<'_>, name: &LoginName) -> Result<(), Error> {
        let _turn = self.desk.turn.lock().await;
        let account = self.kept_by(by.actor, name).await?;
        self.store().drop_record(RecordKind::Account, name.as_str()).await?;
        self.desk.seen.clear();
        self.keep_a_chief(&account).await?;
        self.revoke_made_by(by, &account, None).await?;
        // An invitation must not open the account of another person who gets the name later.
        self.forget_links(&Purpose::Invite(name.clone())).await?;
        self.note_kept(by, Act::AccountRemoved, name, json!({ "before": shown(&account) })).await;
        Ok(())
    }

    /// Makes a link with which the bearer of an account sets another password. The old one works until then.
    pub async fn reset_account(&self, by: Keeper<'_>, name: &LoginName) -> Result<NewLink, Error> {
        let account = self.kept_by(by.actor, name).await?;
        if account.disabled {
            return Err(Error::Conflict {
                zh: format!("账号“{name}”已停用，链接不会起作用；请先启用"),
                en: format!("the account `{name}` is disabled and a link would not work: enable it first"),
            });
        }
        let link = self.password_link(&account).await?;
        self.note_kept(by, Act::LinkMade, name, json!({ "expires_at": link.expires_at })).await;
        Ok(link)
    }

    /// Lists the tokens that a keeper may keep, oldest first.
    pub async fn list_tokens(&self, actor: &Actor) -> Result<Vec<TokenRecord>, Error> {
        may(actor, Right::KeepAccounts).map_err(Error::Denied)?;
        let mut all = self.store().tokens().await?;
        all.retain(|token| may_grant(actor, token.role, token.scope.as_ref()).is_ok());
        Ok(all)
    }

    /// Makes a token within what its maker is himself.
    pub async fn make_token(&self, by: Keeper<'_>, new: NewToken) -> Result<(String, TokenRecord), Error> {
        may_grant(by.actor, new.role, new.scope.as_ref()).map_err(Error::Denied)?;
        real(new.role)?;
        let (token, record) = token::create_kept(self.store(), new, Some(&by.actor.name), self.now()).await?;
        let told =
            json!({ "id": record.id, "role": record.role, "scope": record.scope, "expires_at": record.expires_at });
        let mark = Mark { actor: &by.actor.name, act: Act::TokenMade, target: &record.name, address: by.address };
        self.note(mark, Some(told)).await;
        Ok((token, record))
    }

    /// Takes a token back.
    pub async fn revoke_token(&self, by: Keeper<'_>, id: &str) -> Result<(), Error> {
        may(by.actor, Right::KeepAccounts).map_err(Error::Denied)?;
        let found = self.store().tokens().await?.into_iter().find(|token| token.id == id);
        let token = found.ok_or_else(|| absent(by.actor, id))?;
        may_grant(by.actor, token.role, token.scope.as_ref()).map_err(Error::Denied)?;
        self.store().revoke_token(id, self.now()).await?;
        let mark = Mark { actor: &by.actor.name, act: Act::TokenRevoked, target: &token.name, address: by.address };
        self.note(mark, Some(json!({ "id": id }))).await;
        Ok(())
    }

    /// Takes back the tokens that an account made, and those made with them, as far as it may not make them any more: all
    /// of them when it is disabled or gone (`now` is `None`).
    async fn revoke_made_by(&self, by: Keeper<'_>, maker: &Account, now: Option<&Account>) -> Result<(), Error> {
        let gives = |t: &TokenRecord| {
            let still = now.filter(|account| !account.disabled).map(Account::actor);
            still.is_some_and(|actor| may_grant(&actor, t.role, t.scope.as_ref()).is_ok())
        };
        let mut rest = self.store().tokens().await?;
        let mut makers = vec![(maker.name.to_string(), maker.created_at)];
        while let Some((name, since)) = makers.pop() {
            // A name may have been another's before: what is older than its maker was made by that one.
            let made = |t: &mut TokenRecord| t.created_by.as_ref() == Some(&name) && t.created_at >= since && !gives(t);
            for token in rest.extract_if(.., made) {
                makers.push((token.name.clone(), token.created_at));
                if token.revoked_at.is_some() {
                    continue;
                }
                self.store().revoke_token(&token.id, self.now()).await?;
                let target = &token.name;
                let mark = Mark { actor: &by.actor.name, act: Act::TokenRevoked, target, address: by.address };
                self.note(mark, Some(json!({ "id": token.id, "made_by": token.created_by }))).await;
            }
        }
        Ok(())
    }

    /// Refuses a name that the journal could not tell from another's: an account's or that of a token in force.
    pub(super) async fn refuse_taken_name(&self, name: &LoginName) -> Result<(), Error> {
        let in_force = token::in_force(self.store(), self.now()).await?;
        let account = self.account(name).await?;
        if account.is_some() || in_force.iter().any(|t| name.reads_like(&t.name)) { Err(taken(name)) } else { Ok(()) }
    }

    /// Returns an account that an actor may keep.
    async fn kept_by(&self, actor: &Actor, name: &LoginName) -> Result<Account, Error> {
        may(actor, Right::KeepAccounts).map_err(Error::Denied)?;
        let found = self.account(name).await?;
        let (account, _) = found.ok_or_else(|| absent(actor, name.as_str()))?;
        may_grant(actor, account.role, account.scope.as_ref()).map_err(Error::Denied)?;
        Ok(account)
    }

    /// Puts an account back as it was when no administrator of the whole is left. Looking afterwards holds between nodes
    /// too: of two that take each other's right away at once, at least one looks after both have written.
    async fn keep_a_chief(&self, before: &Account) -> Result<(), Error> {
        if !before.is_chief() || self.accounts().await?.iter().any(Account::is_chief) {
            return Ok(());
        }
        match self.account(&before.name).await? {
            Some(_) => {
                self.amend_account(&before.name, |account| {
                    account.clone_from(before);
                    Ok(())
                })
                .await?;
            }
            None => self.add_account(before).await?,
        }
        Err(Error::Conflict {
            zh: "这是最后一个可登录的全域管理员，不能停用、降级或删除；请先另设一个".to_owned(),
            en: "this is the last administrator of the whole who can sign in; make another first".to_owned(),
        })
    }

    /// Returns a subject that no other account has.
    async fn free_subject(&self, subject: &str, name: &LoginName) -> Result<String, Error> {
        let subject = subject.trim();
        if subject.is_empty() || subject.chars().count() > SUBJECT_MAX || subject.chars().any(char::is_control) {
            return Err(Error::invalid(Violation::new(
                "oidc_subject",
                "bad_subject",
                format!("oidc_subject 应为 1–{SUBJECT_MAX} 个字符"),
                format!("oidc_subject takes 1–{SUBJECT_MAX} characters"),
            )));
        }
        let other =
            self.accounts().await?.into_iter().find(|a| a.name != *name && a.oidc_subject.as_deref() == Some(subject));
        match other {
            None => Ok(subject.to_owned()),
            Some(_) => Err(Error::Conflict {
                zh: "该 OIDC 主体已关联另一个账号".to_owned(),
                en: "that OpenID subject is linked to another account".to_owned(),
            }),
        }
    }

    async fn note_kept(&self, by: Keeper<'_>, act: Act, name: &LoginName, detail: Value) {
        let mark = Mark { actor: &by.actor.name, act, target: name.as_str(), address: by.address };
        self.note(mark, Some(detail)).await;
    }
}

/// The refusal of what is not there. Who keeps a part is told what he is told of all outside it: he does not learn by
/// asking who is there.
fn absent(actor: &Actor, what: &str) -> Error {
    if actor.scope.is_none() { Error::not_found(what) } else { Error::Denied(Denial::lacking(actor, "scope")) }
}

/// Refuses the role that nobody has to sign in for.
fn real(role: Role) -> Result<Role, Error> {
    if role != Role::Public {
        return Ok(role);
    }
    let choices = Role::ALL.iter().filter(|r| **r != Role::Public).map(|r| r.word()).collect::<Vec<_>>().join(", ");
    Err(Error::invalid(Violation::not_a_choice("role", role.word(), &choices)))
}

/// Ends the sessions and links of an account that is no longer what it was when they were made.
fn settle(before: Option<&Account>, account: &mut Account) -> Result<(), Error> {
    let what = |a: &Account| (a.role, a.scope.clone(), a.disabled, a.oidc_subject.clone());
    let same = before.is_some_and(|before| what(before) == what(account));
    if same { Ok(()) } else { account.end_sessions() }
}

/// Returns a display name, cut of white space, or what is wrong with it.
pub(super) fn display_name(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > DISPLAY_NAME_MAX || text.chars().any(char::is_control) {
        return Err(Error::invalid(Violation::new(
            "display_name",
            "bad_name",
            format!("显示名应为 1–{DISPLAY_NAME_MAX} 个字符"),
            format!("a display name takes 1–{DISPLAY_NAME_MAX} characters"),
        )));
    }
    refuse_posing("display_name", text).map_err(Error::invalid)?;
    Ok(text.to_owned())
}

/// Returns what the trail tells of an account: never a secret.
fn shown(account: &record::Account) -> Value {
    json!({
        "display_name": account.display_name, "role": account.role, "scope": account.scope, "disabled": account.disabled,
        "oidc_subject": account.oidc_subject, "has_password": account.password.is_some(),
    })
}

/// The denial of what only a keeper of the whole may see.
pub fn whole_only(actor: &Actor) -> Result<(), Denial> {
    may(actor, Right::KeepAccounts)?;
    if actor.scope.is_none() { Ok(()) } else { Err(Denial::lacking(actor, "scope")) }
}
