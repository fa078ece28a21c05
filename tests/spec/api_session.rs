//! Signing in, staying signed in and being signed out; and what an attacker tries: fixing a session, forging a request,
//! guessing passwords and names, using an old cookie.

use crate::house::{House, now};
use crate::people::{Browser, PASSWORD};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use bihu::domain::Role;
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt;

const TOWN: &str = "310117102";
const SHELTER: &str = "/api/resources/shelter-SJ-BN-0001";

/// Seconds that the hands of a test's own clock were moved on by.
static MOVED_S: AtomicI64 = AtomicI64::new(0);
static CLOCK: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn moved() -> DateTime<Utc> {
    now() + TimeDelta::seconds(MOVED_S.load(Ordering::Relaxed))
}

fn later(time: TimeDelta) {
    MOVED_S.fetch_add(time.num_seconds(), Ordering::Relaxed);
}

#[tokio::test]
async fn who_signs_in_is_told_who_he_is_and_gets_a_cookie_that_no_script_reads() {
    let house = House::demo().await;
    house.account("王小明", Role::Editor, Some(TOWN)).await;
    let answer = house.try_password(" 王小明 ", PASSWORD).await;
    let body = answer.json();
    assert_eq!(body["account"]["name"], "王小明");
    assert_eq!((&body["account"]["role"], &body["account"]["role_zh"]), (&json!("editor"), &json!("编辑")));
    assert_eq!(body["account"]["scope"], "310117102000");
    assert!(body["account"]["scope_name"].is_string() && body["expires_at"].is_string(), "{body}");
    let line = answer.header("set-cookie").to_owned();
    assert!(line.starts_with("bihu_session="), "{line}");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!line.contains("Secure") && !line.contains("Domain"), "{line}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let secret = line.split(['=', ';']).nth(1).expect("a secret");
    assert!(secret.len() >= 43 && !answer.text().contains(secret), "the secret is in the cookie alone");

    let body = json!({ "name": "王小明", "password": PASSWORD });
    let https = house.call(Method::POST, "/api/session", &[("x-forwarded-proto", "https")], Some(&body)).await;
    let line = https.header("set-cookie");
    assert!(line.starts_with("__Host-bihu_session=") && line.contains("; Secure"), "{line}");
}

#[tokio::test]
async fn who_asks_is_told_and_the_public_is_told_that_it_is_nobody() {
    let house = House::demo().await;
    let nobody = house.get("/api/session").await.json();
    let expected =
        json!({ "account": null, "csrf": null, "expires_at": null, "rights": [], "oidc": null, "setup_open": true });
    assert_eq!(nobody, expected);
    let browser = house.member("wang", Role::Editor, Some(TOWN)).await;
    let who = house.browse(Method::GET, "/api/session", &browser, None).await.json();
    assert_eq!((&who["account"]["name"], &who["csrf"]), (&json!("wang"), &json!(browser.csrf)));
    assert_eq!(who["rights"], json!(["see_staff_data", "edit_resources", "import", "answer_reports"]));
    assert_eq!(who["setup_open"], false);
    let token = house.get_as_staff("/api/session").await.json();
    assert_eq!((&token["account"]["name"], &token["csrf"]), (&json!("chief"), &Value::Null));
}

#[tokio::test]
async fn a_cookie_reads_as_staff_everywhere_and_writes_with_the_sessions_token() {
    let house = House::demo().await;
    let hidden = json!({ "kind": "site", "code": "S-1", "name": "内部", "class": "key_unit", "lon": 121.2, "lat": 31.0,
        "visibility": "operational", "division": TOWN });
    house.create("site-hidden", &hidden).await;
    let browser = house.member("wang", Role::Editor, Some(TOWN)).await;
    for path in ["/api/resources/site-hidden", "/ogc/collections/sites/items/site-hidden"] {
        house.get(path).await.problem(404);
        let read = house.browse(Method::GET, path, &browser, None).await;
        assert_eq!(read.status, 200, "{path}");
        assert!(read.header("cache-control").contains("private"), "{path}");
        let varies: Vec<_> = read.headers.get_all("vary").iter().map(|v| v.to_str().expect("text")).collect();
        assert!(varies.join(",").contains("cookie"), "{path}: {varies:?}");
    }
    for path in ["/api/meta", "/api/nearest?lon=121.2&lat=31", "/api/layers/site", "/ogc", "/ogc/conformance"] {
        let read = house.browse(Method::GET, path, &browser, None).await;
        assert!(!read.header("cache-control").contains("public"), "{path}: {}", read.header("cache-control"));
        let public = house.get(path).await;
        assert!(
            public.headers.get_all("vary").iter().any(|v| v.to_str().is_ok_and(|v| v.contains("cookie"))),
            "{path}"
        );
    }
    assert_eq!(house.browse(Method::GET, "/api/meta", &browser, None).await.json()["audience"], "staff");
    let patch = json!({ "class": "other" });
    let written = house
        .browse_with(Method::PATCH, "/api/resources/site-hidden", &browser, (&[("if-match", "*")], Some(&patch)))
        .await;
    assert_eq!(written.status, 200, "{}", written.text());
    let last = house.journal(0).await.pop().expect("an entry");
    assert_eq!(last.actor, "wang");
}

