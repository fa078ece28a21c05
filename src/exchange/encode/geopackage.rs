//! GeoPackage 1.3 (OGC 12-128r17): one table of features in one SQLite file, made in memory.
//!
//! SQLite is the file format here and no store, which is why this file may speak SQL. Names in the statements are those of
//! the closed lists of fields and layers, never data; values are bound. Invariants: `application_id` and the required
//! tables are there; GCJ-02, BD-09 and local grids get a reference system of their own name, never that of WGS84.

use super::rows::{Outline, Row, Rows};
use super::{EncodeError, Loss, cell, crs_text};
use crate::domain::Crs;
use crate::exchange::document::Form;
use geo::BoundingRect;
use geo_types::{Geometry, Rect};
use geozero::{CoordDimensions, ToWkb};
use serde_json::Value;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

/// "GPKG" in ASCII (requirement 2), and version 1.3.0 (requirement 2 of 1.3).
const MARKS: &str = "PRAGMA application_id = 1196444487; PRAGMA user_version = 10300;";

/// Requirements 10, 13 and 21: the tables that every package has.
const TABLES: &str = "
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
    description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
INSERT INTO gpkg_spatial_ref_sys VALUES
    ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined cartesian coordinate reference system'),
    ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
    ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],AUTHORITY[\"EPSG\",\"4326\"]]', 'longitude/latitude on WGS 84');";

/// Codes from here on are the package's own; EPSG ends far below.
const OWN_SRS_ID: i32 = 900_001;

/// Values of one statement; SQLite takes 32766.
const BOUND_MAX: usize = 8000;

pub(super) fn write(rows: &Rows<'_>, losses: &[Loss]) -> Result<Vec<u8>, EncodeError> {
    let failed = EncodeError::of(rows.writing.format);
    // The driver is asynchronous. A thread of its own lets this be called from anywhere, also from within a runtime.
    let made = std::thread::scope(|scope| {
        let making = scope.spawn(|| -> Result<Vec<u8>, String> {
            let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|error| error.to_string())?;
            runtime.block_on(package(rows, losses)).map_err(|error| error.to_string())
        });
        making.join().unwrap_or_else(|_| Err("panic".to_owned()))
    });
    made.map_err(|why| failed(&why))
}

async fn package(rows: &Rows<'_>, losses: &[Loss]) -> Result<Vec<u8>, sqlx::Error> {
    let options = SqliteConnectOptions::new().in_memory(true).disable_statement_logging();
    let mut db = SqliteConnection::connect_with(&options).await?;
    sqlx::raw_sql(MARKS).execute(&mut db).await?;
    sqlx::raw_sql(TABLES).execute(&mut db).await?;
    let srs_id = reference_system(&mut db, &rows.writing.crs).await?;
    let layer = rows.writing.target.layer();
    let columns: Vec<String> =
        rows.columns.iter().map(|spec| format!("\"{}\" {}", spec.name, column_type(spec.form))).collect();
    let create = format!(
        "CREATE TABLE \"{layer}\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom BLOB, {})",
        columns.join(", ")
    );
    sqlx::query(AssertSqlSafe(create)).execute(&mut db).await?;
    describe(&mut db, rows, losses, srs_id).await?;
    let extent = insert(&mut db, rows, srs_id).await?;
    if let Some(extent) = extent {
        sqlx::query("UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ?")
            .bind(extent.min().x)
            .bind(extent.min().y)
            .bind(extent.max().x)
            .bind(extent.max().y)
            .execute(&mut db)
            .await?;
    }
    let bytes = db.serialize(None).await?.to_vec();
    db.close().await?;
    Ok(bytes)
}

const fn column_type(form: Form) -> &'static str {
    match form {
        Form::Flag => "BOOLEAN",
        Form::Whole => "INTEGER",
        Form::Number => "REAL",
        Form::Text | Form::Word | Form::Words | Form::Time | Form::Nested | Form::Geometry => "TEXT",
    }
}

/// Makes sure that the reference system is there, and returns its id.
async fn reference_system(db: &mut SqliteConnection, crs: &Crs) -> Result<i32, sqlx::Error> {
    let epsg = crs_text::epsg(crs);
    let id = epsg.unwrap_or(OWN_SRS_ID);
    if id == 4326 {
        return Ok(id);
    }
    sqlx::query("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)")
        .bind(if epsg.is_some() { crs_text::title(crs) } else { crs_text::short(crs) })
        .bind(id)
        .bind(if epsg.is_some() { "EPSG" } else { "BIHU" })
        .bind(id)
        .bind(crs_text::wkt(crs))
        .bind(crs.word())
        .execute(db)
        .await?;
    Ok(id)
}

