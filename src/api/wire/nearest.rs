//! Answer to a nearest query.

use super::freshness::{confidences, rounded};
use super::roads::{AIR, RoadDoc};
use super::{PastDoc, Sentence, operational};
use crate::analysis::freshness::{self, Rule};
use crate::analysis::serving::Reason;
use crate::domain::{Audience, Datum, LonLat, Resource, Shelter};
use crate::service::datum::uncertainty_m;
use crate::service::history::View;
use crate::service::roads::Travel;
use crate::service::roads::ask::NearestByRoad;
use crate::service::view;
use crate::spatial::datum::from_wgs84;
use crate::world::nearest::{Answer, K_MAX, Offer, REJECTED_MAX, Rejection, Request};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Whether the refused ones are to be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasoned {
    /// List them.
    Yes,
    /// Do not.
    No,
}

/// The k nearest that serve.
#[derive(Debug, Serialize, ToSchema)]
pub struct NearestAnswer {
    /// Revision of the world that answered.
    pub revision: u64,
    /// How distances were worked out.
    pub method: &'static str,
    /// The search ran to its end.
    pub complete: bool,
    /// Datum of all coordinates in this answer.
    pub datum: &'static str,
    /// Where was asked from.
    pub origin: Position,
    /// How far off that may be for the conversion from the datum of the question, metres; null where it is exact.
    pub origin_uncertainty_m: Option<f64>,
    /// How distances are ranked: `air`, or the profile that goes by road.
    pub by: &'static str,
    /// How the roads were asked; null by air.
    pub road: Option<RoadDoc>,
    /// When the answer was made, or the moment of the past it speaks of; ages count back from here.
    pub answered_at: DateTime<Utc>,
    /// The past that it speaks of; null for the present.
    pub as_of: Option<PastDoc>,
    /// The offers: sure ones by distance, then ones with doubts by distance.
    pub results: Vec<Offered>,
    /// Closer ones that do not serve, by distance; filled with `explain=true`.
    pub rejected: Vec<Refused>,
    /// How many were refused in all.
    pub rejected_total: usize,
    /// The limits in force.
    pub limits: NearestLimits,
}

/// A position, degrees in the datum of the answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Position {
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
    /// The same in the datums of Chinese map services, for links that begin there.
    pub positions: Shifted,
}

/// Limits of a nearest query.
#[derive(Debug, Serialize, ToSchema)]
pub struct NearestLimits {
    /// Largest k.
    pub k_max: usize,
    /// Most refused ones listed.
    pub rejected_max: usize,
}

/// One that is offered. Unknown numbers are null.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offered {
    /// Id.
    pub id: String,
    /// Official code.
    pub code: String,
    /// Kind.
    pub kind: &'static str,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// Longitude, degrees in the datum of the answer.
    pub lon: f64,
    /// Latitude, degrees in the datum of the answer.
    pub lat: f64,
    /// Geodesic distance, metres; to the edge of an area, zero inside.
    pub distance_m: f64,
    /// How long the way takes, seconds; null by air.
    pub duration_s: Option<f64>,
    /// How long the way is, metres; null by air.
    pub length_m: Option<f64>,
    /// How far off the position may be for its conversion from the declared system, metres; null where none was needed or
    /// it is exact.
    pub position_uncertainty_m: Option<f64>,
    /// Places left.
    pub free_places: Option<u32>,
    /// Places in all.
    pub capacity: Option<u32>,
    /// What the capacity figure is worth: stated, derived, unknown.
    pub capacity_quality: Option<&'static str>,
    /// Whether anybody has reported how many people are inside: reported, unreported.
    pub occupancy_quality: Option<&'static str>,
    /// State.
    pub status: Option<&'static str>,
    /// Level.
    pub level: Option<&'static str>,
    /// Division code.
    pub division: Option<String>,
    /// Division name.
    pub division_name: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// Lifecycle.
    pub lifecycle: &'static str,
    /// Step-free access.
    pub accessible: Option<bool>,
    /// Pets are taken.
    pub pets: Option<bool>,
    /// Hazards it suits.
    pub hazards: Option<Vec<&'static str>>,
    /// Readiness of a team.
    pub readiness: Option<&'static str>,
    /// When the figures that this answer rests on were last seen to be so; the oldest of them.
    pub observed_at: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub age_s: Option<i64>,
    /// The same, group by group.
    #[schema(value_type = Object)]
    pub observed: Map<String, Value>,
    /// How far the figures that this answer rests on can still be trusted, 0 to 1: the least of them; null when none was
    /// ever observed.
    pub confidence: Option<f64>,
    /// The same, group by group; null where never observed.
    #[schema(value_type = Object)]
    pub confidences: Map<String, Value>,
    /// Reports that something is wrong and that wait for their answer.
    pub open_reports: usize,
    /// Nothing that was asked for is unknown.
    pub certain: bool,
    /// What is not known.
    pub doubts: Vec<Doubt>,
    /// `operational` for what only staff may know of; absent on what is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<&'static str>,
    /// The record is invented.
    pub synthetic: bool,
    /// The position in the datums of Chinese map services, for links to them.
    pub positions: Shifted,
}