#[tokio::test]
async fn a_tag_of_the_public_is_not_good_for_somebody_who_signed_in_since() {
    let house = House::demo().await;
    let tag = house.get(SHELTER).await.header("etag").to_owned();
    let browser = house.member("wang", Role::Editor, None).await;
    let read = house.browse_with(Method::GET, SHELTER, &browser, (&[("if-none-match", &tag)], None)).await;
    assert_eq!(read.status, 200, "staff sees more of the same revision");
}

#[tokio::test]
async fn a_write_by_cookie_needs_the_sessions_token_and_comes_from_no_foreign_page() {
    let house = House::demo().await;
    let browser = house.member("wang", Role::Editor, None).await;
    let other = house.member("li", Role::Editor, None).await;
    let before = house.revision();
    let cookie = ("cookie", browser.cookie.as_str());
    let own = ("x-csrf-token", browser.csrf.as_str());
    let cases: [&[(&str, &str)]; 8] = [
        &[cookie],
        &[cookie, ("x-csrf-token", "")],
        &[cookie, ("x-csrf-token", &browser.csrf[1..])],
        &[cookie, ("x-csrf-token", &other.csrf)],
        &[cookie, own, ("origin", "https://evil.test")],
        &[cookie, own, ("origin", "null")],
        &[cookie, own, ("sec-fetch-site", "cross-site")],
        &[cookie, own, ("sec-fetch-site", "same-site")],
    ];
    for headers in cases {
        let all: Vec<_> = headers.iter().copied().chain([("if-match", "*")]).collect();
        let problem = house.call(Method::PATCH, SHELTER, &all, Some(&json!({ "status": "full" }))).await.problem(403);
        assert_eq!(problem["type"], "urn:bihu:problem:csrf", "{headers:?}");
        let signed_out = house.call(Method::DELETE, "/api/session", headers, None).await;
        assert_eq!(signed_out.problem(403)["type"], "urn:bihu:problem:csrf", "{headers:?}");
    }
    assert_eq!(house.revision(), before);
    let same = [("origin", "http://bihu.test"), ("sec-fetch-site", "same-origin"), ("if-match", "*")];
    let good = house.browse_with(Method::PATCH, SHELTER, &browser, (&same, Some(&json!({ "status": "full" })))).await;
    assert_eq!(good.status, 200, "{}", good.text());
}

