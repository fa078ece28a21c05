//! Which coordinate system a list of raw numbers is really in, told from where its sites should be.
//!
//! Each hypothesis (a datum, a zone, the two numbers swapped) puts the rows somewhere. Three kinds of evidence say how
//! well: a row whose site is known lies near it, unless the site has moved; a row lies in the division it claims, unless
//! the claim is wrong; a row without a claim lies in the district, unless it does not belong there. Each is a mixture
//! density over the ground with a heavy tail, so that some wrong or moved rows, and some noise, decide nothing; the share of such
//! rows is not known and is summed over. Hypotheses are compared by the odds of the rows under each, with a prior on the
//! declared one. Invariant: rows that every hypothesis puts in the same place count for none; the declared system is
//! contradicted only when another is at least [`ODDS_TO_STOP`] times likelier and several rows say so, each by itself.

mod densities;
mod hypotheses;
mod target;

pub use hypotheses::{Hypothesis, Order, plausible};

use crate::domain::{Footprint, LonLat};
use crate::spatial::geodesic::distance_and_azimuth;
use densities::Tally;
use target::Target;

/// Another system must be this many times likelier than the declared one before a long list is stopped.
pub const ODDS_TO_STOP: f64 = 5.0;

/// A list of so many rows with evidence is long: it speaks as a whole, by where its rows are and by where they are not.
pub const LONG: usize = 40;

/// Odds before a short list is stopped, …
pub const ODDS_TO_STOP_SHORT: f64 = 1_000.0;

/// … of which so many rows must speak for the other system, each by itself.
pub const ROWS_TO_STOP_SHORT: usize = 3;

/// Where at least [`KNOWN_LEAST`] sites are known, the other system must bring the middle one of them to within this,
/// metres: sites that were really moved lie nowhere near under any system.
const KNOWN_NEAR_M: f64 = 150.0;

/// See [`KNOWN_NEAR_M`].
const KNOWN_LEAST: usize = 3;

/// A row speaks for a hypothesis when it is this many times likelier under it.
const ODDS_OF_A_ROW: f64 = 3.0;

/// How much is staked on the declared system before a row is looked at; the others share the rest. Lists with a wrong
/// datum are everyday business where maps are in GCJ-02.
const PRIOR_DECLARED: f64 = 0.6;

/// The declared system is said to be borne out from this probability on.
const SURE: f64 = 0.95;

/// Hypotheses that put the rows within this of the declared one, at the median, are no alternative to it, metres.
const SAME_M: f64 = 20.0;

/// Most rows weighed; of more, as many are taken at even steps.
pub const ROWS_MAX: usize = 2_000;

/// What is known of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The two numbers as given.
    pub raw: (f64, f64),
    /// Where its site is known to be: the same code, or the same unique name, among the same kind.
    pub known: Option<LonLat>,
    /// The division it says it lies in.
    pub claim: Option<Claim>,
}

/// A division that a row claims.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    /// Its place in the list of areas.
    pub area: usize,
    /// How it is claimed.
    pub basis: Basis,
}

/// How a row claims a division.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// By its code.
    Code,
    /// By the division's name, in the name or address of the row.
    Name,
}

/// Ground to hold rows against, made ready once for many lists.
pub struct Ground {
    areas: Vec<Target>,
    outline: Option<Target>,
}

impl Ground {
    /// Makes ready the areas of divisions that rows claim, and the whole district.
    pub fn new<'a>(areas: impl Iterator<Item = &'a Footprint>, outline: Option<&Footprint>) -> Self {
        Self { areas: areas.map(Target::new).collect(), outline: outline.map(Target::new) }
    }
}

/// What is to be said of the declared system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// The rows lie where they should.
    BorneOut,
    /// Too little is known to tell.
    NotEnough,
    /// Another system fits decisively better.
    Contradicted,
}

/// How a hypothesis fares.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The hypothesis.
    pub hypothesis: Hypothesis,
    /// Probability among all hypotheses.
    pub probability: f64,
    /// Natural logarithm of how many times likelier the rows are than under the declared one.
    pub log_odds: f64,
    /// The same by kind of evidence: known sites, divisions, outline.
    pub log_odds_by_kind: [f64; 3],
    /// Rows that can be converted at all.
    pub convertible: usize,
    /// Median distance to the known sites, metres.
    pub known_median_m: Option<f64>,
    /// Rows outside the division they claim.
    pub outside_claim: usize,
}

