//! What follows from other figures: names that answers add and nobody can set, and a confirmation that outlives its cause.
//! An echo is taken, another value is refused by name.
//!
//! Why not taken without a word: a client that sends `free_places: 5` and gets 200 believes that five places are free.

use super::edit::Action;
use super::{Error, view};
use crate::domain::{Audience, Detail, Resource, Shelter, Violation};
use crate::exchange::document::{READ_ONLY, write};
use crate::world::{Kept, World};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// The way out for each name.
fn way_out(name: &str) -> (&'static str, &'static str) {
    match name {
        "free_places" => {
            ("请改 capacity、occupied、reserved 或 blocked", "change capacity, occupied, reserved or blocked")
        }
        "occupancy_quality" => ("请给出 occupied", "send occupied"),
        "division_name" => ("请改 division", "change division"),
        "observed" | "age_s" => ("请给出 observed_at", "send observed_at"),
        _ => ("请删去", "leave it out"),
    }
}

/// Refuses every derived value of a body that is neither what is there now nor what the write itself leads to.
pub fn refuse_set(
    (world, now): (&World, DateTime<Utc>),
    action: &Action,
    before: Option<&Kept<Resource>>,
    after: &Resource,
) -> Result<(), Error> {
    // A whole document brings along when it was read, from this version or another, from this store or another; a patch
    // names what it is to change.
    let (body, past) = match action {
        Action::Put(body) => (body, &["revision", "observed", "age_s"][..]),
        Action::Patch(body) => (body, &[][..]),
        Action::Restore(_) | Action::Delete => return Ok(()),
    };
    let mut led_to = write(after, Audience::Staff);
    led_to.insert("division_name".to_owned(), json!(view::division_name(world, after)));
    led_to.insert("age_s".to_owned(), json!(before.and_then(|row| view::age_s(&row.value, now))));
    let mut known = vec![led_to];
    for audience in [Audience::Staff, Audience::Public] {
        known.extend(before.map(|row| view::document(world, row, audience)));
    }
    let echoed = |name: &str, value: &Value| known.iter().any(|d| d.get(name).is_some_and(|v| same(v, value)));
    let set = READ_ONLY.iter().filter(|name| !past.contains(name)).filter_map(|name| Some((*name, body.get(*name)?)));
    let wrong: Vec<Violation> =
        set.filter(|(name, value)| !echoed(name, value)).map(|(name, _)| refusal(name)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// Ends a confirmation that more people are inside than fit, with the crowd that it was about; one that is given of a
/// shelter with room is refused. What another way put into the store stays until its figures change.
pub fn settle_over_capacity(action: &Action, before: Option<&Resource>, after: &mut Resource) -> Result<(), Error> {
    let Detail::Shelter(shelter) = &mut after.detail else { return Ok(()) };
    let room = |s: &Shelter| s.capacity.persons().zip(s.occupancy.occupied).filter(|(most, inside)| inside <= most);
    let Some((capacity, occupied)) = room(shelter).filter(|_| shelter.occupancy.over_capacity) else { return Ok(()) };
    let confirmed = before.and_then(Resource::shelter).filter(|s| s.occupancy.over_capacity);
    if confirmed.is_some_and(|s| room(s) == Some((capacity, occupied))) {
        return Ok(());
    }
    let told = match action {
        Action::Patch(body) => body.contains_key("over_capacity"),
        _ => confirmed.is_none(),
    };
    if !told {
        shelter.occupancy.over_capacity = false;
        return Ok(());
    }
    Err(Error::invalid(Violation::new(
        "over_capacity",
        "not_over_capacity",
        format!("在住 {occupied} 人未超过容量 {capacity} 人，over_capacity 不能为 true"),
        format!("occupied {occupied} does not exceed capacity {capacity}, so over_capacity can not be true"),
    )))
}

/// Numbers are the same however they are written.
fn same(a: &Value, b: &Value) -> bool {
    a == b || a.as_f64().is_some_and(|x| b.as_f64() == Some(x))
}

fn refusal(name: &str) -> Violation {
    let (zh, en) = way_out(name);
    Violation::new(
        name,
        "read_only",
        format!("{name} 由系统推算，不能直接设置；{zh}"),
        format!("{name} is derived and can not be set: {en}"),
    )
}
