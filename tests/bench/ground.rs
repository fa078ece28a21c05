//! Invented ground: shelters over a country, of which everything or nothing is known.

use crate::dice::Dice;
use bihu::domain::*;
use bihu::world::{Row, Tables};
use std::sync::Arc;

/// Where the invented country lies.
pub const WEST_SOUTH_EAST_NORTH: [f64; 4] = [102.0, 22.0, 122.0, 42.0];

/// How much is known of the shelters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Capacity, occupancy, hazards, access; some are full, some closed.
    Everything,
    /// Where they are.
    PositionsOnly,
}

/// Returns a position in the country.
pub fn position(dice: &mut Dice) -> LonLat {
    let [west, south, east, north] = WEST_SOUTH_EAST_NORTH;
    LonLat::clamped(dice.between(west, east), dice.between(south, north))
}

/// Returns invented shelters; one in a hundred has a footprint.
pub fn shelters(dice: &mut Dice, count: usize, known: Known) -> Vec<Resource> {
    (0..count).map(|i| shelter(dice, i, known)).collect()
}

fn shelter(dice: &mut Dice, number: usize, known: Known) -> Resource {
    let code = format!("B{number:07}");
    let position = position(dice);
    let footprint = number.is_multiple_of(100).then(|| dice.area(position, 0.002));
    let detail = match known {
        Known::PositionsOnly => Shelter::default(),
        Known::Everything => Shelter {
            hazards: Some([Hazard::Flood, Hazard::Earthquake].into_iter().filter(|_| dice.below(3) > 0).collect()),
            capacity: Capacity::Stated(50 + dice.below(2000) as u32),
            occupancy: Occupancy { occupied: Some(dice.below(1000) as u32), over_capacity: true, ..Default::default() },
            accessible: Some(dice.below(2) == 0),
            status: Some(if dice.below(5) == 0 { Status::Closed } else { Status::Open }),
            ..Shelter::default()
        },
    };
    Resource {
        id: ResourceId::mint(Kind::Shelter, &code),
        code,
        name: Name { zh: format!("虚构避难所 {number}"), en: None },
        division: None,
        address: None,
        place: Place { position, footprint, declared: None },
        level: None,
        lifecycle: Lifecycle::InService,
        visibility: Visibility::Public,
        parties: Parties::default(),
        contacts: Vec::new(),
        source: None,
        remarks: None,
        synthetic: true,
        observations: Default::default(),
        detail: Detail::Shelter(detail),
    }
}

/// Returns rows as a store would hand them over.
pub fn tables(resources: &[Resource]) -> Tables {
    let row = |(i, resource): (usize, &Resource)| {
        let revision = Revision(i as u64 + 1);
        Row { revision, public_revision: revision, value: Arc::new(resource.clone()) }
    };
    let last = Revision(resources.len() as u64);
    Tables {
        revisions: Revisions { all: last, public: last },
        resources: resources.iter().enumerate().map(row).collect(),
        ..Tables::default()
    }
}
