//! OpenStreetMap files: what is read of them, who may go where, and that a damaged one is told.

use bihu::domain::Profile;
use bihu::exchange::osm::{Order, OsmError, make, read, read_within};
use bihu::network::rules::{Tags, node, restriction, restriction_at_hours, way};
use bihu::network::{Direction, Layer, PlaceKind, RoadClass, build};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

const TOWN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="31.000" lon="121.200"/>
  <node id="2" lat="31.000" lon="121.210"><tag k="highway" v="traffic_signals"/></node>
  <node id="3" lat="31.000" lon="121.220"/>
  <node id="4" lat="31.010" lon="121.210"><tag k="barrier" v="bollard"/></node>
  <node id="5" lat="31.020" lon="121.210"/>
  <node id="6" lat="31.005" lon="121.205"><tag k="place" v="town"/><tag k="name" v="泗泾镇"/><tag k="name:en" v="Sijing"/></node>
  <node id="7" lat="31.001" lon="121.201"><tag k="addr:street" v="江川路"/><tag k="addr:housenumber" v="12"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="name" v="江川路"/><tag k="oneway" v="yes"/></way>
  <way id="11"><nd ref="2"/><nd ref="4"/><nd ref="5"/><tag k="highway" v="residential"/><tag k="name" v="泗宝路 &amp; 桥"/><tag k="bridge" v="yes"/></way>
  <way id="12"><nd ref="1"/><nd ref="2"/><nd ref="5"/><nd ref="1"/><tag k="natural" v="water"/><tag k="name" v="小湖"/></way>
  <way id="13"><nd ref="5"/><nd ref="99"/><tag k="highway" v="residential"/></way>
  <relation id="20"><member type="way" ref="10" role="from"/><member type="node" ref="2" role="via"/><member type="way" ref="11" role="to"/>
    <tag k="type" v="restriction"/><tag k="restriction" v="no_left_turn"/></relation>
</osm>"#;

#[test]
fn roads_features_names_and_what_is_missing_are_read() {
    let extract = read(TOWN.as_bytes(), &|_, _| {}).expect("a town");
    assert_eq!((extract.counts.nodes, extract.counts.ways, extract.counts.relations), (7, 4, 1));
    assert_eq!(extract.counts.cut_ways, 1, "way 13 names a node that is not there");
    assert_eq!((extract.roads.ways.len(), extract.roads.restrictions.len()), (2, 1));
    assert!(extract.features.iter().any(|f| f.layer == Layer::Water && f.name == "小湖"));
    assert!(extract.features.iter().any(|f| f.layer == Layer::Label && f.name == "泗泾镇" && f.name_en == "Sijing"));
    let named =
        |kind: PlaceKind| extract.places.iter().filter(|p| p.kind == kind).map(|p| p.name.as_str()).collect::<Vec<_>>();
    assert_eq!(named(PlaceKind::Settlement), ["泗泾镇"]);
    assert_eq!(named(PlaceKind::Street), ["江川路", "泗宝路 & 桥"]);
    assert_eq!(
        extract.places.iter().find(|p| p.kind == PlaceKind::Address).map(|p| p.house_number.as_str()),
        Some("12")
    );
    let built = build(&extract.roads);
    assert_eq!((built.restrictions, built.restrictions_unread), (1, 0));
    // The way is cut at the crossing and at the bollard.
    assert_eq!(built.graph.edge_count(), 4);
}

#[test]
fn a_gzipped_file_is_the_same_file() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(TOWN.as_bytes()).expect("packed");
    let plain = read(TOWN.as_bytes(), &|_, _| {}).expect("a town");
    assert_eq!(read(&packed.finish().expect("packed"), &|_, _| {}).expect("a town"), plain);
}

