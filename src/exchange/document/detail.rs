//! What only one kind has, read from the flat document.

use super::fields::Word;
use super::reader::{Given, Reader};
use crate::domain::{
    Capacity, CapacityQuality, Detail, Equipment, Kind, LonLat, Shelter, Site, StockLine, Storage, Team, Tier,
    TrackPoint, Violation,
};
use chrono::NaiveDate;
use serde_json::Value;

/// Returns the detail of a kind with everything unknown.
pub(super) fn blank(kind: Kind) -> Detail {
    match kind {
        Kind::Shelter => Detail::Shelter(Shelter::default()),
        Kind::Warehouse => Detail::Warehouse(Storage::default()),
        Kind::StoragePoint => Detail::StoragePoint(Storage::default()),
        Kind::Team => Detail::Team(Team::default()),
        Kind::Site => Detail::Site(Site::default()),
    }
}

/// Lays what the document says over `detail`.
pub(super) fn read_detail(reader: &mut Reader<'_>, detail: &mut Detail) {
    match detail {
        Detail::Shelter(shelter) => read_shelter(reader, shelter),
        Detail::Warehouse(storage) | Detail::StoragePoint(storage) => read_storage(reader, storage),
        Detail::Team(team) => read_team(reader, team),
        Detail::Site(site) => reader.word("class").onto(&mut site.class),
    }
}

fn read_shelter(reader: &mut Reader<'_>, s: &mut Shelter) {
    reader.word("standing").onto(&mut s.standing);
    reader.word("duration").onto(&mut s.duration);
    reader.word("space").onto(&mut s.space);
    reader.word("function").onto(&mut s.function);
    reader.words("hazards").onto(&mut s.hazards);
    reader.number("area_m2").onto(&mut s.area_m2);
    s.capacity = read_capacity(reader, s.capacity);
    reader.words("facilities").onto(&mut s.facilities);
    reader.flag("accessible").onto(&mut s.accessible);
    reader.flag("pets").onto(&mut s.pets);
    reader.whole("occupied").onto(&mut s.occupancy.occupied);
    reader.whole("reserved").onto(&mut s.occupancy.reserved);
    reader.whole("blocked").onto(&mut s.occupancy.blocked);
    s.occupancy.over_capacity = reader.sure_flag("over_capacity", s.occupancy.over_capacity);
    reader.word("status").onto(&mut s.status);
    reader.short_text("legacy_class").onto(&mut s.legacy_class);
}

/// Reads a capacity and what it is worth. A new number without a word on its quality is a stated one.
fn read_capacity(reader: &mut Reader<'_>, kept: Capacity) -> Capacity {
    let number = reader.whole("capacity");
    let quality = reader.word::<CapacityQuality>("capacity_quality").value();
    let persons = match number {
        Given::Absent if quality.is_none() || reader.violations.iter().any(|v| v.field == "capacity") => return kept,
        Given::Absent => kept.persons(),
        given => given.value(),
    };
    match (persons, quality) {
        (Some(n), None | Some(CapacityQuality::Stated)) => Capacity::Stated(n),
        (Some(n), Some(CapacityQuality::Derived)) => Capacity::Derived(n),
        (None, None | Some(CapacityQuality::Unknown)) => Capacity::Unknown,
        (Some(n), Some(CapacityQuality::Unknown)) => {
            reader.report(Violation::new(
                "capacity_quality",
                "conflict",
                format!("容量为 {n} 时 capacity_quality 不能是 unknown；确实未知请把 capacity 设为 null"),
                format!("capacity is {n}, so its quality can not be unknown; if it is unknown, send capacity null"),
            ));
            kept
        }
        (None, Some(quality)) => {
            reader.report(Violation::new(
                "capacity_quality",
                "conflict",
                format!("可容纳人数未知时，容量来源不能是 {quality}；请给出数字或设为 unknown"),
                format!("capacity is unknown, so its quality can not be {quality}: give a number, or say unknown"),
            ));
            kept
        }
    }
}

fn read_storage(reader: &mut Reader<'_>, s: &mut Storage) {
    // The tiers are words that look like numbers, and people write them as numbers.
    match reader.raw("tier") {
        Given::Value(Value::Number(n)) => match Tier::of(&n.to_string()) {
            Some(tier) => s.tier = Some(tier),
            None => reader.report(Violation::not_a_choice("tier", &n.to_string(), &Tier::choices())),
        },
        _ => reader.word("tier").onto(&mut s.tier),
    }
    reader.number("volume_m3").onto(&mut s.volume_m3);
    reader.number("area_m2").onto(&mut s.area_m2);
    let names = ["code", "name", "quantity", "unit", "expires_on", "reserve_mode"];
    reader.objects("stock", &names, read_stock_line).onto(&mut s.stock);
}

fn read_stock_line(inner: &mut Reader<'_>) -> Option<StockLine> {
    let name = required_name(inner);
    let code = inner.short_text("code").value();
    let quantity = inner.number("quantity").value();
    let unit = inner.short_text("unit").value();
    let reserve_mode = inner.word("reserve_mode").value();
    let expires_on = inner.short_text("expires_on").value().and_then(|text| {
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
        if date.is_none() {
            inner.report(Violation::new(
                "expires_on",
                "bad_date",
                "有效期应为日期，例如 2026-12-31",
                "expires_on must be a date, e.g. 2026-12-31",
            ));
        }
        date
    });
    Some(StockLine { code, name: name?, quantity, unit, expires_on, reserve_mode })
}

fn read_team(reader: &mut Reader<'_>, t: &mut Team) {
    reader.word("category").onto(&mut t.category);
    reader.words("capabilities").onto(&mut t.capabilities);
    reader.whole("headcount").onto(&mut t.headcount);
    let equipment = reader.objects("equipment", &["name", "quantity"], |inner| {
        let name = required_name(inner);
        let quantity = inner.whole("quantity").value();
        Some(Equipment { name: name?, quantity })
    });
    equipment.onto(&mut t.equipment);
    reader.word("readiness").onto(&mut t.readiness);
    reader.object("current", &["lon", "lat", "observed_at"], read_track).onto(&mut t.current);
}

fn read_track(inner: &mut Reader<'_>) -> Option<TrackPoint> {
    let before = inner.violations.len();
    let (lon, lat) = (inner.number("lon").value(), inner.number("lat").value());
    let observed_at = inner.time("observed_at").value();
    if inner.violations.len() == before {
        for (field, there) in [("lon", lon.is_some()), ("lat", lat.is_some()), ("observed_at", observed_at.is_some())] {
            if !there {
                inner.report(Violation::missing(field));
            }
        }
    }
    match LonLat::new(lon?, lat?) {
        Ok(position) => Some(TrackPoint { position, observed_at: observed_at? }),
        Err(violation) => {
            inner.report(violation);
            None
        }
    }
}

/// Reads the name of a line, which must be there.
pub(super) fn required_name(inner: &mut Reader<'_>) -> Option<String> {
    let before = inner.violations.len();
    let name = inner.text("name").value();
    if name.is_none() && inner.violations.len() == before {
        inner.report(Violation::missing("name"));
    }
    name
}
