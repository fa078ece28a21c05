//! Keeping accounts and tokens over HTTP, one-time links, and the trail.

use crate::house::{Answer, House, now};
use crate::people::{Browser, PASSWORD};
use axum::http::Method;
use bihu::domain::Role;
use bihu::store::RecordKind;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};

const TOWN: &str = "310117003000";
const OTHER: &str = "310117102000";

async fn as_admin(house: &House, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let bearer = house.bearer();
    house.call(method, path, &[("authorization", &bearer), ("if-match", "*")], body).await
}

async fn setup_secret(house: &House) -> String {
    house.app.first_link().await.expect("a link").expect("there is no account yet").secret
}

#[tokio::test]
async fn the_set_up_link_makes_the_first_administrator_once() {
    let house = House::empty().await;
    let (first, second) = (setup_secret(&house).await, setup_secret(&house).await);
    let asked = house.post("/api/setup/link", &json!({ "secret": first })).await.json();
    assert_eq!((&asked["purpose"], &asked["account"]), (&json!("first_admin"), &Value::Null));
    let body = |secret: &str, name: &str, password: &str| json!({ "secret": secret, "name": name, "password": password, "display_name": "管理员" });
    house.post("/api/setup", &body("nothing", "boss", PASSWORD)).await.problem(401);
    house.post("/api/setup", &body(&first, "boss", "short")).await.violation(422, "password");
    house.post("/api/setup", &body(&first, "public", PASSWORD)).await.violation(422, "name");
    house.post("/api/setup", &body(&first, "chief", PASSWORD)).await.problem(409);
    let made = house.post("/api/setup", &body(&first, "Boss", PASSWORD)).await;
    let browser = Browser::of(&made);
    let account = &made.json()["account"];
    assert_eq!(
        (&account["name"], &account["role"], &account["scope"]),
        (&json!("boss"), &json!("admin"), &Value::Null)
    );
    assert_eq!(account["display_name"], "管理员");
    assert_eq!(house.browse(Method::GET, "/api/accounts", &browser, None).await.status, 200);
    for used in [&first, &second] {
        house.post("/api/setup", &body(used, "boss2", PASSWORD)).await.problem(401);
        house.post("/api/setup/link", &json!({ "secret": used })).await.problem(401);
    }
    assert!(house.app.first_link().await.expect("an answer").is_none(), "there is an account now");
    assert_eq!(house.get("/api/session").await.json()["setup_open"], false);
}

static MOVED_S: AtomicI64 = AtomicI64::new(0);

fn moved() -> DateTime<Utc> {
    now() + TimeDelta::seconds(MOVED_S.load(Ordering::Relaxed))
}

#[tokio::test]
async fn a_set_up_link_ends_after_a_day_and_is_cleared_away() {
    let house = House::with_clock(moved).await;
    let secret = setup_secret(&house).await;
    MOVED_S.fetch_add(24 * 3600, Ordering::Relaxed);
    let body = json!({ "secret": secret, "name": "boss", "password": PASSWORD });
    house.post("/api/setup", &body).await.problem(401);
    assert_eq!(house.app.clear_away().await.expect("cleared"), 1);
}