#[test]
fn a_file_that_is_cut_anywhere_is_told_and_nothing_panics() {
    for end in 0..TOWN.len() {
        if TOWN.is_char_boundary(end) {
            assert!(read(&TOWN.as_bytes()[..end], &|_, _| {}).is_err(), "cut at {end}");
        }
    }
    for foreign in ["", "{}", "<html><body/></html>", "hello", "<!DOCTYPE osm [<!ENTITY a \"b\">]><osm/>"] {
        assert!(read(foreign.as_bytes(), &|_, _| {}).is_err(), "{foreign}");
    }
    assert!(matches!(read(b"<osm version=\"0.6\"></osm>", &|_, _| {}), Err(OsmError::NoRoads)));
    let told = read(&TOWN.as_bytes()[..TOWN.len() / 2], &|_, _| {}).expect_err("half a town").to_string();
    let (zh, en) = told.split_once(" / ").expect("in two languages");
    let foreign = zh.replace("OpenStreetMap", "").chars().any(|c| c.is_ascii_alphabetic());
    assert!(!foreign && en.contains("byte "), "what the reader says stays in the English half: {told}");
}

/// A street, and a lake of two shores of which the far one is a house as well.
const LAKE: &str = r#"<osm version="0.6">
  <node id="1" lat="31.000" lon="121.200"/><node id="2" lat="31.001" lon="121.200"/>
  <node id="3" lat="31.000" lon="121.201"/><node id="4" lat="31.100" lon="121.300"/><node id="5" lat="31.110" lon="121.300"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
  <way id="11"><nd ref="3"/><nd ref="1"/><nd ref="4"/></way>
  <way id="12"><nd ref="4"/><nd ref="5"/><nd ref="3"/><tag k="addr:street" v="湖滨路"/><tag k="addr:housenumber" v="7"/></way>
  <way id="13"><nd ref="4"/><nd ref="5"/><tag k="highway" v="residential"/><tag k="name" v="湖滨路"/></way>
  <relation id="20"><member type="way" ref="11" role="outer"/><member type="way" ref="12" role="outer"/>
    <tag k="type" v="multipolygon"/><tag k="natural" v="water"/></relation>
</osm>"#;

#[test]
fn of_an_area_that_reaches_beyond_the_bounds_only_its_shape_is_taken_from_there() {
    let (low, high) = (geo_types::coord! { x: 121.1, y: 30.9 }, geo_types::coord! { x: 121.2005, y: 31.05 });
    let bounds = geo_types::MultiPolygon::new(vec![geo_types::Rect::new(low, high).to_polygon()]);
    let extract = read_within(LAKE.as_bytes(), Some(&bounds), &|_, _| {}).expect("a street");
    assert_eq!(extract.features.iter().filter(|f| f.layer == Layer::Water).count(), 1, "the lake is whole");
    assert_eq!((extract.roads.ways.len(), &extract.places[..]), (1, &[][..]), "neither house nor street beyond");
    let whole = read(LAKE.as_bytes(), &|_, _| {}).expect("two streets");
    assert!(whole.places.iter().any(|p| p.kind == PlaceKind::Address && p.house_number == "7"));
}

