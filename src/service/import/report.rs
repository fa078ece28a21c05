//! What came of an import, told to whoever asked for it: on the command line, over HTTP, in the record of a feed's run.
//!
//! Invariant: new + changed + same + refused = rows. Lists are cut at a limit; the counts beside them never are.

use super::super::datum::DatumReport;
use super::finding::{Finding, Flag};
use super::planned::PlannedRow;
use crate::domain::{RowClass, RowFlag, Violation};
use serde::Serialize;
use std::collections::HashSet;

/// Most refused rows that a report lists: as many as a file can have rows, so that it lists them all.
pub const REFUSED_LISTED_MAX: usize = 500_000;

/// Most flagged rows that a report lists; how many there were is told by the classes.
pub const FLAGGED_LISTED_MAX: usize = 1000;

/// What came of an import.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Name of the file.
    pub file: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// What its rows are.
    pub kind: String,
    /// Coordinate system declared.
    pub datum: String,
    /// Encoding it was read in, for text tables.
    pub encoding: Option<String>,
    /// Nothing was to be written.
    pub dry_run: bool,
    /// It was written.
    pub committed: bool,
    /// Revision of the store after it.
    pub revision: u64,
    /// Rows in the file: new + changed + same + refused.
    pub rows: usize,
    /// Rows that make something new.
    pub new: usize,
    /// Rows that change something.
    pub changed: usize,
    /// Rows that change nothing.
    pub same: usize,
    /// Rows that can not be taken.
    pub refused: usize,
    /// The same four, and how many of the first three carry each flag.
    pub classes: Classes,
    /// Columns of the file and the field each was read as; `null` when it was not read.
    pub columns: Vec<(String, Option<String>)>,
    /// Whether the coordinates agree with the system declared; `null` when no row has any.
    pub datum_check: Option<DatumReport>,
    /// What was assumed, derived or left out.
    pub notes: Vec<String>,
    /// The refused rows, the first 10,000.
    pub refused_rows: Vec<RefusedRow>,
    /// The rows with flags, the first 1,000.
    pub flagged_rows: Vec<FlaggedRow>,
}

impl Report {
    /// Counts one row, and lists it while there is room.
    pub(super) fn count(&mut self, row: &PlannedRow) {
        let (total, class) = match row.class {
            RowClass::New => (&mut self.new, &mut self.classes.new),
            RowClass::Changed => (&mut self.changed, &mut self.classes.changed),
            RowClass::Same => (&mut self.same, &mut self.classes.same),
            RowClass::Refused => (&mut self.refused, &mut self.classes.refused),
        };
        *total += 1;
        *class += 1;
        let flags: HashSet<_> = row.findings.iter().map(Finding::word).collect();
        flags.into_iter().for_each(|flag| self.classes.flag(flag));
        if let Some(first) = row.violations.first()
            && self.refused_rows.len() < REFUSED_LISTED_MAX
        {
            let (field, reason) = (first.field.clone(), first.reason.clone());
            self.refused_rows.push(RefusedRow { row: row.row, field, reason, violations: row.violations.clone() });
        }
        if let Some(after) = row.after.as_ref().filter(|_| !row.findings.is_empty())
            && self.flagged_rows.len() < FLAGGED_LISTED_MAX
        {
            let flags = row.findings.iter().map(Finding::told).collect();
            let (id, name) = (after.id().to_owned(), after.name().to_owned());
            self.flagged_rows.push(FlaggedRow { row: row.row, id, name, flags });
        }
    }

    /// Returns whether the import stops because the coordinates contradict the system declared.
    pub fn stops_for_datum(&self) -> bool {
        self.datum_check.as_ref().is_some_and(|check| check.stop)
    }
}

/// How many rows are of each class, and how many carry each flag.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Classes {
    /// Rows that make something new.
    pub new: usize,
    /// Rows that change something.
    pub changed: usize,
    /// Rows that change nothing.
    pub same: usize,
    /// Rows that can not be taken.
    pub refused: usize,
    /// Rows that may be the same place as another one.
    pub possible_duplicate: usize,
    /// Rows piled on one point with others.
    pub stacked_pin: usize,
    /// Rows whose point lies outside the division they claim.
    pub outside_its_division: usize,
    /// Rows whose point lies outside every known district.
    pub outside_district: usize,
}

impl Classes {
    /// Counts a flag, once for a row.
    pub(super) const fn flag(&mut self, flag: RowFlag) {
        match flag {
            RowFlag::PossibleDuplicate => self.possible_duplicate += 1,
            RowFlag::StackedPin => self.stacked_pin += 1,
            RowFlag::OutsideItsDivision => self.outside_its_division += 1,
            RowFlag::OutsideDistrict => self.outside_district += 1,
        }
    }
}

/// A row that can not be taken, and why.
#[derive(Debug, Clone, Serialize)]
pub struct RefusedRow {
    /// Its number as a spreadsheet shows it.
    pub row: usize,
    /// Its field, the first wrong one.
    pub field: String,
    /// Its reason, of the first wrong field.
    pub reason: String,
    /// Everything wrong with it.
    pub violations: Vec<Violation>,
}

/// A row that somebody should look at, and why.
#[derive(Debug, Clone, Serialize)]
pub struct FlaggedRow {
    /// Its number as a spreadsheet shows it.
    pub row: usize,
    /// Id of what it makes, changes or leaves as it is.
    pub id: String,
    /// Its name; empty for what has none.
    pub name: String,
    /// What was found.
    pub flags: Vec<Flag>,
}
