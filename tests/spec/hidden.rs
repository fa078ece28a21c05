//! What is hidden leaves no trace in any public byte: not in a body, an ETag, a count, a header or an extent.

use crate::house::{Answer, House};
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everything that the public can ask without knowing of anything in particular.
fn questions(house: &House) -> Vec<(Method, String, Option<Value>)> {
    let mut paths: Vec<String> = [
        "/", "/command", "/healthz", "/readyz", "/metrics", "/api/meta", "/api/openapi.json", "/api/docs/", "/ogc",
        "/ogc/api", "/ogc/conformance", "/ogc/collections", "/api/nearest?lon=121.22&lat=31.03&k=100&explain=true",
        "/api/nearest?lon=121.22&lat=31.03&k=100&kind=shelter,warehouse,storage_point,team,site&explain=true&party=200&hazard=flood&unknown=exclude",
        "/api/nearest?lon=121.2&lat=31.0&k=1&within_m=500&explain=true", "/api/search?q=%E7%A4%BA%E4%BE%8B&limit=50",
         "/api/search?q=HIDDEN", "/tiles/resources/6/53/26.mvt", "/tiles/resources/14/13707/6706.mvt", "/tiles/resources.json",
         "/tiles/styles/light.json", "/ogc/tiles", "/ogc/tiles/WebMercatorQuad/9/209/428", "/ogc/tileMatrixSets", "/ogc/collections/teams/tiles",
        "/ogc/collections/teams/tiles/WebMercatorQuad/9/209/428", "/ogc/collections/shelters/tiles/WebMercatorQuad/6/26/53",
         "/api/places?q=HIDDEN", "/api/places?q=csnb&limit=50", "/api/places?q=ceshineibu&limit=50",
         "/api/places?q=%E6%B5%8B%E8%AF%95&limit=50", "/api/places?q=hiddem&limit=50",
         "/api/places?q=HIDDEN-1&lon=121.2&lat=31.0", "/api/places?q=b&limit=50", "/api/search?q=%E6%B5%8B%E8%AF%95",
         "/ogc/collections/shelters/items?limit=7",
        "/ogc/collections/shelters/items?bbox=121.19,30.99,121.21,31.01&limit=1", "/ogc/collections/shelters/items?status=open",
        "/ogc/collections/shelters/items?datetime=2026-11-30T00:00:00Z/..", "/api/resources/hidden",
        "/ogc/collections/shelters/items/hidden", "/api/layers/zoo", "/api/freshness?limit=1000",
        "/api/freshness?older_than_days=2&limit=1000", "/api/settings/freshness", "/api/history", "/api/batches",
        "/api/corrections", "/api/layers/shelter?as_of=1036", "/api/layers/team?as_of=900",
        "/api/nearest?lon=121.22&lat=31.03&k=100&as_of=1036", "/ogc/collections/shelters/items?limit=10000&as_of=1000",
        "/api/resources/hidden?as_of=1036", "/api/resources/hidden?freshness=true",
        "/api/resources/shelter-SJ-BN-0001?freshness=true", "/api/resources/shelter-SJ-BN-0001?as_of=1036",
    ]
    .map(str::to_owned)
    .to_vec();
    for layer in ["shelter", "warehouse", "storage_point", "team", "site", "divisions", "demand"] {
        paths.push(format!("/api/layers/{layer}"));
    }
    for name in ["shelters", "warehouses", "storage_points", "teams", "sites", "divisions", "demand", "gap"] {
        paths.push(format!("/ogc/collections/{name}"));
        paths.push(format!("/ogc/collections/{name}/items?limit=10000"));
    }
    for row in house.app.world().resources() {
        paths.push(format!("/api/resources/{}", row.value.id));
    }
    let polygon = json!({"type": "Polygon", "coordinates": [[[121.0, 30.8], [121.5, 30.8], [121.5, 31.3], [121.0, 31.3], [121.0, 30.8]]]});
    let posts = [
        ("/api/around", json!({"polygon": polygon, "limit": 5000})),
        ("/api/around", json!({"point": [121.2, 31.0], "radius_m": 2000})),
        ("/api/around", json!({"point": [121.2, 31.0], "radius_m": 2000, "as_of": 1036})),
        ("/api/corrections", json!({"resource": "hidden", "fault": "closed", "message": "关了"})),
        ("/api/coverage", json!({})),
        (
            "/api/coverage",
            json!({"kinds": ["shelter", "team", "site"], "standards": [{"level": "village", "distance_m": 800}]}),
        ),
    ];
    let gets = paths.into_iter().map(|path| (Method::GET, path, None));
    gets.chain(posts.map(|(path, body)| (Method::POST, path.to_owned(), Some(body)))).collect()
}

