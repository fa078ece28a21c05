//! Things to keep: one of every kind with everything filled in, bare ones, and random ones. All of them invented, and
//! marked so.

use crate::dice::Dice;
use bihu::domain::*;
use chrono::{DateTime, Utc};
use geo_types::{LineString, MultiPolygon, Polygon};
use std::collections::BTreeMap;

/// Texts that break careless code.
pub const TEXTS: &[&str] = &[
    "松江区第一避难所（试验）",
    "emoji 🏫🇨🇳👩‍🚒 and 𠮷",
    "quotes ' \" ` \\ ; -- /* */ $1 ?1 :a {}",
    "line\nbreak\ttab\r\n",
    "é e\u{301} \u{200f}עברית",
    "%s %00 \\u0041 <b>&amp;</b>",
    " leading and trailing ",
];

/// Returns a public shelter of which little is known.
pub fn shelter(code: &str) -> Resource {
    Resource {
        id: ResourceId::mint(Kind::Shelter, code),
        code: code.to_owned(),
        name: Name { zh: format!("试验避难所 {code}"), en: None },
        division: None,
        address: None,
        place: Place::point(LonLat::new(121.22, 31.03).expect("a position")),
        level: None,
        lifecycle: Lifecycle::InService,
        visibility: Visibility::Public,
        parties: Parties::default(),
        contacts: Vec::new(),
        source: None,
        remarks: None,
        synthetic: true,
        observations: BTreeMap::new(),
        detail: Detail::Shelter(Shelter::default()),
    }
}

/// Returns the same shelter, for staff only.
pub fn hidden(code: &str) -> Resource {
    Resource { visibility: Visibility::Operational, ..shelter(code) }
}

/// Returns somebody to call.
pub fn contact(phone: &str) -> Contact {
    Contact { name: "试验联系人".to_owned(), role: Some("值班".to_owned()), phone: Some(phone.to_owned()) }
}

/// Returns the resource under another kind and, with it, another id.
pub fn with_detail(resource: Resource, detail: Detail) -> Resource {
    let resource = Resource { detail, ..resource };
    Resource { id: ResourceId::mint(resource.kind(), &resource.code), ..resource }
}

/// Returns one resource of every kind, every field filled, each with a footprint of two parts and a hole.
pub fn every_kind() -> Vec<Resource> {
    let details = [
        Detail::Shelter(full_shelter()),
        Detail::Warehouse(full_storage()),
        Detail::StoragePoint(full_storage()),
        Detail::Team(full_team()),
        Detail::Site(Site { class: Some(SiteClass::Hospital) }),
    ];
    details.into_iter().enumerate().map(|(i, detail)| with_detail(full(&format!("full-{i}")), detail)).collect()
}

/// Returns a footprint whose numbers have long tails.
pub fn footprint() -> Footprint {
    let ring = |x: f64, y: f64, d: f64| LineString::from(vec![(x, y), (x + d, y), (x + d, y + d), (x, y + d), (x, y)]);
    MultiPolygon(vec![
        Polygon::new(ring(121.1, 31.1, 0.1 + 0.2), vec![ring(121.2, 31.2, 1.0 / 30.0)]),
        Polygon::new(ring(121.6000000000001, 30.9, 1.0 / 3.0), vec![]),
    ])
}

fn moment(nanos: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_147_200, nanos).expect("a time")
}

fn full(code: &str) -> Resource {
    let observation = |n: u32| Observation {
        observed_at: moment(n),
        verifier: Some(TEXTS[1].to_owned()),
        source: Some(TEXTS[2].to_owned()),
    };
    Resource {
        name: Name { zh: TEXTS[0].to_owned(), en: Some(TEXTS[2].to_owned()) },
        division: Some(DivisionCode::parse("310117001").expect("a code")),
        address: Some(TEXTS[3].to_owned()),
        place: Place {
            position: LonLat::new(121.0 + 0.1 + 0.2, 31.000000000000004).expect("a position"),
            footprint: Some(footprint()),
            declared: Some(Declared {
                crs: Datum::Gcj02.into(),
                first: 121.304_567_890_123_45,
                second: -1e-7,
                conversion: Some("in words".to_owned()),
            }),
        },
        level: Some(Level::Town),
        parties: Parties {
            administration: Some(TEXTS[4].to_owned()),
            management: Some(TEXTS[5].to_owned()),
            operation: Some(TEXTS[6].to_owned()),
        },
        contacts: vec![contact("021-0000 0000"), Contact { name: TEXTS[2].to_owned(), role: None, phone: None }],
        source: Some(TEXTS[2].to_owned()),
        remarks: Some(TEXTS.concat()),
        observations: Field::ALL
            .iter()
            .zip(1..)
            .map(|(f, n)| (*f, observation(n * 123_456_789 % 999_999_999)))
            .collect(),
        ..shelter(code)
    }
}

