//! GeoPackage → features. OGC 12-128r19.
//!
//! The one reader that speaks SQL, because the file is a database: SQLite opens a copy of its bytes in memory, read-only,
//! on a thread of its own (its driver is asynchronous, and readers are not). The file is untrusted. So its schema may run
//! nothing (`trusted_schema`), only real tables that `gpkg_contents` lists are read, never views or virtual tables, never
//! generated columns; names come from the file and are quoted as identifiers, the one thing that is put into a statement;
//! and a statement that runs for too many steps is stopped. Invariant: nothing touches a disk.

use super::built::Vertices;
use super::sink::{CrsInFile, Head, Item, Kind, Sink};
use super::wkb::{self, Fault};
use super::{COLUMNS_MAX, Known, Layered, ROWS_MAX, wkt};
use crate::domain::Violation;
use crate::exchange::DecodeError;
use crate::exchange::assemble::{Cell, Outline};
use futures::TryStreamExt;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteOwnedBuf, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Row, TypeInfo, ValueRef};
use std::str::FromStr;

/// Steps of the database's machine between two looks at how many there were.
const STEPS: i32 = 100_000;
/// Most looks: twenty thousand million steps are minutes.
const LOOKS_MAX: u32 = 20_000;
/// Most layers.
const LAYERS_MAX: i64 = 500;

const OWN: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' \
     AND name IN ('gpkg_contents', 'gpkg_geometry_columns', 'gpkg_spatial_ref_sys') AND sql LIKE 'CREATE TABLE%'";
const TABLES: &str = "SELECT c.table_name, c.data_type, g.column_name, s.organization, s.organization_coordsys_id, s.definition \
     FROM gpkg_contents c \
     JOIN sqlite_schema t ON t.type = 'table' AND t.name = c.table_name AND t.sql LIKE 'CREATE TABLE%' \
     LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name \
     LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = coalesce(g.srs_id, c.srs_id) \
     WHERE c.data_type IN ('features', 'attributes') ORDER BY c.rowid LIMIT ?1";
const COLUMNS: &str = "SELECT name, pk FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid LIMIT ?2";

/// A table that may be read.
struct Layer {
    name: String,
    has_features: bool,
    geometry: Option<String>,
    crs: Option<CrsInFile>,
}

/// An open GeoPackage.
pub(super) struct Package<'a> {
    bytes: &'a [u8],
    layers: Vec<Layer>,
}

/// Opens a GeoPackage.
pub(super) fn open(bytes: &[u8]) -> Result<Package<'_>, DecodeError> {
    let layers = alone(async {
        let mut database = connect(bytes).await?;
        let own: Vec<String> = sqlx::query_scalar(OWN).fetch_all(&mut database).await.map_err(fault)?;
        if own.len() < 3 {
            return Err(DecodeError::Unsupported { what: "SQLite（不是 GeoPackage / no GeoPackage）".to_owned() });
        }
        for table in own {
            check(&mut database, &table).await?;
        }
        let rows = sqlx::query(TABLES).bind(LAYERS_MAX).fetch_all(&mut database).await.map_err(fault)?;
        rows.iter().map(layer).collect()
    })?;
    Ok(Package { bytes, layers })
}

impl Layered for Package<'_> {
    fn layers(&self) -> Vec<(String, bool)> {
        self.layers.iter().map(|layer| (layer.name.clone(), false)).collect()
    }

    fn read(&mut self, index: usize, _: Known<'_>, sink: &mut dyn Sink) -> Result<(), DecodeError> {
        let Some(layer) = self.layers.get(index) else { return Err(DecodeError::Empty) };
        alone(read(self.bytes, layer, sink))
    }
}

/// Runs a database to its end on a thread that belongs to no runtime, whoever called.
fn alone<T: Send>(work: impl Future<Output = Result<T, DecodeError>> + Send) -> Result<T, DecodeError> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            runtime.map_err(|error| damaged(error.to_string()))?.block_on(work)
        });
        thread.join().unwrap_or_else(|_| Err(damaged("解析程序无法继续 / the parser can not go on")))
    })
}

async fn connect(bytes: &[u8]) -> Result<SqliteConnection, DecodeError> {
    let options = SqliteConnectOptions::from_str("sqlite::memory:").map_err(fault)?;
    let options = options
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .pragma("temp_store", "MEMORY")
        .row_buffer_size(4)
        .disable_statement_logging();
    let mut database = options.connect().await.map_err(fault)?;
    let mut copy = SqliteOwnedBuf::try_from(bytes).map_err(fault)?;
    // A file that was in write-ahead mode says so in its header; in memory there is no such mode.
    if let Some(versions) = copy.as_mut().get_mut(18..20) {
        versions.fill(1);
    }
    database.deserialize(None, copy, true).await.map_err(fault)?;
    let mut looks = 0;
    let mut handle = database.lock_handle().await.map_err(fault)?;
    handle.set_progress_handler(STEPS, move || {
        looks += 1;
        looks < LOOKS_MAX
    });
    drop(handle);
    sqlx::query("PRAGMA query_only = ON").execute(&mut database).await.map_err(fault)?;
    Ok(database)
}

fn layer(row: &SqliteRow) -> Result<Layer, DecodeError> {
    let text = |i: usize| row.try_get::<Option<String>, _>(i).ok().flatten();
    let crs = match (text(3), row.try_get::<Option<i64>, _>(4).ok().flatten()) {
        // -1 and 0 are the undefined systems of the standard.
        (Some(authority), Some(code)) if !authority.eq_ignore_ascii_case("none") && code > 0 => {
            Some(wkt::of_code(&authority, code))
        }
        _ => None,
    };
    let crs = match (crs, text(5)) {
        (Some(CrsInFile::Unknown(name)), Some(definition)) => match wkt::of_wkt(&definition) {
            CrsInFile::Unknown(_) => Some(CrsInFile::Unknown(name)),
            known => Some(known),
        },
        (crs, _) => crs,
    };
    let has_features = text(1).as_deref() == Some("features");
    Ok(Layer { name: text(0).unwrap_or_default(), has_features, geometry: text(2), crs })
}

