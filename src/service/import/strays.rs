//! Divisions drawn outside the one above them.

use super::planned::{PlannedRow, Thing};
use super::planner::Planner;
use crate::domain::{Change, Division, DivisionCode, Edit, RowClass, Violation};
use crate::exchange::Target;
use crate::service::border::bounds_of;
use crate::spatial::reach::{BORDER_M, reaches_out};
use std::collections::HashMap;
use std::sync::Arc;

impl Planner<'_> {
    /// Refuses divisions drawn outside the one above them, as the file has that one or else the world: who may write a
    /// village of his town could draw it into another town, and then act there in its name.
    pub(super) fn refuse_strays(&mut self) {
        if self.request.target != Target::Division {
            return;
        }
        let drawn = |row: &PlannedRow| match &row.after {
            Some(Thing::Division(after)) => Some(after.clone()),
            _ => None,
        };
        let file: HashMap<DivisionCode, Arc<Division>> =
            self.rows.iter().filter_map(drawn).map(|division| (division.code.clone(), division)).collect();
        let area_of = |code: &DivisionCode| match file.get(code) {
            Some(division) => division.area.as_ref(),
            None => self.world.division(code).and_then(|row| row.value.area.as_ref()),
        };
        let mut strays = Vec::new();
        for (at, row) in self.rows.iter().enumerate().filter(|(_, row)| row.class != RowClass::Same) {
            let Some(after) = drawn(row) else { continue };
            let before = if let Some(Thing::Division(before)) = &row.before { before.area.as_ref() } else { None };
            let area = after.area.as_ref().filter(|area| before != Some(*area));
            let bounds = bounds_of(&after, area_of);
            if let (Some(area), Some((parent, bounds))) = (area, bounds)
                && reaches_out(area, bounds).is_some()
            {
                strays.push((at, after.clone(), stray(&parent)));
            }
        }
        for (at, after, violation) in strays {
            let says = Some(Box::new([after.code.to_string(), after.name.clone()]));
            let subject = Change::Division(Edit { before: None, after: Some(after) }).subject();
            self.proposals.retain(|proposal| proposal.change.subject() != subject);
            self.violations += 1;
            let row = &mut self.rows[at];
            (row.class, row.before, row.after, row.says) = (RowClass::Refused, None, None, says);
            row.violations = vec![violation];
        }
    }
}

fn stray(parent: &DivisionCode) -> Violation {
    Violation::new(
        "geometry",
        "outside_parent",
        format!("界线伸出上级区划 {parent} 超过 {BORDER_M} 米；请核对代码与界线"),
        format!(
            "the area reaches more than {BORDER_M} m out of {parent}, the division above it: check code and border"
        ),
    )
}
