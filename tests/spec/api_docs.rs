//! `/api/openapi.json` and `/api/docs`: the document tells of every address and tells the truth; the viewer asks nobody
//! else.

use crate::house::House;
use axum::http::Method;
use serde_json::{Value, json};
use std::path::Path;

async fn document(house: &House) -> Value {
    house.get("/api/openapi.json").await.json()
}

/// Addresses in the source: what `.route("…"` is given.
fn routes(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            routes(&path, found);
        } else {
            let text = std::fs::read_to_string(&path).expect("source");
            found.extend(text.split(".route(\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
}

#[tokio::test]
async fn every_address_is_in_the_document() {
    let house = House::empty().await;
    let document = document(&house).await;
    assert!(document["openapi"].as_str().expect("a version").starts_with("3.1"));
    let paths = document["paths"].as_object().expect("paths");
    let mut served = Vec::new();
    routes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api"), &mut served);
    assert!(served.len() > 10, "{served:?}");
    // Files of the page, and the landing page under its second name.
    served.retain(|path| !path.starts_with("/assets") && !path.starts_with("/favicon") && path != "/ogc/");
    for path in served.iter().map(String::as_str).chain(["/api/nearest", "/api/around", "/api/coverage", "/api/live"]) {
        assert!(paths.contains_key(path), "{path} is not in the document");
    }
    let methods: Vec<&String> = paths["/api/resources/{id}"].as_object().expect("methods").keys().collect();
    assert_eq!(methods, ["delete", "get", "patch", "put"]);
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("methods") {
            assert!(operation["operationId"].is_string() && operation["summary"].is_string(), "{method} {path}");
            assert!(names.insert(operation["operationId"].to_string()), "{method} {path} shares its name");
            let refused = operation["responses"]
                .as_object()
                .expect("responses")
                .iter()
                .filter(|(s, _)| s.starts_with(['4', '5']));
            for (status, response) in refused {
                let media: Vec<&String> = response["content"].as_object().expect("content").keys().collect();
                assert_eq!(media, ["application/problem+json"], "{method} {path} {status}");
            }
        }
    }
}

/// Holds a value to the schema that the document has for an answer.
fn assert_as_documented(document: &Value, method: &str, path: &str, status: &str, value: &Value) {
    let content = &document["paths"][path][method]["responses"][status]["content"];
    let media = content
        .as_object()
        .and_then(|c| c.keys().next())
        .unwrap_or_else(|| panic!("{method} {path} {status}: {content}"));
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [content[media]["schema"]],
        "components": document["components"],
    });
    let validator = jsonschema::validator_for(&schema).unwrap_or_else(|e| panic!("{path}: {e}"));
    let errors: Vec<String> =
        validator.iter_errors(value).take(5).map(|e| format!("{}: {e}", e.instance_path)).collect();
    assert!(errors.is_empty(), "{method} {path} {status}: {errors:#?}");
}

