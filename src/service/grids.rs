//! Local grids that a bureau's files come in: fitted to control points, kept under a name, spoken of as `local:NAME`.
//!
//! Invariant: what a name stands for is looked up once, when a file is read; a position converted by a grid keeps the
//! grid's own coefficients, so that fitting it anew changes nothing that is there.

use super::{App, Error};
use crate::domain::{Actor, Crs, LocalGrid, LonLat, Right, Violation, may};
use crate::spatial::grid::{self, ControlPoint, Model};
use crate::store::{Expected, Record, RecordKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most grids kept.
pub const GRIDS_MAX: usize = 200;

/// Longest name, characters.
const NAME_MAX: usize = 60;

/// Control points to fit a grid to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FitRequest {
    /// The control points, 2 (helmert) or 3 (affine) to 1000; four or more can be checked.
    pub points: Vec<ControlPointDoc>,
    /// `helmert` (4 parameters, default) or `affine` (6).
    #[serde(default = "helmert")]
    pub model: String,
    /// Central meridian of the grid's plane, degrees; the middle of the points when it is not known.
    #[serde(default)]
    pub central_meridian_deg: Option<f64>,
}

fn helmert() -> String {
    Model::Helmert.word().to_owned()
}

/// A point known in both systems.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlPointDoc {
    /// First number in the local grid, metres; files are read in this order of axes.
    pub x: f64,
    /// Second number, metres.
    pub y: f64,
    /// Longitude on WGS84 or CGCS2000, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
}

/// A fitted grid and how well it fits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FitAnswer {
    /// Model fitted.
    pub model: String,
    /// Central meridian of its plane, degrees.
    pub central_meridian_deg: f64,
    /// `east = a x + b y + c`, `north = d x + e y + f`, metres.
    pub coefficients: [f64; 6],
    /// Root mean square of the residuals, metres.
    pub rms_m: f64,
    /// Metres on the ground per metre of the grid.
    pub scale: f64,
    /// x runs north and y east, as surveyors have it.
    pub x_is_north: bool,
    /// Each point with its residual.
    pub residuals: Vec<ResidualDoc>,
    /// The point that does not go with the others, from 1.
    pub outlier: Option<usize>,
    /// What is to be known about the fit, Chinese and English.
    pub notes: Vec<(String, String)>,
}

/// How far the map misses a point, ground less map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResidualDoc {
    /// Number of the point, from 1.
    pub point: usize,
    /// Metres east.
    pub east_m: f64,
    /// Metres north.
    pub north_m: f64,
    /// Length, metres.
    pub distance_m: f64,
}

/// A grid that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GridDoc {
    /// Its name; files are declared to be in `local:NAME`.
    pub name: String,
    /// Grows by one each time it is replaced.
    #[serde(default)]
    pub version: u64,
    /// The fit.
    pub fit: FitAnswer,
    /// The control points it was fitted to.
    pub points: Vec<ControlPointDoc>,
}

/// Fits a grid to control points.
pub fn fit(request: &FitRequest) -> Result<FitAnswer, Error> {
    let model = Model::from_word(&request.model);
    let mut wrong: Vec<Violation> = Vec::new();
    if model.is_none() {
        wrong.push(Violation::not_a_choice("model", &request.model, "helmert, affine"));
    }
    if request.central_meridian_deg.is_some_and(|m| !(-180.0..=180.0).contains(&m)) {
        wrong.push(Violation::out_of_range("central_meridian_deg", "…", "-180…180"));
    }
    let mut points = Vec::with_capacity(request.points.len().min(grid::POINTS_MAX));
    for (i, point) in request.points.iter().enumerate().take(grid::POINTS_MAX + 1) {
        match LonLat::new(point.lon, point.lat) {
            Ok(position) => points.push(ControlPoint { x: point.x, y: point.y, position }),
            Err(violation) => wrong.push(violation.under(&format!("points[{i}]."))),
        }
    }
    let (Some(model), true) = (model, wrong.is_empty()) else { return Err(Error::Invalid(wrong)) };
    let found = grid::fit(&points, model, request.central_meridian_deg).map_err(Error::invalid)?;
    let residual = |(i, (east_m, north_m)): (usize, &(f64, f64))| ResidualDoc {
        point: i + 1,
        east_m: *east_m,
        north_m: *north_m,
        distance_m: east_m.hypot(*north_m),
    };
    Ok(FitAnswer {
        model: model.word().to_owned(),
        central_meridian_deg: found.grid.central_meridian_deg,
        coefficients: found.grid.coefficients,
        rms_m: found.grid.rms_m,
        scale: found.scale,
        x_is_north: found.x_is_north(),
        residuals: found.residuals_m.iter().enumerate().map(residual).collect(),
        outlier: found.outlier.map(|i| i + 1),
        notes: notes(&found),
    })
}

