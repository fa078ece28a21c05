//! Signing in at an OpenID provider: a small one on loopback, with a key of its own, that can be told to misbehave.

use crate::house::{Answer, House, now};
use crate::people::{Browser, PASSWORD};
use axum::extract::State;
use axum::http::Method;
use axum::{Json, Router, routing};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bihu::domain::Role;
use bihu::service::accounts::oidc::Config;
use openidconnect::core::{CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Made for this test and used nowhere else.
const KEY: &str = "-----BEGIN RSA PRIVATE KEY-----\n\
MIIEowIBAAKCAQEAqRt698VxBEXvWgnaXSaOUqpEqWoL1vJKFESfLwQ3U33Ib83g\n\
/zbmc5kgkdgO+wQ/hhPAwhzxHj9qlpasAXMOTTkQ4+gx2swbWAF9QeWfa478zcrF\n\
YkXAbsHy5P63mhYR5ZDEtNLysmZgDj89+nx49dqAKZfN+aelLphZJSG9v8kg/1Ac\n\
0nqXZZtEqxUsXmM+aGDZoa65EYRV/41TBLiL42sgr/z6aRRAZ6NvP22SooVZh2Rb\n\
PaxS/7YyGPwG+KV7/P459LMUydU9RFK5Lzfy6mlr3dVuegGD6kcS8rDLpy/LYvOk\n\
SkNUHmv+fJU8Qw2cmskyLCswE33K3N+F6xHFFQIDAQABAoIBAE2a1lo5ai2PWJHF\n\
3seLx5mpGNx0VZ2dUCCwAytE8IzotuCUJxKII8bd+WPktq88WliR3Q5X0NFUQfp8\n\
h9AceG4454bnimWB8HR5Ln3cvkXSdzKLwPxhzTcm22x6dlCIm0ryHktrWURElgVD\n\
wZIfqDUPQmyUBUryQ+w3rwVK0DTf/KmAf+NSNn7O7jul2C3AqlaWkU3/3YzGtKZ9\n\
+0PmOnsjkt5/h5Q9Y//4Ti2GPWXvmxCYqTlFs+ludiricRfZl3T4Iepq2kQXMUpg\n\
oxDqp2dYP3l8HAsM+u/UdjVC1Qf587qnQFhBR0V1O+P0hNhPxbZvmAlv6CMtDLkx\n\
FVEGZDsCgYEA56oZzfyknJfUrvYptRe3nD1U8ipiUXHcRsfV2BDGENWtgHMfNk8X\n\
lEMwtijE0LgVJVR8KLNNqy1i6dt0sC7xxND2Ui1dCFI2LbmtkoNZ6DtsqIGoe65N\n\
7CeX10a2mtm9agT9LT3ZKkKvFUVKqruArwqM4oHtZ0dFNJn2Ty7lyusCgYEAut8Z\n\
d13FLcKb1VdSeFSpPahHX6DK5l57nGG6+xIrNZbOvTLs22NHcXq+WZ7P6+QJjNyI\n\
5B3X75sLuMGg26BmkLBqdz4D8yLk5LjI2KNQtQyp9fYd9oSvu5a3kw6zzrIkBsUF\n\
WR7c/BZ5bgrx6ypmPtITrgg0bvMVuAE56THir/8CgYB3VzBd5fVi2fBthVAtAx/K\n\
M+orqlvluvMP32gxG0r9ZyYvEp8Umh/6d7aDUHM7VmlGRsSDLwMm2IWpFS2CiVxw\n\
2HjcEpRncfqJCar53AKX2Oz7zXde54cqzaax9rKhCORD1ngaM09JLvsEySJS267J\n\
/XRgRzBmUNe85kd1uSIVqwKBgCqPUS98bcIERpWKM8AwF/Nw9gBzkIJzFlgBciJo\n\
eurTk/ZHOOamb8kKmXuzzcr9vqcUOyEpItrxRvQnNUmP+IwPgc/ykde4JMVqyGN+\n\
noz9e2AHU7+nbJaetuSJPq5eqBHaoWMwwkevnqxPVdWnbG32ToEeYUK7nkCwFs5j\n\
jCtlAoGBAJRwVB7I+ePzagIGml2rJic4oNp4uJN2Kbc8Q5ZjRXp/sUZ8jh9aCBpl\n\
VzOThZmuR1X0Lapt6wyRSbjH42Dsex8yxVOUqxIhF3h4UCOi5+as1noDD8gjOqbs\n\
52IUCZivnVOXTZCWYScI1O3f+ErcBpIzrPotp6X6FFfG12SQRGIo\n\
-----END RSA PRIVATE KEY-----";

/// The provider: what it says in the next ID token, and what it was asked.
#[derive(Clone)]
struct Provider {
    address: String,
    said: Arc<Mutex<Said>>,
}

#[derive(Default)]
struct Said {
    claims: Value,
    algorithm: Option<&'static str>,
    challenge: String,
    exchanged: Vec<HashMap<String, String>>,
}

impl Provider {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let provider = Self { address, said: Arc::default() };
        let router = Router::new()
            .route("/.well-known/openid-configuration", routing::get(discovery))
            .route("/jwks", routing::get(keys))
            .route("/token", routing::post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn key() -> CoreRsaPrivateSigningKey {
        CoreRsaPrivateSigningKey::from_pem(KEY, Some(JsonWebKeyId::new("k1".to_owned()))).expect("a key")
    }

    /// Makes an ID token of the claims it was told to make.
    fn id_token(&self) -> String {
        let said = self.said.lock().expect("not poisoned");
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let algorithm = said.algorithm.unwrap_or("RS256");
        let message = format!("{}.{}", part(&json!({ "alg": algorithm, "kid": "k1" })), part(&said.claims));
        if algorithm == "none" {
            return format!("{message}.");
        }
        let signature = Self::key().sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.expect("a signature")))
    }
}

