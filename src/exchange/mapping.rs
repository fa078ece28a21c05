//! Columns as somebody confirmed them, over columns as they were recognised.
//!
//! Invariants: what is confirmed wins over what is recognised, and says so; a field that does not exist is refused with the
//! one that was probably meant; two confirmed columns never share a field.

use super::columns::{self, Columns, Slot};
use super::document::{field_of, fields_of, nearest_name};
use super::{DecodeError, Target};
use crate::domain::{Crs, Hazard, Kind, named};
use std::collections::BTreeMap;

/// Header → the field it is read as, or nothing.
pub(super) type Override = BTreeMap<String, Option<String>>;

/// Returns each header with the field it would be read as for a target, without complaint: what a wizard proposes.
pub fn proposed(headers: &[String], target: Target) -> Vec<(String, Option<String>)> {
    match columns::recognise(headers, target, None) {
        Ok(columns) => columns.report,
        // Where two fight for one field, the first has it and the other waits to be decided.
        Err(DecodeError::AmbiguousColumns { .. }) => first_come(headers, target),
        Err(_) => headers.iter().map(|header| (header.clone(), None)).collect(),
    }
}

fn first_come(headers: &[String], target: Target) -> Vec<(String, Option<String>)> {
    let mut taken = std::collections::BTreeSet::new();
    let read_as = |header: &String| columns::slot(header, target).read_as().filter(|field| taken.insert(field.clone()));
    let fields: Vec<Option<String>> = headers.iter().map(read_as).collect();
    headers.iter().cloned().zip(fields).collect()
}

/// Works out what each column is, given what was confirmed.
pub(super) fn columns_of(
    headers: &[String],
    target: Target,
    crs: &Crs,
    confirmed: Option<&Override>,
) -> Result<Columns, DecodeError> {
    let Some(confirmed) = confirmed else { return columns::recognise(headers, target, Some(crs)) };
    let trimmed: BTreeMap<&str, Option<&str>> =
        confirmed.iter().map(|(header, field)| (header.trim(), field.as_deref().map(str::trim))).collect();
    let mut slots = Vec::with_capacity(headers.len());
    let mut said = Vec::with_capacity(headers.len());
    for header in headers {
        let given = trimmed.get(header.trim()).copied();
        slots.push(match given {
            Some(Some(field)) => slot_of(header, field, target)?,
            Some(None) => Slot::Skip,
            None => columns::slot(header, target),
        });
        said.push(given.is_some());
    }
    let mut notes = missing(headers, &trimmed);
    yield_to_confirmed(headers, &mut slots, &said, &mut notes);
    columns::settled(headers, slots, columns::Asked { target, crs: Some(crs), notes })
}

/// Finds the slot of a field's name; `hazards.flood` and `contacts.phone` are columns of their own.
fn slot_of(header: &str, field: &str, target: Target) -> Result<Slot, DecodeError> {
    if let Some(spec) = field_of(target, field) {
        return Ok(Slot::Field(spec));
    }
    let is_resource = matches!(target, Target::Resource(_));
    let part = field.strip_prefix("contacts.").filter(|_| is_resource);
    if let Some(part) = part.and_then(|part| ["name", "role", "phone"].into_iter().find(|p| *p == part)) {
        return Ok(Slot::Contact(part));
    }
    let hazard = field.strip_prefix("hazards.").filter(|_| target == Target::Resource(Kind::Shelter));
    if let Some(hazard) = hazard.and_then(Hazard::from_word) {
        return Ok(Slot::Hazard(hazard));
    }
    let allowed: Vec<&str> = fields_of(target).map(|spec| spec.name).collect();
    let cut = |text: &str| text.chars().take(60).collect::<String>();
    let near = nearest_name(field, &allowed).map_or_else(|| allowed.join(", "), str::to_owned);
    Err(DecodeError::UnknownField { header: cut(header), field: cut(field), near })
}

fn missing(headers: &[String], confirmed: &BTreeMap<&str, Option<&str>>) -> Vec<String> {
    let gone =
        confirmed.iter().filter(|(header, field)| field.is_some() && !headers.iter().any(|h| h.trim() == **header));
    gone.map(|(header, _)| {
        let header: String = header.chars().take(60).collect();
        format!("列对应中的“{header}”不在文件里 / the mapping names a column `{header}` that the file does not have")
    })
    .collect()
}

/// A recognised column gives way where a confirmed one has its field.
fn yield_to_confirmed(headers: &[String], slots: &mut [Slot], said: &[bool], notes: &mut Vec<String>) {
    let held: Vec<String> =
        slots.iter().zip(said).filter(|(_, said)| **said).filter_map(|(s, _)| s.read_as()).collect();
    for ((slot, said), header) in slots.iter_mut().zip(said).zip(headers) {
        if let Some(field) = slot.read_as().filter(|field| !said && held.contains(field)) {
            *slot = Slot::Skip;
            let header: String = header.chars().take(60).collect();
            notes.push(format!(
                "{}按确认的列读取，不取“{header}” / {field} is read from the confirmed column, not from `{header}`",
                named(&field)
            ));
        }
    }
}
