//! Who may do what: roles × scopes × changes as one table, and the rights beside the journal as two more.
//!
//! `+` is yes; anything else is the right that the denial names.

use crate::house::House;
use crate::house::now;
use axum::http::Method;
use bihu::domain::{
    Actor, Capacity, Change, Correction, CorrectionId, CorrectionState, Detail, Division, DivisionCode, Edit, Field,
    LonLat, Observation, Occupancy, Resource, ResourceId, Right, Role, may, may_grant, permit,
};
use serde_json::json;
use std::sync::Arc;

const TOWN: &str = "310117003000";
const VILLAGE: &str = "310117003002";

/// A change, the scope of who makes it, and what becomes of it by role. The thing changed lies in village 310117003002.
///
/// Scopes: `all` the whole store, `dist` its district, `town` its town, `vill` its village, `other` another town.
const TABLE: &str = "
change            scope  public   reporter        editor          dispatcher      planner         steward  admin
live              all    sign_in  +               +               +               edit_resources  +        +
live              dist   sign_in  +               +               +               edit_resources  +        +
live              town   sign_in  +               +               +               edit_resources  +        +
live              vill   sign_in  +               +               +               edit_resources  +        +
live              other  sign_in  scope           scope           scope           edit_resources  scope    scope
capacity          all    sign_in  edit_resources  +               edit_resources  edit_resources  +        +
capacity          vill   sign_in  edit_resources  +               edit_resources  edit_resources  +        +
capacity          other  sign_in  edit_resources  scope           edit_resources  edit_resources  scope    scope
vouch_capacity    all    sign_in  edit_resources  +               edit_resources  edit_resources  +        +
create            all    sign_in  edit_resources  +               edit_resources  edit_resources  +        +
create            town   sign_in  edit_resources  +               edit_resources  edit_resources  +        +
create            other  sign_in  edit_resources  scope           edit_resources  edit_resources  scope    scope
remove            town   sign_in  edit_resources  +               edit_resources  edit_resources  +        +
remove            other  sign_in  edit_resources  scope           edit_resources  edit_resources  scope    scope
no_division       all    sign_in  edit_resources  +               edit_resources  edit_resources  +        +
no_division       town   sign_in  edit_resources  scope           edit_resources  edit_resources  scope    scope
out_of_town       dist   sign_in  edit_resources  +               edit_resources  edit_resources  +        +
out_of_town       town   sign_in  edit_resources  scope           edit_resources  edit_resources  scope    scope
out_of_town       other  sign_in  edit_resources  scope           edit_resources  edit_resources  scope    scope
into_town         town   sign_in  edit_resources  scope           edit_resources  edit_resources  scope    scope
out_of_village    town   sign_in  edit_resources  +               edit_resources  edit_resources  +        +
out_of_village    vill   sign_in  edit_resources  scope           edit_resources  edit_resources  scope    scope
demand            all    sign_in  edit_demand     edit_demand     edit_demand     +               +        +
demand            town   sign_in  edit_demand     edit_demand     edit_demand     +               +        +
demand            other  sign_in  edit_demand     edit_demand     edit_demand     scope           scope    scope
village_border    all    sign_in  edit_divisions  edit_divisions  edit_divisions  edit_divisions  +        +
village_border    town   sign_in  edit_divisions  edit_divisions  edit_divisions  edit_divisions  +        +
village_border    vill   sign_in  edit_divisions  edit_divisions  edit_divisions  edit_divisions  scope    scope
village_border    other  sign_in  edit_divisions  edit_divisions  edit_divisions  edit_divisions  scope    scope
town_border       dist   sign_in  edit_divisions  edit_divisions  edit_divisions  edit_divisions  +        +
town_border       town   sign_in  edit_divisions  edit_divisions  edit_divisions  edit_divisions  scope    scope
report            other  +        +               +               +               +               +        +
answer            all    sign_in  answer_reports  +               +               answer_reports  +        +
answer            town   sign_in  answer_reports  +               +               answer_reports  +        +
answer            other  sign_in  answer_reports  scope           scope           answer_reports  scope    scope
answered_report   all    sign_in  answer_reports  answer_reports  answer_reports  answer_reports  +        +
unreport          all    sign_in  answer_reports  answer_reports  answer_reports  answer_reports  +        +
";

fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).expect("a division code")
}

fn actor(role: Role, scope: &str) -> Actor {
    let scope = match scope {
        "all" => None,
        "dist" => Some(code("310117")),
        "town" => Some(code(TOWN)),
        "vill" => Some(code(VILLAGE)),
        "other" => Some(code("310117102")),
        odd => panic!("no scope {odd}"),
    };
    Actor { name: "somebody".to_owned(), role, scope }
}

fn resource(before: Option<Resource>, after: Option<Resource>) -> Change {
    Change::Resource(Edit { before: before.map(Arc::new), after: after.map(Arc::new) })
}

fn with(base: &Resource, change: impl FnOnce(&mut Resource)) -> Resource {
    let mut after = base.clone();
    change(&mut after);
    after
}

fn in_division(base: &Resource, division: &str) -> Resource {
    with(base, |r| r.division = Some(code(division)))
}

/// Returns the change of a line of the table.
fn change(word: &str, shelter: &Resource, (demand, correction): (&bihu::domain::DemandPoint, &Correction)) -> Change {
    let base = in_division(shelter, VILLAGE);
    let border = |text: &str| {
        let division = |name: &str| Division {
            code: code(text),
            name: name.to_owned(),
            name_en: None,
            level: code(text).level(),
            area: None,
            source: None,
            synthetic: true,
        };
        Change::Division(Edit { before: Some(Arc::new(division("甲"))), after: Some(Arc::new(division("乙"))) })
    };
    let report = |before: Option<&Correction>, after: Option<&Correction>| {
        Change::Correction(Edit { before: before.cloned().map(Arc::new), after: after.cloned().map(Arc::new) })
    };
    let answered =
        Correction { state: CorrectionState::Accepted, reply: Some("已改".to_owned()), ..correction.clone() };
    match word {
        "live" => {
            let after = with(&base, |r| {
                if let Detail::Shelter(shelter) = &mut r.detail {
                    shelter.occupancy = Occupancy { occupied: Some(7), ..shelter.occupancy };
                }
                r.observations.insert(Field::Occupancy, seen());
            });
            resource(Some(base), Some(after))
        }
        "capacity" => {
            let after = with(&base, |r| {
                if let Detail::Shelter(shelter) = &mut r.detail {
                    shelter.capacity = Capacity::Unknown;
                }
            });
            resource(Some(base), Some(after))
        }
        "vouch_capacity" => {
            let after = with(&base, |r| {
                r.observations.insert(Field::Capacity, seen());
            });
            resource(Some(base), Some(after))
        }
        "create" => resource(None, Some(base)),
        "remove" => resource(Some(base), None),
        "no_division" => {
            let after = with(&base, |r| r.remarks = Some("改".to_owned()));
            let no = |r: Resource| with(&r, |r| r.division = None);
            resource(Some(no(base)), Some(no(after)))
        }
        "out_of_town" => resource(Some(base.clone()), Some(in_division(&base, "310117102000"))),
        "into_town" => resource(Some(in_division(&base, "310117102000")), Some(base)),
        "out_of_village" => resource(Some(base.clone()), Some(in_division(&base, "310117003001"))),
        "demand" => {
            let mut point = demand.clone();
            point.division = Some(code(VILLAGE));
            Change::Demand(Edit { before: None, after: Some(Arc::new(point)) })
        }
        "village_border" => border(VILLAGE),
        "town_border" => border(TOWN),
        "report" => report(None, Some(correction)),
        "answer" => report(Some(correction), Some(&answered)),
        "answered_report" => report(None, Some(&answered)),
        "unreport" => report(Some(correction), None),
        odd => panic!("no change {odd}"),
    }
}

fn seen() -> Observation {
    Observation { observed_at: now(), verifier: None, source: None }
}