/// Asks everything, in every coding; the headers that change with every request are left aside.
async fn sweep(house: &House) -> BTreeMap<String, (Answer, String)> {
    let mut seen = BTreeMap::new();
    for (method, path, body) in questions(house) {
        for coding in ["identity", "gzip"] {
            let answer = house.call(method.clone(), &path, &[("accept-encoding", coding)], body.as_ref()).await;
            let mut headers: Vec<String> = answer
                .headers
                .iter()
                .filter(|(name, _)| *name != "x-request-id" && *name != "date")
                .map(|(name, value)| format!("{name}: {value:?}"))
                .collect();
            headers.sort();
            let key = format!("{method} {path} {coding} {}", body.as_ref().map(Value::to_string).unwrap_or_default());
            seen.insert(key, (answer, headers.join("\n")));
        }
    }
    for last in
        ["0", "1", "100", "1035", "1036", "1037", "2000", "3000", "3036", "3037", "3038", "3039", "3040", "9999"]
    {
        let heard = crate::live::heard(house, &[("last-event-id", last)]).await;
        let answer = Answer { status: axum::http::StatusCode::OK, headers: Default::default(), bytes: heard.into() };
        seen.insert(format!("live after {last}"), (answer, String::new()));
    }
    seen
}

fn assert_same(before: &BTreeMap<String, (Answer, String)>, after: &BTreeMap<String, (Answer, String)>, deed: &str) {
    let keys = |of: &BTreeMap<String, (Answer, String)>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(before), keys(after), "{deed}");
    for (key, (old, old_headers)) in before {
        let (new, new_headers) = &after[key];
        assert_eq!(old.status, new.status, "{deed}: {key}");
        assert_eq!(old_headers, new_headers, "{deed}: {key}");
        assert!(old.bytes == new.bytes, "{deed}: {key}\n{}\n{}", old.text(), new.text());
    }
}

fn hidden() -> Value {
    json!({
        "kind": "shelter", "code": "HIDDEN-1", "name": "测试内部避难所 HIDDEN", "visibility": "operational",
        "lon": 121.2, "lat": 31.0, "level": "village", "division": "310117102", "capacity": 9000, "status": "open",
        "hazards": ["flood"], "synthetic": true, "contacts": [{"name": "测试人员"}],
    })
}

#[tokio::test]
async fn a_life_in_hiding_leaves_every_public_byte_as_it_was() {
    let house = House::demo().await;
    // The questions are those about what is there now: the hidden one is asked for by its id as well.
    let before = sweep(&house).await;
    house.create("hidden", &hidden()).await;
    let known = |mut seen: BTreeMap<String, (Answer, String)>| {
        seen.retain(|key, _| before.contains_key(key));
        seen
    };
    assert_same(&before, &known(sweep(&house).await), "created");
    house.patch("hidden", &json!({"status": "full", "lon": 121.25, "name": "HIDDEN 2"})).await.json();
    assert_same(&before, &known(sweep(&house).await), "patched");
    let removed = house.write(Method::DELETE, "hidden", &[("if-match", "*")], None).await;
    assert_eq!(removed.status, 204);
    assert_same(&before, &known(sweep(&house).await), "removed");
    assert_eq!(house.revision(), house.app.world().revisions().public.0 + 3, "three hidden changes");
}

