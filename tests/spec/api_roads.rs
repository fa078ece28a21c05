//! Questions by road: nearest by travel time, routes, matrices, coverage and isochrones, each held to the matrix of all pairs.

use crate::house::House;
use crate::on_roads::{
    BANKS, Dice, LADDERS, TOWN, areas, close, list, matrix, number, on_roads, on_two_ladders, people, places, route,
    shelters, square, text,
};
use bihu::analysis::serving::{Asked, Openness, Verdict, judge};
use bihu::domain::{Hazard, Level, Profile};
use geo::Validation;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn asked_at([lon, lat]: [f64; 2], more: &str) -> String {
    format!("/api/nearest?lon={lon}&lat={lat}&{more}")
}

fn ids(all: &Value) -> Vec<String> {
    list(all).iter().map(|one| text(&one["id"])).collect()
}

fn millis(value: &Value) -> Option<u64> {
    value.as_f64().map(|s| (s * 1000.0).round() as u64)
}

fn shelter(code: &str, [lon, lat]: [f64; 2]) -> Value {
    json!({"kind": "shelter", "code": code, "name": format!("测试 {code}"), "lon": lon, "lat": lat, "capacity": 100,
        "level": "village", "status": "open", "synthetic": true})
}

#[tokio::test]
async fn nearest_by_road_is_what_the_matrix_and_the_judge_say_for_any_origin() {
    let house = on_roads().await;
    let all = shelters(&house);
    let to = places(&all);
    let asked = Asked { party: Some(60), hazard: Some(Hazard::Flood), ..Asked::default() };
    let mut dice = Dice(7);
    let mut refused_seen = 0;
    for turn in 0..20 {
        let origin = dice.place();
        let by = Profile::ALL[turn % Profile::ALL.len()].word();
        let metric = ["time", "length"][turn % 2];
        let costs = matrix(&house, (by, metric), (&[origin], &to)).await.remove(0);
        let key = |(ms, cm): (u64, u64)| if metric == "time" { ms } else { cm };
        let mut sure: Vec<(u64, usize)> = Vec::new();
        for (i, resource) in all.iter().enumerate() {
            let serves = matches!(judge(resource, &asked), Verdict::Serves);
            sure.extend(costs[i].filter(|_| serves).map(|cost| (key(cost), i)));
        }
        sure.sort_unstable();
        sure.truncate(6);
        let said = format!("by={by}&metric={metric}&k=6&party=60&hazard=flood&unknown=exclude&explain=true");
        let answer = house.get(&asked_at(origin, &said)).await.json();
        let expected: Vec<String> = sure.iter().map(|(_, i)| all[*i].id.to_string()).collect();
        assert_eq!(ids(&answer["results"]), expected, "{by} {metric} {origin:?}");
        for (result, (_, i)) in list(&answer["results"]).iter().zip(&sure) {
            let told =
                millis(&result["duration_s"]).zip(result["length_m"].as_f64().map(|m| (m * 100.0).round() as u64));
            assert_eq!(told, costs[*i], "{by} {metric} {origin:?}");
            assert!(number(&result["distance_m"]) > 0.0);
        }
        let farthest = if sure.len() == 6 { sure[5].0 } else { u64::MAX };
        let mut refused: BTreeSet<String> = BTreeSet::new();
        for (i, resource) in all.iter().enumerate().filter(|(i, _)| costs[*i].is_some_and(|c| key(c) <= farthest)) {
            if !sure.iter().any(|(_, s)| *s == i) && !matches!(judge(resource, &asked), Verdict::Serves) {
                refused.insert(resource.id.to_string());
            }
        }
        let rejected = list(&answer["rejected"]);
        assert_eq!(answer["rejected_total"], rejected.len());
        let reasoned = rejected.iter().filter(|r| r["reason"] != "unreachable");
        let told: BTreeSet<String> = reasoned.map(|r| text(&r["id"])).collect();
        refused_seen += told.len();
        assert_eq!(told, refused, "{by} {metric} {origin:?}");
        for one in rejected {
            let i = all.iter().position(|r| r.id.to_string() == text(&one["id"])).expect("a shelter");
            assert_eq!(one["reason"] == "unreachable", costs[i].is_none(), "{one}");
            assert_eq!(one["cause"].is_string(), costs[i].is_none(), "{one}");
            match judge(&all[i], &asked) {
                Verdict::Refused(reason) if costs[i].is_some() => assert_eq!(one["reason"], reason.word()),
                Verdict::Doubtful(reasons) if costs[i].is_some() => assert_eq!(one["reason"], reasons[0].word()),
                _ => {}
            }
        }
    }
    assert!(refused_seen > 20, "{refused_seen}");
}