#[tokio::test]
async fn of_two_who_follow_one_link_at_once_one_gets_in() {
    let house = House::empty().await;
    let secret = setup_secret(&house).await;
    let body = |name: &str| json!({ "secret": secret, "name": name, "password": PASSWORD });
    let (first, second) = (body("one"), body("two"));
    let (a, b) = tokio::join!(house.post("/api/setup", &first), house.post("/api/setup", &second));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn whoever_owns_the_store_lets_a_locked_out_administrator_in_again_and_nobody_else() {
    let house = House::empty().await;
    house.account("boss", Role::Admin, None).await;
    house.account("wang", Role::Editor, None).await;
    let link = house.app.setup_link().await.expect("a link");
    let body = |name: &str| json!({ "secret": link.secret, "name": name, "password": "a red boat at noon" });
    house.post("/api/setup", &body("wang")).await.problem(409);
    assert_eq!(house.post("/api/setup", &body("boss")).await.status, 200, "a refusal does not use the link up");
    house.try_password("boss", PASSWORD).await.problem(401);
}

#[tokio::test]
async fn an_invitation_sets_the_password_of_its_own_account_once() {
    let house = House::demo().await;
    let new = json!({ "name": "王小明", "display_name": "小王", "role": "reporter", "scope": "310117003002" });
    let made = as_admin(&house, Method::POST, "/api/accounts", Some(&new)).await;
    assert_eq!((made.status.as_u16(), made.header("etag"), made.header("cache-control")), (201, "\"v1\"", "no-store"));
    let made = made.json();
    assert_eq!(
        (&made["has_password"], &made["version"], &made["created_by"]),
        (&json!(false), &json!(1), &json!("chief"))
    );
    let link = made["invite"]["link"].as_str().expect("a link").to_owned();
    let secret = link.strip_prefix("/setup#").expect("a link");
    let asked = house.post("/api/setup/link", &json!({ "secret": secret })).await.json();
    assert_eq!((&asked["purpose"], &asked["account"]["name"]), (&json!("invite"), &json!("王小明")));
    house.try_password("王小明", "").await.problem(401);
    let other = json!({ "secret": secret, "name": "li", "password": PASSWORD });
    house.post("/api/setup", &other).await.violation(422, "name");
    let body = json!({ "secret": secret, "password": PASSWORD });
    let signed_in = house.post("/api/setup", &body).await.json();
    assert_eq!(
        (&signed_in["account"]["name"], &signed_in["account"]["display_name"]),
        (&json!("王小明"), &json!("小王"))
    );
    house.post("/api/setup", &body).await.problem(401);
    let browser = house.sign_in("王小明").await;

    let reset = as_admin(
        &house,
        Method::POST,
        "/api/accounts/王小明/reset".replace("王小明", "%E7%8E%8B%E5%B0%8F%E6%98%8E").as_str(),
        None,
    )
    .await;
    let link = reset.json()["link"].as_str().expect("a link").to_owned();
    assert_eq!(
        house.browse(Method::GET, "/api/meta", &browser, None).await.status,
        200,
        "the old password works until then"
    );
    let body = json!({ "secret": link.trim_start_matches("/setup#"), "password": "a red boat at noon" });
    assert_eq!(house.post("/api/setup", &body).await.status, 200);
    house.browse(Method::GET, "/api/meta", &browser, None).await.problem(401);
    house.try_password("王小明", PASSWORD).await.problem(401);
}

#[tokio::test]
async fn an_invitation_dies_with_its_account() {
    let house = House::empty().await;
    house.account("boss", Role::Admin, None).await;
    let new = json!({ "name": "li", "role": "editor" });
    let made = as_admin(&house, Method::POST, "/api/accounts", Some(&new)).await.json();
    let secret = made["invite"]["link"].as_str().expect("a link").trim_start_matches("/setup#").to_owned();
    assert_eq!(as_admin(&house, Method::DELETE, "/api/accounts/li", None).await.status, 204);
    house.account("li", Role::Admin, None).await;
    house.post("/api/setup", &json!({ "secret": secret, "password": PASSWORD })).await.problem(401);
}

#[tokio::test]
async fn a_right_that_is_taken_away_is_gone_within_a_second_on_every_node() {
    let house = House::demo().await;
    house.account("boss", Role::Admin, None).await;
    house.account("wang", Role::Admin, None).await;
    let neighbour = house.neighbour().await;
    for change in
        [json!({ "disabled": true }), json!({ "disabled": false, "role": "editor" }), json!({ "scope": TOWN })]
    {
        let browser = match house.try_password("wang", PASSWORD).await {
            answer if answer.status == 200 => Browser::of(&answer),
            _ => {
                as_admin(&house, Method::PATCH, "/api/accounts/wang", Some(&json!({ "disabled": false }))).await.json();
                house.sign_in("wang").await
            }
        };
        for node in [&house, &neighbour] {
            assert_eq!(node.browse(Method::GET, "/api/meta", &browser, None).await.status, 200);
        }
        let changed = as_admin(&house, Method::PATCH, "/api/accounts/wang", Some(&change)).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        house.browse(Method::GET, "/api/meta", &browser, None).await.problem(401);
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        neighbour.browse(Method::GET, "/api/meta", &browser, None).await.problem(401);
    }
    let browser = house.sign_in("wang").await;
    assert_eq!(as_admin(&house, Method::DELETE, "/api/accounts/wang", None).await.status, 204);
    house.browse(Method::GET, "/api/meta", &browser, None).await.problem(401);
    // Somebody else of the same name does not get the old session.
    house.account("wang", Role::Admin, None).await;
    house.browse(Method::GET, "/api/meta", &browser, None).await.problem(401);
}

#[tokio::test]
async fn the_last_administrator_of_the_whole_stays_one() {
    let house = House::empty().await;
    house.account("boss", Role::Admin, None).await;
    house.account("town", Role::Admin, Some(TOWN)).await;
    let invited = json!({ "name": "invited", "role": "admin" });
    as_admin(&house, Method::POST, "/api/accounts", Some(&invited)).await.json();
    for change in [json!({ "disabled": true }), json!({ "role": "editor" }), json!({ "scope": TOWN })] {
        as_admin(&house, Method::PATCH, "/api/accounts/boss", Some(&change)).await.problem(409);
    }
    as_admin(&house, Method::DELETE, "/api/accounts/boss", None).await.problem(409);
    assert_eq!(house.try_password("boss", PASSWORD).await.json()["account"]["role"], "admin");
    house.account("boss2", Role::Admin, None).await;
    assert_eq!(as_admin(&house, Method::DELETE, "/api/accounts/boss", None).await.status, 204);
    as_admin(&house, Method::DELETE, "/api/accounts/boss2", None).await.problem(409);
}

#[tokio::test]
async fn a_scoped_administrator_keeps_what_lies_inside_his_own_scope() {
    let house = House::demo().await;
    house.account("boss", Role::Admin, None).await;
    house.account("there", Role::Reporter, Some(OTHER)).await;
    house.account("here", Role::Reporter, Some("310117003002")).await;
    let chief = house.token("whole", Role::Reporter, None).await;
    let town = house.member("town", Role::Admin, Some(TOWN)).await;
    let listed = house.browse(Method::GET, "/api/accounts", &town, None).await.json();
    let names: Vec<_> = listed["accounts"].as_array().expect("accounts").iter().map(|a| a["name"].clone()).collect();
    assert_eq!(names, [json!("here"), json!("town")]);
    let refused = [
        (Method::POST, "/api/accounts", json!({ "name": "x", "role": "reporter" })),
        (Method::POST, "/api/accounts", json!({ "name": "x", "role": "reporter", "scope": OTHER })),
        (Method::POST, "/api/tokens", json!({ "name": "x", "role": "reporter" })),
        (Method::PATCH, "/api/accounts/there", json!({ "display_name": "x" })),
        (Method::PATCH, "/api/accounts/there", json!({ "scope": TOWN })),
        (Method::PATCH, "/api/accounts/here", json!({ "scope": null })),
        (Method::PATCH, "/api/accounts/boss", json!({ "disabled": true })),
        (Method::PATCH, "/api/accounts/town", json!({ "scope": "310117" })),
        (Method::POST, "/api/accounts/boss/reset", json!({})),
        (Method::DELETE, "/api/accounts/there", json!({})),
    ];
    for (method, path, body) in refused {
        let answer = house.browse_with(method.clone(), path, &town, (&[("if-match", "*")], Some(&body))).await;
        assert_eq!(answer.problem(403)["missing"], "scope", "{method} {path} {body}");
    }
    let id = house.app.store().tokens().await.expect("tokens").into_iter().find(|t| t.name == "whole").expect("it").id;
    let path = format!("/api/tokens/{id}");
    assert_eq!(house.browse(Method::DELETE, &path, &town, None).await.problem(403)["missing"], "scope");
    assert_eq!(house.browse(Method::GET, "/api/audit", &town, None).await.problem(403)["missing"], "scope");
    let bearer = format!("Bearer {chief}");
    assert_eq!(house.call(Method::GET, "/api/session", &[("authorization", &bearer)], None).await.status, 200);
    let inside = json!({ "name": "new", "role": "editor", "scope": TOWN });
    assert_eq!(house.browse(Method::POST, "/api/accounts", &town, Some(&inside)).await.status, 201);
}

#[tokio::test]
async fn of_two_who_change_an_account_at_once_one_is_told() {
    let house = House::empty().await;
    house.account("wang", Role::Editor, None).await;
    let bearer = house.bearer();
    let change = |tag: &'static str, body: Value| {
        let (house, bearer) = (&house, &bearer);
        async move {
            house
                .call(Method::PATCH, "/api/accounts/wang", &[("authorization", bearer), ("if-match", tag)], Some(&body))
                .await
        }
    };
    house.sign_in("wang").await;
    let first = change("\"v1\"", json!({ "display_name": "一" })).await;
    assert_eq!((first.status.as_u16(), first.header("etag")), (200, "\"v2\""), "signing in is no change");
    let stale = change("\"v1\"", json!({ "display_name": "二" })).await;
    assert_eq!(stale.problem(412)["current"], "\"v2\"");
    house.call(Method::PATCH, "/api/accounts/wang", &[("authorization", &bearer)], Some(&json!({}))).await.problem(428);
    change("v2", json!({})).await.violation(400, "If-Match");
    change("*", json!({ "role": "public" })).await.violation(422, "role");
    change("*", json!({ "role": "king" })).await.violation(422, "role");
    change("*", json!({ "scope": "12" })).await.violation(422, "scope");
    change("*", json!({ "password": PASSWORD })).await.violation(422, "password");
}

