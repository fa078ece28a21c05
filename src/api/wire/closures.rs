//! Closures: the question as a GeoJSON Feature, and the answers.

use super::Sentence;
use crate::domain::{
    Audience, Closure, ClosureCause, Datum, LonLat, Population, Profile, ProfileSet, Revision, Violation,
};
use crate::exchange::geometry::{parse_closure, write_closure};
use crate::network::speeds::fording_cm;
use crate::network::{Centimetres, Millis, points_of};
use crate::service::closures::{DELAY, Effect, Hit, LISTED_MAX, NewClosure, Outcome, length_of};
use crate::service::roads::Present;
use crate::world::Kept;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::cmp::Reverse;
use utoipa::ToSchema;

/// A closure to be made: a GeoJSON Feature. Its `id`, `bbox` and other members that are foreign here mean nothing (RFC 7946,
/// section 6.1): the service names closures. A property that is not known is refused, for it may be a misspelt one.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ClosureBody {
    /// `Feature`.
    #[serde(default)]
    #[schema(required = true)]
    r#type: String,
    /// Point (the nearest road there), LineString or MultiLineString (roads that it runs along, else those that it
    /// crosses; 200 km at most), Polygon or MultiPolygon (roads within), in `datum`.
    #[serde(default)]
    #[schema(value_type = Object, required = true)]
    geometry: Value,
    /// What is said of it.
    #[serde(default)]
    #[schema(required = true)]
    properties: ClosureProperties,
}

/// What is said of a closure.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosureProperties {
    /// foot | wheelchair | car | truck | emergency: who can not pass; default everybody, or with `depth_cm` those for
    /// whom the water is too deep.
    #[serde(default)]
    profiles: Option<Vec<String>>,
    /// flood (default with `depth_cm`) | police | collapse | obstacle | fire | works | crowd | other (default without).
    #[serde(default)]
    cause: Option<String>,
    /// Why, in words, 1–500 characters.
    #[serde(default)]
    #[schema(required = true)]
    reason: String,
    /// Depth of standing water, centimetres.
    #[serde(default)]
    depth_cm: Option<u16>,
    /// From when, RFC 3339; default now.
    #[serde(default)]
    from: Option<DateTime<Utc>>,
    /// Until when; default until it is lifted.
    #[serde(default)]
    to: Option<DateTime<Utc>>,
    /// Who or what it is known from.
    #[serde(default)]
    source: Option<String>,
    /// It is a drill or a demonstration.
    #[serde(default)]
    synthetic: bool,
    /// Datum of the geometry: wgs84 (default) | cgcs2000 | gcj02 | bd09.
    #[serde(default)]
    datum: Option<String>,
    /// Datum of the answer: the same choices.
    #[serde(default)]
    datum_out: Option<String>,
    /// Tell who is delayed by more than this, seconds; default 300.
    #[serde(default)]
    delayed_over_s: Option<f64>,
}

/// Longest source, characters.
const SOURCE_MAX: usize = 200;

impl ClosureBody {
    /// Returns the word for the datum of the answer.
    pub fn datum_out(&self) -> Option<&str> {
        self.properties.datum_out.as_deref()
    }

    /// Returns the closure and the delay that is told, or everything wrong with the body.
    pub fn read(self) -> Result<(NewClosure, Millis), Vec<Violation>> {
        let mut wrong = Vec::new();
        if self.r#type.is_empty() {
            wrong.push(Violation::missing("type"));
        } else if self.r#type != "Feature" {
            wrong.push(Violation::not_a_choice("type", &self.r#type, "Feature"));
        }
        let said = self.properties;
        let datum = said.datum.as_deref().map_or(Ok(Datum::Wgs84), |word| {
            Datum::from_word(word).ok_or_else(|| Violation::not_a_choice("datum", word, &Datum::choices()))
        });
        let shape = datum.and_then(|datum| match self.geometry {
            Value::Null => Err(Violation::missing("geometry")),
            geometry => parse_closure(&geometry, &datum.into()),
        });
        let shape = shape.map_err(|violation| wrong.push(violation)).ok();
        // Whoever tells a depth tells of water, which spares bridges.
        let unsaid = if said.depth_cm.is_some() { ClosureCause::Flood } else { ClosureCause::Other };
        let cause = said.cause.as_deref().map_or(Some(unsaid), |word| {
            let cause = ClosureCause::from_word(word);
            if cause.is_none() {
                wrong.push(Violation::not_a_choice("cause", word, &ClosureCause::choices()));
            }
            cause
        });
        if said.reason.trim().is_empty() {
            wrong.push(Violation::missing("reason"));
        }
        let profiles = profiles(said.profiles.as_deref(), said.depth_cm, &mut wrong);
        if said.source.as_ref().is_some_and(|s| s.chars().count() > SOURCE_MAX || s.chars().any(char::is_control)) {
            let (zh, en) = (
                format!("source 最多 {SOURCE_MAX} 个字符，不含控制字符"),
                format!("source takes at most {SOURCE_MAX} characters, none of them a control character"),
            );
            wrong.push(Violation::new("source", "bad_text", zh, en));
        }
        let delay_s = said.delayed_over_s.unwrap_or_else(|| DELAY.as_seconds());
        if !(0.0..=86_400.0).contains(&delay_s) {
            wrong.push(Violation::out_of_range("delayed_over_s", &delay_s.to_string(), "0…86400"));
        }
        match (shape, cause) {
            (Some(shape), Some(cause)) if wrong.is_empty() => {
                let new = NewClosure {
                    shape,
                    profiles,
                    cause,
                    reason: said.reason.trim().to_owned(),
                    depth_cm: said.depth_cm,
                    from: said.from,
                    to: said.to,
                    source: said.source.map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()),
                    synthetic: said.synthetic,
                };
                Ok((new, Millis::from_seconds(delay_s)))
            }
            _ => Err(wrong),
        }
    }
}