#[tokio::test]
async fn by_road_and_by_air_the_same_shelters_serve_in_another_order() {
    let house = on_roads().await;
    let query = "k=100&within_m=4000&unknown=include&party=20&needs=accessible&explain=true";
    let air = house.get(&asked_at(BANKS[1], query)).await.json();
    let plain = house.get(&asked_at(BANKS[1], &format!("{query}&by=air"))).await.json();
    assert_eq!(air, plain, "air is what silence asks for");
    assert!(list(&air["results"]).iter().all(|r| r["duration_s"].is_null() && r["length_m"].is_null()));
    assert_eq!((&air["by"], &air["road"]), (&json!("air"), &Value::Null));
    for by in ["foot", "car"] {
        let road = house.get(&asked_at(BANKS[1], &format!("{query}&by={by}"))).await.json();
        let unreachable =
            list(&road["rejected"]).iter().filter(|r| r["reason"] == "unreachable").map(|r| text(&r["id"]));
        let served: BTreeSet<String> = ids(&road["results"]).into_iter().chain(unreachable).collect();
        assert!(served.is_superset(&ids(&air["results"]).into_iter().collect()), "{by}");
        assert!(ids(&road["results"]).iter().all(|id| ids(&air["results"]).contains(id)), "{by}");
        let times: Vec<f64> = list(&road["results"]).iter().map(|r| number(&r["duration_s"])).collect();
        assert!(times.is_sorted() && !times.is_empty());
        for r in list(&road["results"]) {
            let aside = number(&road["road"]["origin"]["aside_m"]) + 500.0;
            assert!(
                number(&r["length_m"]) + aside >= number(&r["distance_m"]),
                "no way is shorter than the straight line"
            );
        }
        assert_eq!((&road["by"], &road["method"]), (&json!(by), &json!("road-network")));
    }
}

#[tokio::test]
async fn a_limit_in_seconds_or_metres_cuts_the_list_where_it_says() {
    let house = on_roads().await;
    let whole = house.get(&asked_at(TOWN, "by=foot&k=20")).await.json();
    let limit = number(&whole["results"][7]["duration_s"]);
    let within = |r: &&Value, name: &str, most: f64| number(&r[name]) <= most;
    let near = house.get(&asked_at(TOWN, &format!("by=foot&k=20&within_s={limit}"))).await.json();
    let expected =
        list(&whole["results"]).iter().filter(|r| r["certain"] == true && within(r, "duration_s", limit)).count();
    let sure = list(&near["results"]).iter().filter(|r| r["certain"] == true).count();
    assert!(sure == expected && list(&near["results"]).iter().all(|r| within(&r, "duration_s", limit)), "{near}");
    let near = house.get(&asked_at(TOWN, "by=foot&k=20&metric=length&within_length_m=2500")).await.json();
    assert!(
        !list(&near["results"]).is_empty() && list(&near["results"]).iter().all(|r| within(&r, "length_m", 2500.0))
    );
}

#[tokio::test]
async fn what_can_not_be_reached_is_told_with_its_cause() {
    let ladders = on_two_ladders().await;
    ladders.create("near", &shelter("NEAR", [LADDERS[0][0] + 0.006, LADDERS[0][1]])).await;
    ladders.create("across", &shelter("ACROSS", LADDERS[1])).await;
    ladders.create("offshore", &shelter("OFF", [121.9, 31.0])).await;
    let answer = ladders.get(&asked_at(LADDERS[0], "by=foot&k=100&explain=true")).await.json();
    assert_eq!(ids(&answer["results"]), ["near"]);
    let cause = |answer: &Value, id: &str| {
        let found = list(&answer["rejected"]).iter().find(|r| r["id"] == id).cloned();
        let found = found.unwrap_or_else(|| panic!("{id} is not told"));
        assert_eq!((&found["reason"], &found["duration_s"]), (&json!("unreachable"), &Value::Null));
        assert!(found["sentence"]["zh"].is_string() && found["sentence"]["en"].is_string());
        text(&found["cause"])
    };
    assert_eq!(cause(&answer, "across"), "island");
    assert_eq!(cause(&answer, "offshore"), "off_network");
    let house = on_roads().await;
    let before = house.get(&asked_at(TOWN, "by=car&k=1")).await.json();
    let first = &before["results"][0];
    let at = [number(&first["lon"]), number(&first["lat"])];
    close(&house, square(at, 0.004), json!({"cause": "collapse"})).await;
    let after = house.get(&asked_at([TOWN[0] + 0.02, TOWN[1]], "by=car&k=100&explain=true")).await.json();
    assert_eq!(cause(&after, &text(&first["id"])), "closure");
    let stuck = house.get(&asked_at(at, "by=car&k=3&explain=true")).await.json();
    assert_eq!(stuck["results"], json!([]));
    assert!(text(&stuck["road"]["unreachable"]["zh"]).contains("封控"), "{}", stuck["road"]);
    let nowhere = house.get(&asked_at([121.9, 31.0], "by=car&k=3")).await.json();
    assert_eq!((&nowhere["results"], &nowhere["road"]["origin"]), (&json!([]), &Value::Null));
    assert!(nowhere["road"]["unreachable"]["en"].is_string());
    let explained = house.get(&asked_at([121.9, 31.0], "by=car&k=3&explain=true")).await.json();
    let told = list(&explained["rejected"]);
    assert!(!told.is_empty() && told.iter().all(|r| r["cause"] == "off_network"), "{explained}");
    assert!(told.windows(2).all(|pair| number(&pair[0]["distance_m"]) <= number(&pair[1]["distance_m"])));
}