#[tokio::test]
async fn answers_are_as_the_document_says() {
    let house = House::demo().await;
    let document = document(&house).await;
    for (template, path) in [
        ("/api/meta", "/api/meta"),
        ("/api/nearest", "/api/nearest?lon=121.22&lat=31.03&k=100&explain=true"),
        ("/api/nearest", "/api/nearest?lon=121.22&lat=31.03&kind=team,site,warehouse,storage_point&k=100"),
        ("/api/search", "/api/search?q=%E7%A4%BA&limit=50"),
        ("/api/layers/{layer}", "/api/layers/shelter"),
        ("/api/resources/{id}", "/api/resources/shelter-SJ-BN-0001"),
        ("/api/resources/{id}", "/api/resources/shelter-SJ-BN-0001?freshness=true"),
        ("/api/nearest", "/api/nearest?lon=121.22&lat=31.03&as_of=1036"),
        ("/api/freshness", "/api/freshness"),
        ("/api/settings/freshness", "/api/settings/freshness"),
        ("/ogc/collections", "/ogc/collections"),
        ("/ogc/collections/{collection}/items", "/ogc/collections/teams/items"),
        ("/healthz", "/healthz"),
        ("/readyz", "/readyz"),
    ] {
        assert_as_documented(&document, "get", template, "200", &house.get(path).await.json());
        let staff = house.get_as_staff(path).await.json();
        assert_as_documented(&document, "get", template, "200", &staff);
    }
    let around = house.post("/api/around", &json!({"point": [121.22, 31.03], "radius_m": 5000})).await.json();
    assert_as_documented(&document, "post", "/api/around", "200", &around);
    let coverage = house.post("/api/coverage", &json!({})).await.json();
    assert_as_documented(&document, "post", "/api/coverage", "200", &coverage);
    let report =
        json!({"resource": "shelter-SJ-BN-0001", "fault": "moved", "message": "在别处", "lon": 121.19, "lat": 31.03});
    let receipt = house.post("/api/corrections", &report).await.json();
    assert_as_documented(&document, "post", "/api/corrections", "201", &receipt);
    let own = format!("/api/corrections/{}", receipt["receipt"].as_str().expect("a receipt"));
    assert_as_documented(&document, "get", "/api/corrections/{receipt}", "200", &house.get(&own).await.json());
    for path in ["/api/corrections", "/api/history", "/api/batches"] {
        assert_as_documented(&document, "get", path, "200", &house.get_as_staff(path).await.json());
    }
    let answer = json!({"state": "accepted", "reply": "谢谢", "patch": {"address": "北门"}});
    let answered = house.post_by(&house.admin, &format!("{own}/answer"), &answer).await.json();
    assert_as_documented(&document, "post", "/api/corrections/{receipt}/answer", "200", &answered);
    let path = format!("/api/batches/{}/undo", answered["batch"]);
    let undone = house.post_by(&house.admin, &path, &json!({})).await.json();
    assert_as_documented(&document, "post", "/api/batches/{batch}/undo", "200", &undone);
    let overtaken = house.post_by(&house.admin, &path, &json!({})).await.problem(409);
    assert_as_documented(&document, "post", "/api/batches/{batch}/undo", "409", &overtaken);
    let refused = house.get("/api/nearest?lon=x").await.problem(400);
    assert_as_documented(&document, "get", "/api/nearest", "400", &refused);
    let stale = house
        .write(Method::PATCH, "shelter-SJ-BN-0001", &[("if-match", "\"r1\"")], Some(&json!({})))
        .await
        .problem(412);
    assert_as_documented(&document, "patch", "/api/resources/{id}", "412", &stale);
}

#[tokio::test]
async fn bodies_that_the_document_shows_are_taken() {
    let house = House::demo().await;
    let document = document(&house).await;
    for path in ["/api/around", "/api/coverage"] {
        let schema = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"];
        assert!(schema["$ref"].is_string(), "{path}: {schema}");
    }
    let names = |schema: &str| -> Vec<String> {
        document["components"]["schemas"][schema]["properties"]
            .as_object()
            .expect("properties")
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(names("AroundBody"), ["as_of", "datum", "datum_out", "kinds", "limit", "point", "polygon", "radius_m"]);
    assert_eq!(
        names("CoverageBody"),
        [
            "as_of",
            "by",
            "capacity_rule",
            "conditions",
            "datum",
            "division",
            "hazard",
            "kinds",
            "open",
            "standards",
            "time_factor"
        ]
    );
}

#[tokio::test]
async fn the_viewer_asks_no_other_host() {
    let house = House::empty().await;
    let page = house.get("/api/docs/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").contains("default-src 'self'"));
    let html = page.text();
    let initializer = house.get("/api/docs/swagger-initializer.js").await.text();
    for (name, text) in [("index.html", &html), ("swagger-initializer.js", &initializer)] {
        assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("\"//"), "{name}: {text}");
    }
    assert!(initializer.contains("/api/openapi.json"), "{initializer}");
    let compact: String = initializer.split_whitespace().collect();
    assert!(compact.contains("\"validatorUrl\":\"none\""), "{initializer}");
    let parts = html.split(['"', '\'']).filter(|p| p.ends_with(".js") || p.ends_with(".css"));
    for part in parts {
        let path = format!("/api/docs/{}", part.trim_start_matches("./"));
        assert_eq!(house.get(&path).await.status, 200, "{path}");
    }
    assert!([200, 301, 302, 303, 307, 308].contains(&house.get("/api/docs").await.status.as_u16()));
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let house = House::empty().await;
    for path in ["/", "/command"] {
        let page = house.get(path).await;
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'self'") && policy.contains("connect-src 'self'"), "{policy}");
        assert!(!policy.contains("http"), "{policy}");
    }
}

