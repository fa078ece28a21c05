//! Administrative divisions 行政区划: 12-digit codes of the National Bureau of Statistics, and the four levels in use.

use super::Violation;
use super::words::words;
use geo_types::MultiPolygon;
use serde::{Deserialize, Serialize};
use std::fmt;

words! {
    /// Level of a resource or division. 区级 stands for 县级, 街镇级 for 乡镇（街道）级, 居村级 for 村（社区）级.
    Level {
        City = "city", "市级", "city";
        District = "district", "区级", "district";
        Town = "town", "街镇级", "town";
        Village = "village", "居村级", "village";
    }
}

/// 12-digit division code; shorter official codes are padded with zeros on the right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DivisionCode(String);

impl DivisionCode {
    /// Returns the code of 6, 9 or 12 digits, padded to 12.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let text = text.trim();
        if text.bytes().all(|b| b.is_ascii_digit()) && matches!(text.len(), 6 | 9 | 12) {
            return Ok(Self(format!("{text:0<12}")));
        }
        Err(Violation::new(
            "division",
            "bad_division_code",
            "行政区划代码应为 6、9 或 12 位数字，例如 310117001000",
            "a division code has 6, 9 or 12 digits, e.g. 310117001000",
        ))
    }

    /// Returns the 12 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the level that the code's own shape tells.
    pub fn level(&self) -> Level {
        match self.0.trim_end_matches('0').len() {
            0..=4 => Level::City,
            5..=6 => Level::District,
            7..=9 => Level::Town,
            _ => Level::Village,
        }
    }

    /// Returns the significant digits: the prefix that all codes below this one share.
    pub fn prefix(&self) -> &str {
        let used = match self.level() {
            Level::City if self.0[2..4] == *"00" => 2,
            Level::City => 4,
            Level::District => 6,
            Level::Town => 9,
            Level::Village => 12,
        };
        &self.0[..used]
    }

    /// Returns whether `other` is this division or lies below it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(self.prefix())
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One administrative division. Its area may be unknown (villages are often known by code and name alone).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Division {
    /// 12-digit code.
    pub code: DivisionCode,
    /// Chinese name.
    pub name: String,
    /// English name, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// Level.
    pub level: Level,
    /// Area, lon/lat WGS84, cut at the antimeridian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<MultiPolygon<f64>>,
    /// Where the area comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The area is invented.
    #[serde(default)]
    pub synthetic: bool,
}
