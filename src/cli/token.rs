//! `bihu token`: make, list and take back bearer tokens.

use super::StoreArgument;
use super::say::say;
use crate::domain::{DivisionCode, Role};
use crate::service::token::{NewToken, create};
use chrono::{Duration, SecondsFormat, Utc};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token and print it, alone; it can not be shown again
    Create {
        /// reporter | editor | dispatcher | planner | steward | admin
        #[arg(long, value_parser = role)]
        role: Role,
        /// Name written in the journal
        #[arg(long)]
        name: Option<String>,
        /// Division code that bounds the role, e.g. 310117102
        #[arg(long, value_parser = scope)]
        scope: Option<DivisionCode>,
        /// Days until it ends; without it the token does not end
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=36500))]
        expires_in_days: Option<i64>,
        #[command(flatten)]
        store: StoreArgument,
    },
    /// List tokens, without their secrets
    List {
        #[command(flatten)]
        store: StoreArgument,
    },
    /// Take a token back, by the id that `list` shows
    Revoke {
        /// Id of the token
        id: String,
        #[command(flatten)]
        store: StoreArgument,
    },
}

pub(super) fn role(word: &str) -> Result<Role, String> {
    Role::from_word(word)
        .filter(|role| *role != Role::Public)
        .ok_or_else(|| "one of: reporter, editor, dispatcher, planner, steward, admin".to_owned())
}

pub(super) fn scope(text: &str) -> Result<DivisionCode, String> {
    DivisionCode::parse(text).map_err(|violation| violation.en)
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.action {
        Action::Create { role, name, scope, expires_in_days, store } => {
            let app = store.app().await?;
            let now = Utc::now();
            if let Some(code) = &scope {
                anyhow::ensure!(
                    app.world().may_be_division(code),
                    "没有代码为 {code} 的区划 / there is no division {code}"
                );
            }
            let new =
                NewToken { name, role, scope, expires_at: expires_in_days.map(|days| now + Duration::days(days)) };
            let token = create(app.store(), new, now).await?;
            app.close().await;
            say!("{token}")?;
        }
        Action::List { store } => {
            let store = store.open_existing().await?;
            for token in store.tokens().await? {
                let end =
                    token.expires_at.map_or_else(|| "-".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
                let ended = token.expires_at.is_some_and(|end| end <= Utc::now());
                let state = match (token.revoked_at.is_some(), ended) {
                    (true, _) => "revoked",
                    (false, true) => "expired",
                    (false, false) => "valid",
                };
                let scope = token.scope.map_or_else(|| "-".to_owned(), |s| s.to_string());
                let by = token.created_by.as_deref().unwrap_or("-");
                say!("{}\t{}\t{}\t{scope}\t{end}\t{state}\t{by}", token.id, token.role, token.name)?;
            }
            store.close().await;
        }
        Action::Revoke { id, store } => {
            let store = store.open_existing().await?;
            let found = store.revoke_token(&id, Utc::now()).await?;
            store.close().await;
            anyhow::ensure!(found, "没有令牌 {id} / there is no token {id}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
