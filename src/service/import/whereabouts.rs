//! Whether a point lies where its row says that it belongs.
//!
//! A claimed division without an area is stood for by the nearest one above it that has one: a village is often known by
//! its code alone, and its town's area still tells a point in the wrong town. A point on the edge is inside.

use super::finding::Finding;
use crate::domain::{Division, DivisionCode, Level, LonLat};
use crate::spatial::edge::Outline;
use crate::spatial::locate::PreparedArea;
use crate::world::World;
use std::collections::HashMap;
use std::sync::Arc;

/// Areas of a world, made ready once for all rows of a file.
pub struct Whereabouts<'a> {
    world: &'a World,
    claimed: HashMap<DivisionCode, Option<Arc<Claimed>>>,
    has_districts: bool,
}

struct Claimed {
    division: Arc<Division>,
    area: PreparedArea,
    outline: Outline,
}

impl<'a> Whereabouts<'a> {
    /// Begins with nothing made ready.
    pub fn new(world: &'a World) -> Self {
        let is_district = |d: &Division| d.level == Level::District && d.area.is_some();
        let has_districts = world.divisions().any(|row| is_district(&row.value));
        Self { world, claimed: HashMap::new(), has_districts }
    }

    /// Returns what is wrong with a position and the division claimed for it.
    pub fn examine(&mut self, position: LonLat, claimed: Option<&DivisionCode>) -> Vec<Finding> {
        let mut out = Vec::new();
        if let Some(claimed) = claimed.and_then(|code| self.claimed(code))
            && !claimed.area.covers(position)
        {
            let really = self.world.division_at(position, claimed.division.level).map(|row| row.value.clone());
            let distance_m = claimed.outline.distance_m(position);
            out.push(Finding::OutsideItsDivision { claimed: claimed.division.clone(), distance_m, really });
        }
        if self.has_districts && self.world.division_at(position, Level::District).is_none() {
            out.push(Finding::OutsideDistrict);
        }
        out
    }

    fn claimed(&mut self, code: &DivisionCode) -> Option<Arc<Claimed>> {
        if let Some(known) = self.claimed.get(code) {
            return known.clone();
        }
        let with_area = lineage(code).find_map(|code| {
            let division = self.world.division(&code)?.value.clone();
            let (area, outline) = (division.area.as_ref()?, division.area.as_ref().map(Outline::of_area)?);
            Some(Arc::new(Claimed { area: PreparedArea::new(area)?, outline, division: division.clone() }))
        });
        self.claimed.insert(code.clone(), with_area.clone());
        with_area
    }
}

/// Yields the code itself, its town and its district.
fn lineage(code: &DivisionCode) -> impl Iterator<Item = DivisionCode> {
    let above = [9, 6].into_iter().filter_map(|digits| DivisionCode::parse(code.as_str().get(..digits)?).ok());
    let own = code.clone();
    std::iter::once(code.clone()).chain(above.filter(move |above| *above != own && above.contains(&own)))
}
