//! OpenStreetMap files: what is read of them, who may go where, and that a damaged one is told.

use bihu::domain::Profile;
use bihu::exchange::osm::{OsmError, read};
use bihu::network::rules::{Tags, restriction, way};
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

#[test]
fn turn_restrictions_bind_whom_they_name() {
    let read =
        |tags: &[(&str, &str)]| restriction(Tags(tags)).map(|(only, binds)| (only, binds.iter().collect::<Vec<_>>()));
    let base = [("type", "restriction"), ("restriction", "no_left_turn")];
    assert_eq!(read(&base), Some((false, vec![Profile::Car, Profile::Truck])));
    assert_eq!(read(&[base[0], base[1], ("except", "motorcar;psv")]), Some((false, vec![Profile::Truck])));
    assert_eq!(read(&[base[0], ("restriction:hgv", "only_straight_on")]), Some((true, vec![Profile::Truck])));
    assert_eq!(read(&[base[0], ("restriction:conditional", "no_left_turn @ (07:00-09:00)")]), None);
}
