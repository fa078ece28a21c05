//! `/api/history`, `/api/batches`, undo of a batch, restore of a resource.

use crate::house::{Answer, House};
use axum::http::Method;
use bihu::domain::Role;
use serde_json::{Value, json};

fn shelter(code: &str) -> Value {
    json!({
        "kind": "shelter", "code": code, "name": "测试避难所", "lon": 121.2, "lat": 31.0, "division": "310117102000",
        "capacity": 100, "level": "village", "status": "open", "synthetic": true,
    })
}

async fn house_with_one() -> House {
    let house = House::empty().await;
    house.create("one", &shelter("T-1")).await;
    house
}

async fn undo(house: &House, token: &str, batch: u64) -> Answer {
    house.post_by(token, &format!("/api/batches/{batch}/undo"), &json!({})).await
}

/// Returns the document of a resource without its revision.
async fn document(house: &House, id: &str) -> Value {
    let mut document = house.get_as_staff(&format!("/api/resources/{id}")).await.json();
    document.as_object_mut().expect("an object").remove("revision");
    document
}

#[tokio::test]
async fn history_tells_who_changed_what_when_from_what_to_what_and_why() {
    let house = house_with_one().await;
    let headers = [("if-match", "*"), ("x-reason", "%E7%8E%B0%E5%9C%BA%E6%B8%85%E7%82%B9")];
    house.write(Method::PATCH, "one", &headers, Some(&json!({"occupied": 12, "status": "full"}))).await.json();
    let told = house.get_as_staff("/api/history?resource=one").await.json();
    let entries = told["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), 2);
    assert_eq!(told["next"], Value::Null);
    let newest = &entries[0];
    assert_eq!((&newest["revision"], &newest["batch"]), (&json!(2), &json!(2)));
    assert_eq!((&newest["actor"], &newest["reason"]), (&json!("chief"), &json!("现场清点")));
    assert_eq!(newest["op"], "changed");
    assert_eq!(newest["subject"], json!({"kind": "resource", "id": "one", "name": "测试避难所"}));
    let field =
        |name: &str| newest["changes"].as_array().expect("changes").iter().find(|c| c["field"] == name).cloned();
    assert_eq!(field("occupied"), Some(json!({"field": "occupied", "before": null, "after": 12})));
    assert_eq!(field("status"), Some(json!({"field": "status", "before": "open", "after": "full"})));
    assert_eq!(field("capacity"), None, "what did not change is not told");
    assert_eq!(field("free_places"), None, "nor what follows from the rest");
    assert_eq!(entries[1]["op"], "created");
    let name = entries[1]["changes"].as_array().expect("changes").iter().find(|c| c["field"] == "name").cloned();
    assert_eq!(name, Some(json!({"field": "name", "before": null, "after": "测试避难所"})));
}

#[tokio::test]
async fn history_pages_by_keyset_and_filters_by_actor_batch_and_time() {
    let house = house_with_one().await;
    let editor = house.token("editor", Role::Editor, None).await;
    for n in 0..9 {
        let token = if n % 3 == 0 { &editor } else { &house.admin };
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("if-match", "*")];
        house.call(Method::PATCH, "/api/resources/one", &headers, Some(&json!({"occupied": n}))).await.json();
    }
    let numbers = |told: &Value| -> Vec<u64> {
        told["entries"].as_array().expect("entries").iter().map(|e| e["revision"].as_u64().expect("a number")).collect()
    };
    let first = house.get_as_staff("/api/history?limit=4").await.json();
    assert_eq!((numbers(&first), &first["next"]), (vec![10, 9, 8, 7], &json!(7)));
    house.patch("one", &json!({"occupied": 50})).await.json();
    let second = house.get_as_staff("/api/history?limit=4&before=7").await.json();
    assert_eq!(numbers(&second), [6, 5, 4, 3], "what is written meanwhile moves nothing");
    let last = house.get_as_staff("/api/history?limit=4&before=3").await.json();
    assert_eq!((numbers(&last), &last["next"]), (vec![2, 1], &Value::Null));
    assert_eq!(numbers(&house.get_as_staff("/api/history?actor=editor").await.json()), [8, 5, 2]);
    assert_eq!(numbers(&house.get_as_staff("/api/history?batch=5").await.json()), [5]);
    assert!(numbers(&house.get_as_staff("/api/history?until=2020-01-01T00:00:00Z").await.json()).is_empty());
    assert_eq!(numbers(&house.get_as_staff("/api/history?from=2020-01-01T00:00:00Z&limit=1").await.json()), [11]);
    house.get_as_staff("/api/history?from=yesterday").await.violation(400, "from");
    house.get_as_staff("/api/history?before=0").await.violation(400, "before");
}