#[tokio::test]
async fn an_islet_is_told_as_an_island_whoever_stands_there_and_whatever_lies_there() {
    /// On the path of the invented islet, which no road comes to.
    const ISLET: [f64; 2] = [121.315304, 30.962231];
    let house = on_roads().await;
    house.create("islet", &shelter("ISLET", ISLET)).await;
    let toward = house.get(&asked_at(BANKS[0], "by=foot&k=100&within_m=9000&explain=true")).await.json();
    let told = list(&toward["rejected"]).iter().find(|r| r["id"] == "islet");
    let told = told.unwrap_or_else(|| panic!("the shelter on the islet is not told: {toward}"));
    assert_eq!((&told["reason"], &told["cause"]), (&json!("unreachable"), &json!("island")));
    let off = house.get(&asked_at(ISLET, "by=foot&k=3&explain=true")).await.json();
    assert_eq!((&off["results"], &off["road"]["origin"]), (&json!([]), &Value::Null));
    assert!(text(&off["road"]["unreachable"]["zh"]).contains("不连通"), "{}", off["road"]);
    let told = list(&off["rejected"]);
    assert!(!told.is_empty() && told.iter().all(|r| r["cause"] == "island"), "{off}");
    for pair in [[BANKS[0], ISLET], [ISLET, BANKS[0]]] {
        assert_eq!(route(&house, pair, "foot").await["unreachable"]["cause"], "island", "{pair:?}");
    }
    // A car has no road on the islet, and comes near it on the bank.
    assert!(route(&house, [BANKS[0], ISLET], "car").await["unreachable"].is_null());
}

#[tokio::test]
async fn what_is_hidden_from_the_public_is_not_found_by_road_either() {
    let house = on_roads().await;
    let mut secret = shelter("SECRET", TOWN);
    secret["visibility"] = json!("operational");
    house.create("secret", &secret).await;
    let query = asked_at(TOWN, "by=foot&k=5&explain=true");
    let public = house.get(&query).await;
    assert!(!public.text().contains("secret") && !public.text().contains("SECRET"));
    assert_eq!(house.get_as_staff(&query).await.json()["results"][0]["id"], "secret");
    // Nor is it named among those that do not serve, or that no road leads to.
    let mut idle = shelter("SECRET2", TOWN);
    idle["visibility"] = json!("operational");
    idle["lifecycle"] = json!("suspended");
    house.create("secret2", &idle).await;
    let mut offshore = shelter("SECRET3", [TOWN[0], 31.3]);
    offshore["visibility"] = json!("operational");
    house.create("secret3", &offshore).await;
    let query = asked_at(TOWN, "by=foot&k=100&explain=true");
    assert!(!house.get(&query).await.text().contains("secret"));
    let staff = house.get_as_staff(&query).await.json();
    let named: BTreeSet<String> = ids(&staff["rejected"]).into_iter().collect();
    assert!(named.contains("secret2") && named.contains("secret3"), "{named:?}");
}

