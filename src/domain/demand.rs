//! Demand: where the people are, as points that carry a number of people.

use super::{DivisionCode, LonLat, Population};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Stable name of a demand point, 1–80 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DemandId(pub String);

impl fmt::Display for DemandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A point that stands for the people who live around it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemandPoint {
    /// Stable name.
    pub id: DemandId,
    /// Where.
    pub position: LonLat,
    /// How many people.
    pub population: Population,
    /// Division declared by the source; when absent it is found from the position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// Source of the figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The figure or the position is invented.
    #[serde(default)]
    pub synthetic: bool,
}
