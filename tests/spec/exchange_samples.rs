//! Resources of every kind by chance, and the runner that repeats a chance from its printed seed. All invented.

use bihu::domain::*;
use bihu::exchange::{DecodeError, Decoded, Format, Target, decode};
use bihu::spatial::datum::{from_wgs84, to_wgs84};
use bihu::spatial::geodesic::distance_m;
use chrono::{DateTime, NaiveDate, Utc};
use geo_types::{LineString, MultiPolygon, Polygon};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// Runs a property on random cases of a printed seed; `BIHU_SEED` repeats one.
pub fn for_all<S: Strategy>(
    name: &str,
    cases: u32,
    strategy: S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: Debug,
{
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970");
    let seed = std::env::var("BIHU_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(clock.as_nanos() as u64);
    println!("{name}: BIHU_SEED={seed}");
    let bytes: Vec<u8> = seed.to_le_bytes().iter().copied().cycle().take(32).collect();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    if let Err(failure) = TestRunner::new_with_rng(config, rng).run(&strategy, property) {
        panic!("{name} with BIHU_SEED={seed}: {failure}");
    }
}

/// Decodes a CSV text as shelters in WGS84.
pub fn shelters(text: &str) -> Result<Decoded, DecodeError> {
    decode(text.as_bytes(), Format::Csv, Target::Resource(Kind::Shelter), &Datum::Wgs84.into())
}

/// Decodes GeoJSON as shelters in WGS84.
pub fn features(value: &serde_json::Value) -> Result<Decoded, DecodeError> {
    decode(value.to_string().as_bytes(), Format::GeoJson, Target::Resource(Kind::Shelter), &Datum::Wgs84.into())
}

/// The reasons of some violations, with their fields.
pub fn told(violations: &[Violation]) -> Vec<(&str, &str)> {
    violations.iter().map(|v| (v.field.as_str(), v.reason.as_str())).collect()
}

const TEXTS: &[&str] = &[
    "松江区第一避难所（虚构）",
    "emoji 🏫🇨🇳 and 𠮷",
    "quotes ' \" ` \\ ; , -- $1",
    "two\nlines\tand a tab",
    "=SUM(A1)",
    "'=quoted already",
    "+86 000",
    "@name",
    "-5 度",
    "[not json",
    "{neither",
    "1,200",
    "١٢٣ עברית",
];

/// SplitMix64, to turn one random number into a whole resource.
struct Dice(u64);

impl Dice {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.below(3) == 0 { None } else { Some(make(self)) }
    }
    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
    fn text(&mut self) -> String {
        self.pick(TEXTS).to_owned()
    }
    fn set<T: Copy + Ord>(&mut self, all: &[T]) -> BTreeSet<T> {
        (0..self.below(4)).map(|_| self.pick(all)).collect()
    }
    fn count(&mut self) -> u32 {
        self.below(5000) as u32
    }
    fn time(&mut self) -> DateTime<Utc> {
        let nanos = self.pick(&[0, 5_000_000, 123_456_000, 987_654_321]);
        DateTime::from_timestamp(self.below(2_000_000_000) as i64, nanos).expect("a time")
    }
    fn list<T>(&mut self, make: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| make(self)).collect()
    }
}

/// Returns a resource that the seed decides, of any kind.
pub fn resource(seed: u64) -> Resource {
    let d = &mut Dice(seed);
    let kind = d.pick(Kind::ALL);
    let code = format!("X-{}", d.below(1_000_000));
    let place = place(d);
    let mut observations = BTreeMap::new();
    if d.coin() {
        let verifier = d.maybe(|d| d.text());
        observations.insert(Field::Record, Observation { observed_at: d.time(), verifier, source: None });
    }
    let parties = Parties {
        administration: d.maybe(|d| d.text()),
        management: d.maybe(|d| d.text()),
        operation: d.maybe(|d| d.text()),
    };
    Resource {
        id: ResourceId::mint(kind, &code),
        code,
        name: Name { zh: d.text(), en: d.maybe(|d| d.text()) },
        division: d
            .maybe(|d| DivisionCode::parse(d.pick(&["310117001000", "310117", "310117001001"])).expect("a code")),
        address: d.maybe(|d| d.text()),
        place,
        level: d.maybe(|d| d.pick(Level::ALL)),
        lifecycle: d.pick(Lifecycle::ALL),
        visibility: d.pick(Visibility::ALL),
        parties,
        contacts: d.list(|d| Contact { name: d.text(), role: d.maybe(|d| d.text()), phone: d.maybe(|d| d.text()) }),
        source: d.maybe(|d| d.text()),
        remarks: d.maybe(|d| d.text()),
        synthetic: d.coin(),
        observations,
        detail: detail(d, kind),
    }
}

