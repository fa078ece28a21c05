//! `Idempotency-Key`: a retry gets the first answer and writes nothing.

use crate::house::House;
use axum::http::Method;
use bihu::domain::Role;
use serde_json::{Value, json};

fn site(code: &str) -> Value {
    json!({"kind": "site", "code": code, "name": "测试", "lon": 121.2, "lat": 31.0, "synthetic": true})
}

#[tokio::test]
async fn the_same_request_twice_gives_the_same_bytes_and_one_entry() {
    let house = House::empty().await;
    let headers = [("if-none-match", "*"), ("idempotency-key", "k-1")];
    let first = house.write(Method::PUT, "one", &headers, Some(&site("T-1"))).await;
    // What happened since does not change the answer.
    house.patch("one", &json!({"name": "改名"})).await.json();
    let second = house.write(Method::PUT, "one", &headers, Some(&site("T-1"))).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_eq!((first.bytes.clone(), first.header("etag")), (second.bytes.clone(), second.header("etag")));
    assert_eq!(house.journal(0).await.len(), 2);
    let removing = [("if-match", "*"), ("idempotency-key", "k-2")];
    for _ in 0..2 {
        assert_eq!(house.write(Method::DELETE, "one", &removing, None).await.status, 204);
    }
    assert_eq!(house.journal(0).await.len(), 3);
}

#[tokio::test]
async fn a_key_for_another_request_is_refused() {
    let house = House::empty().await;
    let headers = [("if-none-match", "*"), ("idempotency-key", "k-1")];
    house.write(Method::PUT, "one", &headers, Some(&site("T-1"))).await.json();
    let reused = house.write(Method::PUT, "one", &headers, Some(&site("T-2"))).await;
    assert_eq!(reused.violation(422, "Idempotency-Key")["reason"], "key_reused");
    house.write(Method::PUT, "two", &headers, Some(&site("T-1"))).await.violation(422, "Idempotency-Key");
    assert_eq!(house.journal(0).await.len(), 1);
}

#[tokio::test]
async fn keys_of_two_actors_do_not_meet() {
    let house = House::empty().await;
    let mut written = 0;
    for (name, key) in [("a", "b:k"), ("a:b", "k"), ("c", "b:k")] {
        let bearer = format!("Bearer {}", house.token(name, Role::Admin, None).await);
        let headers = [("authorization", bearer.as_str()), ("if-none-match", "*"), ("idempotency-key", key)];
        let id = format!("id-{written}");
        let body = site(&format!("T-{written}"));
        let made = house.call(Method::PUT, &format!("/api/resources/{id}"), &headers, Some(&body)).await;
        assert_eq!(made.status, 201, "{}", made.text());
        written += 1;
    }
    assert_eq!(house.journal(0).await.len(), written);
}

#[tokio::test]
async fn a_refused_request_does_not_use_up_its_key() {
    let house = House::empty().await;
    let headers = [("if-none-match", "*"), ("idempotency-key", "k-1")];
    house.write(Method::PUT, "one", &headers, Some(&json!({"kind": "site"}))).await.problem(422);
    assert_eq!(house.write(Method::PUT, "one", &headers, Some(&site("T-1"))).await.status, 201);
}

#[tokio::test]
async fn a_key_has_its_bounds() {
    let house = House::empty().await;
    let long = "k".repeat(201);
    for key in ["", " ", "a b", long.as_str()] {
        let headers = [("if-none-match", "*"), ("idempotency-key", key)];
        house.write(Method::PUT, "one", &headers, Some(&site("T-1"))).await.violation(422, "Idempotency-Key");
    }
}

#[tokio::test]
async fn two_at_once_write_once() {
    let house = House::empty().await;
    let headers = [("if-none-match", "*"), ("idempotency-key", "k-1")];
    let body = site("T-1");
    let ask = || house.write(Method::PUT, "one", &headers, Some(&body));
    let (a, b, c) = futures::join!(ask(), ask(), ask());
    assert_eq!([a.status.as_u16(), b.status.as_u16(), c.status.as_u16()], [201; 3]);
    assert!(a.bytes == b.bytes && b.bytes == c.bytes);
    assert_eq!(house.journal(0).await.len(), 1);
}

#[tokio::test]
async fn a_retry_at_another_node_gets_the_first_answer() {
    let house = House::empty().await;
    let headers = [("if-none-match", "*"), ("idempotency-key", "k-1")];
    let first = house.write(Method::PUT, "one", &headers, Some(&site("T-1"))).await;
    let other = house.neighbour().await;
    // The neighbour reads its world before the first node writes again.
    house.patch("one", &json!({"name": "改名"})).await.json();
    let second = other.write(Method::PUT, "one", &headers, Some(&site("T-1"))).await;
    assert_eq!((second.status.as_u16(), second.bytes), (201, first.bytes));
}

#[tokio::test]
async fn a_node_that_is_behind_catches_up_before_it_refuses() {
    let house = House::empty().await;
    let other = house.neighbour().await;
    house.create("one", &site("T-1")).await;
    let patched = other.write(Method::PATCH, "one", &[("if-match", "\"r1\"")], Some(&json!({"name": "改名"}))).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
}
