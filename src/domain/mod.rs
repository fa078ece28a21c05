//! Floor 0: the words of the field, as types.
//!
//! Everything a district keeps about its shelters, stores, teams and people is named here once, with its units.
//! Pure: no I/O, no clock, no SQL, no JSON. (The types carry serde's derive, which is a data model and not a format;
//! the floor never names a format.) Unknown is a value of its own (`Option`, `Capacity::Unknown`) and never zero.

mod account;
mod actor;
mod change;
mod closure;
mod correction;
mod crs;
mod demand;
mod division;
mod identity;
mod label;
mod observation;
mod people;
mod place;
mod profile;
mod resource;
mod right;
mod row;
mod shelter;
mod site;
mod storage;
mod team;
mod validate;
mod violation;
pub(crate) mod words;

pub use account::{
    Act, LoginName, OidcRefusal, PASSWORD_MAX, PASSWORD_MIN, may_grant, refuse_posing, same_name, weaknesses,
};
pub use actor::{Actor, Audience, Denial, Role, permit};
pub use change::{Change, Edit, Entry, Proposal, Subject};
pub use closure::{Closure, ClosureCause, ClosureId, ClosureShape};
pub use correction::{Correction, CorrectionId, CorrectionState, Fault};
pub use crs::{Crs, GaussKruger, LocalGrid};
pub use demand::{DemandId, DemandPoint};
pub use division::{Division, DivisionCode, Level};
pub use identity::{ResourceId, Revision, Revisions};
pub use label::{Label, label_of, named};
pub use observation::{Field, Observation, changed_fields};
pub use people::Population;
pub use place::{Datum, Declared, Footprint, LonLat, Place};
pub use profile::{Profile, ProfileSet, Unreached};
pub use resource::{Contact, Detail, Kind, Lifecycle, Name, Parties, Resource, Visibility};
pub use right::{Right, may};
pub use row::{RowClass, RowFlag};
pub use shelter::{
    Capacity, CapacityQuality, Duration, Facility, Function, Hazard, Occupancy, Shelter, Space, Standing, Status,
};
pub use site::{Site, SiteClass};
pub use storage::{ReserveMode, StockLine, Storage, Tier};
pub use team::{Capability, Equipment, Readiness, Team, TeamCategory, TrackPoint};
pub use validate::{LIMITS, Limits, SHEET_ERRORS, validate_demand, validate_division, validate_resource};
pub use violation::Violation;
pub(crate) use words::words;
