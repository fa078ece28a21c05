//! Coverage beside its slow twin: every pair measured, every sampled point of the study area asked.

use crate::area::assert_rfc_7946;
use crate::dice::{Dice, cut, division};
use bihu::analysis::coverage::{Coverage, Means, Question, coverage};
use bihu::analysis::{Demand, Facility, Stopped, Withheld};
use bihu::domain::{Division, Footprint, Kind, Level, LonLat, Place, Population, ResourceId};
use bihu::spatial::area::area_m2;
use bihu::spatial::edge::{Outline, distance_to_footprint_m};
use bihu::spatial::geodesic::distance_m;
use geo::{MultiPolygon, Polygon, Rect};
use std::cell::Cell;
use std::ops::ControlFlow;

const TOLERANCE_M: f64 = 0.5;

/// A made-up district: two by two towns in a box, one village, one town without an area.
struct Case {
    ids: Vec<ResourceId>,
    places: Vec<Place>,
    standards_m: Vec<f64>,
    demand: Vec<Demand>,
    divisions: Vec<Division>,
    study_area: Footprint,
}

impl Case {
    fn random(dice: &mut Dice, middle: LonLat, facilities: usize, points: usize) -> Self {
        let (x, y) = (middle.lon(), middle.lat());
        let study = Polygon::from(Rect::new((x - 0.1, y - 0.1), (x + 0.1, y + 0.1)));
        let mut divisions = vec![
            division("310117", Level::District, [x - 0.1, y - 0.1, x + 0.1, y + 0.1]),
            division("310117001", Level::Town, [x - 0.1, y - 0.1, x, y]),
            division("310117002", Level::Town, [x, y - 0.1, x + 0.1, y]),
            division("310117003", Level::Town, [x - 0.1, y, x, y + 0.1]),
            division("310117004", Level::Town, [x, y, x + 0.1, y + 0.1]),
            division("310117001001", Level::Village, [x - 0.1, y - 0.1, x - 0.05, y - 0.05]),
            division("310117005", Level::Town, [x, y, x + 0.1, y + 0.1]),
        ];
        divisions[6].area = None;
        let point = |dice: &mut Dice| Demand {
            // Some lie outside of the district, and some say where they belong.
            position: dice.near(middle, 0.11),
            population: Population::from_f64(dice.between(0.0, 900.0)).unwrap(),
            division: (dice.below(10) == 0).then(|| dice.below(8)),
        };
        Self {
            ids: (0..facilities).map(|i| ResourceId::mint(Kind::Shelter, &format!("{i:05}"))).collect(),
            places: (0..facilities).map(|_| dice.place_near(middle, 0.12, 0.005)).collect(),
            standards_m: (0..facilities).map(|_| [500.0, 1000.0, 2500.0][dice.below(3)]).collect(),
            demand: (0..points).map(|_| point(dice)).collect(),
            divisions,
            study_area: cut(study),
        }
    }

    fn ask(&self, watch: &dyn Fn(usize, usize) -> ControlFlow<()>) -> Result<Coverage, Stopped> {
        let facilities = self.facilities();
        let divisions: Vec<&Division> = self.divisions.iter().collect();
        let question = Question {
            facilities: &facilities,
            demand: &self.demand,
            divisions: &divisions,
            study_area: &self.study_area,
            tolerance_m: TOLERANCE_M,
            means: Means::Air,
        };
        coverage(&question, watch)
    }

    fn answer(&self) -> Coverage {
        self.ask(&|_, _| ControlFlow::Continue(())).unwrap()
    }

    fn facilities(&self) -> Vec<Facility<'_>> {
        let parts = self.ids.iter().zip(&self.places).zip(&self.standards_m);
        parts.map(|((id, place), &standard_m)| Facility { id, place, standard_m }).collect()
    }

    fn slow_distance_m(&self, facility: usize, from: LonLat) -> f64 {
        match &self.places[facility].footprint {
            Some(footprint) => distance_to_footprint_m(from, footprint),
            None => distance_m(from, self.places[facility].position),
        }
    }

    fn slow_times(&self, from: LonLat) -> usize {
        (0..self.places.len()).filter(|&i| self.slow_distance_m(i, from) <= self.standards_m[i]).count()
    }

    /// Whether a demand point belongs to a division, told without codes' prefixes or index.
    fn slow_belongs(&self, point: &Demand, division: usize) -> bool {
        let home = point.division.filter(|&d| d < self.divisions.len()).or_else(|| {
            let covers = |d: &Division| d.area.as_ref().is_some_and(|a| Outline::of_area(a).covers(point.position));
            let covering = (0..self.divisions.len()).filter(|&i| covers(&self.divisions[i]));
            covering.max_by_key(|&i| (self.divisions[i].level, std::cmp::Reverse(self.divisions[i].code.clone())))
        });
        home.is_some_and(|home| self.divisions[division].code.contains(&self.divisions[home].code))
    }
}

