//! From rows to a world that answers: what a restart costs once the rows are read.

use crate::dice::Dice;
use crate::ground::{self, Known};
use crate::stopwatch::time;
use bihu::world::World;
use std::hint::black_box;

/// Prints the time to make a world of 80,000.
pub fn from_rows(rounds: usize) {
    const COUNT: usize = 80_000;
    println!("load: a world of {COUNT} from its rows");
    let resources = ground::shelters(&mut Dice::new(0xBE_AC3), COUNT, Known::Everything);
    let mut ready: Vec<_> = (0..=rounds).map(|_| ground::tables(&resources)).collect();
    time(rounds, || drop(black_box(World::from_tables(ready.pop().unwrap_or_default()))))
        .print("World::from_tables", 1);
}