#[tokio::test]
async fn words_that_do_not_fit_are_refused_by_name() {
    let house = on_roads().await;
    for (more, field) in [
        ("by=boat", "by"),
        ("metric=time", "by"),
        ("by=air&conditions=rain", "by"),
        ("by=foot&metric=beauty", "metric"),
        ("by=air&within_s=60", "within_s"),
        ("by=foot&metric=length&within_s=60", "within_s"),
        ("by=foot&within_length_m=60", "within_length_m"),
        ("by=foot&time_factor=0", "time_factor"),
        ("by=foot&time_factor=21", "time_factor"),
        ("by=foot&conditions=rain,fog", "conditions"),
        ("by=foot&within_s=-1", "within_s"),
    ] {
        house.get(&asked_at(TOWN, more)).await.violation(400, field);
    }
    for (query, field) in [
        ("from=121.2,31.0&by=car", "to"),
        ("to=121.2,31.0&by=car", "from"),
        ("from=121.2,31.0&to=121.3,31.0", "by"),
        ("from=121.2,31.0&to=121.3,31.0&by=air", "by"),
        ("from=121.2,91&to=121.3,31.0&by=car", "from"),
        ("from=NaN,31&to=121.3,31.0&by=car", "from"),
        ("from=121.2&to=121.3,31.0&by=car", "from"),
        ("from=121.2,31.0&to=121.3,31.0&by=car&colour=red", "colour"),
    ] {
        let problem = house.get(&format!("/api/route?{query}")).await.problem(400);
        let named = list(&problem["violations"]).iter().any(|v| text(&v["field"]).starts_with(field));
        assert!(named, "{query}: {problem}");
    }
}

#[tokio::test]
async fn the_straight_line_is_offered_only_where_it_is_taken() {
    let house = on_roads().await;
    let by = |problem: &Value| list(&problem["violations"]).iter().find(|v| v["field"] == "by").map(Value::to_string);
    let route = |by: &str| format!("/api/route?from=121.2,31.0&to=121.3,31.0&by={by}");
    for word in ["air", "boat"] {
        let mut problems = vec![house.get(&route(word)).await.problem(400)];
        let spread = json!({"origins": [TOWN], "by": word, "seconds": [60]});
        problems.push(house.post("/api/isochrones", &spread).await.problem(422));
        let matrix = json!({"origins": [TOWN], "destinations": [TOWN], "by": word});
        problems.push(house.post("/api/matrix", &matrix).await.problem(422));
        for problem in problems {
            let said = by(&problem).unwrap_or_else(|| panic!("{problem}"));
            assert!(said.contains("foot, wheelchair") && !said.contains("air, foot"), "{said}");
            assert_eq!(list(&problem["violations"]).len(), 1, "{problem}");
        }
    }
    let missing = house.post("/api/isochrones", &json!({"origins": [TOWN], "seconds": [60]})).await.problem(422);
    assert_eq!(missing["violations"][0]["reason"], "missing", "{missing}");
    let wrong = house.get(&asked_at(TOWN, "by=boat")).await.problem(400);
    assert!(by(&wrong).is_some_and(|said| said.contains("air, foot")));
}

#[tokio::test]
async fn without_a_network_the_answer_names_the_way_to_have_one() {
    let house = House::demo().await;
    let bodies = [
        ("/api/matrix", json!({"origins": [TOWN], "destinations": [TOWN], "by": "car"})),
        ("/api/isochrones", json!({"origins": [TOWN], "by": "car", "seconds": [60]})),
        ("/api/coverage", json!({"by": "foot", "standards": [{"level": "town", "seconds": 600}]})),
    ];
    let mut problems = vec![
        house.get(&asked_at(TOWN, "by=car")).await.problem(404),
        house.get("/api/route?from=121.2,31.0&to=121.3,31.0&by=car").await.problem(404),
    ];
    for (path, body) in &bodies {
        problems.push(house.post(path, body).await.problem(404));
    }
    for problem in problems {
        assert_eq!(problem["type"], "urn:bihu:problem:no-network");
        assert!(problem.to_string().contains("bihu serve --network"), "{problem}");
    }
    assert_eq!(house.get(&asked_at(TOWN, "by=air")).await.status, 200);
}

#[tokio::test]
async fn conditions_multiply_durations_and_change_no_order() {
    let house = on_roads().await;
    let plain = house.get(&asked_at(TOWN, "by=car&k=20")).await.json();
    for more in ["conditions=rain", "conditions=rain,night,crowd", "time_factor=2.5", "time_factor=0.1"] {
        let slow = house.get(&asked_at(TOWN, &format!("by=car&k=20&{more}"))).await.json();
        let factor = number(&slow["road"]["time_factor"]);
        assert!((factor - 1.0).abs() > 0.01, "{more}");
        assert_eq!(ids(&slow["results"]), ids(&plain["results"]), "{more}");
        for (a, b) in list(&plain["results"]).iter().zip(list(&slow["results"])) {
            assert!((number(&a["duration_s"]) * factor - number(&b["duration_s"])).abs() < 0.002, "{more} {a} {b}");
            assert_eq!(a["length_m"], b["length_m"]);
        }
        let limit = number(&slow["results"][4]["duration_s"]);
        let near =
            house.get(&asked_at(TOWN, &format!("by=car&k=20&{more}&within_s={limit}&unknown=exclude"))).await.json();
        assert!(
            list(&near["results"]).iter().all(|r| number(&r["duration_s"]) <= limit),
            "a limit is in slowed seconds"
        );
    }
}

