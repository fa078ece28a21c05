//! `/api/resources/{id}`: reading, creating, replacing, patching and removing one resource.

use crate::house::{Answer, House};
use axum::http::Method;
use bihu::domain::{Change, Role};
use chrono::TimeDelta;
use serde_json::{Value, json};

fn shelter(code: &str) -> Value {
    json!({
        "kind": "shelter", "code": code, "name": "测试避难所", "lon": 121.2, "lat": 31.0, "division": "310117102",
        "capacity": 100, "level": "village", "status": "open", "synthetic": true,
        "contacts": [{"name": "测试人员", "role": "值班", "phone": "000-0000-9999"}], "remarks": "内部备注",
    })
}

async fn house_with_one() -> House {
    let house = House::empty().await;
    house.create("one", &shelter("T-1")).await;
    house
}

#[tokio::test]
async fn a_new_resource_is_201_with_its_etag_and_is_there() {
    let house = House::empty().await;
    let made = house.create("one", &shelter("T-1")).await;
    assert_eq!(made.header("etag"), "\"r1\"");
    let read = house.get_as_staff("/api/resources/one").await;
    assert_eq!(read.header("etag"), "\"r1\"");
    assert_eq!(read.bytes, made.bytes);
    assert_eq!(read.json()["capacity_quality"], "stated");
    assert_eq!(read.json()["free_places"], 100);
    let again = house.write(Method::PUT, "one", &[("if-none-match", "*")], Some(&shelter("T-1"))).await.problem(412);
    assert_eq!(again["current"], "\"r1\"");
}

#[tokio::test]
async fn every_kind_read_and_put_back_changes_nothing() {
    let house = House::demo().await;
    let before = house.revision();
    for row in house.app.world().resources() {
        let id = row.value.id.as_str();
        let read = house.get_as_staff(&format!("/api/resources/{id}")).await;
        let written = house.write(Method::PUT, id, &[("if-match", read.header("etag"))], Some(&read.json())).await;
        assert_eq!((written.status.as_u16(), written.bytes), (200, read.bytes.clone()), "{id}");
        assert_eq!(written.headers.get("etag"), read.headers.get("etag"));
    }
    assert_eq!(house.revision(), before);
}

#[tokio::test]
async fn a_geojson_feature_is_taken_and_an_ogc_item_can_be_put_back() {
    let house = House::demo().await;
    let before = house.revision();
    for item in ["shelters/items/shelter-SJ-BN-0001", "teams/items/team-SJ-DW-0001"] {
        let feature = house.get_as_staff(&format!("/ogc/collections/{item}")).await.json();
        let id = feature["id"].as_str().expect("an id").to_owned();
        let written = house.write(Method::PUT, &id, &[("if-match", "*")], Some(&feature)).await;
        assert_eq!(written.status, 200, "{}", written.text());
    }
    assert_eq!(house.revision(), before);
    let mut feature = json!({
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [121.3, 31.1]},
        "properties": {"kind": "site", "code": "F-1", "name": "要素", "class": "hospital"},
    });
    let made = house.create("from-feature", &feature).await.json();
    assert_eq!((&made["lon"], &made["lat"], &made["class"]), (&json!(121.3), &json!(31.1), &json!("hospital")));
    feature["properties"]["clas"] = json!("hospital");
    let refused = house.write(Method::PUT, "another", &[("if-none-match", "*")], Some(&feature)).await;
    refused.violation(422, "clas");
}

#[tokio::test]
async fn a_merge_patch_keeps_what_it_does_not_name_and_null_makes_unknown() {
    let house = house_with_one().await;
    let patched = house.patch("one", &json!({"capacity": null, "address": "示例路1号"})).await.json();
    assert_eq!((&patched["capacity"], &patched["capacity_quality"]), (&Value::Null, &json!("unknown")));
    assert_eq!((&patched["free_places"], &patched["address"]), (&Value::Null, &json!("示例路1号")));
    assert_eq!((&patched["status"], &patched["name"]), (&json!("open"), &json!("测试避难所")));
    let nothing = house.patch("one", &json!({})).await;
    assert_eq!((nothing.header("etag"), house.revision()), ("\"r2\"", 2), "an empty patch changes nothing");
}

