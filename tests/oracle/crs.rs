//! Gauss–Krüger and web mercator against PROJ, and against themselves there and back.
//!
//! `cs2cs` is run live, on random points in every zone; a few of its answers are kept here as well, so that the formulas
//! are held to it also where it is not installed. PROJ speaks the axes of the EPSG registry: latitude and northing first.

use crate::dice::Dice;
use bihu::domain::{Crs, GaussKruger, LonLat};
use bihu::spatial::crs::{from_wgs84, reaches, to_wgs84};
use bihu::spatial::gauss;
use bihu::spatial::geodesic::distance_m;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

const MILLIMETRE: f64 = 1e-3;

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("a position")
}

fn zone(code: u16) -> Crs {
    Crs::GaussKruger(GaussKruger::of_epsg(code).expect("a zone"))
}

/// EPSG code, longitude, latitude, easting, northing: answers of PROJ 9.1.1's `cs2cs -f %.4f EPSG:4490 EPSG:…`.
const PROJ: &str = include_str!("proj_gauss_kruger.csv");

#[test]
fn gauss_kruger_agrees_with_the_answers_of_proj_that_are_kept() {
    let mut codes = 0;
    for line in PROJ.lines().skip(1) {
        let numbers: Vec<f64> = line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        let [code, lon, lat, east, north] = numbers[..] else { panic!("{line}") };
        let crs = zone(code as u16);
        let (x, y) = from_wgs84(&crs, at(lon, lat));
        assert!((x - east).abs() < MILLIMETRE && (y - north).abs() < MILLIMETRE, "{line}: {x} {y}");
        let back = to_wgs84(&crs, east, north).expect("in the zone");
        assert!(distance_m(back, at(lon, lat)) < MILLIMETRE, "{line}: {back:?}");
        codes += 1;
    }
    assert_eq!(codes, 64, "one for each zone of the registry");
}

/// Runs `cs2cs` and returns its pairs of numbers.
fn cs2cs(from: &str, to: &str, format: &str, input: &str) -> Vec<(f64, f64)> {
    let mut child = Command::new("cs2cs")
        .args(["-f", format, from, to])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("cs2cs of PROJ (package proj-bin; tests/setup/machine.sh installs it)");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("cs2cs ends");
    assert!(output.status.success(), "cs2cs {from} {to}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let pair = |line: &str| {
        let mut numbers = line.split_whitespace().map(|n| n.parse::<f64>().unwrap_or_else(|_| panic!("{to}: {line}")));
        (numbers.next().expect("one"), numbers.next().expect("two"))
    };
    text.lines().map(pair).collect()
}

#[test]
fn gauss_kruger_agrees_with_proj_to_a_millimetre_on_1280_points_across_all_zones() {
    let seed = 0x9A55;
    let mut dice = Dice::new(seed);
    let (mut worst, mut points) = (0.0_f64, 0);
    for code in 4491..=4554 {
        let crs = zone(code);
        let Crs::GaussKruger(z) = &crs else { panic!() };
        // Beyond half a million metres the number before the easting would be another zone's.
        let reach = if z.prefix().is_some() { 4.4 } else { 6.0 };
        let mut place = || at(z.central_meridian_deg() + dice.between(-reach, reach), dice.between(-5.0, 60.0));
        let places: Vec<LonLat> = (0..20).map(|_| place()).collect();
        let degrees = places.iter().fold(String::new(), |mut out, p| {
            let _ = writeln!(out, "{:.14} {:.14}", p.lat(), p.lon());
            out
        });
        let there = cs2cs("EPSG:4490", &format!("EPSG:{code}"), "%.6f", &degrees);
        assert_eq!(there.len(), places.len());
        for (place, (north, east)) in places.iter().zip(there) {
            let (x, y) = from_wgs84(&crs, *place);
            worst = worst.max((x - east).hypot(y - north));
            let back = to_wgs84(&crs, east, north).expect("in the zone");
            worst = worst.max(distance_m(back, *place));
            points += 1;
        }
    }
    println!("{points} points, worst {worst:.2e} m, seed {seed:#x}");
    assert!(worst < MILLIMETRE, "{worst} m, seed {seed:#x}");
}

