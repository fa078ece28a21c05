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

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = bihu::api::openapi();
    let operations = document
        .paths
        .paths
        .values()
        .flat_map(|item| [&item.get, &item.put, &item.post, &item.delete, &item.patch].into_iter().flatten());
    let mut names: Vec<&str> = operations.filter_map(|operation| operation.operation_id.as_deref()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "clients are generated from these names");
}
