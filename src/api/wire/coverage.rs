//! Coverage question and answer.

use super::roads::AIR;
use super::{Sentence, kinds, moment};
use crate::analysis::Withheld;
use crate::analysis::coverage::Split;
use crate::analysis::serving::Openness;
use crate::api::travel::TravelWords;
use crate::domain::{Audience, DivisionCode, Hazard, Kind, Level, Population, Violation};
use crate::exchange::geometry::write_area;
use crate::network::Metric;
use crate::service::Error;
use crate::service::history::Moment;
use crate::service::query::coverage::{
    CapacityRule, Found, Limit, Request, STANDARD_MAX_M, STANDARD_MAX_S, Standard, UnknownCapacity, default_standards,
};
use crate::service::roads::Travel;
use crate::spatial::area::Refused;
use geo_types::Polygon;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A coverage question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageBody {
    /// Kinds that count; default `["shelter"]`.
    #[serde(default)]
    kinds: Option<Vec<String>>,
    /// How the way is measured: air (default) | foot | wheelchair | car | truck | emergency, from the people to the site.
    #[serde(default)]
    by: Option<String>,
    /// By road: rain | night | crowd.
    #[serde(default)]
    conditions: Vec<String>,
    /// By road: a factor of your own on all durations.
    #[serde(default)]
    time_factor: Option<f64>,
    /// How far each level serves; default those of `/api/meta`, which are unverified.
    #[serde(default)]
    standards: Option<Vec<StandardBody>>,
    /// Division to look at; default everything.
    #[serde(default)]
    division: Option<String>,
    /// The event; sites that do not surely suit it do not count.
    #[serde(default)]
    hazard: Option<String>,
    /// Only sites that are open now count.
    #[serde(default)]
    open: Option<bool>,
    /// Which sites count by their places.
    #[serde(default)]
    capacity_rule: Option<CapacityRuleBody>,
    /// Datum of the answer: wgs84 (default) | cgcs2000 | gcj02 | bd09.
    #[serde(default)]
    pub datum: Option<String>,
    /// The past to ask about: a revision, as a number or as text, or an RFC 3339 time.
    #[schema(value_type = Option<String>)]
    as_of: Option<Value>,
}

/// How far sites of a level serve.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StandardBody {
    /// city | district | town | village.
    #[serde(default)]
    #[schema(required = true)]
    level: String,
    /// Metres: in a straight line or, with `by`, on the road.
    #[serde(default)]
    distance_m: Option<f64>,
    /// Seconds on the way; only with `by`, and then for every level.
    #[serde(default)]
    seconds: Option<f64>,
}

/// Which sites count by their places.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityRuleBody {
    /// Fewest free places.
    min_free_places: u32,
    /// `skip` (default) or `count`: sites of unknown capacity.
    #[serde(default)]
    unknown: Option<String>,
}

impl CoverageBody {
    /// Returns the past that is asked about.
    pub fn moment(&self) -> Result<Option<Moment>, Error> {
        moment(self.as_of.as_ref())
    }

    /// Returns the question, or everything wrong with it.
    pub fn read(self, audience: Audience) -> Result<Request, Vec<Violation>> {
        let mut wrong = Vec::new();
        let standards = standards(self.standards, &mut wrong);
        let words =
            TravelWords { by: self.by, metric: None, conditions: self.conditions, time_factor: self.time_factor };
        let travel = words.by_road().map_err(|more| wrong.extend(more)).ok().flatten();
        let travel = one_measure(travel, &standards, &mut wrong);
        let request = Request {
            kinds: kinds(self.kinds, &[Kind::Shelter], &mut wrong),
            standards,
            travel,
            division: self.division.and_then(|code| kept(DivisionCode::parse(&code), &mut wrong)),
            hazard: self.hazard.and_then(|word| {
                let known = Hazard::from_word(&word);
                kept(known.ok_or_else(|| Violation::not_a_choice("hazard", &word, &Hazard::choices())), &mut wrong)
            }),
            openness: if self.open == Some(true) { Openness::OpenNow } else { Openness::AnyDay },
            capacity_rule: self.capacity_rule.and_then(|rule| kept(rule.read(), &mut wrong)),
            audience,
        };
        if wrong.is_empty() { Ok(request) } else { Err(wrong) }
    }
}

