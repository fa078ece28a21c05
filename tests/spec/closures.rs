//! Standing closures: what they shut, for whom, from when to when, who may close, what it does, and that nothing is left of
//! one that was lifted.

use crate::house::{House, now};
use crate::on_roads::{
    BANKS, BRIDGE, TOWN, areas, beside, block, close, closure, lift, list, matrix, number, on_roads, on_roads_at,
    people, places, route, route_path, square, text,
};
use axum::body::Body;
use axum::http::{Method, Request};
use bihu::domain::{Datum, LonLat, Role};
use bihu::spatial::datum::from_wgs84;
use bihu::spatial::geodesic::distance_m;
use chrono::{DateTime, TimeDelta, Utc};
use geo::{Contains, Intersects};
use geo_types::Point;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Over the river as the crow flies, and by this bridge alone without a detour.
async fn over(house: &House, by: &str) -> f64 {
    number(&route(house, BANKS, by).await["length_m"])
}

fn middle() -> [f64; 2] {
    [0, 1].map(|i| f64::midpoint(BRIDGE[0][i], BRIDGE[1][i]))
}

fn line(points: &[[f64; 2]]) -> Value {
    json!({"type": "LineString", "coordinates": points})
}

/// A box about the middle of the bridge that holds nothing else.
fn over_the_bridge() -> Value {
    let [lon, lat] = middle();
    block([lon - 0.0008, lat - 0.0012], [lon + 0.0008, lat + 0.0012])
}

/// Returns a place on a road near another.
async fn on_road(house: &House, near: [f64; 2]) -> [f64; 2] {
    let from = route(house, [near, near], "car").await["from"].clone();
    [number(&from["lon"]), number(&from["lat"])]
}

#[tokio::test]
async fn a_point_a_line_along_a_line_across_and_an_area_close_the_same_bridge() {
    let house = on_roads().await;
    let open = over(&house, "car").await;
    let [a, b] = BRIDGE.map(|[lon, lat]| LonLat::new(lon, lat).expect("a place"));
    let whole = distance_m(a, b);
    let mut around = Vec::new();
    for (geometry, least, most) in [
        (json!({"type": "Point", "coordinates": middle()}), 0.0, 0.0),
        (line(&BRIDGE), whole - 1.0, whole + 20.0),
        (line(&[[121.2420, 30.9622], [121.2480, 30.9622]]), 0.0, 0.0),
        (json!({"type": "MultiLineString", "coordinates": [[[121.2420, 30.9622], [121.2480, 30.9622]]]}), 0.0, 0.0),
        (over_the_bridge(), 250.0, 300.0),
    ] {
        let shut = close(&house, geometry.clone(), json!({"cause": "collapse"})).await;
        let closed = number(&shut["closed_length_m"]);
        assert!((least..=most).contains(&closed), "{geometry}: {closed} m");
        assert_eq!(shut["properties"]["closed_length_m"], shut["closed_length_m"]);
        let lines = list(&shut["properties"]["closed_roads"]["coordinates"]);
        assert!(!lines.is_empty() && lines.iter().all(|line| list(line).len() > 1));
        around.push(over(&house, "car").await);
        lift(&house, &shut).await;
        assert_eq!(over(&house, "car").await, open);
    }
    let across = line(&[[121.2420, 30.9622], [121.2480, 30.9622]]);
    for geometry in [json!({"type": "Point", "coordinates": middle()}), across] {
        let shut = close(&house, geometry, json!({})).await;
        for road in list(&shut["properties"]["closed_roads"]["coordinates"]) {
            assert_ne!(road[0], road[1], "a point of a road is drawn as the short piece about it");
        }
        lift(&house, &shut).await;
    }
    assert!(around[0] > open + 1000.0, "{open} m over the bridge, {around:?} m around");
    assert!(around.iter().all(|way| *way == around[0]), "{around:?}");
}

