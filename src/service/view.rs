//! What an audience is shown of a resource: the flat document with what only the world knows (division name, age).

use crate::domain::{Audience, Field, Resource, Revision};
use crate::exchange::document;
use crate::world::{Kept, World};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// Returns the revision of a row as an audience is told it.
pub fn revision_for(audience: Audience, row: &Kept<Resource>) -> Revision {
    match audience {
        Audience::Public => row.public_revision,
        Audience::Staff => row.revision,
    }
}

/// Returns the revision of the division that a row names, where that came after the row: then the row's own revision does
/// not tell the document that shows the division's name. Zero when there is no such division.
pub fn division_since(world: &World, row: &Kept<Resource>, audience: Audience) -> Option<Revision> {
    let code = row.value.division.as_ref()?;
    let Some(division) = world.division(code) else {
        // Where no division is known at all, no name is shown that could change.
        return world.divisions().next().map(|_| Revision::default());
    };
    let revision = match audience {
        Audience::Public => division.public_revision,
        Audience::Staff => division.revision,
    };
    (revision > revision_for(audience, row)).then_some(revision)
}

/// Returns the whole document of a resource for an audience. The same revision gives the same bytes: ages are left to
/// answers that are not cached.
pub fn document(world: &World, row: &Kept<Resource>, audience: Audience) -> Map<String, Value> {
    let mut document = document::write(&row.value, audience);
    document.insert("revision".into(), json!(revision_for(audience, row)));
    document.insert("division_name".into(), json!(division_name(world, &row.value)));
    document
}

/// Returns the name of the division that a resource belongs to.
pub fn division_name(world: &World, resource: &Resource) -> Option<String> {
    resource.division.as_ref().and_then(|code| world.division(code)).map(|row| row.value.name.clone())
}

/// Returns seconds since the observation that answers about a resource rest on; never below zero.
pub fn age_s(resource: &Resource, now: DateTime<Utc>) -> Option<i64> {
    resource.rests_on().map(|at| (now - at).num_seconds().max(0))
}

/// Returns the few properties that a map needs of a resource; unknown ones are left out.
pub fn slim(resource: &Resource) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    };
    put("id", Some(json!(resource.id)));
    put("kind", Some(json!(resource.kind())));
    put("name", Some(json!(resource.name.zh)));
    put("name_en", resource.name.en.as_ref().map(|n| json!(n)));
    put("level", resource.level.map(|l| json!(l)));
    put("lifecycle", Some(json!(resource.lifecycle)));
    put("visibility", (!resource.is_public()).then(|| json!(resource.visibility)));
    put("synthetic", resource.synthetic.then_some(Value::Bool(true)));
    if let Some(shelter) = resource.shelter() {
        put("status", shelter.status.map(|s| json!(s)));
        put("capacity", shelter.capacity.persons().map(|n| json!(n)));
        put("free_places", shelter.free_places().map(|n| json!(n)));
    }
    if let Some(storage) = resource.storage() {
        put("tier", storage.tier.map(|t| json!(t)));
    }
    if let Some(team) = resource.team() {
        put("category", team.category.map(|c| json!(c)));
        put("readiness", team.readiness.map(|r| json!(r)));
    }
    if let crate::domain::Detail::Site(site) = &resource.detail {
        put("class", site.class.map(|c| json!(c)));
    }
    out
}

/// Returns the times at which each group of fields was last seen to be so.
pub fn observed(resource: &Resource) -> Map<String, Value> {
    let shown = resource.observations.iter().filter(|(field, _)| **field != Field::Contacts);
    shown.map(|(field, seen)| (field.word().to_owned(), json!(seen.observed_at))).collect()
}
