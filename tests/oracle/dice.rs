//! Random numbers from a seed (SplitMix64, Steele et al. 2014, doi 10.1145/2714064.2660195), and random places and shapes.

use bihu::domain::{Division, DivisionCode, Footprint, Level, LonLat, Place};
use geo::BooleanOps;
use std::io::Write;

use geo::{Coord, LineString, MultiPolygon, Polygon, Rect, Translate};

/// A stream of numbers that its seed decides.
pub struct Dice(u64);

impl Dice {
    /// Tells the seed past the test harness, which hides what a passing test prints.
    pub fn new(seed: u64) -> Self {
        let test = std::thread::current().name().unwrap_or("?").to_owned();
        let _ = writeln!(std::io::stderr(), "seed {seed:#x} of {test}");
        Self(seed)
    }

    /// Tells nothing: for a case of many whose seed is told by what they are made of.
    pub fn quiet(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Anywhere on the globe, evenly by area.
    pub fn place(&mut self) -> LonLat {
        LonLat::clamped(self.between(-180.0, 180.0), self.between(-1.0, 1.0).asin().to_degrees())
    }

    /// Within about `degrees` of `centre`.
    pub fn near(&mut self, centre: LonLat, degrees: f64) -> LonLat {
        let lat = (centre.lat() + self.between(-degrees, degrees)).clamp(-90.0, 90.0);
        LonLat::clamped(centre.lon() + self.between(-degrees, degrees), lat)
    }

    /// A star-shaped area around `centre`, `degrees` wide, with or without a hole; cut at the antimeridian.
    pub fn area(&mut self, centre: LonLat, degrees: f64) -> Footprint {
        // Five corners and little jitter keep the centre, and with it the hole, inside.
        let corners = 5 + self.below(12);
        let outer = self.ring(centre, corners, [0.5 * degrees, degrees]);
        let inner = self.ring(centre, 3 + corners, [0.1 * degrees, 0.3 * degrees]);
        let holes = if self.below(2) == 0 { vec![inner] } else { Vec::new() };
        cut(Polygon::new(outer, holes))
    }

    /// A place within about `degrees` of `centre`: a point, or one time in three an area `size` degrees wide.
    pub fn place_near(&mut self, centre: LonLat, degrees: f64, size: f64) -> Place {
        let position = self.near(centre, degrees);
        let footprint = (self.below(3) == 0).then(|| self.area(position, size));
        Place { position, footprint, declared: None }
    }

    fn ring(&mut self, centre: LonLat, corners: usize, radii: [f64; 2]) -> LineString<f64> {
        let mut angles: Vec<f64> = (0..corners).map(|i| (i as f64 + self.between(0.0, 0.4)) / corners as f64).collect();
        angles.push(angles[0]);
        let mut ring: Vec<Coord<f64>> = angles
            .iter()
            .map(|turn| {
                let (sin, cos) = (turn * std::f64::consts::TAU).sin_cos();
                let r = self.between(radii[0], radii[1]);
                Coord { x: centre.lon() + r * cos, y: (centre.lat() + r * sin).clamp(-90.0, 90.0) }
            })
            .collect();
        ring[corners] = ring[0];
        LineString(ring)
    }
}

/// Brings an area whose longitudes run past ±180 back into range, in two parts.
pub fn cut(polygon: Polygon<f64>) -> Footprint {
    let strays = polygon.exterior().0.iter().any(|c| c.x.abs() > 180.0);
    if !strays {
        return MultiPolygon(vec![polygon]);
    }
    let world = Polygon::from(Rect::new((-180.0, -90.0), (180.0, 90.0)));
    let parts = [-360.0, 0.0, 360.0].into_iter().flat_map(|turn| {
        let mut part = polygon.translate(turn, 0.0).intersection(&world).0;
        part.iter_mut().for_each(snap_to_seam);
        part
    });
    MultiPolygon(parts.collect())
}

/// Puts what the clipping left a hair's breadth off ±180 onto it.
fn snap_to_seam(polygon: &mut Polygon<f64>) {
    use geo::MapCoordsInPlace;
    polygon.map_coords_in_place(|c| {
        let x = if (c.x.abs() - 180.0).abs() < 1e-6 { 180f64.copysign(c.x) } else { c.x };
        Coord { x, y: c.y.clamp(-90.0, 90.0) }
    });
}

/// An invented division that fills a box of west, south, east, north.
pub fn division(code: &str, level: Level, [west, south, east, north]: [f64; 4]) -> Division {
    Division {
        code: DivisionCode::parse(code).unwrap(),
        name: code.to_owned(),
        name_en: None,
        level,
        area: Some(cut(Polygon::from(Rect::new((west, south), (east, north))))),
        source: None,
        synthetic: true,
    }
}