#[tokio::test]
async fn standing_water_spares_bridges_and_a_collapse_does_not() {
    let house = on_roads().await;
    let open = over(&house, "car").await;
    let flood = closure(over_the_bridge(), json!({"cause": "flood"}));
    let refused = house.post_by(&house.admin, "/api/closures", &flood).await;
    assert!(refused.violation(422, "geometry").to_string().contains("桥"), "{}", refused.text());
    let [lon, lat] = middle();
    let wide = block([lon - 0.01, lat - 0.0015], [lon + 0.01, lat + 0.012]);
    let shut = close(&house, wide.clone(), json!({"cause": "flood"})).await;
    let area = areas(&wide);
    for road in list(&shut["properties"]["closed_roads"]["coordinates"]) {
        for at in list(road) {
            let at = Point::new(number(&at[0]), number(&at[1]));
            assert!(area.intersects(&at) || on_rim(&area, at), "{at:?} is closed, but dry");
        }
        let on_bridge = list(road).iter().all(|at| (30.9605..30.9640).contains(&number(&at[1])));
        let near = list(road).iter().all(|at| (number(&at[0]) - lon).abs() < 0.0006);
        assert!(!(on_bridge && near), "the bridge is spared: {road}");
    }
    lift(&house, &shut).await;
    close(&house, over_the_bridge(), json!({"cause": "collapse"})).await;
    assert!(over(&house, "car").await > open);
}

/// A cut lies on the edge of the area to the seventh decimal place.
fn on_rim(area: &geo_types::MultiPolygon<f64>, at: Point<f64>) -> bool {
    let off = 3e-7;
    [(off, off), (-off, off), (off, -off), (-off, -off)]
        .iter()
        .any(|(x, y)| area.contains(&Point::new(at.x() + x, at.y() + y)))
}

#[tokio::test]
async fn depth_picks_those_for_whom_the_water_is_too_deep() {
    let house = on_roads().await;
    let at = on_road(&house, TOWN).await;
    for (depth, stopped) in [
        (6, json!(["wheelchair"])),
        (20, json!(["wheelchair", "car"])),
        (31, json!(["foot", "wheelchair", "car"])),
        (41, json!(["foot", "wheelchair", "car", "truck", "emergency"])),
    ] {
        let shut = close(&house, square(at, 0.002), json!({"cause": "flood", "depth_cm": depth})).await;
        assert_eq!(shut["properties"]["profiles"], stopped, "{depth} cm");
        let told: Vec<Value> = list(&shut["effects"]).iter().map(|e| e["profile"].clone()).collect();
        assert_eq!(Value::from(told), stopped, "an effect for each");
        for by in ["foot", "wheelchair", "car", "truck", "emergency"] {
            let cut = !route(&house, [at, BANKS[1]], by).await["unreachable"].is_null();
            assert_eq!(cut, list(&stopped).contains(&json!(by)), "{by} at {depth} cm");
        }
        lift(&house, &shut).await;
    }
    let shallow = closure(square(at, 0.002), json!({"cause": "flood", "depth_cm": 3}));
    house.post_by(&house.admin, "/api/closures", &shallow).await.violation(422, "depth_cm");
    let named = close(&house, square(at, 0.002), json!({"cause": "flood", "depth_cm": 3, "profiles": ["truck"]})).await;
    assert_eq!(named["properties"]["profiles"], json!(["truck"]));
    lift(&house, &named).await;
    // Whoever tells a depth tells of water, which spares the bridge.
    let mut drawn = closure(square(at, 0.002), json!({"depth_cm": 50}));
    for (member, value) in
        [("id", json!("drawn-1")), ("bbox", json!([121.0, 30.0, 122.0, 31.0])), ("title", json!("x"))]
    {
        drawn[member] = value;
    }
    let made = house.post_by(&house.admin, "/api/closures", &drawn).await;
    assert_eq!(made.status, 201, "what a drawing tool sends along is no fault: {}", made.text());
    assert_eq!(made.json()["properties"]["cause"], "flood");
    assert_ne!(made.json()["id"], "drawn-1", "the service names closures");
    let over = closure(over_the_bridge(), json!({"depth_cm": 50}));
    house.post_by(&house.admin, "/api/closures", &over).await.violation(422, "geometry");
}

static AHEAD_S: AtomicI64 = AtomicI64::new(0);

