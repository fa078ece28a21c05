//! Files with damaged cells: nothing panics, nothing is half imported, every row is accounted for.

use crate::house::House;
use bihu::domain::{Actor, Crs, Datum, Kind, Role, RowClass};
use bihu::exchange::{Format, Target};
use bihu::service::Error;
use bihu::service::import::{self, Request};
use bihu::world::World;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

const HEADERS: [&str; 14] = [
    "编码",
    "名称",
    "经度",
    "纬度",
    "行政区划",
    "地址",
    "容量",
    "级别",
    "状态",
    "已容纳人数",
    "灾种",
    "联系电话",
    "核验时间",
    "id",
];

/// Cells as people leave them behind; of `sound + 2` cells about two are damaged.
fn cell(column: usize, sound: u32) -> BoxedStrategy<String> {
    let good: BoxedStrategy<String> = match column {
        0 => "[A-C]-[0-9]{1,2}".boxed(),
        1 => "(甲|乙|丙)(校|馆|园)".boxed(),
        2 => "121\\.[0-9]{1,7}".boxed(),
        3 => "3[01]\\.[0-9]{1,7}".boxed(),
        4 => prop::sample::select(vec!["310117001000", "310117", "310117102", ""]).prop_map(str::to_owned).boxed(),
        5 => "(桂林路)?[0-9]{0,3}号?".boxed(),
        6 | 9 => "[0-9]{1,4}人?".boxed(),
        7 => prop::sample::select(vec!["区级", "village", "街镇级", ""]).prop_map(str::to_owned).boxed(),
        8 => prop::sample::select(vec!["open", "开放", "关闭", ""]).prop_map(str::to_owned).boxed(),
        10 => prop::sample::select(vec!["洪水、台风", "flood;fire", ""]).prop_map(str::to_owned).boxed(),
        12 => prop::sample::select(vec!["2026-05-01T08:00:00+08:00", "2026/5/1", ""]).prop_map(str::to_owned).boxed(),
        _ => "[0-9-]{0,12}".boxed(),
    };
    let broken = prop::sample::select(vec![
        "",
        " ",
        "NaN",
        "inf",
        "-1",
        "1e999",
        "#REF!",
        "\"",
        "''",
        "999",
        "约120",
        "100-200",
        "120人",
        "\u{0}",
        "\u{feff}",
        "，",
        "N/A",
        "121,2",
        "31.0335",
        "121.22",
        "null",
        "0",
        "😀",
        "x\ny",
        "00000000000000000000",
        "-0.0",
        "=1+1",
        "a;b;c",
        "{\"a\":1}",
    ]);
    prop_oneof![sound => good, 1 => broken.prop_map(str::to_owned), 1 => "\\PC{0,12}"].boxed()
}

fn row(sound: u32) -> BoxedStrategy<String> {
    let cells: Vec<BoxedStrategy<String>> = (0..HEADERS.len()).map(|column| cell(column, sound)).collect();
    (cells, 0usize..40)
        .prop_map(|(cells, cut)| {
            let quoted = cells.iter().map(|c| {
                if c.contains([',', '\n', '"']) { format!("\"{}\"", c.replace('"', "\"\"")) } else { c.clone() }
            });
            let row: Vec<String> = quoted.collect();
            // Now and then a row is cut short.
            if cut < 2 { row[..cut + 3].join(",") } else { row.join(",") }
        })
        .boxed()
}

fn table() -> impl Strategy<Value = String> {
    vec(row(8), 0..40).prop_map(|rows| format!("{}\n{}\n", HEADERS.join(","), rows.join("\n")))
}

fn request(bytes: Vec<u8>, target: Target, crs: Crs) -> Request {
    Request { crs, ..Request::of("damaged.csv", bytes, target) }
}

/// Plans a file, and holds the plan to its promises; a file that can not be read at all is one.
fn plan(world: &World, request: &Request) -> Result<(), TestCaseError> {
    let plan = match import::plan(world, request, &[]) {
        Ok(plan) => plan,
        Err(Error::Undecodable(_)) => return Ok(()),
        Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
    };
    let report = &plan.report;
    prop_assert_eq!(report.new + report.changed + report.same + report.refused, report.rows);
    prop_assert_eq!(plan.rows.len(), report.rows);
    prop_assert_eq!(plan.proposals.len(), report.new + report.changed);
    let count = |class| plan.rows.iter().filter(|row| row.class == class).count();
    prop_assert_eq!(count(RowClass::Refused), report.refused_rows.len());
    let numbers: BTreeSet<usize> = plan.rows.iter().map(|row| row.row).collect();
    prop_assert_eq!(numbers.len(), report.rows, "each row has a number of its own");
    for row in &plan.rows {
        prop_assert_eq!(row.violations.is_empty(), row.class != RowClass::Refused);
        prop_assert_eq!(row.after.is_none(), row.class == RowClass::Refused);
        row.findings.iter().for_each(|finding| drop(finding.told()));
    }
    let subjects: BTreeSet<_> = plan.proposals.iter().filter_map(|p| p.change.subject()).collect();
    prop_assert_eq!(subjects.len(), plan.proposals.len(), "no two rows are about one thing");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_of_a_damaged_table_is_accounted_for(text in table(), gcj in any::<bool>()) {
        let crs = Crs::Geographic(if gcj { Datum::Gcj02 } else { Datum::Wgs84 });
        for target in [Target::Resource(Kind::Shelter), Target::Resource(Kind::Team), Target::Demand, Target::Division] {
            plan(&World::empty(), &request(text.clone().into_bytes(), target, crs.clone()))?;
        }
    }

    #[test]
    fn bytes_flipped_and_cut_off_are_read_or_refused(text in table(), at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = text.into_bytes();
        let place = at.index(bytes.len());
        bytes[place] = to;
        bytes.truncate(cut.index(bytes.len()) + 1);
        if Format::detect("damaged.csv", &bytes).is_ok() {
            plan(&World::empty(), &request(bytes, Target::Resource(Kind::Shelter), Crs::WGS84))?;
        }
    }
}

#[tokio::test]
async fn a_damaged_file_is_written_whole_or_not_at_all_and_a_second_time_changes_nothing() {
    let house = House::demo().await;
    let actor = Actor { name: "tester".to_owned(), role: Role::Admin, scope: None };
    let mut runner = TestRunner::deterministic();
    let mut written = 0;
    for _ in 0..120 {
        let text = vec(row(60), 1..4).new_tree(&mut runner).expect("a table").current().join("\n");
        let text = format!("{}\n{text}\n", HEADERS.join(","));
        let request = request(text.clone().into_bytes(), Target::Resource(Kind::Shelter), Crs::WGS84);
        let before = house.revision();
        let report = match import::run(&house.app, &actor, request.clone(), &|_| {}).await {
            Ok(report) => report,
            Err(Error::Undecodable(_)) => continue,
            Err(other) => panic!("{other:?}\n{text}"),
        };
        let changes = (report.new + report.changed) as u64;
        if report.refused > 0 {
            assert_eq!((house.revision(), report.committed), (before, false), "{text}");
            continue;
        }
        assert_eq!((house.revision(), report.committed), (before + changes, true), "{text}");
        written += changes;
        let again = import::run(&house.app, &actor, request, &|_| {}).await.expect("a report");
        assert_eq!((again.same, house.revision()), (again.rows, before + changes), "{text}");
    }
    assert!(written > 10, "{written}");
}
