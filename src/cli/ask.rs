//! `bihu nearest` and `bihu coverage`: the same questions as over HTTP, from the store itself.

use super::{StoreArgument, datum};
use crate::analysis::serving::{Asked, Need, Openness};
use crate::api::{CoverageAnswer, NearestAnswer, Reasoned};
use crate::domain::{Audience, Datum, DivisionCode, Hazard, Kind, Level, LonLat};
use crate::service::query::coverage::{Request as CoverageRequest, STANDARD_MAX_M, Standard, default_standards, find};
use crate::spatial::datum::to_wgs84;
use crate::world::nearest::{K_MAX, Request, Unknowns, nearest as search};
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
        Ok(Standard { level, distance_m })
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
    let app = arguments.store.app().await?;
    let view = app.view(Audience::Staff, None).await?;
    let rule = app.freshness().settings.rule();
    app.close().await;
    let request = Request {
        origin: to_wgs84(arguments.datum, given),
        k: arguments.k,
        kinds: arguments.kind,
        asked: Asked {
            party: arguments.party,
            hazard: arguments.hazard,
            needs: arguments.needs,
            openness: openness(arguments.open),
        },
        unknowns: Unknowns::Last,
        within_m: arguments.within_m,
        // Whoever can read the store file can read all of it.
        audience: Audience::Staff,
    };
    let reasoned = if arguments.explain { Reasoned::Yes } else { Reasoned::No };
    let answer = NearestAnswer::of(&view, &rule, (&request, search(&view.world, &request)), reasoned);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&answer)?);
    } else {
        print_nearest(&answer);
    }
    Ok(ExitCode::SUCCESS)
}

fn openness(open_only: bool) -> Openness {
    if open_only { Openness::OpenNow } else { Openness::OpenOrCouldOpen }
}

fn print_nearest(answer: &NearestAnswer) {
    println!("修订 / revision {}　方法 / method {}", answer.revision, answer.method);
    for (rank, offer) in answer.results.iter().enumerate() {
        let free = offer.free_places.map_or_else(|| "未知 / unknown".to_owned(), |n| n.to_string());
        let seen = offer.observed_at.map_or_else(|| "未知 / unknown".to_owned(), |at| at.to_rfc3339());
        println!(
            "{}. {}  {:.0} m  余位 / free {free}  核实 / observed {seen}  {}",
            rank + 1,
            offer.name,
            offer.distance_m,
            offer.id
        );
        for doubt in &offer.doubts {
            println!("     存疑 / doubt: {} / {}", doubt.zh, doubt.en);
        }
    }
    if answer.results.is_empty() {
        println!("没有符合条件的资源 / nothing serves");
    }
    for refused in &answer.rejected {
        println!(
            "   × {}  {:.0} m  {} / {}",
            refused.name, refused.distance_m, refused.sentence.zh, refused.sentence.en
        );
    }
}

pub async fn coverage(arguments: CoverageArguments) -> anyhow::Result<ExitCode> {
    let app = arguments.store.app().await?;
    let world = app.world();
    app.close().await;
    let standards = if arguments.standards.is_empty() {
        let (standards, (zh, en)) = default_standards();
        eprintln!("{zh} / {en}");
        standards
    } else {
        arguments.standards
    };
    let request = CoverageRequest {
        kinds: arguments.kind,
        standards,
        division: arguments.division,
        hazard: arguments.hazard,
        openness: openness(arguments.open),
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
    let found = find(&world, request, &watch)?;
    bar.finish_and_clear();
    let answer = CoverageAnswer::of(&found);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&answer)?);
    } else {
        print_coverage(&answer);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_coverage(answer: &CoverageAnswer) {
    let share = |covered: f64, total: f64| {
        if total > 0.0 { format!("{:.1} %", covered / total * 100.0) } else { "—".to_owned() }
    };
    let people = &answer.population;
    println!(
        "修订 / revision {}　人口 / people {:.0}　已覆盖 / covered {:.0}（{}）　未覆盖 / uncovered {:.0}",
        answer.revision,
        people.total.as_f64(),
        people.covered.as_f64(),
        share(people.covered.as_f64(), people.total.as_f64()),
        people.uncovered.as_f64()
    );
    for division in &answer.divisions {
        let people = &division.people;
        println!(
            "  {}  {}  {:.0}  已覆盖 / covered {}  未覆盖 / uncovered {:.0}",
            division.code,
            division.name,
            people.total.as_f64(),
            share(people.covered.as_f64(), people.total.as_f64()),
            people.uncovered.as_f64()
        );
    }
    for gap in &answer.largest_gaps {
        let place = gap.division_name.as_deref().unwrap_or("区划外 / outside");
        println!("  空白 / gap {}  {place}  {:.0}  ({:.5}, {:.5})", gap.rank, gap.uncovered.as_f64(), gap.lon, gap.lat);
    }
    if let Some(why) = &answer.gap_withheld {
        println!("  空白区未绘制 / the gap was not drawn: {why}");
    }
}
