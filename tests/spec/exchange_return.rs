//! What is exported comes back unchanged, and the public never gets what is not theirs.

use crate::exchange_samples::{for_all, resource};
use crate::exchange_written::{plain, unpacked, written};
use bihu::domain::{Audience, Datum, Kind, Resource};
use bihu::exchange::document::read;
use bihu::exchange::{FileFormat, Format, Target, Writing, decode, to_feature, write_file};
use proptest::prelude::*;

/// Exports one resource, imports the file and lays the row over the resource.
fn returned(r: &Resource, bytes: &[u8], format: Format) -> Result<Resource, TestCaseError> {
    let decoded = decode(bytes, format, Target::Resource(r.kind()), &Datum::Wgs84.into())
        .map_err(|e| TestCaseError::fail(e.to_string()))?;
    prop_assert_eq!(decoded.drafts.len(), 1);
    let draft = &decoded.drafts[0];
    prop_assert!(draft.violations.is_empty(), "{:?} in {}", draft.violations, String::from_utf8_lossy(bytes));
    read(Some(r.kind()), Some(r.id.clone()), &draft.patch, Some(r)).map_err(|v| TestCaseError::fail(format!("{v:?}")))
}

#[test]
fn importing_what_was_exported_changes_nothing() {
    for_all("export_import", 1500, any::<u64>(), |seed| {
        let r = resource(seed);
        let csv = written([&r], &plain(FileFormat::Csv, r.kind()));
        prop_assert_eq!(&returned(&r, csv.as_bytes(), Format::Csv)?, &r, "CSV: {}", csv);
        let geojson = written([&r], &plain(FileFormat::GeoJson, r.kind()));
        prop_assert_eq!(&returned(&r, geojson.as_bytes(), Format::GeoJson)?, &r, "GeoJSON: {}", geojson);
        Ok(())
    });
}

#[test]
fn an_export_without_its_store_still_gives_the_same_resources() {
    for_all("export_fresh", 500, any::<u64>(), |seed| {
        let r = resource(seed);
        let geojson = written([&r], &plain(FileFormat::GeoJson, r.kind()));
        let decoded = decode(geojson.as_bytes(), Format::GeoJson, Target::Resource(r.kind()), &Datum::Wgs84.into());
        let decoded = decoded.map_err(|e| TestCaseError::fail(e.to_string()))?;
        let fresh = read(Some(r.kind()), None, &decoded.drafts[0].patch, None);
        prop_assert_eq!(fresh.as_ref(), Ok(&r));
        Ok(())
    });
}

#[test]
fn columns_of_metres_are_headed_by_their_direction_and_come_back_as_they_were() {
    let mut all: Vec<Resource> = (0..40).map(resource).filter(|r| r.kind() == Kind::Shelter).collect();
    for (at, r) in (0..).zip(&mut all) {
        let position = bihu::domain::LonLat::new(121.2 + 0.01 * f64::from(at), 31.0).expect("a position");
        r.place = bihu::domain::Place::point(position);
    }
    let zone = |epsg: &str| bihu::domain::Crs::parse(epsg).expect("a system");
    for (crs, headers) in [
        (zone("EPSG:4549"), "easting(EPSG:4549),northing(EPSG:4549)"),
        (zone("EPSG:4528"), "easting(EPSG:4528),northing(EPSG:4528)"),
        (zone("web_mercator"), "easting(web_mercator),northing(web_mercator)"),
    ] {
        let writing = Writing { crs: crs.clone(), ..plain(FileFormat::Csv, Kind::Shelter) };
        let csv = written(&all, &writing);
        assert!(csv.contains(headers), "{}", csv.lines().next().unwrap_or_default());
        let decoded = decode(csv.as_bytes(), Format::Csv, Target::Resource(Kind::Shelter), &crs).expect("a table");
        for (draft, r) in decoded.drafts.iter().zip(&all) {
            let number = |name: &str| draft.patch[name].as_f64().expect("a number");
            let at = bihu::domain::LonLat::new(number("lon"), number("lat")).expect("a position");
            let off = bihu::spatial::geodesic::distance_m(at, r.place.position);
            assert!(draft.violations.is_empty() && off < 0.001, "{:?} {off}", draft.violations);
        }
        let wrong = decode(csv.as_bytes(), Format::Csv, Target::Resource(Kind::Shelter), &Datum::Wgs84.into());
        assert!(wrong.is_err(), "the header names the system");
    }
}

#[test]
fn many_resources_of_one_kind_make_one_table_with_every_row_in_its_place() {
    let all: Vec<Resource> = (0..400).map(resource).filter(|r| r.kind() == Kind::Team).collect();
    let mut codes: Vec<&str> = all.iter().map(|r| r.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all.len(), "codes of the sample are unique");
    let csv = written(&all, &plain(FileFormat::Csv, Kind::Team));
    let decoded =
        decode(csv.as_bytes(), Format::Csv, Target::Resource(Kind::Team), &Datum::Wgs84.into()).expect("a table");
    assert_eq!(decoded.drafts.len(), all.len());
    for (draft, r) in decoded.drafts.iter().zip(&all) {
        assert_eq!(read(None, None, &draft.patch, Some(r)).as_ref(), Ok(r));
    }
}

#[test]
fn the_public_export_holds_neither_hidden_resources_nor_contacts_remarks_and_verifiers() {
    let mut all: Vec<Resource> = (0..200).map(resource).collect();
    for r in &mut all {
        if !r.is_public() {
            r.name.zh = "SECRET".into();
        }
        r.remarks = Some("SECRET".into());
        r.contacts.iter_mut().for_each(|c| c.name = "SECRET".into());
        r.observations.values_mut().for_each(|o| o.verifier = Some("SECRET".into()));
    }
    for kind in Kind::ALL {
        let of_kind: Vec<&Resource> = all.iter().filter(|r| r.kind() == *kind).collect();
        let public = of_kind.iter().filter(|r| r.is_public()).count();
        for format in FileFormat::ALL {
            let writing = Writing { audience: Audience::Public, ..plain(*format, *kind) };
            let file = write_file(of_kind.iter().copied(), &writing).expect("a file");
            assert_eq!(file.rows, public);
            for (name, bytes) in unpacked(&file) {
                let text = String::from_utf8_lossy(&bytes);
                for word in ["SECRET", "contacts", "remarks", "verifier", "operational"] {
                    // The words of closed lists are explained to everybody.
                    let explained = word == "operational" && name.contains("sheet2");
                    let explained = explained || (word == "operational" && name.contains("sharedStrings"));
                    assert!(explained || !text.contains(word), "{format:?} {name}: {word}");
                }
            }
        }
    }
}

#[test]
fn a_feature_says_where_it_is_once() {
    for seed in 0..100 {
        let r = resource(seed);
        let feature = to_feature(&r, Audience::Staff);
        assert_eq!(feature["id"], r.id.as_str());
        let has_point = feature["geometry"]["type"] == "Point";
        assert_eq!(has_point, r.place.footprint.is_none());
        assert_eq!(feature["properties"].get("lon").is_none(), has_point);
        assert!(feature["properties"].get("geometry").is_none());
    }
}

#[test]
fn a_text_that_a_spreadsheet_would_run_is_made_harmless_on_the_way_out() {
    let mut r = resource(3);
    r.name.zh = "=HYPERLINK(1)".into();
    let csv = written([&r], &plain(FileFormat::Csv, r.kind()));
    assert!(csv.contains("'=HYPERLINK(1)"), "{csv}");
    assert!(csv.starts_with('\u{feff}'));
}
