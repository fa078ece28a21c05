//! OpenStreetMap files → roads, base-map features and names: `.osm.pbf`, `.osm` and `.osm.gz`.
//!
//! A file is read three times (relations, ways, nodes), and only what is needed is kept, so that memory grows with what is
//! drawn and driven on and not with the file. Invariants: everything is checked before it is used as an index; a damaged or
//! foreign file is an error that says where; nothing is guessed where a node is missing: the way is cut there, and that is told.

mod areas;
mod classify;
mod gather;
mod pbf;
mod xml;

pub use gather::{Counts, Extract, Progress, read};

use crate::network::Point;

/// Why a map file can not be read.
#[derive(Debug, thiserror::Error)]
pub enum OsmError {
    /// It is neither PBF nor XML of OpenStreetMap.
    #[error(
        "不是 OpenStreetMap 文件，应为 .osm.pbf、.osm 或 .osm.gz / not an OpenStreetMap file: .osm.pbf, .osm or .osm.gz is expected"
    )]
    Foreign,
    /// It ends too early, or its bytes make no sense.
    #[error("OpenStreetMap 文件已损坏或不完整：{why} / the OpenStreetMap file is damaged or cut: {why}")]
    Damaged {
        /// What the reader says.
        why: String,
    },
    /// A limit was reached.
    #[error("超过上限：{what} 不得多于 {limit} / over a limit: at most {limit} {what}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How much.
        limit: u64,
    },
    /// There is nothing in it to move on.
    #[error("文件中没有可通行的道路 / there is no road in the file that anybody may use")]
    NoRoads,
}

/// Returns an error about damage.
fn damaged(why: impl ToString) -> OsmError {
    OsmError::Damaged { why: why.to_string().chars().take(300).collect() }
}

/// A member of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    what: What,
    id: i64,
    role: String,
}

/// Kind of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Node,
    Way,
    Relation,
}

/// One thing of the file, as it is read.
enum Part<'a> {
    Node { id: i64, at: Point, tags: &'a [(&'a str, &'a str)] },
    Way { id: i64, refs: &'a [i64], tags: &'a [(&'a str, &'a str)] },
    Relation { members: &'a [Member], tags: &'a [(&'a str, &'a str)] },
}

/// What one reading of the file is about; anything else may be skipped.
type Pass = What;

/// Takes parts as they come.
type Visit<'a> = &'a mut dyn FnMut(Part<'_>) -> Result<(), OsmError>;

/// Most bytes of a file that is unpacked in memory (`.osm.gz`).
const UNPACKED_MAX: u64 = 4 << 30;

/// Returns the position of degrees; `None` outside the globe.
fn point_of(lon: f64, lat: f64) -> Option<Point> {
    let fits = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
    fits.then(|| Point { lon_e7: (lon * 1e7).round() as i32, lat_e7: (lat * 1e7).round() as i32 })
}
