//! What the rows of a file probably are, and which saved mapping fits it: a proposal for whoever confirms it.

use super::Mapping;
use crate::domain::Kind;
use crate::exchange::{Inspection, Target, proposed};

/// Words in file names that tell what the rows are.
const NAMES: &[(&str, &str)] = &[
    ("shelter", "shelter"),
    ("避难", "shelter"),
    ("避難", "shelter"),
    ("安置", "shelter"),
    ("warehouse", "warehouse"),
    ("仓库", "warehouse"),
    ("storage", "storage_point"),
    ("储备", "storage_point"),
    ("team", "team"),
    ("队伍", "team"),
    ("division", "division"),
    ("区划", "division"),
    ("demand", "demand"),
    ("population", "demand"),
    ("人口", "demand"),
    ("site", "site"),
];

/// Least share of a saved mapping's headers that a file has to have.
const MAPPING_FITS: f64 = 0.8;

/// Returns the word of what the rows probably are: what the file says of itself, what its name says, or the target that
/// knows most of its columns.
pub fn kind(name: &str, inspection: &Inspection) -> Option<&'static str> {
    let layer = inspection.layers.iter().max_by_key(|layer| layer.rows)?;
    let told = layer.columns.iter().filter(|c| c.read_as.as_deref() == Some("kind")).flat_map(|c| &c.samples);
    if let Some(kind) = told.filter_map(|sample| Kind::from_word(sample)).next() {
        return Some(kind.word());
    }
    let name = name.to_lowercase();
    if let Some((_, word)) = NAMES.iter().find(|(part, _)| name.contains(part)) {
        return Some(word);
    }
    let headers: Vec<String> = layer.columns.iter().map(|c| c.header.clone()).collect();
    let known = |target: Target| proposed(&headers, target).iter().filter(|(_, field)| field.is_some()).count();
    let targets = Kind::ALL.iter().map(|k| Target::Resource(*k)).chain([Target::Demand, Target::Division]);
    // Of equals the first: shelters are what most files are about.
    let best = targets.map(|t| (known(t), t)).reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.filter(|(known, _)| *known > 0).map(|(_, target)| target.word())
}

/// Returns the name of the saved mapping of which the file has the most headers, if it has nearly all of them.
pub fn mapping<'m>(inspection: &Inspection, saved: &'m [Mapping]) -> Option<&'m str> {
    let headers = |mapping: &Mapping| {
        let there = |header: &String| {
            inspection.layers.iter().flat_map(|l| &l.columns).any(|column| column.header.trim() == header.trim())
        };
        (mapping.columns.keys().filter(|header| there(header)).count(), mapping.columns.len())
    };
    let fitting = saved
        .iter()
        .map(|m| (headers(m), m))
        .filter(|((there, all), _)| *there > 0 && *there as f64 >= MAPPING_FITS * *all as f64);
    fitting.max_by_key(|((there, _), _)| *there).map(|(_, mapping)| mapping.name.as_str())
}
