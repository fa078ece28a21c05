//! Traditional characters as the simplified ones that they are compared as, so that 松江區 finds 松江区 and the other way round.
//!
//! One character becomes one character; several may become the same (後 and 后), which is why nothing is ever shown in this
//! form. Invariant: what came out of the table is not in it, so folding twice changes nothing. The table is
//! `data/reference/traditional.txt`, which names its source.

use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../data/reference/traditional.txt");

/// First character of the table's range.
const FIRST: u32 = 0x3400;

/// Number of characters of the range.
const COUNT: usize = 0xa000 - 0x3400;

/// The simplified character of each from [`FIRST`] on; `None` where it is its own.
static SIMPLIFIED: LazyLock<Vec<Option<char>>> = LazyLock::new(|| {
    let mut all = vec![None; COUNT];
    for pair in TABLE.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
        let mut pair = pair.chars();
        if let (Some(traditional), simplified @ Some(_)) = (pair.next(), pair.next())
            && let Some(place) = place(traditional)
        {
            all[place] = simplified;
        }
    }
    all
});

fn place(c: char) -> Option<usize> {
    (c as u32).checked_sub(FIRST).map(|place| place as usize).filter(|place| *place < COUNT)
}

/// Returns the simplified character for a traditional one; any other as it is.
pub(super) fn simplified(c: char) -> char {
    place(c).and_then(|place| SIMPLIFIED[place]).unwrap_or(c)
}
