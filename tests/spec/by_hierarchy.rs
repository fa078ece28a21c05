//! The service answering by the hierarchy, over HTTP: every byte is that of the plain search, before a closure, under it, and
//! after it was lifted.

use crate::house::House;
use crate::on_roads::{
    Answering, BANKS, BRIDGE, Dice, TOWN, beside_answering, close, lift, list, on_roads, places, route_path, shelters,
    square,
};
use bihu::domain::Profile;
use bihu::service::roads::Travel;
use serde_json::json;

/// Those who are asked for, with what is kept small.
const ASKED: [(Profile, &str); 3] = [(Profile::Foot, "time"), (Profile::Car, "length"), (Profile::Emergency, "time")];

/// Returns whatever the service says of the roads, as text: routes, matrices, nearest, coverage and isochrones.
async fn said(house: &House) -> Vec<String> {
    let mut dice = Dice(11);
    let mut all = Vec::new();
    let to: Vec<[f64; 2]> = places(&shelters(house)).into_iter().take(30).collect();
    for (profile, metric) in ASKED {
        let by = profile.word();
        let from: Vec<[f64; 2]> = (0..12).map(|_| dice.place()).collect();
        for ends in [[from[0], from[1]], BANKS] {
            all.push(house.get(&format!("{}&metric={metric}", route_path(ends, by))).await.text());
        }
        let body = json!({"origins": from, "destinations": to, "by": by, "metric": metric});
        all.push(house.post("/api/matrix", &body).await.text());
        for [lon, lat] in [from[2], TOWN] {
            let nearest = format!("/api/nearest?lon={lon}&lat={lat}&by={by}&metric={metric}&k=9&explain=true");
            all.push(house.get(&nearest).await.text());
        }
        let standards = json!([{"level": "village", "seconds": 900}, {"level": "town", "seconds": 1800}]);
        all.push(house.post("/api/coverage", &json!({"by": by, "standards": standards})).await.text());
    }
    let spread = json!({"origins": [TOWN, BANKS[0]], "by": "car", "seconds": [300, 900]});
    all.push(house.post("/api/isochrones", &spread).await.text());
    all
}

async fn both_say_the_same(plain: &House, fast: &House, when: &str) -> Vec<String> {
    let (one, other) = (said(plain).await, said(fast).await);
    for (i, (one, other)) in one.iter().zip(&other).enumerate() {
        assert!(one == other, "{when}, answer {i}:\n{one:.600}\n{other:.600}");
    }
    one
}

#[tokio::test]
async fn what_the_service_answers_by_the_hierarchy_is_what_the_plain_search_answers() {
    let house = on_roads().await;
    let plain = beside_answering(&house, Answering::Plainly).await;
    let fast = beside_answering(&house, Answering::ByHierarchy).await;
    for (service, is_fast) in [(&plain, false), (&fast, true)] {
        let (roads, present) = (service.app.roads().expect("roads"), service.app.present());
        assert_eq!(roads.fast(&present, Travel::of(Profile::Car)).is_some(), is_fast);
    }
    let none = both_say_the_same(&plain, &fast, "with nothing closed").await;
    assert!(none.iter().filter(|answer| answer.contains("\"duration_s\":")).count() > 8, "there are ways");
    let mut effects = Vec::new();
    for by in [&plain, &fast] {
        // The same closures by either: what they cut off is reckoned by the search that answers there.
        let made = [
            close(by, json!({"type": "LineString", "coordinates": BRIDGE}), json!({"cause": "collapse"})).await,
            close(by, square(TOWN, 0.009), json!({"cause": "flood"})).await,
        ];
        for other in [&plain, &fast] {
            other.app.refresh().await.expect("the journal is read");
        }
        let shut = both_say_the_same(&plain, &fast, "with roads closed").await;
        assert!(shut.iter().zip(&none).filter(|(a, b)| a != b).count() > 8, "the closures are felt");
        let people = |made: &serde_json::Value| (made["cut_off"].clone(), made["delayed"].clone());
        effects.push(made.each_ref().map(people));
        for closure in &made {
            lift(by, closure).await;
        }
        for other in [&plain, &fast] {
            other.app.refresh().await.expect("the journal is read");
        }
        let after = both_say_the_same(&plain, &fast, "with everything lifted").await;
        assert_eq!(after.len(), none.len());
    }
    assert_eq!(effects[0], effects[1], "who is cut off and who is delayed");
    assert!(
        !list(&effects[0][0].0["sites"]).is_empty() || effects[0][1].0["people"].as_f64() > Some(0.0),
        "{effects:?}"
    );
}