impl CapacityRuleBody {
    fn read(self) -> Result<CapacityRule, Violation> {
        let unknown = match self.unknown.as_deref() {
            None | Some("skip") => UnknownCapacity::Skip,
            Some("count") => UnknownCapacity::Count,
            Some(other) => return Err(Violation::not_a_choice("capacity_rule.unknown", other, "skip, count")),
        };
        Ok(CapacityRule { min_free_places: self.min_free_places, unknown })
    }
}

fn kept<T>(read: Result<T, Violation>, wrong: &mut Vec<Violation>) -> Option<T> {
    read.map_err(|violation| wrong.push(violation)).ok()
}

/// Returns the travel with the metric of the standards, which must be all lengths or, by road, all times.
fn one_measure(travel: Option<Travel>, standards: &[Standard], wrong: &mut Vec<Violation>) -> Option<Travel> {
    let timed = standards.iter().filter(|s| matches!(s.limit, Limit::Seconds(_))).count();
    if timed > 0 && (travel.is_none() || timed < standards.len()) {
        wrong.push(Violation::new(
            "standards",
            "mixed_measures",
            "seconds 只用于道路（by），且各级须同用 seconds 或同用 distance_m",
            "seconds go with a way by road (`by`), and all levels take seconds or all take distance_m",
        ));
    }
    let metric = if timed > 0 { Metric::Time } else { Metric::Length };
    travel.map(|travel| Travel { metric, ..travel })
}

fn standards(given: Option<Vec<StandardBody>>, wrong: &mut Vec<Violation>) -> Vec<Standard> {
    let Some(given) = given else { return default_standards().0 };
    if given.is_empty() {
        wrong.push(Violation::missing("standards"));
    }
    let mut read: Vec<Standard> = Vec::new();
    for (i, StandardBody { level, distance_m, seconds }) in given.into_iter().enumerate() {
        let field = |name: &str| format!("standards[{i}].{name}");
        let (limit, name, most) = match (distance_m, seconds) {
            (Some(_), Some(_)) => {
                let (zh, en) = ("distance_m 与 seconds 只取其一", "give distance_m or seconds, not both");
                wrong.push(Violation::new(field("seconds"), "either_or", zh, en));
                continue;
            }
            (None, None) => {
                let zh = "请给出 distance_m（米），或按路网时给出 seconds（秒）";
                let en = "give distance_m or, by road, seconds";
                wrong.push(Violation::new(field("distance_m"), "missing", zh, en));
                continue;
            }
            (Some(metres), None) => (Limit::Metres(metres), "distance_m", STANDARD_MAX_M),
            (None, Some(seconds)) => (Limit::Seconds(seconds), "seconds", STANDARD_MAX_S),
        };
        if !(limit.number() > 0.0 && limit.number() <= most) {
            let unit = if name == "seconds" { "s" } else { "m" };
            let range = format!("0 < {unit} ≤ {most}");
            wrong.push(Violation::out_of_range(&field(name), &limit.number().to_string(), &range));
        }
        match Level::from_word(&level) {
            None if level.is_empty() => wrong.push(Violation::missing(&field("level"))),
            None => wrong.push(Violation::not_a_choice(&field("level"), &level, &Level::choices())),
            Some(level) if read.iter().any(|s| s.level == level) => wrong.push(Violation::new(
                field("level"),
                "repeated",
                format!("{} 的标准重复", level.zh()),
                format!("the standard of {} is given twice", level.en()),
            )),
            Some(level) => read.push(Standard { level, limit }),
        }
    }
    read
}

