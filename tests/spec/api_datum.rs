//! Every answer with positions in it can be had in another datum, and names it; distances say what a conversion costs; local
//! grids over HTTP.

use crate::house::{Answer, House};
use axum::http::Method;
use bihu::domain::{Datum, LonLat, Role};
use bihu::spatial::datum::{from_wgs84, to_wgs84};
use serde_json::{Value, json};

const ID: &str = "shelter-SJ-BN-0002";

fn place(value: &Value) -> LonLat {
    let at = |name: &str| value[name].as_f64().unwrap_or_else(|| panic!("{name}: {value}"));
    LonLat::new(at("lon"), at("lat")).expect("a position")
}

fn corner(geometry: &Value) -> LonLat {
    let mut value = &geometry["coordinates"];
    while value[0].is_array() {
        value = &value[0];
    }
    LonLat::new(value[0].as_f64().expect("lon"), value[1].as_f64().expect("lat")).expect("a position")
}

fn assert_shifted(plain: LonLat, shifted: LonLat, datum: Datum, what: &str) {
    let want = from_wgs84(datum, plain);
    let off = (want.lon() - shifted.lon()).abs().max((want.lat() - shifted.lat()).abs());
    assert!(off < 1e-12, "{what} {datum}: {shifted:?}, not {want:?}");
}

#[tokio::test]
async fn every_answer_with_positions_takes_a_datum_and_names_it() {
    let house = House::demo().await;
    for datum in [Datum::Gcj02, Datum::Bd09, Datum::Cgcs2000] {
        let ask = async |path: String| (house.get(&path).await.json(), datum);
        let both = async |path: &str, name: &str| {
            let join = if path.contains('?') { '&' } else { '?' };
            let (shifted, _) = ask(format!("{path}{join}{name}={datum}")).await;
            assert_eq!(shifted["datum"], datum.word(), "{path}");
            (ask(path.to_owned()).await.0, shifted)
        };
        let (plain, shifted) = both(&format!("/api/resources/{ID}"), "datum").await;
        assert_shifted(place(&plain), place(&shifted), datum, "resource");
        assert_shifted(corner(&plain["geometry"]), corner(&shifted["geometry"]), datum, "its area");
        assert!(plain.get("datum").is_none(), "only what is shifted names a datum there");

        let (plain, shifted) = both("/api/nearest?lon=121.22&lat=31.02&explain=true", "datum_out").await;
        assert_eq!(plain["datum"], "wgs84");
        for list in ["results", "rejected"] {
            for (a, b) in plain[list].as_array().expect("a list").iter().zip(shifted[list].as_array().expect("a list"))
            {
                assert_shifted(place(a), place(b), datum, list);
                assert_eq!((&a["distance_m"], &a["positions"]), (&b["distance_m"], &b["positions"]));
            }
        }
        assert_shifted(place(&plain["origin"]), place(&shifted["origin"]), datum, "origin");

        for layer in ["shelter", "divisions", "demand"] {
            let (plain, shifted) = both(&format!("/api/layers/{layer}"), "datum").await;
            let geometry = |answer: &Value| corner(&answer["features"][3]["geometry"]);
            assert_shifted(geometry(&plain), geometry(&shifted), datum, layer);
        }
        for path in ["/ogc/collections/shelters/items?limit=3", "/ogc/collections/divisions/items?limit=3"] {
            let (plain, shifted) = both(path, "datum").await;
            let geometry = |answer: &Value| corner(&answer["features"][1]["geometry"]);
            assert_shifted(geometry(&plain), geometry(&shifted), datum, path);
            let next = |answer: &Value| answer["links"].to_string();
            assert!(next(&shifted).contains(&format!("datum={datum}")), "the next page is in the same datum");
        }
        let (plain, shifted) = both(&format!("/ogc/collections/shelters/items/{ID}"), "datum").await;
        assert_shifted(corner(&plain["geometry"]), corner(&shifted["geometry"]), datum, "item");
        let (plain, shifted) = both("/api/search?q=%E6%96%B0%E6%A1%A5&limit=1", "datum").await;
        assert_shifted(place(&plain["results"][0]), place(&shifted["results"][0]), datum, "search");

        let around = json!({"point": [121.22, 31.02], "radius_m": 3000.0});
        let plain = house.post("/api/around", &around).await.json();
        let mut asked = around.clone();
        asked["datum_out"] = datum.word().into();
        let shifted = house.post("/api/around", &asked).await.json();
        assert_eq!((&plain["datum"], &shifted["datum"]), (&json!("wgs84"), &json!(datum.word())));
        assert_shifted(place(&plain["items"][0]), place(&shifted["items"][0]), datum, "around");
        let pair = |answer: &Value| corner(&json!({"coordinates": answer["origin"]}));
        assert_shifted(pair(&plain), pair(&shifted), datum, "around's origin");

        let plain = house.post("/api/coverage", &json!({})).await.json();
        let shifted = house.post("/api/coverage", &json!({"datum": datum.word()})).await.json();
        assert_eq!(shifted["datum"], datum.word());
        assert_shifted(corner(&plain["gap"]), corner(&shifted["gap"]), datum, "gap");
    }
    for path in ["/api/layers/shelter?datum=gps", "/ogc/collections/shelters/items?datum=gps"] {
        assert_eq!(house.get(path).await.violation(400, "datum")["reason"], "not_a_choice");
    }
    house.get("/api/nearest?lon=121.2&lat=31&datum_out=gps").await.violation(400, "datum_out");
    house
        .post("/api/around", &json!({"point": [121.2, 31.0], "radius_m": 9.0, "datum_out": "gps"}))
        .await
        .violation(422, "datum_out");
}

