//! The flat document: what it takes, what it refuses, and that all is told at once.

use crate::exchange_samples::{for_all, resource, told};
use bihu::domain::*;
use bihu::exchange::document::{
    flatten, observed_at, read, read_demand, read_division, write, write_demand, write_division,
};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

fn bare() -> Value {
    json!({"code": "S1", "name": "示例避难所", "lon": 121.22, "lat": 31.03})
}

/// The bare shelter with some fields laid over it.
fn with(fields: Value) -> Map<String, Value> {
    let mut document = map(bare());
    document.extend(map(fields));
    document
}

fn shelter(fields: Value) -> Result<Resource, Vec<Violation>> {
    read(Some(Kind::Shelter), None, &with(fields), None)
}

fn patched(base: &Resource, fields: Value) -> Result<Resource, Vec<Violation>> {
    read(None, None, &map(fields), Some(base))
}

#[test]
fn a_document_of_code_name_and_position_is_enough_and_all_else_is_unknown() {
    let r = read(Some(Kind::Shelter), None, &map(bare()), None).expect("a shelter");
    let s = r.shelter().expect("a shelter");
    assert_eq!(r.id, ResourceId::mint(Kind::Shelter, "S1"));
    assert_eq!((r.lifecycle, r.visibility, r.synthetic), (Lifecycle::InService, Visibility::Public, false));
    assert_eq!(s, &Shelter::default());
    assert_eq!(s.free_places(), None);
}

#[test]
fn every_violation_is_told_at_once_with_the_path_of_its_field() {
    let refused = read(
        Some(Kind::Warehouse),
        None,
        &map(json!({
            "name": 5, "lon": "121", "lat": 31.0, "level": "planet", "synthetic": "yes", "division": "31", "tier": 7,
            "stock": [{"name": "帐篷", "quantity": "many"}, {"quantity": 1, "colour": "red"}, 3],
            "contacts": [{"phone": "1"}], "observed_at": "2024-05-01", "capacity": 5, "verifier": ["x"],
        })),
        None,
    )
    .expect_err("violations");
    let told = told(&refused);
    for expected in [
        ("capacity", "unknown_field"),
        ("code", "missing"),
        ("contacts[0].name", "missing"),
        ("level", "not_a_choice"),
        ("lon", "wrong_type"),
        ("name", "wrong_type"),
        ("observed_at", "bad_time"),
        ("stock[0].quantity", "wrong_type"),
        ("stock[1].colour", "unknown_field"),
        ("stock[1].name", "missing"),
        ("stock[2]", "wrong_type"),
        ("synthetic", "wrong_type"),
        ("tier", "not_a_choice"),
        ("verifier", "wrong_type"),
    ] {
        assert!(told.contains(&expected), "{expected:?} is not among {told:?}");
    }
    let mut fields: Vec<_> = told.iter().map(|(field, _)| field).collect();
    fields.sort_unstable();
    fields.dedup();
    assert_eq!(fields.len(), told.len(), "each field is told once: {told:?}");
}

#[test]
fn an_unknown_field_is_refused_by_name_with_the_nearest_one() {
    for (given, near) in [("capcity", "`capacity`"), ("Name", "`name`"), ("经度", "`lon`"), ("statuss", "`status`")] {
        let refused = shelter(json!({ given: 1 })).expect_err("unknown field");
        assert_eq!(told(&refused), [(given, "unknown_field")]);
        assert!(refused[0].en.contains(near), "{}", refused[0].en);
        assert!(refused[0].zh.contains(near.trim_matches('`')), "{}", refused[0].zh);
    }
    let far = shelter(json!({"zzzzzzzzzz": 1})).expect_err("unknown field");
    assert!(!far[0].en.contains("did you mean"), "{}", far[0].en);
}