#[test]
fn web_mercator_agrees_with_proj_to_a_millimetre() {
    let seed = 0x3857;
    let mut dice = Dice::new(seed);
    let places: Vec<LonLat> = (0..200).map(|_| at(dice.between(-180.0, 180.0), dice.between(-85.0, 85.0))).collect();
    let degrees = places.iter().fold(String::new(), |mut out, p| {
        let _ = writeln!(out, "{:.14} {:.14}", p.lat(), p.lon());
        out
    });
    for (place, (east, north)) in places.iter().zip(cs2cs("EPSG:4326", "EPSG:3857", "%.6f", &degrees)) {
        let (x, y) = from_wgs84(&Crs::WebMercator, *place);
        assert!((x - east).hypot(y - north) < MILLIMETRE, "{place:?}: {x} {y}, seed {seed:#x}");
    }
}

#[test]
fn there_and_back_is_less_than_a_millimetre_in_every_projection() {
    let seed = 0xBACC;
    let mut dice = Dice::new(seed);
    let mut worst: BTreeMap<&str, f64> = BTreeMap::new();
    for _ in 0..10_000 {
        let crs = zone(4491 + dice.below(64) as u16);
        let Crs::GaussKruger(z) = &crs else { panic!() };
        let reach = if z.prefix().is_some() { 4.4 } else { gauss::REACH_DEG - 1e-9 };
        let place = at(z.central_meridian_deg() + dice.between(-reach, reach), dice.between(-89.9, 89.9));
        let flat = at(dice.between(-180.0, 180.0), dice.between(-85.05, 85.05));
        for (name, crs, place) in [("gauss", &crs, place), ("web", &Crs::WebMercator, flat)] {
            let (x, y) = from_wgs84(crs, place);
            let back = to_wgs84(crs, x, y).unwrap_or_else(|v| panic!("{crs:?} {place:?}: {v:?}, seed {seed:#x}"));
            let off = distance_m(back, place);
            assert!(off < MILLIMETRE, "{crs:?} {place:?}: {off} m, seed {seed:#x}");
            let most = worst.entry(name).or_default();
            *most = most.max(off);
        }
    }
    println!("worst {worst:?} m");
}

#[test]
fn what_lies_beyond_a_zone_is_not_given_numbers() {
    for (crs, place) in
        [(zone(4549), at(139.7, 35.7)), (zone(4528), at(-60.0, 31.0)), (Crs::WebMercator, at(121.0, 86.0))]
    {
        assert!(from_wgs84(&crs, place).0.is_nan());
        assert_eq!(reaches(&crs, place).expect_err("too far").reason, "out_of_reach");
    }
    assert!(reaches(&zone(4549), at(121.2, 31.0)).is_ok());
}

#[test]
fn numbers_of_another_zone_another_order_or_another_unit_are_refused_with_the_way_out() {
    let (east, north) = from_wgs84(&zone(4549), at(121.2, 31.0));
    let with_prefix = east + 40_000_000.0;
    for (crs, first, second, reason, way) in [
        (zone(4549), north, east, "swapped", "easting"),
        (zone(4549), with_prefix, north, "other_zone", "EPSG:4528"),
        (zone(4528), north, with_prefix, "swapped", "easting"),
        (zone(4528), east, north, "missing_zone_prefix", "EPSG:4549"),
        (zone(4528), east + 39_000_000.0, north, "other_zone", "EPSG:4527"),
        (zone(4497), east, north, "missing_zone_prefix", "EPSG:4546"),
        (zone(4549), 121.2, 31.0, "looks_like_degrees", "wgs84"),
        (Crs::WebMercator, 121.2, 31.0, "looks_like_degrees", "wgs84"),
        (Crs::WGS84, with_prefix, north, "looks_projected", "EPSG:4528"),
        (Crs::WGS84, north, with_prefix, "looks_projected", "EPSG:4528"),
        (zone(4549), 9_000_000.0, 5e7, "out_of_reach", "unit"),
        (Crs::WebMercator, 3e7, 0.0, "out_of_range", "20037508"),
        (zone(4549), f64::NAN, 0.0, "not_finite", "finite"),
    ] {
        let violation = to_wgs84(&crs, first, second).expect_err(reason);
        assert_eq!(violation.reason, reason, "{crs:?} {first} {second}: {violation:?}");
        assert!(violation.en.contains(way), "{way}: {}", violation.en);
    }
}