fn moving() -> DateTime<Utc> {
    now() + TimeDelta::seconds(AHEAD_S.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_closure_counts_from_its_beginning_to_its_end_and_no_longer() {
    let house = on_roads_at(moving).await;
    let open = over(&house, "car").await;
    let hour = TimeDelta::hours(1);
    let past = closure(over_the_bridge(), json!({"cause": "collapse", "from": now() - hour, "to": now()}));
    house.post_by(&house.admin, "/api/closures", &past).await.violation(422, "to");
    let turned = closure(over_the_bridge(), json!({"cause": "collapse", "from": now() + hour * 2, "to": now() + hour}));
    house.post_by(&house.admin, "/api/closures", &turned).await.violation(422, "to");
    let said = json!({"cause": "collapse", "from": now() + hour, "to": now() + hour * 2});
    let shut = close(&house, over_the_bridge(), said).await;
    assert_eq!(shut["properties"]["in_force"], false);
    assert_eq!(
        (&shut["closed_length_m"], &shut["effects"], &shut["cut_off"]),
        (&Value::Null, &json!([]), &Value::Null)
    );
    assert!(shut["note"]["zh"].is_string(), "it is told why nothing was worked out");
    assert_eq!(over(&house, "car").await, open, "not yet");
    let turn = |list: &Value| list["next_turn_at"].as_str().map(|t| t.parse::<DateTime<Utc>>().expect("a time"));
    let told = house.get("/api/closures").await.json();
    assert_eq!((list(&told["features"]).len(), turn(&told)), (1, Some(now() + hour)));
    assert_eq!(told["features"][0]["properties"]["closed_roads"], Value::Null);
    AHEAD_S.store(3600, Ordering::SeqCst);
    assert!(over(&house, "car").await > open, "now, without anybody's doing");
    let told = house.get("/api/closures").await.json();
    assert_eq!((list(&told["features"]).len(), turn(&told)), (1, Some(now() + hour * 2)));
    assert_eq!(told["features"][0]["properties"]["in_force"], true);
    AHEAD_S.store(7200, Ordering::SeqCst);
    assert_eq!(over(&house, "car").await, open, "no longer");
    let told = house.get("/api/closures").await.json();
    assert_eq!((&told["features"], turn(&told)), (&json!([]), None));
    let one = house.get(&format!("/api/closures/{}", text(&shut["id"]))).await.json();
    assert_eq!(one["properties"]["in_force"], false, "what is past can still be read");
    AHEAD_S.store(0, Ordering::SeqCst);
}

#[tokio::test]
async fn whoever_looks_at_other_moments_does_not_push_out_what_is_known_of_the_present() {
    let house = on_roads().await;
    let hours = |hours: usize| now() + TimeDelta::hours(hours as i64);
    for hour in 1..=12 {
        close(&house, over_the_bridge(), json!({"cause": "collapse", "from": hours(hour)})).await;
    }
    let first = house.app.present().shut;
    for hour in 1..=12 {
        let then = house.app.roads_in(house.app.world(), hours(hour));
        assert_eq!(then.shut.closures.len(), hour, "those that have begun by then");
        assert!(Arc::ptr_eq(&first, &house.app.present().shut), "hour {hour}");
    }
}

#[tokio::test]
async fn dispatchers_and_reporters_close_roads_in_their_town_and_nobody_else() {
    let house = on_roads().await;
    let at = on_road(&house, TOWN).await;
    let body = closure(square(at, 0.002), json!({"cause": "police"}));
    let here = text(&close(&house, square(at, 0.002), json!({})).await["properties"]["division"]);
    assert_eq!(here, "310117102000");
    let there = "310117103000";
    let public = house.post("/api/closures", &body).await;
    public.problem(401);
    for (name, role, scope, status) in [
        ("d1", Role::Dispatcher, Some(here.as_str()), 201),
        ("r1", Role::Reporter, Some(here.as_str()), 201),
        ("s1", Role::Steward, None, 201),
        ("r2", Role::Reporter, Some(there), 403),
        ("d2", Role::Dispatcher, Some(there), 403),
        ("e1", Role::Editor, None, 403),
        ("p1", Role::Planner, None, 403),
    ] {
        let token = house.token(name, role, scope).await;
        let answer = house.post_by(&token, "/api/closures", &body).await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {}", answer.text());
        if matches!(role, Role::Editor | Role::Planner) {
            assert!(answer.text().contains("close_roads"), "{}", answer.text());
        }
    }
    let all = house.get("/api/closures").await.json();
    let path = format!("/api/closures/{}", text(&all["features"][0]["id"]));
    house.call(Method::DELETE, &path, &[], None).await.problem(401);
    let other = format!("Bearer {}", house.token("r3", Role::Reporter, Some(there)).await);
    house.call(Method::DELETE, &path, &[("authorization", &other)], None).await.problem(403);
    let own = format!("Bearer {}", house.token("r4", Role::Reporter, Some(&here)).await);
    assert_eq!(house.call(Method::DELETE, &path, &[("authorization", &own)], None).await.status, 200);
    house.call(Method::DELETE, &path, &[("authorization", &own)], None).await.problem(404);
    house.get("/api/closures/c-nonsense").await.problem(404);
    let wide = closure(block([121.20, 31.09], [121.27, 31.13]), json!({"cause": "police"}));
    let token = house.token("d3", Role::Dispatcher, Some(&here)).await;
    house.post_by(&token, "/api/closures", &wide).await.problem(403);
}

#[tokio::test]
async fn the_same_key_makes_no_second_closure() {
    let house = on_roads().await;
    let bearer = house.bearer();
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "once")];
    let body = closure(over_the_bridge(), json!({"cause": "collapse"}));
    let first = house.call(Method::POST, "/api/closures", &headers, Some(&body)).await;
    let again = house.call(Method::POST, "/api/closures", &headers, Some(&body)).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
    assert_eq!(first.header("location"), format!("/api/closures/{}", text(&first.json()["id"])));
    let (first, again) = (first.json(), again.json());
    assert_eq!((&first["id"], &first["repeated"], &again["repeated"]), (&again["id"], &json!(false), &json!(true)));
    assert_eq!(list(&house.get("/api/closures").await.json()["features"]).len(), 1);
    let other = closure(over_the_bridge(), json!({"cause": "fire"}));
    let refused = house.call(Method::POST, "/api/closures", &headers, Some(&other)).await;
    assert!(refused.status.is_client_error(), "{}", refused.text());
    assert_eq!(list(&house.get("/api/closures").await.json()["features"]).len(), 1);
    // A client that tries again after somebody lifted it is told so, and closes nothing anew.
    lift(&house, &first).await;
    let late = house.call(Method::POST, "/api/closures", &headers, Some(&body)).await;
    assert_eq!(late.status, 200, "{}", late.text());
    let late = late.json();
    assert_eq!((&late["id"], &late["repeated"]), (&first["id"], &json!(true)));
    assert_eq!((&late["properties"]["in_force"], &late["geometry"]), (&json!(false), &first["geometry"]));
    assert!(text(&late["note"]["zh"]).contains("解除"), "{late}");
    assert_eq!(list(&house.get("/api/closures").await.json()["features"]).len(), 0);
}

