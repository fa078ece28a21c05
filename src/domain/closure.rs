//! Standing closures: where roads can not be used, for whom, from when to when, and who says so.
//!
//! Invariants: a closure counts from the moment it is written until it ends or is lifted, without any network being made
//! anew; it is told to the public, for the public walks there; which edges it shuts follows from its shape and the network
//! alone, so that every node works out the same.

use super::words::words;
use super::{DivisionCode, Footprint, LonLat, ProfileSet, Violation};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

words! {
    /// Why a road is closed.
    ClosureCause {
        Flood = "flood", "积水", "flood";
        Police = "police", "警戒封控", "police line";
        Collapse = "collapse", "塌方断桥", "collapse";
        Obstacle = "obstacle", "倒树障碍", "obstacle";
        Fire = "fire", "火情", "fire";
        Works = "works", "施工", "road works";
        Crowd = "crowd", "人流管控", "crowd control";
        Other = "other", "其他", "other";
    }
}

/// Name of a closure: `c-` and 12 letters and digits, made from random bits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClosureId(String);

impl ClosureId {
    const ALPHABET: &'static [u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

    /// Returns the name of 60 random bits.
    pub fn from_bits(bits: u64) -> Self {
        let letter = |place: u32| char::from(Self::ALPHABET[(bits >> (5 * place) & 31) as usize]);
        Self((0..12).map(letter).fold("c-".to_owned(), |mut id, letter| {
            id.push(letter);
            id
        }))
    }

    /// Returns the name that a text is; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix("c-")?;
        let fits = letters.len() == 12 && letters.bytes().all(|b| Self::ALPHABET.contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClosureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a closure covers on the ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosureShape {
    /// The road nearest to a point, there.
    Point(LonLat),
    /// Roads that run along lines, and those that lines cut across.
    Lines(Vec<Vec<LonLat>>),
    /// All roads within an area.
    Area(Footprint),
}

/// A standing closure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Closure {
    /// Its name.
    pub id: ClosureId,
    /// Where.
    pub shape: ClosureShape,
    /// Who can not pass.
    pub profiles: ProfileSet,
    /// Why, as a word.
    pub cause: ClosureCause,
    /// Why, in words.
    pub reason: String,
    /// Depth of standing water in centimetres, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_cm: Option<u16>,
    /// From when; `None`: since it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Until when; `None`: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
    /// Who or what it is known from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Division that it lies in, which bounds who may lift it; `None` where it lies in none or in several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// It is invented (a drill, a demonstration).
    #[serde(default)]
    pub synthetic: bool,
}

impl Closure {
    /// Most positions of a shape.
    pub const POSITIONS_MAX: usize = 10_000;
    /// Longest reason, characters.
    pub const REASON_MAX: usize = 500;

    /// Returns whether it counts at a time.
    pub fn is_in_force(&self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }

    /// Returns when it next begins or ends after a time; `None` when it does neither any more.
    pub fn turns_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        [self.from, self.to].into_iter().flatten().filter(|turn| *turn > at).min()
    }

    /// Returns everything that is wrong with it.
    pub fn violations(&self) -> Vec<Violation> {
        let mut wrong = Vec::new();
        if self.profiles == ProfileSet::NONE {
            wrong.push(Violation::missing("profiles"));
        }
        let length = self.reason.chars().count();
        if length == 0 || length > Self::REASON_MAX || self.reason.chars().any(|c| c.is_control() && c != '\n') {
            wrong.push(Violation::new(
                "reason",
                "bad_text",
                format!("reason 应为 1–{} 个字符，不含控制字符", Self::REASON_MAX),
                format!("reason takes 1–{} characters, none of them a control character", Self::REASON_MAX),
            ));
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to <= from
        {
            wrong.push(Violation::new(
                "to",
                "ends_before_it_begins",
                "结束时间须晚于开始时间",
                "`to` must be after `from`",
            ));
        }
        let lines: Vec<Vec<f64>> = match &self.shape {
            ClosureShape::Point(at) => vec![vec![at.lon()]],
            ClosureShape::Lines(lines) => lines.iter().map(|line| line.iter().map(|at| at.lon()).collect()).collect(),
            ClosureShape::Area(area) => {
                let rings = area.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
                rings.map(|ring| ring.0.iter().map(|at| at.x).collect()).collect()
            }
        };
        // Straight in degrees it would run round the other side of the Earth.
        if lines.iter().any(|line| line.windows(2).any(|pair| (pair[1] - pair[0]).abs() > 180.0)) {
            wrong.push(Violation::new(
                "geometry",
                "crosses_antimeridian",
                "图形跨越 180° 经线（相邻两点经度差超过 180°）；请按 RFC 7946 第 3.1.9 节在 180° 处切开",
                "the shape crosses the antimeridian (two positions in a row are more than 180° of longitude apart): cut it there, as RFC 7946 section 3.1.9 says",
            ));
        }
        let positions: usize = lines.iter().map(Vec::len).sum();
        if positions == 0 || positions > Self::POSITIONS_MAX {
            let most = Self::POSITIONS_MAX;
            let (zh, en) = (format!("1…{most} 个坐标"), format!("1…{most} positions"));
            wrong.push(Violation::outside("geometry", &positions.to_string(), (&zh, &en)));
        }
        if let ClosureShape::Lines(lines) = &self.shape
            && lines.iter().any(|line| line.len() < 2)
        {
            wrong.push(Violation::new(
                "geometry",
                "short_line",
                "线至少需要两个坐标",
                "a line has two positions or more",
            ));
        }
        wrong
    }
}
