//! A wrongly declared datum is caught and a right one let through, on resampled sets of the demonstration district.

use crate::dice::Dice;
use bihu::analysis::datum_evidence::{Basis, Claim, Ground, Judgement, Order, Row, Verdict, plausible, weigh};
use bihu::domain::{Crs, Datum, Footprint, GaussKruger, Kind, LocalGrid, LonLat};
use bihu::exchange::{Format, Target, decode, geometry};
use bihu::spatial::crs::{from_wgs84, to_wgs84};
use bihu::spatial::geodesic::{distance_m, travel};

/// A site of the demonstration district: where it is, the town it claims.
#[derive(Clone, Copy)]
struct Site {
    place: LonLat,
    town: usize,
}

struct District {
    sites: Vec<Site>,
    towns: Vec<Footprint>,
    ground: Ground,
}

fn read(name: &str, target: Target) -> Vec<serde_json::Map<String, serde_json::Value>> {
    let path = format!("{}/data/demo/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).expect("a demonstration file");
    let decoded = decode(&bytes, Format::GeoJson, target, &Crs::WGS84).expect("it can be read");
    decoded.drafts.into_iter().map(|draft| draft.patch).collect()
}

impl District {
    fn load() -> Self {
        let mut codes = Vec::new();
        let (mut towns, mut outline) = (Vec::new(), None);
        for row in read("divisions.geojson", Target::Division) {
            let Some(value) = row.get("geometry").filter(|g| !g.is_null()) else { continue };
            let geometry::Shape::Area(area) = geometry::parse(value, &Crs::WGS84).expect("an area").shape else {
                continue;
            };
            match row["level"].as_str() {
                Some("district") => outline = Some(area),
                _ => {
                    codes.push(row["code"].as_str().expect("a code").to_owned());
                    towns.push(area);
                }
            }
        }
        let mut sites = Vec::new();
        for (name, kind) in [
            ("shelters", Kind::Shelter),
            ("sites", Kind::Site),
            ("storage_points", Kind::StoragePoint),
            ("teams", Kind::Team),
            ("warehouses", Kind::Warehouse),
        ] {
            for row in read(&format!("{name}.geojson"), Target::Resource(kind)) {
                let place = match (row.get("lon").and_then(|n| n.as_f64()), row.get("lat").and_then(|n| n.as_f64())) {
                    (Some(lon), Some(lat)) => LonLat::clamped(lon, lat),
                    _ => match geometry::parse(&row["geometry"], &Crs::WGS84).expect("a shape").shape {
                        geometry::Shape::Area(area) => {
                            bihu::spatial::shape::representative_point(&area).expect("in it")
                        }
                        geometry::Shape::Point(point) => point,
                    },
                };
                let town = row["division"].as_str().expect("a division");
                let town = codes.iter().position(|code| code[..9] == town[..9]).expect("a town");
                sites.push(Site { place, town });
            }
        }
        let ground = Ground::new(towns.iter(), outline.as_ref());
        Self { sites, towns, ground }
    }

    /// Draws `n` different sites.
    fn sample(&self, dice: &mut Dice, n: usize) -> Vec<Site> {
        let mut all = self.sites.clone();
        (0..n.min(all.len())).map(|_| all.swap_remove(dice.below(all.len()))).collect()
    }
}

/// What is known of the rows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Known {
    /// Their sites, by code or by name.
    Sites,
    /// The code of the town they lie in.
    Codes,
    /// The name of the town, in their address.
    Names,
}

/// How clean the list is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Clean,
    /// GPS noise of 30 m; 5–10 % of rows claim another town, or have moved by 100 m–2 km.
    Rough,
}

fn rows(district: &District, dice: &mut Dice, truth: Datum, known: Known, state: State) -> Vec<Row> {
    let n = 50 + dice.below(51);
    let share = if state == State::Rough { dice.between(0.05, 0.1) } else { 0.0 };
    let sites = district.sample(dice, n);
    sites
        .into_iter()
        .map(|site| {
            let odd = dice.unit() < share;
            let mut place = site.place;
            if state == State::Rough {
                place = travel(place, dice.between(0.0, 360.0), 30.0 * (-2.0 * dice.unit().max(1e-9).ln()).sqrt());
            }
            if odd && known == Known::Sites {
                place = travel(place, dice.between(0.0, 360.0), dice.between(100.0, 2_000.0));
            }
            let town = if odd { neighbour(district, dice, site) } else { site.town };
            let basis = if known == Known::Names { Basis::Name } else { Basis::Code };
            Row {
                raw: from_wgs84(&truth.into(), place),
                known: (known == Known::Sites).then_some(site.place),
                claim: (known != Known::Sites).then_some(Claim { area: town, basis }),
            }
        })
        .collect()
}