async fn discovery(State(provider): State<Provider>) -> Json<Value> {
    let address = &provider.address;
    Json(json!({
        "issuer": address, "authorization_endpoint": format!("{address}/authorize"), "token_endpoint": format!("{address}/token"),
        "jwks_uri": format!("{address}/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    }))
}

async fn keys() -> Json<Value> {
    Json(json!({ "keys": [serde_json::to_value(Provider::key().as_verification_key()).expect("a key")] }))
}

async fn token(State(provider): State<Provider>, body: String) -> Json<Value> {
    let asked: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(asked.get("code_verifier").map_or("", String::as_str)));
    provider.said.lock().expect("not poisoned").exchanged.push(asked);
    let fits = proof == provider.said.lock().expect("not poisoned").challenge;
    if !fits {
        return Json(json!({ "error": "invalid_grant" }));
    }
    Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": provider.id_token() }))
}

/// A house whose people may sign in at a provider.
struct Town {
    house: House,
    provider: Provider,
}

/// Somebody on the way: the cookie of his browser, and what the provider was asked for.
struct Leaving {
    cookie: String,
    asked: HashMap<String, String>,
}

impl Town {
    async fn open(role_claim: Option<&str>) -> Self {
        let (house, provider) = (House::empty().await, Provider::start().await);
        let config = Config {
            issuer: provider.address.clone(),
            client_id: "bihu".to_owned(),
            client_secret: Some("secret of the client".to_owned()),
            label: "区统一身份".to_owned(),
            role_claim: role_claim.map(str::to_owned),
            redirect: None,
        };
        house.app.use_oidc(config).expect("a provider");
        Self { house, provider }
    }

    async fn leave(&self) -> Leaving {
        let answer = self.house.get("/api/session/oidc").await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let line = answer.header("set-cookie");
        assert!(line.starts_with("bihu_oidc=") && line.contains("HttpOnly; SameSite=Lax; Max-Age=600"), "{line}");
        let (address, query) = answer.header("location").split_once('?').expect("a query");
        assert_eq!(address, format!("{}/authorize", self.provider.address));
        let asked = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Leaving { cookie: line.split(';').next().expect("a cookie").to_owned(), asked }
    }

    /// Lets the provider say `more` beside what is right, or instead of it.
    fn says(&self, leaving: &Leaving, more: Value) {
        let mut claims = json!({
            "iss": self.provider.address, "aud": "bihu", "sub": "s-1", "nonce": leaving.asked["nonce"],
            "iat": now().timestamp(), "exp": now().timestamp() + 300, "preferred_username": "wang", "name": "王小明",
        });
        for (name, value) in more.as_object().expect("claims") {
            claims[name] = value.clone();
        }
        let mut said = self.provider.said.lock().expect("not poisoned");
        said.challenge = leaving.asked["code_challenge"].clone();
        said.claims = claims;
    }

    async fn come_back(&self, leaving: &Leaving, state: &str) -> Answer {
        let path = format!("/api/session/oidc/callback?code=c-1&state={state}&session_state=x");
        self.house.call(Method::GET, &path, &[("cookie", &leaving.cookie)], None).await
    }

    /// Goes to the provider and comes back with claims.
    async fn round(&self, more: Value) -> Answer {
        let leaving = self.leave().await;
        self.says(&leaving, more);
        self.come_back(&leaving, &leaving.asked["state"]).await
    }

    async fn link(&self, name: &str, subject: &str) {
        let bearer = self.house.bearer();
        let headers = [("authorization", bearer.as_str()), ("if-match", "*")];
        let body = json!({ "oidc_subject": subject });
        let linked = self.house.call(Method::PATCH, &format!("/api/accounts/{name}"), &headers, Some(&body)).await;
        assert_eq!(linked.status, 200, "{}", linked.text());
    }
}

/// Returns the browser of somebody who was let in.
fn let_in(answer: &Answer) -> Browser {
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"), "{:?}", answer.headers);
    let lines = answer.headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok());
    let line = lines.into_iter().find(|line| line.starts_with("bihu_session=")).expect("a session");
    assert!(line.contains("SameSite=Strict") && line.contains("HttpOnly"), "{line}");
    Browser { cookie: line.split(';').next().expect("a cookie").to_owned(), csrf: String::new() }
}

#[track_caller]
fn assert_refused(answer: &Answer, word: &str) {
    let place = format!("/signin#refused={word}");
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, place.as_str()), "{word}");
    let sessions = answer.headers.get_all("set-cookie").iter().filter(|v| v.as_bytes().starts_with(b"bihu_session="));
    assert_eq!(sessions.count(), 0, "{word}");
}

