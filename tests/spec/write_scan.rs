//! A scan over every address that takes an unsafe method, found in the API's own document when the test runs: without,
//! with wrong, other-town, expired and revoked credentials, and with a cookie without its token. Denied, nothing written.
//!
//! An address that is added later is scanned too. Those that anybody may use, and those that are questions, are listed.

use crate::house::House;
use crate::people::{Browser, PASSWORD};
use axum::http::Method;
use bihu::domain::Role;
use bihu::store::{Record, RecordKind, TokenRecord};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Unsafe by method, open to anybody: questions, and what has its own proof or its own limits.
const OPEN: [&str; 8] = [
    "POST /api/around",
    "POST /api/coverage",
    "POST /api/isochrones",
    "POST /api/matrix",
    "POST /api/session",
    "POST /api/setup",
    "POST /api/setup/link",
    "POST /api/corrections",
];

/// Refusals of somebody who is known and may not, or not there, or not so.
const NOT_HERE: &[u16] = &[400, 401, 403, 404, 409, 412, 415, 422, 428];

/// A town, and another one.
const TOWN: &str = "310117003";
const OTHER: &str = "310117102";

/// Unsafe operations of the document: method, path with its parameters filled in, path as written.
fn operations() -> Vec<(Method, String, String)> {
    let document = serde_json::to_value(bihu::api::openapi()).expect("a document");
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for word in ["post", "put", "patch", "delete"].into_iter().filter(|word| item.get(word).is_some()) {
            let method: Method = word.to_ascii_uppercase().parse().expect("a method");
            found.push((method, filled(path), path.clone()));
        }
    }
    found
}