#[tokio::test]
async fn every_answer_names_its_datum_and_comes_in_the_one_asked_for() {
    let house = on_roads().await;
    let place = |at: &Value| LonLat::new(number(&at[0]), number(&at[1])).expect("a place");
    let shifted = |plain: &Value, other: &Value| {
        let (wanted, got) = (from_wgs84(Datum::Gcj02, place(plain)), place(other));
        assert!(distance_m(wanted, got) < 0.01, "{plain} became {other}");
    };
    let made = close(&house, line(&BRIDGE), json!({"cause": "collapse", "datum_out": "gcj02"})).await;
    assert_eq!(made["datum"], "gcj02");
    let one = format!("/api/closures/{}", text(&made["id"]));
    for path in ["/api/closures", one.as_str()] {
        let plain = house.get(path).await.json();
        let other = house.get(&format!("{path}?datum_out=gcj02")).await.json();
        assert_eq!((&plain["datum"], &other["datum"]), (&json!("wgs84"), &json!("gcj02")));
        let feature = |all: &Value| if all["features"].is_array() { all["features"][0].clone() } else { all.clone() };
        let (plain, other) = (feature(&plain), feature(&other));
        shifted(&plain["geometry"]["coordinates"][0], &other["geometry"]["coordinates"][0]);
        assert_eq!(other["geometry"], made["geometry"]);
        let roads = |all: &Value| all["properties"]["closed_roads"]["coordinates"][0][0].clone();
        shifted(&roads(&plain), &roads(&other));
        house.get(&format!("{path}?datum_out=mars")).await.violation(400, "datum_out");
        house.get(&format!("{path}?colour=red")).await.violation(400, "colour");
    }
    let bad = closure(line(&BRIDGE), json!({"datum_out": "mars"}));
    house.post_by(&house.admin, "/api/closures", &bad).await.violation(422, "properties.datum_out");
    let bearer = house.bearer();
    let gone = format!("{one}?datum_out=bd09");
    let lifted = house.call(Method::DELETE, &gone, &[("authorization", &bearer)], None).await.json();
    assert_eq!(lifted["datum"], "bd09");
    let wanted = from_wgs84(Datum::Bd09, LonLat::new(BRIDGE[0][0], BRIDGE[0][1]).expect("a place"));
    assert!(distance_m(wanted, place(&lifted["geometry"]["coordinates"][0])) < 0.01);
}