#[tokio::test]
async fn a_document_in_another_datum_can_not_be_sent_back_by_mistake() {
    let house = House::demo().await;
    let bearer = house.bearer();
    let path = format!("/api/resources/{ID}?datum=gcj02");
    let document = house.call(Method::GET, &path, &[("authorization", &bearer)], None).await.json();
    let refused = house.write(Method::PUT, ID, &[("if-match", "*")], Some(&document)).await;
    assert_eq!(refused.violation(422, "datum")["reason"], "unknown_field");
}

#[tokio::test]
async fn distances_from_converted_points_say_what_the_conversion_costs() {
    let house = House::demo().await;
    let at = to_wgs84(Datum::Gcj02, LonLat::new(121.225, 31.018).expect("a position"));
    let body = json!({
        "kind": "shelter", "code": "U-1", "name": "甲", "lon": at.lon(), "lat": at.lat(), "capacity": 10,
        "capacity_quality": "stated", "status": "open", "lifecycle": "in_service",
        "declared": {"datum": "gcj02", "lon": 121.225, "lat": 31.018},
    });
    house.create("shelter-U-1", &body).await;
    let answer = house.get("/api/nearest?lon=121.225&lat=31.018&datum=gcj02&k=30").await.json();
    assert!(answer["origin_uncertainty_m"].as_f64().is_some_and(|m| m > 0.0), "{answer}");
    let results = answer["results"].as_array().expect("results");
    let of = |id: &str| results.iter().find(|r| r["id"] == id).unwrap_or_else(|| panic!("no {id}"));
    assert_eq!(of("shelter-U-1")["position_uncertainty_m"], 0.5);
    assert!(results.iter().any(|r| r["position_uncertainty_m"].is_null()), "the others came in WGS84");
    let plain = house.get("/api/nearest?lon=121.22&lat=31.02").await.json();
    assert_eq!(plain["origin_uncertainty_m"], Value::Null);
    let around = json!({"point": [at.lon(), at.lat()], "radius_m": 5.0});
    let found = house.post("/api/around", &around).await.json();
    let item = found["items"].as_array().expect("items").iter().find(|i| i["id"] == "shelter-U-1").cloned();
    assert_eq!(item.expect("it")["position_uncertainty_m"], 0.5);
}

fn control(n: usize) -> Value {
    let points = [(0.0, 0.0), (9_000.0, 200.0), (300.0, 8_000.0), (7_000.0, 7_500.0), (4_000.0, 3_000.0)];
    let crs = bihu::domain::Crs::Local(bihu::domain::LocalGrid {
        name: String::new(),
        central_meridian_deg: 121.4,
        coefficients: [1.0, 0.01, -20_000.0, -0.01, 1.0, 3_430_000.0],
        rms_m: 0.0,
    });
    let point = |(x, y): &(f64, f64)| {
        let at = bihu::spatial::crs::to_wgs84(&crs, *x, *y).expect("near");
        json!({"x": x, "y": y, "lon": at.lon(), "lat": at.lat()})
    };
    json!({"points": points.iter().take(n).map(point).collect::<Vec<_>>(), "central_meridian_deg": 121.4})
}

