//! Map file → network file: roads, base map, names, and what the file says of itself.
//!
//! Invariant: the same map file, bounds and time give the same bytes.

use super::file::{Progress, Step};
use super::gather::read_within;
use super::{Counts, Head, OsmError};
use crate::domain::Footprint;
use crate::network::hierarchy::Hierarchy;
use crate::network::{Built, FeatureTiles, PlaceIndex, Point, Sections, build};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Section of the network file that holds [`About`], as JSON.
pub const TAG: [u8; 8] = *b"meta    ";

/// What to make a network file of.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// Name of the map file.
    pub source: &'a str,
    /// Area that is wanted, and how its user named it; `None`: everything.
    pub within: Option<(&'a Footprint, &'a str)>,
    /// Now.
    pub built_at: DateTime<Utc>,
}

/// What a network file says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Name of the map file.
    pub source: String,
    /// SHA-256 of the map file, 64 hexadecimal digits.
    pub source_sha256: String,
    /// Bytes of the map file.
    pub source_bytes: u64,
    /// Whose data it is.
    pub attribution: String,
    /// State of the map file, as it says itself.
    pub timestamp: Option<DateTime<Utc>>,
    /// When it was made.
    pub built_at: DateTime<Utc>,
    /// Everything in it is invented.
    pub synthetic: bool,
    /// Box around its roads, `[west, south, east, north]` in degrees.
    pub bounds: Option<[f64; 4]>,
    /// What of the map file was wanted, in its user's words.
    pub within: Option<String>,
    /// Things of the map file.
    pub nodes: u64,
    /// Things of the map file.
    pub ways: u64,
    /// Things of the map file.
    pub relations: u64,
    /// What is drawn.
    pub features: u64,
    /// What can be looked for: places and streets.
    pub places: u64,
    /// House numbers.
    pub houses: u64,
    /// Crossings of streets with names.
    pub crossings: u64,
    /// Names that there was no room for.
    pub names_left_out: u64,
    /// Roads that hang together with nothing large, and were left out.
    pub islands: u64,
    /// Edges in them.
    pub island_edges: u64,
    /// Metres in them.
    pub island_length_m: f64,
    /// The largest of them, the longest first.
    pub largest_islands: Vec<AboutIsland>,
    /// Turn restrictions that are heeded.
    pub restrictions: u64,
    /// Turn restrictions whose members do not meet as they say.
    pub restrictions_unread: u64,
    /// Turn restrictions about a road that is not kept: nobody may use it, or it lies beyond the bounds.
    #[serde(default)]
    pub restrictions_elsewhere: u64,
    /// Turn restrictions that hold at some hours only: what they say of those is not heeded, for no departure is known.
    pub restrictions_conditional: u64,
    /// Some of them.
    pub conditional: Vec<AtHours>,
    /// Ways of which something holds at some hours only, not heeded likewise.
    pub ways_conditional: u64,
    /// Ways that name nodes which are not there, and were cut or left out.
    pub cut_ways: u64,
    /// Rings that do not close, and are not drawn.
    pub open_rings: u64,
}

/// An island that was left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AboutIsland {
    /// Edges.
    pub edges: u64,
    /// Metres, whole ones.
    pub length_m: f64,
    /// A place on it, `[lon, lat]` in degrees.
    pub at: [f64; 2],
}

/// A turn restriction that holds at some hours only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AtHours {
    /// What it says, as the map file has it.
    pub words: String,
    /// Where, `[lon, lat]` in degrees.
    pub at: [f64; 2],
}

/// A network file, and what it says of itself.
#[derive(Debug, Clone)]
pub struct Made {
    /// The file, to be written.
    pub file: Sections,
    /// What it says.
    pub about: About,
    /// Its roads.
    pub built: Built,
}

/// Makes a network file of the bytes of a map file.
pub fn make(bytes: &[u8], order: &Order<'_>, progress: Progress<'_>) -> Result<Made, OsmError> {
    let extract = read_within(bytes, order.within.map(|(area, _)| area), progress)?;
    let whole = bytes.len() as u64;
    let mut sections = Sections::default();
    progress(Step::Roads, 0);
    let built = build(&extract.roads);
    drop(extract.roads);
    built.graph.write(&mut sections);
    progress(Step::Hierarchy, 0);
    Hierarchy::build(&built.graph).write(&mut sections);
    progress(Step::Map, 0);
    FeatureTiles::write(&extract.features, &mut sections);
    let features = extract.features.len() as u64;
    drop(extract.features);
    progress(Step::Names, 0);
    let kept = PlaceIndex::write(&extract.places, &built.graph, &mut sections);
    drop(extract.places);
    let at_hours = extract.at_hours;
    progress(Step::Checksum, 0);
    let about = About {
        source_sha256: hex(&Sha256::digest(bytes)),
        source_bytes: whole,
        features,
        places: kept.places as u64,
        houses: kept.houses as u64,
        crossings: kept.crossings as u64,
        names_left_out: kept.left_out as u64,
        conditional: at_hours.into_iter().map(|(words, at)| AtHours { words, at: degrees(at).into() }).collect(),
        ..about(order, (&extract.head, &extract.counts), &built)
    };
    // Numbers, texts and lists: this can not fail to be JSON.
    sections.put(TAG, serde_json::to_vec(&about).unwrap_or_default());
    Ok(Made { file: sections, about, built })
}

fn about(order: &Order<'_>, (head, counts): (&Head, &Counts), built: &Built) -> About {
    let attribution = if head.synthetic {
        "演示数据（虚构） / invented demonstration data"
    } else {
        "© OpenStreetMap contributors, ODbL 1.0"
    };
    let bounds = built.graph.bounds().map(|(low, high)| {
        let ((west, south), (east, north)) = (degrees(low), degrees(high));
        [west, south, east, north]
    });
    let islands = built.largest_islands.iter().map(|island| AboutIsland {
        edges: island.edges as u64,
        length_m: island.length_m.round(),
        at: degrees(island.at).into(),
    });
    About {
        source: order.source.to_owned(),
        source_sha256: String::new(),
        source_bytes: 0,
        attribution: attribution.to_owned(),
        timestamp: head.timestamp,
        built_at: order.built_at,
        synthetic: head.synthetic,
        bounds,
        within: order.within.map(|(_, words)| words.to_owned()),
        nodes: counts.nodes,
        ways: counts.ways,
        relations: counts.relations,
        features: 0,
        places: 0,
        houses: 0,
        crossings: 0,
        names_left_out: 0,
        islands: built.islands as u64,
        island_edges: built.island_edges as u64,
        island_length_m: built.island_length_m.round(),
        largest_islands: islands.collect(),
        restrictions: built.restrictions as u64,
        restrictions_unread: built.restrictions_unread as u64 + counts.restrictions_long + counts.restrictions_garbled,
        restrictions_elsewhere: counts.restrictions_elsewhere,
        restrictions_conditional: counts.conditional,
        conditional: Vec::new(),
        ways_conditional: counts.conditional_ways,
        cut_ways: counts.cut_ways,
        open_rings: counts.open_rings,
    }
}

/// Returns longitude and latitude in degrees.
fn degrees(point: Point) -> (f64, f64) {
    (f64::from(point.lon_e7) / 1e7, f64::from(point.lat_e7) / 1e7)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
