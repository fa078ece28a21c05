//! Writes a resource as a flat document. Every name of the kind is there; what nobody knows is null.

use super::declared::write_declared;
use crate::domain::{
    Audience, Contact, Detail, Equipment, Field, Observation, Resource, Shelter, StockLine, Storage, Team, TrackPoint,
};
use crate::exchange::geometry;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Writes a resource with the canonical names.
///
/// For the public, contacts, remarks and the names of verifiers are left out; whether the public may know of the
/// resource at all is the caller's question ([`Resource::is_public`]). `geometry` is there only when there is a
/// footprint. Revision, division name and age belong to the answer and are added by the service.
pub fn write(resource: &Resource, audience: Audience) -> Map<String, Value> {
    let r = resource;
    let mut doc = Map::new();
    let mut put = |name: &str, value: Value| drop(doc.insert(name.to_owned(), value));
    put("id", r.id.as_str().into());
    put("kind", r.kind().word().into());
    put("code", r.code.as_str().into());
    put("name", r.name.zh.as_str().into());
    put("name_en", text(&r.name.en));
    put("division", r.division.as_ref().map(|d| d.as_str()).into());
    put("address", text(&r.address));
    put("lon", r.place.position.lon().into());
    put("lat", r.place.position.lat().into());
    put("declared", r.place.declared.as_ref().map_or(Value::Null, write_declared));
    put("level", r.level.map(|v| v.word()).into());
    put("lifecycle", r.lifecycle.word().into());
    put("visibility", r.visibility.word().into());
    put("administration_department", text(&r.parties.administration));
    put("management_unit", text(&r.parties.management));
    put("operation_unit", text(&r.parties.operation));
    put("source", text(&r.source));
    put("synthetic", r.synthetic.into());
    let record = r.observations.get(&Field::Record);
    put("observed_at", record.map(|o| time(o.observed_at)).into());
    put("observed", observed(r, audience));
    if let Some(footprint) = &r.place.footprint {
        put("geometry", geometry::write_area(footprint));
    }
    if audience == Audience::Staff {
        put("contacts", r.contacts.iter().map(contact).collect::<Vec<_>>().into());
        put("remarks", text(&r.remarks));
        put("verifier", record.and_then(|o| o.verifier.clone()).into());
    }
    match &r.detail {
        Detail::Shelter(s) => write_shelter(&mut put, s),
        Detail::Warehouse(s) | Detail::StoragePoint(s) => write_storage(&mut put, s),
        Detail::Team(t) => write_team(&mut put, t),
        Detail::Site(s) => put("class", s.class.map(|v| v.word()).into()),
    }
    doc
}

fn write_shelter(put: &mut impl FnMut(&str, Value), s: &Shelter) {
    put("standing", s.standing.map(|v| v.word()).into());
    put("duration", s.duration.map(|v| v.word()).into());
    put("space", s.space.map(|v| v.word()).into());
    put("function", s.function.map(|v| v.word()).into());
    put("hazards", words(&s.hazards, |v| v.word()));
    put("area_m2", s.area_m2.into());
    put("capacity", s.capacity.persons().into());
    put("capacity_quality", s.capacity.quality().word().into());
    put("facilities", words(&s.facilities, |v| v.word()));
    put("accessible", s.accessible.into());
    put("pets", s.pets.into());
    put("occupied", s.occupancy.occupied.into());
    put("reserved", s.occupancy.reserved.into());
    put("blocked", s.occupancy.blocked.into());
    put("over_capacity", s.occupancy.over_capacity.into());
    put("occupancy_quality", if s.occupancy.occupied.is_some() { "reported" } else { "unreported" }.into());
    put("free_places", s.free_places().into());
    put("status", s.status.map(|v| v.word()).into());
    put("legacy_class", text(&s.legacy_class));
}

fn write_storage(put: &mut impl FnMut(&str, Value), s: &Storage) {
    put("tier", s.tier.map(|v| v.word()).into());
    put("volume_m3", s.volume_m3.into());
    put("area_m2", s.area_m2.into());
    put("stock", s.stock.as_ref().map(|lines| lines.iter().map(stock_line).collect::<Vec<_>>()).into());
}

fn stock_line(line: &StockLine) -> Value {
    json!({
        "code": line.code,
        "name": line.name,
        "quantity": line.quantity,
        "unit": line.unit,
        "expires_on": line.expires_on.map(|d| d.format("%Y-%m-%d").to_string()),
        "reserve_mode": line.reserve_mode,
    })
}

fn write_team(put: &mut impl FnMut(&str, Value), t: &Team) {
    let item = |e: &Equipment| json!({"name": e.name, "quantity": e.quantity});
    put("category", t.category.map(|v| v.word()).into());
    put("capabilities", words(&t.capabilities, |v| v.word()));
    put("headcount", t.headcount.into());
    put("equipment", t.equipment.as_ref().map(|list| list.iter().map(item).collect::<Vec<_>>()).into());
    put("readiness", t.readiness.map(|v| v.word()).into());
    put("current", t.current.as_ref().map(track).into());
}

fn track(seen: &TrackPoint) -> Value {
    json!({"lon": seen.position.lon(), "lat": seen.position.lat(), "observed_at": time(seen.observed_at)})
}

fn contact(c: &Contact) -> Value {
    json!({"name": c.name, "role": c.role, "phone": c.phone})
}

/// When each group of fields was last seen to be so; that contacts were looked at is not for the public.
fn observed(r: &Resource, audience: Audience) -> Value {
    let shown = |(field, _): &(&Field, &Observation)| audience == Audience::Staff || **field != Field::Contacts;
    let seen = r.observations.iter().filter(shown);
    Value::Object(seen.map(|(field, o)| (field.word().to_owned(), time(o.observed_at).into())).collect())
}

fn words<T: Copy>(set: &Option<BTreeSet<T>>, word: impl Fn(T) -> &'static str) -> Value {
    set.as_ref().map(|set| set.iter().map(|v| word(*v)).collect::<Vec<_>>()).into()
}

pub(super) fn text(value: &Option<String>) -> Value {
    value.as_deref().into()
}

/// RFC 3339 in UTC, with as many digits of a second as it has.
fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
