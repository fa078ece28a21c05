//! Names of the network file: how they are found, in which order, and that damaged bytes are told.

use bihu::domain::LonLat;
use bihu::network::places::{Asked, Beside, Matched, Name, NameIndex, PlaceFound, Sort, fold};
use bihu::network::{
    FileError, Graph, NetworkFile, PlaceIndex, PlaceKind, PlaceSource, Point, Sections, Source, SourceNode, SourceWay,
    Way, build,
};
use std::sync::Arc;

const CENTRE: (f64, f64) = (121.22, 31.03);

/// Kind, class, name, English name, house number, and position in thousandths of a degree off the centre.
type Row = (PlaceKind, &'static str, &'static str, &'static str, &'static str, (i32, i32));

use PlaceKind::{Address, Point as Poi, Settlement, Street};

const PLACES: &[Row] = &[
    (Settlement, "district", "松江", "Songjiang", "", (0, 0)),
    (Settlement, "town", "泗泾镇", "", "", (40, 80)),
    (Settlement, "town", "佘山镇", "Sheshan Town", "", (-30, 60)),
    (Settlement, "town", "泖港镇", "", "", (-30, -90)),
    (Settlement, "town", "莘庄镇", "", "", (160, 80)),
    (Settlement, "city", "重庆", "", "", (300, 300)),
    (Settlement, "village", "江秋村", "", "", (-10, 30)),
    (Poi, "station", "松江站", "Songjiang Railway Station", "", (10, -40)),
    (Poi, "station", "松江南站", "", "", (10, -60)),
    (Poi, "hospital", "松江区中心医院", "Songjiang District Central Hospital", "", (5, -20)),
    (Poi, "hospital", "上海市第一人民医院（松江）", "", "", (-20, 10)),
    (Poi, "university", "松江大学城", "", "", (-10, 20)),
    (Poi, "convenience", "松江小店", "", "", (1, 1)),
    (Poi, "convenience", "便利店", "", "", (2, 2)),
    (Poi, "convenience", "便利店", "", "", (200, 2)),
    (Poi, "school", "松江二中", "", "", (12, -25)),
    (Poi, "park", "绿洲公园", "", "", (25, 25)),
    (Poi, "office", "Ｃａｆé ８８", "", "", (3, 3)),
    (Poi, "museum", "", "Nothing Chinese", "", (3, 3)),
    (Street, "primary", "人民路", "Renmin Road", "", (0, -10)),
    (Street, "primary", "人民路", "Renmin Road", "", (0, -12)),
    (Street, "residential", "人民路", "", "", (150, 150)),
    (Street, "secondary", "乐都路", "Ledu Road", "", (5, -10)),
    (Street, "secondary", "文诚路", "Wencheng Road", "", (-15, 12)),
    (Street, "trunk", "新松江路", "Xin Songjiang Road", "", (-8, 8)),
    (Street, "residential", "重庆路", "", "", (20, 20)),
    (Street, "residential", "黄陂路", "", "", (22, 20)),
    (Address, "address", "文诚路", "", "498号", (-16, 12)),
    (Address, "address", "文诚路", "", "500", (-15, 12)),
    (Address, "address", "文诚路", "", "500弄12号", (-15, 13)),
    (Address, "address", "文诚路", "", "520-528", (-14, 12)),
    (Address, "address", "方塔路", "", "7", (8, -14)),
];

fn at((x, y): (i32, i32)) -> LonLat {
    LonLat::clamped(CENTRE.0 + f64::from(x) / 1000.0, CENTRE.1 + f64::from(y) / 1000.0)
}

fn places() -> Vec<PlaceSource> {
    let source = |(kind, class, name, name_en, number, off): &Row| PlaceSource {
        kind: *kind,
        class: (*class).to_owned(),
        name: (*name).to_owned(),
        name_en: (*name_en).to_owned(),
        house_number: (*number).to_owned(),
        position: Point::of(at(*off)),
    };
    PLACES.iter().map(source).collect()
}

