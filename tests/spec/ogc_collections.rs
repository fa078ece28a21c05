//! OGC API – Features Part 1: landing page, conformance, collections, definition; what is offered in which form.

use crate::house::{Answer, House};
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn links(body: &Value) -> BTreeMap<String, String> {
    let all = body["links"].as_array().expect("links");
    let text = |v: &Value| v.as_str().expect("text").to_owned();
    assert!(all.iter().all(|l| l["type"].is_string() && l["title"].is_string()));
    all.iter().map(|l| (text(&l["rel"]), text(&l["href"]))).collect()
}

async fn asked(house: &House, path: &str, headers: &[(&str, &str)]) -> Answer {
    house.call(Method::GET, path, headers, None).await
}

#[tokio::test]
async fn the_landing_page_leads_everywhere() {
    let house = House::demo().await;
    for path in ["/ogc", "/ogc/"] {
        let landing = house.get(path).await;
        assert_eq!(landing.header("content-type"), "application/json");
        let links = links(&landing.json());
        for rel in ["self", "service-desc", "service-doc", "conformance", "data"] {
            let href = links[rel].strip_prefix("http://bihu.test").expect("an absolute link");
            assert_eq!(house.get(href).await.status, 200, "{rel}: {href}");
        }
    }
}

#[tokio::test]
async fn conformance_names_core_geojson_and_openapi() {
    let house = House::empty().await;
    let body = house.get("/ogc/conformance").await.json();
    for class in ["core", "geojson", "oas30"] {
        let uri = format!("http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{class}");
        assert!(body["conformsTo"].as_array().expect("classes").contains(&json!(uri)), "{class}");
    }
}

#[tokio::test]
async fn eight_collections_are_listed_and_each_describes_itself() {
    let house = House::demo().await;
    let body = house.get("/ogc/collections").await.json();
    assert!(links(&body).contains_key("self"));
    let ids: Vec<&str> =
        body["collections"].as_array().expect("collections").iter().filter_map(|c| c["id"].as_str()).collect();
    assert_eq!(ids, ["shelters", "warehouses", "storage_points", "teams", "sites", "divisions", "demand", "gap"]);
    for collection in body["collections"].as_array().expect("collections") {
        let id = collection["id"].as_str().expect("an id");
        let alone = house.get(&format!("/ogc/collections/{id}")).await.json();
        assert_eq!(&alone, collection);
        assert_eq!(collection["itemType"], "feature");
        let links = links(collection);
        let items = links["items"].strip_prefix("http://bihu.test").expect("an absolute link");
        let page = house.get(items).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/geo+json"), "{id}");
        let bbox: Vec<f64> = serde_json::from_value(collection["extent"]["spatial"]["bbox"][0].clone()).expect("a box");
        assert!(bbox[0] <= bbox[2] && bbox[1] <= bbox[3], "{id}");
    }
    let empty = House::empty().await.get("/ogc/collections/teams").await.json();
    assert_eq!(empty.get("extent"), None, "where nothing is known, no extent is told");
}

#[tokio::test]
async fn the_definition_is_openapi_30_and_lists_every_path() {
    let house = House::demo().await;
    let answer = house.get("/ogc/api").await;
    assert_eq!(answer.header("content-type"), "application/vnd.oai.openapi+json;version=3.0");
    let body = answer.json();
    assert!(body["openapi"].as_str().expect("a version").starts_with("3.0."));
    assert_eq!(body["servers"][0]["url"], "http://bihu.test/ogc");
    let paths: Vec<&String> = body["paths"].as_object().expect("paths").keys().collect();
    let all = [
        "/",
        "/api",
        "/collections",
        "/collections/{collection}",
        "/collections/{collection}/items",
        "/collections/{collection}/items/{item}",
        "/collections/{collection}/tiles",
        "/collections/{collection}/tiles/{tileMatrixSetId}",
        "/collections/{collection}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
        "/conformance",
        "/tileMatrixSets",
        "/tileMatrixSets/{tileMatrixSetId}",
        "/tiles",
        "/tiles/{tileMatrixSetId}",
        "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
    ];
    assert_eq!(paths, all);
    let items = &body["paths"]["/collections/{collection}/items"]["get"]["parameters"];
    let names: Vec<&str> = items.as_array().expect("parameters").iter().filter_map(|p| p["name"].as_str()).collect();
    for name in ["collection", "limit", "bbox", "datetime", "f", "status", "hazards", "level"] {
        assert!(names.contains(&name), "{name} is taken, so it is described");
    }
    let template = |path: &str| {
        let path = path.replace("{collection}", "sites").replace("{item}", "site-SJ-DD-0001");
        path.replace("{tileMatrixSetId}", "WebMercatorQuad").replace("{tileMatrix}/{tileRow}/{tileCol}", "6/26/53")
    };
    for path in all {
        assert_eq!(house.get(&format!("/ogc{}", template(path))).await.status, 200, "{path}");
    }
}