/// Who is covered, who is not, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageAnswer {
    /// Revision of the world that answered.
    pub revision: u64,
    /// How it was worked out.
    pub method: &'static str,
    /// The gap was drawn to its end; people are always counted to the last.
    pub complete: bool,
    /// Why the gap was not drawn.
    pub gap_withheld: Option<Sentence>,
    /// The question as it was understood.
    #[schema(value_type = Object)]
    pub parameters: Value,
    /// Sites that counted.
    pub facilities: usize,
    /// Sites that did not count, by reason.
    pub left_out: BTreeMap<&'static str, usize>,
    /// Demand points over which people are counted.
    pub demand_points: usize,
    /// Why people are null: no demand point, so nobody has said who lives there.
    pub population_note: Option<Sentence>,
    /// People in all.
    pub population: SplitDoc,
    /// People covered by no site, by one, by two or more.
    pub multiplicity: Vec<TimesDoc>,
    /// People by division.
    pub divisions: Vec<DivisionSplit>,
    /// People outside of every division.
    pub outside: SplitDoc,
    /// The uncovered area, MultiPolygon, WGS84.
    #[schema(value_type = Object)]
    pub gap: Value,
    /// Its size, square metres.
    pub gap_area_m2: Option<f64>,
    /// How far the drawn gap may exceed the true one along its edge, metres.
    pub gap_tolerance_m: Option<f64>,
    /// Size of the area looked at, square metres.
    pub area_m2: Option<f64>,
    /// Where most uncovered people are, most first.
    pub largest_gaps: Vec<LargestGapDoc>,
}

/// People, parted by whether they are covered; null where no demand point says who lives there.
#[derive(Debug, Serialize, ToSchema)]
pub struct SplitDoc {
    /// All.
    #[schema(value_type = Option<f64>)]
    pub total: Option<Population>,
    /// Covered.
    #[schema(value_type = Option<f64>)]
    pub covered: Option<Population>,
    /// Not covered.
    #[schema(value_type = Option<f64>)]
    pub uncovered: Option<Population>,
}

/// People covered so many times.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimesDoc {
    /// `0`, `1`, `2+`.
    pub times: &'static str,
    /// People; null without demand points.
    #[schema(value_type = Option<f64>)]
    pub population: Option<Population>,
}

/// People of a division.
#[derive(Debug, Serialize, ToSchema)]
pub struct DivisionSplit {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// People.
    #[serde(flatten)]
    pub people: SplitDoc,
}

/// Uncovered people of one division within one part of the gap.
#[derive(Debug, Serialize, ToSchema)]
pub struct LargestGapDoc {
    /// 1 is the largest.
    pub rank: usize,
    /// Division code.
    pub division: Option<String>,
    /// Division name.
    pub division_name: Option<String>,
    /// English name of the division.
    pub division_name_en: Option<String>,
    /// Uncovered people.
    #[schema(value_type = f64)]
    pub uncovered: Population,
    /// Size of the part within the division, square metres.
    pub area_m2: Option<f64>,
    /// Longitude of the demand point in the middle of those people.
    pub lon: f64,
    /// Latitude of it.
    pub lat: f64,
    /// The nearest site that counts.
    pub nearest: Option<NearestSite>,
}

/// A site and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct NearestSite {
    /// Id.
    pub id: String,
    /// Chinese name.
    pub name: String,
    /// Geodesic distance, metres.
    pub distance_m: f64,
}

impl SplitDoc {
    /// The sums, where they rest on something: unknown is not zero.
    fn of(split: Split, known: bool) -> Self {
        let told = |people| known.then_some(people);
        Self { total: told(split.total), covered: told(split.covered), uncovered: told(split.uncovered) }
    }
}

