//! Is a file really in the coordinate system it was declared in? Asked before anything is written.
//!
//! Gathers what the world knows of each row (the same site, the division claimed) and lets
//! [`crate::analysis::datum_evidence`] weigh it. Invariant: an import is stopped only on evidence that decides; the answer
//! names the way out, and an override stands in the journal.

use crate::analysis::datum_evidence::{
    Basis, Claim, Figures, Ground, Judgement, Order, Row, Verdict, plausible, weigh,
};
use crate::domain::{Crs, Declared, DemandId, Division, DivisionCode, Kind, Level, LocalGrid, LonLat, ResourceId};
use crate::exchange::{Decoded, Draft, Target};
use crate::spatial::shape::representative_point;
use crate::world::World;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Most rows that evidence is gathered for; of more, as many are taken at even steps.
const ROWS_MAX: usize = 4_000;

/// Whether somebody has looked at the evidence and stands by the declared system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DatumCheck {
    /// Nobody has: stop when the evidence decides against it.
    #[default]
    Ask,
    /// Somebody has: go on, and say so in the journal.
    Confirmed,
}

/// What a file was declared to be.
#[derive(Debug, Clone, Copy)]
pub struct Declaration<'a> {
    /// What its rows are.
    pub target: Target,
    /// Its coordinate system.
    pub crs: &'a Crs,
    /// Local grids that it may be in instead.
    pub grids: &'a [LocalGrid],
    /// Whether that was confirmed.
    pub confirmed: DatumCheck,
}

/// Whether the declared coordinate system agrees with what is known.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DatumReport {
    /// Coordinate system declared.
    pub declared: String,
    /// The likeliest one.
    pub likely: String,
    /// In the likeliest reading the two numbers are the other way round.
    pub likely_swapped: bool,
    /// `borne_out`, `not_enough_evidence` or `contradicted`.
    pub judgement: &'static str,
    /// The import stops here: nothing was, or may be, written.
    pub stop: bool,
    /// It would have been stopped, but for a confirmation.
    pub overridden: bool,
    /// How far apart the two systems put the rows, median, metres.
    pub shift_m: Option<f64>,
    /// Direction from where the declared system puts them to where the likeliest does, degrees clockwise from north.
    pub shift_bearing_deg: Option<f64>,
    /// Probability of the likeliest, 0…1.
    pub confidence: f64,
    /// Rows that speak against the declared system, each by itself.
    pub rows_against: usize,
    /// Rows whose site is known, by code or by name.
    pub rows_known: usize,
    /// Rows that claim a division with an area.
    pub rows_in_division: usize,
    /// Rows held against the outline of the district alone.
    pub rows_in_outline: usize,
    /// Rows weighed.
    pub rows_weighed: usize,
    /// How each system fares, the likeliest first.
    pub hypotheses: Vec<HypothesisDoc>,
    /// What it comes to and the way out, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// How one coordinate system fares.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HypothesisDoc {
    /// Coordinate system.
    pub datum: String,
    /// The two numbers are the other way round.
    pub swapped: bool,
    /// Probability, 0…1.
    pub probability: f64,
    /// Natural logarithm of how many times likelier the rows are than under the declared system.
    pub log_odds: f64,
    /// The part of it that comes from known sites.
    pub log_odds_known: f64,
    /// The part that comes from divisions.
    pub log_odds_divisions: f64,
    /// The part that comes from the outline of the district.
    pub log_odds_outline: f64,
    /// Median distance to the known sites, metres.
    pub known_distance_m: Option<f64>,
    /// Rows outside the division they claim.
    pub outside_claimed_division: usize,
    /// Rows that can be read in it at all.
    pub convertible: usize,
}