/// Two streets and one that is yet to be built, a house around a yard, and turn restrictions about all of them.
const YARD: &str = r#"<osm version="0.6">
  <node id="1" lat="31.000" lon="121.200"/><node id="2" lat="31.001" lon="121.200"/><node id="3" lat="31.001" lon="121.201"/>
  <node id="4" lat="31.002" lon="121.200"/><node id="5" lat="31.002" lon="121.202"/>
  <node id="6" lat="31.0000" lon="121.2010"/><node id="7" lat="31.0000" lon="121.2012"/>
  <node id="8" lat="31.0004" lon="121.2012"/><node id="9" lat="31.0004" lon="121.2010"/>
  <node id="10" lat="31.0001" lon="121.2011"/><node id="11" lat="31.0002" lon="121.2011"/><node id="12" lat="31.0002" lon="121.20115"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
  <way id="11"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
  <way id="12"><nd ref="4"/><nd ref="5"/><tag k="highway" v="construction"/></way>
  <way id="13"><nd ref="2"/><nd ref="4"/><tag k="highway" v="construction"/></way>
  <way id="14"><nd ref="6"/><nd ref="7"/><nd ref="8"/></way>
  <way id="15"><nd ref="8"/><nd ref="9"/><nd ref="6"/></way>
  <way id="16"><nd ref="10"/><nd ref="11"/><nd ref="12"/><nd ref="10"/></way>
  <relation id="20"><member type="way" ref="14" role="outer"/><member type="way" ref="15" role="outer"/><member type="way" ref="16" role="inner"/>
    <tag k="type" v="multipolygon"/><tag k="building" v="yes"/><tag k="addr:street" v="方塔北路"/><tag k="addr:housenumber" v="45号"/></relation>
  <relation id="21"><member type="way" ref="14" role="outer"/><member type="way" ref="15" role="outer"/>
    <tag k="type" v="multipolygon"/><tag k="addr:street" v="中山中路"/><tag k="addr:housenumber" v="6"/></relation>
  <relation id="30"><member type="way" ref="10" role="from"/><member type="node" ref="2" role="via"/><member type="way" ref="11" role="to"/>
    <tag k="type" v="restriction"/><tag k="restriction" v="no_right_turn"/></relation>
  <relation id="31"><member type="way" ref="13" role="from"/><member type="node" ref="4" role="via"/><member type="way" ref="12" role="to"/>
    <tag k="type" v="restriction"/><tag k="restriction" v="no_right_turn"/></relation>
  <relation id="32"><member type="way" ref="10" role="from"/><member type="node" ref="2" role="via"/><member type="way" ref="13" role="to"/>
    <tag k="type" v="restriction"/><tag k="restriction" v="no_straight_on"/></relation>
  <relation id="33"><member type="way" ref="11" role="from"/><member type="way" ref="13" role="via"/><member type="way" ref="10" role="to"/>
    <tag k="type" v="restriction"/><tag k="restriction" v="no_u_turn"/></relation>
  <relation id="34"><member type="way" ref="10" role="from"/><member type="way" ref="11" role="to"/>
    <tag k="type" v="restriction"/><tag k="restriction" v="no_right_turn"/></relation>
</osm>"#;

#[test]
fn turn_restrictions_that_are_not_kept_are_counted_by_what_is_amiss() {
    let extract = read(YARD.as_bytes(), &|_, _| {}).expect("two streets");
    assert_eq!(extract.roads.restrictions.len(), 1);
    assert_eq!(extract.counts.restrictions_elsewhere, 3, "about a road that nobody may use yet");
    assert_eq!(extract.counts.restrictions_garbled, 1, "it does not say where");
    let order = Order { source: "yard.osm", within: None, built_at: chrono::DateTime::UNIX_EPOCH };
    let about = make(YARD.as_bytes(), &order, &|_, _| {}).expect("a network").about;
    assert_eq!((about.restrictions, about.restrictions_unread, about.restrictions_elsewhere), (1, 1, 3));
}

#[test]
fn an_address_of_an_area_of_several_ways_lies_in_its_middle() {
    let extract = read(YARD.as_bytes(), &|_, _| {}).expect("two streets");
    let houses: Vec<(&str, &str, [i32; 2])> = extract
        .places
        .iter()
        .filter(|place| place.kind == PlaceKind::Address)
        .map(|p| (p.name.as_str(), p.house_number.as_str(), [p.position.lon_e7, p.position.lat_e7]))
        .collect();
    let middle = [1_212_011_000, 310_002_000];
    assert_eq!(houses, [("方塔北路", "45号", middle), ("中山中路", "6", middle)]);
    let drawn = extract.features.iter().filter(|f| f.layer == Layer::Building).count();
    assert_eq!(drawn, 1, "what has an address and nothing else is not drawn");
}

fn speeds(tags: &[(&str, &str)], profile: Profile) -> Option<[Option<u16>; 2]> {
    let way = way(Tags(tags))?;
    Some([Direction::Forward, Direction::Backward].map(|direction| way.speed_dkmh(profile, direction)))
}

