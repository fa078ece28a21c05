//! `POST /api/around` and `POST /api/coverage`: what they take, what they refuse, and sums that come out even.

use crate::house::House;
use bihu::domain::Role;
use geo::Validation;
use geo_types::{LineString, MultiPolygon, Polygon};
use serde_json::{Value, json};

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("not a number: {value}"))
}

fn multipolygon(coordinates: &Value) -> MultiPolygon<f64> {
    let parts: Vec<Vec<Vec<(f64, f64)>>> = serde_json::from_value(coordinates.clone()).expect("coordinates");
    let polygon = |mut rings: Vec<Vec<(f64, f64)>>| {
        let holes = rings.split_off(1);
        Polygon::new(LineString::from(rings.remove(0)), holes.into_iter().map(LineString::from).collect())
    };
    parts.into_iter().map(polygon).collect()
}

fn square(west: f64, south: f64, side: f64) -> Value {
    let (east, north) = (west + side, south + side);
    json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]})
}

#[tokio::test]
async fn around_a_point_counts_what_it_lists() {
    let house = House::demo().await;
    let answer =
        house.post("/api/around", &json!({"point": [121.22, 31.03], "radius_m": 4000, "limit": 5000})).await.json();
    let items = answer["items"].as_array().expect("items");
    assert_eq!(answer["items_total"], items.len());
    assert_eq!(answer["complete"], true);
    let total: u64 =
        answer["counts"].as_object().expect("counts").values().map(|c| c["total"].as_u64().expect("a count")).sum();
    assert_eq!(total, items.len() as u64);
    for (kind, count) in answer["counts"].as_object().expect("counts") {
        for by in ["by_level", "by_class", "by_status"] {
            let sum: u64 = count[by].as_object().expect("parts").values().filter_map(Value::as_u64).sum();
            assert!(sum == count["total"].as_u64().expect("a count") || count[by] == json!({}), "{kind} {by}: {count}");
        }
    }
    let distances: Vec<f64> = items.iter().map(|i| number(&i["distance_m"])).collect();
    assert!(distances.windows(2).all(|w| w[0] <= w[1]) && distances.iter().all(|d| *d <= 4000.0));
    let shelters = items.iter().filter(|i| i["kind"] == "shelter");
    let free: f64 = shelters.filter_map(|i| i["free_places"].as_f64()).sum();
    assert_eq!(number(&answer["places"]["free"]), free);
    assert!(number(&answer["population"]) > 0.0);
    let area = number(&answer["area_m2"]);
    assert!((area / (std::f64::consts::PI * 4000.0 * 4000.0) - 1.0).abs() < 0.001, "{area}");
}

#[tokio::test]
async fn around_a_polygon_lists_what_is_inside_and_a_limit_shortens_the_list_alone() {
    let house = House::demo().await;
    let whole = house.post("/api/around", &json!({"polygon": square(121.1, 30.9, 0.3)})).await.json();
    let short = house.post("/api/around", &json!({"polygon": square(121.1, 30.9, 0.3), "limit": 1})).await.json();
    assert_eq!(short["items"].as_array().map(Vec::len), Some(1));
    for name in ["counts", "places", "stock", "population", "items_total"] {
        assert_eq!(short[name], whole[name], "{name}");
    }
    let teams =
        house.post("/api/around", &json!({"polygon": square(121.1, 30.9, 0.3), "kinds": ["team"]})).await.json();
    assert!(teams["items"].as_array().expect("items").iter().all(|i| i["kind"] == "team"));
    assert_eq!(teams["counts"]["team"], whole["counts"]["team"]);
    let two = json!({"type": "MultiPolygon", "coordinates": [square(121.1, 30.9, 0.05)["coordinates"], square(121.2, 31.0, 0.05)["coordinates"]]});
    assert_eq!(house.post("/api/around", &json!({"polygon": two})).await.status, 200);
}

