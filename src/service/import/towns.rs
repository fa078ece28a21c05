//! Names of towns in place of their codes: 方松街道, or 松江区方松街道, for the one known division of that name.
//!
//! Bureaus write the town by its name. Invariant: a name is brought to a code only when one division has it; a name that
//! is not known is told, and refused where towns are known, since it is then a typing error or a place elsewhere.

use super::names::folded;
use crate::domain::{DivisionCode, Level, Violation};
use crate::exchange::{Draft, Target};
use crate::world::World;
use std::collections::HashMap;

const BY_NAME: &str =
    "街镇名称已按已知区划对应到代码 / names of towns were brought to the codes of the divisions that are known";
const NOT_KNOWN: &str =
    "尚无街镇区划数据，所填街镇名称未读取 / no towns are known yet: the names of towns were not read";

/// Brings names in the field of the division to codes.
pub(super) fn to_codes(world: &World, target: Target, drafts: &mut [Draft]) {
    if target == Target::Division {
        return;
    }
    let mut towns = None;
    for draft in drafts {
        let Some(given) = draft.patch.get("division").and_then(|v| v.as_str()).filter(|text| is_name(text)) else {
            continue;
        };
        let towns = towns.get_or_insert_with(|| Towns::of(world));
        match towns.find(given) {
            Some(code) => {
                draft.patch.insert("division".to_owned(), code.as_str().into());
                draft.notes.push(BY_NAME.to_owned());
            }
            None if towns.0.is_empty() => {
                draft.patch.remove("division");
                draft.notes.push(NOT_KNOWN.to_owned());
            }
            None => {
                draft.violations.push(unknown(given));
                draft.patch.remove("division");
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// Folded names of towns, and villages where no town has the name; `None` when several have it.
struct Towns(HashMap<String, Option<DivisionCode>>);

impl Towns {
    fn of(world: &World) -> Self {
        let mut out: HashMap<String, (Level, Option<DivisionCode>)> = HashMap::new();
        for row in world.divisions().filter(|row| row.value.level >= Level::Town) {
            let division = &*row.value;
            let district = division.code.as_str().get(..6).and_then(|digits| DivisionCode::parse(digits).ok());
            let district = district.and_then(|code| world.division(&code)).map(|row| folded(&row.value.name));
            let name = folded(&division.name);
            let full = district.map(|district| format!("{district}{name}"));
            for name in std::iter::once(name).chain(full) {
                let (level, kept) = out.entry(name).or_insert_with(|| (division.level, Some(division.code.clone())));
                match division.level.cmp(level) {
                    std::cmp::Ordering::Less => (*level, *kept) = (division.level, Some(division.code.clone())),
                    std::cmp::Ordering::Equal if kept.as_ref() != Some(&division.code) => *kept = None,
                    std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => {}
                }
            }
        }
        Self(out.into_iter().map(|(name, (_, code))| (name, code)).collect())
    }

    fn find(&self, given: &str) -> Option<&DivisionCode> {
        self.0.get(&folded(given))?.as_ref()
    }
}

fn unknown(given: &str) -> Violation {
    let shown: String = given.chars().take(40).collect();
    Violation::new(
        "division",
        "unknown_division",
        format!("“{shown}”不是已知街镇的名称，或有多处同名；请改正，或填 12 位区划代码"),
        format!("`{shown}` is not the name of one known town: correct it, or write the division code of 12 digits"),
    )
}