#[tokio::test]
async fn a_route_costs_what_the_matrix_says_and_its_steps_add_up() {
    let house = on_roads().await;
    let mut dice = Dice(11);
    let ends: Vec<[[f64; 2]; 2]> = (0..12).map(|_| [dice.place(), dice.place()]).collect();
    for (by, pairs) in ["foot", "wheelchair", "car", "truck", "emergency"].iter().zip(ends.chunks(2).cycle()) {
        for pair in pairs {
            let answer = route(&house, *pair, by).await;
            let told = matrix(&house, (by, "time"), (&pair[..1], &pair[1..])).await[0][0];
            let cost =
                millis(&answer["duration_s"]).zip(answer["length_m"].as_f64().map(|m| (m * 100.0).round() as u64));
            assert_eq!(cost, told, "{by} {pair:?}");
            assert_eq!(answer["unreachable"].is_null(), told.is_some(), "{by} {pair:?}");
            let Some((ms, cm)) = told else {
                assert_eq!((&answer["geometry"], &answer["steps"]), (&Value::Null, &json!([])));
                continue;
            };
            let line = list(&answer["geometry"]["coordinates"]);
            for (end, place) in [(&line[0], "from"), (&line[line.len() - 1], "to")] {
                let off = |i: usize, name: &str| (number(&end[i]) - number(&answer[place][name])).abs();
                assert!(off(0, "lon") < 2e-7 && off(1, "lat") < 2e-7, "{place}: {end} {}", answer[place]);
                assert!(number(&answer[place]["aside_m"]) <= 500.0);
            }
            let sum = |name: &str, unit: f64| -> u64 {
                list(&answer["steps"]).iter().map(|s| (number(&s[name]) * unit).round() as u64).sum()
            };
            assert_eq!((sum("duration_s", 1000.0), sum("length_m", 100.0)), (ms, cm), "{by} {pair:?}");
            let steps = list(&answer["steps"]);
            assert_eq!(
                (&steps[0]["maneuver"], &steps[steps.len() - 1]["maneuver"]),
                (&json!("depart"), &json!("arrive"))
            );
            assert!(steps.iter().all(|s| s["zh"].is_string() && s["en"].is_string()));
        }
    }
}

#[tokio::test]
async fn the_steps_of_a_slow_route_add_up_to_the_millisecond() {
    let house = on_roads().await;
    let mut dice = Dice(12);
    let mut seen = 0;
    for by in ["car&time_factor=1.234", "foot&conditions=rain,night", "truck&time_factor=0.777"].repeat(4) {
        let answer = route(&house, [dice.place(), dice.place()], by).await;
        let steps = list(&answer["steps"]);
        let ms = |value: &Value| (number(value) * 1000.0).round() as u64;
        if steps.len() > 3 {
            let sum: u64 = steps.iter().map(|step| ms(&step["duration_s"])).sum();
            assert_eq!(sum, ms(&answer["duration_s"]), "{by}");
            seen += 1;
        }
    }
    assert!(seen > 3, "{seen} routes");
}

#[tokio::test]
async fn a_route_to_where_one_is_goes_nowhere_and_a_route_that_is_not_has_its_cause() {
    let house = on_roads().await;
    let here = route(&house, [TOWN, TOWN], "foot").await;
    assert_eq!((number(&here["duration_s"]), number(&here["length_m"])), (0.0, 0.0));
    let line = list(&here["geometry"]["coordinates"]);
    assert!(line.len() == 2 && line[0] == line[1], "a line has two positions: {line:?}");
    let island = route(&on_two_ladders().await, LADDERS, "foot").await;
    assert_eq!(island["unreachable"]["cause"], "island");
    let off = route(&house, [TOWN, [121.9, 31.0]], "car").await;
    assert_eq!((&off["unreachable"]["cause"], &off["to"]), (&json!("off_network"), &Value::Null));
    let shut = close(&house, square(TOWN, 0.006), json!({"cause": "collapse"})).await;
    let other = close(&house, square(BANKS[0], 0.004), json!({"cause": "collapse"})).await;
    let closed = route(&house, [BANKS[1], TOWN], "car").await;
    assert_eq!(closed["unreachable"]["cause"], "closure");
    assert_eq!(closed["unreachable"]["closures"], json!([shut["id"]]), "not {}", other["id"]);
    for answer in [&island, &off, &closed] {
        assert!(answer["duration_s"].is_null() && answer["length_m"].is_null() && answer["geometry"].is_null());
        assert!(answer["unreachable"]["zh"].is_string() && answer["unreachable"]["en"].is_string());
    }
}