fn middles() -> [LonLat; 3] {
    [LonLat::clamped(121.2, 31.0), LonLat::clamped(180.0, -17.0), LonLat::clamped(25.0, 68.0)]
}

fn sum(people: impl Iterator<Item = Population>) -> Population {
    people.sum()
}

#[test]
fn every_person_is_counted_as_measuring_every_pair_counts_them() {
    let seed = 401;
    let mut dice = Dice::new(seed);
    for case in 0..24 {
        let (facilities, points) = [(0, 50), (1, 200), (40, 600), (150, 600)][case % 4];
        let district = Case::random(&mut dice, middles()[case % 3], facilities, points);
        let found = district.answer();
        let slow: Vec<usize> = district.demand.iter().map(|d| district.slow_times(d.position)).collect();
        let fast: Vec<usize> = found.times.iter().map(|&t| usize::from(t)).collect();
        assert_eq!(fast, slow.iter().map(|&t| t.min(2)).collect::<Vec<_>>(), "seed {seed}, case {case}");
        let counted =
            |keep: &dyn Fn(usize) -> bool| sum((0..points).filter(|&i| keep(i)).map(|i| district.demand[i].population));
        assert_eq!(found.population.total, counted(&|_| true), "seed {seed}, case {case}");
        assert_eq!(found.population.covered, counted(&|i| slow[i] > 0), "seed {seed}, case {case}");
        assert_eq!(found.population.uncovered, counted(&|i| slow[i] == 0), "seed {seed}, case {case}");
        for times in 0..3 {
            assert_eq!(found.multiplicity[times], counted(&|i| slow[i].min(2) == times), "seed {seed}, case {case}");
        }
        for (d, row) in found.divisions.iter().enumerate() {
            let belongs = |i: usize| district.slow_belongs(&district.demand[i], d);
            assert_eq!(row.total, counted(&belongs), "seed {seed}, case {case}, division {d}");
            let covered = counted(&|i| belongs(i) && slow[i] > 0);
            assert_eq!(row.covered, covered, "seed {seed}, case {case}, division {d}");
            assert_eq!(row.covered + row.uncovered, row.total, "seed {seed}, case {case}, division {d}");
        }
        // The district holds every other division, so what it lacks is outside.
        let district_and_outside = found.divisions[0].total + found.outside.total;
        assert_eq!(district_and_outside, found.population.total, "seed {seed}, case {case}");
    }
}

#[test]
fn a_point_of_the_study_area_is_in_the_gap_when_and_only_when_nobody_reaches_it() {
    let seed = 402;
    let mut dice = Dice::new(seed);
    for case in 0..12 {
        let middle = middles()[case % 3];
        let district = Case::random(&mut dice, middle, [3, 40, 150][case / 3 % 3], 10);
        let found = district.answer();
        let gap = found.gap.as_ref().unwrap();
        assert_rfc_7946(&gap.area, &format!("seed {seed}, case {case}"));
        assert_eq!(gap.tolerance_m, TOLERANCE_M);
        let (drawn, study) = (Outline::of_area(&gap.area), Outline::of_area(&district.study_area));
        let (mut inside, mut asked) = (0, 0);
        for _ in 0..1500 {
            let p = dice.near(middle, 0.1);
            if !study.covers(p) {
                continue;
            }
            // How far beyond the nearest standard the point is; below zero it is reached.
            let beyond = (0..district.places.len())
                .map(|i| district.slow_distance_m(i, p) - district.standards_m[i])
                .fold(f64::INFINITY, f64::min);
            let in_gap = drawn.covers(p);
            asked += 1;
            inside += usize::from(in_gap);
            assert!(
                !in_gap || beyond > -TOLERANCE_M - 0.01,
                "seed {seed}, case {case}: {p:?} in gap, {beyond} m beyond"
            );
            assert!(in_gap || beyond < 0.01, "seed {seed}, case {case}: {p:?} not in gap, {beyond} m beyond");
        }
        let (share, sampled) = (gap.area_m2 / found.area_m2.unwrap(), f64::from(inside as u32) / f64::from(asked));
        assert!((share - sampled).abs() < 0.06, "seed {seed}, case {case}: gap {share}, sampled {sampled}");
        assert!((gap.area_m2 - area_m2(&gap.area)).abs() < 1e-6);
    }
}