#[tokio::test]
async fn what_the_service_says_of_itself_is_what_it_holds() {
    let house = House::demo().await;
    let (public, staff) = (house.get("/api/meta").await.json(), house.get_as_staff("/api/meta").await.json());
    assert_eq!((&public["audience"], &public["actor"]), (&json!("public"), &Value::Null));
    assert_eq!((&staff["audience"], &staff["actor"]["role"]), (&json!("staff"), &json!("admin")));
    assert_eq!((&public["counts"]["shelter"], &staff["counts"]["shelter"]), (&json!(115), &json!(120)));
    assert_eq!(public["synthetic"], true);
    assert!(public["notice"]["zh"].is_string() && public["notice"]["en"].is_string());
    assert_eq!(public["district"]["code"].as_str().map(|c| c.starts_with("310117")), Some(true));
    assert!(public["divisions"].as_array().map(Vec::len) >= Some(17));
    assert!(public["default_standards_note"]["zh"].as_str().expect("a note").contains("待核"));
    let empty = House::empty().await.get("/api/meta").await.json();
    assert_eq!(
        (&empty["synthetic"], &empty["notice"], &empty["district"]),
        (&json!(false), &Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_name_is_found_by_its_parts_in_both_languages_and_by_code() {
    let house = House::demo().await;
    let ids = async |query: &str| -> Vec<String> {
        let body = house.get(&format!("/api/search?{query}")).await.json();
        body["results"]
            .as_array()
            .expect("results")
            .iter()
            .map(|r| r["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(ids("q=SJ-BN-0001").await, ["shelter-SJ-BN-0001"]);
    assert_eq!(ids("q=sj-bn-0001").await, ["shelter-SJ-BN-0001"]);
    assert!(ids("q=qinghe%20central").await.contains(&"shelter-SJ-BN-0001".to_owned()));
    assert!(ids("q=%E6%96%B9%E6%9D%BE%E9%9D%92%E7%A6%BE").await.contains(&"shelter-SJ-BN-0001".to_owned()));
    assert_eq!(ids("q=%E7%A4%BA%E4%BE%8B&limit=3").await.len(), 3);
    assert!(ids("q=%E7%A4%BA%E4%BE%8B&limit=50&kind=team").await.iter().all(|id| id.starts_with("team-")));
    assert_eq!(ids("q=nothing-is-called-so").await, Vec::<String>::new());
    for (bad, field) in [
        ("", "q"),
        ("q=", "q"),
        ("q=%20", "q"),
        ("q=a&limit=0", "limit"),
        ("q=a&limit=51", "limit"),
        ("q=a&n=1", "n"),
        ("q=a&kind=zoo", "kind"),
    ] {
        house.get(&format!("/api/search?{bad}")).await.violation(400, field);
    }
    house.get(&format!("/api/search?q={}", "x".repeat(101))).await.violation(400, "q");
}

#[tokio::test]
async fn a_store_without_a_district_still_says_where_to_look() {
    let house = crate::house::House::empty().await;
    assert_eq!(house.get("/api/meta").await.json()["extent"], serde_json::Value::Null);
    for (code, lon, lat) in [("A", 121.0, 31.0), ("B", 121.5, 30.5)] {
        let body = serde_json::json!({"kind": "shelter", "code": code, "name": "测试", "lon": lon, "lat": lat});
        house.create(code, &body).await;
    }
    let hidden = serde_json::json!(
        {"kind": "shelter", "code": "C", "name": "测试", "lon": 130.0, "lat": 40.0, "visibility": "operational"}
    );
    house.create("C", &hidden).await;
    let meta = house.get("/api/meta").await.json();
    assert_eq!(meta["extent"], serde_json::json!([121.0, 30.5, 121.5, 31.0]), "and nothing hidden widens it");
}

#[tokio::test]
async fn things_of_one_name_are_told_apart_by_division_and_address() {
    let house = House::demo().await;
    for (id, division, address) in [("twin-a", "310117102", "甲路1号"), ("twin-b", "310117001", "乙路2号")] {
        let body = json!({"kind": "shelter", "code": id, "name": "同名场所", "lon": 121.2, "lat": 31.0, "division": division, "address": address});
        house.create(id, &body).await;
    }
    let found = house.get("/api/search?q=%E5%90%8C%E5%90%8D%E5%9C%BA%E6%89%80").await.json();
    let told: Vec<[&str; 2]> = found["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|r| ["division_name", "address"].map(|name| r[name].as_str().expect("told")))
        .collect();
    assert_eq!(told.len(), 2);
    assert!(told[0][0] != told[1][0] && told[0][1] != told[1][1], "{told:?}");
    house.patch("twin-a", &json!({"visibility": "operational"})).await;
    let staff = house.get_as_staff("/api/search?q=%E5%90%8C%E5%90%8D%E5%9C%BA%E6%89%80").await.json();
    let marks: Vec<&Value> = staff["results"].as_array().expect("results").iter().map(|r| &r["visibility"]).collect();
    assert_eq!(marks, [&json!("operational"), &Value::Null]);
}

#[tokio::test]
async fn other_addresses_of_a_page_lead_to_it() {
    let house = House::empty().await;
    for (from, to) in [("/command/?tool=nearest", "/command?tool=nearest"), ("/index.html", "/")] {
        let answer = house.get(from).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (308, to), "{from}");
    }
}
