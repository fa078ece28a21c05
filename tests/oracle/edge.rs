//! Distance to an edge beside its slow twin: thousands of samples along every edge, the best one refined.

use crate::dice::{Dice, cut};
use bihu::domain::{Footprint, LonLat};
use bihu::spatial::edge::{Outline, bounding_ball, distance_to_footprint_m, distance_to_line_m, unit_vector};
use bihu::spatial::geodesic::distance_m;
use geo::{Coord, Line, LineString, LinesIter, MultiPolygon, Polygon, Rect};

const SAMPLES: usize = 3000;

fn at(line: Line<f64>, t: f64) -> LonLat {
    let c = line.start + (line.end - line.start) * t;
    LonLat::clamped(c.x, c.y)
}

/// Samples the edge, then narrows the neighbourhood of the best samples by thirds.
fn slow_edge_m(from: LonLat, line: Line<f64>) -> f64 {
    let step = 1.0 / SAMPLES as f64;
    let metres = |t: f64| distance_m(from, at(line, t.clamp(0.0, 1.0)));
    let samples: Vec<f64> = (0..=SAMPLES).map(|i| metres(i as f64 * step)).collect();
    let dip = |i: usize| samples[i] <= samples[i.saturating_sub(1)] && samples[i] <= samples[(i + 1).min(SAMPLES)];
    let refine = |i: usize| {
        let (mut low, mut high) = ((i as f64 - 1.0) * step, (i as f64 + 1.0) * step);
        for _ in 0..60 {
            let third = (high - low) / 3.0;
            if metres(low + third) < metres(high - third) { high -= third } else { low += third }
        }
        metres(low).min(samples[i])
    };
    let floor = samples.iter().copied().fold(f64::INFINITY, f64::min);
    (0..=SAMPLES).filter(|&i| dip(i) && samples[i] < floor * 1.001 + 1.0).take(50).map(refine).fold(floor, f64::min)
}

/// Winding number by angles: nothing in common with crossings and exact predicates.
fn slow_covers(area: &Footprint, p: LonLat) -> bool {
    let winding = |ring: &LineString<f64>| {
        let turn: f64 = ring
            .lines()
            .map(|l| {
                let (a, b) = (l.start - Coord::from(p), l.end - Coord::from(p));
                (a.x * b.y - a.y * b.x).atan2(a.x * b.x + a.y * b.y)
            })
            .sum();
        turn.abs() > 3.0
    };
    area.iter().any(|polygon| winding(polygon.exterior()) && !polygon.interiors().iter().any(winding))
}

fn slow_m(from: LonLat, area: &Footprint) -> f64 {
    if slow_covers(area, from) {
        return 0.0;
    }
    area.lines_iter().map(|line| slow_edge_m(from, line)).fold(f64::INFINITY, f64::min)
}

/// Asks `questions` times about areas of `degrees` around places that `place` gives, from nearby and from anywhere.
fn compare(seed: u64, questions: usize, degrees: f64, place: impl Fn(&mut Dice) -> LonLat) {
    let mut dice = Dice::new(seed);
    for case in 0..questions {
        let centre = place(&mut dice);
        let area = dice.area(centre, degrees);
        let from = if case % 4 == 3 { dice.place() } else { dice.near(centre, 1.5 * degrees) };
        let (fast, slow) = (distance_to_footprint_m(from, &area), slow_m(from, &area));
        assert!(
            fast <= slow + 1e-3 && fast >= slow - 1e-3 - slow * 1e-9,
            "seed {seed}, case {case}: from {from:?}: fast {fast} m, slow {slow} m\n{area:?}"
        );
        let outline = Outline::of_area(&area);
        assert!(outline.is_within(from, slow + 1e-3), "seed {seed}, case {case}: not within its own distance");
        assert!(slow < 2e-3 || !outline.is_within(from, slow - 2e-3), "seed {seed}, case {case}: within too little");
    }
}

#[test]
fn distance_to_a_district_sized_area_is_that_of_dense_sampling() {
    compare(101, 60, 0.05, |dice| LonLat::clamped(dice.between(120.9, 121.5), dice.between(30.9, 31.2)));
}

#[test]
fn distance_to_areas_anywhere_with_long_edges_is_that_of_dense_sampling() {
    compare(102, 40, 20.0, |dice| LonLat::clamped(dice.between(-179.0, 179.0), dice.between(-65.0, 65.0)));
}

#[test]
fn distance_across_the_antimeridian_is_that_of_dense_sampling() {
    compare(103, 40, 3.0, |dice| LonLat::clamped(180.0 + dice.between(-2.0, 2.0), dice.between(-60.0, 60.0)));
}

#[test]
fn distance_near_the_poles_is_that_of_dense_sampling() {
    compare(104, 40, 6.0, |dice| {
        let side = if dice.below(2) == 0 { 1.0 } else { -1.0 };
        LonLat::clamped(dice.between(-170.0, 170.0), side * dice.between(80.0, 89.0))
    });
}

#[test]
fn distance_to_tiny_areas_is_that_of_dense_sampling() {
    compare(105, 60, 0.0005, Dice::place);
}