#[tokio::test]
async fn grids_are_fitted_kept_listed_and_removed_by_those_who_may() {
    let house = House::demo().await;
    let (chief, editor) = (house.bearer(), house.token("town", Role::Editor, Some("310117102000")).await);
    let editor = format!("Bearer {editor}");
    let call = async |who: &str, method: Method, path: &str, body: Option<&Value>| -> Answer {
        let headers = [("authorization", who)];
        house.call(method, path, if who.is_empty() { &[] } else { &headers }, body).await
    };
    let fitted = call(&editor, Method::POST, "/api/grids/fit", Some(&control(5))).await.json();
    assert!(fitted["rms_m"].as_f64().expect("metres") < 1e-6, "{fitted}");
    assert_eq!(fitted["residuals"].as_array().expect("residuals").len(), 5);
    call("", Method::POST, "/api/grids/fit", Some(&control(5))).await.problem(401);
    call(&editor, Method::PUT, "/api/grids/town_2000", Some(&control(5))).await.problem(403);
    let path = "/api/grids/%E4%B8%8A%E6%B5%B72000";
    let kept = call(&chief, Method::PUT, path, Some(&control(5))).await.json();
    assert_eq!((&kept["name"], &kept["version"]), (&json!("上海2000"), &json!(1)));
    assert_eq!(call(&chief, Method::PUT, path, Some(&control(4))).await.json()["version"], 2);
    call(&chief, Method::PUT, "/api/grids/a%20b", Some(&control(5))).await.violation(422, "name");
    let wrong = call(&chief, Method::PUT, "/api/grids/one", Some(&control(1))).await;
    assert_eq!(wrong.violation(422, "points")["reason"], "too_few_points");
    let mut model = control(5);
    model["model"] = "spline".into();
    call(&chief, Method::POST, "/api/grids/fit", Some(&model)).await.violation(422, "model");
    call("", Method::GET, "/api/grids", None).await.problem(401);
    let listed = call(&editor, Method::GET, "/api/grids", None).await.json();
    assert_eq!((listed["grids"].as_array().map(Vec::len), &listed["grids"][0]["name"]), (Some(1), &json!("上海2000")));
    let crs = bihu::service::grids::resolve(&house.app, "local:上海2000").await.expect("it is kept");
    assert_eq!(crs.word(), "local:上海2000");
    call(&editor, Method::DELETE, path, None).await.problem(403);
    assert_eq!(call(&chief, Method::DELETE, path, None).await.status.as_u16(), 204);
    call(&chief, Method::DELETE, path, None).await.problem(404);
}

/// Returns the numbers of a resource in a datum, as a reader of that datum's map sees them.
async fn seen(house: &House, id: &str, datum: &str) -> (Value, String) {
    let bearer = house.bearer();
    let path = format!("/api/resources/{id}?datum={datum}");
    let answer = house.call(Method::GET, &path, &[("authorization", &bearer)], None).await;
    (answer.json(), answer.header("etag").to_owned())
}

async fn write_in(house: &House, method: Method, asked: &str, tag: &str, body: &Value) -> Answer {
    let bearer = house.bearer();
    let headers = [("authorization", bearer.as_str()), ("if-match", tag)];
    house.call(method, &format!("/api/resources/{asked}"), &headers, Some(body)).await
}

#[tokio::test]
async fn a_write_in_another_datum_moves_to_where_it_says_and_keeps_the_numbers() {
    let house = House::demo().await;
    for (datum, word) in [(Datum::Gcj02, "gcj02"), (Datum::Bd09, "bd09")] {
        let wanted = place(&house.get(&format!("/api/resources/{ID}")).await.json());
        let wanted = LonLat::new(wanted.lon() + 0.0002, wanted.lat() - 0.0001).expect("a position");
        let told = from_wgs84(datum, wanted);
        let body = json!({"lon": told.lon(), "lat": told.lat()});
        let asked = format!("{ID}?datum={word}&datum_out={word}");
        let answer = write_in(&house, Method::PATCH, &asked, "*", &body).await.json();
        assert_eq!(answer["datum"], word, "the answer names what it is in");
        assert_shifted(wanted, place(&answer), datum, "the answer");
        let kept = house.get(&format!("/api/resources/{ID}")).await.json();
        assert!((place(&kept).lon() - wanted.lon()).abs() < 1e-9 && (place(&kept).lat() - wanted.lat()).abs() < 1e-9);
        assert_eq!((&kept["declared"]["datum"], &kept["declared"]["lon"]), (&json!(word), &body["lon"]));
        assert!(kept["declared"]["conversion"].is_string(), "{kept}");
        // Without a word for the answer it is in WGS84, and says nothing else.
        let plain = write_in(&house, Method::PATCH, &format!("{ID}?datum={word}"), "*", &body).await.json();
        assert_eq!((place(&plain), plain.get("datum")), (place(&kept), None));
    }
}