/// 人民路 runs north, 乐都路 crosses it as two carriageways and 文诚路 farther north.
fn roads() -> Graph {
    let node = |x, y| SourceNode { at: Point::of(at((x, y))), ..SourceNode::default() };
    let way = |id, name: &str, nodes: &[u32]| SourceWay {
        id,
        nodes: nodes.to_vec(),
        way: Way { forward_dkmh: [50; 5], backward_dkmh: [50; 5], ..Way::default() },
        name: name.to_owned(),
        name_en: String::new(),
        number: String::new(),
    };
    let mut source = Source {
        nodes: vec![
            node(0, -20),
            node(0, -10),
            node(0, 12),
            node(0, 20),
            node(-10, -10),
            node(10, -10),
            node(-20, 12),
            node(20, 12),
        ],
        ..Source::default()
    };
    // The second carriageway of 乐都路, 30 metres to the north.
    for x in [-10.0, 0.0, 10.0] {
        let at = LonLat::clamped(CENTRE.0 + x / 1000.0, CENTRE.1 - 0.0097);
        source.nodes.push(SourceNode { at: Point::of(at), ..SourceNode::default() });
    }
    source.ways = vec![
        way(1, "人民路", &[0, 1, 9, 2, 3]),
        way(2, "乐都路", &[4, 1, 5]),
        way(3, "乐都路", &[10, 9, 8]),
        way(4, "文诚路", &[6, 2, 7]),
    ];
    build(&source).graph
}