#[tokio::test]
async fn names_are_one_persons_among_accounts_and_tokens_in_force() {
    let house = House::empty().await;
    house.account("wang", Role::Editor, None).await;
    let make = |name: &'static str| json!({ "name": name, "role": "editor" });
    for taken in ["wang", " WANG ", "ｗａｎｇ", "Chief"] {
        as_admin(&house, Method::POST, "/api/accounts", Some(&make(taken))).await.problem(409);
    }
    for bad in ["", "a b", "ԝang", "-x", "a/b", "public", "名\u{200b}字", &"x".repeat(61)] {
        as_admin(&house, Method::POST, "/api/accounts", Some(&json!({ "name": bad, "role": "editor" })))
            .await
            .violation(422, "name");
    }
    as_admin(&house, Method::POST, "/api/tokens", Some(&make("wang"))).await.problem(409);
    as_admin(&house, Method::POST, "/api/tokens", Some(&make("Wang"))).await.problem(409);
}

#[tokio::test]
async fn passwords_are_held_to_length_and_to_not_being_the_first_that_anyone_would_try() {
    let house = House::empty().await;
    let long = "x".repeat(201);
    for bad in [
        "",
        "short",
        "123456789",
        "1234567890",
        "Password123",
        "ａｄｍｉｎ123456",
        "aaaaaaaaaaaa",
        "somebodys-name",
        "SOMEBODYS-NAME",
        &long,
    ] {
        let body = json!({ "name": "somebodys-name", "role": "editor", "password": bad });
        as_admin(&house, Method::POST, "/api/accounts", Some(&body)).await.violation(422, "password");
    }
    for (n, good) in ["避难场所避难场所避难", "correct horse", &"很长".repeat(100)].into_iter().enumerate()
    {
        let body = json!({ "name": format!("good-{n}"), "role": "editor", "password": good });
        assert_eq!(as_admin(&house, Method::POST, "/api/accounts", Some(&body)).await.status, 201);
        assert_eq!(house.try_password(&format!("good-{n}"), good).await.status, 200);
    }
}

