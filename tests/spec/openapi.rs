//! The OpenAPI document that the web map's types are generated from is the one that this program serves.

#[test]
fn the_committed_openapi_document_is_the_one_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/web-map/openapi.json");
    let committed = std::fs::read_to_string(path).expect("web-map/openapi.json");
    let served = bihu::api::openapi().to_pretty_json().expect("a document");
    assert!(
        committed.trim_end() == served.trim_end(),
        "the API changed: run `cargo run -- openapi > web-map/openapi.json`, then `npm run types` in web-map/"
    );
}
