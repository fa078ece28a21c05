//! What was found about a row beside its class, as values; the sentences are made when somebody reads them.
//!
//! A file of 200,000 rows may carry as many findings, so a finding holds references and numbers, and no text of its own.

use crate::domain::{Division, Resource, RowFlag};
use serde::Serialize;
use std::sync::Arc;

/// The other party of a finding.
#[derive(Debug, Clone, PartialEq)]
pub enum Party {
    /// A resource that is there.
    Known(Arc<Resource>),
    /// Another row of the file.
    Row(usize, Arc<Resource>),
}

impl Party {
    /// Returns what it is, or will be.
    pub fn resource(&self) -> &Arc<Resource> {
        match self {
            Self::Known(resource) | Self::Row(_, resource) => resource,
        }
    }
}

/// Why two are taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The compared names are equal, and both lie in one town.
    SameNameInTown,
    /// Near, with a similar name.
    SimilarNameNearby,
    /// Near, with the same address.
    SameAddressNearby,
}

/// Many things on one point.
#[derive(Debug, PartialEq)]
pub struct Pile {
    /// How many there are.
    pub size: usize,
    /// The first of them.
    pub members: Vec<Party>,
}

/// One thing found about a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// It may be the same place as another one with another code.
    PossibleDuplicate {
        /// The other one.
        other: Party,
        /// How far apart they are, metres.
        distance_m: f64,
        /// Why.
        likeness: Likeness,
    },
    /// Three or more different ones have its position, to a metre.
    StackedPin(Arc<Pile>),
    /// It lies outside the division that it claims.
    OutsideItsDivision {
        /// The division whose area was looked at: the one claimed, or the nearest above it that has an area.
        claimed: Arc<Division>,
        /// How far it is from its edge, metres.
        distance_m: f64,
        /// The division of that level in which it lies.
        really: Option<Arc<Division>>,
    },
    /// It lies outside every district that has an area.
    OutsideDistrict,
}

/// A finding in words.
#[derive(Debug, Clone, Serialize)]
pub struct Flag {
    /// Its word.
    pub word: RowFlag,
    /// Chinese sentence.
    pub zh: String,
    /// English sentence.
    pub en: String,
    /// The other party, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<Other>,
    /// All parties of a pile, as far as they are listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pile: Vec<Other>,
}

/// The other party in words.
#[derive(Debug, Clone, Serialize)]
pub struct Other {
    /// Its id; of another row, the one that it has or will have.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its row, when it is in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// How far away, metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<f64>,
}

impl Other {
    fn of(party: &Party, distance_m: Option<f64>) -> Self {
        let resource = party.resource();
        Self {
            id: resource.id.to_string(),
            code: resource.code.clone(),
            name: resource.name.zh.clone(),
            row: match party {
                Party::Known(_) => None,
                Party::Row(row, _) => Some(*row),
            },
            distance_m: distance_m.map(tenth),
        }
    }
}

/// Rounds metres to a tenth.
fn tenth(metres: f64) -> f64 {
    (metres * 10.0).round() / 10.0
}

impl Finding {
    /// Returns the word of the finding.
    pub const fn word(&self) -> RowFlag {
        match self {
            Self::PossibleDuplicate { .. } => RowFlag::PossibleDuplicate,
            Self::StackedPin(_) => RowFlag::StackedPin,
            Self::OutsideItsDivision { .. } => RowFlag::OutsideItsDivision,
            Self::OutsideDistrict => RowFlag::OutsideDistrict,
        }
    }

    /// Returns the finding in words.
    pub fn told(&self) -> Flag {
        let flag = |zh, en| Flag { word: self.word(), zh, en, other: None, pile: Vec::new() };
        match self {
            Self::PossibleDuplicate { other, distance_m, likeness } => {
                let (zh, en) = duplicate(other, *distance_m, *likeness);
                Flag { other: Some(Other::of(other, Some(*distance_m))), ..flag(zh, en) }
            }
            Self::StackedPin(pile) => {
                let names: Vec<&str> = pile.members.iter().map(|m| m.resource().name.zh.as_str()).collect();
                let (size, names) = (pile.size, names.join("、"));
                let told = flag(
                    format!("{size} 个名称或地址不同的点落在同一位置（1 米内），疑似按同一大门定位：{names}"),
                    format!(
                        "{size} places with different names or addresses have one position (within 1 m), as if geocoded from one gate: {names}"
                    ),
                );
                Flag { pile: pile.members.iter().map(|m| Other::of(m, None)).collect(), ..told }
            }
            Self::OutsideItsDivision { claimed, distance_m, really } => {
                let (zh, en) = outside(claimed, *distance_m, really.as_deref());
                flag(zh, en)
            }
            Self::OutsideDistrict => flag(
                "点位不在任何已知的区（县）范围内".to_owned(),
                "the point lies outside every known district".to_owned(),
            ),
        }
    }
}

fn duplicate(other: &Party, distance_m: f64, likeness: Likeness) -> (String, String) {
    let resource = other.resource();
    let (name, code) = (&resource.name.zh, &resource.code);
    let (who_zh, who_en) = match other {
        Party::Known(_) => (format!("现有“{name}”（编码 {code}）"), format!("`{name}` (code {code}), which is there")),
        Party::Row(row, _) => {
            (format!("第 {row} 行“{name}”（编码 {code}）"), format!("row {row}, `{name}` (code {code})"))
        }
    };
    let (why_zh, why_en) = match likeness {
        Likeness::SameNameInTown => ("同一街镇内名称相同", "the same name in the same town"),
        Likeness::SimilarNameNearby => ("名称相近", "a similar name"),
        Likeness::SameAddressNearby => ("地址相同", "the same address"),
    };
    (
        format!("疑似与{who_zh}重复：{why_zh}，相距 {distance_m:.0} 米，编码不同"),
        format!("may be {who_en}: {why_en}, {distance_m:.0} m apart, another code"),
    )
}

fn outside(claimed: &Division, distance_m: f64, really: Option<&Division>) -> (String, String) {
    let (name, code) = (&claimed.name, &claimed.code);
    let (zh, en) = match really {
        Some(real) => {
            (format!("，实际位于{}（{}）", real.name, real.code), format!("; it lies in {} ({})", real.name, real.code))
        }
        None => ("，也不在任何已知的同级区划内".to_owned(), "; it lies in no known division of that level".to_owned()),
    };
    (
        format!("点位在所填区划 {name}（{code}）之外，距其边界 {distance_m:.0} 米{zh}"),
        format!("the point lies outside {name} ({code}), {distance_m:.0} m from its edge{en}"),
    )
}