#[tokio::test]
async fn a_put_leaves_unknown_what_it_does_not_say() {
    let house = house_with_one().await;
    let body = json!({"kind": "shelter", "code": "T-1", "name": "改名", "lon": 121.2, "lat": 31.0});
    let written = house.write(Method::PUT, "one", &[("if-match", "\"r1\"")], Some(&body)).await.json();
    for unknown in ["capacity", "level", "status", "division", "remarks"] {
        assert_eq!(written[unknown], Value::Null, "{unknown}");
    }
    assert_eq!((&written["contacts"], &written["lifecycle"]), (&json!([]), &json!("in_service")));
}

#[tokio::test]
async fn a_write_needs_a_condition_and_a_stale_one_is_told_the_current_version() {
    let house = house_with_one().await;
    let body = json!({"status": "full"});
    house.write(Method::PATCH, "one", &[], Some(&body)).await.problem(428);
    house.write(Method::PUT, "one", &[], Some(&shelter("T-1"))).await.problem(428);
    house.write(Method::DELETE, "one", &[], None).await.problem(428);
    let stale = house.write(Method::PATCH, "one", &[("if-match", "\"r7\"")], Some(&body)).await.problem(412);
    assert_eq!(stale["current"], "\"r1\"");
    let gone = house.write(Method::PUT, "two", &[("if-match", "\"r1\"")], Some(&shelter("T-2"))).await.problem(412);
    assert_eq!(gone.get("current"), None);
    for bad in ["r1", "\"1\"", "\"rX\"", "\"p1\"", "\"r1", "", "\"r-1\""] {
        house.write(Method::PATCH, "one", &[("if-match", bad)], Some(&body)).await.violation(400, "If-Match");
    }
    house.write(Method::PUT, "one", &[("if-none-match", "\"r1\"")], Some(&body)).await.violation(400, "If-None-Match");
    for good in ["W/\"r1\"", "\"r9\", \"r1\"", "*"] {
        let unchanged = house.write(Method::PATCH, "one", &[("if-match", good)], Some(&json!({}))).await;
        assert_eq!(unchanged.status, 200, "{good}");
    }
    assert_eq!(house.revision(), 1, "nothing of this was written");
    let written = house.write(Method::PATCH, "one", &[("if-match", "\"r1\"")], Some(&body)).await;
    assert_eq!((written.status.as_u16(), written.header("etag")), (200, "\"r2\""));
}

#[tokio::test]
async fn what_is_not_there_is_404_to_read_patch_and_delete() {
    let house = house_with_one().await;
    house.get("/api/resources/none").await.problem(404);
    for condition in [("if-match", "*"), ("if-match", "\"r1\"")] {
        house.write(Method::PATCH, "none", &[condition], Some(&json!({"status": "open"}))).await.problem(404);
        house.write(Method::DELETE, "none", &[condition], None).await.problem(404);
    }
    let removed = house.write(Method::DELETE, "one", &[("if-match", "\"r1\"")], None).await;
    assert_eq!((removed.status.as_u16(), removed.bytes.len()), (204, 0));
    house.get_as_staff("/api/resources/one").await.problem(404);
    house.write(Method::DELETE, "one", &[("if-match", "*")], None).await.problem(404);
    house.create("one", &shelter("T-1")).await;
}

#[tokio::test]
async fn ids_may_hold_what_is_safe_in_a_path_and_nothing_else() {
    let house = House::empty().await;
    for (n, id) in ["a.b", "A_b~c-1", "...", "%41bc", &"x".repeat(80)].into_iter().enumerate() {
        house.create(id, &shelter(&format!("T-{n}"))).await;
        assert_eq!(house.get_as_staff(&format!("/api/resources/{id}")).await.status, 200, "{id}");
    }
    for id in ["%E5%BA%87", "a%20b", "a%2Fb", "%00", "..", "a%3Fb", "a:b", "%ff", &"x".repeat(81)] {
        let path = format!("/api/resources/{id}");
        assert!([400, 404].contains(&house.get_as_staff(&path).await.status.as_u16()), "{id}");
        let put = house.write(Method::PUT, id, &[("if-none-match", "*")], Some(&shelter("T-9"))).await;
        assert!([400, 404].contains(&put.status.as_u16()), "{id}: {}", put.text());
    }
}