/// The position in the datums of Chinese map services, `[lon, lat]`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shifted {
    /// GCJ-02 (Amap, Tencent).
    pub gcj02: [f64; 2],
    /// BD-09 (Baidu).
    pub bd09: [f64; 2],
}

/// Something that is not known.
#[derive(Debug, Serialize, ToSchema)]
pub struct Doubt {
    /// Machine-readable reason.
    pub reason: &'static str,
    /// Chinese sentence.
    pub zh: String,
    /// English sentence.
    pub en: String,
}

/// A closer one that does not serve.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refused {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: &'static str,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// Longitude, degrees in the datum of the answer.
    pub lon: f64,
    /// Latitude, degrees in the datum of the answer.
    pub lat: f64,
    /// Geodesic distance, metres.
    pub distance_m: f64,
    /// How long the way takes, seconds; null by air and where there is none.
    pub duration_s: Option<f64>,
    /// How long the way is, metres; null by air and where there is none.
    pub length_m: Option<f64>,
    /// How far off the position may be for its conversion, metres; null where it is exact.
    pub position_uncertainty_m: Option<f64>,
    /// Machine-readable reason.
    pub reason: &'static str,
    /// Why there is no way, where that is the reason: closure, island, off_network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'static str>,
    /// The same as a sentence.
    pub sentence: Sentence,
    /// `operational` for what only staff may know of; absent on what is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<&'static str>,
}

impl NearestAnswer {
    /// Puts an answer into wire form.
    pub fn of(view: &View, rule: &Rule, (request, answer): (&Request, Answer), reasoned: Reasoned) -> Self {
        Self::told(view, rule, (request, answer, None), reasoned)
    }

    /// Puts an answer by road into wire form.
    pub fn by_road(
        view: &View,
        rule: &Rule,
        (request, found, travel): (&Request, NearestByRoad, Travel),
        reasoned: Reasoned,
    ) -> Self {
        let mut answer = Self::told(view, rule, (request, found.answer, Some(travel)), reasoned);
        answer.road = Some(RoadDoc::of(travel, (found.from.as_ref(), found.stuck)));
        answer
    }

    fn told(
        view: &View,
        rule: &Rule,
        (request, answer, travel): (&Request, Answer, Option<Travel>),
        reasoned: Reasoned,
    ) -> Self {
        let world = &*view.world;
        let offered = |offer| offered(view, (rule, request.audience, travel), offer);
        let rejected = match reasoned {
            Reasoned::Yes => answer.rejected.iter().map(|rejection| refused(rejection, travel)).collect(),
            Reasoned::No => Vec::new(),
        };
        Self {
            revision: world.revision_for(request.audience).0,
            method: if travel.is_some() { "road-network" } else { "geodesic-wgs84" },
            by: travel.map_or(AIR, |t| t.profile.word()),
            road: None,
            complete: answer.complete,
            datum: Datum::Wgs84.word(),
            origin_uncertainty_m: None,
            origin: Position {
                lon: request.origin.lon(),
                lat: request.origin.lat(),
                positions: shifted(request.origin),
            },
            answered_at: view.now,
            as_of: view.past.map(PastDoc::from),
            results: answer.offers.into_iter().map(offered).collect(),
            rejected,
            rejected_total: answer.rejected_total,
            limits: NearestLimits { k_max: K_MAX, rejected_max: REJECTED_MAX },
        }
    }
}

