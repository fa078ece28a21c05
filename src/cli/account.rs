//! `bihu account` and `bihu setup-link`: keep accounts from the machine itself. Whoever can run this on the store owns it.

use super::StoreArgument;
use super::say::say;
use crate::domain::{Act, Actor, DivisionCode, LoginName, Role};
use crate::service::App;
use crate::service::accounts::audit::Mark;
use crate::service::accounts::keep::{Amendment, Keeper, NewAccount};
use crate::service::accounts::link::NewLink;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, Parser)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make an account and print the one-time link that sets its password
    Create {
        /// Login name: letters, Chinese characters, digits . _ -
        name: String,
        /// reporter | editor | dispatcher | planner | steward | admin
        #[arg(long, value_parser = super::token::role)]
        role: Role,
        /// Division code that bounds the role, e.g. 310117102
        #[arg(long, value_parser = super::token::scope)]
        scope: Option<DivisionCode>,
        /// Name shown to people
        #[arg(long)]
        display_name: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// List accounts
    List {
        #[command(flatten)]
        store: StoreArgument,
    },
    /// Keep somebody from signing in, and end their sessions
    Disable {
        /// Login name
        name: String,
        #[command(flatten)]
        store: StoreArgument,
    },
    /// Print a one-time link that sets another password
    Reset {
        /// Login name
        name: String,
        #[command(flatten)]
        place: Place,
    },
}

/// Where the store is, and where its service is reached.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// Address at which people reach the service, for the link
    #[arg(long, env = "BIHU_ADDRESS", default_value = "http://127.0.0.1:8080")]
    address: String,
    #[command(flatten)]
    store: StoreArgument,
}

#[derive(Debug, Parser)]
pub struct SetupLink {
    #[command(flatten)]
    place: Place,
}

/// Returns the link as people follow it.
pub fn shown(address: &str, link: &NewLink) -> String {
    format!("{}/setup#{}", address.trim_end_matches('/'), link.secret)
}

pub async fn setup_link(arguments: SetupLink) -> anyhow::Result<ExitCode> {
    let app = arguments.place.store.app().await?;
    let link = app.setup_link().await?;
    app.note(Mark { actor: "cli", act: Act::LinkMade, target: "setup", address: "cli" }, None).await;
    say!("{}", shown(&arguments.place.address, &link))?;
    app.close().await;
    Ok(ExitCode::SUCCESS)
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let owner = Actor { name: "cli".to_owned(), role: Role::Admin, scope: None };
    let by = Keeper { actor: &owner, address: "cli" };
    let app = match arguments.action {
        Action::Create { name, role, scope, display_name, place } => {
            let app = place.store.app().await?;
            let new = NewAccount { name, display_name, role, scope, password: None, oidc_subject: None };
            let (_, link) = app.make_account(by, new).await?;
            if let Some(link) = link {
                say!("{}", shown(&place.address, &link))?;
            }
            app
        }
        Action::List { store } => list(store.app().await?, &owner).await?,
        Action::Disable { name, store } => {
            let app = store.app().await?;
            let change = Amendment { disabled: Some(true), ..Amendment::default() };
            app.change_account(by, &known(&name)?, (None, change)).await?;
            app
        }
        Action::Reset { name, place } => {
            let app = place.store.app().await?;
            let link = app.reset_account(by, &known(&name)?).await?;
            say!("{}", shown(&place.address, &link))?;
            app
        }
    };
    app.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn list(app: Arc<App>, owner: &Actor) -> anyhow::Result<Arc<App>> {
    for account in app.list_accounts(owner).await? {
        let scope = account.scope.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let seen = account.last_sign_in_at.map_or_else(|| "-".to_owned(), |at| at.to_rfc3339());
        let state = match (account.disabled, account.password.is_some()) {
            (true, _) => "disabled",
            (false, false) => "invited",
            (false, true) => "active",
        };
        say!("{}\t{}\t{scope}\t{}\t{seen}\t{state}", account.name, account.role, account.display_name)?;
    }
    Ok(app)
}

fn known(name: &str) -> anyhow::Result<LoginName> {
    LoginName::parse(name).map_err(|violation| anyhow::anyhow!("{} / {}", violation.zh, violation.en))
}
