//! Isochrone areas on random towns: valid, holding everything reached, reaching beyond it no farther than told, measured by fine
//! sampling.

use super::dice::Dice;
use super::roads_town::town;
use bihu::domain::{Footprint, LonLat, Profile, ProfileSet};
use bihu::network::{
    Band, Centimetres, Cost, Costs, EdgeId, Graph, Leg, Metric, Overlay, Point, Reach, Search, Snap, Span, Toward,
    build, isochrone, points_of,
};
use bihu::spatial::geodesic::distance_m;
use bihu::spatial::shape::shape_violations;
use geo::algorithm::orient::{Direction, Orient};
use geo::{Contains, CoordsIter, Relate};
use geo_types::Coord;

/// Points along what is reached, no farther apart than `step_m`, and its ends.
fn samples(graph: &Graph, band: &Band, step_m: f64) -> Vec<LonLat> {
    let mut out = Vec::new();
    for piece in &band.reached {
        let leg = Leg { edge: piece.edge, from: piece.span.from, to: piece.span.to, cost: Cost::default() };
        let line = points_of(graph, &leg);
        out.extend(line.last().map(|p| p.position()));
        for pair in line.windows(2) {
            let [a, b] = [pair[0], pair[1]].map(Point::position);
            let parts = (distance_m(a, b) / step_m).ceil().max(1.0);
            out.extend((0..parts as usize).map(|i| {
                let share = i as f64 / parts;
                LonLat::clamped(a.lon() + share * (b.lon() - a.lon()), a.lat() + share * (b.lat() - a.lat()))
            }));
        }
    }
    out
}

fn holds(area: &Footprint, at: LonLat) -> bool {
    area.contains(&Coord { x: at.lon(), y: at.lat() })
}

/// Metres from a place to the nearest of some samples, which are sorted by latitude.
fn away_m(samples: &[LonLat], from: LonLat, within_m: f64) -> f64 {
    let reach = within_m / 110_000.0;
    let first = samples.partition_point(|s| s.lat() < from.lat() - reach);
    let near = samples[first..].iter().take_while(|s| s.lat() <= from.lat() + reach);
    near.filter(|s| (s.lon() - from.lon()).abs() < 1.3 * reach).map(|s| distance_m(*s, from)).fold(f64::MAX, f64::min)
}

#[test]
fn areas_are_valid_hold_what_is_reached_and_reach_no_farther_than_told() {
    let mut dice = Dice::new(0x150C);
    let (mut sampled, mut inside, mut farthest, mut holes, mut bands, mut nested) = (0, 0, 0f64, 0, 0, 0);
    for round in 0..60 {
        let graph = build(&town(&mut dice, 8).source).graph;
        let edges: Vec<EdgeId> = graph.edge_ids().collect();
        let anywhere = |dice: &mut Dice| {
            let edge = edges[dice.below(edges.len())];
            let offset = Centimetres(dice.below(graph.length(edge).0 as usize + 1) as u32);
            Snap { edge, offset, position: graph.points(edge)[0].position(), aside_m: 0.0 }
        };
        let origins: Vec<Snap> = (0..1 + dice.below(3)).map(|_| anywhere(&mut dice)).collect();
        let shut: Vec<_> = (0..dice.below(8)).map(|_| anywhere(&mut dice)).collect();
        let closed = shut.iter().map(|s| (s.edge, Span::between(s.offset, s.offset), ProfileSet::ALL));
        let overlay = Overlay::new(&graph, closed);
        let profile = Profile::ALL[dice.below(Profile::ALL.len())];
        let costs = Costs { graph: &graph, overlay: &overlay, profile, metric: Metric::Length };
        let tolerance_m = [10.0, 30.0, 80.0][round % 3];
        let limits = [0, 30_000, 30_100, 31_000, 50_000 + dice.below(100_000) as u32];
        let toward = if round % 2 == 0 { Toward::Away } else { Toward::Seeds };
        let reach = Reach { origins: &origins, toward, bands: &limits, tolerance_m };
        let answer = isochrone(&mut Search::default(), &costs, &reach);
        assert_eq!(answer, isochrone(&mut Search::default(), &costs, &reach), "round {round}: the same answer");
        for pair in answer.windows(2).filter(|pair| !pair[1].area.0.is_empty()) {
            let [larger, smaller] = [&pair[0].area, &pair[1].area];
            assert!(
                larger.relate(smaller).is_contains(),
                "round {round}: {} is not within {}",
                pair[1].limit,
                pair[0].limit
            );
            let corners = smaller
                .exterior_coords_iter()
                .chain(smaller.iter().flat_map(|p| p.interiors().iter().flat_map(|ring| ring.0.iter().copied())));
            assert!(corners.into_iter().all(|c| larger.contains(&c)), "round {round}: not even their borders meet");
            nested += 1;
        }
        for band in &answer {
            assert_eq!(band.tolerance_m, tolerance_m);
            assert!(shape_violations(&band.area).is_empty(), "round {round}: {:?}", shape_violations(&band.area));
            assert_eq!(band.area, band.area.orient(Direction::Default), "round {round}: outer rings counter-clockwise");
            assert_eq!(band.area.0.is_empty(), band.reached.is_empty(), "round {round}");
            if band.reached.is_empty() {
                continue;
            }
            let mut reached = samples(&graph, band, tolerance_m / 40.0);
            assert!(reached.iter().all(|at| holds(&band.area, *at)), "round {round}: what is reached is inside");
            reached.sort_by(|a, b| a.lat().total_cmp(&b.lat()));
            holes += band.area.iter().map(|p| p.interiors().len()).sum::<usize>();
            bands += 1;
            let corners: Vec<LonLat> = band
                .area
                .iter()
                .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()))
                .flat_map(|ring| ring.0.iter().map(|c| LonLat::clamped(c.x, c.y)))
                .collect();
            let thrown = (0..2000).map(|_| {
                let around = reached[dice.below(reached.len())];
                dice.near(around, 3.0 * tolerance_m / 110_000.0)
            });
            for at in thrown.collect::<Vec<_>>().into_iter().filter(|at| holds(&band.area, *at)).chain(corners) {
                // Samples stand up to half a step from the nearest reached point.
                let away = away_m(&reached, at, tolerance_m * 1.1);
                assert!(away <= tolerance_m * (1.0 + 1.0 / 3000.0), "round {round}: {away} m beyond, of {tolerance_m}");
                farthest = farthest.max(away / tolerance_m);
                inside += 1;
            }
            sampled += reached.len();
        }
    }
    eprintln!(
        "{bands} bands, {nested} of them within the next, {holes} holes, {sampled} reached points inside; of {inside} points inside, the farthest lay {farthest:.3} of the tolerance beyond"
    );
    assert!(holes > 20 && inside > 50_000 && nested > 100);
}
