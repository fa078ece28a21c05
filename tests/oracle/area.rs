//! Sizes, buffers and set operations beside slow twins: Karney's polygon area with finely divided edges, and sampling.

use crate::dice::{Dice, division};
use bihu::domain::{Division, Footprint, Level, LonLat, Place};
use bihu::spatial::area::{Refused, area_m2, buffer_m, circle_area_m2, circle_vertices, clip, difference, union};
use bihu::spatial::area::{TOLERANCE_M, without_slivers};
use bihu::spatial::edge::{Outline, distance_to_footprint_m};
use bihu::spatial::geodesic::distance_m;
use bihu::spatial::locate::{Locator, PreparedArea};
use geo::{LineString, LinesIter, MultiPolygon, Polygon, Rect, Validation, Winding};
use geographiclib_rs::{Geodesic, PolygonArea};

fn songjiang(dice: &mut Dice) -> LonLat {
    LonLat::clamped(dice.between(121.0, 121.4), dice.between(30.95, 31.15))
}

fn slow_ring_m2(ring: &LineString<f64>, pieces: u32) -> f64 {
    let wgs84 = Geodesic::wgs84();
    let mut area = PolygonArea::new(&wgs84, geographiclib_rs::Winding::CounterClockwise);
    for line in ring.lines() {
        for i in 0..pieces {
            let c = line.start + (line.end - line.start) * (f64::from(i) / f64::from(pieces));
            area.add_point(c.y, c.x);
        }
    }
    area.compute(true).1.abs()
}

fn slow_m2(area: &Footprint, pieces: u32) -> f64 {
    let holes = |p: &Polygon<f64>| p.interiors().iter().map(|r| slow_ring_m2(r, pieces)).sum::<f64>();
    area.iter().map(|p| slow_ring_m2(p.exterior(), pieces) - holes(p)).sum()
}

/// Valid, in range, outer rings counter-clockwise and holes clockwise.
pub fn assert_rfc_7946(area: &Footprint, what: &str) {
    assert!(area.is_valid(), "{what}: {:?}", area.validation_errors());
    for polygon in area {
        assert!(polygon.exterior().is_ccw(), "{what}: outer ring is clockwise");
        assert!(polygon.interiors().iter().all(LineString::is_cw), "{what}: hole is counter-clockwise");
        assert!(polygon.exterior().0.iter().all(|c| c.x.abs() <= 180.0 && c.y.abs() <= 90.0), "{what}: out of range");
    }
}

#[test]
fn area_is_that_of_finely_divided_geodesic_polygons() {
    let seed = 301;
    let mut dice = Dice::new(seed);
    for case in 0..60 {
        let degrees = [0.01, 0.3, 10.0][case % 3];
        let centre = LonLat::clamped(dice.between(-180.0, 180.0), dice.between(-70.0, 70.0));
        let area = dice.area(centre, degrees);
        let (fast, slow) = (area_m2(&area), slow_m2(&area, 400));
        assert!((fast / slow - 1.0).abs() < 1e-5, "seed {seed}, case {case}: {fast} m², slow {slow} m²");
    }
}

#[test]
fn the_area_of_the_world_is_that_of_the_ellipsoid() {
    let world = MultiPolygon(vec![Polygon::from(Rect::new((-180.0, -90.0), (180.0, 90.0)))]);
    assert!((area_m2(&world) / Geodesic::wgs84().area() - 1.0).abs() < 1e-12);
}

#[test]
fn a_drawn_circle_is_inscribed_and_falls_short_by_no_more_than_its_tolerance() {
    let seed = 302;
    let mut dice = Dice::new(seed);
    for case in 0..200 {
        let lon = if case % 3 == 0 { 180.0 + dice.between(-0.01, 0.01) } else { dice.between(-180.0, 180.0) };
        let centre = LonLat::clamped(lon, dice.between(-80.0, 80.0));
        let radius_m = [50.0, 500.0, 1000.0, 5000.0, 10_000.0][case % 5];
        let circle = buffer_m(&Place::point(centre), radius_m, TOLERANCE_M).unwrap();
        assert_rfc_7946(&circle, &format!("seed {seed}, case {case}"));
        for line in circle.lines_iter().filter(|l| l.start.x.abs() < 180.0 || l.end.x.abs() < 180.0) {
            for t in [0.0, 0.5] {
                let c = line.start + (line.end - line.start) * t;
                let d = distance_m(centre, LonLat::clamped(c.x, c.y));
                let fits = (radius_m - TOLERANCE_M - 1e-3..=radius_m + 1e-3).contains(&d) || c.x.abs() > 179.999_999;
                assert!(fits, "seed {seed}, case {case}: {d} m of {radius_m} m at {c:?}");
            }
        }
        let share = area_m2(&circle) / circle_area_m2(centre, radius_m);
        assert!((0.995..1.0).contains(&share), "seed {seed}, case {case}: {share} of the circle");
    }
}

