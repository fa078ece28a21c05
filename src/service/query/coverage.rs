//! Coverage of a world: which sites count, each with its standard; whose people; within which area.
//!
//! The counting and drawing is `analysis::coverage`; here the world is turned into its inputs. What was left out, and
//! why, is told with the answer.

use crate::analysis::coverage::{ByRoad, Coverage, Means, Question, coverage};
use crate::analysis::serving::{Asked, Openness, Reason, Verdict, judge};
use crate::analysis::{Demand, Facility, Watch};
use crate::domain::{Audience, Division, DivisionCode, Footprint, Hazard, Kind, Level, Resource, Revision, Shelter};
use crate::exchange::geometry::write_area;
use crate::network::hierarchy::{Customized, Ways};
use crate::network::{Costs, Snap, Stops};
use crate::service::query::items::Filter;
use crate::service::roads::{Present, Travel};
use crate::service::{App, Error};
use crate::spatial::area::TOLERANCE_M;
use crate::world::{Kept, World};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longest time one question may take; then the gap is withheld, or the question is given up.
const WITHIN: Duration = Duration::from_secs(45);

/// Longest standard, metres.
pub const STANDARD_MAX_M: f64 = 200_000.0;

/// Longest standard, seconds: a day.
pub const STANDARD_MAX_S: f64 = 86_400.0;

/// How far a site of a level serves: `distance_m` or, by road, `seconds`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standard {
    /// Level: city, district, town, village.
    pub level: Level,
    /// How far.
    #[serde(flatten)]
    pub limit: Limit,
}

/// How far a site serves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Limit {
    /// Service distance, metres.
    #[serde(rename = "distance_m")]
    Metres(f64),
    /// Time on the way, seconds.
    #[serde(rename = "seconds")]
    Seconds(f64),
}

impl Limit {
    /// Returns the number, metres or seconds.
    pub const fn number(self) -> f64 {
        match self {
            Self::Metres(n) | Self::Seconds(n) => n,
        }
    }
}

#[derive(Deserialize)]
struct Defaults {
    default_standards: Vec<Standard>,
    default_standards_note: Note,
}

#[derive(Deserialize)]
struct Note {
    zh: String,
    en: String,
}

static DEFAULTS: LazyLock<Defaults> = LazyLock::new(|| {
    let text = include_str!("../../../data/reference/standards.json");
    // The file is part of the program; a test reads it, so that a bad one never ships.
    serde_json::from_str(text).expect("data/reference/standards.json is well-formed")
});

/// Returns the standards offered when nobody has set any, and what they are worth, in Chinese and English.
pub fn default_standards() -> (Vec<Standard>, (String, String)) {
    let note = &DEFAULTS.default_standards_note;
    (DEFAULTS.default_standards.clone(), (note.zh.clone(), note.en.clone()))
}

/// Which sites count by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapacityRule {
    /// Fewest free places.
    pub min_free_places: u32,
    /// Whether a site of unknown capacity counts.
    pub unknown: UnknownCapacity,
}

/// Whether a site of unknown capacity counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownCapacity {
    /// It does.
    Count,
    /// It does not.
    #[default]
    Skip,
}

/// A coverage question.
#[derive(Debug, Clone)]
pub struct Request {
    /// Kinds that count.
    pub kinds: Vec<Kind>,
    /// How far each level serves; a level without a standard does not count. All are lengths, or all are times.
    pub standards: Vec<Standard>,
    /// How people travel; `None`: in a straight line.
    pub travel: Option<Travel>,
    /// Division to look at; `None` is everything.
    pub division: Option<DivisionCode>,
    /// The event; sites that do not surely suit it do not count.
    pub hazard: Option<Hazard>,
    /// Whether only open ones count. Coverage is about where sites are, so one that is full or closing today counts by
    /// all else ([`Openness::AnyDay`]), unless it is asked who is served now.
    pub openness: Openness,
    /// Which sites count by their places.
    pub capacity_rule: Option<CapacityRule>,
    /// Whose eyes the answer is for.
    pub audience: Audience,
}

impl Request {
    /// The question that is asked when nobody has said how: all shelters, the default standards.
    fn by_default() -> Self {
        Self {
            kinds: vec![Kind::Shelter],
            standards: default_standards().0,
            travel: None,
            division: None,
            hazard: None,
            openness: Openness::AnyDay,
            capacity_rule: None,
            audience: Audience::Public,
        }
    }
}

/// What was found, with the rows that its indexes name.
#[derive(Debug)]
pub struct Found {
    /// Revision of the world, as the audience is told it.
    pub revision: Revision,
    /// The question.
    pub request: Request,
    /// The finding.
    pub coverage: Coverage,
    /// Divisions in the order of the finding.
    pub divisions: Vec<Kept<Division>>,
    /// Facilities in the order of the finding.
    pub facilities: Vec<Kept<Resource>>,
    /// Resources that did not count, by reason.
    pub left_out: BTreeMap<&'static str, usize>,
}