/// Registers the table and says what it is.
async fn describe(db: &mut SqliteConnection, rows: &Rows<'_>, losses: &[Loss], srs_id: i32) -> Result<(), sqlx::Error> {
    let (target, made) = (rows.writing.target, &rows.writing.made);
    let (zh, en) = cell::datum_note(&rows.writing.crs);
    let told: String = losses.iter().map(|loss| format!("\n{}", loss.both())).collect();
    let about = format!(
        "{}；{zh}；修订 {} / {}; {en}; revision {}{told}",
        target.zh(),
        made.revision,
        target.en(),
        made.revision
    );
    sqlx::query(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
         VALUES (?, 'features', ?, ?, ?, ?)",
    )
    .bind(target.layer())
    .bind(target.layer())
    .bind(about)
    .bind(made.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
    .bind(srs_id)
    .execute(&mut *db)
    .await?;
    sqlx::query("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'GEOMETRY', ?, 0, 0)")
        .bind(target.layer())
        .bind(srs_id)
        .execute(&mut *db)
        .await?;
    Ok(())
}

/// Inserts the rows, many in one statement, and returns the box around them.
async fn insert(db: &mut SqliteConnection, rows: &Rows<'_>, srs_id: i32) -> Result<Option<Rect<f64>>, sqlx::Error> {
    let width = rows.columns.len() + 1;
    let at_once = (BOUND_MAX / width).max(1);
    let mut extent: Option<Rect<f64>> = None;
    let mut transaction = db.begin().await?;
    let (mut arguments, mut waiting) = (SqliteArguments::default(), 0);
    let mut left = rows.len();
    for row in rows.iter() {
        extent = joined(extent, &row.outline);
        bind(&mut arguments, rows, row, srs_id)?;
        waiting += 1;
        left -= 1;
        if waiting == at_once || left == 0 {
            let statement = statement(rows, waiting);
            let full = std::mem::take(&mut arguments);
            sqlx::query_with(AssertSqlSafe(statement), full).execute(&mut *transaction).await?;
            waiting = 0;
        }
    }
    transaction.commit().await?;
    Ok(extent)
}

fn statement(rows: &Rows<'_>, count: usize) -> String {
    let names: Vec<String> = rows.columns.iter().map(|spec| format!("\"{}\"", spec.name)).collect();
    let marks = format!("(?{})", ", ?".repeat(names.len()));
    let all = vec![marks; count].join(", ");
    format!("INSERT INTO \"{}\" (geom, {}) VALUES {all}", rows.writing.target.layer(), names.join(", "))
}

fn bind(arguments: &mut SqliteArguments, rows: &Rows<'_>, row: Row, srs_id: i32) -> Result<(), sqlx::Error> {
    let geometry = blob(&row.outline, srs_id).map_err(|error| sqlx::Error::Encode(error.into()))?;
    arguments.add(geometry).map_err(sqlx::Error::Encode)?;
    for (spec, value) in rows.columns.iter().zip(row.values) {
        let bound = match (spec.form, value) {
            (_, Value::Null) => arguments.add(None::<String>),
            (Form::Flag, Value::Bool(flag)) => arguments.add(flag),
            (Form::Whole, Value::Number(n)) if n.is_i64() => arguments.add(n.as_i64()),
            (Form::Number, Value::Number(n)) => arguments.add(n.as_f64()),
            (form, value) => arguments.add(cell::text(&value, form)),
        };
        bound.map_err(sqlx::Error::Encode)?;
    }
    Ok(())
}

/// A geometry as the standard has it (section 2.1.3): a header with the reference system and the box, then WKB.
fn blob(outline: &Outline, srs_id: i32) -> Result<Option<Vec<u8>>, geozero::error::GeozeroError> {
    let Some(rect) = around(outline) else { return Ok(None) };
    let (geometry, envelope) = match outline {
        Outline::Nowhere => return Ok(None),
        // A point is its own box.
        Outline::Point(at) => (Geometry::Point((*at).into()), Vec::new()),
        Outline::Area(area) => {
            let geometry = match area.0.as_slice() {
                [one] => Geometry::Polygon(one.clone()),
                _ => Geometry::MultiPolygon(area.clone()),
            };
            (geometry, vec![rect.min().x, rect.max().x, rect.min().y, rect.max().y])
        }
    };
    geometry.to_gpkg_wkb(CoordDimensions::xy(), Some(srs_id), envelope).map(Some)
}

fn around(outline: &Outline) -> Option<Rect<f64>> {
    match outline {
        Outline::Nowhere => None,
        Outline::Point(at) => Some(Rect::new(*at, *at)),
        Outline::Area(area) => area.bounding_rect(),
    }
}

fn joined(so_far: Option<Rect<f64>>, outline: &Outline) -> Option<Rect<f64>> {
    match (so_far, around(outline)) {
        (Some(a), Some(b)) => Some(Rect::new(
            (a.min().x.min(b.min().x), a.min().y.min(b.min().y)),
            (a.max().x.max(b.max().x), a.max().y.max(b.max().y)),
        )),
        (a, b) => a.or(b),
    }
}