#[test]
fn who_may_go_where_and_how_fast() {
    let road = [("highway", "primary"), ("maxspeed", "60"), ("oneway", "yes")];
    assert_eq!(speeds(&road, Profile::Car), Some([Some(480), None]));
    assert_eq!(
        speeds(&road, Profile::Emergency),
        Some([Some(600), Some(240)]),
        "against the one-way at a stated penalty"
    );
    assert_eq!(speeds(&road, Profile::Foot), Some([Some(50), Some(50)]), "one-ways are not for walkers");
    assert_eq!(speeds(&[("highway", "motorway")], Profile::Foot), Some([None, None]));
    assert_eq!(
        speeds(&[("highway", "motorway")], Profile::Emergency).map(|s| s[1]),
        Some(None),
        "nobody drives against a motorway"
    );
    assert_eq!(speeds(&[("highway", "steps")], Profile::Wheelchair), Some([None, None]));
    assert_eq!(speeds(&[("highway", "footway"), ("surface", "gravel")], Profile::Wheelchair), Some([None, None]));
    let low = [("highway", "secondary"), ("maxheight", "3.5 m")];
    assert_eq!(speeds(&low, Profile::Truck), Some([None, None]), "a heavy truck is four metres high");
    assert!(speeds(&low, Profile::Car).is_some_and(|s| s[0].is_some()));
    let shut = [("highway", "service"), ("access", "private")];
    assert_eq!(speeds(&shut, Profile::Car), Some([None, None]));
    assert!(
        speeds(&shut, Profile::Emergency).is_some_and(|s| s[0].is_some()),
        "a private way does not stop a fire engine"
    );
    assert!(speeds(&[("highway", "busway")], Profile::Emergency).is_some_and(|s| s[0].is_some()));
    assert_eq!(speeds(&[("highway", "busway")], Profile::Car), Some([None, None]));
    assert_eq!(speeds(&[("highway", "construction")], Profile::Car), None);
    let ferry = way(Tags(&[("route", "ferry"), ("name", "轮渡")])).expect("a ferry");
    assert_eq!((ferry.road_class(), ferry.wait_ds > 0), (RoadClass::Ferry, true));
}

/// Returns who may go along a way, `+` in both directions, `>` and `<` in one.
fn who(tags: &[(&str, &str)]) -> String {
    let of = |profile: &Profile| match speeds(tags, *profile) {
        None | Some([None, None]) => String::new(),
        Some([Some(_), Some(_)]) => format!("{}+ ", profile.word()),
        Some([Some(_), None]) => format!("{}> ", profile.word()),
        Some([None, Some(_)]) => format!("{}< ", profile.word()),
    };
    Profile::ALL.iter().map(of).collect::<String>().trim_end().to_owned()
}

const EVERYBODY: &str = "foot+ wheelchair+ car+ truck+ emergency+";

#[test]
fn one_ways_are_those_of_the_map() {
    let one_way = |value| who(&[("highway", "residential"), ("oneway", value)]);
    assert_eq!(one_way("yes"), "foot+ wheelchair+ car> truck> emergency+");
    assert_eq!(one_way("-1"), "foot+ wheelchair+ car< truck< emergency+");
    assert_eq!(one_way("no"), EVERYBODY);
    assert_eq!(one_way("alternating"), EVERYBODY);
    assert_eq!(one_way("reversible"), "foot+ wheelchair+ emergency+", "which way it is open nobody knows");
    let road = |more: (&'static str, &'static str)| who(&[("highway", "secondary"), more]);
    assert_eq!(road(("junction", "roundabout")), "foot+ wheelchair+ car> truck> emergency+");
    assert_eq!(road(("oneway:bicycle", "no")), EVERYBODY);
    assert_eq!(who(&[("highway", "motorway")]), "car> truck> emergency>");
    assert_eq!(who(&[("highway", "motorway"), ("oneway", "no")]), "car+ truck+ emergency+");
    assert_eq!(who(&[("highway", "motorway_link")]), "car+ truck+ emergency+", "a ramp is tagged when it is a one-way");
    assert_eq!(who(&[("highway", "footway"), ("oneway:foot", "yes")]), "foot> wheelchair>");
}