#[tokio::test]
async fn where_no_road_is_the_distance_to_the_nearest_is_told() {
    let house = on_roads().await;
    for geometry in [
        json!({"type": "Point", "coordinates": [121.45, 31.0]}),
        square([121.45, 31.0], 0.001),
        line(&[[121.45, 31.0], [121.451, 31.0]]),
    ] {
        let refused = house.post_by(&house.admin, "/api/closures", &closure(geometry, json!({}))).await;
        let violation = refused.violation(422, "geometry");
        let zh = text(&violation["zh"]);
        let metres: f64 =
            zh.split("最近的道路在 ").nth(1).and_then(|t| t.split(' ').next()?.parse().ok()).expect("metres");
        assert!((1000.0..20_000.0).contains(&metres), "{zh}");
    }
    let far = closure(json!({"type": "Point", "coordinates": [100.0, 30.0]}), json!({}));
    let refused = house.post_by(&house.admin, "/api/closures", &far).await;
    assert!(text(&refused.violation(422, "geometry")["zh"]).contains("附近没有道路"));
}

/// Returns the bytes of answers about the roads, but for the revision.
async fn said(house: &House) -> Vec<String> {
    let coverage =
        json!({"by": "foot", "standards": [{"level": "village", "seconds": 900}, {"level": "town", "seconds": 1800}]});
    let spread = json!({"origins": [TOWN], "by": "car", "seconds": [300, 600]});
    let pairs = json!({"origins": [BANKS[0], TOWN], "destinations": [BANKS[1], TOWN], "by": "truck"});
    let answers = [
        house.get(&format!("/api/nearest?lon={}&lat={}&by=foot&k=30&explain=true", TOWN[0], TOWN[1])).await,
        house.get(&format!("/api/nearest?lon={}&lat={}&by=car&k=30&explain=true", BANKS[0][0], BANKS[0][1])).await,
        house.get(&route_path([BANKS[0], TOWN], "car")).await,
        house.get(&route_path(BANKS, "emergency")).await,
        house.post("/api/matrix", &pairs).await,
        house.post("/api/coverage", &coverage).await,
        house.post("/api/isochrones", &spread).await,
    ];
    let plain = |answer: crate::house::Answer| {
        let revision = answer.json()["revision"].clone();
        answer.text().replace(&format!("\"revision\":{revision}"), "\"revision\":_")
    };
    answers.map(plain).to_vec()
}

#[tokio::test]
async fn a_closure_added_and_lifted_leaves_the_same_bytes_as_before() {
    let house = on_roads().await;
    let before = said(&house).await;
    let bridge = close(&house, over_the_bridge(), json!({"cause": "collapse"})).await;
    let water = close(&house, square(TOWN, 0.009), json!({"cause": "flood"})).await;
    let during = said(&house).await;
    for (i, (was, is)) in before.iter().zip(&during).enumerate() {
        assert_ne!(was, is, "answer {i} does not feel the closures");
    }
    let regained = lift(&house, &water).await;
    assert_eq!(regained["cut_off"]["people"], water["cut_off"]["people"], "what was lost is regained");
    lift(&house, &bridge).await;
    assert_eq!(said(&house).await, before);
}

#[tokio::test]
async fn a_closed_bridge_lifted_by_undo_is_open_and_both_are_in_the_history() {
    let house = on_roads().await;
    let (open, revision) = (over(&house, "car").await, house.revision());
    let shut = close(&house, over_the_bridge(), json!({"cause": "collapse", "reason": "三号桥断裂"})).await;
    assert!(over(&house, "car").await > open);
    let last = revision.to_string();
    let heard = crate::live::heard(&house, &[("last-event-id", last.as_str())]).await;
    let reset = heard.split("\n\n").find(|event| event.contains("event: reset") || event.contains("event:reset"));
    assert!(reset.is_some_and(|event| event.contains("closures")), "{heard}");
    let batch = shut["properties"]["revision"].as_u64().expect("a revision");
    let undone = house.post_by(&house.admin, &format!("/api/batches/{batch}/undo"), &json!({})).await;
    assert_eq!(undone.status, 200, "{}", undone.text());
    assert_eq!(over(&house, "car").await, open);
    assert_eq!(house.get("/api/closures").await.json()["features"], json!([]));
    let told = house.get_as_staff("/api/history?limit=2").await.json();
    let entries = list(&told["entries"]);
    assert_eq!((&entries[0]["op"], &entries[1]["op"]), (&json!("removed"), &json!("created")));
    for entry in entries {
        assert_eq!((&entry["subject"]["kind"], &entry["subject"]["id"]), (&json!("closure"), &shut["id"]));
    }
    assert_eq!(entries[1]["reason"], "三号桥断裂");
}

