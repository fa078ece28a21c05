//! `bihu nearest` and `bihu coverage`: the same questions as over HTTP, from the store itself.

use super::say::say;
use super::{StoreArgument, datum};
use crate::analysis::serving::{Asked, Need, Openness};
use crate::api::{CoverageAnswer, NearestAnswer, Reasoned};
use crate::domain::{Audience, Datum, DivisionCode, Hazard, Kind, Level, LonLat, Population};
use crate::service::query::coverage::{
    Limit, Request as CoverageRequest, STANDARD_MAX_M, Standard, default_standards, find,
};
use crate::service::roads::Present;
use crate::spatial::datum::to_wgs84;
use crate::world::World;
use crate::world::nearest::{K_MAX, Request, Unknowns, nearest as search};
use chrono::SecondsFormat;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::ops::ControlFlow;
use std::process::ExitCode;

#[derive(Debug, Parser)]
pub struct NearestArguments {
    /// 经度 / Longitude, degrees
    #[arg(long, allow_hyphen_values = true)]
    lon: f64,
    /// 纬度 / Latitude, degrees
    #[arg(long, allow_hyphen_values = true)]
    lat: f64,
    /// Datum of lon and lat: wgs84 | cgcs2000 | gcj02 | bd09
    #[arg(long, value_parser = datum, default_value = "wgs84")]
    datum: Datum,
    /// How many, 1–100
    #[arg(short, long, default_value_t = 5)]
    k: usize,
    /// shelter, warehouse, storage_point, team, site; comma-separated
    #[arg(long, value_parser = kind, value_delimiter = ',', default_value = "shelter")]
    kind: Vec<Kind>,
    /// People who need a place
    #[arg(long)]
    party: Option<u32>,
    /// The event, e.g. flood
    #[arg(long, value_parser = hazard)]
    hazard: Option<Hazard>,
    /// accessible, pets, indoor or facilities; comma-separated
    #[arg(long, value_parser = need, value_delimiter = ',')]
    needs: Vec<Need>,
    /// Only sites that are open now
    #[arg(long)]
    open: bool,
    /// No farther than this, metres
    #[arg(long)]
    within_m: Option<f64>,
    /// List closer sites that do not serve, with the reason
    #[arg(long)]
    explain: bool,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgument,
}

#[derive(Debug, Parser)]
pub struct CoverageArguments {
    /// Kinds that count, comma-separated
    #[arg(long, value_parser = kind, value_delimiter = ',', default_value = "shelter")]
    kind: Vec<Kind>,
    /// Service standard of a level, e.g. village=500; repeat for each. Without any: unverified defaults
    #[arg(long = "standard", value_parser = standard, value_name = "LEVEL=METRES")]
    standards: Vec<Standard>,
    /// Division to look at, by code
    #[arg(long, value_parser = division)]
    division: Option<DivisionCode>,
    /// The event; sites that do not surely suit it do not count
    #[arg(long, value_parser = hazard)]
    hazard: Option<Hazard>,
    /// Only sites that are open now count
    #[arg(long)]
    open: bool,
    /// Print the whole answer as JSON, with the gap as GeoJSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgument,
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::from_word(word).ok_or_else(|| format!("one of: {}", Kind::choices()))
}

fn hazard(word: &str) -> Result<Hazard, String> {
    Hazard::from_word(word).ok_or_else(|| format!("one of: {}", Hazard::choices()))
}

fn need(word: &str) -> Result<Need, String> {
    Need::from_word(word).ok_or_else(|| format!("one of: {}", Need::choices()))
}

fn division(text: &str) -> Result<DivisionCode, String> {
    DivisionCode::parse(text).map_err(|violation| violation.en)
}

fn standard(text: &str) -> Result<Standard, String> {
    let (level, metres) = text.split_once('=').ok_or("LEVEL=METRES, e.g. village=500")?;
    let level = Level::from_word(level).ok_or_else(|| format!("level is one of: {}", Level::choices()))?;
    let distance_m: f64 = metres.parse().map_err(|_| format!("`{metres}` is not a number of metres"))?;
    let fits = distance_m > 0.0 && distance_m <= STANDARD_MAX_M;
    if fits {
        Ok(Standard { level, limit: Limit::Metres(distance_m) })
    } else {
        Err(format!("metres must be above 0 and at most {STANDARD_MAX_M}"))
    }
}

pub async fn nearest(arguments: NearestArguments) -> anyhow::Result<ExitCode> {
    let given = LonLat::new(arguments.lon, arguments.lat).map_err(|v| anyhow::anyhow!("{} / {}", v.zh, v.en))?;
    anyhow::ensure!((1..=K_MAX).contains(&arguments.k), "k 应为 1–{K_MAX} / k must be 1–{K_MAX}");
    anyhow::ensure!(
        arguments.within_m.is_none_or(|m| m.is_finite() && m >= 0.0),
        "within-m 应为非负数 / within-m must not be negative"
    );
    let app = arguments.store.existing_app().await?;
    let view = app.view(Audience::Staff, None).await?;
    let rule = app.freshness().settings.rule();
    app.close().await;
    tell_operational(&view.world);
    let request = Request {
        origin: to_wgs84(arguments.datum, given),
        k: arguments.k,
        kinds: arguments.kind,
        asked: Asked {
            party: arguments.party,
            hazard: arguments.hazard,
            needs: arguments.needs,
            openness: if arguments.open { Openness::OpenNow } else { Openness::OpenOrCouldOpen },
        },
        unknowns: Unknowns::Last,
        within_m: arguments.within_m,
        // Whoever can read the store file can read all of it.
        audience: Audience::Staff,
    };
    let reasoned = if arguments.explain { Reasoned::Yes } else { Reasoned::No };
    let answer = NearestAnswer::of(&view, &rule, (&request, search(&view.world, &request)), reasoned);
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&answer)?)?;
    } else {
        print_nearest(&answer)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Marks what only staff may know of.
fn mark(visibility: Option<&str>) -> &'static str {
    visibility.map_or("", |_| " [内部 / operational]")
}

