//! Rows as the store holds them, and the world made from them.

use super::closures::Closures;
use super::places::Places;
use super::{Doubt, Settled, SettledPoint, World};
use crate::domain::{Closure, Correction, CorrectionId, DemandPoint, Division, Level, Resource, Revision, Revisions};
use crate::spatial::locate::Locator;
use std::sync::Arc;

/// A value as it lies in its table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    /// Revision that wrote it last.
    pub revision: Revision,
    /// Revision of the last change to it that the public can see; 0 when there was none.
    pub public_revision: Revision,
    /// The value.
    pub value: Arc<T>,
}

/// Everything in the tables, read in one transaction.
#[derive(Debug, Default)]
pub struct Tables {
    /// Counter row.
    pub revisions: Revisions,
    /// Resources by id.
    pub resources: Vec<Row<Resource>>,
    /// Divisions by code.
    pub divisions: Vec<Row<Division>>,
    /// Demand points by id.
    pub demand: Vec<Row<DemandPoint>>,
    /// Reports by receipt number.
    pub corrections: Vec<Row<Correction>>,
    /// Closures by name.
    pub closures: Vec<Row<Closure>>,
}

fn doubt(report: &Correction) -> Doubt {
    Doubt { voice: report.voice().clone(), fault: report.fault, public: report.public }
}

impl World {
    /// Returns the world that the tables hold.
    pub fn from_tables(tables: Tables) -> Self {
        let mut world = Self::empty();
        world.revisions = tables.revisions;
        for row in tables.resources {
            world.keep_resource(Arc::new(row));
        }
        world.divisions = tables.divisions.into_iter().map(|row| (row.value.code.clone(), Arc::new(row))).collect();
        world.demand = tables.demand.into_iter().map(|row| (row.value.id.clone(), Arc::new(row))).collect();
        for row in tables.corrections {
            world.keep_correction(Arc::new(row));
        }
        tables.closures.into_iter().for_each(|row| world.closures.insert(Arc::new(row)));
        world.places = Places::build(world.resources.values());
        world.relocate();
        world
    }

    /// Returns the world before the first entry.
    pub fn empty() -> Self {
        Self {
            revisions: Revisions::default(),
            resources: imbl::OrdMap::new(),
            kinds: std::array::from_fn(|_| imbl::OrdMap::new()),
            codes: imbl::HashMap::new(),
            divisions: imbl::OrdMap::new(),
            demand: imbl::OrdMap::new(),
            corrections: imbl::OrdMap::new(),
            closures: Closures::default(),
            doubts: imbl::HashMap::new(),
            places: Places::build(std::iter::empty()),
            locator: Arc::new(Locator::new(&[])),
            located: Arc::from([]),
            settled: Arc::new(Settled::default()),
        }
    }

    pub(super) fn keep_resource(&mut self, row: Arc<Row<Resource>>) {
        let (id, kind) = (row.value.id.clone(), row.value.kind());
        self.codes.insert((kind, row.value.code.clone()), id.clone());
        self.kinds[kind as usize].insert(id.clone(), row.clone());
        self.resources.insert(id, row);
    }

    /// Puts a report in its place and counts it while it is open.
    pub(super) fn keep_correction(&mut self, row: Arc<Row<Correction>>) {
        if row.value.is_open() {
            let doubts = self.doubts.entry(row.value.resource.clone()).or_default();
            doubts.push(doubt(&row.value));
            doubts.sort_unstable();
        }
        self.corrections.insert(row.value.id.clone(), row);
    }

    /// Takes a report out.
    pub(super) fn drop_correction(&mut self, id: &CorrectionId) -> Option<Arc<Row<Correction>>> {
        let row = self.corrections.remove(id)?;
        if row.value.is_open() {
            let mut doubts = self.doubts.remove(&row.value.resource).unwrap_or_default();
            if let Some(at) = doubts.iter().position(|d| *d == doubt(&row.value)) {
                doubts.remove(at);
            }
            if !doubts.is_empty() {
                self.doubts.insert(row.value.resource.clone(), doubts);
            }
        }
        Some(row)
    }

    /// Works out again what follows from divisions and demand.
    pub(super) fn relocate(&mut self) {
        let divisions: Vec<&Division> = self.divisions.values().map(|row| &*row.value).collect();
        self.locator = Arc::new(Locator::new(&divisions));
        self.located = divisions.iter().map(|division| division.code.clone()).collect();
        self.resettle();
    }

    /// Works out again which town each demand point lies in.
    pub(super) fn resettle(&mut self) {
        let town_of = |point: &DemandPoint| {
            let declared = point.division.as_ref().and_then(|code| self.town_of_code(code));
            declared.or_else(|| Some(self.located[self.locator.find(point.position, Level::Town)?].clone()))
        };
        let points = self.demand.values().map(|row| SettledPoint {
            position: row.value.position,
            population: row.value.population,
            town: town_of(&row.value),
        });
        self.settled = Arc::new(Settled { points: points.collect() });
    }

    /// Returns the known town that a division code names or lies in.
    fn town_of_code(&self, code: &crate::domain::DivisionCode) -> Option<crate::domain::DivisionCode> {
        let town = crate::domain::DivisionCode::parse(code.as_str().get(..9)?).ok()?;
        (town.level() == Level::Town && self.divisions.contains_key(&town)).then_some(town)
    }
}