#[test]
fn values_of_the_wrong_type_range_or_list_are_refused_with_the_reason() {
    for (fields, field, reason) in [
        (json!({"capacity": "120"}), "capacity", "wrong_type"),
        (json!({"capacity": 12.5}), "capacity", "not_whole"),
        (json!({"capacity": -1}), "capacity", "out_of_range"),
        (json!({"capacity": 1e12}), "capacity", "out_of_range"),
        (json!({"capacity": 20_000_000}), "capacity", "out_of_range"),
        (json!({"accessible": 1}), "accessible", "wrong_type"),
        (json!({"accessible": "true"}), "accessible", "wrong_type"),
        (json!({"hazards": "flood"}), "hazards", "wrong_type"),
        (json!({"hazards": ["flood", "plague"]}), "hazards[1]", "not_a_choice"),
        (json!({"hazards": [1]}), "hazards[0]", "wrong_type"),
        (json!({"status": "OPEN"}), "status", "not_a_choice"),
        (json!({"lifecycle": null}), "lifecycle", "not_nullable"),
        (json!({"visibility": null}), "visibility", "not_nullable"),
        (json!({"code": null}), "code", "missing"),
        (json!({"code": "  "}), "code", "missing"),
        (json!({"name": "a\u{0}b"}), "name", "control_character"),
        (json!({"name": "长".repeat(201)}), "name", "too_long"),
        (json!({"lon": 31.0, "lat": 121.0}), "lat", "swapped"),
        (json!({"lon": 181.0}), "lon", "out_of_range"),
        (json!({"lon": null}), "lon", "missing"),
        (json!({"division": "abc"}), "division", "bad_division_code"),
        (json!({"id": "with space"}), "id", "bad_id"),
        (json!({"kind": "team"}), "kind", "kind_fixed"),
        (json!({"kind": "tent"}), "kind", "not_a_choice"),
        (json!({"occupied": 5, "capacity": 4}), "occupied", "over_capacity"),
        (json!({"observed_at": "2024-05-01T08:00:00"}), "observed_at", "bad_time"),
        (json!({"observed_at": "0024-05-01T08:00:00Z"}), "observed_at", "out_of_range"),
        (json!({"observed_at": "9024-05-01T08:00:00Z"}), "observed_at", "out_of_range"),
        (json!({"verifier": "somebody"}), "observed_at", "missing"),
        (json!({"area_m2": -3.0}), "area_m2", "out_of_range"),
    ] {
        let refused = shelter(fields.clone()).expect_err(&format!("{fields} is refused"));
        assert_eq!(told(&refused), [(field, reason)], "{fields}");
        assert!(!refused[0].zh.is_empty() && !refused[0].en.is_empty());
    }
}

#[test]
fn a_kind_that_nobody_names_is_missing() {
    let refused = read(None, None, &map(bare()), None).expect_err("no kind");
    assert_eq!(told(&refused), [("kind", "missing")]);
    assert_eq!(read(None, None, &with(json!({"kind": "site"})), None).expect("a site").kind(), Kind::Site);
}

#[test]
fn an_id_may_be_repeated_but_not_changed() {
    let id = ResourceId::parse("shelter-9").expect("an id");
    let same =
        read(Some(Kind::Shelter), Some(id.clone()), &with(json!({"id": "shelter-9"})), None).expect("the same id");
    assert_eq!(same.id, id);
    let other = read(Some(Kind::Shelter), Some(id), &with(json!({"id": "other"})), None).expect_err("another id");
    assert_eq!(told(&other), [("id", "id_fixed")]);
}

#[test]
fn a_patch_keeps_what_it_does_not_name_and_null_makes_unknown() {
    let base =
        shelter(json!({"capacity": 120, "status": "open", "address": "示例路 1 号", "contacts": [{"name": "甲"}]}))
            .expect("base");
    let after = patched(&base, json!({"status": null, "address": null, "contacts": null})).expect("patched");
    let s = after.shelter().expect("a shelter");
    assert_eq!((s.status, s.capacity, &after.address), (None, Capacity::Stated(120), &None));
    assert!(after.contacts.is_empty());
    assert_eq!((&after.id, &after.code, &after.place), (&base.id, &base.code, &base.place));
    assert_eq!(patched(&base, json!({})).expect("nothing"), base);
}