/// Says, beside the answer, what it may rest on that the public must not be told.
fn tell_operational(world: &World) {
    let hidden = world.resources().filter(|row| !row.value.is_public()).count();
    if hidden > 0 {
        eprintln!(
            "含内部资源 {hidden} 处，结果不可直接对外 / {hidden} operational-only resources are included: not for the public as it is"
        );
    }
}

fn print_nearest(answer: &NearestAnswer) -> anyhow::Result<()> {
    say!("修订 / revision {}　方法 / method {}", answer.revision, answer.method)?;
    for (rank, offer) in answer.results.iter().enumerate() {
        let free = offer.free_places.map_or_else(|| "未知 / unknown".to_owned(), |n| n.to_string());
        let seen = offer
            .observed_at
            .map_or_else(|| "未知 / unknown".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        say!(
            "{}. {}{}  {:.0} m  余位 / free {free}  核实 / observed {seen}  {}",
            rank + 1,
            offer.name,
            mark(offer.visibility),
            offer.distance_m,
            offer.id
        )?;
        for doubt in &offer.doubts {
            say!("     存疑 / doubt: {} / {}", doubt.zh, doubt.en)?;
        }
    }
    if answer.results.is_empty() {
        say!("没有符合条件的资源 / nothing serves")?;
    }
    for refused in &answer.rejected {
        say!(
            "   × {}{}  {:.0} m  {} / {}",
            refused.name,
            mark(refused.visibility),
            refused.distance_m,
            refused.sentence.zh,
            refused.sentence.en
        )?;
    }
    Ok(())
}

pub async fn coverage(arguments: CoverageArguments) -> anyhow::Result<ExitCode> {
    let app = arguments.store.existing_app().await?;
    let world = app.world();
    app.close().await;
    tell_operational(&world);
    let standards = if arguments.standards.is_empty() {
        let (standards, (zh, en)) = default_standards();
        eprintln!("{zh} / {en}");
        standards
    } else {
        arguments.standards
    };
    let request = CoverageRequest {
        travel: None,
        kinds: arguments.kind,
        standards,
        division: arguments.division,
        hazard: arguments.hazard,
        openness: if arguments.open { Openness::OpenNow } else { Openness::AnyDay },
        capacity_rule: None,
        audience: Audience::Staff,
    };
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent}%  {elapsed}") {
        bar.set_style(style);
    }
    let watch = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        ControlFlow::Continue(())
    };
    let found = find(&Present::of(world.clone()), request, &watch)?;
    bar.finish_and_clear();
    let answer = CoverageAnswer::of(&found);
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&answer)?)?;
    } else {
        print_coverage(&answer)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn persons(people: Option<Population>) -> String {
    people.map_or_else(|| "未知 / unknown".to_owned(), |n| format!("{:.0}", n.as_f64()))
}

/// A share of nobody, and of nobody knows how many, is none.
fn share(part: Option<Population>, whole: Option<Population>) -> String {
    match (part.map(Population::as_f64), whole.map(Population::as_f64)) {
        (Some(part), Some(whole)) if whole > 0.0 => format!("{:.1} %", part / whole * 100.0),
        _ => "—".to_owned(),
    }
}

fn print_coverage(answer: &CoverageAnswer) -> anyhow::Result<()> {
    let people = &answer.population;
    say!(
        "修订 / revision {}　人口 / people {}　已覆盖 / covered {}（{}）　未覆盖 / uncovered {}",
        answer.revision,
        persons(people.total),
        persons(people.covered),
        share(people.covered, people.total),
        persons(people.uncovered)
    )?;
    if let Some(note) = &answer.population_note {
        say!("  {} / {}", note.zh, note.en)?;
    }
    for division in &answer.divisions {
        let people = &division.people;
        say!(
            "  {}  {}  {}  已覆盖 / covered {}  未覆盖 / uncovered {}",
            division.code,
            division.name,
            persons(people.total),
            share(people.covered, people.total),
            persons(people.uncovered)
        )?;
    }
    for gap in &answer.largest_gaps {
        let place = gap.division_name.as_deref().unwrap_or("区划外 / outside");
        say!("  空白 / gap {}  {place}  {:.0}  ({:.5}, {:.5})", gap.rank, gap.uncovered.as_f64(), gap.lon, gap.lat)?;
    }
    if let Some(why) = &answer.gap_withheld {
        say!("  空白区未绘制 / the gap was not drawn: {} / {}", why.zh, why.en)?;
    }
    Ok(())
}
