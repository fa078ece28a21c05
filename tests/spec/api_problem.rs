//! Every refusal is a problem (RFC 9457), whoever made it: the service or the framework under it. [`House::send`] holds
//! each 4xx and 5xx of all tests to the form; here are the ones that no other test comes across.

use crate::house::House;
use axum::http::Method;

#[tokio::test]
async fn unknown_addresses_are_404() {
    let house = House::empty().await;
    for path in [
        "/nothing",
        "/api",
        "/api/",
        "/api/nothing",
        "/api/layers/zoo",
        "/ogc/nothing",
        "/ogc/collections/zoo",
        "/ogc/collections/zoo/items",
        "/ogc/collections/shelters/items/none",
        "/assets/none.js",
        "/api/docs/none.js",
        "/api/nearest/",
        "/%2e%2e/etc/passwd",
        "/assets/../../Cargo.toml",
        "/api/layers/%ff",
    ] {
        let answer = house.get(path).await;
        assert!([400, 404].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn a_method_that_an_address_does_not_take_is_405_and_the_ones_it_takes_are_told() {
    let house = House::empty().await;
    let cases = [
        (Method::POST, "/api/nearest?lon=1&lat=1", "GET"),
        (Method::DELETE, "/ogc", "GET"),
        (Method::GET, "/api/around", "POST"),
        (Method::PUT, "/api/coverage", "POST"),
        (Method::POST, "/api/resources/one", "PATCH"),
        (Method::POST, "/healthz", "GET"),
        (Method::POST, "/api/live", "GET"),
        (Method::POST, "/", "GET"),
        (Method::PATCH, "/api/openapi.json", "GET"),
    ];
    for (method, path, taken) in cases {
        let answer = house.call(method, path, &[], None).await;
        answer.problem(405);
        assert!(answer.header("allow").contains(taken), "{path}: {}", answer.header("allow"));
    }
}

#[tokio::test]
async fn an_error_never_carries_a_megabyte_back() {
    let house = House::empty().await;
    let long = "x".repeat(60_000);
    for path in [
        format!("/{long}"),
        format!("/api/resources/{long}"),
        format!("/api/layers/{long}"),
        format!("/ogc/collections/{long}"),
        format!("/ogc/collections/demand/items/{long}"),
        format!("/api/nearest?lon={long}&lat=1"),
        format!("/api/nearest?{long}=1&lon=1&lat=1"),
        format!("/api/search?q={long}"),
        format!("/assets/{long}"),
    ] {
        let answer = house.get(&path).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
        assert!(answer.bytes.len() < 4000, "{} bytes for {}", answer.bytes.len(), &path[..30]);
    }
}

#[tokio::test]
async fn refusals_are_not_kept_by_caches() {
    let house = House::empty().await;
    assert_eq!(house.get("/nothing").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect() {
    let house = House::demo().await;
    for path in ["/", "/healthz", "/api/meta", "/ogc", "/nothing", "/api/docs/"] {
        let answer = house.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn readiness_says_503_when_the_store_is_gone_and_questions_are_still_answered() {
    let house = House::demo().await;
    assert_eq!(house.get("/readyz").await.status, 200);
    house.app.close().await;
    let ready = house.get("/readyz").await;
    ready.problem(503);
    assert_eq!(ready.header("retry-after"), "2");
    assert_eq!(house.get("/api/nearest?lon=121.2&lat=31").await.status, 200);
    let problem = house.get_as_staff("/api/meta").await.problem(503);
    assert!(problem["incident"].is_string() && problem.get("detail").is_none(), "{problem}");
}
