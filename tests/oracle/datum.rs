//! Datum shifts against public vectors, and against themselves there and back.
//!
//! The vectors are facts: positions in Songjiang as two independent public converters have them (agreeing to the last
//! bit), and three of the published test pairs of a third, which uses a slightly larger ellipsoid (≤ 8e-8°).

use crate::dice::Dice;
use bihu::domain::{Datum, LonLat};
use bihu::spatial::datum::{from_wgs84, to_wgs84};
use bihu::spatial::geodesic::distance_m;

type Pair = [f64; 2];

/// WGS84, GCJ-02, BD-09.
const SONGJIANG: [(Pair, Pair, Pair); 8] = [
    ([121.1775189, 30.8680135], [121.18200056546014, 30.865871150613668], [121.18846506558715, 30.8720896678973]),
    ([121.3849241, 31.1141599], [121.38955805919674, 31.112259152614904], [121.39615918738109, 31.11794457533738]),
    ([121.1342201, 30.9842572], [121.1387916197656, 30.982258026760277], [121.14540218603021, 30.987899891393084]),
    ([121.2841773, 31.1238399], [121.2886227570838, 31.121785351115744], [121.29514528364189, 31.127763188718095]),
    ([121.1101132, 31.0728475], [121.11471484165683, 31.07092266231315], [121.12122875506779, 31.076831598204333]),
    ([121.1200007, 31.0469775], [121.12459377380064, 31.045030978940186], [121.13113949270641, 31.05077475924238]),
    ([121.101773, 30.9519381], [121.10636606240726, 30.949945271175203], [121.11283876535799, 30.95601149613566]),
    ([121.3593168, 30.9677618], [121.36390328138063, 30.965746847180952], [121.37047083479032, 30.971506061032684]),
];

/// WGS84, GCJ-02.
const PUBLISHED: [(Pair, Pair); 6] = [
    ([121.5272106, 31.1774276], [121.531541859215, 31.17530398364597]),
    ([113.912316, 22.543847], [113.9171764808363, 22.540796131694766]),
    ([116.377817, 39.911954], [116.38404722455657, 39.91334545536069]),
    ([-104.9903, 39.7392], [-104.9903, 39.7392]),
    ([153.0251, -27.4698], [153.0251, -27.4698]),
    ([-43.1729, -22.9068], [-43.1729, -22.9068]),
];

fn at([lon, lat]: Pair) -> LonLat {
    LonLat::new(lon, lat).expect("a position")
}

fn assert_near(got: LonLat, want: Pair, degrees: f64) {
    let off = (got.lon() - want[0]).abs().max((got.lat() - want[1]).abs());
    assert!(off <= degrees, "{got:?} is {off}° from {want:?}");
}

#[test]
fn shifts_agree_with_public_vectors() {
    for (wgs, gcj, bd) in SONGJIANG {
        assert_near(from_wgs84(Datum::Gcj02, at(wgs)), gcj, 1e-12);
        assert_near(from_wgs84(Datum::Bd09, at(wgs)), bd, 1e-12);
    }
    for (wgs, gcj) in PUBLISHED {
        assert_near(from_wgs84(Datum::Gcj02, at(wgs)), gcj, 1.2e-7);
    }
}

/// More vectors than fit here, where a folder of them is named: columns wgs_lon, wgs_lat, gcoord_gcj_lon, … as two public
/// converters gave them.
#[test]
fn shifts_agree_with_every_vector_of_a_folder_that_is_named() {
    let Some(folder) = std::env::var_os("BIHU_VECTORS") else { return };
    let mut pairs = 0;
    for entry in std::fs::read_dir(folder).expect("the folder named").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("text");
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |name: &str| cells[header.iter().position(|h| *h == name)?].parse::<f64>().ok();
            let pair = |lon: &str, lat: &str| Some([number(lon)?, number(lat)?]);
            let Some(wgs) = pair("wgs_lon", "wgs_lat") else { continue };
            for (lon, lat, datum, degrees) in [
                ("gcoord_gcj_lon", "gcoord_gcj_lat", Datum::Gcj02, 1e-12),
                ("coordtransform_gcj_lon", "coordtransform_gcj_lat", Datum::Gcj02, 1e-12),
                ("evil_gcj_lon", "evil_gcj_lat", Datum::Gcj02, 1.2e-7),
                ("gcj_lon", "gcj_lat", Datum::Gcj02, 1.2e-7),
                ("gcoord_bd_lon", "gcoord_bd_lat", Datum::Bd09, 1e-12),
                ("coordtransform_bd_lon", "coordtransform_bd_lat", Datum::Bd09, 1e-12),
            ] {
                let Some(want) = pair(lon, lat) else { continue };
                assert_near(from_wgs84(datum, at(wgs)), want, degrees);
                pairs += 1;
            }
        }
    }
    println!("{pairs} pairs");
    assert!(pairs > 0);
}

#[test]
fn there_and_back_is_less_than_a_millimetre_all_over_china() {
    let seed = 0xDA70;
    let mut dice = Dice::new(seed);
    for _ in 0..20_000 {
        let p = LonLat::clamped(dice.between(73.5, 135.0), dice.between(18.0, 53.5));
        for datum in [Datum::Gcj02, Datum::Bd09] {
            let back = to_wgs84(datum, from_wgs84(datum, p));
            let off = distance_m(p, back);
            assert!(off < 1e-3, "{datum} at {p:?}: {off} m, seed {seed:#x}");
        }
    }
}

#[test]
fn the_inverse_ends_also_at_the_edge_of_the_rectangle() {
    for corner in [[72.004, 30.0], [100.0, 0.8293], [137.8347, 40.0], [100.0, 55.8271], [72.004, 0.8293]] {
        let image = from_wgs84(Datum::Gcj02, at(corner));
        let back = to_wgs84(Datum::Gcj02, image);
        // At the jump of the edge there need be no preimage; the answer is finite and near.
        assert!(distance_m(back, at(corner)) < 2_000.0, "{corner:?} → {image:?} → {back:?}");
    }
}

#[test]
fn cgcs2000_is_taken_as_wgs84() {
    let p = at([121.22, 31.03]);
    assert_eq!(from_wgs84(Datum::Cgcs2000, p), p);
    assert_eq!(to_wgs84(Datum::Cgcs2000, p), p);
}
