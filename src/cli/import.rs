//! `bihu import`: one file into the store, with progress and a report.
//!
//! Exit code 0: every row accounted for and written (or nothing to write); 2: rows refused, or the file can not be read
//! as what it should be, and nothing written; 3: the coordinates contradict the system declared, and nothing written; 1:
//! anything else.

use super::say::say;
use super::{StoreArgument, crs_word, target};
use crate::domain::{Actor, Role};
use crate::exchange::Target;
use crate::service::datum::DatumCheck;
use crate::service::import::{self, Mode, Report, Request};
use crate::service::{Error, grids};
use anyhow::Context;
use chrono::{DateTime, FixedOffset, Utc};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Largest file, bytes.
const FILE_MAX: u64 = 512 * 1024 * 1024;

/// How often progress is told where no bar can be drawn.
const TELL_EVERY: Duration = Duration::from_secs(3);

/// Refused rows shown on the screen; the report has them all.
const SHOWN: usize = 10;

#[derive(Debug, Parser)]
pub struct Arguments {
    /// XLSX, XLS, CSV, GeoJSON, zipped Shapefile, GeoPackage, KML, KMZ, GPX or FlatGeobuf file
    file: PathBuf,
    /// shelter | warehouse | storage_point | team | site | demand | division
    #[arg(long, value_parser = target)]
    kind: Target,
    /// Coordinate system: wgs84 | cgcs2000 | gcj02 | bd09 | web_mercator | EPSG:4490 | EPSG:4491–4554 | local:NAME
    #[arg(long, value_parser = crs_word)]
    datum: String,
    /// Layer, sheet or folder to read, where the file has several; default: the first one that is understood
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Import in this system although the coordinates contradict it; kept in the journal
    #[arg(long)]
    datum_confirmed: bool,
    #[command(flatten)]
    store: StoreArgument,
    /// Say what would happen; write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the whole report here, as JSON
    #[arg(long, value_name = "FILE.json")]
    report: Option<PathBuf>,
    /// When the figures were observed (RFC 3339), where the file does not say
    #[arg(long)]
    observed_at: Option<DateTime<FixedOffset>>,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let name = arguments.file.display().to_string();
    let bytes = read(&arguments.file).with_context(|| format!("无法读取 / can not read {name}"))?;
    if let Some(path) = &arguments.report {
        // Before anything is written: a report that can not be kept must not be found out afterwards.
        write_report(path, &json!({ "file": name, "committed": false, "error": "unfinished" }))?;
    }
    let app = if arguments.dry_run { arguments.store.existing_app().await? } else { arguments.store.app().await? };
    let crs = grids::resolve(&app, &arguments.datum).await?;
    let request = Request {
        file: arguments.file.file_name().map_or(name, |n| n.to_string_lossy().into_owned()),
        bytes: bytes.into(),
        target: arguments.kind,
        crs,
        layer: arguments.layer.clone(),
        columns: None,
        observed_at: arguments.observed_at.map(|at| at.with_timezone(&Utc)),
        mode: if arguments.dry_run { Mode::DryRun } else { Mode::Commit },
        confirmed: if arguments.datum_confirmed { DatumCheck::Confirmed } else { DatumCheck::Ask },
    };
    let (bar, pace) = (bar(), Pace::begin());
    let actor = Actor { name: "cli".to_owned(), role: Role::Admin, scope: None };
    let outcome = import::run(&app, &actor, request, &|done| {
        bar.set_position(done as u64);
        pace.tell(done);
    })
    .await;
    bar.finish_and_clear();
    app.close().await;
    match outcome {
        Ok(report) => finish(&arguments, &report),
        Err(Error::Undecodable(error)) => {
            if let Some(path) = &arguments.report {
                let (file, error) = (arguments.file.display().to_string(), error.to_string());
                write_report(path, &json!({ "file": file, "committed": false, "error": error }))?;
            }
            eprintln!("bihu: 文件无法读取，未写入任何内容 / the file can not be read, nothing was written: {error}");
            Ok(ExitCode::from(2))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads a regular file no further than its limit: a device or a pipe has no end, and a file may grow meanwhile.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    anyhow::ensure!(std::fs::metadata(path)?.is_file(), "不是普通文件 / not a regular file");
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(FILE_MAX + 1).read_to_end(&mut bytes)?;
    anyhow::ensure!(
        bytes.len() as u64 <= FILE_MAX,
        "文件超过 {FILE_MAX} 字节 / the file is larger than {FILE_MAX} bytes"
    );
    Ok(bytes)
}

/// Tells the progress every few seconds where no bar can be drawn, e.g. in a log.
struct Pace(Option<Mutex<Instant>>);

impl Pace {
    fn begin() -> Self {
        Self((!std::io::stderr().is_terminal()).then(|| Mutex::new(Instant::now())))
    }

    fn tell(&self, done: usize) {
        let Some(last) = &self.0 else { return };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= TELL_EVERY {
            *last = Instant::now();
            eprintln!("{done} 行已写入 / rows written");
        }
    }
}

fn write_report(path: &Path, report: &impl serde::Serialize) -> anyhow::Result<()> {
    std::fs::write(path, serde_json::to_vec_pretty(report)?)
        .with_context(|| format!("无法写入报告 / can not write the report {}", path.display()))
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {pos} 行已写入 / rows written  {elapsed} {per_sec}");
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn finish(arguments: &Arguments, report: &Report) -> anyhow::Result<ExitCode> {
    if let Some(path) = &arguments.report {
        write_report(path, report)?;
    }
    say!(
        "{}: 共 {} 行 / rows, 新增 / new {}, 变更 / changed {}, 相同 / same {}, 拒绝 / refused {}",
        report.file,
        report.rows,
        report.new,
        report.changed,
        report.same,
        report.refused
    )?;
    for note in &report.notes {
        say!("  注 / note: {note}")?;
    }
    if let Some(check) = report.datum_check.as_ref().filter(|check| !check.stop) {
        say!("  坐标系 / datum: {} / {}", check.zh, check.en)?;
    }
    for row in report.refused_rows.iter().take(SHOWN) {
        for violation in &row.violations {
            eprintln!(
                "  第 {} 行 / row {}: {} — {} / {}",
                row.row, row.row, violation.field, violation.zh, violation.en
            );
        }
    }
    if report.refused > SHOWN {
        eprintln!("  … 另有 / and {} 行 / more rows（--report FILE.json）", report.refused - SHOWN);
    }
    if let Some(check) = report.datum_check.as_ref().filter(|check| check.stop) {
        eprintln!("坐标系不符，未写入任何内容 / the datum is contradicted, nothing was written");
        eprintln!("  {}\n  {}", check.zh, check.en);
        return Ok(ExitCode::from(3));
    }
    if report.refused > 0 {
        eprintln!("未写入任何内容 / nothing was written");
        return Ok(ExitCode::from(2));
    }
    if report.dry_run {
        say!("试运行，未写入 / dry run, nothing was written")?;
    } else {
        say!("已写入，修订号 / written, revision {}", report.revision)?;
    }
    Ok(ExitCode::SUCCESS)
}