#[tokio::test]
async fn around_refuses_what_it_can_not_read_by_name() {
    let house = House::demo().await;
    let ring = |coordinates: Value| json!({"polygon": {"type": "Polygon", "coordinates": coordinates}});
    let bow_tie = ring(json!([[[121.0, 31.0], [121.1, 31.1], [121.1, 31.0], [121.0, 31.1], [121.0, 31.0]]]));
    let open = ring(json!([[[121.0, 31.0], [121.1, 31.0], [121.1, 31.1], [121.0, 31.1]]]));
    let swapped = ring(json!([[[31.0, 121.0], [31.1, 121.0], [31.1, 121.1], [31.0, 121.0]]]));
    let cases = [
        (json!({}), "point", ""),
        (json!({"point": [121.2, 31.0]}), "point", "radius_m"),
        (json!({"radius_m": 5}), "point", "radius_m"),
        (json!({"point": [121.2, 31.0], "radius_m": 5, "polygon": square(121.0, 31.0, 0.1)}), "point", "polygon"),
        (json!({"point": [31.0, 121.2], "radius_m": 5}), "point.lat", ""),
        (json!({"point": [121.2, 31.0, 4.0], "radius_m": 5}), "point", ""),
        (json!({"point": [121.2], "radius_m": 5}), "point", ""),
        (json!({"point": ["121.2", "31.0"], "radius_m": 5}), "point[0]", ""),
        (json!({"point": {"lon": 121.2, "lat": 31.0}, "radius_m": 5}), "point", ""),
        (json!({"point": [121.2, 31.0], "radius_m": 0}), "radius_m", "500000"),
        (json!({"point": [121.2, 31.0], "radius_m": -5}), "radius_m", "500000"),
        (json!({"point": [121.2, 31.0], "radius_m": 500_001}), "radius_m", "500000"),
        (json!({"point": [121.2, 31.0], "radius_m": "5 km"}), "radius_m", ""),
        (json!({"point": [121.2, 31.0], "radius_m": 5, "limit": 0}), "limit", "5000"),
        (json!({"point": [121.2, 31.0], "radius_m": 5, "limit": 5001}), "limit", "5000"),
        (json!({"point": [121.2, 31.0], "radius_m": 5, "limit": -1}), "limit", ""),
        (json!({"point": [121.2, 31.0], "radius_m": 5, "kinds": ["zoo"]}), "kinds[0]", "shelter"),
        (json!({"point": [121.2, 31.0], "radius_m": 5, "kinds": "team"}), "kinds", ""),
        (json!({"point": [121.2, 31.0], "radius_m": 5, "kinds": []}), "kinds", ""),
        (json!({"point": [121.2, 31.0], "radius_m": 5, "datum": "gps"}), "datum", "wgs84"),
        (json!({"point": [121.2, 31.0], "radius_m": 5, "raduis": 5}), "raduis", "raduis"),
        (bow_tie, "polygon", ""),
        (open, "polygon", ""),
        (swapped, "polygon", ""),
        (ring(json!([])), "polygon", ""),
        (ring(json!([[]])), "polygon", ""),
        (ring(json!([[[121.0, 31.0], [121.0, 31.0], [121.0, 31.0], [121.0, 31.0]]])), "polygon", ""),
        (ring(json!("text")), "polygon", ""),
        (json!({"polygon": {"type": "MultiPolygon", "coordinates": []}}), "polygon", ""),
        (json!({"polygon": {"type": "Point", "coordinates": [121.0, 31.0]}}), "polygon", "Polygon"),
        (
            json!({"polygon": {"type": "LineString", "coordinates": [[121.0, 31.0], [121.1, 31.0]]}}),
            "polygon",
            "Polygon, MultiPolygon",
        ),
        (json!({"polygon": {"type": "Feature", "geometry": square(121.0, 31.0, 0.1)}}), "polygon", "Polygon"),
        (json!({"polygon": "POLYGON((0 0, 1 0, 1 1, 0 0))"}), "polygon", ""),
        (json!({"polygon": null}), "point", "polygon"),
    ];
    for (body, field, says) in cases {
        let violation = house.post("/api/around", &body).await.violation(422, field);
        for language in ["zh", "en"] {
            assert!(violation[language].as_str().expect("a sentence").contains(says), "{body}: {violation}");
        }
    }
    let both = house.post("/api/around", &json!({"radius_m": "x", "raduis": 1, "limit": []})).await;
    assert_eq!(both.problem(422)["violations"].as_array().map(Vec::len), Some(3), "all at once");
}