/// Returns who can not pass: those named, or those for whom water is too deep, or everybody.
fn profiles(named: Option<&[String]>, depth_cm: Option<u16>, wrong: &mut Vec<Violation>) -> ProfileSet {
    let Some(named) = named else {
        let Some(depth_cm) = depth_cm else { return ProfileSet::ALL };
        let stopped: ProfileSet = Profile::ALL.iter().copied().filter(|p| fording_cm(*p) < depth_cm).collect();
        if stopped == ProfileSet::NONE {
            wrong.push(Violation::new(
                "depth_cm",
                "passable",
                format!("水深 {depth_cm} 厘米时各类通行方式都还能通过；如仍需封控，请给出 profiles"),
                format!("water {depth_cm} cm deep stops nobody: to close the road all the same, name `profiles`"),
            ));
        }
        return stopped;
    };
    let mut set = ProfileSet::NONE;
    for word in named {
        match Profile::from_word(word) {
            Some(profile) => set = set.with(profile),
            None => wrong.push(Violation::not_a_choice("profiles", word, &Profile::choices())),
        }
    }
    if named.is_empty() {
        wrong.push(Violation::missing("profiles"));
    }
    set
}

/// All closures that are in force or to come: a GeoJSON FeatureCollection.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosuresAnswer {
    /// `FeatureCollection`.
    r#type: &'static str,
    /// Revision of the world.
    revision: u64,
    /// Datum of all coordinates in this answer.
    datum: &'static str,
    /// When it was answered.
    answered_at: DateTime<Utc>,
    /// When the next of them begins or ends: what is closed changes then without anybody's doing.
    next_turn_at: Option<DateTime<Utc>>,
    /// Whether the service has roads to shut.
    has_roads: bool,
    /// The closures.
    features: Vec<ClosureFeature>,
}

/// A closure, a GeoJSON Feature.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosureFeature {
    /// `Feature`.
    r#type: &'static str,
    /// Its name.
    id: String,
    /// Datum of all coordinates in this answer.
    datum: &'static str,
    /// As it was drawn.
    #[schema(value_type = Object)]
    geometry: Value,
    /// What is said of it.
    properties: ClosureDoc,
}

/// What is said of a closure.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosureDoc {
    /// Who can not pass.
    profiles: Vec<&'static str>,
    /// The same in Chinese.
    profiles_zh: Vec<&'static str>,
    /// Why, as a word.
    cause: &'static str,
    /// The same in Chinese.
    cause_zh: &'static str,
    /// Why, in words.
    reason: String,
    /// Depth of standing water, centimetres.
    depth_cm: Option<u16>,
    /// From when.
    from: DateTime<Utc>,
    /// Until when; null: until it is lifted.
    to: Option<DateTime<Utc>>,
    /// Who or what it is known from.
    source: Option<String>,
    /// Division that it lies in; null: in several, or in none.
    division: Option<String>,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// Revision at which it was written.
    revision: u64,
    /// It counts now.
    in_force: bool,
    /// A drill or a demonstration.
    synthetic: bool,
    /// Length of road that it shuts, metres; null while it is not in force, or without roads.
    closed_length_m: Option<f64>,
    /// The roads that it shuts, a MultiLineString; null while it is not in force, or without roads.
    #[schema(value_type = Option<Object>)]
    closed_roads: Option<Value>,
}

