//! KML, KMZ and GPX: what of a document is a row, and what is told instead.

use crate::exchange_files::{assert_rows, kml, layer, shelters, zipped};
use crate::exchange_samples::told;
use bihu::exchange::{DecodeError, Decoded, Format, inspect};
use serde_json::json;

fn placemark(inner: &str) -> Decoded {
    let text = format!("<kml><Document><Placemark><name>甲</name>{inner}</Placemark></Document></kml>");
    shelters(text.as_bytes(), Format::Kml).expect("a document")
}

const RING: &str = "<LinearRing><coordinates>121,31 121.1,31 121.1,31.1 121,31</coordinates></LinearRing>";

#[test]
fn geometries_become_what_they_are_or_are_refused_by_name() {
    let polygon = format!("<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs></Polygon>");
    let open = RING.replace(" 121,31<", "<");
    for (inner, expected) in [
        ("<Point><coordinates>\n 121.2,31.0,0 \n</coordinates></Point>".to_owned(), Ok("Point")),
        ("<Point><coordinates>121.2, 31.0</coordinates></Point>".to_owned(), Ok("Point")),
        (polygon.clone(), Ok("Polygon")),
        (format!("<Polygon><outerBoundaryIs>{open}</outerBoundaryIs></Polygon>"), Ok("Polygon")),
        (format!("<MultiGeometry>{polygon}{polygon}</MultiGeometry>"), Ok("MultiPolygon")),
        (
            format!("<MultiGeometry>{polygon}<Point><coordinates>121,31</coordinates></Point></MultiGeometry>"),
            Ok("Polygon"),
        ),
        ("<LineString><coordinates>121,31 122,31</coordinates></LineString>".to_owned(), Err("geometry_type")),
        ("<gx:Track xmlns:gx=\"u\"><when/></gx:Track>".to_owned(), Err("geometry_type")),
        (String::new(), Err("missing")),
        ("<Point><coordinates>east,north</coordinates></Point>".to_owned(), Err("bad_position")),
    ] {
        let decoded = placemark(&inner);
        let draft = &decoded.drafts[0];
        match expected {
            Ok(kind) => assert_eq!(draft.patch["geometry"]["type"], kind, "{inner}: {draft:?}"),
            Err(reason) => assert_eq!(told(&draft.violations), [("geometry", reason)], "{inner}"),
        }
    }
    let high = placemark("<Point><coordinates>121.2,31.0,12</coordinates></Point>");
    assert!(high.drafts[0].notes.iter().any(|note| note.contains("高程")));
}

#[test]
fn folders_are_layers_and_the_whole_is_read_unless_one_is_asked_for() {
    let text = kml();
    let seen = inspect("a.kml", text.as_bytes()).expect("a look");
    let names: Vec<_> = seen.layers.iter().map(|l| (l.name.as_str(), l.rows)).collect();
    assert_eq!(names, [("全部 all", 3), ("东片", 2), ("西片", 1)]);
    assert_eq!(layer(text.as_bytes(), Format::Kml, "西片").expect("a folder").drafts[0].patch["code"], "S-3");
    let whole = shelters(text.as_bytes(), Format::Kml).expect("a document");
    assert_eq!(whole.notes.iter().filter(|note| note.contains("未读取：")).count(), 0);
}

#[test]
fn data_wins_over_the_placemarks_own_texts_and_references_are_resolved() {
    let data = "<description><![CDATA[<b>x</b>]]></description><ExtendedData><Data name=\"name\"><value>乙 &amp; &#19993;</value></Data></ExtendedData>";
    let decoded = placemark(&format!("{data}<Point><coordinates>121,31</coordinates></Point>"));
    assert_eq!(decoded.drafts[0].patch["name"], "乙 & 丙");
    assert!(decoded.columns.iter().any(|(header, _)| header == "description"));
}

#[test]
fn a_kmz_is_all_its_documents_and_a_kml_may_be_in_any_declared_encoding() {
    let linked = "<kml><Document><NetworkLink><Link><href>layers/东片.kml</href></Link></NetworkLink></Document></kml>";
    let zip = zipped(&[("layers/东片.kml", kml().as_bytes()), ("doc.kml", linked.as_bytes()), ("files/a.png", b"x")]);
    let decoded = shelters(&zip, Format::Kmz).expect("a document");
    assert_rows(&decoded);
    assert_eq!(decoded.notes, Vec::<String>::new(), "the link leads to what was read");
    assert_rows(&layer(&zip, Format::Kmz, "东片").expect("a layer"));
    let declared = kml().replace("UTF-8", "GB2312");
    let bytes = encoding_rs::GBK.encode(&declared).0.into_owned();
    assert_rows(&shelters(&bytes, Format::Kml).expect("a document"));
    let wide: Vec<u8> = std::iter::once(0xfeff).chain(kml().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(Format::detect("a", &wide), Ok(Format::Kml));
    assert_rows(&shelters(&wide, Format::Kml).expect("a document"));
    assert!(matches!(shelters(b"<kml><name>\xff</name></kml>", Format::Kml), Err(DecodeError::Undecodable { .. })));
}

#[test]
fn links_are_never_followed_and_told() {
    let text = "<kml><Document><NetworkLink><Link><href>http://x/</href></Link></NetworkLink></Document></kml>";
    let decoded = shelters(text.as_bytes(), Format::Kml).expect("a document");
    assert!(decoded.drafts.is_empty() && decoded.notes.iter().any(|note| note.contains("1 个网络链接")));
}

#[test]
fn a_gpx_is_its_waypoints_and_tracks_are_told() {
    let text = "<gpx><wpt lat=\"31.0\" lon=\"121.2\"><ele>4.5</ele><name>甲</name><time>2024-05-01T00:00:00Z</time></wpt>\
        <wpt lat=\"north\" lon=\"121.2\"><name>乙</name></wpt><wpt lon=\"121.2\"/>\
        <trk><trkseg><trkpt lat=\"1\" lon=\"1\"/></trkseg></trk><rte/></gpx>";
    let decoded = shelters(text.as_bytes(), Format::Gpx).expect("a document");
    assert_eq!((&decoded.drafts[0].patch["lon"], &decoded.drafts[0].violations[..]), (&json!(121.2), &[][..]));
    assert!(decoded.drafts[0].notes.iter().any(|note| note.contains("高程")));
    assert_eq!(told(&decoded.drafts[1].violations), [("geometry", "bad_position")]);
    assert_eq!(told(&decoded.drafts[2].violations), [("geometry", "bad_position"), ("name", "missing")]);
    assert!(decoded.notes.iter().any(|note| note.contains("2 条航迹")), "{:?}", decoded.notes);
}

#[test]
fn xml_that_is_cut_off_or_crossed_is_refused_with_its_line() {
    for text in ["<kml>\n<Placemark>", "<kml>\n</gpx>", "<kml>\n<a b=></kml>", "<kml>\n<!DOCTYPE x [ ]></kml>"] {
        match shelters(text.as_bytes(), Format::Kml) {
            Err(DecodeError::BadXml { line: 2, .. }) => {}
            other => panic!("{text}: {other:?}"),
        }
    }
}