async fn patched_by(house: &House, authorization: &str, id: &str, body: &Value) -> Answer {
    let headers = [("authorization", authorization), ("if-match", "*")];
    house.call(Method::PATCH, &format!("/api/resources/{id}"), &headers, Some(body)).await
}

#[tokio::test]
async fn no_token_or_one_that_does_not_hold_is_401() {
    let house = house_with_one().await;
    let body = json!({"status": "full"});
    let expired = house.token_until("old", Role::Admin, None, Some(TimeDelta::seconds(-1))).await;
    let ending = house.token_until("now", Role::Admin, None, Some(TimeDelta::zero())).await;
    let revoked = house.token("gone", Role::Admin, None).await;
    let record = house.app.store().tokens().await.expect("tokens").into_iter().find(|t| t.name == "gone");
    assert!(house.app.store().revoke_token(&record.expect("a record").id, crate::house::now()).await.expect("revoked"));
    let none = house.call(Method::PATCH, "/api/resources/one", &[("if-match", "*")], Some(&body)).await;
    none.problem(401);
    assert!(none.header("www-authenticate").starts_with("Bearer"));
    let admin = house.admin.clone();
    let cases = [
        format!("Basic {admin}"),
        format!("Token {admin}"),
        admin.clone(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer bihu_wrong".to_owned(),
        format!("Bearer {}", admin.to_uppercase()),
        format!("Bearer {expired}"),
        format!("Bearer {ending}"),
        format!("Bearer {revoked}"),
    ];
    for authorization in cases {
        patched_by(&house, &authorization, "one", &body).await.problem(401);
        let headers = [("authorization", authorization.as_str())];
        house.call(Method::GET, "/api/nearest?lon=121&lat=31", &headers, None).await.problem(401);
    }
    assert_eq!(house.revision(), 1);
    let valid = house.token_until("young", Role::Admin, None, Some(TimeDelta::seconds(1))).await;
    assert_eq!(patched_by(&house, &format!("bearer {valid}"), "one", &body).await.status, 200);
}

#[tokio::test]
async fn a_role_or_a_scope_that_does_not_reach_is_403_and_names_the_right() {
    let house = house_with_one().await;
    let reporter = format!("Bearer {}", house.token("reporter", Role::Reporter, None).await);
    let planner = format!("Bearer {}", house.token("planner", Role::Planner, None).await);
    let near = format!("Bearer {}", house.token("near", Role::Editor, Some("310117102")).await);
    let elsewhere = format!("Bearer {}", house.token("far", Role::Editor, Some("310117103")).await);
    let says = |problem: Value| problem["detail"].as_str().expect("detail").to_owned();
    assert_eq!(patched_by(&house, &reporter, "one", &json!({"status": "full", "occupied": 100})).await.status, 200);
    let renamed = json!({"name": "改"});
    assert!(says(patched_by(&house, &reporter, "one", &renamed).await.problem(403)).contains("edit_resources"));
    assert!(
        says(patched_by(&house, &planner, "one", &json!({"status": "open"})).await.problem(403))
            .contains("edit_resources")
    );
    assert!(says(patched_by(&house, &elsewhere, "one", &renamed).await.problem(403)).contains("scope"));
    assert_eq!(patched_by(&house, &near, "one", &renamed).await.status, 200);
    // Nothing is moved out of one's own division either.
    let moved = patched_by(&house, &near, "one", &json!({"division": "310117103"})).await;
    assert!(says(moved.problem(403)).contains("scope"));
    let headers = [("authorization", reporter.as_str()), ("if-match", "*")];
    house.call(Method::DELETE, "/api/resources/one", &headers, None).await.problem(403);
    let headers = [("authorization", reporter.as_str()), ("if-none-match", "*")];
    house.call(Method::PUT, "/api/resources/two", &headers, Some(&shelter("T-2"))).await.problem(403);
    assert_eq!(house.revision(), 3);
}

#[tokio::test]
async fn who_may_not_change_a_figure_may_not_make_it_fresh_either() {
    let house = house_with_one().await;
    let reporter = format!("Bearer {}", house.token("reporter", Role::Reporter, None).await);
    let capacity = house.get("/api/resources/one").await.json()["capacity"].clone();
    let fresh = json!({"capacity": capacity, "observed_at": "2026-01-02T00:00:00Z"});
    for body in [json!({"capacity": capacity}), fresh, json!({"observed_at": "2026-01-02T00:00:00Z"})] {
        let problem = patched_by(&house, &reporter, "one", &body).await.problem(403);
        assert!(problem["detail"].as_str().expect("detail").contains("edit_resources"), "{body}");
    }
}

#[tokio::test]
async fn a_name_that_reads_as_another_than_it_is_is_refused() {
    let house = house_with_one().await;
    for name in ["示例\u{202e}所难避", "示例\u{200b}避难所", "\u{2066}示例", "\u{feff}示例"] {
        let refused = house.patch("one", &json!({ "name": name })).await;
        assert_eq!(refused.violation(422, "name")["reason"], "misleading_character", "{name:?}");
    }
    assert_eq!(house.patch("one", &json!({"name": "emoji 👩\u{200d}🚒 避难所"})).await.status, 200);
}

#[tokio::test]
async fn two_tokens_in_force_never_share_a_name() {
    use bihu::service::token::{NewToken, create};
    let house = house_with_one().await;
    let named = |name: Option<&str>| NewToken {
        name: name.map(str::to_owned),
        role: Role::Editor,
        scope: None,
        expires_at: None,
    };
    let now = house.app.now();
    let store = house.app.store();
    create(store, named(Some("east gate")), now).await.expect("the first of that name");
    assert!(create(store, named(Some("east gate")), now).await.is_err());
    assert!(create(store, named(Some(" ")), now).await.is_err());
    for _ in 0..3 {
        create(store, named(None), now).await.expect("a name of its own");
    }
    let names: std::collections::BTreeSet<String> =
        store.tokens().await.expect("tokens").into_iter().map(|t| t.name).collect();
    assert_eq!(names.len(), store.tokens().await.expect("tokens").len());
}

#[tokio::test]
async fn a_code_is_used_once_per_kind() {
    let house = house_with_one().await;
    let clash = house.write(Method::PUT, "two", &[("if-none-match", "*")], Some(&shelter("T-1"))).await.problem(409);
    assert!(clash["detail"].as_str().expect("detail").contains("one"), "{clash}");
    house.create("two", &shelter("T-2")).await;
    house.patch("two", &json!({"code": "T-1"})).await.problem(409);
    let mut site = shelter("T-1");
    for name in ["capacity", "status"] {
        site.as_object_mut().expect("an object").remove(name);
    }
    site["kind"] = json!("site");
    house.create("three", &site).await;
}

#[tokio::test]
async fn wrong_content_is_422_and_names_every_field() {
    let house = house_with_one().await;
    let cases = [
        (json!({"capcity": 5}), "capcity", "capacity"),
        (json!({"capacity": "120人"}), "capacity", ""),
        (json!({"capacity": -1}), "capacity", "0…"),
        (json!({"capacity": 1.5}), "capacity", ""),
        (json!({"capacity": 99_999_999_999u64}), "capacity", "0…"),
        (json!({"capacity": 20_000_000}), "capacity", "10000000"),
        (json!({"occupied": 101}), "occupied", "over_capacity"),
        (json!({"status": "ouvert"}), "status", "closing"),
        (json!({"lifecycle": null}), "lifecycle", "in_service"),
        (json!({"hazards": ["flood", "dragon"]}), "hazards[1]", "dragon"),
        (json!({"hazards": "flood"}), "hazards", ""),
        (json!({"accessible": "yes"}), "accessible", "true"),
        (json!({"lon": 31.0, "lat": 121.2}), "lat", ""),
        (json!({"lon": 200}), "lon", "-180…180"),
        (json!({"division": "Songjiang"}), "division", ""),
        (json!({"kind": "team"}), "kind", ""),
        (json!({"id": "other"}), "id", ""),
        (json!({"name": ""}), "name", ""),
        (json!({"name": "x".repeat(2000)}), "name", ""),
        (json!({"name": "a\u{0}b"}), "name", ""),
        (json!({"contacts": [{"role": "值班"}]}), "contacts[0].name", ""),
        (json!({"contacts": [{"name": "甲", "tel": "1"}]}), "contacts[0].tel", "tel"),
        (json!({"stock": []}), "stock", ""),
        (json!({"verifier": "a\u{0}b"}), "verifier", ""),
        (json!({"geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}), "geometry", "Polygon"),
        (
            json!({"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}}),
            "geometry",
            "",
        ),
        (json!({"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2]]]}}), "geometry", ""),
        (json!({"geometry": {"type": "Polygon", "coordinates": []}}), "geometry", ""),
    ];
    for (body, field, says) in cases {
        let violation = house.patch("one", &body).await.violation(422, field);
        for language in ["zh", "en"] {
            let sentence = violation[language].as_str().expect("a sentence");
            assert!(sentence.contains(says), "{body}: {sentence}");
        }
    }
    let problem = house.patch("one", &json!({"capcity": 5, "status": "x", "pets": 3})).await.problem(422);
    assert_eq!(problem["violations"].as_array().map(Vec::len), Some(3), "all at once: {problem}");
    assert_eq!(house.revision(), 1, "nothing of this was written");
    let bare = house.write(Method::PUT, "two", &[("if-none-match", "*")], Some(&json!({"kind": "shelter"}))).await;
    for field in ["code", "name", "lon", "lat"] {
        assert_eq!(bare.violation(422, field)["reason"], "missing");
    }
    house.write(Method::PUT, "two", &[("if-none-match", "*")], Some(&json!({}))).await.violation(422, "kind");
}

#[tokio::test]
async fn the_journal_tells_who_did_what_when_and_why() {
    let house = house_with_one().await;
    let why = "X%2DReason: 防汛 a=b&c+d".replace('防', "%E9%98%B2").replace('汛', "%E6%B1%9B");
    let headers = [("if-match", "*"), ("x-reason", why.as_str())];
    house.write(Method::PATCH, "one", &headers, Some(&json!({"status": "full"}))).await.json();
    house.write(Method::DELETE, "one", &[("if-match", "*")], None).await;
    let journal = house.journal(0).await;
    assert_eq!(journal.iter().map(|e| e.revision.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(journal.iter().all(|e| e.actor == "chief" && e.at == crate::house::now()));
    assert_eq!(journal[1].reason.as_deref(), Some("X-Reason: 防汛 a=b&c+d"));
    let sides: Vec<(bool, bool)> = journal
        .iter()
        .map(|e| match &e.change {
            Change::Resource(edit) => (edit.before.is_some(), edit.after.is_some()),
            _ => panic!("only resources were written"),
        })
        .collect();
    assert_eq!(sides, [(false, true), (true, true), (true, false)]);
    let headers = [("if-none-match", "*"), ("x-reason", "nul%00")];
    house.write(Method::PUT, "two", &headers, Some(&shelter("T-2"))).await.violation(400, "x-reason");
    let long = "x".repeat(2001);
    let headers = [("if-none-match", "*"), ("x-reason", long.as_str())];
    house.write(Method::PUT, "two", &headers, Some(&shelter("T-2"))).await.violation(400, "x-reason");
}

#[tokio::test]
async fn the_public_reads_less_of_the_same_resource() {
    let house = house_with_one().await;
    let public = house.get("/api/resources/one").await;
    for name in ["contacts", "remarks", "verifier"] {
        assert_eq!(public.json().get(name), None, "{name}");
    }
    let staff = house.get_as_staff("/api/resources/one").await.json();
    assert_eq!(staff["contacts"][0]["phone"], "000-0000-9999");
    assert_eq!(staff["verifier"], "chief");
    house.patch("one", &json!({"visibility": "operational"})).await.json();
    house.get("/api/resources/one").await.problem(404);
}

#[tokio::test]
async fn a_read_that_is_known_already_is_304() {
    let house = house_with_one().await;
    let known = [("if-none-match", "\"r1-p\"")];
    let again = house.call(Method::GET, "/api/resources/one", &known, None).await;
    assert_eq!((again.status.as_u16(), again.bytes.len(), again.header("etag")), (304, 0, "\"r1-p\""));
    house.patch("one", &json!({"status": "full"})).await.json();
    assert_eq!(house.call(Method::GET, "/api/resources/one", &known, None).await.status, 200);
}

#[tokio::test]
async fn parameters_that_nobody_asked_for_are_refused_by_name() {
    let house = house_with_one().await;
    house.get("/api/resources/one?shape=round").await.violation(400, "shape");
    house.write(Method::DELETE, "one?datum=gcj02", &[("if-match", "*")], None).await.violation(400, "datum");
    house.write(Method::PATCH, "one?force=true", &[("if-match", "*")], Some(&json!({}))).await.violation(400, "force");
}

#[tokio::test]
async fn what_is_derived_can_be_echoed_but_not_set() {
    let house = House::demo().await;
    let id = "shelter-SJ-BN-0042";
    let present = house.get_as_staff(&format!("/api/resources/{id}")).await.json();
    let echo = house.write(Method::PUT, id, &[("if-match", "*")], Some(&present)).await;
    assert_eq!(
        (echo.status.as_u16(), &echo.json()["revision"]),
        (200, &present["revision"]),
        "an echo changes nothing"
    );
    let cases = [
        ("free_places", json!(5)),
        ("free_places", Value::Null),
        ("division_name", json!("别处")),
        ("observed", json!({"record": "2026-01-01T00:00:00Z"})),
        ("occupancy_quality", json!("guessed")),
        ("age_s", json!(0)),
        ("revision", json!(1_000_000)),
    ];
    for (name, value) in cases {
        let violation = house.patch(id, &json!({name: value})).await.violation(422, name);
        assert_eq!(violation["reason"], "read_only", "{name} {value}");
        // When a whole document was read is no part of it.
        if !["observed", "age_s", "revision"].contains(&name) {
            let mut whole = present.clone();
            whole[name] = value;
            house.write(Method::PUT, id, &[("if-match", "*")], Some(&whole)).await.violation(422, name);
        }
    }
    let mut whole = present.clone();
    whole["occupied"] = json!(1);
    let changed = house.write(Method::PUT, id, &[("if-match", "*")], Some(&whole)).await;
    assert_eq!(
        changed.status,
        200,
        "what was read goes back with one change, derived values and all: {}",
        changed.text()
    );
    let new = json!({"kind": "shelter", "code": "N-1", "name": "新", "lon": 121.2, "lat": 31.0, "capacity": 10, "free_places": 99});
    house.write(Method::PUT, "n-1", &[("if-none-match", "*")], Some(&new)).await.violation(422, "free_places");
}

#[tokio::test]
async fn a_division_that_nobody_knows_is_refused_where_divisions_are_known() {
    let shelter = |division: &str| json!({"kind": "shelter", "code": "D-1", "name": "场所", "lon": 121.2, "lat": 31.0, "division": division});
    let house = House::demo().await;
    for unknown in ["999999999999", "310117999000"] {
        let refused = house.write(Method::PUT, "d-1", &[("if-none-match", "*")], Some(&shelter(unknown))).await;
        assert_eq!(refused.violation(422, "division")["reason"], "unknown_division");
    }
    house.create("d-1", &shelter("310117102001")).await;
    let elsewhere = House::empty().await;
    elsewhere.create("d-1", &shelter("999999999999")).await;
}

#[tokio::test]
async fn over_capacity_is_true_only_of_more_people_than_places() {
    let house = House::empty().await;
    let shelter = json!({"kind": "shelter", "code": "O-1", "name": "场所", "lon": 121.2, "lat": 31.0, "capacity": 100, "occupied": 10});
    house.create("o-1", &shelter).await;
    house.patch("o-1", &json!({"over_capacity": true})).await.violation(422, "over_capacity");
    let crowded = house.patch("o-1", &json!({"occupied": 120, "over_capacity": true})).await.json();
    assert_eq!((&crowded["over_capacity"], &crowded["free_places"]), (&json!(true), &json!(0)));
    let eased = house.patch("o-1", &json!({"occupied": 80})).await.json();
    assert_eq!(eased["over_capacity"], false, "it ends with the crowd that it was about");
}

#[tokio::test]
async fn a_negative_number_is_told_the_limit_that_holds() {
    let house = House::empty().await;
    let shelter = json!({"kind": "shelter", "code": "L-1", "name": "场所", "lon": 121.2, "lat": 31.0});
    house.create("l-1", &shelter).await;
    for (field, value) in [("capacity", -1), ("occupied", 10_000_001)] {
        let violation = house.patch("l-1", &json!({field: value})).await.violation(422, field);
        assert!(violation["en"].as_str().is_some_and(|en| en.ends_with("0…10000000")), "{violation}");
    }
    let odd = house.patch("l-1", &json!({"foo": 1})).await.violation(422, "foo");
    assert!(odd["en"].as_str().is_some_and(|en| !en.contains("did you mean")), "{odd}");
}

#[tokio::test]
async fn an_address_that_can_not_be_decoded_says_so() {
    let house = House::empty().await;
    let problem = house.write(Method::PUT, "%ff", &[("if-match", "*")], Some(&json!({}))).await.problem(400);
    assert!(problem["detail"].as_str().is_some_and(|d| d.contains("UTF-8")), "{problem}");
    let unasked = house.get("/api/meta?x=1").await.violation(400, "x");
    assert_eq!(unasked["en"], "there is no parameter x; none is taken here");
}

#[tokio::test]
async fn a_division_that_is_renamed_makes_the_answers_that_show_its_name_new_ones() {
    let house = House::demo().await;
    let id = "shelter-SJ-BN-0001";
    let path = format!("/api/resources/{id}");
    let seen = house.get_as_staff(&path).await;
    let public = house.get(&path).await;
    let code =
        bihu::domain::DivisionCode::parse(seen.json()["division"].as_str().expect("a division")).expect("a code");
    let row = house.app.world().division(&code).expect("it is there").clone();
    let renamed = bihu::domain::Division { name: "改名街道".to_owned(), area: None, ..(*row.value).clone() };
    let geometry = serde_json::Value::Null;
    let file = json!({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": geometry,
        "properties": {"code": renamed.code, "name": renamed.name, "level": renamed.level}}]});
    bihu::service::import::run(
        &house.app,
        &bihu::domain::Actor { name: "chief".to_owned(), role: bihu::domain::Role::Admin, scope: None },
        bihu::service::import::Request {
            file: "divisions.geojson".to_owned(),
            bytes: file.to_string().into_bytes().into(),
            target: bihu::exchange::Target::Division,
            crs: bihu::domain::Crs::WGS84,
            layer: None,
            columns: None,
            observed_at: None,
            mode: bihu::service::import::Mode::Commit,
            confirmed: bihu::service::datum::DatumCheck::Ask,
        },
        &|_| {},
    )
    .await
    .expect("a new name");
    for (old, tags) in [(&seen, [("authorization", house.bearer())].to_vec()), (&public, Vec::new())] {
        let tag = ("if-none-match", old.header("etag").to_owned());
        let headers: Vec<(&str, String)> = tags.into_iter().chain([tag]).collect();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let again = house.call(Method::GET, &path, &headers, None).await;
        assert_eq!((again.status.as_u16(), &again.json()["division_name"]), (200, &json!("改名街道")));
    }
    // Whoever saw the row may change it, by the old tag and by the new one.
    for tag in [seen.header("etag").to_owned(), house.get_as_staff(&path).await.header("etag").to_owned()] {
        let body = json!({"remarks": null});
        let written = house.write(Method::PATCH, id, &[("if-match", &tag)], Some(&body)).await;
        assert_eq!(written.status, 200, "{}", written.text());
        assert_ne!(house.get(&path).await.header("etag"), public.header("etag"));
        if written.json()["revision"] != seen.json()["revision"] {
            break;
        }
    }
}
