//! `/api/export/{file}`: a layer as a file to take along; `/api/templates/{file}`: a workbook to fill in.

use super::caller::Caller;
use super::conditional::{has_it, tagged, world_tag};
use super::ogc::items::boxes;
use super::params::Params;
use super::problem::Problem;
use crate::domain::{Crs, DivisionCode, Level, Lifecycle, Status, Violation};
use crate::exchange::{EncodedFile, FileFormat, Target, template};
use crate::service::export::{Request, Selection, file_names, layers, run};
use crate::service::query::search::QUERY_MAX;
use crate::service::{App, Error, grids};
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// How many rows a file has, and what it does not carry (percent-encoded UTF-8): beside the file, for formats that have no
/// place for it.
pub const TOLD: [HeaderName; 2] = [HeaderName::from_static("bihu-rows"), HeaderName::from_static("bihu-losses")];

/// A page to print loads nothing and runs nothing.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/// 导出 — a whole layer or a selection of it, as a file. Staff get contacts and internal rows, the public does not.
#[utoipa::path(get, path = "/api/export/{file}", tag = "exchange",
    params(
        ("file" = String, Path, description = "layer and format, e.g. shelters.xlsx; layers: shelters, warehouses, storage_points, teams, sites, divisions, demand; formats: xlsx, csv, geojson, shp.zip, gpkg, kml, kmz, gpx, fgb, html"),
        ("datum" = Option<String>, Query, description = "coordinate system of the file, default wgs84; kml, kmz and gpx are always wgs84"),
        ("division" = Option<String>, Query, description = "division code; it and what lies below it"),
        ("status" = Option<String>, Query, description = "state of a shelter"),
        ("level" = Option<String>, Query, description = "city | district | town | village"),
        ("lifecycle" = Option<String>, Query, description = "planned | under_construction | in_service | suspended | retired"),
        ("bbox" = Option<String>, Query, description = "west,south,east,north; west > east crosses the antimeridian"),
        ("q" = Option<String>, Query, description = "words in the name, or a code; at most 100 characters"),
    ),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>,
            headers(("bihu-rows" = u64, description = "rows of the file"), ("bihu-losses" = String, description = "what the file does not carry, percent-encoded UTF-8"))),
        (status = 304), (status = 400, body = Problem), (status = 404, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn export(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (target, format) = named(&name)?;
    let audience = caller.audience();
    let (datum, selection) = read(query.as_deref())?;
    let crs = grids::resolve(&app, &datum).await?;
    let request = Request { target, format, crs, audience, selection };
    let tag = world_tag(audience, app.world().revision_for(audience));
    if has_it(&headers, &tag) {
        return Ok(tagged(&headers, audience, &tag, Response::default));
    }
    let names = file_names(&request, app.now());
    let file = run(&app, request).await?;
    let mut response = tagged(&headers, audience, &tag, || answer(file, &names));
    // The file says when it was made, so that two of one revision are the same but not byte for byte.
    if let Ok(weak) = HeaderValue::from_str(&format!("W/{tag}")) {
        response.headers_mut().insert(header::ETAG, weak);
    }
    Ok(response)
}

/// 导入模板 — an empty workbook of a kind, with lists of the words that may stand in its columns.
#[utoipa::path(get, path = "/api/templates/{file}", tag = "exchange",
    params(("file" = String, Path, description = "shelter.xlsx | warehouse.xlsx | storage_point.xlsx | team.xlsx | site.xlsx | demand.xlsx | division.xlsx")),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>), (status = 404, body = Problem)))]
pub async fn template_of(Path(name): Path<String>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    Params::parse(query.as_deref()).finish()?;
    let target = name.strip_suffix(".xlsx").and_then(Target::from_word);
    let target = target.ok_or_else(|| Error::not_found(format!("template {name}")))?;
    let file = template(target).map_err(Error::from)?;
    let names = [format!("{}导入模板.xlsx", target.zh()), format!("{}_template.xlsx", target.word())];
    Ok(answer(file, &names))
}

/// Reads a layer and a format off a name.
fn named(name: &str) -> Result<(Target, FileFormat), Problem> {
    let parts = name.split_once('.');
    let found = parts.and_then(|(layer, ending)| Some((Target::from_layer(layer)?, FileFormat::from_ending(ending)?)));
    found.ok_or_else(|| {
        let name: String = name.chars().take(60).collect();
        Error::not_found(format!("export {name} (layers: {}; formats: {})", layers(), FileFormat::choices())).into()
    })
}

/// Reads the word of a coordinate system and the selection.
fn read(query: Option<&str>) -> Result<(String, Selection), Problem> {
    let mut params = Params::parse(query);
    let datum = params.text("datum").unwrap_or_else(|| Crs::WGS84.word());
    // Which local grids there are only the store knows.
    if let Some(violation) = Crs::parse(&datum).err().filter(|_| !datum.starts_with("local:")) {
        params.refuse::<()>(violation);
    }
    let division = params.text("division").and_then(|code| match DivisionCode::parse(&code) {
        Ok(code) => Some(code),
        Err(violation) => params.refuse(violation),
    });
    let selection = Selection {
        division,
        status: params.word("status", Status::from_word, Status::choices()),
        level: params.word("level", Level::from_word, Level::choices()),
        lifecycle: params.word("lifecycle", Lifecycle::from_word, Lifecycle::choices()),
        boxes: params.text("bbox").map(|text| boxes(&mut params, &text)).unwrap_or_default(),
        words: params.text("q"),
    };
    if selection.words.as_ref().is_some_and(|w| w.chars().count() > QUERY_MAX) {
        params.refuse::<()>(Violation::out_of_range("q", "…", &format!("1…{QUERY_MAX} characters")));
    }
    params.finish()?;
    Ok((datum, selection))
}

/// Returns a file under a Chinese name (RFC 6266, with RFC 5987 for the name). A page to print is shown, not kept.
pub(super) fn answer(file: EncodedFile, [name, ascii]: &[String; 2]) -> Response {
    let encoded = percent(name);
    let page = file.file_name_ending == FileFormat::Html.word();
    let how = if page { "inline" } else { "attachment" };
    let disposition = format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    let losses: Vec<String> = file.losses.iter().map(|loss| loss.both()).collect();
    let [rows_told, losses_told] = TOLD;
    let told = [
        (header::CONTENT_DISPOSITION, disposition),
        (rows_told, file.rows.to_string()),
        (losses_told, percent(&losses.join("\n"))),
    ];
    let mut response = ([(header::CONTENT_TYPE, file.media)], Body::from(file.bytes)).into_response();
    let headers = response.headers_mut();
    for (name, value) in told {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    if page {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    }
    response
}

/// Percent-encodes everything but letters, digits and `-._~` (RFC 3986, unreserved).
fn percent(text: &str) -> String {
    let byte = |b: u8| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}