/// A wrong claim is most often that of a town near by.
fn neighbour(district: &District, dice: &mut Dice, site: Site) -> usize {
    for _ in 0..50 {
        let near = travel(site.place, dice.between(0.0, 360.0), dice.between(200.0, 6_000.0));
        let found = district.towns.iter().position(|t| bihu::spatial::edge::distance_to_footprint_m(near, t) == 0.0);
        if let Some(town) = found.filter(|t| *t != site.town) {
            return town;
        }
    }
    dice.below(district.towns.len())
}

fn verdict(district: &District, declared: Datum, rows: &[Row]) -> Verdict {
    let raws: Vec<(f64, f64)> = rows.iter().map(|row| row.raw).collect();
    weigh(&plausible(&declared.into(), &[], raws.iter()), rows, &district.ground).expect("rows")
}

const DATUMS: [Datum; 3] = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];

/// Returns the median shift between two readings of the rows, metres.
fn true_shift_m(rows: &[Row], declared: Datum, truth: Datum) -> f64 {
    let place = |row: &Row, datum: Datum| to_wgs84(&datum.into(), row.raw.0, row.raw.1).expect("degrees");
    let mut all: Vec<f64> = rows.iter().map(|r| distance_m(place(r, declared), place(r, truth))).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Returns how many of 100 lists in `truth` are stopped when declared to be in `declared`, the true datum and the shift
/// named to 30 m.
fn caught(
    district: &District,
    dice: &mut Dice,
    [truth, declared]: [Datum; 2],
    (known, state): (Known, State),
) -> usize {
    let one = |dice: &mut Dice| {
        let rows = rows(district, dice, truth, known, state);
        let found = verdict(district, declared, &rows);
        let off = found.shift_m.expect("a shift") - true_shift_m(&rows, declared, truth);
        let bearing = found.bearing_deg.expect("a bearing");
        assert!((0.0..360.0).contains(&bearing));
        found.judgement == Judgement::Contradicted && found.likely.crs == truth.into() && off.abs() < 30.0
    };
    (0..100).filter(|_| one(dice)).count()
}

#[test]
fn a_wrong_datum_is_caught_on_99_of_100_lists_and_a_right_one_is_never_stopped() {
    let (district, seed) = (District::load(), 0xDA7);
    let mut dice = Dice::new(seed);
    for known in [Known::Sites, Known::Codes, Known::Names] {
        for state in [State::Clean, State::Rough] {
            let least = if state == State::Clean || known == Known::Sites { 99 } else { 96 };
            for truth in DATUMS {
                for declared in DATUMS.into_iter().filter(|d| *d != truth) {
                    let caught = caught(&district, &mut dice, [truth, declared], (known, state));
                    println!("{known:?} {state:?}: {truth} declared as {declared}: {caught}/100");
                    assert!(caught >= least, "seed {seed:#x}");
                }
                for round in 0..334 {
                    let rows = rows(&district, &mut dice, truth, known, state);
                    let found = verdict(&district, truth, &rows);
                    assert_ne!(
                        found.judgement,
                        Judgement::Contradicted,
                        "{known:?} {state:?} {round}: {found:#?}, seed {seed:#x}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_few_sites_that_have_moved_do_not_stop_a_list_however_short_it_is() {
    let (district, seed) = (District::load(), 0x40BE);
    let mut dice = Dice::new(seed);
    for round in 0..1_000 {
        let n = 1 + dice.below(12);
        let everywhere = dice.below(2) == 0;
        let rows: Vec<Row> = district
            .sample(&mut dice, n)
            .into_iter()
            .map(|site| {
                let moved = everywhere || dice.below(2) == 0;
                let way = if moved { dice.between(100.0, 2_000.0) } else { 0.0 };
                let raw = travel(site.place, dice.between(0.0, 360.0), way).into();
                Row { raw, known: Some(site.place), claim: Some(Claim { area: site.town, basis: Basis::Code }) }
            })
            .collect();
        let found = verdict(&district, Datum::Wgs84, &rows);
        assert_ne!(found.judgement, Judgement::Contradicted, "{round}: {found:?}, seed {seed:#x}");
    }
}

#[test]
fn what_no_hypothesis_changes_is_not_enough_to_tell() {
    let district = District::load();
    let tokyo: Vec<Row> =
        (0..80).map(|i| Row { raw: (139.6 + 0.001 * f64::from(i), 35.7), known: None, claim: None }).collect();
    for declared in DATUMS {
        assert_eq!(verdict(&district, declared, &tokyo).judgement, Judgement::NotEnough, "{declared}");
    }
    let none = Ground::new(std::iter::empty(), None);
    let rows = [Row { raw: (121.2, 31.0), known: None, claim: None }; 60];
    let hypotheses = plausible(&Crs::WGS84, &[], rows.iter().map(|row| &row.raw));
    assert_eq!(weigh(&hypotheses, &rows, &none).expect("rows").judgement, Judgement::NotEnough);
    assert_eq!(weigh(&hypotheses, &[], &none), None);
}

#[test]
fn degrees_are_never_taken_for_the_metres_of_a_grid() {
    let grid = LocalGrid {
        name: "town".to_owned(),
        central_meridian_deg: 121.0,
        coefficients: [1.0, 0.0, 20_000.0, 0.0, 1.0, 3_431_000.0],
        rms_m: 0.01,
    };
    let degrees = [(121.2, 31.0), (121.3, 31.1), (120.9, 30.9)];
    let metres = [(-12_000.0, 150.0), (9_000.0, -4_000.0), (50.0, 60.0)];
    let has_grid = |declared: Datum, raws: &[(f64, f64)]| {
        let all = plausible(&declared.into(), std::slice::from_ref(&grid), raws.iter());
        all.iter().any(|h| matches!(h.crs, Crs::Local(_)))
    };
    assert!(!has_grid(Datum::Wgs84, &degrees) && !has_grid(Datum::Gcj02, &degrees));
    assert!(has_grid(Datum::Wgs84, &metres), "metres declared as degrees may be the grid's");
}

#[test]
fn a_wrong_zone_swapped_numbers_and_metres_for_degrees_are_named() {
    let (district, seed) = (District::load(), 0x20E);
    let mut dice = Dice::new(seed);
    let zone = |code| Crs::GaussKruger(GaussKruger::of_epsg(code).expect("a zone"));
    let grid = LocalGrid {
        name: "old_town".to_owned(),
        central_meridian_deg: 121.466_666_67,
        coefficients: [1.0, 0.0, 0.0, 0.0, 1.0, 3_400_000.0],
        rms_m: 0.05,
    };
    for (declared, truth, order) in [
        (zone(4550), zone(4549), Order::AsGiven),
        (zone(4549), Crs::WGS84, Order::AsGiven),
        (Crs::WGS84, zone(4549), Order::AsGiven),
        (Crs::WGS84, zone(4528), Order::AsGiven),
        (zone(4549), zone(4528), Order::AsGiven),
        (Crs::WGS84, Crs::WGS84, Order::Swapped),
        (zone(4549), zone(4549), Order::Swapped),
        (Crs::Geographic(Datum::Cgcs2000), Crs::WebMercator, Order::AsGiven),
        (zone(4549), Crs::Local(grid.clone()), Order::AsGiven),
    ] {
        let rows: Vec<Row> = district
            .sample(&mut dice, 60)
            .into_iter()
            .map(|site| {
                let (first, second) = from_wgs84(&truth, site.place);
                let raw = if order == Order::Swapped { (second, first) } else { (first, second) };
                Row { raw, known: None, claim: Some(Claim { area: site.town, basis: Basis::Code }) }
            })
            .collect();
        let hypotheses = plausible(&declared, std::slice::from_ref(&grid), rows.iter().map(|row| &row.raw));
        let found = weigh(&hypotheses, &rows, &district.ground).expect("rows");
        assert_eq!(found.judgement, Judgement::Contradicted, "{declared:?} {truth:?}: {found:?}");
        assert_eq!((&found.likely.crs, found.likely.order), (&truth, order), "{declared:?}: {found:?}");
    }
}