/// Holds the rows of a file against what the world knows; `None` when no row has a position.
pub fn examine(world: &World, decoded: &Decoded, declaration: Declaration<'_>) -> Option<DatumReport> {
    let drafts: Vec<&Draft> = decoded.drafts.iter().filter(|draft| draft.raw.is_some()).collect();
    let total = drafts.len();
    let taken = total.min(ROWS_MAX);
    let sites = Sites::new(world, declaration.target, decoded);
    let mut claims = Claims::new(world, declaration.target);
    let row = |draft: &&Draft| Some(Row { raw: draft.raw?, known: sites.of(draft), claim: claims.of(draft) });
    let rows: Vec<Row> =
        (0..taken).map(|i| drafts[i * total / taken.max(1)]).collect::<Vec<_>>().iter().filter_map(row).collect();
    let ground = Ground::new(claims.areas.iter().copied(), outline(world));
    let hypotheses = plausible(declaration.crs, declaration.grids, rows.iter().map(|row| &row.raw));
    let verdict = weigh(&hypotheses, &rows, &ground)?;
    Some(report(declaration, verdict))
}

/// Returns the district, where the world holds one and only one that has an area.
fn outline(world: &World) -> Option<&crate::domain::Footprint> {
    let with_area = || world.divisions().filter(|row| row.value.area.is_some());
    let top = with_area().map(|row| row.value.level).min()?;
    let mut of_top = with_area().filter(|row| row.value.level == top && top <= Level::District);
    let one = of_top.next()?;
    if of_top.next().is_some() { None } else { one.value.area.as_ref() }
}

/// Sites that are there already, to be recognised in the rows of a file.
struct Sites<'a> {
    world: &'a World,
    target: Target,
    /// Names that only one site of the kind has, and only one row.
    names: HashMap<String, LonLat>,
}

impl<'a> Sites<'a> {
    fn new(world: &'a World, target: Target, decoded: &Decoded) -> Self {
        let mut names: HashMap<String, Option<LonLat>> = HashMap::new();
        if let Target::Resource(kind) = target {
            for row in world.of_kind(crate::domain::Audience::Staff, kind, None) {
                let place = Some(row.value.place.position);
                names.entry(folded(&row.value.name.zh)).and_modify(|seen| *seen = None).or_insert(place);
            }
            let mut seen: HashMap<String, usize> = HashMap::new();
            for draft in &decoded.drafts {
                *seen.entry(folded(text(draft, "name"))).or_default() += 1;
            }
            names.retain(|name, _| seen.get(name) == Some(&1));
        }
        let names = names.into_iter().filter_map(|(name, place)| Some((name, place?))).collect();
        Self { world, target, names }
    }

    fn of(&self, draft: &Draft) -> Option<LonLat> {
        let code = text(draft, "code");
        match self.target {
            Target::Resource(kind) => self.resource(kind, draft),
            Target::Demand => self.world.demand_point(&DemandId(code.to_owned())).map(|row| row.value.position),
            Target::Division => {
                let code = DivisionCode::parse(code).ok()?;
                representative_point(self.world.division(&code)?.value.area.as_ref()?)
            }
        }
    }

    fn resource(&self, kind: Kind, draft: &Draft) -> Option<LonLat> {
        let by_id = || self.world.resource(&ResourceId::parse(text(draft, "id")).ok()?);
        let known = self.world.by_code(kind, text(draft, "code")).or_else(by_id);
        let Some(row) = known.filter(|row| row.value.kind() == kind) else {
            return self.names.get(&folded(text(draft, "name"))).copied();
        };
        let place = &row.value.place;
        // A row that is an area alone is stood for by a point inside; so must be the area that is known.
        match (&place.footprint, draft.patch.contains_key("lon")) {
            (Some(area), false) => representative_point(area),
            _ => Some(place.position),
        }
    }
}

fn text<'a>(draft: &'a Draft, field: &str) -> &'a str {
    draft.patch.get(field).and_then(Value::as_str).unwrap_or_default().trim()
}

fn folded(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Endings of divisions' names that people leave out.
const ENDINGS: [&str; 12] = [
    "街道办事处",
    "街道",
    "地区",
    "镇",
    "乡",
    "社区居委会",
    "社区",
    "居委会",
    "村委会",
    "村民委员会",
    "居民委员会",
    "村",
];

/// Divisions that rows claim, and their areas.
struct Claims<'a> {
    world: &'a World,
    target: Target,
    areas: Vec<&'a crate::domain::Footprint>,
    places: HashMap<DivisionCode, usize>,
    /// Towns and villages with an area.
    named: Vec<Named<'a>>,
}