const READABLE: [&str; 8] = [
    "/ogc",
    "/ogc/api",
    "/ogc/conformance",
    "/ogc/collections",
    "/ogc/collections/shelters",
    "/ogc/collections/shelters/items",
    "/ogc/collections/shelters/items/shelter-SJ-BN-0001",
    "/ogc/collections/gap/items",
];

#[tokio::test]
async fn other_forms_are_406_and_unknown_parameters_400() {
    let house = House::demo().await;
    for path in READABLE {
        asked(&house, &format!("{path}?f=html"), &[]).await.problem(406);
        for accept in [
            "text/html",
            "image/png, text/*",
            "app/*",
            "application/json;q=0, application/geo+json;q=0, */*;q=0",
            "application/*;q=0",
            "*/*;q=0.0",
        ] {
            asked(&house, path, &[("accept", accept)]).await.problem(406);
        }
        for accept in [
            "*/*",
            "application/*",
            "text/html, application/xhtml+xml, */*;q=0.8",
            "text/html, APPLICATION/*; q=0.1",
            "",
        ] {
            assert_eq!(asked(&house, path, &[("accept", accept)]).await.status, 200, "{path} {accept}");
        }
        let browser = [("accept", "text/html")];
        assert_eq!(asked(&house, &format!("{path}?f=json"), &browser).await.status, 200, "f is stronger than Accept");
        let violation = asked(&house, &format!("{path}?colour=red"), &[]).await.violation(400, "colour");
        assert_eq!(violation["reason"], "unknown_parameter");
        asked(&house, &format!("{path}?f=json&f=json"), &[]).await.violation(400, "f");
    }
    let refused = [("accept", "application/json;q=0, */*")];
    asked(&house, "/ogc", &refused).await.problem(406);
    assert_eq!(asked(&house, READABLE[5], &refused).await.status, 200, "GeoJSON was not refused");
}

#[tokio::test]
async fn every_get_has_an_etag_and_knows_when_the_client_has_it() {
    let house = House::demo().await;
    let more = ["/api/layers/shelter", "/api/layers/divisions", "/api/layers/demand", "/api/resources/site-SJ-DD-0001"];
    for path in READABLE.into_iter().chain(more) {
        let first = house.get(path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.len() > 2, "{path} has an ETag");
        assert!(first.headers.get_all("vary").iter().any(|v| v == "authorization, cookie"), "{path}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = asked(&house, path, &[("if-none-match", &known)]).await;
            assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0), "{path} {known}");
            assert_eq!(again.header("etag"), tag);
        }
        assert_eq!(asked(&house, path, &[("if-none-match", "\"other\"")]).await.status, 200);
    }
    let page = house.get(READABLE[5]).await.header("etag").to_owned();
    house.patch("shelter-SJ-BN-0001", &json!({"status": "full"})).await.json();
    let changed = asked(&house, READABLE[5], &[("if-none-match", &page)]).await;
    assert_eq!(changed.status, 200, "a change makes another tag");
    let bearer = house.bearer();
    let staff =
        asked(&house, READABLE[5], &[("authorization", &bearer), ("if-none-match", changed.header("etag"))]).await;
    assert_eq!(staff.status, 200, "what staff see is tagged otherwise");
}

