//! Tiles that were made, in two halves: when the younger one is full the older one is thrown away and they change places.
//!
//! What is asked for moves to the younger half, so that what is looked at stays. Invariant: both halves together hold no more
//! than [`BYTES_MAX`].

use super::TileSet;
use crate::domain::{Audience, Revision};
use crate::service::token::hex;
use crate::spatial::tile::TileId;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes of tiles that are kept.
const BYTES_MAX: usize = 64 << 20;

/// What a tile without a byte takes up all the same.
const OVERHEAD: usize = 200;

/// Which tile.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// Of the base map.
    Base(TileId),
    /// Of resources, for an audience at a revision, with a number that stands for the closures in force.
    Resources((Audience, TileSet), Revision, u64, TileId),
}

/// A tile that was made.
#[derive(Debug)]
pub struct Made {
    /// Its bytes; none when nothing lies in it.
    pub bytes: Bytes,
    /// Its tag, in quotes.
    pub tag: String,
}

impl Made {
    /// Returns the bytes with their tag.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        let tag = format!("\"t{}\"", &hex(&Sha256::digest(&bytes))[..24]);
        Self { bytes: bytes.into(), tag }
    }

    fn size(&self) -> usize {
        self.bytes.len() + OVERHEAD
    }
}

#[derive(Default)]
struct Halves {
    young: HashMap<Key, Arc<Made>>,
    young_bytes: usize,
    old: HashMap<Key, Arc<Made>>,
}

/// Kept tiles.
#[derive(Default)]
pub struct Cache(Mutex<Halves>);

impl Cache {
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Made>> {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = halves.young.get(key) {
            return Some(made.clone());
        }
        let made = halves.old.remove(key)?;
        halves.keep(key.clone(), made.clone());
        Some(made)
    }

    /// Keeps a tile and returns it.
    pub(super) fn put(&self, key: Key, made: Made) -> Arc<Made> {
        let made = Arc::new(made);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keep(key, made.clone());
        made
    }
}

impl Halves {
    fn keep(&mut self, key: Key, made: Arc<Made>) {
        if made.size() > BYTES_MAX / 2 {
            return;
        }
        if self.young_bytes + made.size() > BYTES_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        let size = made.size();
        if self.young.insert(key, made).is_none() {
            self.young_bytes += size;
        }
    }
}