/// For each demand point the way to the nearest serving shelter, asked for one by one.
async fn ways_to_shelter(house: &House, by: &str) -> Vec<Option<u64>> {
    let mut ways = Vec::new();
    for ([lon, lat], _) in people(house) {
        let query = format!("/api/nearest?lon={lon}&lat={lat}&by={by}&k=1&unknown=exclude");
        let found = house.get(&query).await.json();
        ways.push(found["results"][0]["duration_s"].as_f64().map(|s| (s * 1000.0).round() as u64));
    }
    ways
}

#[tokio::test]
async fn whom_a_two_kilometre_flood_cuts_off_or_delays_equals_a_full_recomputation() {
    let house = on_roads().await;
    let (profiles, homes) = (["foot", "car"], people(&house));
    let mut before = Vec::new();
    for by in profiles {
        before.push(ways_to_shelter(&house, by).await);
    }
    let sites: Vec<_> =
        house.app.world().resources().filter(|row| row.value.is_public()).map(|r| r.value.clone()).collect();
    let at = places(&sites);
    let reached = async |by: &str| matrix(&house, (by, "time"), (&[BANKS[1]], &at)).await.remove(0);
    let mut sites_before = Vec::new();
    for by in profiles {
        sites_before.push(reached(by).await);
    }
    let said = json!({"cause": "flood", "profiles": profiles, "delayed_over_s": 120});
    let shut = close(&house, square(TOWN, 0.009), said).await;
    for (i, by) in profiles.iter().enumerate() {
        let after = ways_to_shelter(&house, by).await;
        let effect = &shut["effects"][i];
        assert_eq!(effect["profile"], *by);
        let (mut cut_off, mut delayed) = (BTreeMap::new(), BTreeMap::new());
        for ((home, was), is) in homes.iter().zip(&before[i]).zip(&after) {
            let key = |[lon, lat]: [f64; 2]| ((lon * 1e7).round() as i64, (lat * 1e7).round() as i64);
            match (was, is) {
                (Some(was), None) => _ = cut_off.insert(key(home.0), (home.1, *was, None)),
                (Some(was), Some(is)) if *is > was + 120_000 => {
                    delayed.insert(key(home.0), (home.1, *was, Some(*is)));
                }
                _ => {}
            }
        }
        println!("{by}: {} points cut off, {} delayed", cut_off.len(), delayed.len());
        for (hit, expected) in [(&effect["cut_off"], &cut_off), (&effect["delayed"], &delayed)] {
            assert_eq!(number(&hit["people"]), expected.values().map(|(people, ..)| people).sum::<f64>(), "{by}");
            assert_eq!(hit["points_total"], expected.len(), "{by}");
            let towns: f64 = list(&hit["by_town"]).iter().map(|town| number(&town["people"])).sum();
            assert_eq!(number(&hit["people"]), towns, "{by}");
            let ms = |v: &Value| v.as_f64().map(|s| (s * 1000.0).round() as u64);
            let whole = |v: &Value| (number(v) * 1e7).round() as i64;
            let told: BTreeMap<(i64, i64), (f64, u64, Option<u64>)> = list(&hit["points"])
                .iter()
                .map(|p| {
                    let was = ms(&p["before_s"]).expect("a way");
                    ((whole(&p["lon"]), whole(&p["lat"])), (number(&p["people"]), was, ms(&p["after_s"])))
                })
                .collect();
            assert_eq!(&told, expected, "{by}");
        }
        assert!(!cut_off.is_empty(), "{by}: the flood cuts somebody off");
        let now = reached(by).await;
        let lost = (0..sites.len()).filter(|s| sites_before[i][*s].is_some() && now[*s].is_none());
        let lost: std::collections::BTreeSet<String> = lost.map(|s| sites[s].id.to_string()).collect();
        let told = list(&effect["cut_off"]["sites"]).iter().map(|site| text(&site["id"])).collect();
        let hidden =
            |id: &String| house.app.world().resources().any(|r| r.value.id.to_string() == *id && !r.value.is_public());
        let told: std::collections::BTreeSet<String> =
            Iterator::filter(Vec::into_iter(told), |id| !hidden(id)).collect();
        println!("{by}: {} sites cut off", lost.len());
        assert_eq!(told, lost, "{by}");
    }
    assert_eq!(shut["cut_off"]["people"], shut["effects"][0]["cut_off"]["people"], "those on foot come first");
}