/// A whole network file of the town.
pub fn file() -> Vec<u8> {
    let mut out = Sections::default();
    roads().write(&mut out);
    PlaceIndex::write(&places(), &roads(), &mut out);
    out.put(*b"meta    ", br#"{"synthetic": true}"#.to_vec());
    out.to_file()
}

fn index() -> PlaceIndex {
    let mut out = Sections::default();
    let kept = PlaceIndex::write(&places(), &roads(), &mut out);
    assert_eq!((kept.houses, kept.crossings, kept.left_out), (5, 2, 0));
    // Two pieces of one street are one; a street of that name elsewhere is another.
    assert_eq!(kept.places, 25);
    let file = NetworkFile::read(Arc::new(out.to_file())).expect("a file");
    PlaceIndex::read(&file).expect("sound").expect("places")
}

fn ask(typed: &str) -> Vec<PlaceFound> {
    index().search(&Asked { typed, near: Some(at((0, 0))), limit: 10 })
}

/// What is typed, what comes first, and how it fits.
const RANKING: &[(&str, &str, Matched)] = &[
    ("松江", "松江", Matched::Exact),
    ("松", "松江", Matched::Prefix),
    ("江", "松江", Matched::Substring),
    ("江秋", "江秋村", Matched::Prefix),
    ("sj", "松江", Matched::Initials),
    ("SJ", "松江", Matched::Initials),
    ("ｓｊ", "松江", Matched::Initials),
    ("songjiang", "松江", Matched::Exact),
    ("Song Jiang", "松江", Matched::Exact),
    ("sōngjiāng", "松江", Matched::Exact),
    ("songjaing", "松江", Matched::Typo),
    ("songjiagn", "松江", Matched::Typo),
    ("songiang", "松江", Matched::Typo),
    ("songjianf", "松江", Matched::Typo),
    ("zongjiang", "松江", Matched::Typo),
    ("songji", "松江", Matched::Prefix),
    ("sjz", "泗泾镇", Matched::Initials),
    ("sjnz", "松江南站", Matched::Initials),
    ("songjiangzhan", "松江站", Matched::Pinyin),
    ("松江南", "松江南站", Matched::Prefix),
    ("南站", "松江南站", Matched::Substring),
    ("中心医院", "松江区中心医院", Matched::Substring),
    ("zhongxinyiyuan", "松江区中心医院", Matched::Pinyin),
    ("zxyy", "松江区中心医院", Matched::Initials),
    ("医院", "松江区中心医院", Matched::Substring),
    ("大学城", "松江大学城", Matched::Substring),
    ("songjiang railway", "松江站", Matched::Prefix),
    ("central hospital", "松江区中心医院", Matched::Substring),
    ("centrel hospital", "松江区中心医院", Matched::Typo),
    ("sheshan", "佘山镇", Matched::Prefix),
    ("sheshanzhen", "佘山镇", Matched::Pinyin),
    ("ssz", "佘山镇", Matched::Initials),
    ("sijing", "泗泾镇", Matched::Pinyin),
    ("maogang", "泖港镇", Matched::Pinyin),
    ("xinzhuang", "莘庄镇", Matched::Pinyin),
    ("shenzhuang", "莘庄镇", Matched::Pinyin),
    ("chongqing", "重庆", Matched::Pinyin),
    ("zhongqinglu", "重庆路", Matched::Pinyin),
    ("ledulu", "乐都路", Matched::Pinyin),
    ("yuedulu", "乐都路", Matched::Pinyin),
    ("lvzhou", "绿洲公园", Matched::Pinyin),
    ("luzhou", "绿洲公园", Matched::Pinyin),
    ("huangpilu", "黄陂路", Matched::Pinyin),
    ("cafe 88", "Ｃａｆé ８８", Matched::Exact),
    ("renmin road", "人民路", Matched::Exact),
    ("rml", "人民路", Matched::Initials),
    ("新松江路", "新松江路", Matched::Exact),
    ("fangta", "方塔路", Matched::Pinyin),
    ("便利店", "便利店", Matched::Exact),
    ("松江區中心醫院", "松江区中心医院", Matched::Exact),
    ("樂都路", "乐都路", Matched::Exact),
    ("綠洲", "绿洲公园", Matched::Prefix),
    ("大學", "松江大学城", Matched::Substring),
    ("road renmin", "人民路", Matched::Words),
    ("Road, Renmin", "人民路", Matched::Words),
    ("hospital songjiang", "松江区中心医院", Matched::Words),
    ("hosp central songj", "松江区中心医院", Matched::Words),
    ("医院 松江区", "松江区中心医院", Matched::Words),
    ("zhan songjiang", "松江站", Matched::Words),
];

#[test]
fn what_is_typed_finds_first_what_is_meant_and_says_how() {
    let index = index();
    let first = |typed: &str| {
        let found = index.search(&Asked { typed, near: Some(at((0, 0))), limit: 10 });
        found.first().map(|p| (p.name.clone(), p.how))
    };
    let wrong: Vec<_> = RANKING
        .iter()
        .filter_map(|(typed, name, how)| {
            let found = first(typed);
            (found != Some(((*name).to_owned(), *how))).then(|| format!("{typed} → {name} {how}, but {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_without_chinese_in_the_wrong_script_and_nothing_find_nothing() {
    for typed in ["", "   ", "！？", "纽约", "qqqqqq", "\u{0}", "\u{202e}", "zzz"] {
        assert_eq!(ask(typed), [], "{typed:?}");
    }
}

#[test]
fn of_two_places_of_one_name_the_nearer_comes_first() {
    let index = index();
    let nearest = |near| {
        let found = index.search(&Asked { typed: "便利店", near: Some(near), limit: 2 });
        found.iter().map(|p| p.position).collect::<Vec<_>>()
    };
    let (here, there) = (at((2, 2)), at((200, 2)));
    let east = nearest(there);
    assert_eq!(nearest(here), east.iter().rev().copied().collect::<Vec<_>>());
    assert!((east[0].lon() - there.lon()).abs() < 1e-6);
}

#[test]
fn a_crossing_is_found_by_its_two_streets_however_they_are_put() {
    let ways = [
        "人民路与乐都路",
        "人民路 乐都路",
        "乐都路人民路",
        "人民路/乐都路",
        "人民路和乐都路路口",
        "人民路乐都路交叉口",
        "renminlu ledulu",
        "rml ldl",
        "Renmin Road and Ledu Road",
        "Renmin Rd & Ledu",
        "人民路＆乐都路",
    ];
    for typed in ways {
        let found = ask(typed);
        let first = found.first().unwrap_or_else(|| panic!("{typed} found nothing"));
        assert_eq!(first.sort, Sort::Crossing, "{typed}: {found:?}");
        assert!(first.name.contains("人民路") && first.name.contains("乐都路"), "{typed}: {}", first.name);
        // Between the two carriageways, not at either.
        assert!((first.position.lat() - (CENTRE.1 - 0.00985)).abs() < 2e-5, "{typed}: {:?}", first.position);
    }
    assert!(ask("乐都路 文诚路").iter().all(|p| p.sort != Sort::Crossing), "they do not meet");
    assert_eq!(ask("人民路 文诚路")[0].name_en, "Renmin Road and Wencheng Road");
}

#[test]
fn a_house_number_is_found_or_the_ones_beside_it_are_told_as_such() {
    let told = |typed: &str| {
        let found = ask(typed).into_iter().filter(|p| p.sort == Sort::Address);
        found.map(|p| (p.name, p.beside.expect("beside"))).collect::<Vec<_>>()
    };
    let one = |name: &str, beside| vec![(name.to_owned(), beside)];
    assert_eq!(told("文诚路500号"), one("文诚路500号", Beside::Same));
    assert_eq!(told("文诚路 ５００"), one("文诚路500号", Beside::Same));
    assert_eq!(told("wenchenglu500"), one("文诚路500号", Beside::Same));
    assert_eq!(told("文诚路498"), one("文诚路498号", Beside::Same));
    assert_eq!(told("文诚路500弄12号"), one("文诚路500弄12号", Beside::Same));
    assert_eq!(told("文诚路524号"), one("文诚路520-528号", Beside::Within));
    assert_eq!(
        told("文诚路499号"),
        [("文诚路498号".to_owned(), Beside::Lower), ("文诚路500号".to_owned(), Beside::Higher)]
    );
    assert_eq!(told("文诚路9999号"), one("文诚路520-528号", Beside::Lower));
    assert_eq!(told("文诚路1号"), one("文诚路498号", Beside::Higher));
    assert_eq!(told("乐都路1号"), [], "a street without numbers");
    assert_eq!(ask("文诚路500号")[0].name_en, "500 Wencheng Road");
}

#[test]
fn the_limit_holds_and_the_first_are_the_same_whatever_it_is() {
    let index = index();
    let of = |limit| index.search(&Asked { typed: "路", near: None, limit });
    let all = of(50);
    assert!(all.len() > 5);
    for limit in 0..all.len() {
        assert_eq!(of(limit), all[..limit]);
    }
}

#[test]
fn folding_twice_changes_nothing() {
    for text in ["Ｃａｆé ８８", "İstanbul", "People's Square", "lǜ dì", "ﬁ", "松江区（北）", "ẞ"] {
        assert_eq!(fold(&fold(text)), fold(text), "{text}");
    }
}

#[test]
fn a_file_made_without_places_has_none_and_that_is_no_error() {
    let mut out = Sections::default();
    roads().write(&mut out);
    let file = NetworkFile::read(Arc::new(out.to_file())).expect("a file");
    assert!(PlaceIndex::read(&file).expect("sound").is_none());
}

#[test]
fn nothing_at_all_makes_an_index_of_nothing() {
    let mut out = Sections::default();
    PlaceIndex::write(&[], &Graph::default(), &mut out);
    let file = NetworkFile::read(Arc::new(out.to_file())).expect("a file");
    let index = PlaceIndex::read(&file).expect("sound").expect("places");
    assert_eq!(index.search(&Asked { typed: "松江", near: None, limit: 10 }), []);
}

#[test]
fn damaged_bytes_are_an_error_or_harmless_never_a_panic() {
    let mut out = Sections::default();
    PlaceIndex::write(&places(), &roads(), &mut out);
    let whole = out.to_file();
    let (mut told, mut harmless) = (0, 0);
    for at in (24..whole.len()).step_by(3) {
        for wrong in [0xff, 0x01, whole[at] ^ 0x80] {
            let mut file = whole.clone();
            file[at] = wrong;
            let read =
                NetworkFile::read(Arc::new(crate::osm_artifact::sealed(file))).and_then(|file| PlaceIndex::read(&file));
            match read {
                Err(FileError::Damaged { .. }) => told += 1,
                Err(other) => panic!("{other}"),
                Ok(index) => {
                    harmless += 1;
                    let index = index.unwrap_or_default();
                    for typed in ["松", "sj", "songjaing", "人民路 乐都路", "文诚路499号"] {
                        index.search(&Asked { typed, near: Some(at_centre()), limit: 5 });
                    }
                }
            }
        }
    }
    assert!(told > 100 && harmless > 100, "{told} told, {harmless} harmless");
    for cut in (0..whole.len()).step_by(97) {
        assert!(NetworkFile::read(Arc::new(whole[..cut].to_vec())).is_err());
    }
}

fn at_centre() -> LonLat {
    at((0, 0))
}

#[test]
fn names_that_lie_elsewhere_are_found_by_the_same_rules_and_by_code() {
    let names = [
        Name { name: "方塔园应急避难场所", other: "Fangta Park Shelter", code: "SJ-0042" },
        Name { name: "人民广场", other: "", code: "" },
    ];
    let index = NameIndex::of(names);
    let found = |typed: &str| index.find(typed).iter().map(|m| (m.name, m.how)).collect::<Vec<_>>();
    assert_eq!(found("SJ-0042"), [(0, Matched::Exact)]);
    assert_eq!(found("sj0042"), [(0, Matched::Exact)]);
    assert_eq!(found("ftybncs"), []);
    assert_eq!(found("fty"), [(0, Matched::Initials)]);
    assert_eq!(found("rmgc"), [(1, Matched::Initials)]);
    assert_eq!(found("广场"), [(1, Matched::Substring)]);
}

fn named(names: &[&'static str]) -> NameIndex {
    NameIndex::of(names.iter().map(|name| Name { name, other: "", code: "" }))
}

/// Names that fit, best first.
fn best_first(index: &NameIndex, typed: &str) -> Vec<(u32, Matched)> {
    let mut found = index.find(typed);
    found.sort_by_key(|m| (m.penalty, m.name));
    found.iter().map(|m| (m.name, m.how)).collect()
}

#[test]
fn names_in_latin_letters_are_found_with_their_accents_and_without() {
    let names = ["Landstraße", "Île-de-France", "Ångström", "Café Müller", "Straße des 17. Juni", "SÃO PAULO", "Łódź"];
    let index = named(&names);
    let asked: &[(u32, &[&str])] = &[
        (0, &["Landstraße", "landstrasse", "LANDSTRASSE", "LANDSTRAẞE", "landstr", "landstrase"]),
        (1, &["Île-de-France", "ile de france", "ÎLE DE FRANCE", "iledefrance", "france", "france ile"]),
        (2, &["Ångström", "A\u{30a}ngstro\u{308}m", "angstrom", "ÅNGSTRÖM"]),
        (3, &["Café Müller", "CAFÉ", "Cafe\u{301}", "cafe muller", "cafe mu\u{308}ller", "cafe mvller", "müller café"]),
        (4, &["strasse des 17 juni", "Straße des 17. Juni", "17. Juni", "juni 17 straße"]),
        (5, &["São Paulo", "sao paulo", "paulo sao"]),
        (6, &["Łódź", "lodz", "ŁÓDŹ", "łodz"]),
    ];
    let wrong: Vec<_> = asked
        .iter()
        .flat_map(|(name, ways)| ways.iter().map(move |typed| (*name, *typed)))
        .filter(|(name, typed)| best_first(&index, typed).first().map(|m| m.0) != Some(*name))
        .map(|(name, typed)| format!("{typed} does not find {}", names[name as usize]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(best_first(&index, "landstrasse"), [(0, Matched::Exact)]);
}

#[test]
fn words_in_another_order_come_behind_those_in_the_order_that_was_typed() {
    let index =
        named(&["Road of Renmin the Great", "East Renmin Road", "Renmin Road", "Renmin Square", "人民路", "路人"]);
    let order = best_first(&index, "renmin road");
    assert_eq!(order, [(2, Matched::Exact), (1, Matched::Substring), (0, Matched::Words)]);
    let order = best_first(&index, "road renmin");
    assert_eq!(order, [(2, Matched::Words), (1, Matched::Words), (0, Matched::Words)]);
    // A word is there once for each time it was typed, and not within another one.
    assert_eq!(best_first(&index, "road road"), []);
    assert_eq!(best_first(&named(&["Renmin Road", "Ren Renmin Road"]), "road renmin ren"), [(1, Matched::Words)]);
    assert_eq!(best_first(&index, "great renmin of road the"), [(0, Matched::Words)]);
    // One that is missing is not made up for by the rest, and a misspelt one is still a typing error.
    assert_eq!(best_first(&index, "road renmin north"), []);
    assert_eq!(best_first(&index, "renmni road").first(), Some(&(2, Matched::Typo)));
    let many = vec!["road"; 40].join(" ");
    assert_eq!(best_first(&index, &many), []);
}

#[test]
fn traditional_and_simplified_characters_are_one_but_are_read_as_they_are_written() {
    let names = ["松江区", "廣場路", "卫生学校", "乾隆路", "臺灣路", "后街", "前後村", "裡巷"];
    let index = named(&names);
    let asked = [
        ("松江區", 0),
        ("广场路", 1),
        ("廣場", 1),
        ("衛生學校", 2),
        ("衞生学校", 2),
        ("乾隆路", 3),
        ("qianlonglu", 3),
        ("台湾路", 4),
        ("taiwanlu", 4),
        ("後街", 5),
        ("前后村", 6),
        ("里巷", 7),
        ("guangchanglu", 1),
        ("qhc", 6),
    ];
    for (typed, name) in asked {
        let found = best_first(&index, typed);
        assert_eq!(found.first().map(|m| m.0), Some(name), "{typed}: {found:?}");
    }
    for text in ["松江區", "薴苧苎", "乾隆裏後臺", "衞嶽鎭"] {
        assert_eq!(fold(&fold(text)), fold(text), "{text}");
    }
    assert_eq!(fold("松江區廣場衛學"), "松江区广场卫学");
}

#[test]
fn a_code_is_found_by_its_beginning_with_the_dash_that_was_typed() {
    let codes = ["SJ-0042", "SJ0-142", "SJX-7", "B-SJ-1", "SJ–0043"];
    let names = codes.map(|code| Name { name: "避难所", other: "", code });
    let index = NameIndex::of(names.into_iter().chain([Name { name: "世纪", other: "", code: "" }]));
    let of = |typed: &str| {
        let found = index.find(typed);
        let mut by_dash: Vec<_> = found.iter().filter(|m| m.how == Matched::Prefix && m.penalty < 30).collect();
        by_dash.sort_by_key(|m| (m.penalty, m.name));
        by_dash.iter().map(|m| m.name).collect::<Vec<_>>()
    };
    assert_eq!(of("SJ-"), [0, 4]);
    assert_eq!(of("sj-0"), [0, 4]);
    assert_eq!(of("SJ－00"), [0, 4]);
    assert_eq!(of("SJ0-"), [1]);
    assert_eq!(best_first(&index, "SJ-").first(), Some(&(0, Matched::Prefix)), "before what the letters stand for");
    assert_eq!(best_first(&index, "SJ").first(), Some(&(5, Matched::Initials)), "without a dash they mean a name");
    assert_eq!(best_first(&index, "sj-0042").first(), Some(&(0, Matched::Exact)));
    assert_eq!(best_first(&index, "-"), []);
}
