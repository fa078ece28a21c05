//! How fast the answers are, measured honestly: `cargo bench` runs all of it (always an optimised build);
//! `cargo bench --bench answers -- nearest` one part (nearest, areas, worst, edits, load, journal, coverage, roads), with `--quick` behind
//! it for a look.
//!
//! Every figure is the median of several rounds on the same, seeded, invented ground; what is compared is measured in
//! turns within the same run, so that a busy machine slows both. Nothing here fails: figures are for people to read.

#[path = "../oracle/dice.rs"]
#[allow(dead_code)]
mod dice;

#[path = "../oracle/city.rs"]
mod city;

mod coverage;
mod edits;
mod ground;
mod growth;
mod journal;
mod load;
mod nearest;
mod road_peers;
mod roads;
mod stitched;
mod stopwatch;

/// Rounds of a look.
pub const QUICK_ROUNDS: usize = 3;

/// A part: its name, and what prints its figures.
type Part = (&'static str, fn(usize));

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let quick = asked.iter().any(|word| word == "--quick");
    let rounds = if quick { QUICK_ROUNDS } else { 11 };
    let parts: [Part; 8] = [
        ("nearest", nearest::beside_degrees),
        ("areas", nearest::among_areas),
        ("worst", nearest::when_nothing_is_known),
        ("edits", edits::one_at_a_time),
        ("load", load::from_rows),
        ("journal", journal::of_a_hundred_thousand),
        ("coverage", coverage::of_a_district),
        ("roads", roads::beside_the_plain_search),
    ];
    let named: Vec<&String> = asked.iter().filter(|word| !word.starts_with("--")).collect();
    for (name, measure) in parts {
        if named.is_empty() || named.iter().any(|word| *word == name) {
            measure(rounds);
        }
    }
}