#[test]
fn the_most_particular_access_tag_that_is_understood_counts() {
    let road = |tags: &[(&'static str, &'static str)]| who(&[&[("highway", "tertiary")], tags].concat());
    assert_eq!(road(&[("access", "no")]), "emergency+");
    assert_eq!(road(&[("access", "no"), ("foot", "yes")]), "foot+ wheelchair+ emergency+");
    assert_eq!(road(&[("vehicle", "no")]), "foot+ wheelchair+ emergency+");
    assert_eq!(road(&[("vehicle", "no"), ("motor_vehicle", "yes")]), EVERYBODY);
    assert_eq!(road(&[("motor_vehicle", "no"), ("hgv", "yes")]), "foot+ wheelchair+ truck+ emergency+");
    assert_eq!(road(&[("hgv", "no")]), "foot+ wheelchair+ car+ emergency+");
    assert_eq!(road(&[("access", "no"), ("motor_vehicle", "what?")]), "emergency+", "an unknown word says nothing");
    assert_eq!(road(&[("access", "destination")]), EVERYBODY);
    assert_eq!(road(&[("motor_vehicle", "agricultural;destination")]), EVERYBODY, "of several one is enough");
    assert_eq!(road(&[("emergency", "no")]), "foot+ wheelchair+ car+ truck+");
    assert_eq!(who(&[("highway", "path")]), "foot+ wheelchair+");
    assert_eq!(
        who(&[("highway", "path"), ("access", "yes")]),
        "foot+ wheelchair+",
        "general words open no path to cars"
    );
    assert_eq!(who(&[("highway", "path"), ("emergency", "yes")]), "foot+ wheelchair+ emergency+");
    assert_eq!(who(&[("highway", "trunk"), ("motorroad", "yes")]), "car+ truck+ emergency+");
    assert_eq!(who(&[("highway", "primary"), ("disused", "yes")]), "");
    assert_eq!(who(&[("highway", "proposed")]), "");
}

#[test]
fn who_has_business_there_may_come_and_not_drive_through() {
    let ends = |tags: &[(&'static str, &'static str)]| {
        let way = way(Tags(&[&[("highway", "residential")], tags].concat())).expect("a road");
        (way.is(bihu::network::Way::CARS_END), way.is(bihu::network::Way::TRUCKS_END))
    };
    for value in ["destination", "customers", "delivery", "permit", "agricultural;destination"] {
        for key in ["access", "vehicle", "motor_vehicle"] {
            assert_eq!(ends(&[(key, value)]), (true, true), "{key}={value}");
        }
    }
    assert_eq!(ends(&[("hgv", "destination")]), (false, true), "lorries only");
    assert_eq!(ends(&[("motorcar", "destination")]), (true, false));
    assert_eq!(ends(&[("access", "destination"), ("motor_vehicle", "yes")]), (false, false), "the particular counts");
    for value in ["yes", "yes;destination", "private", "no", "what?"] {
        assert_eq!(ends(&[("access", value)]), (false, false), "{value}");
    }
}

#[test]
fn a_ferry_carries_vehicles_only_where_it_says_so() {
    assert_eq!(who(&[("route", "ferry")]), "foot+ wheelchair+");
    assert_eq!(who(&[("route", "ferry"), ("access", "yes")]), "foot+ wheelchair+");
    assert_eq!(who(&[("route", "ferry"), ("motor_vehicle", "yes")]), EVERYBODY);
    assert_eq!(who(&[("route", "ferry"), ("motorcar", "yes"), ("foot", "no")]), "car+ emergency+");
}

#[test]
fn heights_weights_and_speeds_are_read_as_people_write_them() {
    let truck =
        |key, value| speeds(&[("highway", "primary"), (key, value)], Profile::Truck).is_some_and(|s| s[0].is_some());
    for low in ["3.5", "3.5 m", "3,5 m", "350 cm", "12'6\"", "12 ft"] {
        assert!(!truck("maxheight", low), "{low}");
    }
    for high in ["4.5", "default", "below_default", "none", "15'", "no_sign"] {
        assert!(truck("maxheight", high), "{high}");
    }
    assert!(!truck("maxheight:physical", "3.2"));
    for light in ["5", "5.5 t", "8000 kg", "10 st"] {
        assert!(!truck("maxweight", light), "{light}");
    }
    assert!(truck("maxweight", "50") && truck("maxweight", "none"));
    let car = |limit| speeds(&[("highway", "primary"), ("maxspeed", limit)], Profile::Car).and_then(|s| s[0]);
    let unsigned = speeds(&[("highway", "primary")], Profile::Car).and_then(|s| s[0]);
    assert_eq!(car("60"), Some(480));
    assert_eq!(car("60;80"), Some(480), "of several the lowest");
    assert_eq!(car("30 mph"), Some(385));
    assert_eq!(car("walk"), Some(40));
    assert_eq!(car("none"), Some(960));
    for word in ["CN:urban", "signals", "", "-5", "1e99", "NaN"] {
        assert_eq!(car(word), unsigned, "{word}: the usual speed stays");
    }
}