impl ClosuresAnswer {
    /// Describes the closures of the present that are in force or to come, in order of name.
    pub fn of(present: &Present, audience: Audience) -> Self {
        let standing = present.world.standing_closures(present.at);
        Self {
            r#type: "FeatureCollection",
            revision: present.world.revision_for(audience).0,
            datum: Datum::Wgs84.word(),
            answered_at: present.at,
            next_turn_at: standing.iter().filter_map(|row| row.value.turns_after(present.at)).min(),
            has_roads: present.roads.is_some(),
            features: standing.into_iter().map(|row| ClosureFeature::of(present, row)).collect(),
        }
    }
}

impl ClosureFeature {
    /// Describes one closure.
    pub fn of(present: &Present, row: &Kept<Closure>) -> Self {
        let closure = &row.value;
        let Revision(revision) = row.revision;
        Self {
            r#type: "Feature",
            id: closure.id.to_string(),
            datum: Datum::Wgs84.word(),
            geometry: write_closure(&closure.shape),
            properties: ClosureDoc {
                profiles: closure.profiles.iter().map(|p| p.word()).collect(),
                profiles_zh: closure.profiles.iter().map(|p| p.zh()).collect(),
                cause: closure.cause.word(),
                cause_zh: closure.cause.zh(),
                reason: closure.reason.clone(),
                depth_cm: closure.depth_cm,
                from: closure.from.unwrap_or(closure.created_at),
                to: closure.to,
                source: closure.source.clone(),
                division: closure.division.as_ref().map(ToString::to_string),
                created_at: closure.created_at,
                revision,
                in_force: closure.is_in_force(present.at) && present.world.closure(&closure.id).is_some(),
                synthetic: closure.synthetic,
                closed_length_m: length_of(present, &closure.id).map(|length| length.as_metres()),
                closed_roads: closed_roads(present, closure),
            },
        }
    }
}

/// How long a road is drawn that is shut at one point of it, metres to either side.
const POINT_DRAWN_M: f64 = 1.0;

/// Returns the roads that a closure shuts, as lines; a point of a road as the short piece about it.
fn closed_roads(present: &Present, closure: &Closure) -> Option<Value> {
    use crate::network::{Cost, Leg};
    let roads = present.roads.as_ref()?;
    let lines = present.shut.parts_of(&closure.id)?.iter().map(|part| {
        let (mut from, mut to) = (part.span.from, part.span.to);
        if from == to {
            let beside = Centimetres::from_metres(POINT_DRAWN_M);
            from = Centimetres(from.0.saturating_sub(beside.0));
            to = Centimetres(to.0.saturating_add(beside.0)).min(roads.graph.length(part.edge));
        }
        let leg = Leg { edge: part.edge, from, to, cost: Cost::default() };
        let points = points_of(&roads.graph, &leg);
        points.into_iter().map(|point| <(f64, f64)>::from(point.position()).into()).collect::<Vec<[f64; 2]>>()
    });
    let lines: Vec<Vec<[f64; 2]>> = lines.filter(|line| line.len() > 1).collect();
    Some(json!({ "type": "MultiLineString", "coordinates": lines }))
}

/// What came of closing or opening roads.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosureAnswer {
    /// The closure.
    #[serde(flatten)]
    feature: ClosureFeature,
    /// Length of road that it shuts, metres; null while it is not in force, or without roads.
    closed_length_m: Option<f64>,
    /// The request is a repetition: nothing was written.
    repeated: bool,
    /// What it cuts off, for those on foot or else the first profile that it stops; null when nothing was worked out.
    cut_off: Option<CutOff>,
    /// Whose way to the nearest shelter becomes longer, for the same profile.
    delayed: Option<HitDoc>,
    /// The same for each profile that it stops. When roads are opened: what is regained.
    effects: Vec<EffectDoc>,
    /// Most demand points and sites that are listed.
    listed_max: usize,
    /// Why nothing was worked out.
    note: Option<Sentence>,
}

/// People and sites that are cut off.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CutOff {
    /// People who could reach a shelter and can not any more.
    #[serde(flatten)]
    people: HitDoc,
    /// Sites that can not be reached from the main part of the roads any more.
    sites: Vec<SiteDoc>,
    /// How many there are.
    sites_total: usize,
}

/// People for whom something changes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HitDoc {
    /// How many.
    #[schema(value_type = f64)]
    people: Population,
    /// By town; null: outside of every town.
    by_town: Vec<TownDoc>,
    /// Demand points, most people first.
    points: Vec<PointDoc>,
    /// How many demand points there are.
    points_total: usize,
}

