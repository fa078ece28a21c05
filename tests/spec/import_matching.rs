//! Every row of a file is new, changed, the same or refused, and says what somebody should look at.

use crate::house::House;
use bihu::domain::{Actor, Kind, Role, RowClass, RowFlag};
use bihu::exchange::Target;
use bihu::service::import::{self, Plan, PlannedRow, Planning, Report, Request};

const HEADER: &str = "编码,名称,经度,纬度,行政区划,地址\n";

fn request(text: &str) -> Request {
    Request::of("rows.csv", text.as_bytes(), Target::Resource(Kind::Shelter))
}

fn actor(role: Role, scope: Option<&str>) -> Actor {
    let scope = scope.map(|code| bihu::domain::DivisionCode::parse(code).expect("a code"));
    Actor { name: "tester".to_owned(), role, scope }
}

fn plan(house: &House, rows: &str) -> Plan {
    let plan = import::plan(&house.app.world(), &request(&format!("{HEADER}{rows}")), &[]).expect("a plan");
    let report = &plan.report;
    assert_eq!(report.new + report.changed + report.same + report.refused, report.rows);
    assert_eq!(plan.rows.len(), report.rows);
    plan
}

async fn take(house: &House, rows: &str) -> Report {
    let request = request(&format!("{HEADER}{rows}"));
    import::run(&house.app, &actor(Role::Admin, None), request, &|_| {}).await.expect("a report")
}

fn flags(row: &PlannedRow) -> Vec<RowFlag> {
    row.findings.iter().map(|f| f.word()).collect()
}

#[tokio::test]
async fn a_second_code_for_a_place_with_its_name_nearby_is_a_possible_duplicate() {
    let house = House::empty().await;
    take(&house, "A-1,桂林中学应急避难场所,121.2000,31.0000,,\n").await;
    let plan = plan(&house, "B-1,桂林中学避难所,121.2005,31.0000,,\nB-2,桂林中学避难所,121.2100,31.0000,,\n");
    assert_eq!(flags(&plan.rows[0]), [RowFlag::PossibleDuplicate]);
    let flag = plan.rows[0].findings[0].told();
    let other = flag.other.expect("the other one");
    assert_eq!((other.code.as_str(), other.row), ("A-1", None));
    assert!(other.distance_m.is_some_and(|m| (40.0..60.0).contains(&m)), "{other:?}");
    assert!(flag.zh.contains("A-1") && flag.en.contains("48 m apart"), "{} {}", flag.zh, flag.en);
    // A kilometre away it is another school, as far as anybody can tell without towns.
    assert_eq!(flags(&plan.rows[1]), []);
    assert_eq!((plan.report.classes.possible_duplicate, plan.report.flagged_rows.len()), (1, 1));
}

#[tokio::test]
async fn two_rows_of_one_file_are_held_against_each_other() {
    let house = House::empty().await;
    let plan =
        plan(&house, "B-1,桂林中学,121.2,31.0,,\nB-2,桂林中学操场,121.2003,31.0,,\nB-3,第三小学,121.2003,31.0002,,\n");
    assert_eq!(plan.rows.iter().map(|r| r.findings.len()).collect::<Vec<_>>(), [1, 1, 0]);
    assert_eq!(plan.rows[0].findings[0].told().other.and_then(|o| o.row), Some(3));
    assert_eq!(plan.rows[1].findings[0].told().other.and_then(|o| o.row), Some(2));
}

#[tokio::test]
async fn the_same_address_nearby_and_the_same_name_in_one_town_are_possible_duplicates() {
    let house = House::demo().await;
    let rows = "B-1,甲楼,121.2302,31.0302,310117001000,岳阳街道桂林路12号\n\
                B-2,乙馆,121.2303,31.0302,310117001000,松江区岳阳街道桂林路１２号\n\
                B-3,玉兰礼堂,121.22,31.01,310117001000,\n\
                B-4,玉兰礼堂避难所,121.23,31.02,310117001000,\n\
                B-5,玉兰礼堂,121.33,31.14,310117102000,\n";
    let plan = plan(&house, rows);
    let duplicate = |row: usize| {
        let found = plan.rows[row].findings.iter().find(|f| f.word() == RowFlag::PossibleDuplicate);
        found.map(|f| f.told())
    };
    assert!(duplicate(0).expect("a flag").zh.contains("地址相同"));
    assert!(duplicate(1).expect("a flag").en.contains("same address"));
    assert!(duplicate(2).expect("a flag").zh.contains("同一街镇内名称相同"));
    assert_eq!(duplicate(3).and_then(|f| f.other).and_then(|o| o.row), Some(4));
    assert!(duplicate(4).is_none(), "the same name in another town is another place");
}

