//! The promise on which crash recovery, followers and undo rest: folding the journal gives the world that the tables hold.

use crate::acts::{commit, journal};
use crate::dice::Dice;
use crate::ground::Ground;
use crate::samples;
use bihu::analysis::serving::Asked;
use bihu::domain::*;
use bihu::store::Tables;
use bihu::world::nearest::{Request, Unknowns, nearest};
use bihu::world::{Row, World};
use geo_types::{LineString, MultiPolygon, Polygon};
use std::sync::Arc;

/// Town codes that are drawn from.
const TOWNS: [&str; 5] = ["310117001", "310117002", "310117003", "310117004", "310117005"];

/// After any run of edits of resources, divisions and demand: folded as they came, folded at once from nothing, and made
/// from the tables, the world is the same and answers the same.
pub async fn the_journal_folds_to_the_world_that_the_tables_hold(ground: &Ground) {
    let mut dice = Dice::thrown("the_journal_folds_to_the_world_that_the_tables_hold");
    let store = ground.open().await;
    let mut lived = World::empty();
    let mut refused = 0;
    let mut most = [0; 3];
    for round in 0..50 {
        let tables = store.load(None).await.expect("tables load");
        match commit(&*store, random_batch(&mut dice, &tables)).await {
            Ok(committed) => lived = lived.apply(&committed.entries).expect("entries follow one another"),
            Err(_) => refused += 1,
        }
        let there = [lived.resources().count(), lived.divisions().count(), lived.demand_len()];
        most = std::array::from_fn(|i| most[i].max(there[i]));
        if round % 10 == 9 {
            let entries = journal(&*store).await;
            let folded = World::empty().apply(&entries).expect("entries follow one another");
            let loaded = World::from_tables(ground.open().await.load(None).await.expect("tables load"));
            same(&mut dice, &lived, &loaded);
            same(&mut dice, &folded, &loaded);
        }
    }
    println!("{} entries, {refused} batches refused", lived.revisions().all);
    // What was there at its fullest: what is left at the end is chance, and may be next to nothing.
    assert!(most[0] > 3 && most[1] > 1 && most[2] > 3, "the rounds held {most:?} resources, divisions, demand points");
}

/// Checks that two worlds hold the same and say the same.
fn same(dice: &mut Dice, one: &World, two: &World) {
    assert!(one.same_content(two));
    assert_eq!(one.settled(), two.settled());
    for _ in 0..20 {
        let origin = LonLat::clamped(dice.between(121.0, 121.6), dice.between(30.8, 31.2));
        let division = |world: &World| world.division_at(origin, Level::Town).map(|row| row.value.code.clone());
        assert_eq!(division(one), division(two));
        let request = Request {
            origin,
            k: 1 + dice.below(5),
            kinds: Kind::ALL.to_vec(),
            asked: Asked::default(),
            unknowns: Unknowns::Last,
            within_m: None,
            audience: *dice.pick(Audience::ALL),
        };
        let told = |world: &World| -> Vec<(String, f64)> {
            nearest(world, &request).offers.iter().map(|o| (o.row.value.id.to_string(), o.distance_m)).collect()
        };
        assert_eq!(told(one), told(two));
    }
    for kind in Kind::ALL {
        let ids = |world: &World| -> Vec<String> {
            world.of_kind(Audience::Staff, *kind, None).map(|row| row.value.id.to_string()).collect()
        };
        assert_eq!(ids(one), ids(two));
    }
    for row in one.resources() {
        assert!(two.by_code(row.value.kind(), &row.value.code).is_some_and(|other| other == row));
    }
}

/// Returns up to eight random edits, each subject at most once, some of them of an old revision.
pub fn random_batch(dice: &mut Dice, tables: &Tables) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = Vec::new();
    for _ in 0..=dice.below(8) {
        let proposal = match dice.below(5) {
            0 => {
                let drawn = town(dice);
                edit(dice, &tables.divisions, drawn, |d| d.code.clone(), Change::Division)
            }
            1 => {
                let drawn = demand(dice);
                edit(dice, &tables.demand, drawn, |d| d.id.clone(), Change::Demand)
            }
            2 => {
                let drawn = report(dice);
                edit(dice, &tables.corrections, drawn, |c| c.id.clone(), Change::Correction)
            }
            _ => {
                let drawn = resource(dice);
                edit(dice, &tables.resources, drawn, |r| r.id.clone(), Change::Resource)
            }
        };
        if proposals.iter().all(|p| p.change.subject() != proposal.change.subject()) {
            proposals.push(proposal);
        }
    }
    proposals
}

/// Returns the birth of what was drawn, or a change or removal of the row that is there under its key.
fn edit<T, K: PartialEq>(
    dice: &mut Dice,
    rows: &[Row<T>],
    drawn: T,
    key: impl Fn(&T) -> K,
    change: impl Fn(Edit<T>) -> Change,
) -> Proposal {
    let there = rows.iter().find(|row| key(&row.value) == key(&drawn));
    let after = (there.is_none() || !dice.once_in(3)).then(|| Arc::new(drawn));
    let stale = u64::from(dice.once_in(40));
    Proposal {
        change: change(Edit { before: there.map(|row| row.value.clone()), after }),
        expected: there.map(|row| Revision(row.revision.0 + stale)),
    }
}

/// A report about one of the places, or about one that is not there.
fn report(dice: &mut Dice) -> Correction {
    Correction {
        id: CorrectionId::from_bits(dice.below(12) as u64),
        resource: samples::random(dice, 10).id,
        division: None,
        public: dice.once_in(2),
        hidden: dice.once_in(3),
        repeats: dice.once_in(3).then(|| CorrectionId::from_bits(dice.below(4) as u64)),
        fault: *dice.pick(Fault::ALL),
        message: "试验".to_owned(),
        position: None,
        has_contact: dice.once_in(2),
        reported_at: crate::acts::noon(),
        due_at: crate::acts::noon(),
        state: *dice.pick(CorrectionState::ALL),
        reply: None,
        answered_at: None,
        answered_by: None,
    }
}

fn resource(dice: &mut Dice) -> Resource {
    let mut drawn = samples::random(dice, 10);
    // Half of them where the towns are, so that they have neighbours to be ordered among.
    if dice.once_in(2) {
        let position = LonLat::clamped(dice.between(121.0, 121.6), dice.between(30.8, 31.2));
        drawn.place = Place { position, footprint: dice.once_in(3).then(samples::footprint), declared: None };
    }
    drawn
}

/// A town of random size, so that demand points move between towns when it changes; sometimes without an area.
fn town(dice: &mut Dice) -> Division {
    let (x, y) = (dice.between(121.0, 121.4), dice.between(30.8, 31.0));
    let (w, h) = (dice.between(0.05, 0.2), dice.between(0.05, 0.2));
    let ring = LineString::from(vec![(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]);
    let area = (!dice.once_in(4)).then(|| MultiPolygon(vec![Polygon::new(ring, vec![])]));
    samples::division(TOWNS[dice.below(TOWNS.len())], area)
}

fn demand(dice: &mut Dice) -> DemandPoint {
    let position = LonLat::clamped(dice.between(121.0, 121.6), dice.between(30.8, 31.2));
    let division = dice.once_in(3).then(|| DivisionCode::parse(TOWNS[dice.below(TOWNS.len())]).expect("a code"));
    let id = format!("d{}", dice.below(20));
    DemandPoint { position, division, ..samples::demand(&id, dice.between(0.0, 9999.0)) }
}