/// Coverage as the matrix says: people covered never, once, twice or more.
async fn counted(
    house: &House,
    (by, metric): (&str, &str),
    standards: &[(Level, f64)],
    town: Option<&str>,
) -> ([f64; 3], usize) {
    let asked = Asked { openness: Openness::AnyDay, ..Asked::default() };
    let all: Vec<_> = shelters(house)
        .into_iter()
        .filter(|r| matches!(judge(r, &asked), Verdict::Serves))
        .filter_map(|r| standards.iter().find(|(level, _)| Some(*level) == r.level).map(|(_, most)| (r.clone(), *most)))
        .collect();
    let to = places(&all.iter().map(|(r, _)| r.clone()).collect::<Vec<_>>());
    let world = house.app.world();
    let there =
        world.settled().iter().map(|p| town.is_none_or(|t| p.town.as_ref().is_some_and(|p| p.to_string() == t)));
    let people: Vec<_> = people(house).into_iter().zip(there).filter_map(|(p, there)| there.then_some(p)).collect();
    let from: Vec<[f64; 2]> = people.iter().map(|(at, _)| *at).collect();
    let costs = matrix(house, (by, metric), (&from, &to)).await;
    let mut sums = [0.0; 3];
    for ((_, count), row) in people.iter().zip(&costs) {
        let near = |((_, most), cost): &(&(_, f64), &Option<(u64, u64)>)| {
            let (key, unit) = if metric == "time" { (cost.map(|c| c.0), 1000.0) } else { (cost.map(|c| c.1), 100.0) };
            key.is_some_and(|key| key as f64 <= *most * unit)
        };
        sums[all.iter().zip(row).filter(near).count().min(2)] += count;
    }
    (sums, all.len())
}

fn told(answer: &Value) -> [f64; 3] {
    [0, 1, 2].map(|i| number(&answer["multiplicity"][i]["population"]))
}

#[tokio::test]
async fn coverage_by_road_counts_whom_the_matrix_counts_and_follows_closures() {
    let house = on_roads().await;
    let body =
        json!({"by": "foot", "standards": [{"level": "village", "seconds": 900}, {"level": "town", "seconds": 1800}]});
    let answer = house.post("/api/coverage", &body).await.json();
    let (sums, facilities) =
        counted(&house, ("foot", "time"), &[(Level::Village, 900.0), (Level::Town, 1800.0)], None).await;
    assert_eq!(answer["facilities"], facilities);
    assert_eq!(told(&answer), sums);
    assert!(sums.iter().all(|sum| *sum > 0.0), "{sums:?}");
    let population = |name: &str| number(&answer["population"][name]);
    assert_eq!(population("covered"), sums[1] + sums[2]);
    assert_eq!(population("uncovered"), sums[0]);
    assert_eq!(population("total"), sums.iter().sum::<f64>());
    assert_eq!((&answer["complete"], &answer["gap_withheld"]), (&json!(true), &Value::Null));
    let gap = areas(&answer["gap"]);
    assert!(gap.is_valid() && !gap.0.is_empty());
    assert!(number(&answer["gap_area_m2"]) < number(&answer["area_m2"]));
    assert!(number(&answer["gap_tolerance_m"]) >= 200.0);
    let revision = answer["revision"].clone();
    close(&house, square(TOWN, 0.009), json!({"cause": "flood"})).await;
    let after = house.post("/api/coverage", &body).await.json();
    assert!(number(&after["population"]["covered"]) < population("covered"));
    assert!(number(&after["gap_area_m2"]) > number(&answer["gap_area_m2"]));
    let mut here = body.clone();
    here["division"] = json!("310117102000");
    let after = house.post("/api/coverage", &here).await.json();
    let (sums, _) =
        counted(&house, ("foot", "time"), &[(Level::Village, 900.0), (Level::Town, 1800.0)], Some("310117102000"))
            .await;
    assert_eq!(told(&after), sums);
    assert!(sums.iter().sum::<f64>() > 0.0);
    let mut past = body.clone();
    past["as_of"] = revision;
    assert_eq!(told(&house.post("/api/coverage", &past).await.json()), told(&answer), "as it stood then");
}