impl CoverageAnswer {
    /// Puts a finding into wire form.
    pub fn of(found: &Found) -> Self {
        let coverage = &found.coverage;
        let divisions = found.divisions.iter().zip(&coverage.divisions).map(|(row, split)| DivisionSplit {
            code: row.value.code.to_string(),
            name: row.value.name.clone(),
            name_en: row.value.name_en.clone(),
            people: SplitDoc::of(*split, split.points > 0),
        });
        let (gap, known) = (coverage.gap.as_ref().ok(), coverage.population.points > 0);
        Self {
            revision: found.revision.0,
            method: coverage.method,
            complete: coverage.complete,
            gap_withheld: coverage.gap.as_ref().err().map(|why| withheld(found, why)),
            parameters: parameters(&found.request),
            facilities: found.facilities.len(),
            left_out: found.left_out.clone(),
            demand_points: coverage.population.points,
            population_note: (!known).then(no_demand),
            population: SplitDoc::of(coverage.population, known),
            multiplicity: ["0", "1", "2+"]
                .into_iter()
                .zip(coverage.multiplicity)
                .map(|(times, people)| TimesDoc { times, population: known.then_some(people) })
                .collect(),
            divisions: divisions.collect(),
            // Where anybody is counted, that nobody is counted outside is known.
            outside: SplitDoc::of(coverage.outside, known),
            gap: multipolygon(gap.map_or(&[], |g| g.area.0.as_slice())),
            // An empty sum of areas may be −0.
            gap_area_m2: gap.map(|g| g.area_m2 + 0.0),
            gap_tolerance_m: gap.map(|g| g.tolerance_m),
            area_m2: coverage.area_m2,
            largest_gaps: (0..coverage.largest_gaps.len()).map(|i| largest(found, i)).collect(),
        }
    }
}

fn withheld(found: &Found, why: &Withheld) -> Sentence {
    let (zh, en) = match why {
        Withheld::NoStudyArea => (
            "没有区划边界，无处可画；请先导入：bihu import FILE --kind division".to_owned(),
            "there is no division with an area to draw it in; import some: bihu import FILE --kind division".to_owned(),
        ),
        Withheld::Stopped => {
            ("计算超时；请缩小到某个街镇".to_owned(), "it took too long; ask about one division".to_owned())
        }
        Withheld::Buffer { facility, reason } => {
            let site = found.facilities.get(*facility).map_or("?", |row| row.value.name.zh.as_str());
            (format!("{site}的服务范围无法绘制：{}", refused_zh(reason)), format!("the reach of {site}: {reason}"))
        }
    };
    Sentence { zh, en }
}

const fn refused_zh(reason: &Refused) -> &'static str {
    match reason {
        Refused::BadRadius => "服务距离无效",
        Refused::NearPole => "离极点太近",
        Refused::TooWide => "面太大，无法按此精度绘制",
    }
}

fn no_demand() -> Sentence {
    Sentence {
        zh: "没有需求点（人口），无法判断谁被覆盖；请先导入：bihu import FILE --kind demand".to_owned(),
        en: "there are no demand points (people), so it can not be said who is covered; import some: bihu import FILE --kind demand".to_owned(),
    }
}

fn largest(found: &Found, at: usize) -> LargestGapDoc {
    let gap = &found.coverage.largest_gaps[at];
    let division = gap.division.map(|i| &found.divisions[i].value);
    LargestGapDoc {
        rank: at + 1,
        division: division.map(|d| d.code.to_string()),
        division_name: division.map(|d| d.name.clone()),
        division_name_en: division.and_then(|d| d.name_en.clone()),
        uncovered: gap.uncovered,
        area_m2: gap.area_m2,
        lon: gap.representative.lon(),
        lat: gap.representative.lat(),
        nearest: gap.nearest.map(|(i, distance_m)| {
            let resource = &found.facilities[i].value;
            NearestSite { id: resource.id.to_string(), name: resource.name.zh.clone(), distance_m }
        }),
    }
}

/// The gap is always a MultiPolygon, also of one part or none.
fn multipolygon(parts: &[Polygon<f64>]) -> Value {
    let one = |p: &Polygon<f64>| write_area(&geo_types::MultiPolygon::new(vec![p.clone()]))["coordinates"].take();
    json!({ "type": "MultiPolygon", "coordinates": parts.iter().map(one).collect::<Vec<_>>() })
}

fn parameters(request: &Request) -> Value {
    json!({
        "kinds": request.kinds,
        "by": request.travel.map_or(AIR, |travel| travel.profile.word()),
        "time_factor": request.travel.map(|travel| travel.slowdown.factor()),
        "standards": request.standards,
        "division": request.division,
        "hazard": request.hazard,
        "open": request.openness == Openness::OpenNow,
        "capacity_rule": request.capacity_rule.map(|rule| json!({
            "min_free_places": rule.min_free_places,
            "unknown": if rule.unknown == UnknownCapacity::Count { "count" } else { "skip" },
        })),
    })
}
