//! People of a house: accounts with passwords, and browsers that keep their cookie and send the session's token.

use crate::house::{Answer, House};
use axum::http::Method;
use bihu::domain::{Actor, DivisionCode, Role};
use bihu::service::accounts::keep::{Keeper, NewAccount};
use serde_json::{Value, json};

/// Password of everybody in the tests.
pub const PASSWORD: &str = "seven green umbrellas";

/// Somebody's browser.
#[derive(Debug, Clone)]
pub struct Browser {
    pub cookie: String,
    pub csrf: String,
}

impl House {
    /// Makes an account with the password of everybody.
    pub async fn account(&self, name: &str, role: Role, scope: Option<&str>) {
        let owner = Actor { name: "cli".to_owned(), role: Role::Admin, scope: None };
        let new = NewAccount {
            name: name.to_owned(),
            display_name: None,
            role,
            scope: scope.map(|code| DivisionCode::parse(code).expect("a division code")),
            password: Some(PASSWORD.to_owned()),
            oidc_subject: None,
        };
        self.app.make_account(Keeper { actor: &owner, address: "cli" }, new).await.expect("an account");
    }

    /// Tries a password.
    pub async fn try_password(&self, name: &str, password: &str) -> Answer {
        self.post("/api/session", &json!({ "name": name, "password": password })).await
    }

    /// Signs in.
    pub async fn sign_in(&self, name: &str) -> Browser {
        Browser::of(&self.try_password(name, PASSWORD).await)
    }

    /// Makes an account and signs in.
    pub async fn member(&self, name: &str, role: Role, scope: Option<&str>) -> Browser {
        self.account(name, role, scope).await;
        self.sign_in(name).await
    }

    /// Asks as the page in a browser does, with the session's token.
    pub async fn browse(&self, method: Method, path: &str, browser: &Browser, body: Option<&Value>) -> Answer {
        self.browse_with(method, path, browser, (&[], body)).await
    }

    /// Asks as the page in a browser does, with more headers.
    pub async fn browse_with(
        &self,
        method: Method,
        path: &str,
        browser: &Browser,
        (more, body): (&[(&str, &str)], Option<&Value>),
    ) -> Answer {
        let mut headers = vec![("cookie", browser.cookie.as_str()), ("x-csrf-token", browser.csrf.as_str())];
        headers.extend(more);
        self.call(method, path, &headers, body).await
    }
}

impl Browser {
    /// Returns the browser that got this answer to signing in.
    pub fn of(answer: &Answer) -> Self {
        let csrf = answer.json()["csrf"].as_str().expect("a token").to_owned();
        let line = answer.header("set-cookie");
        Self { cookie: line.split(';').next().expect("a cookie").to_owned(), csrf }
    }
}