#[test]
fn barriers_stop_whom_they_stop() {
    let stopped =
        |tags: &[(&str, &str)]| node(Tags(tags)).0.iter().map(|profile| profile.word()).collect::<Vec<_>>().join(" ");
    assert_eq!(stopped(&[("barrier", "bollard")]), "car truck emergency");
    assert_eq!(stopped(&[("barrier", "bollard"), ("bollard", "removable")]), "car truck");
    assert_eq!(stopped(&[("barrier", "bollard"), ("motor_vehicle", "yes")]), "emergency");
    assert_eq!(stopped(&[("barrier", "gate")]), "", "a gate without a word is taken as open");
    assert_eq!(stopped(&[("barrier", "gate"), ("access", "private")]), "foot wheelchair car truck");
    assert_eq!(stopped(&[("barrier", "gate"), ("locked", "yes")]), "foot wheelchair car truck");
    assert_eq!(stopped(&[("barrier", "stile")]), "wheelchair car truck emergency");
    assert_eq!(stopped(&[("barrier", "kerb"), ("kerb", "raised")]), "wheelchair");
    assert_eq!(stopped(&[("barrier", "height_restrictor"), ("maxheight", "2.5")]), "truck emergency");
    assert_eq!(stopped(&[("highway", "crossing")]), "");
}

#[test]
fn what_holds_at_some_hours_is_told_and_not_heeded() {
    let restriction_of = |tags: &[(&'static str, &'static str)]| {
        let tags = [&[("type", "restriction")], tags].concat();
        (restriction(Tags(&tags)).is_some(), restriction_at_hours(Tags(&tags)).is_some())
    };
    let rule = ("restriction", "no_left_turn");
    assert_eq!(restriction_of(&[rule]), (true, false));
    assert_eq!(restriction_of(&[("restriction:conditional", "no_left_turn @ (07:00-09:00)")]), (false, true));
    assert_eq!(restriction_of(&[("restriction:hgv:conditional", "no_u_turn @ (Mo-Fr)")]), (false, true));
    assert_eq!(restriction_of(&[rule, ("restriction:conditional", "none @ (Su)")]), (true, true), "the rule holds");
    assert_eq!(
        restriction_of(&[rule, ("hour_on", "07:00"), ("hour_off", "09:00")]),
        (false, true),
        "as it was written once"
    );
}

#[test]
fn a_foreign_file_is_called_by_its_name() {
    let named = |bytes: &[u8], name: &str| {
        let said = read(bytes, &|_, _| {}).expect_err("no map").to_string();
        assert!(said.contains(name) && said.contains(" / "), "{said}");
    };
    named(b"PK\x03\x04rest", "ZIP");
    named(b"SQLite format 3\0rest", "GeoPackage");
    named(b"<!DOCTYPE html><html><body>404</body></html>", "HTML");
    named(b"{\"type\":\"FeatureCollection\"}", "JSON");
    named(b"BIHUNET\0rest", ".bihunet");
    named(b"BZh91AY", "bzip2");
    named(b"<gpx></gpx>", "XML");
    named(b"hello", "文本");
}

#[test]
fn turn_restrictions_bind_whom_they_name() {
    let read =
        |tags: &[(&str, &str)]| restriction(Tags(tags)).map(|(only, binds)| (only, binds.iter().collect::<Vec<_>>()));
    let base = [("type", "restriction"), ("restriction", "no_left_turn")];
    assert_eq!(read(&base), Some((false, vec![Profile::Car, Profile::Truck])));
    assert_eq!(read(&[base[0], base[1], ("except", "motorcar;psv")]), Some((false, vec![Profile::Truck])));
    assert_eq!(read(&[base[0], ("restriction:hgv", "only_straight_on")]), Some((true, vec![Profile::Truck])));
    assert_eq!(read(&[base[0], ("restriction:hgv:conditional", "no_left_turn @ (07:00-09:00)")]), None);
    assert_eq!(read(&[base[0], ("restriction:conditional", "no_left_turn @ (07:00-09:00)")]), None);
}