#[tokio::test]
async fn the_list_tells_the_public_what_is_closed_and_when_it_turns() {
    let house = on_roads().await;
    let empty = house.get("/api/closures").await;
    assert_eq!(empty.header("content-type"), "application/geo+json");
    let empty = empty.json();
    assert_eq!(
        (&empty["features"], &empty["next_turn_at"], &empty["has_roads"]),
        (&json!([]), &Value::Null, &json!(true))
    );
    let ends = now() + TimeDelta::hours(6);
    let said = json!({"cause": "police", "to": ends, "profiles": ["car"], "source": "交警", "synthetic": true});
    let shut = close(&house, over_the_bridge(), said).await;
    let told = house.get("/api/closures").await.json();
    let one = &told["features"][0];
    assert_eq!((&one["id"], &one["geometry"]), (&shut["id"], &over_the_bridge()));
    for (name, value) in [
        ("profiles", json!(["car"])),
        ("cause", json!("police")),
        ("cause_zh", json!("警戒封控")),
        ("reason", json!("演练")),
        ("source", json!("交警")),
        ("in_force", json!(true)),
        ("synthetic", json!(true)),
    ] {
        assert_eq!(one["properties"][name], value, "{name}");
    }
    assert_eq!(one["properties"]["closed_roads"]["type"], "MultiLineString");
    assert_eq!(text(&told["next_turn_at"]).parse::<DateTime<Utc>>().expect("a time"), ends);
    house.get("/api/closures?colour=red").await.violation(400, "colour");
    let bare = House::demo().await;
    let shut = close(&bare, over_the_bridge(), json!({})).await;
    assert_eq!(
        (&shut["closed_length_m"], &shut["effects"]),
        (&Value::Null, &json!([])),
        "kept, though no roads are there"
    );
    assert!(shut["note"]["zh"].is_string());
    assert_eq!(bare.get("/api/closures").await.json()["has_roads"], false);
}

#[tokio::test]
async fn a_closure_counts_in_every_process_and_not_in_the_past() {
    let house = on_roads().await;
    let (open, revision) = (over(&house, "car").await, house.revision());
    let other = beside(&house).await;
    let shut = close(&other, over_the_bridge(), json!({"cause": "collapse"})).await;
    house.app.refresh().await.expect("the journal is read");
    let ways = [route(&house, BANKS, "car").await, route(&other, BANKS, "car").await];
    assert!(ways[0] == ways[1] && number(&ways[0]["length_m"]) > open);
    let then = house.get(&format!("{}&as_of={revision}", route_path(BANKS, "car"))).await.json();
    assert_eq!(number(&then["length_m"]), open, "the closures of then count");
    let here = house.get("/api/closures").await.json();
    assert_eq!(here["features"][0]["id"], shut["id"]);
    lift(&house, &shut).await;
    other.app.refresh().await.expect("the journal is read");
    assert_eq!(over(&other, "car").await, open);
}

#[tokio::test]
async fn a_shape_in_gcj02_closes_the_same_road() {
    let house = on_roads().await;
    let shifted = |[lon, lat]: [f64; 2]| {
        let at = from_wgs84(Datum::Gcj02, LonLat::new(lon, lat).expect("a place"));
        [at.lon(), at.lat()]
    };
    let plain = close(&house, line(&BRIDGE), json!({})).await;
    lift(&house, &plain).await;
    let open = over(&house, "car").await;
    let moved = close(&house, line(&BRIDGE.map(shifted)), json!({"datum": "gcj02"})).await;
    let off = (number(&moved["closed_length_m"]) - number(&plain["closed_length_m"])).abs();
    assert!(off < 2.0, "{off} m");
    for (a, b) in list(&moved["geometry"]["coordinates"]).iter().zip(BRIDGE) {
        assert!((number(&a[0]) - b[0]).abs() < 1e-5 && (number(&a[1]) - b[1]).abs() < 1e-5, "{a} {b:?}");
    }
    assert!(over(&house, "car").await > open);
}