#[tokio::test]
async fn coverage_by_road_in_metres_counts_whom_the_matrix_counts() {
    let house = on_roads().await;
    let body = json!({"by": "car", "division": "310117102000", "standards": [{"level": "village", "distance_m": 1500}, {"level": "district", "distance_m": 6000}]});
    let answer = house.post("/api/coverage", &body).await.json();
    let (sums, facilities) = counted(
        &house,
        ("car", "length"),
        &[(Level::Village, 1500.0), (Level::District, 6000.0)],
        Some("310117102000"),
    )
    .await;
    assert_eq!((answer["facilities"].as_u64(), told(&answer)), (Some(facilities as u64), sums));
    assert_eq!(answer["parameters"]["by"], "car");
}

#[tokio::test]
async fn coverage_refuses_measures_that_do_not_go_together() {
    let house = on_roads().await;
    let two = |a: Value, b: Value| json!([a, b]);
    let seconds = json!({"level": "town", "seconds": 600});
    for (body, field) in [
        (json!({"standards": [seconds]}), "standards"),
        (json!({"by": "air", "standards": [seconds]}), "standards"),
        (
            json!({"by": "foot", "standards": two(seconds.clone(), json!({"level": "village", "distance_m": 500}))}),
            "standards",
        ),
        (
            json!({"by": "foot", "standards": [{"level": "town", "seconds": 600, "distance_m": 5}]}),
            "standards[0].seconds",
        ),
        (json!({"by": "foot", "standards": [{"level": "town"}]}), "standards[0].distance_m"),
        (json!({"by": "foot", "standards": [{"level": "town", "seconds": 0}]}), "standards[0].seconds"),
        (json!({"by": "boat"}), "by"),
        (json!({"conditions": ["rain"]}), "by"),
        (json!({"by": "foot", "time_factor": 0}), "time_factor"),
    ] {
        house.post("/api/coverage", &body).await.violation(422, field);
    }
}

#[tokio::test]
async fn isochrones_come_largest_first_and_count_whom_the_matrix_counts() {
    let house = on_roads().await;
    // Nobody drives 6 km in 3 minutes, nor walks as far in half an hour.
    let near = |at: [f64; 2], b: [f64; 2]| (at[0] - b[0]).abs() < 0.07 && (at[1] - b[1]).abs() < 0.06;
    let people: Vec<_> = people(&house).into_iter().filter(|(at, _)| near(*at, TOWN) || near(*at, BANKS[1])).collect();
    let homes: Vec<[f64; 2]> = people.iter().map(|(at, _)| *at).collect();
    let (drive, walk) = ([60.0, 180.0, 120.0], [600.0, 1800.0, 1200.0]);
    for (by, toward, bands) in [("car", "away", drive), ("car", "origin", drive), ("foot", "away", walk)] {
        let body = json!({"origins": [TOWN, BANKS[1]], "by": by, "seconds": bands, "toward": toward});
        let answer = house.post("/api/isochrones", &body).await;
        assert_eq!(answer.header("content-type"), "application/geo+json");
        assert_eq!(answer.bytes, house.post("/api/isochrones", &body).await.bytes, "the same question, the same bytes");
        let answer = answer.json();
        let features = list(&answer["features"]);
        let limits: Vec<f64> = features.iter().map(|f| number(&f["properties"]["seconds"])).collect();
        assert_eq!(limits, [bands[1], bands[2], bands[0]]);
        let costs: Vec<Vec<Option<(u64, u64)>>> = match toward {
            "away" => matrix(&house, (by, "time"), (&[TOWN, BANKS[1]], &homes)).await,
            _ => {
                let rows = matrix(&house, (by, "time"), (&homes, &[TOWN, BANKS[1]])).await;
                (0..2).map(|i| rows.iter().map(|row| row[i]).collect()).collect()
            }
        };
        for feature in features {
            let limit = number(&feature["properties"]["seconds"]) * 1000.0;
            let near = |i: usize| costs.iter().any(|row| row[i].is_some_and(|(ms, _)| ms as f64 <= limit));
            let sum: f64 = (0..homes.len()).filter(|i| near(*i)).map(|i| people[i].1).sum();
            assert_eq!(number(&feature["properties"]["population"]), sum, "{by} {toward} {limit}");
            assert!(areas(&feature["geometry"]).is_valid(), "{by} {toward} {limit}");
        }
        assert!(number(&features[0]["properties"]["population"]) > 0.0, "{by} {toward}");
        let sizes: Vec<f64> = features.iter().map(|f| number(&f["properties"]["area_m2"])).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
        assert!(features.iter().all(|f| number(&f["properties"]["tolerance_m"]) >= 30.0));
    }
}