#[tokio::test]
async fn no_secret_is_kept_nor_told() {
    let house = House::empty().await;
    let browser = house.member("wang", Role::Admin, None).await;
    let made =
        as_admin(&house, Method::POST, "/api/tokens", Some(&json!({ "name": "bot", "role": "editor" }))).await.json();
    let invite =
        as_admin(&house, Method::POST, "/api/accounts", Some(&json!({ "name": "li", "role": "editor" }))).await.json();
    let link = invite["invite"]["link"].as_str().expect("a link");
    let secrets = [
        PASSWORD,
        browser.cookie.trim_start_matches("bihu_session="),
        &browser.csrf,
        made["token"].as_str().expect("a token"),
        link.trim_start_matches("/setup#"),
    ];
    let mut texts = Vec::new();
    for kind in RecordKind::ALL {
        let records = house.app.store().records(kind, "", "", 1000).await.expect("records");
        texts.extend(records.into_iter().map(|r| format!("{} {}", r.key, r.doc)));
    }
    assert!(texts.iter().any(|t| t.contains("$argon2id$v=19$m=19456,t=2,p=1$")), "the parameters are stated");
    for path in ["/api/accounts", "/api/tokens", "/api/audit"] {
        let told = house.browse(Method::GET, path, &browser, None).await.text();
        assert!(!told.contains("$argon2") && !told.contains("generation"), "{path}: {told}");
        texts.push(told);
    }
    for secret in secrets {
        assert!(texts.iter().all(|text| !text.contains(secret)), "{secret}");
    }
}