fn full_shelter() -> Shelter {
    Shelter {
        standing: Some(Standing::Permanent),
        duration: Some(Duration::Short),
        space: Some(Space::Both),
        function: Some(Function::Comprehensive),
        hazards: Some(Hazard::ALL.iter().copied().collect()),
        area_m2: Some(12_345.678_901_234_567),
        capacity: Capacity::Derived(4200),
        facilities: Some(Facility::ALL.iter().copied().collect()),
        accessible: Some(true),
        pets: Some(false),
        occupancy: Occupancy { occupied: Some(4300), reserved: Some(0), blocked: Some(7), over_capacity: true },
        status: Some(Status::Open),
        legacy_class: Some("Ⅱ".to_owned()),
    }
}

fn full_storage() -> Storage {
    let line = |code: Option<&str>, quantity| StockLine {
        code: code.map(str::to_owned),
        name: "试验帐篷".to_owned(),
        quantity,
        unit: Some("顶".to_owned()),
        expires_on: chrono::NaiveDate::from_ymd_opt(2028, 2, 29),
        reserve_mode: Some(ReserveMode::Agreement),
    };
    Storage {
        tier: Some(Tier::Town),
        volume_m3: Some(1e21),
        area_m2: Some(f64::MIN_POSITIVE),
        stock: Some(vec![line(Some("1010101"), Some(0.1)), line(None, None), line(None, Some(1e15 + 0.3))]),
    }
}

fn full_team() -> Team {
    Team {
        category: Some(TeamCategory::Militia),
        capabilities: Some(Capability::ALL.iter().copied().collect()),
        headcount: Some(u32::MAX),
        equipment: Some(vec![Equipment { name: TEXTS[1].to_owned(), quantity: None }]),
        readiness: Some(Readiness::Engaged),
        current: Some(TrackPoint {
            position: LonLat::new(-179.999_999_999_999_97, 89.999_999_999_999_99).expect("a position"),
            observed_at: moment(1),
        }),
    }
}

/// Returns an invented division.
pub fn division(code: &str, area: Option<Footprint>) -> Division {
    Division {
        code: DivisionCode::parse(code).expect("a code"),
        name: "试验街道".to_owned(),
        name_en: Some("Test town".to_owned()),
        level: Level::Town,
        area,
        source: None,
        synthetic: true,
    }
}

/// Returns an invented demand point.
pub fn demand(id: &str, people: f64) -> DemandPoint {
    DemandPoint {
        id: DemandId(id.to_owned()),
        position: LonLat::new(121.1 + people / 7e6, 31.0 + people / 3e6).expect("a position"),
        population: Population::from_f64(people).expect("people"),
        division: None,
        source: None,
        synthetic: true,
    }
}

/// Returns a resource drawn at random; its code, and so its id, is one of `codes`.
pub fn random(dice: &mut Dice, codes: usize) -> Resource {
    let mut all = every_kind();
    let detail = all.swap_remove(dice.below(5)).detail;
    let code = format!("r{}", dice.below(codes));
    let mut resource = if dice.once_in(2) { full(&code) } else { shelter(&code) };
    resource.name.zh = (*dice.pick(TEXTS)).to_owned();
    resource.visibility = *dice.pick(Visibility::ALL);
    resource.lifecycle = *dice.pick(Lifecycle::ALL);
    resource.contacts = vec![contact(&dice.bits().to_string())];
    resource.place.position = LonLat::new(dice.between(-180.0, 180.0), dice.between(-90.0, 90.0)).expect("in range");
    with_detail(resource, detail)
}