/// A division and its name without the ending.
struct Named<'a> {
    division: &'a Division,
    short: String,
}

impl<'a> Claims<'a> {
    fn new(world: &'a World, target: Target) -> Self {
        let with_area = world.divisions().map(|row| &*row.value).filter(|d| d.area.is_some() && d.level >= Level::Town);
        let short = |name: &str| {
            let cut = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
            if cut.chars().count() >= 2 { cut.to_owned() } else { name.to_owned() }
        };
        let named = with_area.map(|division| Named { division, short: short(&division.name) }).collect();
        Self { world, target, areas: Vec::new(), places: HashMap::new(), named }
    }

    fn of(&mut self, draft: &Draft) -> Option<Claim> {
        let (division, basis) = match self.target {
            Target::Division => (self.by_code(text(draft, "code"), Itself::Not)?, Basis::Code),
            _ => match self.by_code(text(draft, "division"), Itself::Too) {
                Some(division) => (division, Basis::Code),
                None => (self.by_name(text(draft, "address"), text(draft, "name"))?, Basis::Name),
            },
        };
        let area = division.area.as_ref()?;
        let next = self.areas.len();
        let place = *self.places.entry(division.code.clone()).or_insert(next);
        if place == next {
            self.areas.push(area);
        }
        Some(Claim { area: place, basis })
    }

    /// Returns the smallest division with an area that a code names or lies in. A district is no claim of its own: that is
    /// what the outline is for.
    fn by_code(&self, code: &str, itself: Itself) -> Option<&'a Division> {
        let code = DivisionCode::parse(code).ok()?;
        let own = (itself == Itself::Too).then(|| code.as_str().to_owned());
        let above = [9, 6].into_iter().filter_map(|digits| code.as_str().get(..digits)).map(str::to_owned);
        let chain = own.into_iter().chain(above).filter_map(|digits| DivisionCode::parse(&digits).ok());
        let known = chain.filter(|c| itself == Itself::Too || *c != code).filter_map(|c| self.world.division(&c));
        let least = if itself == Itself::Too { Level::Town } else { Level::District };
        known.map(|row| &*row.value).find(|d| d.area.is_some() && d.level >= least)
    }

    /// Returns the one division whose name stands in the address, or else in the name; the longest name wins.
    fn by_name(&self, address: &str, name: &str) -> Option<&'a Division> {
        let full = |text: &str| self.one_in(text, |named| &named.division.name);
        let short = |text: &str| self.one_in(text, |named| &named.short);
        full(address).or_else(|| full(name)).or_else(|| short(address)).or_else(|| short(name))
    }

    fn one_in(&self, text: &str, word: for<'b> fn(&'b Named<'a>) -> &'b str) -> Option<&'a Division> {
        let stands = |named: &&Named<'a>| word(named).chars().count() >= 2 && text.contains(word(named));
        let found: Vec<&Named<'a>> = self.named.iter().filter(stands).collect();
        let longest = found.iter().map(|named| word(named).len()).max()?;
        let mut best = found.into_iter().filter(|named| word(named).len() == longest);
        let one = best.next()?;
        if best.next().is_some() { None } else { Some(one.division) }
    }
}

/// Whether a division may be claimed by itself.
#[derive(Clone, Copy, PartialEq)]
enum Itself {
    Too,
    Not,
}

