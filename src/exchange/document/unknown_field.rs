//! Names that do not exist are refused, with the one that was probably meant.

use crate::domain::Violation;

/// Refuses a name, and says which one may have been meant.
pub(super) fn unknown_field(name: &str, allowed: &[&str]) -> Violation {
    let shown: String = name.chars().take(60).collect();
    let (zh, en) = match nearest_name(name, allowed) {
        Some(near) => (format!("，是否想写“{near}”？"), format!("; did you mean `{near}`?")),
        None => ("；请删去".to_owned(), "; leave it out".to_owned()),
    };
    Violation::new(
        shown.clone(),
        "unknown_field",
        format!("没有名为“{shown}”的字段{zh}"),
        format!("there is no field `{shown}`{en}"),
    )
}

/// Returns the allowed name that was probably meant: a synonym of a column, or one at most a third of its
/// letters away: of a word of three letters, one.
pub(in crate::exchange) fn nearest_name<'n>(name: &str, allowed: &[&'n str]) -> Option<&'n str> {
    if let Some(known) = crate::exchange::columns::synonym(name) {
        return allowed.iter().copied().find(|a| *a == known);
    }
    let given: Vec<char> = name.chars().take(60).flat_map(char::to_lowercase).collect();
    let nearest = allowed.iter().copied().map(|a| (edits(&given, a), a)).min()?;
    (nearest.0 <= (nearest.1.len() / 3).max(1)).then_some(nearest.1)
}

/// Counts insertions, removals and replacements between two words (Wagner and Fischer 1974, doi 10.1145/321796.321811).
fn edits(given: &[char], other: &str) -> usize {
    let mut row: Vec<usize> = (0..=given.len()).collect();
    for (i, letter) in other.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, g) in given.iter().enumerate() {
            let replaced = diagonal + usize::from(*g != letter);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[given.len()]
}
