//! What a district holds to be fresh: half-lives and deadlines, who rests on old data, and whom to call about it.
//!
//! Half-lives and deadlines are a setting, kept with a version; every process has them in memory, so that no question
//! waits for the store, and looks after them every few seconds.

mod calls;
mod people;
mod settings;

pub use calls::{Calls, Filter, LIMIT_MAX, Stale, Summary, calls};
pub use people::{People, people};
pub use settings::{DAYS_MAX, Settings, Versioned, save};

pub(in crate::service) use people::PeopleCache;
pub(in crate::service) use settings::Kept;
