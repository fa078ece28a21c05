//! Accounts and their trail, as those who keep them see them. No hash and no kept secret is among what is told.

use super::session::AccountDoc;
use crate::domain::{Act, DivisionCode, Role, Violation};
use crate::service::accounts::Account;
use crate::service::accounts::audit::Line;
use crate::service::accounts::keep::{Amendment, NewAccount};
use crate::service::accounts::link::NewLink;
use crate::world::World;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

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

/// Returns the role, which has to be said.
pub(super) fn role_of(role: Option<Role>) -> Result<Role, Violation> {
    role.ok_or_else(|| Violation::missing("role"))
}

/// Returns the scope; none is the whole store.
pub(super) fn scope_of(scope: Option<&str>) -> Result<Option<DivisionCode>, Violation> {
    let named = |v: Violation| Violation { field: "scope".to_owned(), ..v };
    scope.map(DivisionCode::parse).transpose().map_err(named)
}

/// Returns both, or everything that is wrong with either.
pub(super) fn both<A, B>(a: Result<A, Violation>, b: Result<B, Violation>) -> Result<(A, B), Vec<Violation>> {
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
