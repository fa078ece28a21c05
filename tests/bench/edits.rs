//! One edit of a world of 200,000: a change of status, a move, and the move that rebuilds the index.

use crate::dice::Dice;
use crate::ground::{self, Known};
use crate::stopwatch::time;
use bihu::domain::*;
use bihu::world::World;
use std::hint::black_box;
use std::sync::Arc;

const COUNT: usize = 200_000;
/// Edits in a row, so that the rebuilding of the index has its share.
const ROW: usize = 1000;

/// Prints the cost of edits.
pub fn one_at_a_time(rounds: usize) {
    println!("edits: one at a time in a world of {COUNT}, {ROW} in a row");
    let mut dice = Dice::new(0xBE_AC2);
    let world = World::from_tables(ground::tables(&ground::shelters(&mut dice, COUNT, Known::Everything)));
    let ids: Vec<ResourceId> = world.resources().map(|row| row.value.id.clone()).collect();
    let mut opened = Dice::new(1);
    time(rounds, || run(&world, |w| status(w, &ids[opened.below(COUNT)]))).print("apply a change of status", ROW);
    let mut moved = Dice::new(2);
    time(rounds, || run(&world, |w| step(w, &ids[moved.below(COUNT)], &mut Dice::new(moved.next()))))
        .print("apply a move, rebuilds of the index included", ROW);
    let slowest = slowest(&world, |w, n| step(w, &ids[n * 7], &mut Dice::new(n as u64)));
    println!("  the slowest single move of {ROW}: {slowest:.1} ms");
}

fn run(world: &World, mut edit: impl FnMut(&World) -> Entry) {
    let mut world = world.clone();
    for _ in 0..ROW {
        world = world.apply(&[edit(&world)]).expect("entries follow one another");
    }
    black_box(world);
}

fn slowest(world: &World, mut edit: impl FnMut(&World, usize) -> Entry) -> f64 {
    let mut world = world.clone();
    let mut slowest = 0.0_f64;
    for n in 0..ROW {
        let entry = edit(&world, n);
        let began = std::time::Instant::now();
        world = world.apply(&[entry]).expect("entries follow one another");
        slowest = slowest.max(began.elapsed().as_secs_f64() * 1e3);
    }
    slowest
}

fn status(world: &World, id: &ResourceId) -> Entry {
    amend(world, id, |resource| {
        if let Detail::Shelter(shelter) = &mut resource.detail {
            shelter.status = Some(if shelter.status == Some(Status::Open) { Status::Full } else { Status::Open });
        }
    })
}

fn step(world: &World, id: &ResourceId, dice: &mut Dice) -> Entry {
    amend(world, id, |resource| resource.place = Place::point(ground::position(dice)))
}

fn amend(world: &World, id: &ResourceId, change: impl FnOnce(&mut Resource)) -> Entry {
    let before = world.resource(id).expect("it is there").value.clone();
    let mut after = (*before).clone();
    change(&mut after);
    let revision = world.revisions().all.next();
    let change = Change::Resource(Edit { before: Some(before), after: Some(Arc::new(after)) });
    let at = chrono::DateTime::UNIX_EPOCH;
    Entry { revision, batch: revision, actor: "试验".to_owned(), at, reason: None, change }
}