#[tokio::test]
async fn a_token_is_shown_once_ends_and_is_worth_nothing_once_revoked() {
    let house = House::demo().await;
    let new = json!({ "name": "机器人", "role": "editor", "scope": TOWN, "expires_in_days": 30 });
    let made = as_admin(&house, Method::POST, "/api/tokens", Some(&new)).await;
    assert_eq!((made.status.as_u16(), made.header("cache-control")), (201, "no-store"));
    let made = made.json();
    assert_eq!(
        (&made["name"], &made["state"], &made["scope_name"]),
        (&json!("机器人"), &json!("valid"), &json!("方松街道"))
    );
    assert_eq!(made["expires_at"], json!(now() + TimeDelta::days(30)));
    let bearer = format!("Bearer {}", made["token"].as_str().expect("a token"));
    let shown = [("authorization", bearer.as_str())];
    let ask = || house.call(Method::GET, "/api/meta", &shown, None);
    assert_eq!(ask().await.status, 200);
    let path = format!("/api/tokens/{}", made["id"].as_str().expect("an id"));
    assert_eq!(as_admin(&house, Method::DELETE, &path, None).await.status, 204);
    ask().await.problem(401);
    let mut listed = Vec::new();
    let mut path = "/api/tokens?limit=1".to_owned();
    loop {
        let page = as_admin(&house, Method::GET, &path, None).await.json();
        listed.extend(page["tokens"].as_array().expect("tokens").clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/tokens?limit=1&after={next}");
    }
    assert_eq!(listed.len(), 2);
    let revoked = listed.iter().find(|token| token["name"] == "机器人").expect("it");
    assert_eq!(revoked["state"], "revoked");
    assert!(revoked.get("token").is_none() && revoked.get("hash").is_none());
    as_admin(&house, Method::DELETE, "/api/tokens/none", None).await.problem(404);
    for (field, bad) in [
        ("role", json!({ "name": "x" })),
        ("expires_in_days", json!({ "name": "x", "role": "editor", "expires_in_days": 0 })),
        ("scope", json!({ "name": "x", "role": "editor", "scope": "1" })),
        ("role", json!({ "name": "x", "role": "public" })),
    ] {
        as_admin(&house, Method::POST, "/api/tokens", Some(&bad)).await.violation(422, field);
    }
}

#[tokio::test]
async fn what_is_done_about_accounts_leaves_a_trace() {
    let house = House::demo().await;
    let boss = house.member("boss", Role::Admin, None).await;
    let new = json!({ "name": "wang", "role": "editor", "scope": TOWN, "password": PASSWORD });
    house.browse(Method::POST, "/api/accounts", &boss, Some(&new)).await.json();
    let change = json!({ "role": "steward" });
    house.browse_with(Method::PATCH, "/api/accounts/wang", &boss, (&[("if-match", "*")], Some(&change))).await.json();
    for _ in 0..3 {
        house.try_password("wang", "wrong password").await.problem(401);
        house.try_password("my-password-by-mistake", PASSWORD).await.problem(401);
    }
    let wang = house.sign_in("wang").await;
    for _ in 0..2 {
        house
            .browse(Method::POST, "/api/tokens", &wang, Some(&json!({ "name": "x", "role": "admin" })))
            .await
            .problem(403);
    }
    house.browse(Method::DELETE, "/api/accounts/wang", &boss, None).await;
    let trail = house.browse(Method::GET, "/api/audit", &boss, None).await.json();
    let lines = trail["entries"].as_array().expect("lines").clone();
    let find = |act: &str, target: &str| {
        let found: Vec<_> = lines.iter().filter(|l| l["act"] == act && l["target"] == target).collect();
        assert_eq!(found.len(), 1, "{act} {target}: {lines:#?}");
        found[0].clone()
    };
    let made = find("account_made", "wang");
    assert_eq!((&made["actor"], &made["detail"]["after"]["scope"]), (&json!("boss"), &json!(TOWN)));
    let changed = find("account_changed", "wang");
    assert_eq!(
        (&changed["detail"]["before"]["role"], &changed["detail"]["after"]["role"]),
        (&json!("editor"), &json!("steward"))
    );
    assert_eq!(find("sign_in_failed", "wang")["count"], 3);
    assert_eq!(find("sign_in_failed", "?")["count"], 3, "a name that is not known may be a password: it is not kept");
    let denied = find("write_denied", "POST /api/tokens");
    assert_eq!(
        (&denied["actor"], &denied["count"], &denied["act_zh"]),
        (&json!("wang"), &json!(2), &json!("写入被拒"))
    );
    find("account_removed", "wang");
    find("signed_in", "wang");
    assert!(!trail.to_string().contains("my-password-by-mistake"));
    assert_eq!(trail["kept_days"], 1096);
    let mut seen = 0;
    let mut path = "/api/audit?limit=2".to_owned();
    loop {
        let page = house.browse(Method::GET, &path, &boss, None).await.json();
        seen += page["entries"].as_array().expect("lines").len();
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/audit?limit=2&before={next}");
    }
    assert_eq!(seen, lines.len());
    let reporter = house.member("li", Role::Reporter, None).await;
    assert_eq!(house.browse(Method::GET, "/api/audit", &reporter, None).await.problem(403)["missing"], "keep_accounts");
    house.get("/api/audit").await.problem(401);
}

/// Returns the secret of a link that an administrator made for an account.
async fn reset_secret(house: &House, name: &str) -> String {
    let made = as_admin(house, Method::POST, &format!("/api/accounts/{name}/reset"), None).await.json();
    made["link"].as_str().expect("a link").trim_start_matches("/setup#").to_owned()
}

#[tokio::test]
async fn a_link_opens_its_account_as_it_was_and_not_what_it_became() {
    let house = House::demo().await;
    let town = house.member("town", Role::Admin, Some(TOWN)).await;
    house.account("boss", Role::Admin, None).await;
    let new = json!({ "name": "ann", "role": "admin", "scope": TOWN, "password": PASSWORD });
    assert_eq!(house.browse(Method::POST, "/api/accounts", &town, Some(&new)).await.status, 201);
    for change in [
        json!({ "role": "editor" }),
        json!({ "role": "admin", "scope": null }),
        json!({ "oidc_subject": "ann@issuer" }),
        json!({ "disabled": true }),
    ] {
        let back = json!({ "scope": TOWN, "disabled": false });
        as_admin(&house, Method::PATCH, "/api/accounts/ann", Some(&back)).await.json();
        let made = house.browse(Method::POST, "/api/accounts/ann/reset", &town, None).await.json();
        let secret = made["link"].as_str().expect("a link").trim_start_matches("/setup#").to_owned();
        let shown = as_admin(&house, Method::PATCH, "/api/accounts/ann", Some(&json!({ "display_name": "安" }))).await;
        assert_eq!(shown.status, 200);
        assert_eq!(
            house.post("/api/setup/link", &json!({ "secret": secret })).await.status,
            200,
            "another name is no harm"
        );
        assert_eq!(as_admin(&house, Method::PATCH, "/api/accounts/ann", Some(&change)).await.status, 200, "{change}");
        house.post("/api/setup/link", &json!({ "secret": secret })).await.problem(401);
        house.post("/api/setup", &json!({ "secret": secret, "password": "a red boat at noon" })).await.problem(401);
    }
    // What was refused has changed nothing.
    as_admin(&house, Method::PATCH, "/api/accounts/ann", Some(&json!({ "disabled": false }))).await.json();
    assert_eq!(house.try_password("ann", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_link_that_outlived_a_change_in_the_store_is_held_to_the_account_itself() {
    let house = House::empty().await;
    house.account("ann", Role::Editor, None).await;
    let secret = reset_secret(&house, "ann").await;
    let store = house.app.store();
    let kept = store.records(RecordKind::Setup, "", "", 10).await.expect("links");
    as_admin(&house, Method::PATCH, "/api/accounts/ann", Some(&json!({ "role": "admin" }))).await.json();
    assert!(store.records(RecordKind::Setup, "", "", 10).await.expect("links").is_empty(), "they are cleared away");
    for link in kept {
        store.put_record(&link, bihu::store::Expected::Any).await.expect("another node put it back");
    }
    house.post("/api/setup", &json!({ "secret": secret, "password": "a red boat at noon" })).await.problem(401);
    assert_eq!(house.try_password("ann", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn the_link_of_a_start_ends_with_the_first_administrator_and_takes_nobodys_account() {
    let body = |secret: &str, name: &str| json!({ "secret": secret, "name": name, "password": "a red boat at noon" });
    for invited in [false, true] {
        let house = House::empty().await;
        let printed = setup_secret(&house).await;
        house.account("wang", Role::Admin, Some(TOWN)).await;
        assert_eq!(
            house.post("/api/setup/link", &json!({ "secret": printed })).await.status,
            200,
            "none of the whole yet"
        );
        house.post("/api/setup", &body(&printed, "wang")).await.problem(409);
        if invited {
            as_admin(&house, Method::POST, "/api/accounts", Some(&json!({ "name": "boss", "role": "admin" })))
                .await
                .json();
        } else {
            house.account("boss", Role::Admin, None).await;
        }
        house.post("/api/setup/link", &json!({ "secret": printed })).await.problem(401);
        for name in ["boss", "other"] {
            house.post("/api/setup", &body(&printed, name)).await.problem(401);
        }
        let asked = house.app.setup_link().await.expect("a link").secret;
        assert_eq!(house.post("/api/setup", &body(&asked, "boss")).await.status, 200, "who owns the store may");
    }
}

#[tokio::test]
async fn the_link_of_a_disabled_account_changes_nothing_and_is_not_made() {
    let house = House::empty().await;
    house.account("ann", Role::Editor, None).await;
    let secret = reset_secret(&house, "ann").await;
    let before = house.app.store().record(RecordKind::Account, "ann").await.expect("it").expect("it").doc;
    as_admin(&house, Method::PATCH, "/api/accounts/ann", Some(&json!({ "disabled": true }))).await.json();
    house.post("/api/setup", &json!({ "secret": secret, "password": "a red boat at noon" })).await.problem(401);
    as_admin(&house, Method::POST, "/api/accounts/ann/reset", None).await.problem(409);
    let after = house.app.store().record(RecordKind::Account, "ann").await.expect("it").expect("it").doc;
    let password = |doc: &str| serde_json::from_str::<Value>(doc).expect("JSON")["password"].clone();
    assert_eq!(password(&before), password(&after));
}

#[tokio::test]
async fn the_token_of_the_first_start_ends_after_thirty_days() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("bihu.db").display());
    let store = bihu::store::open(&url).await.expect("a store");
    bihu::service::token::create_first(&*store, now()).await.expect("an answer").expect("the first");
    let kept = store.tokens().await.expect("tokens");
    assert_eq!((kept.len(), kept[0].expires_at), (1, Some(now() + TimeDelta::days(30))));
    assert_eq!(kept[0].created_by, None);
}

#[tokio::test]
async fn a_token_tells_who_made_it_and_ends_with_him() {
    for how in ["deleted", "disabled", "bounded", "demoted"] {
        let house = House::demo().await;
        house.account("chief2", Role::Admin, None).await;
        let boss = house.member("boss", Role::Admin, None).await;
        let mint = |name: &'static str, role: &'static str| json!({ "name": name, "role": role });
        let first = house.browse(Method::POST, "/api/tokens", &boss, Some(&mint("first", "admin"))).await.json();
        let bearer = first["token"].as_str().expect("a token").to_owned();
        let second = house.post_by(&bearer, "/api/tokens", &mint("second", "editor")).await.json();
        assert_eq!((&first["created_by"], &second["created_by"]), (&json!("boss"), &json!("first")));
        as_admin(&house, Method::POST, "/api/tokens", Some(&mint("third", "editor"))).await.json();
        let change = match how {
            "disabled" => json!({ "disabled": true }),
            "bounded" => json!({ "scope": TOWN }),
            _ => json!({ "role": "editor" }),
        };
        if how == "deleted" {
            assert_eq!(as_admin(&house, Method::DELETE, "/api/accounts/boss", None).await.status, 204);
        } else {
            as_admin(&house, Method::PATCH, "/api/accounts/boss", Some(&change)).await.json();
        }
        let listed = as_admin(&house, Method::GET, "/api/tokens", None).await.json();
        let mut states = std::collections::BTreeMap::new();
        for token in listed["tokens"].as_array().expect("tokens") {
            states
                .insert(token["name"].as_str().expect("a name"), (token["state"].clone(), token["created_by"].clone()));
        }
        assert_eq!(states["chief"], (json!("valid"), Value::Null), "{how}: made on the command line");
        assert_eq!(states["third"].0, "valid", "{how}: another made it");
        assert_eq!(states["first"].0, "revoked", "{how}");
        // What an editor may not make he has not made; the scope was lost too, or all of it.
        assert_eq!(states["second"].0, "revoked", "{how}");
        house.get_by(&bearer, "/api/tokens").await.problem(401);
    }
}

#[tokio::test]
async fn who_keeps_a_part_does_not_learn_by_asking_who_is_outside_it() {
    let house = House::demo().await;
    house.account("boss", Role::Admin, None).await;
    let town = house.member("town", Role::Admin, Some(TOWN)).await;
    for (method, tail, body) in [
        (Method::PATCH, "", json!({ "display_name": "x" })),
        (Method::PATCH, "", json!({ "oidc_subject": "x" })),
        (Method::DELETE, "", json!({})),
        (Method::POST, "/reset", json!({})),
    ] {
        let mut told = Vec::new();
        for name in ["boss", "nobody"] {
            let path = format!("/api/accounts/{name}{tail}");
            let answer = house.browse_with(method.clone(), &path, &town, (&[("if-match", "*")], Some(&body))).await;
            told.push(answer.problem(403));
        }
        assert_eq!(told[0], told[1], "{method} {tail}");
    }
    let id = house.app.store().tokens().await.expect("tokens")[0].id.clone();
    let mut told = Vec::new();
    for id in [id.as_str(), "0123456789ab"] {
        told.push(house.browse(Method::DELETE, &format!("/api/tokens/{id}"), &town, None).await.problem(403));
    }
    assert_eq!(told[0], told[1]);
    as_admin(&house, Method::PATCH, "/api/accounts/nobody", Some(&json!({}))).await.problem(404);
}

#[tokio::test]
async fn a_change_without_its_version_is_told_the_way_that_works_here() {
    let house = House::empty().await;
    let bearer = house.bearer();
    let answer = house
        .call(Method::PATCH, "/api/accounts/wang", &[("authorization", &bearer)], Some(&json!({})))
        .await
        .problem(428);
    let detail = answer["detail"].as_str().expect("a detail");
    assert!(detail.contains("If-Match") && !detail.contains("If-None-Match"), "{detail}");
}

#[tokio::test]
async fn no_name_poses_as_the_service_or_hides_what_it_holds() {
    let house = House::empty().await;
    house.account("wang", Role::Editor, None).await;
    let posing = [
        "public",
        "CLI",
        "ｂｉｈｕ",
        " demo ",
        "setup",
        "feed:water",
        "Feed:x",
        "ab\u{200b}c",
        "\u{202e}gnaw",
        "a\u{feff}",
    ];
    for name in posing {
        let token = json!({ "name": name, "role": "editor" });
        as_admin(&house, Method::POST, "/api/tokens", Some(&token)).await.violation(422, "name");
        as_admin(&house, Method::POST, "/api/accounts", Some(&token)).await.violation(422, "name");
        let shown = json!({ "display_name": name });
        as_admin(&house, Method::PATCH, "/api/accounts/wang", Some(&shown)).await.violation(422, "display_name");
        let new = json!({ "name": "li", "role": "editor", "display_name": name });
        as_admin(&house, Method::POST, "/api/accounts", Some(&new)).await.violation(422, "display_name");
    }
    let fine = json!({ "name": "水务 feed", "role": "editor" });
    assert_eq!(as_admin(&house, Method::POST, "/api/tokens", Some(&fine)).await.status, 201);
    let twin = json!({ "name": "水务 ＦＥＥＤ", "role": "editor" });
    as_admin(&house, Method::POST, "/api/tokens", Some(&twin)).await.problem(409);
}

#[tokio::test]
async fn denied_writes_of_the_routes_that_take_long_leave_a_trace_too() {
    let house = House::empty().await;
    let li = house.member("li", Role::Reporter, None).await;
    let routes = [
        ("/api/imports?name=a.csv", "POST /api/imports"),
        ("/api/feeds/water/run", "POST /api/feeds/{name}/run"),
        ("/api/feeds/water/runs/1/release", "POST /api/feeds/{name}/runs/{run}/release"),
    ];
    for (path, _) in routes {
        house.browse(Method::POST, path, &li, None).await.problem(403);
    }
    let trail = as_admin(&house, Method::GET, "/api/audit", None).await.json();
    let lines = trail["entries"].as_array().expect("lines");
    for (_, target) in routes {
        let found = lines.iter().any(|l| l["act"] == "write_denied" && l["target"] == target && l["actor"] == "li");
        assert!(found, "{target}: {lines:#?}");
    }
}