fn offered(view: &View, (rule, audience, travel): (&Rule, Audience, Option<Travel>), offer: Offer) -> Offered {
    let (world, now) = (&*view.world, view.now);
    let resource: &Resource = &offer.row.value;
    let voices = world.voices(audience, &resource.id);
    let seen = freshness::seen(resource, &voices, rule, now);
    let shelter = resource.shelter();
    let position = resource.place.position;
    let road = travel.zip(offer.road).map(|(travel, cost)| travel.told(cost));
    Offered {
        id: resource.id.to_string(),
        code: resource.code.clone(),
        kind: resource.kind().word(),
        name: resource.name.zh.clone(),
        name_en: resource.name.en.clone(),
        lon: position.lon(),
        lat: position.lat(),
        distance_m: offer.distance_m,
        duration_s: road.map(|(duration_s, _)| duration_s),
        length_m: road.map(|(_, length_m)| length_m),
        position_uncertainty_m: uncertainty_m(resource.place.declared.as_ref()),
        free_places: shelter.and_then(Shelter::free_places),
        capacity: shelter.and_then(|s| s.capacity.persons()),
        capacity_quality: shelter.map(|s| s.capacity.quality().word()),
        occupancy_quality: shelter.map(|s| if s.occupancy.occupied.is_some() { "reported" } else { "unreported" }),
        status: shelter.and_then(|s| s.status).map(|s| s.word()),
        level: resource.level.map(|l| l.word()),
        division: resource.division.as_ref().map(ToString::to_string),
        division_name: view::division_name(world, resource),
        address: resource.address.clone(),
        lifecycle: resource.lifecycle.word(),
        accessible: shelter.and_then(|s| s.accessible),
        pets: shelter.and_then(|s| s.pets),
        hazards: shelter.and_then(|s| s.hazards.as_ref()).map(|all| all.iter().map(|h| h.word()).collect()),
        readiness: resource.team().and_then(|t| t.readiness).map(|r| r.word()),
        observed_at: resource.rests_on(),
        age_s: view::age_s(resource, now),
        observed: view::observed(resource),
        confidence: freshness::least(&seen).map(rounded),
        confidences: confidences(&seen),
        open_reports: voices.iter().map(Vec::len).sum(),
        certain: offer.doubts.is_empty(),
        doubts: offer.doubts.iter().map(doubt).collect(),
        visibility: operational(resource),
        synthetic: resource.synthetic,
        positions: shifted(position),
    }
}

fn shifted(position: LonLat) -> Shifted {
    Shifted { gcj02: pair(from_wgs84(Datum::Gcj02, position)), bd09: pair(from_wgs84(Datum::Bd09, position)) }
}

fn refused(rejection: &Rejection, travel: Option<Travel>) -> Refused {
    let resource = &rejection.row.value;
    let road = travel.zip(rejection.road).map(|(travel, cost)| travel.told(cost));
    Refused {
        id: resource.id.to_string(),
        kind: resource.kind().word(),
        name: resource.name.zh.clone(),
        name_en: resource.name.en.clone(),
        lon: resource.place.position.lon(),
        lat: resource.place.position.lat(),
        distance_m: rejection.distance_m,
        duration_s: road.map(|(duration_s, _)| duration_s),
        length_m: road.map(|(_, length_m)| length_m),
        position_uncertainty_m: uncertainty_m(resource.place.declared.as_ref()),
        reason: rejection.reason.word(),
        cause: rejection.reason.cause(),
        sentence: Sentence { zh: rejection.reason.zh(), en: rejection.reason.en() },
        visibility: operational(resource),
    }
}

fn doubt(reason: &Reason) -> Doubt {
    Doubt { reason: reason.word(), zh: reason.zh(), en: reason.en() }
}

fn pair(p: LonLat) -> [f64; 2] {
    [p.lon(), p.lat()]
}