fn place(d: &mut Dice) -> Place {
    let position = LonLat::new(d.between(-170.0, 170.0), d.between(-80.0, 80.0)).expect("a position");
    let footprint = d.maybe(|d| area(d, position));
    let declared = d.maybe(|d| d.pick(Datum::ALL)).and_then(|datum| {
        let given = from_wgs84(datum, position);
        // At the edge of the rectangle in which GCJ-02 shifts, one pair of numbers stands for two places.
        let leads_back = distance_m(to_wgs84(datum, given), position) < 0.001;
        let declared = Declared { crs: datum.into(), first: given.lon(), second: given.lat(), conversion: None };
        leads_back.then_some(declared)
    });
    Place { position, footprint, declared }
}

/// One or two squares beside each other, the first perhaps with a hole; wound by the right-hand rule.
fn area(d: &mut Dice, at: LonLat) -> Footprint {
    let (x, y, size) = (at.lon(), at.lat(), d.between(0.001, 0.1));
    let square =
        |x: f64, y: f64, s: f64| LineString::from(vec![(x, y), (x + s, y), (x + s, y + s), (x, y + s), (x, y)]);
    let mut hole = square(x + size / 4.0, y + size / 4.0, size / 2.0);
    hole.0.reverse();
    let mut parts = vec![Polygon::new(square(x, y, size), if d.coin() { vec![hole] } else { vec![] })];
    if d.coin() {
        parts.push(Polygon::new(square(x + 2.0 * size, y, size), vec![]));
    }
    MultiPolygon(parts)
}

fn detail(d: &mut Dice, kind: Kind) -> Detail {
    match kind {
        Kind::Shelter => Detail::Shelter(shelter(d)),
        Kind::Warehouse => Detail::Warehouse(storage(d)),
        Kind::StoragePoint => Detail::StoragePoint(storage(d)),
        Kind::Team => Detail::Team(Team {
            category: d.maybe(|d| d.pick(TeamCategory::ALL)),
            capabilities: d.maybe(|d| d.set(Capability::ALL)),
            headcount: d.maybe(Dice::count),
            equipment: d.maybe(|d| d.list(|d| Equipment { name: d.text(), quantity: d.maybe(Dice::count) })),
            readiness: d.maybe(|d| d.pick(Readiness::ALL)),
            current: d.maybe(|d| TrackPoint {
                position: LonLat::new(d.between(-180.0, 180.0), d.between(-90.0, 90.0)).expect("a position"),
                observed_at: d.time(),
            }),
        }),
        Kind::Site => Detail::Site(Site { class: d.maybe(|d| d.pick(SiteClass::ALL)) }),
    }
}

fn shelter(d: &mut Dice) -> Shelter {
    let n = d.count();
    Shelter {
        standing: d.maybe(|d| d.pick(Standing::ALL)),
        duration: d.maybe(|d| d.pick(Duration::ALL)),
        space: d.maybe(|d| d.pick(Space::ALL)),
        function: d.maybe(|d| d.pick(Function::ALL)),
        hazards: d.maybe(|d| d.set(Hazard::ALL)),
        area_m2: d.maybe(|d| d.between(0.0, 1e6)),
        capacity: d.pick(&[Capacity::Unknown, Capacity::Stated(n), Capacity::Derived(n)]),
        facilities: d.maybe(|d| d.set(Facility::ALL)),
        accessible: d.maybe(Dice::coin),
        pets: d.maybe(Dice::coin),
        occupancy: Occupancy {
            occupied: d.maybe(Dice::count),
            reserved: d.maybe(Dice::count),
            blocked: d.maybe(Dice::count),
            over_capacity: true,
        },
        status: d.maybe(|d| d.pick(Status::ALL)),
        legacy_class: d.maybe(|d| d.text()),
    }
}

fn storage(d: &mut Dice) -> Storage {
    Storage {
        tier: d.maybe(|d| d.pick(Tier::ALL)),
        volume_m3: d.maybe(|d| d.between(0.0, 1e6)),
        area_m2: d.maybe(|d| d.between(0.0, 1e6)),
        stock: d.maybe(|d| {
            d.list(|d| StockLine {
                code: d.maybe(|d| format!("{:07}", d.below(10_000_000))),
                name: d.text(),
                quantity: d.maybe(|d| d.between(0.0, 1e5)),
                unit: d.maybe(|_| "件".to_owned()),
                expires_on: d.maybe(|_| NaiveDate::from_ymd_opt(2030, 1, 31).expect("a date")),
                reserve_mode: d.maybe(|d| d.pick(ReserveMode::ALL)),
            })
        }),
    }
}
