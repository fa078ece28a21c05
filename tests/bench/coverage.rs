//! Coverage of an invented district: 120 shelters, 3,000 demand points, four towns.

use crate::dice::{Dice, division};
use crate::stopwatch::time;
use bihu::analysis::coverage::{Means, Question, coverage};
use bihu::analysis::{Demand, Facility};
use bihu::domain::{Division, Footprint, Kind, Level, LonLat, Place, Population, ResourceId};
use geo::{MultiPolygon, Polygon, Rect};
use std::hint::black_box;
use std::ops::ControlFlow;

const SHELTERS: usize = 120;
const POINTS: usize = 3000;

/// Prints the time to count the people and to draw the gap.
pub fn of_a_district(rounds: usize) {
    println!("coverage: {SHELTERS} shelters (a third with footprints), {POINTS} demand points");
    let mut dice = Dice::new(0xBE_AC4);
    let middle = LonLat::clamped(121.22, 31.03);
    let (x, y) = (middle.lon(), middle.lat());
    let divisions = [
        division("310117", Level::District, [x - 0.1, y - 0.1, x + 0.1, y + 0.1]),
        division("310117001", Level::Town, [x - 0.1, y - 0.1, x, y]),
        division("310117002", Level::Town, [x, y - 0.1, x + 0.1, y]),
        division("310117003", Level::Town, [x - 0.1, y, x, y + 0.1]),
        division("310117004", Level::Town, [x, y, x + 0.1, y + 0.1]),
    ];
    let divisions: Vec<&Division> = divisions.iter().collect();
    let study_area: Footprint = MultiPolygon(vec![Polygon::from(Rect::new((x - 0.1, y - 0.1), (x + 0.1, y + 0.1)))]);
    let ids: Vec<ResourceId> = (0..SHELTERS).map(|i| ResourceId::mint(Kind::Shelter, &format!("{i:05}"))).collect();
    let places: Vec<Place> = (0..SHELTERS).map(|_| dice.place_near(middle, 0.1, 0.005)).collect();
    let facility = |i: usize| Facility { id: &ids[i], place: &places[i], standard_m: [500.0, 1000.0][i % 2] };
    let facilities: Vec<Facility> = (0..SHELTERS).map(facility).collect();
    let point = |dice: &mut Dice| Demand {
        position: dice.near(middle, 0.1),
        population: Population::from_f64(dice.between(0.0, 900.0)).expect("people"),
        division: None,
    };
    let demand: Vec<Demand> = (0..POINTS).map(|_| point(&mut dice)).collect();
    let question = Question {
        facilities: &facilities,
        demand: &demand,
        divisions: &divisions,
        study_area: &study_area,
        tolerance_m: 1.0,
        means: Means::Air,
    };
    let ask = || drop(black_box(coverage(&question, &|_, _| ControlFlow::Continue(()))));
    time(rounds, ask).print("coverage with gap, 1 m tolerance", 1);
}