#[test]
fn a_capacity_and_its_quality_never_contradict_each_other() {
    let quality = |fields: Value| shelter(fields).map(|r| r.shelter().expect("a shelter").capacity);
    for (fields, expected) in [
        (json!({"capacity": 9}), Capacity::Stated(9)),
        (json!({"capacity": 9, "capacity_quality": null}), Capacity::Stated(9)),
        (json!({"capacity": 9, "capacity_quality": "derived"}), Capacity::Derived(9)),
        (json!({"capacity": 0}), Capacity::Stated(0)),
        (json!({"capacity": null}), Capacity::Unknown),
        (json!({"capacity": null, "capacity_quality": "unknown"}), Capacity::Unknown),
        (json!({"capacity_quality": "unknown"}), Capacity::Unknown),
    ] {
        assert_eq!(quality(fields.clone()).as_ref(), Ok(&expected), "{fields}");
    }
    for fields in [
        json!({"capacity": 9, "capacity_quality": "unknown"}),
        json!({"capacity": null, "capacity_quality": "stated"}),
        json!({"capacity_quality": "derived"}),
    ] {
        let refused = quality(fields.clone()).expect_err("a contradiction");
        assert_eq!(told(&refused), [("capacity_quality", "conflict")], "{fields}");
    }
    let base = shelter(json!({"capacity": 9})).expect("base");
    let derived = patched(&base, json!({"capacity_quality": "derived"})).expect("a new quality");
    assert_eq!(derived.shelter().expect("a shelter").capacity, Capacity::Derived(9));
}

#[test]
fn a_tier_may_be_written_as_a_number() {
    let tier = |given: Value| {
        let r = read(Some(Kind::StoragePoint), None, &with(json!({"tier": given})), None).expect("a store");
        r.storage().expect("a store").tier
    };
    assert_eq!((tier(json!(2)), tier(json!("3")), tier(json!(null))), (Some(Tier::Town), Some(Tier::Village), None));
}

#[test]
fn declared_numbers_leave_with_the_position_they_belong_to() {
    let given = bihu::spatial::datum::from_wgs84(Datum::Gcj02, LonLat::new(121.22, 31.03).expect("a position"));
    let declared = json!({"datum": "gcj02", "lon": given.lon(), "lat": given.lat()});
    let base = shelter(json!({"declared": declared})).expect("base");
    assert!(base.place.declared.is_some());
    assert_eq!(patched(&base, json!({"lon": 121.22})).expect("the same place").place, base.place);
    assert_eq!(patched(&base, json!({"lon": 121.3})).expect("moved").place.declared, None);
    let stale = patched(&base, json!({"lon": 121.3, "declared": declared})).expect("moved");
    assert_eq!(stale.place.declared, None, "numbers of the old place are not kept");
}

#[test]
fn a_polygon_without_a_point_gets_one_inside_it_and_a_point_geometry_takes_the_footprint_away() {
    let ring = json!([[[121.0, 31.0], [121.2, 31.0], [121.2, 31.2], [121.0, 31.2], [121.0, 31.0]]]);
    let mut document = map(bare());
    document.remove("lon");
    document.remove("lat");
    document.insert("geometry".into(), json!({"type": "Polygon", "coordinates": ring}));
    let r = read(Some(Kind::Shelter), None, &document, None).expect("a footprint");
    let p = r.place.position;
    assert!((121.0..121.2).contains(&p.lon()) && (31.0..31.2).contains(&p.lat()), "{p:?}");
    assert_eq!(write(&r, Audience::Public)["geometry"]["type"], "Polygon");
    let moved = patched(&r, json!({"geometry": {"type": "Point", "coordinates": [121.5, 31.5]}})).expect("a point");
    assert_eq!((moved.place.position.lon(), moved.place.footprint), (121.5, None));
    let cleared = patched(&r, json!({"geometry": null})).expect("no footprint");
    assert_eq!((cleared.place.position, cleared.place.footprint), (p, None));
}

#[test]
fn a_point_that_contradicts_lon_and_lat_is_refused() {
    let refused =
        shelter(json!({"geometry": {"type": "Point", "coordinates": [121.5, 31.5]}})).expect_err("two places");
    assert_eq!(told(&refused), [("geometry", "conflict")]);
    assert!(shelter(json!({"geometry": {"type": "Point", "coordinates": [121.22, 31.03]}})).is_ok());
}

