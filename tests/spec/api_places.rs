//! `GET /api/places`: what it finds, for whom, and what it refuses.

use crate::house::House;
use bihu::service::roads::Roads;
use serde_json::{Value, json};
use std::sync::Arc;

/// The demonstration district over the roads and names of a small town.
async fn town() -> House {
    let house = House::demo().await;
    house.app.lay_roads(Roads::open(Arc::new(crate::places::file())).expect("a network file"));
    house
}

async fn find(house: &House, query: &str) -> Vec<Value> {
    let answer = house.get(&format!("/api/places?q={query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()["places"].as_array().expect("places").clone()
}

fn kinds(places: &[Value]) -> Vec<&str> {
    places.iter().filter_map(|p| p["kind"].as_str()).collect()
}

/// Text in a query string.
fn coded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn names_roads_crossings_addresses_divisions_and_resources_are_found() {
    let house = town().await;
    let first = |places: Vec<Value>, kind: &str| {
        let found = places.iter().find(|p| p["kind"] == kind).cloned();
        found.unwrap_or_else(|| panic!("no {kind} among {places:?}"))
    };
    let station = first(find(&house, "sjnz&lon=121.22&lat=31.03").await, "poi");
    assert_eq!(station["name"], "松江南站");
    assert_eq!((&station["match"], &station["match_zh"]), (&json!("initials"), &json!("拼音首字母")));
    assert_eq!(
        (&station["class"], &station["class_zh"], &station["kind_zh"]),
        (&json!("station"), &json!("车站"), &json!("地点"))
    );
    assert!(station["distance_m"].as_f64().is_some_and(|m| (6_000.0..7_500.0).contains(&m)), "{station}");
    assert!(station["division_name"].is_string(), "it lies in a town: {station}");
    let crossing = first(find(&house, &coded("人民路 乐都路")).await, "crossing");
    assert_eq!(crossing["distance_m"], Value::Null, "it was not said whence");
    let street = first(find(&house, &coded("文诚路")).await, "street");
    assert_eq!((&street["name_en"], &street["match"]), (&json!("Wencheng Road"), &json!("exact")));
    let number = first(find(&house, &coded("文诚路500号")).await, "address");
    assert_eq!((&number["name"], &number["house"]), (&json!("文诚路500号"), &json!("same")));
    let beside = find(&house, &coded("文诚路499号")).await;
    let told: Vec<_> = beside.iter().filter(|p| p["kind"] == "address").map(|p| p["house"].clone()).collect();
    assert_eq!(told, ["lower", "higher"]);
    let world = house.app.world();
    let division = world.divisions().find(|row| row.value.area.is_some()).expect("a division").value.clone();
    let found = first(find(&house, &coded(&division.name)).await, "division");
    assert_eq!((&found["id"], &found["class"]), (&json!(division.code.to_string()), &json!(division.level.word())));
    let shelter = &world.resources().find(|row| row.value.is_public()).expect("a resource").value;
    let found = first(find(&house, &coded(shelter.code.as_str())).await, "resource");
    assert_eq!((&found["id"], &found["class"]), (&json!(shelter.id.to_string()), &json!(shelter.kind().word())));
}

#[tokio::test]
async fn without_a_network_file_divisions_resources_and_coordinates_are_found() {
    let house = House::demo().await;
    assert_eq!(kinds(&find(&house, "121.23,%2031.03").await), ["coordinate"]);
    let places = find(&house, "sj&limit=50").await;
    assert!(places.iter().all(|p| p["kind"] == "division" || p["kind"] == "resource"), "{places:?}");
    assert!(!places.is_empty());
    let again = find(&house, "sj&limit=50").await;
    assert_eq!(places, again);
}

#[tokio::test]
async fn coordinates_are_a_place_in_either_order_and_in_their_own_datum() {
    let house = House::demo().await;
    let at = |places: &[Value]| {
        (places[0]["position"][0].as_f64().unwrap_or(0.0), places[0]["position"][1].as_f64().unwrap_or(0.0))
    };
    for typed in ["121.23,31.03", "121.23 31.03", "31.03，121.23", "121.23; 31.03"] {
        assert_eq!(at(&find(&house, &coded(typed)).await), (121.23, 31.03), "{typed}");
    }
    // Given and answered in the datum of the map services, the numbers stay as they are, and the place is elsewhere.
    let there = at(&find(&house, "121.23,31.03&datum=gcj02&datum_out=gcj02").await);
    assert!((there.0 - 121.23).abs() < 1e-6 && (there.1 - 31.03).abs() < 1e-6, "{there:?}");
    let shifted = at(&find(&house, "121.23,31.03&datum=gcj02").await);
    assert!((shifted.0 - 121.23).abs() > 1e-3);
    let answer = house.get("/api/places?q=121.23,31.03&datum_out=bd09").await.json();
    assert_eq!(answer["datum"], "bd09");
    assert!((answer["places"][0]["position"][0].as_f64().expect("a longitude") - 121.23).abs() > 1e-3);
    for nothing in ["999,31", "121.23", "1,2,3", "121.23,abc", "nan 31"] {
        assert!(!kinds(&find(&house, &coded(nothing)).await).contains(&"coordinate"), "{nothing}");
    }
}

#[tokio::test]
async fn a_pair_with_something_that_is_no_number_is_refused_and_not_taken_for_pinyin() {
    let house = House::demo().await;
    // A name that pinyin would find, were the pair read so.
    for (id, name) in [("south", "南31号避难所"), ("both", "南南避难所"), ("abroad", "INF 31 Shelter")] {
        let body = json!({"kind": "shelter", "code": id, "name": name, "lon": 121.2, "lat": 31.0, "synthetic": true});
        house.create(id, &body).await;
    }
    for typed in ["NaN,31", "nan,nan", "31,NaN", "inf,31", "-inf; 31", "121.2，Infinity", "1e999,31", "ｎａｎ，３１"]
    {
        let answer = house.get(&format!("/api/places?q={}", coded(typed))).await;
        let violation = answer.violation(400, "q");
        assert_eq!(violation["reason"], "not_a_number", "{typed}");
        for lang in ["zh", "en"] {
            let told = violation[lang].as_str().expect("a sentence");
            assert!(told.contains(typed) && told.contains("121.23, 31.03"), "{typed}: {told}");
        }
    }
    // With a blank between it is a name.
    for (typed, id) in [("nan31", "south"), ("nan 31", "south"), ("nan nan", "both"), ("inf 31", "abroad")] {
        assert_eq!(find(&house, &coded(typed)).await[0]["id"], id, "{typed}");
    }
}

#[tokio::test]
async fn a_code_is_found_when_it_is_typed_half_way_dash_and_all() {
    let house = crate::on_roads::on_roads().await;
    let public = |id: &str| house.app.world().resources().any(|row| row.value.id.to_string() == id);
    let code = house.app.world().resources().find(|row| row.value.is_public()).expect("a resource").value.code.clone();
    let code = code.as_str();
    let dashes: Vec<usize> = code.match_indices('-').map(|(at, _)| at + 1).collect();
    assert!(dashes.len() >= 2, "{code}");
    let after_dash = dashes.iter().copied();
    for end in after_dash.clone().chain(after_dash.map(|end| end + 1)) {
        let typed = &code[..end];
        for typed in [typed.to_owned(), typed.to_lowercase(), typed.replace('-', "－")] {
            let found = find(&house, &format!("{}&limit=50", coded(&typed))).await;
            let of_code = found.iter().take_while(|p| p["id"].as_str().is_some_and(public)).count();
            assert!(of_code >= 3, "{typed}: {found:?}");
            for place in &found[..of_code] {
                let answer =
                    house.get(&format!("/api/resources/{}", place["id"].as_str().expect("an id"))).await.json();
                let its = answer["code"].as_str().expect("a code");
                assert!(its.starts_with(&code[..end]), "{typed} finds {its}");
                assert_eq!((&place["match"], &place["code"]), (&json!("prefix"), &json!(its)), "{typed}");
            }
        }
    }
}

#[tokio::test]
async fn traditional_characters_find_what_is_written_in_simplified_ones_and_the_other_way_round() {
    let house = crate::on_roads::on_roads().await;
    let body = json!({"kind": "shelter", "code": "TRAD-1", "name": "華亭廣場避難場所", "lon": 121.2, "lat": 31.0, "synthetic": true});
    house.create("traditional", &body).await;
    for typed in ["松江區", "松江区"] {
        let first = &find(&house, &coded(typed)).await[0];
        // It is shown as it is written.
        assert_eq!((&first["name"], &first["match"]), (&json!("松江区"), &json!("exact")), "{typed}");
    }
    for typed in ["华亭广场避难场所", "華亭廣場", "华亭", "廣场避難", "huatingguangchang", "htgc"] {
        let first = &find(&house, &coded(typed)).await[0];
        assert_eq!((&first["id"], &first["name"]), (&json!("traditional"), &json!("華亭廣場避難場所")), "{typed}");
    }
    for typed in ["示例晴川路與示例桂子大道路口", "晴川路 與 桂子大道", "晴川路與桂子大道交叉口處"]
    {
        let found = find(&house, &coded(typed)).await;
        assert!(found.iter().any(|p| p["kind"] == "crossing"), "{typed}: {found:?}");
    }
}

#[tokio::test]
async fn bad_questions_are_refused_by_name() {
    let house = House::demo().await;
    let long = "松".repeat(101);
    let refused = [
        ("", "q"),
        ("q=", "q"),
        ("q=%20%20", "q"),
        (&format!("q={}", coded(&long)), "q"),
        (&format!("q={}", "a".repeat(300)), "q"),
        ("q=a%00b", "q"),
        ("q=a%0Ab", "q"),
        ("q=a%1Bb", "q"),
        ("q=a&limit=0", "limit"),
        ("q=a&limit=51", "limit"),
        ("q=a&lon=121", "lat"),
        ("q=a&lat=31", "lon"),
        ("q=a&lon=x&lat=31", "lon"),
        ("q=a&datum=mars", "datum"),
        ("q=a&kind=castle", "kind"),
        ("q=a&near=here", "near"),
        ("q=a&q=b", "q"),
    ];
    for (query, field) in refused {
        let violation = house.get(&format!("/api/places?{query}")).await.violation(400, field);
        assert!(violation["zh"].is_string() && violation["en"].is_string(), "{query}: {violation}");
    }
    assert_eq!(house.get(&format!("/api/places?q={}", coded(&"松".repeat(100)))).await.status, 200);
}

#[tokio::test]
async fn a_hidden_resource_is_found_by_staff_alone_and_changes_nothing_the_public_finds() {
    let house = House::demo().await;
    let asked = [
        "csmmbn",
        "ceshimimi",
        "ceshimimo",
        "SECRET-7",
        "secret",
        "%E7%A7%98%E5%AF%86",
        "c&limit=50",
        "ceshi&limit=50",
    ];
    let mut before = Vec::new();
    for query in asked {
        before.push(house.get(&format!("/api/places?q={query}")).await.text());
    }
    for n in 0..4 {
        let body = json!({"kind": "shelter", "code": format!("SECRET-{n}7"), "name": "测试秘密避难所", "lon": 121.2, "lat": 31.0,
            "visibility": "operational", "synthetic": true});
        house.create(&format!("secret-{n}"), &body).await;
    }
    for (query, old) in asked.iter().zip(before) {
        assert_eq!(house.get(&format!("/api/places?q={query}")).await.text(), old, "{query}");
    }
    let staff = house.get_as_staff("/api/places?q=csmmbn").await.json();
    let found = staff["places"].as_array().expect("places");
    assert_eq!(found.len(), 4, "{staff}");
    assert!(found.iter().all(|p| p["visibility"] == "operational"));
}

#[tokio::test]
async fn a_new_name_is_found_at_once_and_an_old_one_no_more() {
    let house = House::demo().await;
    let body =
        json!({"kind": "shelter", "code": "NEW-1", "name": "泖塔避难所", "lon": 121.2, "lat": 31.0, "synthetic": true});
    let named = coded("泖塔");
    assert_eq!(find(&house, &named).await, Vec::<Value>::new());
    house.create("new", &body).await;
    assert_eq!(find(&house, &named).await[0]["id"], "new");
    assert_eq!(find(&house, "maota").await[0]["match"], "pinyin");
    house.patch("new", &json!({"name": "方塔避难所", "lon": 121.21})).await;
    assert_eq!(find(&house, &named).await, Vec::<Value>::new());
    let moved = find(&house, "fangtabinan").await;
    assert_eq!(moved[0]["position"][0], 121.21);
}

#[tokio::test]
async fn kinds_of_resources_that_were_not_asked_for_are_left_out() {
    let house = House::demo().await;
    let of = |places: Vec<Value>| -> Vec<String> {
        let resources = places.into_iter().filter(|p| p["kind"] == "resource");
        resources.filter_map(|p| p["class"].as_str().map(str::to_owned)).collect()
    };
    let all = of(find(&house, "sj&limit=50").await);
    let some = of(find(&house, "sj&limit=50&kind=warehouse").await);
    assert!(!some.is_empty() && some.iter().all(|kind| kind == "warehouse"), "{all:?} {some:?}");
}

#[tokio::test]
async fn letters_alone_mean_a_name_and_a_code_is_found_by_its_figures() {
    let house = crate::on_roads::on_roads().await;
    let songjiang = |found: &[Value]| found.first().map(|p| p["name"].clone());
    for typed in ["sj", "sjq", "songjiang", "songj", "SJ"] {
        let found = find(&house, &format!("{typed}&limit=50")).await;
        assert_eq!(songjiang(&found), Some(json!("松江区")), "{typed}: {:?}", found.first());
    }
    let resource = house.app.world().resources().find(|row| row.value.is_public()).expect("a resource").value.clone();
    let code = resource.code.as_str();
    for typed in [code.to_owned(), code.to_lowercase(), code.replace('-', "")] {
        assert_eq!(find(&house, &typed).await[0]["id"], resource.id.to_string(), "{typed}");
    }
    let part = &code[..code.len() - 1];
    assert!(find(&house, part).await.iter().all(|p| p["kind"] == "resource"), "{part}");
}

#[tokio::test]
async fn every_crossing_is_found_by_the_label_that_it_is_told_by() {
    let house = crate::on_roads::on_roads().await;
    let mut tried = 0;
    for street in ["大道", "路", "街"] {
        for other in find(&house, &format!("{}&limit=50", coded(street))).await.iter().filter(|p| p["kind"] == "street")
        {
            let name = other["name"].as_str().expect("a name");
            let with = find(&house, &format!("{}&limit=50", coded(&format!("{name}与示例")))).await;
            for crossing in with.iter().filter(|p| p["kind"] == "crossing") {
                let label = crossing["name"].as_str().expect("a label");
                let again = find(&house, &coded(label)).await;
                assert!(again.iter().any(|p| p["name"] == label), "{label}: {again:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 30, "{tried} crossings");
    for typed in
        ["示例晴川路与示例桂子大道路口", "晴川路与桂子大道路口", "晴川路桂子大道路口", "晴川路与桂子大道交叉口"]
    {
        let found = find(&house, &coded(typed)).await;
        assert!(found.iter().any(|p| p["kind"] == "crossing"), "{typed}: {found:?}");
    }
}

#[tokio::test]
async fn a_settlement_of_the_map_that_is_a_division_is_told_once() {
    let house = crate::on_roads::on_roads().await;
    let found = find(&house, &format!("{}&limit=50", coded("松江区"))).await;
    let so_called: Vec<_> = found.iter().filter(|p| p["name"] == "松江区").map(|p| &p["kind"]).collect();
    assert_eq!(so_called, ["division"]);
    let towns: Vec<String> = house
        .app
        .world()
        .divisions()
        .filter(|row| row.value.level.word() == "town" && row.value.area.is_some())
        .map(|row| row.value.name.clone())
        .collect();
    assert!(towns.len() > 10, "{towns:?}");
    for town in towns {
        let found = find(&house, &format!("{}&limit=50", coded(&town))).await;
        let so_called = found.iter().filter(|p| p["name"] == town && p["kind"] != "resource").count();
        assert_eq!(so_called, 1, "{town}: {found:?}");
    }
}

#[tokio::test]
async fn wide_figures_are_coordinates_too() {
    let house = House::demo().await;
    let found = find(&house, &coded("１２１．２３，３１．０３")).await;
    assert_eq!((&found[0]["kind"], &found[0]["position"]), (&json!("coordinate"), &json!([121.23, 31.03])));
}