/// The outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Judgement on the declared system.
    pub judgement: Judgement,
    /// The likeliest hypothesis.
    pub likely: Hypothesis,
    /// Its probability.
    pub confidence: f64,
    /// Median distance between where the declared system puts the rows and where the likeliest does, metres; `None` when
    /// they are the same, or the declared one can not be applied.
    pub shift_m: Option<f64>,
    /// Direction of that shift at the median, degrees clockwise from north.
    pub bearing_deg: Option<f64>,
    /// Rows that speak for the likeliest and against the declared, each by itself.
    pub speaking: usize,
    /// Rows used: with a known site, with a claimed division, with the outline alone.
    pub used: [usize; 3],
    /// Rows weighed, out of how many.
    pub weighed: (usize, usize),
    /// Each hypothesis, the likeliest first.
    pub figures: Vec<Figures>,
}

/// Where a hypothesis puts the rows, and how likely that is.
struct Scored {
    places: Vec<Option<LonLat>>,
    rows: Vec<f64>,
    by_kind: [f64; 3],
    known_median_m: Option<f64>,
    outside_claim: usize,
}

/// Weighs the hypotheses, of which the first is the declared one; `None` without rows.
pub fn weigh(hypotheses: &[Hypothesis], rows: &[Row], ground: &Ground) -> Option<Verdict> {
    let (declared, total) = (hypotheses.first()?, rows.len());
    let rows: Vec<Row> = evenly(rows);
    if rows.is_empty() {
        return None;
    }
    let place = |h: &Hypothesis| rows.iter().map(|row| h.place(row.raw)).collect::<Vec<_>>();
    let mut scored: Vec<(&Hypothesis, Scored)> = Vec::new();
    for hypothesis in hypotheses {
        let places = place(hypothesis);
        if scored.first().is_some_and(|(_, first)| same(&first.places, &places)) {
            continue;
        }
        scored.push((hypothesis, score(&rows, places, ground)));
    }
    let prior_other = (1.0 - PRIOR_DECLARED) / (scored.len().max(2) - 1) as f64;
    let of_declared = scored[0].1.by_kind;
    let figures_of = |(i, (hypothesis, s)): (usize, &(&Hypothesis, Scored))| {
        let by_kind = [0, 1, 2].map(|k| s.by_kind[k] - of_declared[k]);
        let log_odds: f64 = by_kind.iter().sum();
        let prior = if i == 0 { PRIOR_DECLARED } else { prior_other };
        Figures {
            hypothesis: (*hypothesis).clone(),
            probability: log_odds + prior.ln(),
            log_odds,
            log_odds_by_kind: by_kind,
            convertible: s.places.iter().flatten().count(),
            known_median_m: s.known_median_m,
            outside_claim: s.outside_claim,
        }
    };
    let mut figures: Vec<Figures> = scored.iter().enumerate().map(figures_of).collect();
    normalise(&mut figures);
    let order = |a: &usize, b: &usize| figures[*b].probability.total_cmp(&figures[*a].probability);
    let best = (0..figures.len()).min_by(order)?;
    let first = &scored[0].1;
    let speaking = first.rows.iter().zip(&scored[best].1.rows).filter(|(d, b)| *b - *d > ODDS_OF_A_ROW.ln()).count();
    let used = used(&rows, ground.outline.is_some());
    let odds = figures[best].probability / figures[0].probability.max(f64::MIN_POSITIVE);
    let brings_home = used[0] < KNOWN_LEAST || figures[best].known_median_m.is_some_and(|m| m <= KNOWN_NEAR_M);
    // The outline alone decides nothing of a list that is called long for its sites and claims.
    let [known, claimed, _] = figures[best].log_odds_by_kind;
    let contradicted = best != 0
        && brings_home
        && match used[0] + used[1] >= LONG {
            true => odds >= ODDS_TO_STOP && known + claimed >= ODDS_TO_STOP.ln(),
            false => odds >= ODDS_TO_STOP_SHORT && speaking >= ROWS_TO_STOP_SHORT,
        };
    let judgement = match contradicted {
        true => Judgement::Contradicted,
        false if figures[0].probability >= SURE && (scored.len() > 1 || at_home(&figures[0], used)) => {
            Judgement::BorneOut
        }
        false => Judgement::NotEnough,
    };
    let (shift_m, bearing_deg) = shift(&first.places, &scored[best].1.places).unzip();
    let (likely, confidence) = (figures[best].hypothesis.clone(), figures[best].probability);
    debug_assert_eq!(figures[0].hypothesis, *declared);
    figures.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    Some(Verdict {
        judgement,
        likely,
        confidence,
        shift_m,
        bearing_deg,
        speaking,
        used,
        weighed: (rows.len(), total),
        figures,
    })
}