/// Refuses tables whose pages are used twice: a small file could otherwise say the same long text any number of times.
async fn check(database: &mut SqliteConnection, table: &str) -> Result<(), DecodeError> {
    let found = sqlx::query_scalar::<_, String>("SELECT * FROM pragma_quick_check(?1) LIMIT 1");
    match found.bind(table).fetch_optional(database).await.map_err(fault)? {
        Some(verdict) if verdict != "ok" => Err(damaged(verdict)),
        _ => Ok(()),
    }
}

async fn read(bytes: &[u8], layer: &Layer, sink: &mut dyn Sink) -> Result<(), DecodeError> {
    let mut database = connect(bytes).await?;
    check(&mut database, &layer.name).await?;
    let found = sqlx::query(COLUMNS).bind(&layer.name).bind(COLUMNS_MAX as i64 + 2);
    let found = found.fetch_all(&mut database).await.map_err(fault)?;
    let names: Vec<(String, bool)> =
        found.iter().filter_map(|row| Some((row.try_get(0).ok()?, row.try_get::<i64, _>(1).ok()? > 0))).collect();
    let is_geometry = |name: &str| layer.geometry.as_ref().is_some_and(|g| g.eq_ignore_ascii_case(name));
    // The key of the table is its own affair: it counts rows, and is no code of anything.
    let headers: Vec<String> =
        names.iter().filter(|(name, is_key)| !is_key && !is_geometry(name)).map(|(name, _)| name.clone()).collect();
    let geometry = names.iter().map(|(name, _)| name).find(|name| is_geometry(name));
    if layer.has_features && geometry.is_none() {
        return Err(damaged("没有几何列 / no geometry column"));
    }
    if headers.is_empty() && geometry.is_none() {
        return Err(DecodeError::Empty);
    }
    let selected: Vec<String> = headers.iter().chain(geometry).map(|name| quoted(name)).collect();
    let statement = format!("SELECT {} FROM {} LIMIT {}", selected.join(", "), quoted(&layer.name), ROWS_MAX + 1);
    let kind = if geometry.is_some() { Kind::Features } else { Kind::Table };
    sink.begin(Head { headers: headers.clone(), kind, encoding: None, crs: layer.crs.clone() })?;
    let mut rows = sqlx::query(AssertSqlSafe(statement)).fetch(&mut database);
    let (mut number, mut vertices) = (0, Vertices::default());
    while let Some(row) = rows.try_next().await.map_err(fault)? {
        number += 1;
        give(sink, &Found { row: &row, number, columns: headers.len(), kind }, &mut vertices)?;
    }
    Ok(())
}

/// A row and how to read it.
struct Found<'a> {
    row: &'a SqliteRow,
    number: usize,
    columns: usize,
    kind: Kind,
}

fn give(sink: &mut dyn Sink, found: &Found<'_>, vertices: &mut Vertices) -> Result<(), DecodeError> {
    let values: Vec<Value> = (0..found.columns).map(|i| value(found.row, i)).collect();
    let mut violations = Vec::new();
    let mut geometry = Value::Null;
    if found.kind == Kind::Features {
        match blob(found.row, found.columns).map(|blob| wkb::of_geopackage(&blob, vertices)) {
            None => {}
            Some(Ok(read)) => geometry = read,
            Some(Err(Fault::Limit(error))) => return Err(error),
            Some(Err(Fault::Damaged)) => {
                let (zh, en) = ("几何数据已损坏", "the geometry is damaged");
                violations.push(Violation::new("geometry", "bad_geometry", zh, en));
            }
        }
    }
    let outline = (found.kind == Kind::Features).then_some(Outline { geometry: Some(&geometry), id: None });
    let cells = values.iter().map(|value| Cell::Json(Some(value))).collect();
    sink.item(Item { row: found.number, cells, outline, violations, notes: Vec::new() })
}

fn value(row: &SqliteRow, index: usize) -> Value {
    let Ok(raw) = row.try_get_raw(index) else { return Value::Null };
    if raw.is_null() {
        return Value::Null;
    }
    // The type is that of the value and not of the column, which SQLite does not hold to.
    let kind = raw.type_info().name().to_owned();
    match kind.as_str() {
        "INTEGER" | "INT4" | "BIGINT" | "BOOLEAN" => {
            row.try_get_unchecked::<i64, _>(index).map_or(Value::Null, Value::from)
        }
        "REAL" => row.try_get_unchecked::<f64, _>(index).map_or(Value::Null, Value::from),
        "BLOB" => Value::Null,
        _ => blob(row, index).map_or(Value::Null, |bytes| Value::from(String::from_utf8_lossy(&bytes).into_owned())),
    }
}

fn blob(row: &SqliteRow, index: usize) -> Option<Vec<u8>> {
    row.try_get_unchecked::<Option<Vec<u8>>, _>(index).ok().flatten()
}

/// Quotes an identifier; a quote in it is doubled, and SQLite knows no other escape.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

fn fault(error: sqlx::Error) -> DecodeError {
    match error {
        sqlx::Error::Database(error) => damaged(error.message()),
        other => damaged(other.to_string()),
    }
}

fn damaged(why: impl ToString) -> DecodeError {
    DecodeError::damaged("GeoPackage", why)
}
