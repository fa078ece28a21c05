//! Large files of every format: all rows, in their order, with progress. `BIHU_ROWS` makes them larger.

use crate::exchange_files::{GPKG, SHELTER, gpkg_point, wait, zipped};
use bihu::domain::Crs;
use bihu::exchange::{Format, Reading, decode_with};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn rows() -> usize {
    std::env::var("BIHU_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(5_000)
}

fn place(i: usize) -> (f64, f64) {
    (121.0 + (i % 1000) as f64 / 10_000.0, 31.0 + (i / 1000) as f64 / 10_000.0)
}

fn hold(format: Format, bytes: &[u8]) {
    let (begun, last) = (Instant::now(), AtomicUsize::new(0));
    let progress = |n: usize| assert!(last.swap(n, Ordering::Relaxed) <= n);
    let reading = Reading { progress: Some(&progress), ..Reading::new(format, SHELTER, &Crs::WGS84) };
    let decoded = decode_with(bytes, &reading).unwrap_or_else(|error| panic!("{format}: {error}"));
    println!("{format}: {} rows of {} bytes in {:?}", rows(), bytes.len(), begun.elapsed());
    assert_eq!((decoded.drafts.len(), last.load(Ordering::Relaxed)), (rows(), rows()), "{format}");
    for (i, draft) in decoded.drafts.iter().enumerate() {
        assert_eq!(draft.patch["code"].as_str(), Some(format!("S-{i}").as_str()));
        assert_eq!((draft.patch["lon"].as_f64(), draft.violations.len()), (Some(place(i).0), 0));
    }
}

#[test]
fn a_large_csv_is_read_whole() {
    let mut text = "编码,名称,经度,纬度,容量\n".to_owned();
    (0..rows()).for_each(|i| writeln!(text, "S-{i},示例{i},{},{},{i}人", place(i).0, place(i).1).expect("text"));
    hold(Format::Csv, text.as_bytes());
}

#[test]
fn a_large_xlsx_is_read_whole() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(["编码", "名称", "经度", "纬度", "容量"]) {
        sheet.write(0, column, header).expect("a header");
    }
    for i in 0..rows() {
        let row = u32::try_from(i).expect("a row") + 1;
        sheet.write(row, 0, format!("S-{i}")).expect("a cell");
        sheet.write(row, 1, format!("示例{i}")).expect("a cell");
        sheet.write(row, 2, place(i).0).expect("a cell");
        sheet.write(row, 3, place(i).1).expect("a cell");
        sheet.write(row, 4, i as f64).expect("a cell");
    }
    hold(Format::Xlsx, &book.save_to_buffer().expect("a workbook"));
}

#[test]
fn a_large_kmz_is_read_whole() {
    let mut text = "<kml><Document>".to_owned();
    for i in 0..rows() {
        let (lon, lat) = place(i);
        write!(
            text,
            "<Placemark><name>示例{i}</name><ExtendedData><Data name=\"编码\"><value>S-{i}</value></Data></ExtendedData>\
             <Point><coordinates>{lon},{lat},0</coordinates></Point></Placemark>"
        )
        .expect("text");
    }
    text.push_str("</Document></kml>");
    hold(Format::Kmz, &zipped(&[("doc.kml", text.as_bytes())]));
}

#[test]
fn a_large_geopackage_is_read_whole() {
    use sqlx::Connection;
    let bytes = wait(async {
        let mut database = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
        sqlx::raw_sql(GPKG).execute(&mut database).await.expect("tables");
        let mut batch = database.begin().await.expect("a batch");
        for i in 0..rows() {
            let insert =
                sqlx::query("INSERT INTO shelters (geom, \"编码\", \"名称\", \"容量\") VALUES (?1, ?2, ?3, ?4)");
            let (lon, lat) = place(i);
            let insert =
                insert.bind(gpkg_point(lon, lat)).bind(format!("S-{i}")).bind(format!("示例{i}")).bind(i as i64);
            insert.execute(&mut *batch).await.expect("a row");
        }
        batch.commit().await.expect("a commit");
        database.serialize(None).await.expect("bytes").as_ref().to_vec()
    });
    hold(Format::GeoPackage, &bytes);
}