#[tokio::test]
async fn an_isochrone_toward_a_one_way_street_is_another_than_away_from_it() {
    let house = on_roads().await;
    let ask = |toward: &str| json!({"origins": [[121.1937, 30.9220]], "by": "car", "metres": [400], "toward": toward});
    let [away, origin] = [
        house.post("/api/isochrones", &ask("away")).await.json(),
        house.post("/api/isochrones", &ask("origin")).await.json(),
    ];
    assert_eq!((&away["toward"], &origin["toward"]), (&json!("away"), &json!("origin")));
    assert_ne!(away["features"][0]["geometry"], origin["features"][0]["geometry"]);
    assert_eq!(
        (&away["features"][0]["properties"]["metres"], &away["features"][0]["properties"]["seconds"]),
        (&json!(400.0), &Value::Null)
    );
}

#[tokio::test]
async fn bodies_that_ask_too_much_or_what_is_not_known_are_refused_by_name() {
    let house = on_roads().await;
    let many = |count: usize| vec![TOWN; count];
    for (path, body, field) in [
        ("/api/matrix", json!({"origins": many(1001), "destinations": [TOWN], "by": "car"}), "origins"),
        ("/api/matrix", json!({"origins": [TOWN], "destinations": many(1001), "by": "car"}), "destinations"),
        ("/api/matrix", json!({"origins": [], "destinations": [TOWN], "by": "car"}), "origins"),
        ("/api/matrix", json!({"origins": [TOWN], "destinations": [TOWN], "by": "air"}), "by"),
        ("/api/matrix", json!({"origins": [TOWN], "destinations": [TOWN], "by": "car", "colour": 1}), "colour"),
        ("/api/isochrones", json!({"origins": many(201), "by": "car", "seconds": [60]}), "origins"),
        ("/api/isochrones", json!({"origins": [TOWN], "by": "car", "seconds": vec![60; 11]}), "seconds"),
        ("/api/isochrones", json!({"origins": [TOWN], "by": "car", "seconds": []}), "seconds"),
        ("/api/isochrones", json!({"origins": [TOWN], "by": "car", "seconds": [0]}), "seconds[0]"),
        ("/api/isochrones", json!({"origins": [TOWN], "by": "car", "seconds": [60, 86401]}), "seconds[1]"),
        ("/api/isochrones", json!({"origins": [TOWN], "by": "car"}), "seconds"),
        ("/api/isochrones", json!({"origins": [TOWN], "by": "car", "seconds": [60], "metres": [60]}), "seconds"),
        ("/api/isochrones", json!({"origins": [TOWN], "by": "car", "seconds": [60], "tolerance_m": 1}), "tolerance_m"),
        ("/api/isochrones", json!({"origins": [TOWN], "by": "car", "seconds": [60], "toward": "up"}), "toward"),
        ("/api/isochrones", json!({"origins": [TOWN], "by": "car", "seconds": [60], "colour": 1}), "colour"),
        ("/api/isochrones", json!({"origins": [[121.2, 91.0]], "by": "car", "seconds": [60]}), "origins[0].lat"),
        ("/api/coverage", json!({"by": "foot", "colour": 1}), "colour"),
    ] {
        let answer = house.post(path, &body).await;
        assert!(answer.status.is_client_error(), "{path} {field}: {}", answer.text());
        let problem = answer.problem(answer.status.as_u16());
        let named = problem["violations"].as_array().is_some_and(|all| all.iter().any(|v| v["field"] == field));
        assert!(named, "{path} {field}: {problem}");
    }
}

#[tokio::test]
async fn a_body_that_lacks_members_is_told_every_one_of_them() {
    let house = on_roads().await;
    for (path, body, lacking) in [
        ("/api/matrix", json!({}), &["origins", "destinations", "by"][..]),
        ("/api/matrix", json!({"origins": [TOWN], "by": "car"}), &["destinations"]),
        ("/api/isochrones", json!({}), &["origins", "by", "seconds"]),
        ("/api/isochrones", json!({"origins": [TOWN], "seconds": [60]}), &["by"]),
        ("/api/closures", json!({}), &["type", "geometry", "reason"]),
        ("/api/closures", json!({"type": "Feature", "properties": {"reason": "演练"}}), &["geometry"]),
        ("/api/coverage", json!({"by": "foot", "standards": [{"seconds": 900}]}), &["standards[0].level"]),
        ("/api/coverage", json!({"by": "foot", "standards": [{"level": "village"}]}), &["standards[0].distance_m"]),
    ] {
        let answer = house.post_by(&house.admin, path, &body).await;
        let problem = answer.problem(answer.status.as_u16());
        let named: BTreeSet<String> = list(&problem["violations"]).iter().map(|v| text(&v["field"])).collect();
        assert_eq!(named, lacking.iter().map(|name| (*name).to_owned()).collect(), "{path} {body}: {problem}");
        assert!(answer.status == 400 || answer.status == 422, "{path} {body}: {}", answer.status);
    }
}