fn notes(found: &grid::Fit) -> Vec<(String, String)> {
    let mut notes = Vec::new();
    let mut tell = |zh: String, en: String| notes.push((zh, en));
    if !found.checked {
        tell(
            "控制点数恰为必要数，残差为零并不说明精度；请增加控制点".to_owned(),
            "there are just enough points: zero residuals say nothing about accuracy; add points".to_owned(),
        );
    }
    if let Some(i) = found.outlier.map(|i| i + 1) {
        tell(
            format!("第 {i} 个控制点与其余不符，请核对或剔除后重新拟合"),
            format!("control point {i} does not go with the others: check it, or leave it out and fit again"),
        );
    }
    if found.x_is_north() {
        tell("x 指北、y 指东（测量惯例）".to_owned(), "x runs north and y east, as surveyors have it".to_owned());
    }
    notes
}

/// Keeps a grid under a name, in place of the one that is there.
pub async fn keep(app: &App, actor: &Actor, name: &str, request: FitRequest) -> Result<GridDoc, Error> {
    may(actor, Right::KeepSettings).map_err(Error::Denied)?;
    let name = checked_name(name)?;
    let answer = fit(&request)?;
    let new = app.store().record(RecordKind::Grid, &name).await?.is_none();
    if new && app.store().records(RecordKind::Grid, "", "", GRIDS_MAX).await?.len() >= GRIDS_MAX {
        return Err(Error::TooLarge {
            zh: format!("最多保存 {GRIDS_MAX} 个格网，请先删除不用的"),
            en: format!("at most {GRIDS_MAX} grids are kept: remove one first"),
        });
    }
    let mut document = GridDoc { name: name.clone(), version: 0, fit: answer, points: request.points };
    let doc = serde_json::to_string(&document).map_err(Error::internal)?;
    let record = Record { kind: RecordKind::Grid, key: name, version: 0, at: app.now(), doc, blob: None };
    document.version = app.store().put_record(&record, Expected::Any).await?;
    Ok(document)
}

/// Lists the grids in order of name.
pub async fn list(app: &App) -> Result<Vec<GridDoc>, Error> {
    let records = app.store().records(RecordKind::Grid, "", "", GRIDS_MAX).await?;
    records.iter().map(read).collect()
}

/// Removes a grid. Positions that were converted by it stay as they are.
pub async fn remove(app: &App, actor: &Actor, name: &str) -> Result<(), Error> {
    may(actor, Right::KeepSettings).map_err(Error::Denied)?;
    match app.store().drop_record(RecordKind::Grid, name).await? {
        true => Ok(()),
        false => Err(Error::not_found(format!("grid {name}"))),
    }
}

/// Returns the grids as coordinate systems, to try a file against.
pub async fn kept(app: &App) -> Result<Vec<LocalGrid>, Error> {
    Ok(list(app).await?.iter().map(GridDoc::grid).collect())
}

/// Returns the coordinate system of a word: everything that [`Crs::parse`] reads, and `local:NAME` as kept here.
pub async fn resolve(app: &App, word: &str) -> Result<Crs, Error> {
    let Some(name) = word.trim().strip_prefix("local:") else { return Crs::parse(word).map_err(Error::invalid) };
    if let Some(record) = app.store().record(RecordKind::Grid, name).await? {
        return Ok(Crs::Local(read(&record)?.grid()));
    }
    let kept: Vec<String> = list(app).await?.into_iter().map(|grid| format!("local:{}", grid.name)).collect();
    let shown: String = name.chars().take(NAME_MAX).collect();
    let choices = if kept.is_empty() { "—".to_owned() } else { kept.join(", ") };
    Err(Error::invalid(Violation::new(
        "datum",
        "unknown_grid",
        format!("没有名为“{shown}”的地方格网；已有：{choices}；可用 bihu grid fit 拟合"),
        format!("no local grid `{shown}`; there are: {choices}; make one by `bihu grid fit`"),
    )))
}

impl GridDoc {
    fn grid(&self) -> LocalGrid {
        LocalGrid {
            name: self.name.clone(),
            central_meridian_deg: self.fit.central_meridian_deg,
            coefficients: self.fit.coefficients,
            rms_m: self.fit.rms_m,
        }
    }
}

fn read(record: &Record) -> Result<GridDoc, Error> {
    let document: GridDoc = serde_json::from_str(&record.doc).map_err(Error::internal)?;
    Ok(GridDoc { version: record.version, ..document })
}

fn checked_name(name: &str) -> Result<String, Error> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if (1..=NAME_MAX).contains(&name.chars().count()) && name.chars().all(fits) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid(Violation::new(
        "name",
        "bad_name",
        format!("格网名应为 1–{NAME_MAX} 个字母、数字或 _ - ."),
        format!("a grid's name takes 1–{NAME_MAX} letters, digits, _ - or ."),
    )))
}
