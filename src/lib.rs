//! Bihu 庇护: emergency shelters and resources of a district, indexed, answered and drawn.
//!
//! Floors lean down only; `src/ARCHITECTURE.md` says what lives where and `tests/tidy.rs` holds it.
#![deny(unsafe_code)]

pub mod analysis;
pub mod api;
pub mod cli;
pub mod domain;
pub mod exchange;
pub mod network;
pub mod service;
pub mod spatial;
pub mod store;
pub mod world;