impl Found {
    /// Returns the parts of the gap that a filter lets through as GeoJSON features, in order of id.
    pub fn features(&self, filter: &Filter) -> Vec<Value> {
        let Ok(gap) = &self.coverage.gap else { return Vec::new() };
        let uncovered = |part: usize| {
            let here = self.coverage.largest_gaps.iter().filter(|g| g.part == Some(part));
            let known = self.coverage.population.points > 0;
            known.then(|| here.map(|g| g.uncovered).sum::<crate::domain::Population>())
        };
        let feature = |(part, polygon): (usize, &geo_types::Polygon<f64>)| {
            let area = Footprint::new(vec![polygon.clone()]);
            json!({
                "type": "Feature", "id": format!("gap-{part:05}"), "geometry": write_area(&area),
                "properties": {
                    "part": part, "area_m2": crate::spatial::area::area_m2(&area),
                    "uncovered_in_largest": uncovered(part), "method": self.coverage.method,
                },
            })
        };
        let touched = |polygon: &geo_types::Polygon<f64>| filter.touches_area(&Footprint::new(vec![polygon.clone()]));
        gap.area.0.iter().enumerate().filter(|(_, polygon)| touched(polygon)).map(feature).collect()
    }
}

/// The answer to the default question, kept for one public revision.
#[derive(Default)]
pub struct GapCache {
    found: Mutex<Option<Arc<Found>>>,
    /// Held by whoever works it out, so that a crowd works it out once.
    working: tokio::sync::Mutex<()>,
}

impl GapCache {
    fn at(&self, revision: Revision) -> Option<Arc<Found>> {
        let kept = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kept.filter(|found| found.revision == revision)
    }
}

/// Returns the coverage gap of the present world under the default standards, as the public sees it.
pub async fn latest_gap(app: &Arc<App>) -> Result<Arc<Found>, Error> {
    let now = || app.world().revision_for(Audience::Public);
    if let Some(found) = app.gap.at(now()) {
        return Ok(found);
    }
    let _working = app.gap.working.lock().await;
    if let Some(found) = app.gap.at(now()) {
        return Ok(found);
    }
    let found = Arc::new(run(app, Request::by_default()).await?);
    *app.gap.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
    Ok(found)
}

/// Returns the same gap in another world than the present one.
pub async fn gap_of(world: Arc<World>) -> Result<Arc<Found>, Error> {
    run_in(Present::of(world), Request::by_default()).await.map(Arc::new)
}

/// Answers a question about the present within [`WITHIN`].
pub async fn run(app: &Arc<App>, request: Request) -> Result<Found, Error> {
    run_in(app.present(), request).await
}

/// Answers a question about a world and its roads within [`WITHIN`].
async fn run_in(present: Present, request: Request) -> Result<Found, Error> {
    tokio::task::spawn_blocking(move || find_in_time(&present, request)).await.map_err(Error::internal)?
}

/// Answers a question about a world and its roads within [`WITHIN`], on this thread.
pub fn find_in_time(present: &Present, request: Request) -> Result<Found, Error> {
    let deadline = Instant::now() + WITHIN;
    let watch = move |_, _| if Instant::now() < deadline { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    find(present, request, &watch)
}

/// Answers a question; the watch is told of progress and may stop it.
pub fn find(present: &Present, request: Request, watch: &Watch<'_>) -> Result<Found, Error> {
    let world = &present.world;
    let (facilities, left_out) = facilities(world, &request);
    let divisions = reported(world, request.division.as_ref());
    let study_area = study_area(world, request.division.as_ref())?;
    let coverage = {
        let serving: Vec<Facility<'_>> = facilities.iter().map(|row| facility(row, &request.standards)).collect();
        let values: Vec<&Division> = divisions.iter().map(|row| &*row.value).collect();
        let people = demand(world, request.division.as_ref(), &divisions);
        let on_roads =
            request.travel.map(|travel| OnRoads::of(present, travel, (&facilities, &people, &request))).transpose()?;
        coverage(
            &Question {
                facilities: &serving,
                demand: &people,
                divisions: &values,
                study_area: &study_area,
                tolerance_m: TOLERANCE_M,
                means: on_roads.as_ref().map_or(Means::Air, OnRoads::means),
            },
            watch,
        )
    };
    let coverage = coverage.map_err(|stopped| Error::TooLarge {
        zh: format!("计算超时（{}/{}）；请缩小到某个街镇后重试", stopped.done, stopped.total),
        en: format!("took too long ({} of {}); ask about one division", stopped.done, stopped.total),
    })?;
    let revision = world.revision_for(request.audience);
    Ok(Found { revision, request, coverage, divisions, facilities, left_out })
}

/// Facilities and people brought to the roads.
struct OnRoads<'a> {
    costs: Costs<'a>,
    fast: Option<Arc<Customized>>,
    facilities: Vec<Option<Snap>>,
    most: Vec<u32>,
    demand: Stops,
}