#[test]
fn geometries_that_no_resource_can_have_are_refused_clearly() {
    let square = json!([[121.0, 31.0], [121.2, 31.0], [121.2, 31.2], [121.0, 31.2], [121.0, 31.0]]);
    for (geometry, reason) in [
        (json!("POINT(1 2)"), "wrong_type"),
        (json!({"type": "LineString", "coordinates": square}), "geometry_type"),
        (json!({"type": "GeometryCollection", "geometries": []}), "geometry_type"),
        (json!({}), "geometry_type"),
        (json!({"type": "Point"}), "bad_position"),
        (json!({"type": "Point", "coordinates": [121.0]}), "bad_position"),
        (json!({"type": "Point", "coordinates": ["121", "31"]}), "bad_position"),
        (json!({"type": "Point", "coordinates": [31.0, 121.0]}), "swapped"),
        (json!({"type": "Polygon", "coordinates": []}), "empty_ring"),
        (json!({"type": "Polygon", "coordinates": [[]]}), "empty_ring"),
        (json!({"type": "Polygon", "coordinates": 5}), "bad_coordinates"),
        (
            json!({"type": "Polygon", "coordinates": [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]]}),
            "unclosed_ring",
        ),
        (json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}), "self_crossing"),
        (
            json!({"type": "Polygon", "coordinates": [[[170, 0], [-170, 0], [-170, 1], [170, 1], [170, 0]]]}),
            "crosses_antimeridian",
        ),
        (json!({"type": "MultiPolygon", "coordinates": [[square], [square]]}), "rings_cross"),
        (json!({"type": "MultiPolygon", "coordinates": []}), "empty_ring"),
    ] {
        let refused = shelter(json!({ "geometry": geometry })).expect_err(&format!("{geometry} is refused"));
        assert_eq!(told(&refused), [("geometry", reason)], "{geometry}");
    }
}

#[test]
fn a_point_far_from_its_area_is_refused_so_that_neither_is_left_behind() {
    let near =
        json!({"type": "Polygon", "coordinates": [[[121.0, 31.0], [121.4, 31.0], [121.4, 31.2], [121.0, 31.0]]]});
    let kept = shelter(json!({ "lon": 121.3, "lat": 31.1, "geometry": near })).expect("a point inside its area");
    let moved = json!({ "lon": 121.3, "lat": 31.3 });
    let patch = moved.as_object().expect("an object");
    let refused = read(None, None, patch, Some(&kept)).expect_err("the area would stay behind");
    assert_eq!(told(&refused), [("lon", "off_footprint")]);
    let with_null = json!({ "lon": 121.3, "lat": 31.3, "geometry": null });
    let moved = read(None, None, with_null.as_object().expect("an object"), Some(&kept)).expect("the area is dropped");
    assert_eq!(moved.place.footprint, None);
}

#[test]
fn what_is_written_follows_the_right_hand_rule_however_it_came() {
    let clockwise = json!([[121.0, 31.0], [121.0, 31.2], [121.4, 31.2], [121.4, 31.0], [121.0, 31.0]]);
    let r = shelter(json!({"geometry": {"type": "Polygon", "coordinates": [clockwise]}})).expect("a footprint");
    let out = write(&r, Audience::Public);
    let ring: Vec<[f64; 2]> = serde_json::from_value(out["geometry"]["coordinates"][0].clone()).expect("a ring");
    let twice_area: f64 = ring.windows(2).map(|w| w[0][0] * w[1][1] - w[1][0] * w[0][1]).sum();
    assert!(twice_area > 0.0, "the exterior is not counter-clockwise");
}

#[test]
fn the_public_document_holds_no_contact_remark_or_verifier() {
    for seed in 0..300 {
        let mut r = resource(seed);
        r.contacts =
            vec![Contact { name: "SECRET-A".into(), role: Some("SECRET-B".into()), phone: Some("SECRET-C".into()) }];
        r.remarks = Some("SECRET-D".into());
        let seen =
            Observation { observed_at: DateTime::<Utc>::UNIX_EPOCH, verifier: Some("SECRET-E".into()), source: None };
        r.observations = [(Field::Record, seen.clone()), (Field::Contacts, seen)].into();
        let public = Value::from(write(&r, Audience::Public)).to_string();
        let staff = Value::from(write(&r, Audience::Staff)).to_string();
        assert!(!public.contains("SECRET") && !public.contains("contacts"), "{public}");
        for word in ["SECRET-A", "SECRET-B", "SECRET-C", "SECRET-D", "SECRET-E"] {
            assert!(staff.contains(word), "{word} is missing from {staff}");
        }
    }
}

