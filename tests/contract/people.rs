//! Promises about accounts and sessions that several nodes on one store keep together.

use crate::ground::Ground;
use bihu::domain::{Act, Actor, LoginName, Role};
use bihu::service::accounts::attempt::Attempt;
use bihu::service::accounts::keep::{Amendment, Keeper, NewAccount};
use bihu::service::accounts::link::Follower;
use bihu::service::{App, Error};
use std::sync::Arc;
use std::time::Duration;

const PASSWORD: &str = "seven green umbrellas";

async fn node(ground: &Ground) -> Arc<App> {
    App::open(ground.open().await, chrono::Utc::now).await.expect("a node")
}

fn owner() -> Actor {
    Actor { name: "cli".to_owned(), role: Role::Admin, scope: None }
}

fn name(text: &str) -> LoginName {
    LoginName::parse(text).expect("a login name")
}

async fn make(app: &App, name: &str, role: Role) {
    let new = NewAccount {
        name: name.to_owned(),
        display_name: Some("小王".to_owned()),
        role,
        scope: None,
        password: Some(PASSWORD.to_owned()),
        oidc_subject: None,
    };
    app.make_account(Keeper { actor: &owner(), address: "cli" }, new).await.expect("an account");
}

fn attempt(name: &str, password: &str) -> Attempt {
    Attempt { name: name.to_owned(), password: password.to_owned(), address: "192.0.2.1".to_owned() }
}

/// A session opened on one node is one on the other, and is over on both when it is ended, or its right is taken away.
pub async fn a_session_is_the_same_on_every_node(ground: &Ground) {
    let (here, there) = (node(ground).await, node(ground).await);
    make(&here, "王小明", Role::Editor).await;
    let first = here.sign_in(attempt("王小明", PASSWORD)).await.expect("signed in");
    let second = there.sign_in(attempt("王小明", PASSWORD)).await.expect("signed in");
    for app in [&here, &there] {
        for secret in [&first.secret, &second.secret] {
            let found = app.session(secret).await.expect("an answer").expect("a session");
            assert_eq!((found.account.display_name.as_str(), found.actor().role), ("小王", Role::Editor));
        }
    }
    here.sign_out(&first.signed_in, "192.0.2.1").await.expect("signed out");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(there.session(&first.secret).await.expect("an answer").is_none());
    assert!(there.session(&second.secret).await.expect("an answer").is_some());
    let change = Amendment { role: Some(Role::Reporter), ..Amendment::default() };
    let by = owner();
    here.change_account(Keeper { actor: &by, address: "cli" }, &name("王小明"), (None, change)).await.expect("changed");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(there.session(&second.secret).await.expect("an answer").is_none());
}

/// Of two nodes that take each other's administrator away at once, one at least is refused.
pub async fn the_last_administrator_stays_whichever_nodes_work_at_once(ground: &Ground) {
    let (here, there) = (node(ground).await, node(ground).await);
    for chief in ["one", "two"] {
        make(&here, chief, Role::Admin).await;
    }
    let by = owner();
    let keeper = Keeper { actor: &by, address: "cli" };
    for round in 0..10 {
        let off = |disabled| Amendment { disabled: Some(disabled), ..Amendment::default() };
        let (one, two) = (name("one"), name("two"));
        let (a, b) = tokio::join!(
            here.change_account(keeper, &one, (None, off(true))),
            there.change_account(keeper, &two, (None, off(true)))
        );
        assert!(a.is_err() || b.is_err(), "round {round}: both went through");
        let all = here.list_accounts(&by).await.expect("accounts");
        assert!(all.iter().any(|account| !account.disabled), "round {round}: nobody is left");
        for chief in [&one, &two] {
            here.change_account(keeper, chief, (None, off(false))).await.expect("enabled again");
        }
    }
}

/// A one-time link works once, on whichever node it is followed.
pub async fn a_link_is_followed_once(ground: &Ground) {
    let (here, there) = (node(ground).await, node(ground).await);
    let link = here.setup_link().await.expect("a link");
    let follow = |name: &str| Follower {
        secret: link.secret.clone(),
        name: Some(name.to_owned()),
        password: PASSWORD.to_owned(),
        display_name: None,
        address: "192.0.2.1".to_owned(),
    };
    let (a, b) = tokio::join!(here.follow_link(follow("one")), there.follow_link(follow("two")));
    assert!(a.is_ok() != b.is_ok(), "one of them gets in");
    let refused = a.err().or(b.err()).expect("the other");
    assert!(matches!(refused, Error::Unsigned { .. }), "{refused}");
    assert_eq!(here.list_accounts(&owner()).await.expect("accounts").len(), 1);
}

/// The trail comes the newest first, in pages, and counts what comes in floods on every node together.
pub async fn the_trail_is_one_for_all_nodes(ground: &Ground) {
    let (here, there) = (node(ground).await, node(ground).await);
    make(&here, "wang", Role::Admin).await;
    for app in [&here, &there, &here] {
        let refused = app.sign_in(attempt("wang", "wrong password")).await.expect_err("a wrong password");
        assert!(matches!(refused, Error::Unsigned { .. }), "{refused}");
    }
    there.sign_in(attempt("wang", PASSWORD)).await.expect("signed in");
    let _ = here.trail(None, 1).await.expect("what this node still counts is written");
    let lines = there.trail(None, 100).await.expect("the trail");
    let failed: u64 = lines.iter().filter(|(_, l)| l.act == Act::SignInFailed).map(|(_, l)| l.count).sum();
    assert_eq!(failed, 3, "{lines:#?}");
    let mut paged = Vec::new();
    let mut before: Option<String> = None;
    loop {
        let page = there.trail(before.as_deref(), 1).await.expect("a page");
        let Some((id, line)) = page.into_iter().next() else { break };
        before = Some(id.clone());
        paged.push((id, line));
    }
    assert_eq!(paged, lines);
    assert!(lines.windows(2).all(|pair| pair[0].1.at >= pair[1].1.at), "the newest first");
}