/// People of a town.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TownDoc {
    /// Code of the town.
    division: Option<String>,
    /// Its name.
    name: Option<String>,
    /// How many.
    #[schema(value_type = f64)]
    people: Population,
}

/// People of a demand point.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PointDoc {
    /// Longitude, degrees.
    lon: f64,
    /// Latitude, degrees.
    lat: f64,
    /// How many.
    #[schema(value_type = f64)]
    people: Population,
    /// Town.
    division: Option<String>,
    /// What the way to the nearest shelter took before, seconds.
    before_s: f64,
    /// What it takes after; null: there is none.
    after_s: Option<f64>,
}

/// A site that is cut off.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SiteDoc {
    /// Id.
    id: String,
    /// Kind.
    kind: &'static str,
    /// Chinese name.
    name: String,
    /// Longitude, degrees.
    lon: f64,
    /// Latitude, degrees.
    lat: f64,
}

/// What changes for a profile.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EffectDoc {
    /// Profile.
    profile: &'static str,
    /// The same in Chinese.
    profile_zh: &'static str,
    /// People and sites that are cut off.
    cut_off: CutOff,
    /// People whose way becomes longer.
    delayed: HitDoc,
}

impl ClosureAnswer {
    /// Describes what came of it.
    pub fn of(outcome: &Outcome) -> Self {
        let Outcome { closure, effects, length, repeated, present } = outcome;
        let effects: Vec<EffectDoc> = effects.iter().map(|effect| EffectDoc::of(present, effect)).collect();
        let first = effects.first();
        Self {
            feature: ClosureFeature::of(present, closure),
            closed_length_m: length.map(|length| length.as_metres()),
            repeated: *repeated,
            cut_off: first.map(|effect| effect.cut_off.clone()),
            delayed: first.map(|effect| effect.delayed.clone()),
            listed_max: LISTED_MAX,
            note: effects.is_empty().then(|| why_none(outcome)),
            effects,
        }
    }
}

fn why_none(outcome: &Outcome) -> Sentence {
    let lifted = outcome.repeated && outcome.present.world.closure(&outcome.closure.value.id).is_none();
    let (zh, en) = match (&outcome.present.roads, outcome.repeated) {
        _ if lifted => (
            "重复请求：该封控已建立，其后已解除；再次封控请换一个 Idempotency-Key",
            "a repetition: the closure was made, and has been lifted since; to close the road again, use another Idempotency-Key",
        ),
        (None, _) => ("服务未装入路网，无法计算影响", "the service has no roads: what it does can not be worked out"),
        (_, true) => ("重复请求：封控已存在", "a repetition: the closure is there already"),
        _ => ("目前不在生效时间内", "it is not in force now"),
    };
    Sentence { zh: zh.to_owned(), en: en.to_owned() }
}

impl EffectDoc {
    fn of(present: &Present, effect: &Effect) -> Self {
        let sites = effect.sites.iter().map(|row| {
            let (lon, lat) = row.value.place.position.into();
            let (id, kind) = (row.value.id.to_string(), row.value.kind().word());
            SiteDoc { id, kind, name: row.value.name.zh.clone(), lon, lat }
        });
        Self {
            profile: effect.profile.word(),
            profile_zh: effect.profile.zh(),
            cut_off: CutOff {
                people: hit(present, &effect.cut_off),
                sites: sites.collect(),
                sites_total: effect.sites_total,
            },
            delayed: hit(present, &effect.delayed),
        }
    }
}

fn hit(present: &Present, hit: &Hit) -> HitDoc {
    let name = |code: &crate::domain::DivisionCode| present.world.division(code).map(|row| row.value.name.clone());
    let town = |(code, people): (&Option<crate::domain::DivisionCode>, &Population)| TownDoc {
        division: code.as_ref().map(ToString::to_string),
        name: code.as_ref().and_then(name),
        people: *people,
    };
    let mut by_town: Vec<TownDoc> = hit.by_town.iter().map(town).collect();
    by_town.sort_by_key(|town| Reverse(town.people));
    let points = hit.points.iter().map(|point| {
        let (lon, lat) = LonLat::into(point.position);
        PointDoc {
            lon,
            lat,
            people: point.people,
            division: point.town.as_ref().map(ToString::to_string),
            before_s: point.before.time.as_seconds(),
            after_s: point.after.map(|cost| cost.time.as_seconds()),
        }
    });
    HitDoc { people: hit.people, by_town, points: points.collect(), points_total: hit.points_total }
}