#[test]
fn the_largest_gaps_hold_the_most_uncovered_people_and_name_the_nearest_facility() {
    let seed = 403;
    let mut dice = Dice::new(seed);
    for case in 0..12 {
        let district = Case::random(&mut dice, middles()[case % 3], [0, 5, 40, 120][case % 4], 500);
        let found = district.answer();
        let gaps = &found.largest_gaps;
        assert!(gaps.len() <= 20);
        assert!(gaps.is_sorted_by(|a, b| a.uncovered >= b.uncovered), "seed {seed}, case {case}");
        if gaps.len() < 20 {
            let listed = sum(gaps.iter().map(|g| g.uncovered));
            assert_eq!(listed, found.population.uncovered, "seed {seed}, case {case}: somebody is in no gap");
        }
        for gap in gaps {
            let stands = district.demand.iter().enumerate();
            let mut stands = stands.filter(|(i, d)| d.position == gap.representative && found.times[*i] == 0);
            assert!(stands.next().is_some(), "seed {seed}, case {case}: {gap:?} is on no uncovered demand point");
            let slow = (0..district.places.len())
                .map(|i| (i, district.slow_distance_m(i, gap.representative)))
                .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            assert_eq!(gap.nearest, slow, "seed {seed}, case {case}");
            if let (Some(part), Ok(all)) = (gap.part, &found.gap) {
                let part = MultiPolygon(vec![all.area.0[part].clone()]);
                assert!(Outline::of_area(&part).covers(gap.representative), "seed {seed}, case {case}");
                assert!(gap.area_m2.is_none_or(|m2| m2 <= area_m2(&part) * (1.0 + 1e-6)), "seed {seed}, case {case}");
            }
        }
    }
}

#[test]
fn the_same_question_gets_the_same_answer_whatever_the_order_of_facilities() {
    let seed = 404;
    let mut dice = Dice::new(seed);
    let mut district = Case::random(&mut dice, middles()[0], 80, 400);
    let first = district.answer();
    assert_eq!(format!("{:?}", district.answer()), format!("{first:?}"), "seed {seed}");
    district.ids.reverse();
    district.places.reverse();
    district.standards_m.reverse();
    let second = district.answer();
    assert_eq!(second.times, first.times, "seed {seed}");
    assert_eq!(second.divisions, first.divisions, "seed {seed}");
    let people = |c: &Coverage| c.largest_gaps.iter().map(|g| (g.division, g.uncovered)).collect::<Vec<_>>();
    assert_eq!(people(&second), people(&first), "seed {seed}");
    assert!((second.gap.unwrap().area_m2 - first.gap.unwrap().area_m2).abs() < 1.0, "seed {seed}");
}

#[test]
fn without_facilities_everybody_is_uncovered_and_the_gap_is_the_study_area() {
    let mut dice = Dice::new(405);
    let found = Case::random(&mut dice, middles()[0], 0, 100).answer();
    assert_eq!(found.population.uncovered, found.population.total);
    let share = found.gap.unwrap().area_m2 / found.area_m2.unwrap();
    // The set operation snaps to its grid.
    assert!((share - 1.0).abs() < 1e-8, "{share}");
    assert!(found.largest_gaps.iter().all(|g| g.nearest.is_none()));
}

#[test]
fn without_people_nothing_is_listed_and_without_study_area_no_gap_is_drawn() {
    let mut dice = Dice::new(406);
    let mut district = Case::random(&mut dice, middles()[0], 20, 0);
    district.study_area = MultiPolygon(Vec::new());
    let found = district.answer();
    assert_eq!(found.population.total, Population::ZERO);
    assert_eq!(found.gap, Err(Withheld::NoStudyArea));
    assert_eq!(found.area_m2, None);
    assert!(found.complete && found.largest_gaps.is_empty());
}

#[test]
fn a_standard_that_is_no_distance_serves_nobody() {
    let mut dice = Dice::new(407);
    let mut district = Case::random(&mut dice, middles()[0], 2, 100);
    district.standards_m = vec![f64::NAN, -5.0];
    let found = district.answer();
    assert_eq!(found.population.covered, Population::ZERO);
    assert!(found.gap.is_ok());
}

#[test]
fn a_buffer_that_can_not_be_drawn_withholds_the_gap_but_counts_the_people() {
    let mut dice = Dice::new(408);
    let mut district = Case::random(&mut dice, LonLat::clamped(10.0, 89.8), 3, 100);
    district.standards_m = vec![20_000.0; 3];
    let found = district.answer();
    assert!(matches!(found.gap, Err(Withheld::Buffer { .. })), "{:?}", found.gap);
    assert!(!found.complete);
    let slow = district.demand.iter().filter(|d| district.slow_times(d.position) > 0).map(|d| d.population);
    assert_eq!(found.population.covered, sum(slow));
}

#[test]
fn the_watch_sees_progress_and_can_stop_the_work() {
    let mut dice = Dice::new(409);
    let district = Case::random(&mut dice, middles()[0], 20, 9000);
    let last = Cell::new(0);
    let finished = district.ask(&|done, total| {
        assert!(done >= last.get() && done <= total, "{done} of {total} after {}", last.get());
        last.set(done);
        ControlFlow::Continue(())
    });
    assert!(finished.unwrap().complete);
    assert_eq!(last.get(), 9020);
    let early = district.ask(&|done, _| if done > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) });
    assert_eq!(early.unwrap_err(), Stopped { done: 4096, total: 9020 });
    let late = district.ask(&|done, _| if done >= 9000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) });
    let late = late.unwrap();
    assert_eq!(late.gap, Err(Withheld::Stopped));
    assert!(!late.complete && late.population.total > Population::ZERO);
}