#[tokio::test]
async fn roles_scopes_and_changes_are_permitted_as_the_table_says() {
    let house = House::demo().await;
    let world = house.app.world();
    let shelter =
        world.resource(&ResourceId::parse("shelter-SJ-BN-0001").expect("an id")).expect("the shelter").value.clone();
    let demand = world.demand().next().expect("a demand point").value.clone();
    let correction = json!({ "id": CorrectionId::from_bits(1), "resource": shelter.id, "division": VILLAGE, "public": true,
        "fault": "closed", "message": "门锁了", "reported_at": now(), "due_at": now(), "state": "open" });
    let correction: Correction = serde_json::from_value(correction).expect("a report");
    let mut lines = TABLE.trim().lines();
    let roles: Vec<Role> =
        lines.next().expect("a head").split_whitespace().skip(2).filter_map(Role::from_word).collect();
    assert_eq!(roles, Role::ALL, "every role has its column");
    let mut wrong = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(cells.len(), 2 + roles.len(), "{line}");
        let change = change(cells[0], &shelter, (&demand, &correction));
        for (role, expected) in roles.iter().zip(&cells[2..]) {
            let found = permit(&actor(*role, cells[1]), &change).map_or_else(|denial| denial.missing, |()| "+");
            if found != *expected {
                wrong.push(format!("{} {} {role}: {found}, not {expected}", cells[0], cells[1]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A right beside the journal, the scope of who asks, and the answer by role.
const RIGHTS: &str = "
right            scope  public   reporter        editor         dispatcher     planner         steward        admin
see_staff_data   all    sign_in  +               +              +              +               +              +
edit_resources   all    sign_in  edit_resources  +              edit_resources edit_resources  +              +
edit_resources   town   sign_in  edit_resources  +              edit_resources edit_resources  +              +
import           all    sign_in  import          +              import         +               +              +
import           town   sign_in  import          +              import         +               +              +
answer_reports   all    sign_in  answer_reports  +              +              answer_reports  +              +
close_roads      all    sign_in  +               close_roads    +              close_roads     +              +
close_roads      town   sign_in  +               close_roads    +              close_roads     +              +
keep_feeds       all    sign_in  keep_feeds      keep_feeds     keep_feeds     keep_feeds      +              +
keep_settings    all    sign_in  keep_settings   keep_settings  keep_settings  keep_settings   +              +
keep_settings    town   sign_in  keep_settings   keep_settings  keep_settings  keep_settings   keep_settings  keep_settings
keep_accounts    all    sign_in  keep_accounts   keep_accounts  keep_accounts  keep_accounts   keep_accounts  +
keep_accounts    town   sign_in  keep_accounts   keep_accounts  keep_accounts  keep_accounts   keep_accounts  +
";

#[test]
fn rights_beside_the_journal_are_as_the_table_says() {
    let lines = RIGHTS.trim().lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut named = std::collections::BTreeSet::new();
    for cells in lines {
        let right = Right::from_word(cells[0]).expect("a right");
        named.insert(right);
        for (role, expected) in Role::ALL.iter().zip(&cells[2..]) {
            let found = may(&actor(*role, cells[1]), right).map_or_else(|denial| denial.missing, |()| "+");
            assert_eq!(found, *expected, "{right} {} {role}", cells[1]);
        }
    }
    assert_eq!(named.len(), Right::ALL.len(), "every right has a line");
}

/// Who keeps accounts, of whom, and the answer.
const GRANTS: [(Role, &str, Role, &str, &str); 14] = [
    (Role::Admin, "all", Role::Admin, "all", "+"),
    (Role::Admin, "all", Role::Reporter, "vill", "+"),
    (Role::Admin, "town", Role::Admin, "town", "+"),
    (Role::Admin, "town", Role::Editor, "vill", "+"),
    (Role::Admin, "town", Role::Editor, "other", "scope"),
    (Role::Admin, "town", Role::Editor, "dist", "scope"),
    (Role::Admin, "town", Role::Editor, "all", "scope"),
    (Role::Admin, "vill", Role::Reporter, "town", "scope"),
    (Role::Admin, "dist", Role::Admin, "all", "scope"),
    (Role::Admin, "dist", Role::Steward, "other", "+"),
    (Role::Steward, "all", Role::Reporter, "vill", "keep_accounts"),
    (Role::Editor, "town", Role::Reporter, "vill", "keep_accounts"),
    (Role::Reporter, "all", Role::Reporter, "all", "keep_accounts"),
    (Role::Public, "all", Role::Public, "all", "sign_in"),
];

#[test]
fn nobody_gives_a_right_that_he_does_not_have() {
    for (own, own_scope, role, scope, expected) in GRANTS {
        let granted = actor(role, scope);
        let found = may_grant(&actor(own, own_scope), role, granted.scope.as_ref());
        let found = found.map_or_else(|denial| denial.missing, |()| "+");
        assert_eq!(found, expected, "{own} of {own_scope} makes {role} of {scope}");
    }
}

#[tokio::test]
async fn a_town_editor_moves_nothing_over_the_towns_border() {
    let house = House::demo().await;
    let world = house.app.world();
    let inside = |town: &str| {
        let mut rows = world.resources().filter(|r| r.value.division == Some(code(town)));
        rows.next().expect("a resource of the town").value.place.position
    };
    let (home, away) = (inside(TOWN), inside("310117102000"));
    let token = house.token("town", Role::Editor, Some(TOWN)).await;
    let village = house.token("village", Role::Editor, Some(VILLAGE)).await;
    let place = |at: LonLat, division: &str| json!({ "kind": "site", "code": "S-1", "name": "甲", "lon": at.lon(), "lat": at.lat(), "division": division });
    for (token, division) in [(&token, TOWN), (&village, VILLAGE)] {
        let bearer = format!("Bearer {token}");
        let new = [("authorization", bearer.as_str()), ("if-none-match", "*")];
        let there = [("authorization", bearer.as_str()), ("if-match", "*")];
        let path = format!("/api/resources/site-{division}");
        let mut body = place(away, division);
        body["code"] = json!(division);
        let denied = house.call(Method::PUT, &path, &new, Some(&body)).await.problem(403);
        assert_eq!((&denied["missing"], &denied["type"]), (&json!("scope"), &json!("urn:bihu:problem:denied")));
        assert!(denied["detail"].as_str().is_some_and(|d| d.contains("泗泾镇")), "{denied}");
        (body["lon"], body["lat"]) = (json!(home.lon()), json!(home.lat()));
        assert_eq!(house.call(Method::PUT, &path, &new, Some(&body)).await.status, 201);
        let moved = json!({ "lon": away.lon(), "lat": away.lat() });
        assert_eq!(house.call(Method::PATCH, &path, &there, Some(&moved)).await.problem(403)["missing"], "scope");
        let abroad = json!({ "lon": 10.0, "lat": 50.0 });
        let nowhere = house.call(Method::PATCH, &path, &there, Some(&abroad)).await.problem(403);
        assert_eq!(nowhere["missing"], "scope");
        let (zh, en) = nowhere["detail"].as_str().and_then(|d| d.split_once(" / ")).expect("two sentences");
        assert!(zh.contains("已知区划之外") && en.contains("no division that is known") && en.is_ascii(), "{nowhere}");
        // What others moved away he may still keep true, if it is his.
        assert_eq!(house.patch(&path["/api/resources/".len()..], &moved).await.status, 200);
        let remark = json!({ "remarks": "暂存" });
        assert_eq!(house.call(Method::PATCH, &path, &there, Some(&remark)).await.status, 200);
    }
}

/// A box around a place, half its width and height in degrees.
fn drawn(at: LonLat, half: f64) -> serde_json::Value {
    let (w, e, s, n) = (at.lon() - half, at.lon() + half, at.lat() - half, at.lat() + half);
    json!({ "type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]] })
}

#[tokio::test]
async fn a_town_editor_draws_no_footprint_over_the_towns_border_by_any_way() {
    let house = House::demo().await;
    let world = house.app.world();
    let id = "shelter-SJ-BN-0005";
    let row = world.resource(&ResourceId::parse(id).expect("an id")).expect("a shelter").value.clone();
    let town = row.division.clone().expect("a division").as_str()[..9].to_owned();
    let bearer = format!("Bearer {}", house.token("town", Role::Editor, Some(&town)).await);
    let there = [("authorization", bearer.as_str()), ("if-match", "*")];
    let path = format!("/api/resources/{id}");
    let at = row.place.position;
    // Everybody: no grounds are larger than 25 km².
    let absurd = json!({ "geometry": drawn(at, 0.1), "lon": at.lon(), "lat": at.lat() });
    assert_eq!(house.patch(id, &absurd).await.violation(422, "geometry")["reason"], "too_wide");
    assert_eq!(house.call(Method::PATCH, &path, &there, Some(&absurd)).await.status, 422);
    // A strip that begins at home and ends next door, narrow enough to be no absurdity.
    let reach = 0.3;
    let strip = json!([[
        [at.lon(), at.lat()],
        [at.lon() + reach, at.lat()],
        [at.lon() + reach, at.lat() + 0.0001],
        [at.lon(), at.lat() + 0.0001],
        [at.lon(), at.lat()]
    ]]);
    let wide = json!({ "geometry": { "type": "Polygon", "coordinates": strip } });
    let denied = house.call(Method::PATCH, &path, &there, Some(&wide)).await.problem(403);
    assert_eq!(denied["missing"], "scope", "{denied}");
    let mut whole = house.get_by(&bearer["Bearer ".len()..], &path).await.json();
    whole["geometry"] = wide["geometry"].clone();
    assert_eq!(house.call(Method::PUT, &path, &there, Some(&whole)).await.problem(403)["missing"], "scope");
    let report = json!({ "resource": id, "fault": "moved", "message": "画错了" });
    let receipt = house.post("/api/corrections", &report).await.json()["receipt"].clone();
    let answer = json!({ "state": "accepted", "reply": "已改", "patch": wide });
    let answers = format!("/api/corrections/{}/answer", receipt.as_str().expect("a receipt"));
    let token = &bearer["Bearer ".len()..];
    assert_eq!(house.post_by(token, &answers, &answer).await.problem(403)["missing"], "scope");
    // What the bureau drew and took back, the town can not bring back by restore or undo.
    let drawn_at = house.patch(id, &wide).await.json()["revision"].as_u64().expect("a revision");
    let small = house.patch(id, &json!({ "geometry": drawn(at, 0.0003) })).await.json()["revision"].as_u64();
    let restore = format!("{path}/restore");
    let denied = house.call(Method::POST, &restore, &there, Some(&json!({ "revision": drawn_at }))).await;
    assert_eq!(denied.problem(403)["missing"], "scope");
    let undo = format!("/api/batches/{}/undo", small.expect("a revision"));
    assert_eq!(house.post_by(token, &undo, &json!({})).await.problem(403)["missing"], "scope");
    // Within the border he draws what he likes.
    let fits = json!({ "geometry": drawn(at, 0.0004) });
    assert_eq!(house.call(Method::PATCH, &path, &there, Some(&fits)).await.status, 200);
}

#[tokio::test]
async fn every_denial_says_which_right_is_missing() {
    let house = House::demo().await;
    let cases = [
        (Role::Reporter, TOWN, json!({ "capacity": 26000 }), "edit_resources"),
        (Role::Editor, "310117102", json!({ "status": "full" }), "scope"),
        (Role::Planner, TOWN, json!({ "status": "full" }), "edit_resources"),
    ];
    for (role, scope, body, missing) in cases {
        let bearer = format!("Bearer {}", house.token(&format!("{role}-{scope}"), role, Some(scope)).await);
        let headers = [("authorization", bearer.as_str()), ("if-match", "*")];
        let problem =
            house.call(Method::PATCH, "/api/resources/shelter-SJ-BN-0001", &headers, Some(&body)).await.problem(403);
        assert_eq!(problem["missing"], missing, "{role}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|d| d.contains(missing)), "{problem}");
    }
    let village = format!("Bearer {}", house.token("officer", Role::Reporter, Some(VILLAGE)).await);
    let headers = [("authorization", village.as_str()), ("if-match", "*")];
    let live = json!({ "status": "full" });
    let path = "/api/resources/shelter-SJ-BN-0001";
    assert_eq!(house.call(Method::PATCH, path, &headers, Some(&live)).await.problem(403)["missing"], "scope");
    house.patch("shelter-SJ-BN-0001", &json!({ "division": VILLAGE })).await;
    assert_eq!(house.call(Method::PATCH, path, &headers, Some(&live)).await.status, 200);
}