#[tokio::test]
async fn somebody_whose_account_is_linked_signs_in_and_the_page_is_told_of_the_button() {
    let town = Town::open(None).await;
    town.house.account("li", Role::Editor, Some("310117003")).await;
    assert_eq!(town.house.get("/api/session").await.json()["oidc"], json!({ "label": "区统一身份" }));
    town.link("li", "s-1").await;
    let leaving = town.leave().await;
    assert_eq!(
        (leaving.asked["response_type"].as_str(), leaving.asked["code_challenge_method"].as_str()),
        ("code", "S256")
    );
    assert_eq!(leaving.asked["redirect_uri"], "http://bihu.test/api/session/oidc/callback");
    town.says(&leaving, json!({}));
    let browser = let_in(&town.come_back(&leaving, &leaving.asked["state"]).await);
    let who = town.house.browse(Method::GET, "/api/session", &browser, None).await.json();
    assert_eq!((&who["account"]["name"], &who["account"]["role"]), (&json!("li"), &json!("editor")));
    let exchanged = town.provider.said.lock().expect("not poisoned").exchanged.clone();
    assert_eq!(exchanged.len(), 1);
    assert_eq!(exchanged[0]["redirect_uri"], leaving.asked["redirect_uri"]);
}

#[tokio::test]
async fn a_token_that_does_not_hold_lets_nobody_in() {
    let town = Town::open(Some("bihu_role")).await;
    town.house.account("li", Role::Admin, None).await;
    town.link("li", "s-1").await;
    for wrong in [
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "aud": "another" }),
        json!({ "aud": ["bihu", "another"] }),
        json!({ "iss": "http://127.0.0.1:1" }),
        json!({ "exp": now().timestamp() - 1 }),
        json!({ "sub": null }),
    ] {
        assert_refused(&town.round(wrong.clone()).await, if wrong.get("sub").is_some() { "provider" } else { "token" });
    }
    for algorithm in ["none", "HS256"] {
        town.provider.said.lock().expect("not poisoned").algorithm = Some(algorithm);
        let answer = town.round(json!({})).await;
        assert!(answer.header("location").starts_with("/signin#refused="), "{algorithm}");
    }
    town.provider.said.lock().expect("not poisoned").algorithm = None;
    let_in(&town.round(json!({})).await);
}