#[tokio::test]
async fn a_document_sent_back_in_the_datum_that_it_was_read_in_moves_nothing() {
    let house = House::demo().await;
    let world = house.app.world();
    let with = |pick: fn(&bihu::domain::Resource) -> bool| {
        world.resources().find(|row| pick(&row.value)).expect("one of them").value.id.to_string()
    };
    let team = with(|r| r.team().is_some_and(|t| t.current.is_some()));
    let (area, point) = (with(|r| r.place.footprint.is_some()), with(|r| r.place.footprint.is_none()));
    for id in [team, area, point] {
        for word in ["gcj02", "bd09", "cgcs2000"] {
            let before = house.revision();
            let (document, tag) = seen(&house, &id, word).await;
            assert_eq!(document["datum"], word);
            write_in(&house, Method::PUT, &format!("{id}?datum={word}"), &tag, &document).await.json();
            assert_eq!(house.revision(), before, "{id} in {word}");
            // The other way round it is refused, as before, and so is another datum.
            for asked in [id.clone(), format!("{id}?datum=wgs84"), format!("{id}?datum=EPSG:4549")] {
                write_in(&house, Method::PUT, &asked, &tag, &document).await.violation(422, "datum");
            }
        }
    }
}

#[tokio::test]
async fn an_area_is_taken_away_by_null_in_another_datum_too() {
    let house = House::demo().await;
    let (document, tag) = seen(&house, ID, "gcj02").await;
    assert_eq!(document["geometry"]["type"], "Polygon");
    let body = json!({"lon": document["lon"], "lat": document["lat"], "geometry": null});
    let kept = write_in(&house, Method::PATCH, &format!("{ID}?datum=gcj02"), &tag, &body).await.json();
    assert_eq!(kept["geometry"], Value::Null, "the point is where it was, and the area is gone");
}

#[tokio::test]
async fn every_position_of_a_body_is_in_the_datum_named() {
    let house = House::demo().await;
    let world = house.app.world();
    let team = world.resources().find(|row| row.value.team().is_some()).expect("a team").value.id.to_string();
    let at = LonLat::new(121.225, 31.018).expect("a position");
    let told = from_wgs84(Datum::Gcj02, at);
    let body = json!({"current": {"lon": told.lon(), "lat": told.lat(), "observed_at": crate::house::now()}});
    let kept = write_in(&house, Method::PATCH, &format!("{team}?datum=gcj02"), "*", &body).await.json();
    assert!((place(&kept["current"]).lon() - at.lon()).abs() < 1e-9, "{kept}");
    let corners: Vec<Value> = [(0.0, 0.0), (0.001, 0.0), (0.001, 0.001), (0.0, 0.0)]
        .iter()
        .map(|(x, y)| from_wgs84(Datum::Gcj02, LonLat::new(121.225 + x, 31.018 + y).expect("a position")))
        .map(|p| json!([p.lon(), p.lat()]))
        .collect();
    let new = json!({
        "kind": "site", "code": "D-1", "name": "甲", "lon": told.lon(), "lat": told.lat(),
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    });
    let bearer = house.bearer();
    let headers = [("authorization", bearer.as_str()), ("if-none-match", "*")];
    let made = house.call(Method::PUT, "/api/resources/site-D-1?datum=gcj02", &headers, Some(&new)).await.json();
    assert!((corner(&made["geometry"]).lat() - 31.018).abs() < 1e-9, "{made}");
    let feature = json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [told.lon(), told.lat()]},
        "properties": {"kind": "site", "code": "D-2", "name": "乙"}});
    let made = house.call(Method::PUT, "/api/resources/site-D-2?datum=gcj02", &headers, Some(&feature)).await.json();
    assert!((place(&made).lon() - at.lon()).abs() < 1e-9, "{made}");
    assert_eq!(made["declared"]["lon"], json!(told.lon()));
    // Metres of a zone, and what can not be in it.
    let metres = json!({"lon": 521_480.0, "lat": 3_433_000.0});
    let moved = write_in(&house, Method::PATCH, "site-D-2?datum=EPSG:4549", "*", &metres).await.json();
    assert_eq!((&moved["declared"]["datum"], &moved["declared"]["x"]), (&json!("EPSG:4549"), &json!(521_480.0)));
    let degrees = json!({"lon": 121.2, "lat": 31.0});
    let refused = write_in(&house, Method::PATCH, "site-D-2?datum=EPSG:4549", "*", &degrees).await;
    assert_eq!(refused.violation(422, "lon")["reason"], "looks_like_degrees");
    let half = write_in(&house, Method::PATCH, "site-D-2?datum=gcj02", "*", &json!({"lon": 121.2})).await;
    assert_eq!(half.violation(422, "lat")["reason"], "missing");
    let text = json!({"lon": "121.2", "lat": 31.0});
    write_in(&house, Method::PATCH, "site-D-2?datum=gcj02", "*", &text).await.violation(422, "lon");
    for asked in ["site-D-2?datum=gps", "site-D-2?datum=local:none", "site-D-2?datum="] {
        write_in(&house, Method::PATCH, asked, "*", &metres).await.violation(400, "datum");
    }
    write_in(&house, Method::PATCH, "site-D-2?datum_out=gps", "*", &metres).await.violation(400, "datum_out");
}
