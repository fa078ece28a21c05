//! Bodies: large, deep, cut off, of the wrong type, or no text at all. Each gets a clear refusal, and nothing changes.

use crate::house::{Answer, House};
use axum::body::Body;
use axum::http::{Method, Request};
use bytes::Bytes;
use serde_json::json;

async fn sent(house: &House, path: &str, media: Option<&str>, body: Body) -> Answer {
    let method = if path.starts_with("/api/resources") { Method::PUT } else { Method::POST };
    let mut request = Request::builder().method(method).uri(path);
    request = request.header("authorization", house.bearer()).header("if-none-match", "*");
    if let Some(media) = media {
        request = request.header("content-type", media);
    }
    house.send(request.body(body).expect("a request")).await
}

const WITH_BODY: [&str; 3] = ["/api/resources/one", "/api/around", "/api/coverage"];

#[tokio::test]
async fn fifty_megabytes_are_413_and_the_limit_is_told() {
    let house = House::empty().await;
    for path in WITH_BODY {
        let body = format!("{{\"name\":\"{}\"}}", "x".repeat(50_000_000));
        let length = body.len().to_string();
        let method = if path.starts_with("/api/resources") { Method::PUT } else { Method::POST };
        let request = Request::builder().method(method).uri(path).header("authorization", house.bearer());
        let request = request.header("content-type", "application/json").header("content-length", length);
        let announced = house.send(request.body(Body::from(body)).expect("a request")).await;
        assert!(announced.problem(413)["detail"].as_str().expect("detail").contains("4194304"));
        // Without a length the limit is met while reading.
        let chunks =
            futures::stream::iter((0..50).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1_000_000]))));
        sent(&house, path, Some("application/json"), Body::from_stream(chunks)).await.problem(413);
    }
}

#[tokio::test]
async fn a_body_below_the_limit_that_is_told_is_read() {
    let house = House::empty().await;
    let spaces = " ".repeat(3_500_000);
    let body = format!("{{\"point\":[121.2,31.0],{spaces}\"radius_m\":100}}");
    assert_eq!(sent(&house, "/api/around", Some("application/json"), Body::from(body)).await.status, 200);
}

#[tokio::test]
async fn ten_thousand_levels_are_400() {
    let house = House::empty().await;
    for path in WITH_BODY {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let body = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
            sent(&house, path, Some("application/json"), Body::from(body)).await.problem(400);
        }
        let body = format!("{{\"polygon\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        sent(&house, path, Some("application/json"), Body::from(body)).await.problem(400);
    }
}

#[tokio::test]
async fn json_that_is_cut_off_or_broken_is_400_with_line_and_column() {
    let house = House::empty().await;
    let cases: [&[u8]; 9] = [
        b"{\"kind\":\n\"shelter\",",
        b"",
        b"   ",
        b"{\"lon\":NaN}",
        b"{\"lon\":1e400}",
        b"{'lon':1}",
        b"\xff\xfe{}",
        b"{\"name\":\"\xc3\x28\"}",
        b"{} {}",
    ];
    for path in WITH_BODY {
        for case in cases {
            let problem = sent(&house, path, Some("application/json"), Body::from(case)).await.problem(400);
            let detail = problem["detail"].as_str().expect("detail");
            assert!(detail.contains("行第") && detail.contains("column"), "{detail}");
        }
    }
    let detail =
        sent(&house, "/api/around", Some("application/json"), Body::from(&b"{\"a\":\n[1,"[..])).await.problem(400);
    assert!(detail["detail"].as_str().expect("detail").contains("第 2 行"), "{detail}");
}

#[tokio::test]
async fn another_content_type_is_415() {
    let house = House::empty().await;
    for path in WITH_BODY {
        for media in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "text/csv",
            "application/xml",
            "json",
            "multipart/form-data; boundary=x",
        ] {
            sent(&house, path, Some(media), Body::from("{}")).await.problem(415);
        }
    }
    let body = json!({"point": [121.2, 31.0], "radius_m": 100}).to_string();
    for media in [None, Some("application/json; charset=utf-8"), Some("application/geo+json"), Some("Application/JSON")]
    {
        assert_eq!(sent(&house, "/api/around", media, Body::from(body.clone())).await.status, 200, "{media:?}");
    }
}

#[tokio::test]
async fn json_of_another_shape_is_refused() {
    let house = House::empty().await;
    for path in WITH_BODY {
        for body in ["[]", "null", "1", "\"text\"", "true", "[{}]"] {
            sent(&house, path, Some("application/json"), Body::from(body)).await.problem(422);
        }
    }
    assert_eq!(house.revision(), 0);
}

#[tokio::test]
async fn a_name_given_twice_is_refused() {
    let house = House::empty().await;
    for body in ["{\"radius_m\":1,\"radius_m\":2,\"point\":[0,0]}", "{\"a\":{\"b\":1,\"b\":1}}"] {
        for path in WITH_BODY {
            let problem = sent(&house, path, None, Body::from(body)).await.problem(400);
            assert!(problem["detail"].as_str().expect("detail").contains("is given twice"), "{problem}");
        }
    }
}

#[tokio::test]
async fn a_compressed_body_is_415_and_not_broken_json() {
    let house = House::empty().await;
    for path in WITH_BODY {
        let method = if path.starts_with("/api/resources") { Method::PUT } else { Method::POST };
        let request = Request::builder().method(method).uri(path).header("authorization", house.bearer());
        let request = request.header("content-type", "application/json").header("content-encoding", "gzip");
        let problem = house.send(request.body(Body::from(&b"\x1f\x8b\x08"[..])).expect("a request")).await.problem(415);
        assert!(problem["detail"].as_str().expect("detail").contains("gzip"), "{problem}");
    }
}
