//! `bihu network`: makes a network file of an OpenStreetMap extract, and shows what is in one.

use super::mapped::{map, write_aside};
use super::say::say;
use super::{StoreArgument, bounds};
use crate::exchange::osm::{self, About, Made, Order, Step};
use crate::network::{FeatureIndex, Graph, NetworkFile, PlaceIndex};
use chrono::Utc;
use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug, Parser)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// 生成路网文件 / Make a network file of an extract: .osm.pbf, .osm or .osm.gz
    ///
    /// The extract is mapped, not loaded. What is held: the ways and areas that are used, their nodes, and the file that is
    /// made; on the average half a kilobyte for each road. With --bounds only what lies there is held.
    Build(Build),
    /// 查看路网文件 / Show what is in a network file
    Show {
        /// Network file
        file: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct Build {
    /// OpenStreetMap extract
    file: PathBuf,
    /// Network file to write
    #[arg(long, value_name = "FILE.bihunet")]
    out: PathBuf,
    /// Read only ways that touch this: west,south,east,north | code of a division | FILE.geojson
    #[arg(long, value_name = "AREA", allow_hyphen_values = true)]
    bounds: Option<String>,
    #[command(flatten)]
    store: StoreArgument,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.action {
        Action::Build(build) => make(&build).await,
        Action::Show { file } => show(&file),
    }
}

async fn make(build: &Build) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let bytes = map(&build.file)?;
    spare_others(&build.out)?;
    let words = build.bounds.as_deref();
    let area = match words {
        Some(words) => Some(bounds::area(words, &build.store).await?),
        None => None,
    };
    let source = build.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let order = Order { source: &source, within: area.as_ref().zip(words), built_at: Utc::now() };
    let bar = bar(bytes.as_ref().len() as u64);
    let made = osm::make(bytes.as_ref(), &order, &|step, read| {
        bar.set_message(format!("{} / {}", step.zh(), step.en()));
        // The last steps go over no bytes of the file.
        bar.set_position(if step < Step::Roads { read } else { bar.length().unwrap_or(read) });
    });
    bar.finish_and_clear();
    let made = made.map_err(|error| anyhow::anyhow!("{}: {error}", build.file.display()))?;
    write_aside(&build.out, |out| made.file.write(out))?;
    say!("{} → {}", build.file.display(), build.out.display())?;
    tell(&made.about)?;
    told_of(&made, started.elapsed())?;
    Ok(ExitCode::SUCCESS)
}

/// Refuses to write over a file that is no network file: the map file itself, above all.
fn spare_others(out: &std::path::Path) -> anyhow::Result<()> {
    let Ok(mut there) = std::fs::File::open(out) else { return Ok(()) };
    let mut head = [0u8; 8];
    let read = std::io::Read::read(&mut there, &mut head).unwrap_or(0);
    anyhow::ensure!(
        read == 0 || head == crate::network::file::MAGIC,
        "{} 已存在且不是路网文件，不覆盖；请换一个 --out / is there and is no network file: choose another --out",
        out.display()
    );
    Ok(())
}

fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}  {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Says what the file says of itself.
fn tell(about: &About) -> anyhow::Result<()> {
    say!(
        "来源 / source           {}  {} 字节 / bytes  sha256 {}",
        about.source,
        about.source_bytes,
        about.source_sha256
    )?;
    say!("署名 / attribution      {}", about.attribution)?;
    if about.synthetic {
        say!("虚构 / synthetic        全部数据为虚构 / everything in it is invented")?;
    }
    match about.timestamp {
        Some(time) => say!("数据时间 / state of     {time}")?,
        None => say!("数据时间 / state of     文件未说明 / the file does not say")?,
    }
    say!("生成时间 / made         {}", about.built_at)?;
    if let Some([west, south, east, north]) = about.bounds {
        say!("范围 / box of roads     {west},{south},{east},{north}")?;
    }
    if let Some(within) = &about.within {
        say!("限定 / bounds           {within}")?;
    }
    say!(
        "读入 / read             {} 节点 / nodes, {} 路径 / ways, {} 关系 / relations",
        about.nodes,
        about.ways,
        about.relations
    )?;
    say!("底图 / base map         {} 要素 / features", about.features)?;
    say!(
        "地名 / names            {} 处 / places, {} 门牌 / house numbers, {} 路口 / crossings, {} 放不下 / without room",
        about.places,
        about.houses,
        about.crossings,
        about.names_left_out
    )?;
    say!(
        "转向限制 / turns        {} 条采用 / heeded, {} 条成员不相接，未采用 / whose ways do not meet, {} 条所涉道路不通行或在范围外 / about roads that are not kept",
        about.restrictions,
        about.restrictions_unread,
        about.restrictions_elsewhere
    )?;
    say!(
        "分时段 / at hours only  {} 条转向限制、{} 条道路，未采用（不知出发时间） / turn restrictions and ways, not heeded: no departure is known",
        about.restrictions_conditional,
        about.ways_conditional
    )?;
    for restriction in about.conditional.iter().take(5) {
        let [lon, lat] = restriction.at;
        say!("                        {} : {lon},{lat}", restriction.words)?;
    }
    say!("残缺 / incomplete       {} 路径 / ways, {} 环 / rings", about.cut_ways, about.open_rings)?;
    say!(
        "孤岛 / islands          {} 处，{} 段，{:.1} km，已略去 / left out: {} of them, {} edges",
        about.islands,
        about.island_edges,
        about.island_length_m / 1000.0,
        about.islands,
        about.island_edges
    )?;
    for island in about.largest_islands.iter().take(5) {
        let [lon, lat] = island.at;
        say!("                        {:.1} km, {} 段 / edges: {lon},{lat}", island.length_m / 1000.0, island.edges)?;
    }
    Ok(())
}

/// Says what the roads are, and what making them took.
fn told_of(made: &Made, took: Duration) -> anyhow::Result<()> {
    roads(&made.built.graph)?;
    let memory = peak_memory_mib().map_or(String::new(), |mib| format!("，最多用内存 / at most {mib} MiB of memory"));
    say!("文件 / file             {} 字节 / bytes，{:.1} s{memory}", made.file.file_len(), took.as_secs_f64())
}

fn roads(graph: &Graph) -> anyhow::Result<()> {
    say!(
        "路网 / roads            {} 节点 / nodes, {} 路段 / edges, {} 弧 / arcs",
        graph.node_count(),
        graph.edge_count(),
        graph.arc_count()
    )
}

/// Returns the most memory that the process has had, where the system tells.
fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib / 1024)
}

fn show(file: &Path) -> anyhow::Result<ExitCode> {
    let bytes = map(file)?;
    let length = bytes.as_ref().len();
    let shown = |error: crate::network::FileError| anyhow::anyhow!("{}: {error}", file.display());
    let network = NetworkFile::read(Arc::new(bytes)).map_err(shown)?;
    let graph = Graph::read(&network).map_err(shown)?;
    let features = FeatureIndex::read(&network).map_err(shown)?;
    let places = PlaceIndex::read(&network).map_err(shown)?;
    say!("{}", file.display())?;
    match serde_json::from_slice::<About>(network.section(osm::TAG).map_err(shown)?) {
        Ok(about) => tell(&about)?,
        // Another version of the program has written other words: they are shown as they are.
        Err(_) => say!("{}", String::from_utf8_lossy(network.section(osm::TAG).map_err(shown)?))?,
    }
    roads(&graph)?;
    let there = |there: bool| if there { "有 / there" } else { "无 / none" };
    say!("底图索引 / base map     {}", there(features.is_some()))?;
    say!("地名索引 / names        {}", there(places.is_some()))?;
    say!("文件 / file             {length} 字节 / bytes, {} 节 / sections:", network.sections().count())?;
    for (tag, bytes) in network.sections() {
        say!("                        {tag:8} {bytes:>12} 字节 / bytes")?;
    }
    Ok(ExitCode::SUCCESS)
}