/// Returns whether most rows lie where they should; asked where there is no other reading to compare with.
fn at_home(figures: &Figures, [known, claimed, _]: [usize; 3]) -> bool {
    let near = known >= KNOWN_LEAST && figures.known_median_m.is_some_and(|m| m <= KNOWN_NEAR_M);
    near || (claimed >= KNOWN_LEAST && figures.outside_claim * 5 <= claimed)
}

/// Takes at most [`ROWS_MAX`] rows, at even steps.
fn evenly(rows: &[Row]) -> Vec<Row> {
    let n = rows.len().min(ROWS_MAX);
    (0..n).map(|i| rows[i * rows.len() / n]).collect()
}

fn same(a: &[Option<LonLat>], b: &[Option<LonLat>]) -> bool {
    if a.iter().zip(b).filter(|(a, b)| a.is_some() != b.is_some()).count() > 0 {
        return false;
    }
    shift(a, b).is_none_or(|(metres, _)| metres < SAME_M)
}

/// Turns logarithms of weights into probabilities.
fn normalise(figures: &mut [Figures]) {
    let top = figures.iter().map(|f| f.probability).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = figures.iter().map(|f| (f.probability - top).exp()).sum();
    for f in figures {
        f.probability = (f.probability - top).exp() / sum;
    }
}

fn used(rows: &[Row], outlined: bool) -> [usize; 3] {
    let known = rows.iter().filter(|r| r.known.is_some()).count();
    let claims = rows.iter().filter(|r| r.claim.is_some()).count();
    let rest = if outlined { rows.iter().filter(|r| r.claim.is_none()).count() } else { 0 };
    [known, claims, rest]
}

/// Returns the median length of the way from one place of each row to the other, and the direction of their mean.
fn shift(from: &[Option<LonLat>], to: &[Option<LonLat>]) -> Option<(f64, f64)> {
    let ways: Vec<(f64, f64)> =
        from.iter().zip(to).filter_map(|(a, b)| Some(distance_and_azimuth((*a)?, (*b)?))).collect();
    let metres = median(ways.iter().map(|(m, _)| *m).collect())?;
    let (east, north) = ways.iter().fold((0.0, 0.0), |(e, n), (m, azimuth)| {
        let (sin, cos) = azimuth.to_radians().sin_cos();
        (e + m * sin, n + m * cos)
    });
    Some((metres, east.atan2(north).to_degrees().rem_euclid(360.0)))
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn score(rows: &[Row], places: Vec<Option<LonLat>>, ground: &Ground) -> Scored {
    let mut tally = Tally::new();
    let (mut misses, mut outside_claim) = (Vec::new(), 0);
    for (i, (row, place)) in rows.iter().zip(&places).enumerate() {
        if let Some(known) = row.known {
            let miss = place.map(|p| target::flat_distance_m(p, known));
            misses.extend(miss);
            tally.known(i, miss);
        }
        let depth = |target: &Target| place.map(|p| target.depth_m(p));
        match row.claim.and_then(|claim| Some((ground.areas.get(claim.area)?, claim.basis))) {
            Some((target, basis)) => {
                let depth = depth(target);
                outside_claim += usize::from(depth.is_none_or(|m| m < 0.0));
                tally.division(i, (target, depth), basis);
            }
            None => {
                if let Some(target) = &ground.outline {
                    tally.outline(i, (target, depth(target)));
                }
            }
        }
    }
    let known_median_m = median(misses);
    Scored { rows: tally.each(rows.len()), by_kind: tally.totals(), places, known_median_m, outside_claim }
}
