//! `bihu network`: makes a network file of an OpenStreetMap extract, and shows what is in one.

use super::mapped::{map, write_aside};
use super::say::say;
use crate::exchange::osm;
use crate::network::{Graph, NetworkFile, Sections, build};
use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

#[derive(Debug, Parser)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a network file of an extract: .osm.pbf, .osm or .osm.gz
    Build {
        /// OpenStreetMap extract
        file: PathBuf,
        /// Network file to write
        #[arg(long, value_name = "FILE.bihunet")]
        out: PathBuf,
    },
    /// Show what is in a network file
    Show {
        /// Network file
        file: PathBuf,
    },
}

pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.action {
        Action::Build { file, out } => make(&file, &out),
        Action::Show { file } => show(&file),
    }
}

fn make(file: &std::path::Path, out: &std::path::Path) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let bytes = map(file)?;
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {pos}  {elapsed}") {
        bar.set_style(style);
    }
    let extract = osm::read(bytes.as_ref(), &|pass, seen| {
        bar.set_message(["关系 / relations", "道路 / ways", "节点 / nodes"][usize::from(pass.clamp(1, 3)) - 1]);
        bar.set_position(seen);
    })?;
    bar.set_message("路网 / network");
    let built = build(&extract.roads);
    let counts = extract.counts;
    let meta = json!({
        "source": file.file_name().map(|n| n.to_string_lossy().into_owned()),
        "attribution": "© OpenStreetMap contributors, ODbL 1.0",
        "nodes": counts.nodes, "ways": counts.ways, "relations": counts.relations,
        "islands": built.islands, "island_edges": built.island_edges, "island_length_m": built.island_length_m,
        "restrictions": built.restrictions, "restrictions_unread": built.restrictions_unread,
        "restrictions_conditional": counts.conditional, "cut_ways": counts.cut_ways, "open_rings": counts.open_rings,
    });
    let mut sections = Sections::default();
    built.graph.write(&mut sections);
    sections.put(*b"meta    ", serde_json::to_vec(&meta)?);
    let whole = sections.to_file();
    bar.finish_and_clear();
    write_aside(out, &whole)?;
    say!("{}", serde_json::to_string_pretty(&meta)?)?;
    say!(
        "{}: {} 节点 / nodes, {} 边 / edges, {} 弧 / arcs, {} 字节 / bytes, {:.1} s",
        out.display(),
        built.graph.node_count(),
        built.graph.edge_count(),
        built.graph.arc_count(),
        whole.len(),
        started.elapsed().as_secs_f64()
    )?;
    Ok(ExitCode::SUCCESS)
}

fn show(file: &std::path::Path) -> anyhow::Result<ExitCode> {
    let network = NetworkFile::read(Arc::new(map(file)?))?;
    let graph = Graph::read(&network)?;
    let meta: serde_json::Value = serde_json::from_slice(network.section(*b"meta    ")?)?;
    say!("{}", serde_json::to_string_pretty(&meta)?)?;
    say!("{} 节点 / nodes, {} 边 / edges, {} 弧 / arcs", graph.node_count(), graph.edge_count(), graph.arc_count())?;
    Ok(ExitCode::SUCCESS)
}