#[tokio::test]
async fn head_answers_like_get_without_the_body() {
    let house = House::demo().await;
    for path in READABLE.into_iter().chain(["/api/meta", "/api/nearest?lon=121.2&lat=31", "/healthz", "/"]) {
        let (get, head) = (house.get(path).await, house.call(Method::HEAD, path, &[], None).await);
        assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
        for name in ["content-type", "etag"] {
            assert_eq!(head.headers.get(name), get.headers.get(name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn large_answers_are_compressed_as_the_client_likes() {
    let house = House::demo().await;
    let plain = house.get("/ogc/collections/demand/items?limit=10000").await;
    assert_eq!(plain.header("content-encoding"), "");
    for (coding, magic) in [("gzip", Some([0x1f, 0x8b])), ("br", None)] {
        let packed = asked(&house, "/ogc/collections/demand/items?limit=10000", &[("accept-encoding", coding)]).await;
        assert_eq!(packed.header("content-encoding"), coding);
        assert!(
            packed.bytes.len() * 4 < plain.bytes.len(),
            "{coding}: {} of {}",
            packed.bytes.len(),
            plain.bytes.len()
        );
        assert!(magic.is_none_or(|m| packed.bytes.starts_with(&m)));
        assert!(packed.headers.get_all("vary").iter().any(|v| v.to_str().is_ok_and(|v| v.contains("accept-encoding"))));
    }
}

#[tokio::test]
async fn any_page_may_ask_with_every_header_that_the_api_takes() {
    let house = House::demo().await;
    let origin = [("origin", "https://elsewhere.example")];
    let answer = asked(&house, "/ogc/collections", &origin).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-expose-headers").contains("etag"));
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    let preflight = [
        ("origin", "https://elsewhere.example"),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,if-match,content-type,idempotency-key,x-reason"),
    ];
    let answer = house.call(Method::OPTIONS, "/api/resources/one", &preflight, None).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("access-control-allow-methods").contains("PATCH"));
    let allowed = answer.header("access-control-allow-headers").to_lowercase();
    for name in
        ["authorization", "content-type", "if-match", "if-none-match", "idempotency-key", "x-reason", "last-event-id"]
    {
        assert!(allowed.contains(name), "{name}: `*` does not stand for it");
    }
}

#[tokio::test]
async fn links_follow_the_host_that_was_named_unless_it_is_no_host() {
    let house = House::demo().await;
    let self_link = async |headers: &[(&str, &str)]| {
        let request = headers.iter().fold(axum::http::Request::get("/ogc"), |r, (n, v)| r.header(*n, *v));
        let answer = house.send(request.body(axum::body::Body::empty()).expect("a request")).await;
        (links(&answer.json())["self"].clone(), answer)
    };
    assert_eq!(self_link(&[("host", "gis.example:8443")]).await.0, "http://gis.example:8443/ogc?f=json");
    let proxied = [("host", "10.0.0.1"), ("x-forwarded-host", "gis.example"), ("x-forwarded-proto", "https")];
    let (link, answer) = self_link(&proxied).await;
    assert_eq!(link, "https://gis.example/ogc?f=json");
    let vary: Vec<&str> = answer.headers.get_all("vary").iter().filter_map(|v| v.to_str().ok()).collect();
    assert!(vary.join(",").contains("x-forwarded-host"), "a cache must not give one host's links to another: {vary:?}");
    for bad in [
        "evil.example/path",
        "a\"><script>",
        "user@evil.example",
        "evil.example?x",
        "a b",
        "",
        "evil.example#",
        "%0d%0a",
    ] {
        assert_eq!(self_link(&[("host", bad)]).await.0, "/ogc?f=json", "{bad}");
    }
    assert_eq!(
        self_link(&[("host", "a.example"), ("x-forwarded-proto", "javascript")]).await.0,
        "http://a.example/ogc?f=json"
    );
    assert_eq!(self_link(&[]).await.0, "/ogc?f=json");
}
