//! What goes out through any format comes in again: into the same store as nothing new, into an empty one as the same.

use crate::ground::Ground;
use bihu::domain::{Actor, Audience, Crs, Kind, Role};
use bihu::exchange::document::write;
use bihu::exchange::{EncodedFile, FileFormat, Target};
use bihu::service::export::{Request, Selection, run};
use bihu::service::import::{self, Report};
use bihu::service::{App, seed};
use chrono::Utc;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::sync::Arc;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Formats that are read again; a page to print is not.
const BOTH_WAYS: [FileFormat; 9] = [
    FileFormat::Xlsx,
    FileFormat::Csv,
    FileFormat::GeoJson,
    FileFormat::Shapefile,
    FileFormat::GeoPackage,
    FileFormat::Kml,
    FileFormat::Kmz,
    FileFormat::Gpx,
    FileFormat::FlatGeobuf,
];

async fn open(ground: &Ground) -> Arc<App> {
    App::open(ground.open().await, Utc::now).await.expect("an app")
}

async fn demonstration(ground: &Ground) -> Arc<App> {
    let app = open(ground).await;
    assert!(seed::demonstration(&app).await.expect("the demonstration"));
    app
}

/// Another ground of the same make, empty.
async fn beside(ground: &Ground) -> Ground {
    if ground.url.starts_with("sqlite:") { Ground::sqlite().await } else { Ground::postgres().await }
}

async fn exported(app: &Arc<App>, kind: Kind, format: FileFormat) -> EncodedFile {
    let target = Target::Resource(kind);
    let selection = Selection::default();
    let request = Request { target, format, crs: Crs::WGS84, audience: Audience::Staff, selection };
    run(app, request).await.expect("a file")
}

/// Imports a file, layer by layer where it has several.
async fn imported(app: &Arc<App>, kind: Kind, file: &EncodedFile) -> Vec<Report> {
    let actor = Actor { name: "tester".to_owned(), role: Role::Admin, scope: None };
    let mut reports = Vec::new();
    for bytes in layers(file) {
        let request = import::Request::of(format!("export.{}", file.file_name_ending), bytes, Target::Resource(kind));
        let report = import::run(app, &actor, request, &|_| {}).await;
        reports.push(report.unwrap_or_else(|error| panic!("{}: {error}", file.file_name_ending)));
    }
    for report in &reports {
        assert_eq!(report.refused, 0, "{}: {:?}", file.file_name_ending, report.refused_rows.first());
    }
    reports
}

/// A zip of two shapefiles as two zips, for an import takes one layer at a time.
fn layers(file: &EncodedFile) -> Vec<Vec<u8>> {
    if file.file_name_ending != FileFormat::Shapefile.word() {
        return vec![file.bytes.clone()];
    }
    let mut zip = ZipArchive::new(Cursor::new(&file.bytes)).expect("a zip");
    let mut parts: BTreeMap<String, ZipWriter<Cursor<Vec<u8>>>> = BTreeMap::new();
    for i in 0..zip.len() {
        let mut entry = zip.by_index(i).expect("an entry");
        let name = entry.name().expect("a name in UTF-8").into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("a whole entry");
        let stem = name.split('.').next().unwrap_or_default().to_owned();
        if stem == "README" {
            continue;
        }
        let part = parts.entry(stem).or_insert_with(|| ZipWriter::new(Cursor::new(Vec::new())));
        part.start_file(name, SimpleFileOptions::default()).expect("room");
        part.write_all(&bytes).expect("room");
    }
    parts.into_values().map(|part| part.finish().expect("a zip").into_inner()).collect()
}

/// Documents of every resource, without what the store itself counts.
fn documents(app: &App) -> BTreeMap<String, Map<String, Value>> {
    let world = app.world();
    world.resources().map(|row| (row.value.id.to_string(), write(&row.value, Audience::Staff))).collect()
}

/// Rows with an area, which a waypoint can not carry.
fn areas(app: &App, kind: Kind) -> usize {
    let world = app.world();
    world.resources().filter(|row| row.value.kind() == kind && row.value.place.footprint.is_some()).count()
}

/// Every format, every kind of the demonstration: all rows the same, no entry in the journal.
pub async fn what_was_exported_imports_as_the_same_and_writes_nothing(ground: &Ground) {
    let app = demonstration(ground).await;
    let before = app.world().revisions();
    for format in BOTH_WAYS {
        for kind in Kind::ALL {
            let file = exported(&app, *kind, format).await;
            // What a shapefile has no room for is blank in it or cut, and a waypoint has no area: neither takes any away.
            let lossless = format != FileFormat::Shapefile && (format != FileFormat::Gpx || areas(&app, *kind) == 0);
            assert!(file.losses.is_empty() || !lossless, "{format:?}: {:?}", file.losses);
            let reports = imported(&app, *kind, &file).await;
            let same: usize = reports.iter().map(|report| report.same).sum();
            assert!(same == file.rows && same > 0, "{format:?} {kind}: {same} of {} are the same", file.rows);
        }
    }
    assert_eq!(app.world().revisions(), before);
    app.close().await;
}

/// Every format fills an empty store with the same documents.
pub async fn a_store_filled_from_an_export_holds_equal_documents(ground: &Ground) {
    let app = demonstration(ground).await;
    let expected = documents(&app);
    for format in BOTH_WAYS {
        let other = beside(ground).await;
        let empty = open(&other).await;
        let mut lost: Vec<String> = Vec::new();
        for kind in Kind::ALL {
            let file = exported(&app, *kind, format).await;
            lost.extend(file.losses.iter().filter_map(|loss| Some(loss.en.split_once(": ")?.0.to_owned())));
            let new: usize = imported(&empty, *kind, &file).await.iter().map(|report| report.new).sum();
            assert_eq!(new, file.rows, "{format:?} {kind}");
        }
        let mut found = documents(&empty);
        if format == FileFormat::Gpx {
            lost.push("geometry".to_owned());
        }
        assert!(lost.is_empty() || matches!(format, FileFormat::Gpx | FileFormat::Shapefile), "{format:?}: {lost:?}");
        for (id, document) in &mut found {
            let named = lost.iter().filter_map(|name| Some((name.clone(), expected[id].get(name)?.clone())));
            document.extend(named);
        }
        for (id, document) in &expected {
            assert_eq!(found.get(id), Some(document), "{format:?} {id}");
        }
        assert_eq!(found.len(), expected.len(), "{format:?}");
        empty.close().await;
    }
    app.close().await;
}