#[tokio::test]
async fn a_polygon_of_a_hundred_thousand_vertices_is_answered_or_refused_soon() {
    let house = House::demo().await;
    let count = 60_000;
    let vertex = |i: usize| {
        let turn = std::f64::consts::TAU * (i % count) as f64 / count as f64;
        let radius = if i.is_multiple_of(2) { 0.1 } else { 0.0999 };
        json!([121.2 + radius * turn.cos(), 31.0 + radius * turn.sin()])
    };
    let ring: Vec<Value> = (0..=count).map(vertex).collect();
    let begun = std::time::Instant::now();
    let answer = house.post("/api/around", &json!({"polygon": {"type": "Polygon", "coordinates": [ring]}})).await;
    assert!([200, 422].contains(&answer.status.as_u16()));
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn coverage_comes_out_even() {
    let house = House::demo().await;
    let standards = json!([{"level": "village", "distance_m": 500}, {"level": "town", "distance_m": 1500}]);
    let asked = json!({"kinds": ["shelter"], "by": "air", "standards": standards});
    let answer = house.post("/api/coverage", &asked).await.json();
    let people = &answer["population"];
    assert_eq!(number(&people["total"]), 1_909_713.0, "the census");
    assert_eq!(number(&people["covered"]) + number(&people["uncovered"]), number(&people["total"]));
    for part in ["total", "covered", "uncovered"] {
        let divisions = answer["divisions"].as_array().expect("divisions");
        let sum: f64 = divisions.iter().map(|d| number(&d[part])).sum();
        assert_eq!(sum + number(&answer["outside"][part]), number(&people[part]), "{part}");
    }
    let times: Vec<f64> =
        answer["multiplicity"].as_array().expect("times").iter().map(|t| number(&t["population"])).collect();
    assert_eq!((times[0], times[1] + times[2]), (number(&people["uncovered"]), number(&people["covered"])));
    assert_eq!(answer["divisions"].as_array().map(Vec::len), Some(17));
    let gaps = answer["largest_gaps"].as_array().expect("gaps");
    assert!(gaps.windows(2).all(|w| number(&w[0]["uncovered"]) >= number(&w[1]["uncovered"])));
    assert_eq!(
        answer["parameters"]["standards"],
        json!([{"level": "village", "distance_m": 500.0}, {"level": "town", "distance_m": 1500.0}])
    );
    let levels = house.app.world().of_kind(bihu::domain::Audience::Public, bihu::domain::Kind::Shelter, None).count();
    let left_out: u64 = answer["left_out"].as_object().expect("left out").values().filter_map(Value::as_u64).sum();
    assert_eq!(answer["facilities"].as_u64().expect("a count") + left_out, levels as u64);
}

#[tokio::test]
async fn the_gap_is_one_valid_multipolygon_within_the_district() {
    let house = House::demo().await;
    for metres in [300.0, 500.0, 15_000.0] {
        let levels = ["village", "town", "district", "city"];
        let standards: Vec<Value> = levels.iter().map(|l| json!({"level": l, "distance_m": metres})).collect();
        let answer = house.post("/api/coverage", &json!({"standards": standards})).await.json();
        assert_eq!(answer["gap"]["type"], "MultiPolygon");
        let gap = multipolygon(&answer["gap"]["coordinates"]);
        assert!(gap.is_valid(), "{metres}: {:?}", gap.validation_errors());
        assert_eq!(answer["gap_withheld"], Value::Null);
        let (gap_m2, all_m2) = (number(&answer["gap_area_m2"]), number(&answer["area_m2"]));
        assert!((0.0..=all_m2).contains(&gap_m2));
        if metres > 10_000.0 {
            assert_eq!((gap.0.len(), gap_m2, number(&answer["population"]["uncovered"])), (0, 0.0, 0.0));
            assert_eq!(answer["gap_area_m2"].to_string(), "0.0", "nothing is not less than nothing");
        }
    }
}

#[tokio::test]
async fn a_gap_that_is_not_drawn_is_told_and_people_are_counted_all_the_same() {
    let house = House::demo().await;
    let levels = ["village", "town", "district", "city"];
    let standards: Vec<Value> = levels.iter().map(|l| json!({"level": l, "distance_m": 200_000})).collect();
    let answer = house.post("/api/coverage", &json!({"standards": standards})).await.json();
    assert_eq!((&answer["population"]["uncovered"], &answer["gap"]["type"]), (&json!(0), &json!("MultiPolygon")));
    assert_eq!(answer["complete"], answer["gap_withheld"].is_null());
    assert_eq!(answer["gap_area_m2"].is_null(), answer["gap_withheld"]["zh"].is_string(), "unknown is not zero");
    let nowhere = House::empty().await.post("/api/coverage", &json!({})).await.json();
    assert_eq!((&nowhere["gap_area_m2"], nowhere["gap_withheld"]["zh"].is_string()), (&Value::Null, true));
}

#[tokio::test]
async fn coverage_of_one_division_is_its_row_of_the_whole() {
    let house = House::demo().await;
    let whole = house.post("/api/coverage", &json!({})).await.json();
    let row = &whole["divisions"][3];
    let one = house.post("/api/coverage", &json!({"division": row["code"]})).await.json();
    assert_eq!(one["divisions"].as_array().map(Vec::len), Some(1));
    for part in ["total", "covered", "uncovered"] {
        assert_eq!(one["population"][part], row[part], "{part}");
    }
    house.post("/api/coverage", &json!({"division": "310999"})).await.problem(404);
}

#[tokio::test]
async fn stricter_questions_cover_fewer() {
    let house = House::demo().await;
    let covered = async |body: Value| number(&house.post("/api/coverage", &body).await.json()["population"]["covered"]);
    let all = covered(json!({})).await;
    let flood = covered(json!({"hazard": "flood"})).await;
    let open = covered(json!({"open": true})).await;
    let roomy = covered(json!({"capacity_rule": {"min_free_places": 500}})).await;
    let trusting = covered(json!({"capacity_rule": {"min_free_places": 500, "unknown": "count"}})).await;
    assert!(flood <= all && open < all && roomy < all && roomy <= trusting, "{all} {flood} {open} {roomy} {trusting}");
}

#[tokio::test]
async fn coverage_refuses_what_it_can_not_read_by_name() {
    let house = House::demo().await;
    let standard = |level: &str, metres: Value| json!({"standards": [{"level": level, "distance_m": metres}]});
    let cases = [
        (json!({"kinds": []}), "kinds", ""),
        (json!({"kinds": ["zoo"]}), "kinds[0]", "shelter"),
        (json!({"kinds": "shelter"}), "kinds", ""),
        (json!({"by": "boat"}), "by", "air"),
        (json!({"standards": []}), "standards", ""),
        (standard("hamlet", json!(500)), "standards[0].level", "village"),
        (standard("village", json!(0)), "standards[0].distance_m", "200000"),
        (standard("village", json!(-1)), "standards[0].distance_m", "200000"),
        (standard("village", json!(200_001)), "standards[0].distance_m", "200000"),
        (standard("village", json!("500")), "standards[0].distance_m", ""),
        (
            json!({"standards": [{"level": "town", "distance_m": 1}, {"level": "town", "distance_m": 2}]}),
            "standards[1].level",
            "",
        ),
        (json!({"standards": [{"level": "town"}]}), "standards[0].distance_m", "distance_m"),
        (json!({"standards": [{"level": "town", "distance_m": 1, "speed": 2}]}), "standards[0].speed", "distance_m"),
        (json!({"standards": [{"level": "town", "distance_m": 1}, 7]}), "standards[1]", ""),
        (json!({"division": "Songjiang"}), "division", ""),
        (json!({"hazard": "dragon"}), "hazard", "flood"),
        (json!({"open": "yes"}), "open", ""),
        (json!({"capacity_rule": {"min_free_places": -1}}), "capacity_rule.min_free_places", ""),
        (json!({"capacity_rule": {}}), "capacity_rule.min_free_places", ""),
        (json!({"capacity_rule": {"min_free_places": 1, "unknown": "hope"}}), "capacity_rule.unknown", "skip"),
        (json!({"standard": []}), "standard", "standard"),
    ];
    for (body, field, says) in cases {
        let violation = house.post("/api/coverage", &body).await.violation(422, field);
        for language in ["zh", "en"] {
            assert!(violation[language].as_str().expect("a sentence").contains(says), "{body}: {violation}");
        }
    }
}

#[tokio::test]
async fn staff_see_more_sites_and_so_no_less_coverage() {
    let house = House::demo().await;
    let staff = format!("Bearer {}", house.token("staff", Role::Reporter, None).await);
    let headers = [("authorization", staff.as_str())];
    let (public, staff) = (
        house.post("/api/coverage", &json!({})).await.json(),
        house.call(axum::http::Method::POST, "/api/coverage", &headers, Some(&json!({}))).await.json(),
    );
    assert!(public["facilities"].as_u64() < staff["facilities"].as_u64());
    assert!(number(&public["population"]["covered"]) <= number(&staff["population"]["covered"]));
}

#[tokio::test]
async fn what_is_full_or_closing_today_covers_only_what_it_suits() {
    let house = House::demo().await;
    let flood = json!({"hazard": "flood"});
    let before = house.post("/api/coverage", &flood).await.json();
    assert_eq!(before["left_out"]["hazard_unknown"], 9, "the closing one of unknown hazards is told like the others");
    let times: Vec<f64> =
        before["multiplicity"].as_array().expect("times").iter().map(|t| number(&t["population"])).collect();
    assert_eq!((times[1], times[2]), (680_350.0, 520_085.0));
    let open_before = house.post("/api/coverage", &json!({"hazard": "flood", "open": true})).await.json();
    let shut = |status: &str, hazard: &str| {
        json!({
            "kind": "shelter", "code": format!("X-{status}-{hazard}"), "name": "满员的避难场所", "lon": 121.25, "lat": 31.02,
            "level": "district", "status": status, "hazards": [hazard], "capacity": 10, "occupied": 10,
        })
    };
    for status in ["full", "closing"] {
        house.create(&format!("shelter-X-{status}"), &shut(status, "earthquake")).await;
    }
    let after = house.post("/api/coverage", &flood).await.json();
    assert_eq!((&after["facilities"], &after["population"]), (&before["facilities"], &before["population"]));
    assert_eq!(
        number(&after["left_out"]["hazard_unsuited"]),
        number(&before["left_out"]["hazard_unsuited"]) + 2.0,
        "told by the reason that holds on any day"
    );
    house.create("shelter-X-fit", &shut("full", "flood")).await;
    let fit = house.post("/api/coverage", &flood).await.json();
    assert_eq!(number(&fit["facilities"]), number(&before["facilities"]) + 1.0, "it still covers its surroundings");
    let now = house.post("/api/coverage", &json!({"hazard": "flood", "open": true})).await.json();
    assert_eq!(
        number(&now["left_out"]["full"]),
        number(&open_before["left_out"]["full"]) + 2.0,
        "but not when it is asked who is served now"
    );
}

#[tokio::test]
async fn where_nobody_has_counted_the_people_nobody_is_said_to_be_covered() {
    let house = House::empty().await;
    let answer = house.post("/api/coverage", &json!({})).await.json();
    let unknown = json!({"total": null, "covered": null, "uncovered": null});
    assert_eq!((&answer["population"], &answer["outside"], &answer["demand_points"]), (&unknown, &unknown, &json!(0)));
    assert!(answer["population_note"]["zh"].as_str().is_some_and(|zh| zh.contains("--kind demand")), "{answer}");
    for times in answer["multiplicity"].as_array().expect("times") {
        assert_eq!(times["population"], Value::Null);
    }
    let around = house.post("/api/around", &json!({"point": [121.22, 31.03], "radius_m": 4000})).await.json();
    assert_eq!((&around["population"], &around["demand_points"]), (&Value::Null, &json!(0)));
    let demo = House::demo().await;
    let far = demo.post("/api/around", &json!({"point": [2.35, 48.86], "radius_m": 4000})).await.json();
    assert_eq!(far["population"], Value::Null, "nobody was counted in Paris");
    let known = demo.post("/api/coverage", &json!({})).await.json();
    assert_eq!(known["population_note"], Value::Null);
    assert!(number(&known["demand_points"]) > 0.0);
}

#[tokio::test]
async fn a_part_of_a_body_that_does_not_fit_is_told_by_its_path_and_in_plain_words() {
    let house = House::empty().await;
    let cases = [
        (
            json!({"standards": [{"level": "village", "distance_m": 500, "x": 1}]}),
            "standards[0].x",
            [
                "没有名为“x”的字段；可用：level, distance_m, seconds",
                "there is no field `x`; known: level, distance_m, seconds",
            ],
        ),
        (
            json!({"standards": [{"level": "village", "distance_m": "far"}]}),
            "standards[0].distance_m",
            ["standards[0].distance_m 应为数字", "standards[0].distance_m must be a number"],
        ),
        (json!({"kinds": [1]}), "kinds[0]", ["kinds[0] 应为文本", "kinds[0] must be a string"]),
        (json!({"open": "yes"}), "open", ["open 应为true 或 false", "open must be true or false"]),
    ];
    for (body, field, [zh, en]) in cases {
        let violation = house.post("/api/coverage", &body).await.violation(422, field);
        assert_eq!((&violation["zh"], &violation["en"]), (&json!(zh), &json!(en)), "{body}");
    }
}
