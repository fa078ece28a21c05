//! `bihu grid`: local grids from control points.
//!
//! Exit code 0: done; 2: the control points do not make a grid, and nothing was kept; 1: anything else.

use super::StoreArgument;
use super::say::say;
use crate::domain::{Actor, Role};
use crate::service::Error;
use crate::service::grids::{self, ControlPointDoc, FitAnswer, FitRequest};
use anyhow::Context;
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Largest file of control points, bytes.
const FILE_MAX: u64 = 1024 * 1024;

#[derive(Debug, Parser)]
pub struct Arguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// 拟合 / Fit a grid to control points and keep it as local:NAME
    Fit(FitArguments),
    /// 列出 / List the grids that are kept
    List {
        #[command(flatten)]
        store: StoreArgument,
    },
    /// 删除 / Remove a grid
    Remove {
        /// Its name
        name: String,
        #[command(flatten)]
        store: StoreArgument,
    },
}

#[derive(Debug, Parser)]
struct FitArguments {
    /// CSV of control points with columns x, y (grid, metres) and lon, lat (WGS84 or CGCS2000, degrees)
    file: PathBuf,
    /// Name to keep it under
    #[arg(long)]
    name: String,
    /// helmert (4 parameters) | affine (6)
    #[arg(long, default_value = "helmert")]
    model: String,
    /// Central meridian of the grid's plane, degrees; the middle of the points when it is not known
    #[arg(long, allow_hyphen_values = true)]
    central_meridian: Option<f64>,
    /// Fit and tell; keep nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    store: StoreArgument,
}

fn actor() -> Actor {
    Actor { name: "cli".to_owned(), role: Role::Admin, scope: None }
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.act {
        Act::Fit(arguments) => fit(arguments).await,
        Act::List { store } => {
            let app = store.app().await?;
            for grid in grids::list(&app).await? {
                let (fit, name) = (&grid.fit, &grid.name);
                say!("local:{name}\t{}\t{} m RMS\t{}°", fit.model, fit.rms_m, fit.central_meridian_deg)?;
            }
            app.close().await;
            Ok(ExitCode::SUCCESS)
        }
        Act::Remove { name, store } => {
            let app = store.app().await?;
            grids::remove(&app, &actor(), &name).await?;
            app.close().await;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn fit(arguments: FitArguments) -> anyhow::Result<ExitCode> {
    let points = points(&arguments.file)?;
    let request = FitRequest { points, model: arguments.model, central_meridian_deg: arguments.central_meridian };
    let outcome = match arguments.dry_run {
        true => grids::fit(&request),
        false => {
            let app = arguments.store.app().await?;
            let kept = grids::keep(&app, &actor(), &arguments.name, request).await;
            app.close().await;
            kept.map(|grid| grid.fit)
        }
    };
    match outcome {
        Ok(answer) => {
            print(&arguments.name, &answer)?;
            say!("{}", if arguments.dry_run { "试算，未保存 / dry run, nothing was kept" } else { "已保存 / kept" })?;
            Ok(ExitCode::SUCCESS)
        }
        Err(Error::Invalid(violations)) => {
            for violation in violations {
                eprintln!("  {} — {} / {}", violation.field, violation.zh, violation.en);
            }
            eprintln!("未保存格网 / no grid was kept");
            Ok(ExitCode::from(2))
        }
        Err(error) => Err(error.into()),
    }
}

fn print(name: &str, answer: &FitAnswer) -> anyhow::Result<()> {
    say!(
        "local:{name}  {}  中误差 / RMS {:.4} m  比例 / scale {:.8}  中央经线 / central meridian {}°",
        answer.model,
        answer.rms_m,
        answer.scale,
        answer.central_meridian_deg
    )?;
    for r in &answer.residuals {
        say!("  {:>4}  ΔE {:+.4} m  ΔN {:+.4} m  {:.4} m", r.point, r.east_m, r.north_m, r.distance_m)?;
    }
    for (zh, en) in &answer.notes {
        say!("  注 / note: {zh} / {en}")?;
    }
    Ok(())
}

/// Reads the control points of a CSV file.
fn points(path: &Path) -> anyhow::Result<Vec<ControlPointDoc>> {
    let name = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("无法读取 / can not read {name}"))?.len();
    anyhow::ensure!(size <= FILE_MAX, "{name}: {size} bytes, the limit is {FILE_MAX}");
    let text = std::fs::read_to_string(path).with_context(|| format!("无法读取 / can not read {name}"))?;
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headers: Vec<String> = reader.headers()?.iter().map(str::to_lowercase).collect();
    let place = |column: &str| {
        headers
            .iter()
            .position(|h| h == column)
            .with_context(|| format!("{name}: 缺少列 / no column {column} (x, y, lon, lat)"))
    };
    let columns = [place("x")?, place("y")?, place("lon")?, place("lat")?];
    let mut points = Vec::new();
    for (i, record) in reader.records().enumerate() {
        let record = record?;
        let number = |column: usize| {
            let cell = record.get(column).unwrap_or_default();
            cell.parse::<f64>().with_context(|| format!("{name} 第 {} 行 / row {}: `{cell}`", i + 2, i + 2))
        };
        let [x, y, lon, lat] = [number(columns[0])?, number(columns[1])?, number(columns[2])?, number(columns[3])?];
        points.push(ControlPointDoc { x, y, lon, lat });
    }
    Ok(points)
}