#[tokio::test]
async fn a_foreign_page_can_not_sign_anybody_in_nor_send_the_token_of_a_session() {
    let house = House::empty().await;
    house.account("wang", Role::Editor, None).await;
    let body = json!({ "name": "wang", "password": PASSWORD });
    for path in ["/api/session", "/api/setup"] {
        let foreign = house.call(Method::POST, path, &[("origin", "https://evil.test")], Some(&body)).await;
        assert_eq!(foreign.problem(403)["type"], "urn:bihu:problem:csrf");
        assert_eq!(foreign.header("set-cookie"), "");
    }
    let asked = [
        ("origin", "https://evil.test"),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "x-csrf-token"),
    ];
    let preflight = house.call(Method::OPTIONS, SHELTER, &asked, None).await;
    assert!(!preflight.header("access-control-allow-headers").contains("csrf"));
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn a_session_can_not_be_fixed_each_sign_in_makes_a_new_one() {
    let house = House::empty().await;
    house.account("wang", Role::Editor, None).await;
    let planted = ("cookie", "bihu_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let body = json!({ "name": "wang", "password": PASSWORD });
    let answer = house.call(Method::POST, "/api/session", &[planted], Some(&body)).await;
    let first = Browser::of(&answer);
    assert!(!planted.1.contains(&first.cookie));
    let ended = house.call(Method::GET, "/api/meta", &[planted], None).await;
    assert_eq!(ended.problem(401)["type"], "urn:bihu:problem:session-ended");
    assert!(ended.header("set-cookie").contains("Max-Age=0"));
    let again = house.call(Method::POST, "/api/session", &[("cookie", &first.cookie)], Some(&body)).await;
    let second = Browser::of(&again);
    assert!(first.cookie != second.cookie && first.csrf != second.csrf);
    // Over https only the cookie that no plain-text answer can plant is read.
    let https = [("x-forwarded-proto", "https"), ("cookie", first.cookie.as_str())];
    assert_eq!(house.call(Method::GET, "/api/session", &https, None).await.json()["account"], Value::Null);
}

#[tokio::test]
async fn authorization_wins_over_the_cookie_and_a_bad_one_never_falls_back_to_it() {
    let house = House::demo().await;
    let browser = house.member("wang", Role::Editor, None).await;
    let bearer = house.bearer();
    let both = [("authorization", bearer.as_str()), ("cookie", browser.cookie.as_str())];
    assert_eq!(house.call(Method::GET, "/api/session", &both, None).await.json()["account"]["name"], "chief");
    for bad in ["Bearer bihu_nothing", "Basic d2FuZzpwYXNz", ""] {
        let headers =
            [("authorization", bad), ("cookie", browser.cookie.as_str()), ("x-csrf-token", browser.csrf.as_str())];
        house.call(Method::GET, "/api/meta", &headers, None).await.problem(401);
        house.call(Method::DELETE, "/api/session", &headers, None).await.problem(401);
    }
    let forged = [("cookie", "bihu_session=x"), ("authorization", bearer.as_str())];
    assert_eq!(house.call(Method::GET, "/api/meta", &forged, None).await.status, 200);
}

#[tokio::test]
async fn after_signing_out_the_cookie_is_worth_nothing_on_any_node() {
    let house = House::empty().await;
    let browser = house.member("wang", Role::Editor, None).await;
    let neighbour = house.neighbour().await;
    assert_eq!(neighbour.browse(Method::GET, "/api/meta", &browser, None).await.status, 200);
    let out = house.browse(Method::DELETE, "/api/session", &browser, None).await;
    assert_eq!((out.status.as_u16(), out.header("set-cookie").contains("Max-Age=0")), (204, true));
    house.browse(Method::GET, "/api/meta", &browser, None).await.problem(401);
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    neighbour.browse(Method::GET, "/api/meta", &browser, None).await.problem(401);
    let who = house.browse(Method::GET, "/api/session", &browser, None).await;
    assert_eq!(who.json()["account"], Value::Null);
    assert!(who.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn signing_out_everywhere_and_another_password_end_every_session() {
    let house = House::empty().await;
    house.account("wang", Role::Editor, None).await;
    let (here, there) = (house.sign_in("wang").await, house.sign_in("wang").await);
    house.browse(Method::DELETE, "/api/session?everywhere=true", &here, None).await;
    for browser in [&here, &there] {
        house.browse(Method::GET, "/api/meta", browser, None).await.problem(401);
    }
    let (here, there) = (house.sign_in("wang").await, house.sign_in("wang").await);
    let wrong = json!({ "current": "not this one", "new": "a red boat at noon" });
    house.browse(Method::POST, "/api/session/password", &here, Some(&wrong)).await.violation(422, "current");
    let weak = json!({ "current": PASSWORD, "new": "Password123" });
    house.browse(Method::POST, "/api/session/password", &here, Some(&weak)).await.violation(422, "new");
    let good = json!({ "current": PASSWORD, "new": "a red boat at noon" });
    let changed = Browser::of(&house.browse(Method::POST, "/api/session/password", &here, Some(&good)).await);
    for browser in [&here, &there] {
        house.browse(Method::GET, "/api/meta", browser, None).await.problem(401);
    }
    assert_eq!(house.browse(Method::GET, "/api/meta", &changed, None).await.status, 200);
    house.try_password("wang", PASSWORD).await.problem(401);
    house
        .call(Method::POST, "/api/session/password", &[("authorization", &house.bearer())], Some(&good))
        .await
        .problem(401);
}

#[tokio::test]
async fn a_session_ends_after_twelve_idle_hours_and_after_seven_days() {
    let _clock = CLOCK.lock().await;
    let house = House::with_clock(moved).await;
    let idle = house.member("wang", Role::Editor, None).await;
    later(TimeDelta::hours(11));
    assert_eq!(house.browse(Method::GET, "/api/meta", &idle, None).await.status, 200);
    later(TimeDelta::hours(11));
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert_eq!(house.browse(Method::GET, "/api/meta", &idle, None).await.status, 200, "use moved the end");
    later(TimeDelta::minutes(12 * 60 + 1));
    house.browse(Method::GET, "/api/meta", &idle, None).await.problem(401);
    let busy = house.sign_in("wang").await;
    for _ in 0..15 {
        later(TimeDelta::hours(11));
        tokio::time::sleep(std::time::Duration::from_millis(510)).await;
        assert_eq!(house.browse(Method::GET, "/api/meta", &busy, None).await.status, 200);
    }
    later(TimeDelta::hours(4));
    house.browse(Method::GET, "/api/meta", &busy, None).await.problem(401);
    let left = house.app.clear_away().await.expect("cleared");
    assert!(left >= 2, "ended sessions are cleared away: {left}");
    house.browse(Method::GET, "/api/meta", &busy, None).await.problem(401);
}

#[tokio::test]
async fn a_name_that_is_not_there_and_a_wrong_password_get_the_same_answer_after_the_same_work() {
    let house = House::empty().await;
    house.account("wang", Role::Editor, None).await;
    house.account("gone", Role::Editor, None).await;
    let disabled = json!({ "disabled": true });
    let bearer = house.bearer();
    let headers = [("authorization", bearer.as_str()), ("if-match", "*")];
    assert_eq!(house.call(Method::PATCH, "/api/accounts/gone", &headers, Some(&disabled)).await.status, 200);
    let mut answers = Vec::new();
    for (name, password) in
        [("wang", "wrong password"), ("nobody", PASSWORD), ("gone", PASSWORD), ("<not a name>", PASSWORD), ("", "")]
    {
        let before = house.app.accounts_desk().hashes();
        let answer = house.try_password(name, password).await;
        assert_eq!(house.app.accounts_desk().hashes() - before, 1, "{name}: one hash is worked out");
        assert_eq!(answer.header("set-cookie"), "");
        answers.push((answer.problem(401), answer.headers.len()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[tokio::test]
async fn guessing_is_slowed_down_by_name_and_is_never_a_lock_out() {
    let _clock = CLOCK.lock().await;
    let house = House::with_clock(moved).await;
    house.account("wang", Role::Editor, None).await;
    for name in ["wang", "nobody"] {
        for _ in 0..5 {
            house.try_password(name, "wrong password").await.problem(401);
        }
        let hashes = house.app.accounts_desk().hashes();
        let slowed = house.try_password(name, PASSWORD).await;
        let problem = slowed.problem(429);
        assert_eq!((&problem["type"], &problem["retry_after_s"]), (&json!("urn:bihu:problem:throttled"), &json!(1)));
        assert_eq!(slowed.header("retry-after"), "1");
        assert_eq!(house.app.accounts_desk().hashes(), hashes, "nothing is worked out for who has to wait");
    }
    // Another process on the same store has not forgotten.
    house.neighbour().await.try_password("wang", PASSWORD).await.problem(429);
    for _ in 0..20 {
        later(TimeDelta::seconds(61));
        house.try_password("wang", "wrong password").await.problem(401);
    }
    let wait = house.try_password("wang", PASSWORD).await.problem(429)["retry_after_s"].as_u64().expect("seconds");
    assert!(wait <= 60, "{wait}");
    later(TimeDelta::seconds(61));
    assert_eq!(house.try_password("wang", PASSWORD).await.status, 200);
    // From where he has signed in, others' guesses at his name do not slow him down; those from his address still do.
    later(TimeDelta::minutes(16));
    for _ in 0..8 {
        house.try_password("wang", "wrong password").await.problem(401);
    }
    assert_eq!(house.try_password("wang", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn from_where_somebody_signed_in_waiting_does_not_tell_which_names_are_known() {
    let house = House::empty().await;
    house.account("wang", Role::Editor, None).await;
    house.account("li", Role::Editor, None).await;
    house.sign_in("wang").await;
    let mut told = Vec::new();
    for name in ["wang", "li", "nobody"] {
        let mut statuses = Vec::new();
        for _ in 0..6 {
            statuses.push(house.try_password(name, "wrong password").await.status.as_u16());
        }
        told.push(statuses);
    }
    assert_eq!(told, [[401; 6]; 3]);
}

#[tokio::test]
async fn guessing_many_names_from_one_address_is_slowed_down_too() {
    let house = House::empty().await;
    let mut statuses = Vec::new();
    for n in 0..22 {
        statuses.push(house.try_password(&format!("name-{n}"), PASSWORD).await.status.as_u16());
    }
    assert_eq!(statuses[..20], [401; 20]);
    assert_eq!(statuses[20..], [429; 2]);
}

#[tokio::test]
async fn the_address_is_the_peers_unless_a_trusted_proxy_names_another() {
    let house = House::empty().await;
    let boss = house.member("boss", Role::Admin, None).await;
    let proxy = "10.0.0.1".parse().expect("an address");
    let router = bihu::api::behind(house.router.clone(), &[proxy]);
    let attempt = |peer: &str, forwarded: &str, name: &str| {
        let peer: std::net::SocketAddr = peer.parse().expect("an address");
        let body = json!({ "name": name, "password": "wrong password" }).to_string();
        let mut request =
            Request::post("/api/session").header("host", "bihu.test").body(Body::from(body)).expect("a request");
        request.headers_mut().insert("x-forwarded-for", forwarded.parse().expect("text"));
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    };
    let asked = [
        ("203.0.113.7:5", "1.1.1.1"),
        ("10.0.0.1:5", "1.1.1.1, 198.51.100.2"),
        ("10.0.0.1:5", "10.0.0.1"),
        ("[2001:db8:1:2:3::4]:5", "1.1.1.1"),
        ("[::ffff:10.0.0.1]:5", "198.51.100.3"),
        ("10.0.0.1:5", "6.6.6.6, 198.51.100.4:51000"),
        ("10.0.0.1:5", "6.6.6.6, [2001:db8:9::1]:443"),
        ("10.0.0.1:5", "6.6.6.6, [2001:db8:8::1]"),
        ("10.0.0.1:5", "6.6.6.6, unknown"),
        ("10.0.0.1:5", "6.6.6.6, "),
        ("10.0.0.1:5", "6.6.6.6, unknown, 10.0.0.1"),
    ];
    for (n, (peer, forwarded)) in asked.into_iter().enumerate() {
        attempt(peer, forwarded, &format!("who-{n}")).await.expect("an answer");
    }
    let trail = house.browse(Method::GET, "/api/audit", &boss, None).await.json();
    let failed = trail["entries"].as_array().expect("lines").iter().filter(|l| l["act"] == "sign_in_failed");
    let mut addresses: Vec<_> = failed.map(|l| l["address"].as_str().expect("an address").to_owned()).collect();
    addresses.sort();
    let read = ["10.0.0.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"];
    let beyond = ["2001:db8:1:2::/64", "2001:db8:8::/64", "2001:db8:9::/64", "203.0.113.7"];
    assert_eq!(addresses, [&read[..], &beyond[..]].concat(), "what can not be read ends at the last proxy");
}

#[tokio::test]
async fn a_live_stream_tells_nothing_more_to_who_has_lost_his_right() {
    let house = House::demo().await;
    let browser = house.member("wang", Role::Reporter, None).await;
    let token = house.token("bot", Role::Reporter, None).await;
    let bearer = format!("Bearer {token}");
    let open = async |header: (&str, &str)| {
        let request = Request::get("/api/live").header("host", "bihu.test").header(header.0, header.1);
        let response =
            house.router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
        assert_eq!(response.status(), 200);
        response.into_body().into_data_stream()
    };
    let mut streams = [open(("cookie", &browser.cookie)).await, open(("authorization", &bearer)).await];
    for stream in &mut streams {
        let hello = stream.next().await.expect("an event").expect("bytes");
        assert!(String::from_utf8_lossy(&hello).contains("hello"));
    }
    house.browse(Method::DELETE, "/api/session", &browser, None).await;
    let id = house.app.store().tokens().await.expect("tokens").into_iter().find(|t| t.name == "bot").expect("it").id;
    house.app.store().revoke_token(&id, now()).await.expect("revoked");
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    house.patch("shelter-SJ-BN-0001", &json!({ "status": "full" })).await.json();
    for stream in &mut streams {
        assert!(stream.next().await.is_none(), "the stream has ended");
    }
}