fn report(declaration: Declaration<'_>, verdict: Verdict) -> DatumReport {
    let contradicted = verdict.judgement == Judgement::Contradicted;
    let stop = contradicted && declaration.confirmed == DatumCheck::Ask;
    let (zh, en) = sentences(declaration.crs, &verdict);
    let figure = |f: &Figures| HypothesisDoc {
        datum: f.hypothesis.crs.word(),
        swapped: f.hypothesis.order == Order::Swapped,
        probability: f.probability,
        log_odds: f.log_odds,
        log_odds_known: f.log_odds_by_kind[0],
        log_odds_divisions: f.log_odds_by_kind[1],
        log_odds_outline: f.log_odds_by_kind[2],
        known_distance_m: f.known_median_m,
        outside_claimed_division: f.outside_claim,
        convertible: f.convertible,
    };
    DatumReport {
        declared: declaration.crs.word(),
        likely: verdict.likely.crs.word(),
        likely_swapped: verdict.likely.order == Order::Swapped,
        judgement: match verdict.judgement {
            Judgement::BorneOut => "borne_out",
            Judgement::NotEnough => "not_enough_evidence",
            Judgement::Contradicted => "contradicted",
        },
        stop,
        overridden: contradicted && !stop,
        shift_m: verdict.shift_m,
        shift_bearing_deg: verdict.bearing_deg,
        confidence: verdict.confidence,
        rows_against: verdict.speaking,
        rows_known: verdict.used[0],
        rows_in_division: verdict.used[1],
        rows_in_outline: verdict.used[2],
        rows_weighed: verdict.weighed.0,
        hypotheses: verdict.figures.iter().map(figure).collect(),
        zh,
        en,
    }
}

fn sentences(declared: &Crs, verdict: &Verdict) -> (String, String) {
    let word = declared.word();
    let (likely, swapped) = (verdict.likely.crs.word(), verdict.likely.order == Order::Swapped);
    let [known, claimed, outlined] = verdict.used;
    let basis_zh = format!("依据：{known} 行为已知点位，{claimed} 行可对照行政区，{outlined} 行仅可对照区界");
    let basis_en =
        format!("evidence: {known} rows of known sites, {claimed} with a division, {outlined} with the outline alone");
    match verdict.judgement {
        Judgement::BorneOut => (
            format!("坐标与声明的 {word} 相符（{basis_zh}）"),
            format!("the coordinates agree with {word} as declared ({basis_en})"),
        ),
        Judgement::NotEnough => (
            format!("证据不足，无法核实声明的 {word}（{basis_zh}）"),
            format!("there is not enough evidence to bear out {word} as declared ({basis_en})"),
        ),
        Judgement::Contradicted => {
            let percent = (verdict.confidence * 100.0).min(99.9);
            let (shift_zh, shift_en) = match (verdict.shift_m, verdict.bearing_deg) {
                (Some(metres), Some(bearing)) => (
                    format!("，两种读法相差约 {metres:.0} 米（真实位置在声明位置的 {bearing:.0}° 方向）"),
                    format!(
                        ", {metres:.0} m apart (the true places lie towards {bearing:.0}° of where the declared system puts them)"
                    ),
                ),
                _ => ("，按声明无法读取".to_owned(), ", and they can not be read as declared".to_owned()),
            };
            let way = format!("--datum {likely}");
            let (way_zh, way_en) = match swapped {
                true => (format!("对调两列坐标并用 {way}"), format!("exchange the two columns and use {way}")),
                false => (format!("改用 {way}"), format!("use {way}")),
            };
            (
                format!(
                    "声明为 {word}，但坐标更像 {likely}（可信度 {percent:.1}%）{shift_zh}；{basis_zh}。请{way_zh}；若声明无误，请加 --datum-confirmed 确认（记入日志），并核对库内点位与行政区边界本身的坐标系"
                ),
                format!(
                    "declared as {word}, but the coordinates look like {likely} (confidence {percent:.1}%){shift_en}; {basis_en}. Either {way_en}; or, if the declaration is right, confirm it by --datum-confirmed (it is kept in the journal), and check the datum of the sites and divisions in the store"
                ),
            )
        }
    }
}

/// Returns what the journal says of an import whose datum was confirmed against the evidence.
pub fn remark(report: &DatumReport) -> Option<String> {
    let shift = report.shift_m.map_or_else(String::new, |metres| format!(", {metres:.0} m"));
    report.overridden.then(|| {
        format!(
            "坐标系经人工确认 / datum {} confirmed against evidence for {} ({:.1} %{shift})",
            report.declared,
            report.likely,
            report.confidence * 100.0
        )
    })
}

/// Returns how far off a position may be for the conversion of its declared numbers alone, metres; `None` where it came
/// without a conversion, or by an exact one.
pub fn uncertainty_m(declared: Option<&Declared>) -> Option<f64> {
    crate::spatial::crs::uncertainty_m(&declared?.crs)
}
