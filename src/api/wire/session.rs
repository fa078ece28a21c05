//! Who is signed in, and how one becomes it. No hash and no kept secret is among what is told.

use crate::domain::{Actor, DivisionCode, Right, Role, may};
use crate::service::accounts::link::{Link, Purpose};
use crate::service::accounts::{Account, SignedIn};
use crate::world::World;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// Returns the name of a scope, where the division is known.
pub(super) fn scope_name(world: &World, scope: Option<&DivisionCode>) -> Option<String> {
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
