//! `bihu export`: a layer or a selection of it as a file; `bihu template`: a workbook to fill in.

use super::say::say;
use super::{StoreArgument, crs_word, target};
use crate::domain::{Audience, DivisionCode, Level, Lifecycle, Status};
use crate::exchange::{EncodedFile, FileFormat, Target};
use crate::service::export::{Request, Selection, run as make};
use crate::service::grids;
use anyhow::Context;
use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Parser)]
pub struct Arguments {
    /// shelter | warehouse | storage_point | team | site | demand | division
    #[arg(long, value_parser = target)]
    kind: Target,
    /// xlsx | csv | geojson | shp.zip | gpkg | kml | kmz | gpx | fgb | html; without it the ending of --out tells
    #[arg(long, value_parser = format)]
    format: Option<FileFormat>,
    /// File to write
    #[arg(long)]
    out: PathBuf,
    /// Coordinate system of the file: wgs84 | cgcs2000 | gcj02 | bd09 | web_mercator | EPSG:4490 | EPSG:4491–4554 |
    /// local:NAME
    #[arg(long, value_parser = crs_word, default_value = "wgs84")]
    datum: String,
    /// Division code; it and what lies below it
    #[arg(long, value_parser = division)]
    division: Option<DivisionCode>,
    /// State of a shelter: closed | preparing | open | full | closing
    #[arg(long, value_parser = status)]
    status: Option<Status>,
    /// city | district | town | village
    #[arg(long, value_parser = level)]
    level: Option<Level>,
    /// planned | under_construction | in_service | suspended | retired
    #[arg(long, value_parser = lifecycle)]
    lifecycle: Option<Lifecycle>,
    /// Words in the name, or a code
    #[arg(long)]
    q: Option<String>,
    /// What the public may have: no contacts, no remarks, no internal rows
    #[arg(long)]
    public: bool,
    #[command(flatten)]
    store: StoreArgument,
}

#[derive(Debug, Parser)]
pub struct TemplateArguments {
    /// shelter | warehouse | storage_point | team | site | demand | division
    #[arg(long, value_parser = target)]
    kind: Target,
    /// File to write, .xlsx
    #[arg(long)]
    out: PathBuf,
}

fn format(word: &str) -> Result<FileFormat, String> {
    FileFormat::from_ending(word).ok_or_else(|| format!("one of: {}", FileFormat::choices()))
}

fn division(code: &str) -> Result<DivisionCode, String> {
    DivisionCode::parse(code).map_err(|violation| violation.en)
}

fn status(word: &str) -> Result<Status, String> {
    Status::from_word(word).ok_or_else(|| format!("one of: {}", Status::choices()))
}

fn level(word: &str) -> Result<Level, String> {
    Level::from_word(word).ok_or_else(|| format!("one of: {}", Level::choices()))
}

fn lifecycle(word: &str) -> Result<Lifecycle, String> {
    Lifecycle::from_word(word).ok_or_else(|| format!("one of: {}", Lifecycle::choices()))
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let format = arguments
        .format
        .or_else(|| of_name(&arguments.out))
        .with_context(|| format!("请用 --format 指明格式 / say the format with --format: {}", FileFormat::choices()))?;
    let Arguments { kind, datum, division, status, level, lifecycle, q, .. } = arguments;
    let selection = Selection { division, status, level, lifecycle, boxes: Vec::new(), words: q };
    let audience = if arguments.public { Audience::Public } else { Audience::Staff };
    let app = arguments.store.app().await?;
    let crs = grids::resolve(&app, &datum).await?;
    let made = make(&app, Request { target: kind, format, crs, audience, selection }).await;
    app.close().await;
    keep(&arguments.out, &made?)
}

pub fn template(arguments: TemplateArguments) -> anyhow::Result<ExitCode> {
    keep(&arguments.out, &crate::exchange::template(arguments.kind)?)
}

/// Tells a format by the longest ending of a name that is one.
fn of_name(path: &Path) -> Option<FileFormat> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let endings = name.match_indices('.').map(|(at, _)| &name[at + 1..]);
    endings.into_iter().find_map(FileFormat::from_ending)
}

fn keep(path: &Path, file: &EncodedFile) -> anyhow::Result<ExitCode> {
    std::fs::write(path, &file.bytes).with_context(|| format!("无法写入 / can not write {}", path.display()))?;
    say!("{}: {} 行 / rows, {} 字节 / bytes", path.display(), file.rows, file.bytes.len())?;
    for loss in &file.losses {
        say!("  未能写出 / left out: {}", loss.both())?;
    }
    Ok(ExitCode::SUCCESS)
}
