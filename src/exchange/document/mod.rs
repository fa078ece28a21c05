//! The flat document: one vocabulary for request bodies, GeoJSON properties, CSV headers and exported features.
//!
//! `read` turns a document into a domain value, alone or laid over an existing one; `write` turns it back. Invariants:
//! every violation is reported at once, with the path of its field; unknown is null and never zero; reading what was
//! written gives the same value.

mod declared;
mod demand;
mod detail;
mod division;
mod fields;
mod flatten;
mod place;
mod reader;
mod resource;
mod unknown_field;
mod write;

pub use super::geometry::{write_area as geometry_area, write_point as geometry_point};
pub use crate::domain::{Label, label_of};
pub use declared::write_declared;
pub use demand::{read_demand, write_demand};
pub use division::{read_division, write_division};
pub use fields::{FieldSpec, Form, READ_ONLY, Word, field_of, fields_of, resource_fields, vocabulary};
pub use flatten::flatten;
pub use reader::observed_at;
pub use resource::read;
pub(super) use unknown_field::nearest_name;
pub use write::write;
