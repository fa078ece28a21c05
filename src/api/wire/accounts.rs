//! Accounts, sessions, tokens and the trail, as they go over the wire. No hash and no kept secret is among them.

use crate::domain::{Act, Actor, DivisionCode, Right, Role, Violation, may};
use crate::service::accounts::audit::Line;
use crate::service::accounts::keep::{Amendment, NewAccount};
use crate::service::accounts::link::{Link, NewLink, Purpose};
use crate::service::accounts::{Account, SignedIn};
use crate::service::token::NewToken;
use crate::store::TokenRecord;
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Days until a token ends that does not say when.
const TOKEN_DAYS: i64 = 365;

/// Most days until a token ends.
const TOKEN_DAYS_MAX: i64 = 3660;

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountDoc {
    /// Login name, and the name in the journal.
    pub name: String,
    /// Name shown to people.
    pub display_name: String,
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
}

impl AccountDoc {
    /// Returns what is told of an account.
    pub fn of(account: &Account, world: &World) -> Self {
        Self {
            name: account.name.to_string(),
            display_name: account.display_name.clone(),
            role: account.role,
            role_zh: account.role.zh(),
            scope_name: scope_name(world, account.scope.as_ref()),
            scope: account.scope.clone(),
        }
    }

    fn of_token(actor: &Actor, world: &World) -> Self {
        Self {
            name: actor.name.clone(),
            display_name: actor.name.clone(),
            role: actor.role,
            role_zh: actor.role.zh(),
            scope_name: scope_name(world, actor.scope.as_ref()),
            scope: actor.scope.clone(),
        }
    }
}

fn scope_name(world: &World, scope: Option<&DivisionCode>) -> Option<String> {
    scope.and_then(|code| world.division(code)).map(|row| row.value.name.clone())
}

/// A session just opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionAnswer {
    /// Who.
    pub account: AccountDoc,
    /// What every write by cookie carries as `X-CSRF-Token`.
    pub csrf: String,
    /// When the session ends if nobody uses it; use moves it, up to seven days.
    pub expires_at: DateTime<Utc>,
}

impl SessionAnswer {
    /// Returns what is told of a session.
    pub fn of(session: &SignedIn, world: &World) -> Self {
        Self {
            account: AccountDoc::of(&session.account, world),
            csrf: session.csrf.clone(),
            expires_at: session.expires_at,
        }
    }
}

/// Who asks, and what they may.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhoAnswer {
    /// Who is signed in, by cookie or by token; null for the public.
    pub account: Option<AccountDoc>,
    /// What every write by cookie carries as `X-CSRF-Token`; null without a session.
    pub csrf: Option<String>,
    /// When the session ends if nobody uses it; null without a session.
    pub expires_at: Option<DateTime<Utc>>,
    /// What they may do beside changing the journal.
    #[schema(value_type = Vec<String>)]
    pub rights: Vec<Right>,
    /// How to sign in elsewhere; null when it is not set up.
    pub oidc: Option<OidcDoc>,
    /// There is no account yet: the set-up link that the server printed makes the first.
    pub setup_open: bool,
}

/// Signing in at an OpenID provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct OidcDoc {
    /// What the button says.
    pub label: String,
}

impl WhoAnswer {
    /// Returns who asks.
    pub fn of((actor, session): (&Actor, Option<&SignedIn>), world: &World) -> Self {
        let account = match session {
            Some(session) => Some(AccountDoc::of(&session.account, world)),
            None => (actor.role != Role::Public).then(|| AccountDoc::of_token(actor, world)),
        };
        Self {
            account,
            csrf: session.map(|s| s.csrf.clone()),
            expires_at: session.map(|s| s.expires_at),
            rights: Right::ALL.iter().copied().filter(|right| may(actor, *right).is_ok()).collect(),
            oidc: None,
            setup_open: false,
        }
    }
}

/// Name and password.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SignInBody {
    /// Login name.
    pub name: String,
    /// Password.
    pub password: String,
}

/// Another password.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordBody {
    /// The present one.
    pub current: String,
    /// The new one, 10–200 characters.
    pub new: String,
}

/// The secret of a link.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinkBody {
    /// What stands behind the `#`.
    pub secret: String,
}

/// What a link is for.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkAnswer {
    /// `first_admin` (choose a name), `invite` or `reset` (the name is given).
    pub purpose: &'static str,
    /// The account it is for.
    pub account: Option<AccountDoc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl LinkAnswer {
    /// Returns what is told of a link.
    pub fn of((link, account): &(Link, Option<Account>), world: &World) -> Self {
        let purpose = match link.purpose {
            Purpose::FirstAdmin => "first_admin",
            Purpose::Invite(_) => "invite",
            Purpose::Reset(_) => "reset",
        };
        let account = account.as_ref().map(|account| AccountDoc::of(account, world));
        Self { purpose, account, expires_at: link.expires_at }
    }
}

/// Somebody who follows a link.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SetupBody {
    /// What stands behind the `#`.
    pub secret: String,
    /// Login name; needed for the first administrator, otherwise the link's own.
    pub name: Option<String>,
    /// Password, 10–200 characters.
    pub password: String,
    /// Name shown to people.
    pub display_name: Option<String>,
}

/// An account, as those who keep accounts see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptAccount {
    /// What everybody may know of it.
    #[serde(flatten)]
    pub account: AccountDoc,
    /// It may not sign in for now.
    pub disabled: bool,
    /// It has a password; without one it waits for its invitation to be followed.
    pub has_password: bool,
    /// Subject at the OpenID provider that signs in as it.
    pub oidc_subject: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// When its bearer last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Grows with every change; `If-Match: "v<version>"`.
    pub version: u64,
}