#[test]
fn distance_to_a_line_is_that_of_dense_sampling() {
    let seed = 106;
    let mut dice = Dice::new(seed);
    for case in 0..40 {
        let spread = [0.01, 1.0, 40.0][case % 3];
        let centre = LonLat::clamped(dice.between(-130.0, 130.0), dice.between(-45.0, 45.0));
        let line = LineString((0..4).map(|_| dice.near(centre, spread).into()).collect());
        let from = dice.near(centre, 2.0 * spread);
        let slow = line.lines().map(|l| slow_edge_m(from, l)).fold(f64::INFINITY, f64::min);
        let fast = distance_to_line_m(from, &line);
        assert!((fast - slow).abs() < 1e-3, "seed {seed}, case {case}: fast {fast} m, slow {slow} m");
    }
}

#[test]
fn the_distance_inside_and_on_the_edge_is_zero_and_in_a_hole_it_is_that_to_the_hole() {
    let ring = |r: f64| LineString::from(vec![(-r, -r), (r, -r), (r, r), (-r, r), (-r, -r)]);
    let area = MultiPolygon(vec![Polygon::new(ring(1.0), vec![ring(0.5)])]);
    let ask = |lon, lat| distance_to_footprint_m(LonLat::clamped(lon, lat), &area);
    assert_eq!(ask(0.75, 0.0), 0.0);
    assert_eq!(ask(1.0, 0.3), 0.0);
    assert_eq!(ask(-1.0, -1.0), 0.0);
    assert_eq!(ask(0.5, 0.5), 0.0);
    // 0.1° of the equator.
    assert!((ask(0.4, 0.0) - 11_131.949).abs() < 0.001, "{}", ask(0.4, 0.0));
    assert!((ask(1.1, 0.0) - 11_131.949).abs() < 0.001, "{}", ask(1.1, 0.0));
}

#[test]
fn the_pole_is_one_place_whatever_its_longitude() {
    let sector = MultiPolygon(vec![Polygon::from(Rect::new((0.0, 80.0), (90.0, 90.0)))]);
    assert!(distance_to_footprint_m(LonLat::clamped(-120.0, 90.0), &sector) < 1e-6);
    let cap = MultiPolygon(vec![Polygon::from(Rect::new((-180.0, 80.0), (180.0, 90.0)))]);
    assert_eq!(distance_to_footprint_m(LonLat::clamped(-33.0, 89.9), &cap), 0.0);
    // From the pole every point of a parallel is as far as its corner.
    let ring = MultiPolygon(vec![Polygon::from(Rect::new((-180.0, 50.0), (180.0, 60.0)))]);
    let corner = distance_m(LonLat::clamped(0.0, 90.0), LonLat::clamped(12.0, 60.0));
    let fast = distance_to_footprint_m(LonLat::clamped(0.0, 90.0), &ring);
    assert!((fast - corner).abs() < 1e-3, "{fast} {corner}");
}

#[test]
fn both_names_of_the_antimeridian_are_inside() {
    let area = cut(Polygon::from(Rect::new((179.0, -1.0), (181.0, 1.0))));
    for lon in [180.0, -180.0, 179.5, -179.5] {
        assert_eq!(distance_to_footprint_m(LonLat::new(lon, 0.0).unwrap(), &area), 0.0, "{lon}");
    }
    let near = distance_to_footprint_m(LonLat::clamped(-178.9, 0.0), &area);
    assert!((near - 11_131.949).abs() < 0.001, "{near}");
}

#[test]
fn a_footprint_without_edges_is_infinitely_far() {
    assert_eq!(distance_to_footprint_m(LonLat::clamped(0.0, 0.0), &MultiPolygon(vec![])), f64::INFINITY);
    assert_eq!(bounding_ball(&MultiPolygon(vec![])), None);
}

#[test]
fn the_ball_holds_every_point_of_the_area() {
    let seed = 107;
    let mut dice = Dice::new(seed);
    for case in 0..300 {
        let degrees = [0.001, 0.1, 5.0, 40.0][case % 4];
        let centre = dice.place();
        let area = dice.area(centre, degrees);
        let ball = bounding_ball(&area).unwrap();
        for line in area.lines_iter() {
            for i in 0..=40 {
                assert_in(&ball, at(line, f64::from(i) / 40.0), seed, case);
            }
        }
        for _ in 0..200 {
            let p = dice.near(centre, degrees);
            if slow_covers(&area, p) {
                assert_in(&ball, p, seed, case);
            }
        }
    }
}

fn assert_in(ball: &bihu::spatial::edge::Ball, p: LonLat, seed: u64, case: usize) {
    let v = unit_vector(p);
    let chord = (0..3).map(|i| (v[i] - ball.centre[i]).powi(2)).sum::<f64>().sqrt();
    assert!(chord <= ball.chord_radius, "seed {seed}, case {case}: {p:?} sticks out, {chord} > {}", ball.chord_radius);
}

#[test]
fn the_ball_of_more_than_a_hemisphere_is_the_sphere() {
    let most = MultiPolygon(vec![Polygon::from(Rect::new((-180.0, -60.0), (180.0, 90.0)))]);
    assert_eq!(bounding_ball(&most).unwrap().chord_radius, 2.0);
}