#[test]
fn the_area_of_a_small_circle_is_pi_r_squared_and_of_the_largest_the_whole_earth() {
    let centre = LonLat::clamped(121.2, 31.0);
    assert!((circle_area_m2(centre, 100.0) / (std::f64::consts::PI * 1e4) - 1.0).abs() < 1e-6);
    assert_eq!(circle_area_m2(centre, 3e7), Geodesic::wgs84().area());
    // Half of the Earth lies within a quarter of the meridian of a pole.
    let half = circle_area_m2(LonLat::clamped(0.0, 90.0), 10_001_965.729_3);
    assert!((half / Geodesic::wgs84().area() - 0.5).abs() < 1e-6, "{half}");
}

#[test]
fn a_widened_footprint_holds_what_is_within_the_radius_and_nothing_else() {
    let seed = 303;
    let mut dice = Dice::new(seed);
    for case in 0..60 {
        let centre = match case % 3 {
            0 => LonLat::clamped(180.0 + dice.between(-0.003, 0.003), dice.between(-60.0, 60.0)),
            1 => LonLat::clamped(dice.between(-170.0, 170.0), dice.between(-75.0, 75.0)),
            _ => songjiang(&mut dice),
        };
        let size = [0.002, 0.01, 0.05][case / 3 % 3];
        let footprint = dice.area(centre, size);
        let radius_m = dice.between(20.0, 3000.0);
        let place = Place { position: centre, footprint: Some(footprint.clone()), declared: None };
        let wide = buffer_m(&place, radius_m, TOLERANCE_M).unwrap();
        assert_rfc_7946(&wide, &format!("seed {seed}, case {case}"));
        let (outline, near) = (Outline::of_area(&wide), Outline::of_area(&footprint));
        let spread = size + radius_m / 50_000.0;
        for _ in 0..400 {
            let p = dice.near(centre, spread);
            let d = near.distance_m(p);
            let drawn = outline.covers(p);
            assert!(!drawn || d <= radius_m + 1e-3, "seed {seed}, case {case}: {p:?} drawn at {d} m of {radius_m} m");
            assert!(
                drawn || d > radius_m - TOLERANCE_M,
                "seed {seed}, case {case}: {p:?} left out at {d} of {radius_m} m"
            );
        }
        for line in wide.lines_iter().filter(|l| l.start.x.abs() < 180.0) {
            let d = near.distance_m(LonLat::clamped(line.start.x, line.start.y));
            let fits = (radius_m - TOLERANCE_M..=radius_m + 1e-3).contains(&d);
            assert!(fits, "seed {seed}, case {case}: corner at {d} m of {radius_m} m");
        }
    }
}

#[test]
fn a_buffer_that_can_not_be_drawn_is_refused_by_name() {
    let at = |lat| Place::point(LonLat::clamped(10.0, lat));
    assert_eq!(buffer_m(&at(89.99), 5000.0, 0.1), Err(Refused::NearPole));
    assert_eq!(buffer_m(&at(31.0), f64::NAN, 0.1), Err(Refused::BadRadius));
    assert_eq!(buffer_m(&at(31.0), -1.0, 0.1), Err(Refused::BadRadius));
    assert_eq!(buffer_m(&at(31.0), 1e7, 0.1), Err(Refused::NearPole));
    let vast = MultiPolygon(vec![Polygon::from(Rect::new((0.0, -10.0), (20.0, 10.0)))]);
    let place = Place { footprint: Some(vast), ..at(0.0) };
    assert_eq!(buffer_m(&place, 1000.0, 0.1), Err(Refused::TooWide));
}

#[test]
fn a_finer_circle_has_more_vertices_between_the_limits() {
    assert_eq!(circle_vertices(1.0, 0.1), 64);
    assert_eq!(circle_vertices(500.0, 0.1), 158);
    assert_eq!(circle_vertices(1e6, 0.1), 720);
}