#[tokio::test]
async fn hostile_geometry_and_words_are_refused_by_name() {
    let house = on_roads().await;
    let ring = |points: Value| json!({"type": "Polygon", "coordinates": [points]});
    let many: Vec<[f64; 2]> = (0..10_001).map(|i| [121.2 + f64::from(i) * 1e-6, 31.0]).collect();
    let geometries = [
        json!(null),
        json!({}),
        json!([]),
        json!({"type": "Point", "coordinates": ["NaN", 31.0]}),
        json!({"type": "Point", "coordinates": [null, 31.0]}),
        json!({"type": "Point", "coordinates": []}),
        json!({"type": "Point", "coordinates": [1e300, 31.0]}),
        json!({"type": "Point", "coordinates": [31.0, 121.2]}),
        json!({"type": "Circle", "coordinates": [121.2, 31.0]}),
        json!({"type": "LineString", "coordinates": []}),
        json!({"type": "LineString", "coordinates": [[121.2, 31.0]]}),
        json!({"type": "MultiLineString", "coordinates": []}),
        json!({"type": "MultiLineString", "coordinates": [[]]}),
        json!({"type": "Polygon", "coordinates": []}),
        json!({"type": "MultiPolygon", "coordinates": []}),
        block([-179.0, 30.0], [179.0, 31.0]),
        line(&[[179.9, 31.0], [-179.9, 31.0]]),
        ring(json!([[121.2, 31.0], [121.3, 31.1], [121.3, 31.0], [121.2, 31.1], [121.2, 31.0]])),
        ring(json!([[121.2, 31.0], [121.3, 31.0], [121.3, 31.1]])),
        ring(json!([[121.2, 31.0], [121.2, 31.0], [121.2, 31.0], [121.2, 31.0]])),
        line(&many),
        // Looking along it would take hours: from one end of the town to the other and back, again and again.
        line(&(0..10_000).map(|i| [121.0 + 0.4 * f64::from(i % 2), 31.0 + f64::from(i) * 1e-5]).collect::<Vec<_>>()),
    ];
    for geometry in geometries {
        let short: String = geometry.to_string().chars().take(90).collect();
        let answer = house.post_by(&house.admin, "/api/closures", &closure(geometry, json!({}))).await;
        assert!(answer.status.is_client_error(), "{short}: {} {}", answer.status, answer.text());
        let problem = answer.problem(answer.status.as_u16());
        let fields: Vec<String> =
            problem["violations"].as_array().into_iter().flatten().map(|v| text(&v["field"])).collect();
        assert!(fields.iter().any(|f| f.starts_with("geometry") || f == "lon" || f == "lat"), "{short}: {problem}");
    }
    for (said, field) in [
        (json!({"profiles": ["boat"]}), "profiles"),
        (json!({"profiles": []}), "profiles"),
        (json!({"cause": "boredom"}), "cause"),
        (json!({"reason": " "}), "reason"),
        (json!({"reason": "长".repeat(501)}), "reason"),
        (json!({"datum": "moon"}), "datum"),
        (json!({"delayed_over_s": -1}), "delayed_over_s"),
        (json!({"source": "a\u{7}b"}), "source"),
    ] {
        house.post_by(&house.admin, "/api/closures", &closure(over_the_bridge(), said)).await.violation(422, field);
    }
    let unknown = closure(over_the_bridge(), json!({"colour": "red"}));
    let answer = house.post_by(&house.admin, "/api/closures", &unknown).await;
    assert!(answer.status.is_client_error() && answer.text().contains("colour"), "{}", answer.text());
    let mut typed = closure(over_the_bridge(), json!({}));
    typed["type"] = json!("FeatureCollection");
    house.post_by(&house.admin, "/api/closures", &typed).await.violation(422, "type");
    let raw = closure(json!({"type": "Point", "coordinates": [7, 31.0]}), json!({})).to_string();
    for bad in ["NaN", "1e999", "Infinity"] {
        let request =
            Request::post("/api/closures").header("host", "bihu.test").header("content-type", "application/json");
        let request = request.header("authorization", house.bearer());
        let body = Body::from(raw.replace("[7,", &format!("[{bad},")));
        assert!(house.send(request.body(body).expect("a request")).await.status.is_client_error(), "{bad}");
    }
    assert_eq!(house.get("/api/closures").await.json()["features"], json!([]), "nothing was written");
}