#[test]
fn what_nobody_knows_is_null_in_the_document_and_never_zero() {
    let r = shelter(json!({})).expect("a shelter");
    let out = write(&r, Audience::Public);
    for name in [
        "capacity",
        "occupied",
        "reserved",
        "blocked",
        "free_places",
        "area_m2",
        "status",
        "hazards",
        "facilities",
        "pets",
    ] {
        assert_eq!(out.get(name), Some(&Value::Null), "{name}");
    }
    assert_eq!((&out["capacity_quality"], &out["occupancy_quality"]), (&json!("unknown"), &json!("unreported")));
    assert!(!out.contains_key("geometry"));
}

#[test]
fn reading_what_was_written_gives_the_same_resource() {
    for_all("read_write", 2000, any::<u64>(), |seed| {
        let r = resource(seed);
        let document = write(&r, Audience::Staff);
        let fresh = read(None, None, &document, None).map_err(|v| TestCaseError::fail(format!("{v:?}")))?;
        prop_assert_eq!(&fresh, &r);
        let over = read(None, None, &document, Some(&r)).map_err(|v| TestCaseError::fail(format!("{v:?}")))?;
        prop_assert_eq!(&over, &r);
        let public = read(None, None, &write(&r, Audience::Public), Some(&r));
        prop_assert_eq!(public.as_ref(), Ok(&r), "the public document laid over its resource changes nothing");
        Ok(())
    });
}

#[test]
fn observations_of_single_fields_survive_a_document_laid_over_them() {
    let mut base = shelter(json!({"status": "open"})).expect("base");
    let seen = Observation { observed_at: DateTime::<Utc>::UNIX_EPOCH, verifier: Some("甲".into()), source: None };
    base.observations.insert(Field::Status, seen);
    let document = write(&base, Audience::Staff);
    assert_eq!(document["observed"], json!({"status": "1970-01-01T00:00:00Z"}));
    assert_eq!(read(None, None, &document, Some(&base)).expect("the same"), base);
}

#[test]
fn any_json_object_is_read_or_refused_and_never_panics() {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("(lon|lat|name|type|coordinates|code)", inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    });
    let name = "(id|kind|code|name|lon|lat|geometry|stock|contacts|current|declared|tier|capacity|hazards|observed_at|level|x)";
    let document = prop::collection::btree_map(name, value, 0..8);
    for_all("any_object", 3000, document, |document| {
        let document: Map<String, Value> = document.into_iter().collect();
        let base = resource(1);
        for kind in Kind::ALL {
            if let Err(violations) = read(Some(*kind), None, &document, None) {
                prop_assert!(!violations.is_empty());
            }
        }
        drop(read(None, None, &document, Some(&base)));
        drop(read_division(&document, None));
        drop(read_demand(&document, None));
        drop(flatten(Value::Object(document)));
        Ok(())
    });
}

#[test]
fn a_feature_is_taken_wherever_a_document_is() {
    let feature = json!({"type": "Feature", "id": "shelter-1", "geometry": {"type": "Point", "coordinates": [121.2, 31.0]},
        "properties": {"code": "S1", "name": "示例"}, "bbox": [1, 2, 3, 4]});
    let flat = flatten(feature).expect("a feature");
    assert_eq!(flat["id"], "shelter-1");
    assert_eq!(read(Some(Kind::Shelter), None, &flat, None).expect("a shelter").place.position.lon(), 121.2);
    assert_eq!(flatten(bare()).expect("a document"), map(bare()));
    for (body, field, reason) in [
        (json!([1]), "", "wrong_type"),
        (json!({"type": "FeatureCollection", "features": []}), "type", "not_a_feature"),
        (json!({"type": "Feature", "properties": 3}), "properties", "wrong_type"),
        (json!({"type": "Feature", "geometry": null, "propertis": {}}), "propertis", "unknown_field"),
        (json!({"type": "Feature", "id": "a", "properties": {"id": "b"}}), "id", "conflict"),
    ] {
        assert_eq!(told(&flatten(body).expect_err("refused")), [(field, reason)]);
    }
}