#[tokio::test]
async fn three_different_places_on_one_gate_are_a_pile_and_the_known_ones_count() {
    let house = House::empty().await;
    take(&house, "A-1,甲校,121.2,31.0,,\n").await;
    let two = plan(&house, "B-1,乙校,121.2,31.0,,\n");
    assert_eq!(flags(&two.rows[0]), []);
    let three = plan(&house, "B-1,乙校,121.2,31.0,,\nB-2,丙馆,121.2000001,31.0,,\nB-3,丁园,121.2001,31.0,,\n");
    assert_eq!(
        three.rows.iter().map(flags).collect::<Vec<_>>(),
        [vec![RowFlag::StackedPin], vec![RowFlag::StackedPin], vec![]]
    );
    let flag = three.rows[0].findings[0].told();
    assert_eq!(flag.pile.iter().map(|o| o.code.as_str()).collect::<Vec<_>>(), ["B-1", "B-2", "A-1"]);
    assert!(flag.zh.starts_with("3 个") && flag.en.contains("甲校"), "{}", flag.zh);
}

#[tokio::test]
async fn a_point_outside_the_division_it_claims_says_how_far_and_where_it_really_is() {
    let house = House::demo().await;
    // A village is known by its code alone: its town's area tells.
    let rows =
        "B-1,甲处,121.2206,31.0335,310117001001,\nB-2,乙处,121.2206,31.0335,310117102000,\nB-3,丙处,122.5,31.03,,\n";
    let plan = plan(&house, rows);
    let world = house.app.world();
    let at = bihu::domain::LonLat::new(121.2206, 31.0335).expect("a position");
    let really = world.division_at(at, bihu::domain::Level::Town).expect("a town").value.clone();
    assert_eq!(flags(&plan.rows[1]), [RowFlag::OutsideItsDivision]);
    let flag = plan.rows[1].findings[0].told();
    assert!(flag.zh.contains("泗泾镇") && flag.zh.contains(&really.name), "{}", flag.zh);
    assert!(flag.en.contains(" m from its edge"), "{}", flag.en);
    assert_eq!(flags(&plan.rows[0]).is_empty(), really.code.as_str() == "310117001000");
    assert_eq!(flags(&plan.rows[2]), [RowFlag::OutsideDistrict]);
    assert_eq!((plan.report.classes.outside_its_division >= 1, plan.report.classes.outside_district), (true, 1));
    // Warnings keep no row from being taken.
    assert!(plan.rows.iter().all(|row| row.class == RowClass::New));
}

#[tokio::test]
async fn a_town_by_its_name_is_brought_to_its_code_and_a_name_that_is_not_known_is_refused() {
    let house = House::demo().await;
    let header = "编码,名称,经度,纬度,所属街镇\n";
    let rows = "B-1,甲处,121.2206,31.0335,泗泾镇\nB-2,乙处,121.2206,31.0335,松江区 泗泾镇\nB-3,丙处,121.2206,31.0335,310117102\nB-4,丁处,121.2206,31.0335,泗径镇\nB-5,戊处,121.2206,31.0335,\n";
    let read =
        |world: &bihu::world::World| import::plan(world, &request(&format!("{header}{rows}")), &[]).expect("a plan");
    let plan = read(&house.app.world());
    let code = |row: &PlannedRow| match &row.after {
        Some(import::Thing::Resource(r)) => r.division.as_ref().map(ToString::to_string),
        _ => None,
    };
    let town = Some("310117102000".to_owned());
    assert_eq!(plan.rows.iter().map(code).collect::<Vec<_>>(), [town.clone(), town.clone(), town, None, None]);
    assert_eq!((plan.report.new, plan.report.refused), (4, 1));
    let wrong = &plan.rows[3].violations[0];
    assert_eq!((wrong.field.as_str(), wrong.reason.as_str()), ("division", "unknown_division"));
    assert!(
        wrong.zh.contains("泗径镇") && plan.report.notes.iter().any(|n| n.ends_with("×2") && n.contains("对应到代码"))
    );
    // The claim of a name counts like that of a code.
    assert!(flags(&plan.rows[0]).contains(&RowFlag::OutsideItsDivision));
    let empty = read(&House::empty().await.app.world());
    assert_eq!((empty.report.new, empty.report.refused), (5, 0), "{:?}", empty.report.refused_rows);
    assert!(empty.report.notes.iter().any(|n| n.ends_with("×3") && n.contains("尚无街镇")), "{:?}", empty.report.notes);
}

