//! Builds a resource from a flat document, alone or laid over an existing one.

use super::detail::{blank, read_detail, required_name};
use super::fields::{READ_ONLY, fields_of};
use super::place::read_place;
use super::reader::{Given, Reader};
use crate::domain::{
    Contact, DivisionCode, Field, Kind, Lifecycle, LonLat, Name, Observation, Parties, Place, Resource, ResourceId,
    Violation, Visibility, validate_resource,
};
use crate::exchange::Target;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Reads a resource out of a document.
///
/// With a `base`, absent keeps what the base has and null clears it; without one, code, name and a position must be
/// there. `kind` and `id` are what the caller knows already; a document that says otherwise is refused. Without an id
/// anywhere, one is minted from kind and code. `observed_at` and `verifier` become the observation of the whole record;
/// stamping single fields is the caller's part.
pub fn read(
    kind: Option<Kind>,
    id: Option<ResourceId>,
    patch: &Map<String, Value>,
    base: Option<&Resource>,
) -> Result<Resource, Vec<Violation>> {
    let mut reader = Reader::new(patch);
    let Some(kind) = read_kind(&mut reader, base.map(Resource::kind).or(kind)) else {
        return Err(reader.violations);
    };
    let allowed: Vec<&str> =
        fields_of(Target::Resource(kind)).map(|spec| spec.name).chain(READ_ONLY.iter().copied()).collect();
    reader.refuse_unknown(&allowed);

    let mut resource = base.cloned().unwrap_or_else(|| empty(kind));
    read_words(&mut reader, &mut resource);
    if let Some(place) = read_place(&mut reader, base.map(|b| &b.place)) {
        resource.place = place;
    }
    read_people(&mut reader, &mut resource);
    read_detail(&mut reader, &mut resource.detail);
    read_observation(&mut reader, &mut resource);
    resource.id = read_id(&mut reader, base.map(|b| b.id.clone()).or(id))
        .unwrap_or_else(|| ResourceId::mint(kind, &resource.code));

    let mut out = reader.violations;
    add_unreported(&mut out, validate_resource(&resource));
    if out.is_empty() { Ok(resource) } else { Err(out) }
}

/// Adds violations on fields that have none yet, so that one mistake is told once.
pub(super) fn add_unreported(out: &mut Vec<Violation>, more: Vec<Violation>) {
    let told: Vec<String> = out.iter().map(|v| v.field.clone()).collect();
    out.extend(more.into_iter().filter(|v| !told.contains(&v.field)));
}

/// Returns the kind; a document may repeat it but not change it.
fn read_kind(reader: &mut Reader<'_>, known: Option<Kind>) -> Option<Kind> {
    let given = reader.word::<Kind>("kind").value();
    match (known, given) {
        (Some(known), Some(given)) if known != given => {
            reader.report(Violation::new(
                "kind",
                "kind_fixed",
                format!("类别是 {known}，不能改为 {given}；请删除后另建"),
                format!("the kind is {known} and can not become {given}: remove it and make a new one"),
            ));
            Some(known)
        }
        (None, None) => {
            if reader.violations.is_empty() {
                reader.report(Violation::missing("kind"));
            }
            None
        }
        (known, given) => known.or(given),
    }
}

fn read_id(reader: &mut Reader<'_>, known: Option<ResourceId>) -> Option<ResourceId> {
    let Some(text) = reader.text("id").value() else { return known };
    match (ResourceId::parse(&text), known) {
        (Ok(given), Some(known)) if given != known => {
            reader.report(Violation::new(
                "id",
                "id_fixed",
                format!("id 是 {known}，不能改为 {given}"),
                format!("the id is {known} and can not become {given}"),
            ));
            Some(known)
        }
        (Ok(given), _) => Some(given),
        (Err(violation), known) => {
            reader.report(violation);
            known
        }
    }
}

/// A resource of which nothing is known yet; its position is a placeholder that `read_place` replaces or reports.
fn empty(kind: Kind) -> Resource {
    Resource {
        id: ResourceId::mint(kind, ""),
        code: String::new(),
        name: Name { zh: String::new(), en: None },
        division: None,
        address: None,
        place: Place::point(LonLat::clamped(0.0, 0.0)),
        level: None,
        lifecycle: Lifecycle::InService,
        visibility: Visibility::Public,
        parties: Parties::default(),
        contacts: Vec::new(),
        source: None,
        remarks: None,
        synthetic: false,
        observations: BTreeMap::new(),
        detail: blank(kind),
    }
}

fn read_words(reader: &mut Reader<'_>, r: &mut Resource) {
    for (field, slot) in [("code", &mut r.code), ("name", &mut r.name.zh)] {
        match reader.text(field) {
            Given::Absent => {}
            given => *slot = given.value().unwrap_or_default(),
        }
    }
    reader.short_text("name_en").onto(&mut r.name.en);
    reader.short_text("address").onto(&mut r.address);
    reader.short_text("source").onto(&mut r.source);
    reader.text("remarks").onto(&mut r.remarks);
    read_division_code(reader, &mut r.division);
    reader.word("level").onto(&mut r.level);
    r.lifecycle = reader.sure_word("lifecycle", r.lifecycle);
    r.visibility = reader.sure_word("visibility", r.visibility);
    r.synthetic = reader.sure_flag("synthetic", r.synthetic);
}

/// Reads the code of the division that something belongs to.
pub(super) fn read_division_code(reader: &mut Reader<'_>, slot: &mut Option<DivisionCode>) {
    match reader.text("division") {
        Given::Value(text) => match DivisionCode::parse(&text) {
            Ok(code) => *slot = Some(code),
            Err(violation) => reader.report(violation),
        },
        Given::Null => *slot = None,
        Given::Absent => {}
    }
}

fn read_people(reader: &mut Reader<'_>, r: &mut Resource) {
    reader.short_text("administration_department").onto(&mut r.parties.administration);
    reader.short_text("management_unit").onto(&mut r.parties.management);
    reader.short_text("operation_unit").onto(&mut r.parties.operation);
    let contacts = reader.objects("contacts", &["name", "role", "phone"], |inner| {
        let name = required_name(inner);
        let (role, phone) = (inner.short_text("role").value(), inner.short_text("phone").value());
        Some(Contact { name: name?, role, phone })
    });
    match contacts {
        Given::Absent => {}
        given => r.contacts = given.value().unwrap_or_default(),
    }
}

fn read_observation(reader: &mut Reader<'_>, r: &mut Resource) {
    let time = reader.time("observed_at");
    let verifier = reader.short_text("verifier");
    match time {
        Given::Null => drop(r.observations.remove(&Field::Record)),
        Given::Value(observed_at) => {
            let kept = r.observations.remove(&Field::Record);
            let (verifier, source) = kept.map_or((None, None), |o| (o.verifier, o.source));
            r.observations.insert(Field::Record, Observation { observed_at, verifier, source });
        }
        Given::Absent => {}
    }
    match (r.observations.get_mut(&Field::Record), verifier) {
        (Some(record), verifier) => verifier.onto(&mut record.verifier),
        (None, Given::Value(_)) if !reader.violations.iter().any(|v| v.field == "observed_at") => {
            reader.report(Violation::new(
                "observed_at",
                "missing",
                "给出 verifier（核实人）时须同时给出 observed_at（核实时间）",
                "a verifier needs observed_at, the time of the look",
            ));
        }
        _ => {}
    }
}