#[test]
fn a_single_observation_time_is_read_strictly_and_not_from_the_future() {
    let now = DateTime::parse_from_rfc3339("2026-11-20T08:00:00+08:00").expect("a time").with_timezone(&Utc);
    assert_eq!(observed_at(&json!("2026-11-20T00:00:00Z"), now), Ok(now));
    for (given, reason) in [
        (json!("2026-11-20T00:06:00Z"), "in_the_future"),
        (json!("2026-11-20"), "bad_time"),
        (json!(5), "bad_time"),
        (json!("1066-10-14T09:00:00Z"), "out_of_range"),
    ] {
        assert_eq!(observed_at(&given, now).expect_err("refused").reason, reason, "{given}");
    }
}

#[test]
fn divisions_are_read_written_and_kept_when_only_a_name_comes() {
    let square =
        json!({"type": "Polygon", "coordinates": [[[121.0, 31.0], [121.2, 31.0], [121.2, 31.2], [121.0, 31.0]]]});
    let d = read_division(&map(json!({"code": "310117001", "name": "示例街道", "geometry": square})), None)
        .expect("a division");
    assert_eq!((d.code.as_str(), d.level), ("310117001000", Level::Town));
    assert_eq!(read_division(&write_division(&d), None), Ok(d.clone()));
    let renamed = read_division(&map(json!({"code": "310117001000", "name": "新名"})), Some(&d)).expect("a new name");
    assert_eq!((renamed.area.is_some(), renamed.name.as_str()), (true, "新名"));
    for (document, field, reason) in [
        (json!({"name": "无代码"}), "code", "missing"),
        (json!({"code": "310117", "name": ""}), "name", "missing"),
        (json!({"code": "12", "name": "a"}), "code", "bad_division_code"),
        (json!({"code": "xyz", "name": "a"}), "code", "bad_division_code"),
        (
            json!({"code": "310117", "name": "a", "geometry": {"type": "Point", "coordinates": [1, 2]}}),
            "geometry",
            "geometry_type",
        ),
        (json!({"code": "310117", "name": "a", "lon": 1}), "lon", "unknown_field"),
    ] {
        assert_eq!(told(&read_division(&map(document), None).expect_err("refused")), [(field, reason)]);
    }
}

#[test]
fn demand_without_a_population_is_refused_and_not_taken_as_nobody() {
    let d = read_demand(
        &map(json!({"code": "G1", "lon": 121.0, "lat": 31.0, "population": 12.5, "division": "310117001"})),
        None,
    )
    .expect("a demand point");
    assert_eq!(read_demand(&write_demand(&d), None), Ok(d.clone()));
    let more = read_demand(&map(json!({"population": 13})), Some(&d)).expect("more people");
    assert_eq!((more.population, more.position), (Population::whole(13), d.position));
    for (fields, field, reason) in [
        (json!({}), "population", "missing"),
        (json!({"population": null}), "population", "missing"),
        (json!({"population": -1}), "population", "out_of_range"),
        (json!({"population": 1e9}), "population", "out_of_range"),
        (json!({"population": "5"}), "population", "wrong_type"),
    ] {
        let mut document = map(json!({"code": "G1", "lon": 121.0, "lat": 31.0}));
        document.extend(map(fields));
        assert_eq!(told(&read_demand(&document, None).expect_err("refused")), [(field, reason)]);
    }
}

#[test]
fn floods_of_unknown_names_and_endless_lists_are_refused_in_few_words() {
    let mut document = map(bare());
    document.extend((0..10_000).map(|i| (format!("x{i}"), json!(i))));
    let refused = read(Some(Kind::Shelter), None, &document, None).expect_err("unknown fields");
    assert_eq!(refused.len(), 51);
    assert!(refused[50].en.contains("9950"), "{}", refused[50].en);
    let refused = shelter(json!({"hazards": vec!["nothing"; 100_000]})).expect_err("an endless list");
    assert_eq!(told(&refused), [("hazards", "out_of_range")]);
}
