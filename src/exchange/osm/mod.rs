//! OpenStreetMap files → roads, base-map features and names: `.osm.pbf`, `.osm` and `.osm.gz`.
//!
//! A file is read three times (relations, ways, nodes; before them once more where bounds are given), and only what is needed
//! is kept, so that memory grows with what is drawn and driven on and not with the file. Invariants: everything is checked
//! before it is used as an index; a damaged or foreign file is an error that says where; nothing is guessed where a node is
//! missing: the way is cut there, and that is told.

mod areas;
mod classify;
mod file;
mod gather;
mod make;
mod pbf;
mod roads;
mod wire;
mod xml;

pub use file::{Progress, Step};
pub use gather::{Counts, Extract, read, read_within};
pub use make::{About, Made, Order, TAG, make};

use crate::network::Point;
use chrono::{DateTime, Utc};

/// Why a map file can not be read.
#[derive(Debug, thiserror::Error)]
pub enum OsmError {
    /// It is neither PBF nor XML of OpenStreetMap.
    #[error(
        "不是 OpenStreetMap 文件，而是{zh}；应为 .osm.pbf、.osm 或 .osm.gz / this is no OpenStreetMap file but {en}: .osm.pbf, .osm or .osm.gz is expected"
    )]
    Foreign {
        /// What it seems to be, in Chinese.
        zh: &'static str,
        /// The same in English.
        en: &'static str,
    },
    /// It is packed in a way that is not read.
    #[error(
        "文件用 {how} 压缩，本程序不读；请先转换，例如 osmium cat in -o out.osm.pbf / the file is packed by {how}, which is not read; convert it first, for example by osmium cat in -o out.osm.pbf"
    )]
    Packed {
        /// By what.
        how: &'static str,
    },
    /// It ends too early, or its bytes make no sense.
    #[error(
        "OpenStreetMap 文件已损坏或不完整，请重新下载或复制 / the OpenStreetMap file is damaged or cut ({why}): download or copy it again"
    )]
    Damaged {
        /// What the reader says, in English.
        why: String,
    },
    /// It unpacks to far more than map data does.
    #[error(
        "压缩比异常（超过 {ratio}:1），疑为压缩炸弹，未读取 / it unpacks more than {ratio}-fold, as map data never does: it was not read"
    )]
    Bomb {
        /// Most that is unpacked of one byte.
        ratio: u64,
    },
    /// A limit was reached.
    #[error("超过上限：{zh}不得多于 {limit} / over a limit: at most {limit} {en}")]
    Limit {
        /// Of what, in Chinese.
        zh: &'static str,
        /// The same in English.
        en: &'static str,
        /// How much.
        limit: u64,
    },
    /// There is nothing in it to move on.
    #[error(
        "文件中没有可通行的道路，请换用含道路（highway）的完整地图 / there is no road in the file that anybody may use: take a whole map, with its highways"
    )]
    NoRoads,
    /// There is, but not within the bounds.
    #[error(
        "所给范围内没有可通行的道路，请检查范围与文件是否为同一地区 / there is no road within the bounds: are they of the same region as the file?"
    )]
    NoRoadsWithin,
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
    role: &'static str,
}

/// Returns the role of a member as the one word that is understood; empty for any other.
fn role(word: &str) -> &'static str {
    ["from", "via", "to", "inner", "outer"].into_iter().find(|known| *known == word).unwrap_or_default()
}

/// Kind of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Node,
    Way,
    Relation,
}

/// What a file says of itself before anything else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// State of the data, where it is told.
    pub timestamp: Option<DateTime<Utc>>,
    /// The data is invented, and says so.
    pub synthetic: bool,
}

/// One thing of the file, as it is read.
enum Part<'a> {
    Head(Head),
    Node { id: i64, at: Point, tags: &'a [(&'a str, &'a str)] },
    Way { id: i64, refs: &'a [i64], tags: &'a [(&'a str, &'a str)] },
    Relation { members: &'a [Member], tags: &'a [(&'a str, &'a str)] },
}

/// What one reading of the file is about; anything else may be skipped.
type Pass = What;

/// Takes parts as they come.
type Visit<'a> = &'a mut dyn FnMut(Part<'_>) -> Result<(), OsmError>;

/// Most bytes that are unpacked of one byte of a file (map data packs 3- to 25-fold), beyond [`UNPACKED_FREE`].
const UNPACKED_RATIO: u64 = 60;
const UNPACKED_FREE: u64 = 8 << 20;

/// Most tags, nodes or members of one thing.
const CHILDREN_MAX: usize = 100_000;

/// Returns an error when one thing has too many tags, nodes or members.
fn few(count: usize) -> Result<(), OsmError> {
    if count <= CHILDREN_MAX {
        return Ok(());
    }
    let (zh, en) = ("一个要素的标签、节点或成员", "tags, nodes or members of one thing");
    Err(OsmError::Limit { zh, en, limit: CHILDREN_MAX as u64 })
}

/// Most bytes of a key or a value; OpenStreetMap itself allows 255 letters. A longer one counts as not there.
const WORD_MAX: usize = 1024;

/// Returns whether a file's own words say that it is invented.
fn says_invented(words: &str) -> bool {
    words.contains("虚构") || words.to_ascii_lowercase().contains("synthetic")
}

/// Returns the position of degrees; `None` outside the globe.
fn point_of(lon: f64, lat: f64) -> Option<Point> {
    let fits = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
    fits.then(|| Point { lon_e7: (lon * 1e7).round() as i32, lat_e7: (lat * 1e7).round() as i32 })
}