#[test]
fn set_operations_agree_with_membership_of_sampled_points() {
    let seed = 304;
    let mut dice = Dice::new(seed);
    for case in 0..20 {
        // Every other case straddles the antimeridian.
        let middle = LonLat::clamped(if case % 2 == 0 { 121.2 } else { 180.0 }, 31.05);
        let parts: Vec<Footprint> = (0..300)
            .map(|_| buffer_m(&Place::point(dice.near(middle, 0.2)), dice.between(100.0, 1500.0), 1.0).unwrap())
            .collect();
        let all = union(&parts);
        assert_rfc_7946(&all, &format!("seed {seed}, case {case}, union"));
        let area = dice.area(middle, 0.2);
        let (left, shared) = (difference(&area, &all), clip(&area, &all));
        assert_rfc_7946(&left, &format!("seed {seed}, case {case}, difference"));
        assert_rfc_7946(&shared, &format!("seed {seed}, case {case}, clip"));
        let sum = area_m2(&left) + area_m2(&shared);
        assert!((sum / area_m2(&area) - 1.0).abs() < 1e-7, "seed {seed}, case {case}: {sum} m²");
        let prepared: Vec<PreparedArea> = parts.iter().filter_map(PreparedArea::new).collect();
        let (all, left, shared) = (Outline::of_area(&all), Outline::of_area(&left), Outline::of_area(&shared));
        let area = Outline::of_area(&area);
        for _ in 0..200 {
            let p = dice.near(middle, 0.2);
            let (taken, inside) = (prepared.iter().any(|a| a.covers(p)), area.covers(p));
            assert_eq!(all.covers(p), taken, "seed {seed}, case {case}: union at {p:?}");
            assert_eq!(left.covers(p), inside && !taken, "seed {seed}, case {case}: difference at {p:?}");
            assert_eq!(shared.covers(p), inside && taken, "seed {seed}, case {case}: clip at {p:?}");
        }
    }
}

#[test]
fn slivers_are_dropped_and_counted() {
    let square = |x: f64, side: f64| Polygon::from(Rect::new((x, 31.0), (x + side, 31.0 + side)));
    let area = MultiPolygon(vec![square(121.0, 0.01), square(121.1, 1e-6)]);
    let (kept, dropped) = without_slivers(area, 1.0);
    assert_eq!((kept.0.len(), dropped), (1, 1));
}

#[test]
fn the_prepared_area_answers_as_the_outline_does() {
    let seed = 305;
    let mut dice = Dice::new(seed);
    for case in 0..200 {
        let degrees = [0.01, 1.0, 30.0][case % 3];
        let centre = dice.place();
        let area = dice.area(centre, degrees);
        let (Some(prepared), outline) = (PreparedArea::new(&area), Outline::of_area(&area)) else { continue };
        let corners = area.lines_iter().map(|l| LonLat::clamped(l.start.x, l.start.y)).take(20);
        let points: Vec<LonLat> = corners.chain((0..100).map(|_| dice.near(centre, degrees))).collect();
        for p in points {
            assert_eq!(prepared.covers(p), outline.covers(p), "seed {seed}, case {case}: {p:?}");
        }
    }
}

#[test]
fn a_point_on_a_shared_border_belongs_to_the_smallest_code_in_any_order() {
    let divisions = [
        division("310117002", Level::Town, [121.1, 31.0, 121.2, 31.1]),
        division("310117001", Level::Town, [121.0, 31.0, 121.1, 31.1]),
        division("310117", Level::District, [121.0, 31.0, 121.2, 31.1]),
    ];
    let border = LonLat::new(121.1, 31.05).unwrap();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let slice: Vec<&Division> = order.iter().map(|&i| &divisions[i]).collect();
        let locator = Locator::new(&slice);
        let code = |i: Option<usize>| i.map(|i| slice[i].code.as_str());
        assert_eq!(code(locator.find(border, Level::Town)), Some("310117001000"));
        assert_eq!(code(locator.find(border, Level::District)), Some("310117000000"));
        assert_eq!(code(locator.finest(border)), Some("310117001000"));
        assert_eq!(locator.find(border, Level::Village), None);
        assert_eq!(locator.finest(LonLat::clamped(121.3, 31.05)), None);
    }
}

#[test]
fn a_division_across_the_antimeridian_is_found_from_both_sides() {
    let fiji = division("310117001", Level::Town, [179.5, -17.0, 180.5, -16.0]);
    let locator = Locator::new(&[&fiji]);
    for lon in [179.6, 180.0, -180.0, -179.6] {
        assert_eq!(locator.finest(LonLat::new(lon, -16.5).unwrap()), Some(0), "{lon}");
    }
    assert_eq!(locator.finest(LonLat::clamped(-179.4, -16.5)), None);
    assert!(distance_to_footprint_m(LonLat::clamped(-179.4, -16.5), fiji.area.as_ref().unwrap()) > 0.0);
}