#[tokio::test]
async fn what_only_staff_may_know_of_a_public_one_leaves_no_trace_either() {
    let house = House::demo().await;
    let id = "shelter-SJ-BN-0001";
    let before = sweep(&house).await;
    for body in [
        json!({"contacts": [{"name": "改后人员", "phone": "000-0000-7777"}]}),
        json!({"remarks": "改后备注"}),
        json!({"verifier": "改后核验员"}),
        json!({"contacts": [], "observed_at": "2026-11-29T00:00:00Z"}),
    ] {
        let changed = house.revision();
        house.patch(id, &body).await.json();
        assert_eq!(house.revision(), changed + 1, "{body}");
        assert_same(&before, &sweep(&house).await, &body.to_string());
    }
    let mut whole = house.get_as_staff(&format!("/api/resources/{id}")).await.json();
    whole["remarks"] = json!("整体替换后的备注");
    house.write(Method::PUT, id, &[("if-match", "*")], Some(&whole)).await.json();
    assert_same(&before, &sweep(&house).await, "remarks by a whole document");
}

#[tokio::test]
async fn no_contact_remark_or_verifier_of_the_demonstration_is_in_any_public_byte() {
    let house = House::demo().await;
    let mut secrets = Vec::new();
    for row in house.app.world().resources() {
        let r = &row.value;
        for contact in &r.contacts {
            secrets.extend([Some(contact.name.clone()), contact.phone.clone()]);
        }
        secrets.push(r.remarks.clone());
        secrets.extend(r.observations.values().map(|o| o.verifier.clone()));
        if !r.is_public() {
            secrets.extend([Some(r.id.to_string()), Some(r.name.zh.clone()), r.name.en.clone(), Some(r.code.clone())]);
        }
    }
    let secrets: std::collections::BTreeSet<String> = secrets.into_iter().flatten().collect();
    assert!(secrets.len() > 30, "{}", secrets.len());
    for (key, (answer, headers)) in sweep(&house).await {
        if key.contains("gzip") {
            continue;
        }
        // A refusal repeats the address that was asked for, which the caller knows already.
        let asked = key.split_whitespace().nth(1).unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
        let text = if answer.status == 404 { answer.text().replace(&asked, "") } else { answer.text() };
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()) && !headers.contains(secret.as_str()), "{secret} in {key}");
        }
        for word in ["contacts", "\"remarks\"", "\"verifier\""] {
            // The word for a half-life is no contact.
            let text = text.replace("\"contacts\":180.0", "");
            assert!(!text.contains(word) || key.contains("openapi"), "{word} in {key}");
        }
    }
}

#[tokio::test]
async fn a_hidden_one_and_one_that_never_was_are_refused_in_the_same_words() {
    let house = House::demo().await;
    let world = house.app.world();
    let row = world.resources().find(|r| !r.value.is_public()).expect("a hidden one");
    let (id, kind) = (row.value.id.as_str(), row.value.kind());
    for path in ["/api/resources/{}", "/ogc/collections/shelters/items/{}", "/ogc/collections/teams/items/{}"] {
        let hidden = house.get(&path.replace("{}", id)).await;
        let never = house.get(&path.replace("{}", "never")).await;
        assert_eq!(hidden.text().replace(id, "never"), never.text(), "{kind}");
        let known = house.call(Method::GET, &path.replace("{}", id), &[("if-none-match", "*")], None).await;
        assert_eq!(known.status, 404);
    }
}

#[tokio::test]
async fn hiding_one_is_seen_by_the_public_as_its_end() {
    let house = House::demo().await;
    let id = "shelter-SJ-BN-0001";
    let counts = async || house.get("/api/meta").await.json()["counts"]["shelter"].as_u64().expect("a count");
    let before = counts().await;
    house.patch(id, &json!({"visibility": "operational"})).await.json();
    assert_eq!(counts().await, before - 1);
    for (method, path, body) in questions(&house) {
        if !path.contains(id) {
            let answer = house.call(method, &path, &[], body.as_ref()).await;
            assert!(!answer.text().contains(id), "{path}");
        }
    }
}