#[tokio::test]
async fn the_duty_log_tells_each_act_once_with_how_many_and_the_first_few() {
    let house = House::demo().await;
    house.patch("shelter-SJ-BN-0001", &json!({"occupied": 5})).await.json();
    let told = house.get_as_staff("/api/batches").await.json();
    let batches = told["batches"].as_array().expect("batches");
    assert_eq!(batches.len(), 2);
    assert_eq!(batches[0]["operations"], json!({"created": 0, "changed": 1, "removed": 0}));
    assert_eq!(batches[0]["subjects"][0]["id"], "shelter-SJ-BN-0001");
    let seeded = &batches[1];
    assert_eq!((&seeded["batch"], &seeded["actor"]), (&json!(1), &json!("demo")));
    assert_eq!(seeded["entries"], seeded["last"]);
    assert_eq!(seeded["entries"], house.revision() - 1);
    assert_eq!(seeded["subjects"].as_array().map(Vec::len), Some(5));
    assert_eq!(seeded["operations"], Value::Null, "a long one is not counted for a list");
}

#[tokio::test]
async fn the_journal_is_not_for_the_public() {
    let house = house_with_one().await;
    for path in ["/api/history", "/api/history?resource=one", "/api/batches"] {
        house.get(path).await.problem(401);
    }
    house.post("/api/batches/1/undo", &json!({})).await.problem(401);
    house.post("/api/resources/one/restore", &json!({"revision": 1})).await.problem(401);
    let headers = [("if-match", "*")];
    let restored =
        house.call(Method::POST, "/api/resources/one/restore", &headers, Some(&json!({"revision": 1}))).await;
    restored.problem(401);
    let reporter = house.token("reporter", Role::Reporter, Some("310117001")).await;
    let told = house.get_by(&reporter, "/api/history").await.json();
    assert_eq!(told["entries"].as_array().map(Vec::len), Some(1), "staff look back without a border");
}

#[tokio::test]
async fn a_creation_a_change_and_a_removal_are_taken_back_and_taken_back_again() {
    let house = house_with_one().await;
    let first = document(&house, "one").await;
    house.patch("one", &json!({"name": "改名", "occupied": 3})).await.json();
    let second = document(&house, "one").await;
    let undone = undo(&house, &house.admin, 2).await.json();
    assert_eq!(undone, json!({"batch": 3, "revision": 3, "entries": 1}));
    assert_eq!(document(&house, "one").await, first, "as it was, its age too");
    let reason = house.get_as_staff("/api/history?limit=1").await.json()["entries"][0]["reason"].clone();
    assert_eq!(reason, "undo of batch 2");
    undo(&house, &house.admin, 3).await.json();
    assert_eq!(document(&house, "one").await, second, "an undo can be undone");
    house.write(Method::DELETE, "one", &[("if-match", "*")], None).await;
    undo(&house, &house.admin, 5).await.json();
    assert_eq!(document(&house, "one").await, second, "what was removed is back");
    let made = house.create("two", &shelter("T-2")).await;
    let batch: u64 = made.header("etag").trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("a revision");
    undo(&house, &house.admin, batch).await.json();
    house.get_as_staff("/api/resources/two").await.problem(404);
}

#[tokio::test]
async fn an_undo_does_not_overwrite_what_was_changed_since_unless_it_is_as_it_was_left() {
    let house = house_with_one().await;
    house.patch("one", &json!({"occupied": 3})).await.json();
    house.patch("one", &json!({"remarks": "后来"})).await.json();
    let before = house.revision();
    let refused = undo(&house, &house.admin, 2).await;
    let told = refused.violation(409, "one");
    assert_eq!(told["reason"], "changed_since");
    assert!(told["zh"].as_str().is_some_and(|zh| zh.contains("第 3 修订")), "{told}");
    assert_eq!(refused.problem(409)["type"], "urn:bihu:problem:overtaken");
    assert_eq!(house.revision(), before, "nothing is written");
    undo(&house, &house.admin, 3).await.json();
    undo(&house, &house.admin, 2).await.json();
    assert_eq!(house.get_as_staff("/api/resources/one").await.json()["occupied"], Value::Null);
    undo(&house, &house.admin, 2).await.problem(409);
    house.write(Method::DELETE, "one", &[("if-match", "*")], None).await;
    assert_eq!(undo(&house, &house.admin, 2).await.violation(409, "one")["reason"], "changed_since");
    undo(&house, &house.admin, 99).await.problem(404);
    let within = house.post_by(&house.admin, "/api/batches/x/undo", &json!({})).await;
    within.violation(400, "batch");
}