impl<'a> OnRoads<'a> {
    fn of(
        present: &'a Present,
        travel: Travel,
        (facilities, people, request): (&[Kept<Resource>], &[Demand], &Request),
    ) -> Result<Self, Error> {
        let roads = present.roads.as_deref().ok_or(Error::NoNetwork)?;
        let placed = |position| roads.placed(travel.profile, position);
        let limit = |row: &Kept<Resource>| standard(&request.standards, row.value.level).map_or(0.0, Limit::number);
        Ok(Self {
            costs: present.costs(roads, travel),
            fast: roads.fast(present, travel),
            facilities: facilities.par_iter().map(|row| placed(row.value.place.position)).collect(),
            most: facilities.iter().map(|row| travel.most(limit(row))).collect(),
            demand: Stops::new(people.par_iter().map(|point| placed(point.position)).collect()),
        })
    }

    fn means(&self) -> Means<'_> {
        let Self { costs, fast, facilities, most, demand } = self;
        Means::Road(ByRoad { ways: Ways::new(*costs, fast.as_deref()), facilities, most, demand })
    }
}

fn facility<'a>(row: &'a Kept<Resource>, standards: &[Standard]) -> Facility<'a> {
    let standard_m = standard(standards, row.value.level).map_or(0.0, Limit::number);
    Facility { id: &row.value.id, place: &row.value.place, standard_m }
}

fn standard(standards: &[Standard], level: Option<Level>) -> Option<Limit> {
    standards.iter().find(|s| Some(s.level) == level).map(|s| s.limit)
}

/// Returns the resources that count, and how many do not, by reason.
fn facilities(world: &World, request: &Request) -> (Vec<Kept<Resource>>, BTreeMap<&'static str, usize>) {
    let (mut counted, mut left_out) = (Vec::new(), BTreeMap::new());
    for kind in &request.kinds {
        for row in world.of_kind(request.audience, *kind, None) {
            match refusal(&row.value, request) {
                None => counted.push(row.clone()),
                Some(reason) => *left_out.entry(reason).or_insert(0) += 1,
            }
        }
    }
    counted.sort_by(|a, b| a.value.id.cmp(&b.value.id));
    (counted, left_out)
}

fn refusal(resource: &Resource, request: &Request) -> Option<&'static str> {
    let asked = Asked { party: None, hazard: request.hazard, needs: Vec::new(), openness: request.openness };
    match judge(resource, &asked) {
        Verdict::Refused(reason) => return Some(reason.word()),
        Verdict::Doubtful(reasons) => return reasons.first().map(Reason::word),
        Verdict::Serves => {}
    }
    if resource.level.is_none() {
        return Some("level_unknown");
    }
    if standard(&request.standards, resource.level).is_none() {
        return Some("no_standard_for_level");
    }
    request.capacity_rule.and_then(|rule| too_small(resource.shelter()?, rule))
}

fn too_small(shelter: &Shelter, rule: CapacityRule) -> Option<&'static str> {
    match shelter.free_places() {
        Some(free) if free < rule.min_free_places => Some("not_enough_places"),
        None if rule.unknown == UnknownCapacity::Skip => Some("capacity_unknown"),
        _ => None,
    }
}

/// Returns the divisions to report: the towns within the scope, or the districts where there are no towns.
fn reported(world: &World, scope: Option<&DivisionCode>) -> Vec<Kept<Division>> {
    let within = |row: &&Kept<Division>| scope.is_none_or(|s| s.contains(&row.value.code));
    let at = |level: Level| world.divisions().filter(within).filter(|row| row.value.level == level).cloned().collect();
    let towns: Vec<_> = at(Level::Town);
    if towns.is_empty() { at(Level::District) } else { towns }
}

/// Returns the area to draw the gap in: that of the scope, or those of the highest level that has any.
fn study_area(world: &World, scope: Option<&DivisionCode>) -> Result<Footprint, Error> {
    if let Some(code) = scope {
        let division = world.division(code).ok_or_else(|| Error::not_found(format!("division {code}")))?;
        return Ok(division.value.area.clone().unwrap_or_else(|| Footprint::new(Vec::new())));
    }
    let with_area = || world.divisions().filter_map(|row| Some((row.value.level, row.value.area.as_ref()?)));
    let top = with_area().map(|(level, _)| level).min();
    let areas: Vec<Footprint> = with_area().filter(|(l, _)| Some(*l) == top).map(|(_, area)| area.clone()).collect();
    Ok(match areas.as_slice() {
        [] => Footprint::new(Vec::new()),
        [one] => one.clone(),
        several => crate::spatial::area::union(several),
    })
}

fn demand(world: &World, scope: Option<&DivisionCode>, divisions: &[Kept<Division>]) -> Vec<Demand> {
    let index: HashMap<&DivisionCode, usize> = divisions.iter().enumerate().map(|(i, d)| (&d.value.code, i)).collect();
    let inside = |town: &Option<DivisionCode>| scope.is_none_or(|s| town.as_ref().is_some_and(|t| s.contains(t)));
    let points = world.settled().iter().filter(|point| inside(&point.town));
    let place = |town: &Option<DivisionCode>| town.as_ref().and_then(|t| index.get(t).copied());
    points.map(|p| Demand { position: p.position, population: p.population, division: place(&p.town) }).collect()
}
