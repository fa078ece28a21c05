//! For how many people each shelter is the nearest that could serve: by air, from where they live.
//!
//! Every demand point walks the index once; the answer is kept for one revision and audience, and of a crowd that asks
//! only the first works it out. "Could serve" is what [`crate::analysis::serving`] does not refuse when nothing in
//! particular is asked: one that is full, suspended or closing is passed by; one of which little is known is not.

use crate::analysis::serving::Asked;
use crate::domain::{Audience, Kind, Population, ResourceId, Revision};
use crate::service::{App, Error};
use crate::world::World;
use crate::world::nearest::{Request, Unknowns, nearest};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Who would go where.
#[derive(Debug, Default, PartialEq)]
pub struct People {
    /// Revision of the world, as the audience is told it.
    pub revision: Revision,
    /// People by the shelter that is the nearest to them.
    pub nearest: HashMap<ResourceId, Population>,
    /// All of them.
    pub total: Population,
    /// Those for whom there is none.
    pub without: Population,
}

/// What was worked out last, for each audience.
#[derive(Default)]
pub struct PeopleCache([Mutex<Option<Arc<People>>>; 2]);

/// Returns who would go where, in the present world.
pub async fn people(app: &App, audience: Audience) -> Result<Arc<People>, Error> {
    let mut kept = app.people.0[audience as usize].lock().await;
    let world = app.world();
    if let Some(people) = kept.as_ref().filter(|people| people.revision == world.revision_for(audience)) {
        return Ok(people.clone());
    }
    let counting = move || count(&world, audience);
    let people = Arc::new(tokio::task::spawn_blocking(counting).await.map_err(Error::internal)?);
    *kept = Some(people.clone());
    Ok(people)
}

fn count(world: &World, audience: Audience) -> People {
    let goes = |point: &crate::world::SettledPoint| {
        let request = Request {
            origin: point.position,
            k: 1,
            kinds: vec![Kind::Shelter],
            asked: Asked::default(),
            unknowns: Unknowns::Include,
            within_m: None,
            audience,
        };
        let offer = nearest(world, &request).offers.into_iter().next();
        (offer.map(|offer| offer.row.value.id.clone()), point.population)
    };
    let gone: Vec<_> = world.settled().par_iter().map(goes).collect();
    let mut people = People { revision: world.revision_for(audience), ..People::default() };
    for (id, population) in gone {
        people.total += population;
        match id {
            Some(id) => *people.nearest.entry(id).or_default() += population,
            None => people.without += population,
        }
    }
    people
}