#[tokio::test]
async fn a_whole_import_is_taken_back_in_one_act() {
    let house = House::demo().await;
    house.create("mine", &shelter("T-1")).await;
    undo(&house, &house.admin, 1).await.json();
    let world = house.app.world();
    assert_eq!(world.resources().map(|row| row.value.id.to_string()).collect::<Vec<_>>(), ["mine"]);
    assert_eq!((world.divisions().count(), world.demand_len()), (0, 0));
}

#[tokio::test]
async fn an_undo_needs_the_right_to_each_of_its_changes() {
    let house = house_with_one().await;
    house.patch("one", &json!({"occupied": 3})).await.json();
    house.patch("one", &json!({"name": "改名"})).await.json();
    let elsewhere = house.token("elsewhere", Role::Editor, Some("310117001")).await;
    let reporter = house.token("reporter", Role::Reporter, Some("310117102")).await;
    let before = house.revision();
    let denied = undo(&house, &elsewhere, 3).await.problem(403);
    assert!(denied["detail"].as_str().is_some_and(|d| d.contains("scope")), "{denied}");
    undo(&house, &reporter, 3).await.problem(403);
    assert_eq!(house.revision(), before);
    undo(&house, &house.admin, 3).await.json();
    undo(&house, &reporter, 2).await.json();
}

#[tokio::test]
async fn a_retried_undo_gets_the_first_answer() {
    let house = house_with_one().await;
    let bearer = house.bearer();
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k-1")];
    let body = json!({"reason": "误导入"});
    let first = house.call(Method::POST, "/api/batches/1/undo", &headers, Some(&body)).await.json();
    let again = house.call(Method::POST, "/api/batches/1/undo", &headers, Some(&body)).await.json();
    assert_eq!(first, again);
    assert_eq!(house.revision(), 2);
    let other = house.call(Method::POST, "/api/batches/2/undo", &headers, Some(&body)).await;
    other.violation(422, "Idempotency-Key");
    assert_eq!(house.journal(1).await[0].reason.as_deref(), Some("undo of batch 1: 误导入"));
}

#[tokio::test]
async fn a_resource_is_restored_to_what_it_was_also_after_its_removal() {
    let house = house_with_one().await;
    let first = document(&house, "one").await;
    house.patch("one", &json!({"name": "改名", "capacity": 7})).await.json();
    let bearer = house.bearer();
    let restore = async |condition: (&str, &str), revision: u64| {
        let headers = [("authorization", bearer.as_str()), condition];
        house.call(Method::POST, "/api/resources/one/restore", &headers, Some(&json!({"revision": revision}))).await
    };
    restore(("if-match", "\"r1\""), 1).await.problem(412);
    restore(("if-match", "\"r2\""), 9).await.violation(422, "revision");
    restore(("if-match", "\"r2\""), 0).await.violation(422, "revision");
    let restored = restore(("if-match", "\"r2\""), 1).await;
    assert_eq!((restored.status.as_u16(), restored.header("etag")), (200, "\"r3\""));
    assert_eq!(document(&house, "one").await, first);
    house.write(Method::DELETE, "one", &[("if-match", "*")], None).await;
    restore(("if-match", "*"), 2).await.problem(412);
    assert_eq!(restore(("if-none-match", "*"), 2).await.status, 201);
    assert_eq!(document(&house, "one").await["name"], "改名");
    assert_eq!(restore(("if-match", "*"), 4).await.violation(422, "revision")["reason"], "was_not_there");
    let missing = [("authorization", bearer.as_str()), ("if-match", "*")];
    let missing = house.call(Method::POST, "/api/resources/one/restore", &missing, Some(&json!({}))).await;
    missing.violation(422, "revision");
}