#[tokio::test]
async fn the_way_back_is_taken_once_by_the_browser_that_left_and_with_its_state() {
    let town = Town::open(None).await;
    town.house.account("li", Role::Editor, None).await;
    town.link("li", "s-1").await;
    let leaving = town.leave().await;
    town.says(&leaving, json!({}));
    let state = leaving.asked["state"].clone();
    let other = town.leave().await;
    assert_refused(&town.come_back(&other, &state).await, "state");
    let no_cookie = town.house.get(&format!("/api/session/oidc/callback?code=c-1&state={state}")).await;
    assert_refused(&no_cookie, "state");
    let_in(&town.come_back(&leaving, &state).await);
    assert_refused(&town.come_back(&leaving, &state).await, "state");
    let denied = town.leave().await;
    let path = "/api/session/oidc/callback?error=access_denied";
    assert_refused(&town.house.call(Method::GET, path, &[("cookie", &denied.cookie)], None).await, "state");
    // What a browser carries on the way is no set-up link.
    let secret = town.leave().await.cookie.trim_start_matches("bihu_oidc=").to_owned();
    town.house.post("/api/setup/link", &json!({ "secret": secret })).await.problem(401);
    // Somebody who exchanges the code of another browser has not its verifier.
    let (mine, theirs) = (town.leave().await, town.leave().await);
    town.says(&theirs, json!({ "nonce": mine.asked["nonce"] }));
    assert_refused(&town.come_back(&mine, &mine.asked["state"]).await, "provider");
}

#[tokio::test]
async fn nobody_gets_an_account_by_himself_unless_the_provider_may_say_his_role() {
    let town = Town::open(None).await;
    assert_refused(&town.round(json!({ "bihu_role": "editor" })).await, "unknown");
    let bearer = town.house.bearer();
    let trail = town.house.call(Method::GET, "/api/audit", &[("authorization", &bearer)], None).await.json();
    assert_eq!(trail["entries"][0]["detail"]["oidc_subject"], "s-1", "an administrator can link it: {trail}");

    let town = Town::open(Some("bihu_role")).await;
    for role in [json!("admin"), json!("public"), json!("king"), json!(["editor"]), Value::Null] {
        assert_refused(&town.round(json!({ "bihu_role": role })).await, "unknown");
    }
    assert_refused(&town.round(json!({ "bihu_role": "editor", "bihu_role_scope": "1" })).await, "unknown");
    let claims = json!({ "bihu_role": "editor", "bihu_role_scope": "310117003" });
    let browser = let_in(&town.round(claims.clone()).await);
    let who = town.house.browse(Method::GET, "/api/session", &browser, None).await.json();
    let account = &who["account"];
    assert_eq!((&account["name"], &account["display_name"]), (&json!("wang"), &json!("王小明")));
    assert_eq!((&account["role"], &account["scope"]), (&json!("editor"), &json!("310117003000")));
    let_in(&town.round(json!({ "bihu_role": "admin" })).await);
    let browser = let_in(&town.round(claims).await);
    let who = town.house.browse(Method::GET, "/api/session", &browser, None).await.json();
    assert_eq!(who["account"]["role"], "editor", "the provider raises nobody later either");
}

#[tokio::test]
async fn a_name_that_is_chosen_at_the_provider_opens_nobodys_account() {
    let town = Town::open(Some("bihu_role")).await;
    town.house.account("wang", Role::Admin, None).await;
    let claims = json!({ "bihu_role": "editor", "sub": "s-2" });
    assert_refused(&town.round(claims).await, "name");
    assert_refused(
        &town.round(json!({ "bihu_role": "editor", "sub": "s-3", "preferred_username": "chief" })).await,
        "name",
    );
    assert_refused(
        &town.round(json!({ "bihu_role": "editor", "sub": "s-4", "preferred_username": "a b" })).await,
        "name",
    );
    assert_eq!(town.house.try_password("wang", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_disabled_account_stays_out_and_a_provider_that_is_away_is_told() {
    let town = Town::open(None).await;
    town.house.account("li", Role::Editor, None).await;
    town.link("li", "s-1").await;
    let bearer = town.house.bearer();
    let headers = [("authorization", bearer.as_str()), ("if-match", "*")];
    town.house.call(Method::PATCH, "/api/accounts/li", &headers, Some(&json!({ "disabled": true }))).await.json();
    assert_refused(&town.round(json!({})).await, "disabled");

    let house = House::empty().await;
    house.get("/api/session/oidc").await.problem(404);
    let config = |issuer: &str| Config {
        issuer: issuer.to_owned(),
        client_id: "bihu".to_owned(),
        client_secret: None,
        label: "x".to_owned(),
        role_claim: None,
        redirect: None,
    };
    assert!(house.app.use_oidc(config("http://idp.example")).is_err(), "in plain text only to this machine");
    house.app.use_oidc(config("http://127.0.0.1:9")).expect("a provider");
    assert_refused(&house.get("/api/session/oidc").await, "provider");
}
