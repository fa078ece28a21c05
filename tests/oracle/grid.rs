//! Fitted grids against the maps they were made from.

use crate::dice::Dice;
use bihu::domain::{Crs, LocalGrid, LonLat};
use bihu::spatial::crs::{from_wgs84, to_wgs84};
use bihu::spatial::geodesic::distance_m;
use bihu::spatial::grid::{ControlPoint, Fit, Model, fit};

const MERIDIAN: f64 = 121.466_666_67;

/// An invented grid of a town: turned, shifted, a little out of scale; surveyors' axes where `north_first`.
fn town(north_first: Order) -> LocalGrid {
    let (cos, sin) = (0.999_97_f64 * 0.02_f64.cos(), 0.999_97 * 0.02_f64.sin());
    let coefficients = match north_first {
        Order::EastNorth => [cos, -sin, 1_234.5, sin, cos, 3_457_000.25],
        Order::NorthEast => [-sin, cos, 1_234.5, cos, sin, 3_457_000.25],
    };
    LocalGrid { name: "town".to_owned(), central_meridian_deg: MERIDIAN, coefficients, rms_m: 0.0 }
}

#[derive(Clone, Copy, PartialEq)]
enum Order {
    EastNorth,
    NorthEast,
}

fn points(dice: &mut Dice, grid: &LocalGrid, n: usize, noise_m: f64) -> Vec<ControlPoint> {
    let crs = Crs::Local(grid.clone());
    (0..n)
        .map(|_| {
            let position = LonLat::clamped(dice.between(121.0, 121.5), dice.between(30.9, 31.3));
            let (x, y) = from_wgs84(&crs, position);
            let mut shaken = |v: f64| v + dice.between(-noise_m, noise_m);
            ControlPoint { x: shaken(x), y: shaken(y), position }
        })
        .collect()
}

fn crs(fit: &Fit) -> Crs {
    Crs::Local(fit.grid.clone())
}

#[test]
fn exact_points_give_the_grid_back_to_a_tenth_of_a_millimetre_in_either_order_of_axes() {
    let seed = 0x601D;
    let mut dice = Dice::new(seed);
    for order in [Order::EastNorth, Order::NorthEast] {
        let grid = town(order);
        for (model, n) in [(Model::Helmert, 3), (Model::Affine, 3), (Model::Helmert, 40), (Model::Affine, 40)] {
            for meridian in [Some(MERIDIAN), Some(120.0), None] {
                let found = fit(&points(&mut dice, &grid, n, 0.0), model, meridian).expect("a fit");
                assert_eq!(found.x_is_north(), order == Order::NorthEast);
                if meridian == Some(MERIDIAN) {
                    assert!(found.grid.rms_m < 1e-6, "{} m, seed {seed:#x}", found.grid.rms_m);
                    for p in points(&mut dice, &grid, 50, 0.0) {
                        let place = to_wgs84(&crs(&found), p.x, p.y).expect("near");
                        assert!(distance_m(place, p.position) < 1e-3, "seed {seed:#x}");
                    }
                }
                let (x, y) = from_wgs84(&crs(&found), LonLat::clamped(121.2, 31.0));
                let back = to_wgs84(&crs(&found), x, y).expect("near");
                assert!(distance_m(back, LonLat::clamped(121.2, 31.0)) < 1e-3);
            }
        }
    }
}

#[test]
fn residuals_are_told_and_the_point_that_is_wrong_is_named() {
    let seed = 0x0DD;
    let mut dice = Dice::new(seed);
    let grid = town(Order::EastNorth);
    for model in [Model::Helmert, Model::Affine] {
        for round in 0..50 {
            let mut control = points(&mut dice, &grid, 10, 0.02);
            let clean = fit(&control, model, Some(MERIDIAN)).expect("a fit");
            assert_eq!(clean.outlier, None, "round {round}, seed {seed:#x}");
            assert!(clean.grid.rms_m > 0.0 && clean.grid.rms_m < 0.05 && clean.checked);
            let bad = dice.below(10);
            control[bad].x += 3.0;
            let found = fit(&control, model, Some(MERIDIAN)).expect("a fit");
            assert_eq!(found.outlier, Some(bad), "round {round}, seed {seed:#x}");
            assert_eq!(found.residuals_m.len(), 10);
        }
    }
}

#[test]
fn points_that_do_not_determine_a_grid_are_refused_with_the_reason() {
    let at = |x: f64, y: f64, lon: f64, lat: f64| ControlPoint { x, y, position: LonLat::clamped(lon, lat) };
    let line: Vec<ControlPoint> = {
        let mut dice = Dice::new(7);
        let grid = Crs::Local(town(Order::EastNorth));
        (0..6)
            .map(|_| {
                let t = dice.between(0.0, 1e4);
                ControlPoint { x: t, y: t, position: to_wgs84(&grid, t, t).expect("near") }
            })
            .collect()
    };
    let reason = |points: &[ControlPoint], model| fit(points, model, None).expect_err("refused").reason;
    assert_eq!(reason(&line[..1], Model::Helmert), "too_few_points");
    assert_eq!(reason(&line[..2], Model::Affine), "too_few_points");
    assert_eq!(reason(&line, Model::Affine), "collinear");
    assert_eq!(reason(&[line[0]; 4], Model::Helmert), "coincident");
    assert_eq!(reason(&[line[0]; 4], Model::Affine), "coincident");
    assert!(fit(&line, Model::Helmert, None).is_ok(), "a similarity takes points on a line");
    let degrees = [at(121.0, 31.0, 121.0, 31.0), at(221.0, 31.0, 121.5, 31.0), at(121.0, 131.0, 121.0, 31.4)];
    assert_eq!(reason(&degrees, Model::Helmert), "not_metres");
    assert_eq!(fit(&line, Model::Helmert, Some(90.0)).expect_err("far").reason, "out_of_reach");
    assert!(!fit(&line[..2], Model::Helmert, None).expect("two points").checked, "two points can not be checked");
}