impl KeptAccount {
    /// Returns what is told of an account.
    pub fn of(account: &Account, world: &World) -> Self {
        Self {
            account: AccountDoc::of(account, world),
            disabled: account.disabled,
            has_password: account.password.is_some(),
            oidc_subject: account.oidc_subject.clone(),
            created_at: account.created_at,
            created_by: account.created_by.clone(),
            last_sign_in_at: account.last_sign_in_at,
            version: account.edition,
        }
    }
}

/// A page of accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountsAnswer {
    /// In order of name.
    pub accounts: Vec<KeptAccount>,
    /// `after` of the next page; null on the last.
    pub next: Option<String>,
    /// Most of one page.
    pub limit: usize,
}

/// A one-time link.
#[derive(Debug, Serialize, ToSchema)]
pub struct InviteDoc {
    /// Path with the secret behind the `#`; shown this once.
    pub link: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl From<&NewLink> for InviteDoc {
    fn from(link: &NewLink) -> Self {
        Self { link: format!("/setup#{}", link.secret), expires_at: link.expires_at }
    }
}

/// An account just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeAccount {
    /// The account.
    #[serde(flatten)]
    pub account: KeptAccount,
    /// Link to set the first password; null when one was given.
    pub invite: Option<InviteDoc>,
}

/// A new account.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AccountBody {
    /// Login name.
    pub name: String,
    /// Name shown to people.
    pub display_name: Option<String>,
    /// Role, a word.
    #[schema(value_type = Option<String>)]
    pub role: Option<Role>,
    /// Division that bounds the role; null for the whole store.
    pub scope: Option<String>,
    /// First password; without one the answer holds a link.
    pub password: Option<String>,
    /// Subject at the OpenID provider.
    pub oidc_subject: Option<String>,
}

impl AccountBody {
    /// Returns the account that is asked for, or everything that is wrong with it.
    pub fn read(self) -> Result<NewAccount, Vec<Violation>> {
        let (role, scope) = (role_of(self.role), scope_of(self.scope.as_deref()));
        let (role, scope) = both(role, scope)?;
        Ok(NewAccount {
            name: self.name,
            display_name: self.display_name,
            role,
            scope,
            password: self.password,
            oidc_subject: self.oidc_subject,
        })
    }
}

/// What is to be otherwise about an account; absent members stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AmendmentBody {
    /// Name shown to people.
    pub display_name: Option<String>,
    /// Role, a word.
    #[schema(value_type = Option<String>)]
    pub role: Option<Role>,
    /// Division that bounds the role; null for the whole store.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub scope: Option<Option<String>>,
    /// May not sign in for now.
    pub disabled: Option<bool>,
    /// Subject at the OpenID provider; null to unlink.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub oidc_subject: Option<Option<String>>,
}

impl AmendmentBody {
    /// Returns the amendment that is asked for.
    pub fn read(self) -> Result<Amendment, Vec<Violation>> {
        let scope = self.scope.map(|scope| scope_of(scope.as_deref())).transpose().map_err(|v| vec![v])?;
        Ok(Amendment {
            display_name: self.display_name,
            role: self.role,
            scope,
            disabled: self.disabled,
            oidc_subject: self.oidc_subject,
        })
    }
}

/// Tells `null` from what is absent.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

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

fn role_of(role: Option<Role>) -> Result<Role, Violation> {
    role.ok_or_else(|| Violation::missing("role"))
}

fn scope_of(scope: Option<&str>) -> Result<Option<DivisionCode>, Violation> {
    let named = |v: Violation| Violation { field: "scope".to_owned(), ..v };
    scope.map(DivisionCode::parse).transpose().map_err(named)
}

fn both<A, B>(a: Result<A, Violation>, b: Result<B, Violation>) -> Result<(A, B), Vec<Violation>> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, b) => Err(a.err().into_iter().chain(b.err()).collect()),
    }
}

/// One line of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineDoc {
    /// Its place in the trail.
    pub id: String,
    /// When; of a counting line, the hour it counts.
    pub at: DateTime<Utc>,
    /// When it last happened.
    pub last_at: DateTime<Utc>,
    /// How often.
    pub count: u64,
    /// Who: an account, a token, `public`, or `cli` for somebody at the server itself.
    pub actor: String,
    /// What, a word.
    #[schema(value_type = String)]
    pub act: Act,
    /// What, in Chinese.
    pub act_zh: &'static str,
    /// To whom or what; `?` for a login name that is not known.
    pub target: String,
    /// From which address.
    pub address: String,
    /// What was changed.
    #[schema(value_type = Option<Object>)]
    pub detail: Option<Value>,
}

impl LineDoc {
    /// Returns what is told of a line.
    pub fn of((id, line): (String, Line)) -> Self {
        Self {
            id,
            at: line.at,
            last_at: line.last_at,
            count: line.count,
            actor: line.actor,
            act: line.act,
            act_zh: line.act.zh(),
            target: line.target,
            address: line.address,
            detail: line.detail,
        }
    }
}

/// A page of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrailAnswer {
    /// The newest first.
    pub entries: Vec<LineDoc>,
    /// `before` of the next page; null on the last.
    pub next: Option<String>,
    /// Most of one page.
    pub limit: usize,
    /// Days that a line is kept.
    pub kept_days: i64,
}