/// Fills the parameters of a path in with things that are there.
fn filled(path: &str) -> String {
    let part = |part: &str| match part {
        "{id}" if path.starts_with("/api/resources/") => "shelter-SJ-BN-0001".to_owned(),
        "{id}" if path.starts_with("/api/closures/") => "c-0123456789ab".to_owned(),
        "{name}" if path.starts_with("/api/accounts/") => "target".to_owned(),
        part if part.starts_with('{') => "1".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Everything that a write could have changed: the journal, the tokens, and all records but the trail of the denials
/// themselves and the counts of failed sign-ins.
async fn everything(house: &House) -> (u64, Vec<TokenRecord>, Vec<Record>) {
    let store = house.app.store();
    let mut records = Vec::new();
    for kind in RecordKind::ALL {
        let of_kind = store.records(kind, "", "", 10_000).await.expect("records");
        let kept =
            |r: &Record| kind != RecordKind::Setting || !(r.key.starts_with("audit/") || r.key.starts_with("attempt/"));
        records.extend(of_kind.into_iter().filter(kept));
    }
    (store.revisions().await.expect("a revision").all.0, store.tokens().await.expect("tokens"), records)
}

/// A body that would be taken from somebody who may: denial must come before, or in spite of, what it says.
fn body(path: &str) -> Value {
    match path {
        "/api/resources/{id}" => json!({ "status": "full" }),
        "/api/accounts" => json!({ "name": "intruder", "role": "admin", "password": PASSWORD }),
        "/api/tokens" => json!({ "name": "intruder", "role": "admin" }),
        "/api/accounts/{name}" => json!({ "role": "admin", "scope": null }),
        "/api/closures" => json!({
            "type": "Feature",
            "geometry": { "type": "Point", "coordinates": [121.2284, 31.0322] },
            "properties": { "reason": "intruder" },
        }),
        "/api/session/password" => json!({ "current": PASSWORD, "new": "a red boat at noon" }),
        _ => json!({}),
    }
}

#[tokio::test]
async fn no_write_is_taken_without_credentials_that_hold() {
    let house = House::demo().await;
    house.account("target", Role::Reporter, Some(TOWN)).await;
    let town_admin = house.member("town-admin", Role::Admin, Some(OTHER)).await;
    let chief = house.member("boss", Role::Admin, None).await;
    let ended = house.sign_in("boss").await;
    house.browse(Method::DELETE, "/api/session", &ended, None).await;
    let expired = house.token_until("expired", Role::Admin, None, Some(TimeDelta::seconds(-1))).await;
    let revoked = house.token("revoked", Role::Admin, None).await;
    let id =
        house.app.store().tokens().await.expect("tokens").into_iter().find(|t| t.name == "revoked").expect("it").id;
    house.app.store().revoke_token(&id, house.app.now()).await.expect("revoked");
    let bearer = |token: &str| vec![("authorization".to_owned(), format!("Bearer {token}"))];
    let cookie = |browser: &Browser, csrf: Option<&str>| {
        let mut headers = vec![("cookie".to_owned(), browser.cookie.clone())];
        headers.extend(csrf.map(|csrf| ("x-csrf-token".to_owned(), csrf.to_owned())));
        headers
    };
    let other_editor = house.token("other-editor", Role::Editor, Some(OTHER)).await;
    let other_reporter = house.token("other-reporter", Role::Reporter, Some(OTHER)).await;
    // What is shown, and the statuses that refuse it. Who signed in for another town may make what lies in his own: there
    // the paths name things of this town, or what his role may not.
    let shown: Vec<(&str, Vec<(String, String)>, &[u16])> = vec![
        ("nothing", Vec::new(), &[401]),
        ("a wrong token", bearer("bihu_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &[401]),
        ("no bearer token", vec![("authorization".to_owned(), "Basic YWRtaW46YWRtaW4=".to_owned())], &[401]),
        ("an expired token", bearer(&expired), &[401]),
        ("a revoked token", bearer(&revoked), &[401]),
        ("a cookie of no session", vec![("cookie".to_owned(), "bihu_session=AAAA".to_owned())], &[401]),
        ("a cookie signed out", cookie(&ended, Some(&ended.csrf)), &[401]),
        ("an administrator's cookie without its token", cookie(&chief, None), &[403]),
        ("an administrator's cookie with a wrong token", cookie(&chief, Some("x")), &[403]),
        ("an administrator's cookie with another's token", cookie(&chief, Some(&town_admin.csrf)), &[403]),
        ("a reporter of another town", bearer(&other_reporter), NOT_HERE),
        ("an editor of another town", bearer(&other_editor), NOT_HERE),
        ("an administrator of another town by cookie", cookie(&town_admin, Some(&town_admin.csrf)), NOT_HERE),
    ];
    let before = everything(&house).await;
    let mut wrong = Vec::new();
    let mut scanned = 0;
    for (method, path, written) in operations() {
        if OPEN.contains(&format!("{method} {written}").as_str()) {
            continue;
        }
        for (what, headers, refusals) in &shown {
            // His own session is his to end.
            if what.contains("another town by cookie") && written.starts_with("/api/session") {
                continue;
            }
            let mut all: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            all.push(("if-match", "*"));
            let answer = house.call(method.clone(), &path, &all, Some(&body(&written))).await;
            scanned += 1;
            if !refusals.contains(&answer.status.as_u16()) {
                wrong.push(format!("{method} {path} with {what}: {} {}", answer.status, answer.text()));
            }
            if everything(&house).await != before {
                panic!("{method} {path} with {what} wrote something: {}", answer.text());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(scanned >= 11 * 12, "only {scanned} were tried");
}

#[tokio::test]
async fn who_may_is_asked_before_what_was_sent_is_judged() {
    let house = House::demo().await;
    let reporter = house.token("reporter", Role::Reporter, None).await;
    let bearer = format!("Bearer {reporter}");
    let mut wrong = Vec::new();
    for (method, path, written) in operations() {
        if OPEN.contains(&format!("{method} {written}").as_str()) {
            continue;
        }
        let unsigned = house.call(method.clone(), &path, &[], Some(&json!([]))).await.status.as_u16();
        if unsigned != 401 {
            wrong.push(format!("{method} {path} unsigned: {unsigned}"));
        }
        // What is held to the thing that is changed can not be asked before it is known which; the rest can. Roads a
        // reporter may close.
        let settled = ["/api/resources", "/api/batches", "/api/session", "/api/closures"]
            .iter()
            .all(|top| !written.starts_with(top));
        let denied = house.call(method.clone(), &path, &[("authorization", &bearer)], Some(&json!([]))).await;
        if settled && denied.status.as_u16() != 403 {
            wrong.push(format!("{method} {path} as a reporter: {}", denied.status));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_is_open_to_anybody_is_on_the_list_and_writes_nothing_by_a_foreign_page() {
    let house = House::demo().await;
    let browser = house.member("boss", Role::Admin, None).await;
    let before = everything(&house).await;
    for (method, path, _) in operations() {
        let headers = [("cookie", browser.cookie.as_str()), ("origin", "https://evil.test"), ("if-match", "*")];
        let answer = house.call(method.clone(), &path, &headers, Some(&json!({}))).await;
        assert!(answer.status.is_client_error(), "{method} {path}: {}", answer.status);
    }
    assert!(everything(&house).await == before);
}
