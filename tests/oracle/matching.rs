//! Possible duplicates and piles of a file, found through the index and beside it by comparing each with each.

use crate::dice::Dice;
use bihu::domain::{Kind, LonLat, RowClass, RowFlag};
use bihu::exchange::Target;
use bihu::service::import::names::{Prefixes, alike};
use bihu::service::import::{self, Mode, NEAR_M, Plan, Request, SAME_POINT_M, Thing};
use bihu::spatial::geodesic::distance_m;
use bihu::world::{Row, Tables, World};
use std::collections::BTreeSet;

const NAMES: [&str; 8] =
    ["桂林中学", "桂林中学操场", "桂林小学", "第一小学", "第二小学", "玉兰公园", "玉兰公园避难所", "体育馆"];

fn table(dice: &mut Dice, letter: char, rows: usize) -> String {
    let mut text = "code,name,lon,lat,address,division\n".to_owned();
    let centre = LonLat::new(121.2, 31.0).expect("a position");
    let mut at = centre;
    for n in 0..rows {
        // One in three shares the position of the row before it.
        if dice.below(3) > 0 {
            at = dice.near(centre, 0.004);
        }
        let name = NAMES[dice.below(NAMES.len())];
        let address = if dice.below(2) == 0 { format!("桂林路{}号", dice.below(9)) } else { String::new() };
        let town = ["310117001", "310117102", ""][dice.below(3)];
        text.push_str(&format!("{letter}-{n},{name},{},{},{address},{town}\n", at.lon(), at.lat()));
    }
    text
}

fn plan(world: &World, text: String) -> Plan {
    let request =
        Request { mode: Mode::DryRun, ..Request::of("rows.csv", text.into_bytes(), Target::Resource(Kind::Shelter)) };
    import::plan(world, &request, &[]).expect("a plan")
}

#[test]
fn duplicates_and_piles_are_those_that_comparing_each_with_each_finds() {
    for seed in 0..40 {
        let mut dice = Dice::new(seed);
        let known = plan(&World::empty(), table(&mut dice, 'K', 30));
        let mut tables = Tables::default();
        for row in &known.rows {
            if let Some(Thing::Resource(resource)) = &row.after {
                let revision = bihu::domain::Revision(1);
                tables.resources.push(Row { revision, public_revision: revision, value: resource.clone() });
            }
        }
        let world = World::from_tables(tables);
        let plan = plan(&world, table(&mut dice, 'R', 40));
        let prefixes = Prefixes::of(&world);
        let own: Vec<_> = plan
            .rows
            .iter()
            .filter(|r| r.class != RowClass::Refused)
            .filter_map(|r| resource(r.after.as_ref()))
            .collect();
        let others: Vec<_> = own.iter().cloned().chain(world.resources().map(|row| row.value.clone())).collect();
        let town = |r: &bihu::domain::Resource| r.division.as_ref().map(|code| code.as_str()[..9].to_owned());
        for (row, a) in plan.rows.iter().zip(&own) {
            let name = |r: &bihu::domain::Resource| prefixes.name(&r.name.zh);
            let address = |r: &bihu::domain::Resource| prefixes.address(r.address.as_deref());
            let apart = |b: &bihu::domain::Resource| distance_m(a.place.position, b.place.position);
            let duplicate = others.iter().filter(|b| b.id != a.id).any(|b| {
                let near = apart(b) <= NEAR_M
                    && (alike(&name(a), &name(b)) || (address(a).is_some() && address(a) == address(b)));
                near || (name(a) == name(b) && town(a).is_some() && town(a) == town(b))
            });
            let here: Vec<_> = others.iter().filter(|b| apart(b) <= SAME_POINT_M).collect();
            let different: BTreeSet<_> = here.iter().map(|b| (name(b), address(b))).collect();
            let flags: BTreeSet<RowFlag> = row.findings.iter().map(|f| f.word()).collect();
            let seen = (flags.contains(&RowFlag::PossibleDuplicate), flags.contains(&RowFlag::StackedPin));
            assert_eq!(seen, (duplicate, different.len() >= 3), "seed {seed}, {} {}", a.code, a.name.zh);
        }
    }
}

fn resource(thing: Option<&Thing>) -> Option<std::sync::Arc<bihu::domain::Resource>> {
    match thing {
        Some(Thing::Resource(resource)) => Some(resource.clone()),
        _ => None,
    }
}