#[tokio::test]
async fn a_row_without_a_code_is_taken_for_the_one_resource_of_its_name_in_its_town_and_says_so() {
    let house = House::demo().await;
    take(&house, "K-1,玉兰礼堂,121.2300,31.0300,310117001000,\n").await;
    let near = plan(&house, ",玉兰礼堂,121.2330,31.0300,310117001000,桂林路1号\n");
    let row = &near.rows[0];
    assert_eq!(row.class, RowClass::Changed);
    let matched = row.matched.as_ref().expect("an explanation");
    assert_eq!(matched.code, "K-1");
    assert!(matched.zh.contains("K-1") && (280.0..295.0).contains(&matched.distance_m), "{matched:?}");
    assert!(near.report.notes.iter().any(|n| n.contains("按名称与街镇")), "{:?}", near.report.notes);
    // It keeps the code that it has.
    assert_eq!(row.after.as_ref().map(|a| a.code()), Some("K-1"));
    // Too far, another town, or a name that is only similar: new, and flagged where the rule says so.
    for rows in [
        ",玉兰礼堂,121.2400,31.0300,310117001000,\n",
        ",玉兰礼堂,121.2330,31.0300,310117102000,\n",
        ",玉兰礼堂避难所,121.2305,31.0300,310117001000,\n",
    ] {
        let plan = plan(&house, rows);
        assert_eq!((plan.rows[0].class, plan.rows[0].matched.is_none()), (RowClass::New, true), "{rows}");
    }
}

#[tokio::test]
async fn a_name_that_could_mean_two_is_never_matched() {
    let house = House::demo().await;
    take(&house, "K-1,玉兰礼堂,121.2300,31.0300,310117001000,\n").await;
    // Two rows without a code and of one name, and a row that has the code already.
    let twins = plan(&house, ",玉兰礼堂,121.2301,31.03,310117001000,\n,玉兰礼堂,121.2302,31.03,310117001000,\n");
    assert!(twins.rows.iter().all(|r| r.class == RowClass::New && !r.findings.is_empty()));
    let taken = plan(&house, ",玉兰礼堂,121.2301,31.03,310117001000,\nK-1,玉兰礼堂,121.23,31.03,310117001000,\n");
    assert_eq!(taken.rows.iter().map(|r| r.class).collect::<Vec<_>>(), [RowClass::New, RowClass::Same]);
    // Two known ones of that name in that town.
    take(&house, "K-2,玉兰礼堂,121.2303,31.0300,310117001000,\n").await;
    let plan = plan(&house, ",玉兰礼堂,121.2301,31.03,310117001000,\n");
    assert_eq!(plan.rows[0].class, RowClass::New);
}

#[tokio::test]
async fn importing_a_file_again_changes_nothing_with_codes_and_without() {
    let house = House::demo().await;
    take(&house, "K-1,玉兰礼堂,121.2300,31.0300,310117001000,\n").await;
    let rows =
        ",玉兰礼堂,121.2330,31.0300,310117001000,\n,无码甲馆,121.24,31.03,310117001000,\nK-9,有码乙馆,121.25,31.03,,\n";
    let first = take(&house, rows).await;
    assert_eq!((first.new, first.changed, first.committed), (2, 1, true));
    let revision = house.revision();
    let again = take(&house, rows).await;
    assert_eq!((again.same, again.rows, house.revision()), (3, 3, revision));
}

#[tokio::test]
async fn rows_of_another_town_are_refused_with_the_right_that_is_missing() {
    let house = House::demo().await;
    let own = actor(Role::Editor, Some("310117001"));
    let text = format!("{HEADER}B-1,甲处,121.22,31.01,310117001000,\nB-2,乙处,121.3,31.1,310117102000,\n");
    let plan =
        import::plan_for(&house.app.world(), &request(&text), Planning { actor: &own, grids: &[], steps: &|_, _| {} })
            .expect("a plan");
    assert_eq!(plan.rows.iter().map(|r| r.class).collect::<Vec<_>>(), [RowClass::New, RowClass::Refused]);
    let violation = &plan.rows[1].violations[0];
    assert_eq!((violation.field.as_str(), violation.reason.as_str()), ("division", "scope"));
    assert!(violation.zh.contains("310117001000"), "{}", violation.zh);
}

#[tokio::test]
async fn twenty_thousand_rows_on_one_point_are_one_pile_and_soon_told() {
    let house = House::empty().await;
    let rows: String = (0..20_000).map(|n| format!("B-{n},场地{n},121.2,31.0,,\n")).collect();
    let began = std::time::Instant::now();
    let plan = plan(&house, &rows);
    assert_eq!(plan.report.classes.stacked_pin, 20_000);
    assert_eq!((plan.report.flagged_rows.len(), plan.report.flagged_rows[0].flags[0].pile.len()), (1000, 12));
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}
