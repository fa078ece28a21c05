//! Vector tiles: the base map of the network file, and the resources and closures of the world.
//!
//! Invariants: the key of a kept tile holds the audience, and the public's is keyed by the public revision, so that a hidden
//! change makes no public tile anew; kept tiles take a bounded number of bytes; a tile's tag follows from its bytes.

mod cache;
mod resources;

pub use cache::{Cache, Made};
pub use resources::{FIELDS as RESOURCE_FIELDS, LAYERS as RESOURCE_LAYERS};

use crate::domain::{Audience, Kind};
use crate::exchange::mvt;
use crate::network::features;
use crate::service::{App, Error};
use crate::spatial::tile::TileId;
use cache::Key;
use std::sync::Arc;

/// What tiles show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TileSet {
    /// Roads, water, green, buildings, railways, boundaries and labels of the network file.
    Base,
    /// Shelters, warehouses, storage points, teams, sites, and closures in force.
    Resources,
    /// Resources of one kind.
    Of(Kind),
}

impl TileSet {
    /// Every set that has an address of its own.
    pub const ALL: [Self; 2] = [Self::Base, Self::Resources];

    /// Returns the word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Resources => "resources",
            Self::Of(kind) => kind.word(),
        }
    }

    /// Returns the set of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.word() == word)
    }

    /// Returns the closest zoom that it has tiles of.
    pub const fn zoom_max(self) -> u8 {
        match self {
            Self::Base => features::ZOOM_MAX,
            Self::Resources | Self::Of(_) => resources::ZOOM_MAX,
        }
    }
}

/// Returns the farthest zoom from which a set has something to draw: of the base map what its file says, and of resources, which
/// come and go, none.
pub fn zoom_min(app: &App, set: TileSet) -> u8 {
    match set {
        TileSet::Base => app.roads().map_or(0, |roads| roads.first_zoom()),
        TileSet::Resources | TileSet::Of(_) => 0,
    }
}

/// Returns a tile; one without bytes when nothing lies in it.
pub async fn tile(app: &App, audience: Audience, set: TileSet, id: TileId) -> Result<Arc<Made>, Error> {
    let make: Box<dyn FnOnce() -> Vec<u8> + Send>;
    let key = match set {
        TileSet::Base => {
            let roads = app.roads_wanted()?;
            if roads.features.is_none() {
                return Err(Error::not_found(
                    "底图（路网文件中没有，请重新生成） / base map in the network file".to_owned(),
                ));
            }
            make = Box::new(move || roads.features.as_ref().map_or_else(Vec::new, |all| mvt::base_tile(all, id)));
            Key::Base(id)
        }
        TileSet::Resources | TileSet::Of(_) => {
            let (world, now) = (app.world(), app.now());
            let (revision, closures) = (world.revision_for(audience), resources::in_force(&world, now));
            let key = Key::Resources((audience, set), revision, closures, id);
            make = Box::new(move || match set {
                TileSet::Of(kind) => resources::draw_kind(&world, (audience, kind), id),
                _ => resources::draw(&world, audience, now, id),
            });
            key
        }
    };
    if let Some(made) = app.tiles.get(&key) {
        return Ok(made);
    }
    let made = tokio::task::spawn_blocking(move || Made::of(make())).await.map_err(Error::internal)?;
    Ok(app.tiles.put(key, made))
}
