//! Setting, showing and removing feeds. Who may: whoever may keep feeds, within the division that bounds that right.

use super::super::desk::{mapping, refused};
use super::super::{App, Error, grids};
use super::feed::{Feed, Missing, Progress, Run, Source};
use super::fetch::{find, parse, same_origin};
use super::{EVERY_MOST_S, RUNS_KEPT};
use crate::domain::{Actor, Denial, DivisionCode, Right, Violation, may};
use crate::exchange::{Format, Target};
use crate::store::{Expected, Record, RecordKind};
use std::collections::BTreeMap;

/// Most feeds.
pub const FEEDS_MAX: usize = 200;

/// Longest name, characters.
const NAME_MAX: usize = 60;

/// Longest address, path or header, characters.
const TEXT_MAX: usize = 2000;

/// What a feed is to be.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where it reads from.
    pub source: Source,
    /// Format of its file; `None` takes what it is.
    pub format: Option<Format>,
    /// What its rows are.
    pub kind: String,
    /// Coordinate system of its coordinates.
    pub datum: String,
    /// Name of a saved mapping.
    pub mapping: Option<String>,
    /// Seconds between runs.
    pub every_s: u64,
    /// Share of its rows that it may lose.
    pub shrink_max_share: f64,
    /// Share of its rows that may be refused.
    pub refused_max_share: f64,
    /// What becomes of things that vanished.
    pub missing: Missing,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// Division within which it may write; `None` takes that of whoever sets it.
    pub scope: Option<DivisionCode>,
    /// Its credentials.
    pub credentials: Credentials,
}

/// Header → the field it is read as, or nothing not to read it.
type Columns = BTreeMap<String, Option<String>>;

/// What becomes of a feed's credentials. Its `Debug` tells none.
#[derive(Clone)]
pub enum Credentials {
    /// They stay as they are.
    Keep,
    /// There are none.
    Clear,
    /// An `Authorization` header.
    Header(String),
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Keep => "Keep",
            Self::Clear => "Clear",
            Self::Header(_) => "Header(…)",
        })
    }
}

/// Asks whether somebody may keep feeds at all.
pub fn may_keep(actor: &Actor) -> Result<(), Error> {
    may(actor, Right::KeepFeeds).map_err(refused)
}

/// Lists the feeds that the actor may keep, in order of name.
pub async fn feeds(app: &App, actor: &Actor) -> Result<Vec<Feed>, Error> {
    may_keep(actor)?;
    let all = all(app).await?;
    Ok(all.into_iter().filter(|feed| in_scope(actor, feed.scope.as_ref())).collect())
}

pub(super) async fn all(app: &App) -> Result<Vec<Feed>, Error> {
    let records = app.store.records(RecordKind::Feed, "", "", FEEDS_MAX).await?;
    records.iter().map(read).collect()
}

/// Returns one feed that the actor may keep.
pub async fn feed(app: &App, actor: &Actor, name: &str) -> Result<Feed, Error> {
    may_keep(actor)?;
    let (feed, _) = versioned(app, name).await?;
    check_scope(actor, feed.scope.as_ref())?;
    Ok(feed)
}

/// Returns a feed with the version it is at.
pub(super) async fn versioned(app: &App, name: &str) -> Result<(Feed, u64), Error> {
    let record = app.store.record(RecordKind::Feed, name).await?.ok_or_else(|| Error::not_found(name))?;
    Ok((read(&record)?, record.version))
}

fn read(record: &Record) -> Result<Feed, Error> {
    let mut feed: Feed = serde_json::from_str(&record.doc).map_err(Error::internal)?;
    feed.name.clone_from(&record.key);
    Ok(feed)
}

/// Writes a feed, if it is at the version expected.
pub(super) async fn write(app: &App, feed: &Feed, expected: Expected) -> Result<u64, Error> {
    let record = Record {
        kind: RecordKind::Feed,
        key: feed.name.clone(),
        version: 0,
        at: app.now(),
        doc: serde_json::to_string(feed).map_err(Error::internal)?,
        blob: None,
    };
    Ok(app.store.put_record(&record, expected).await?)
}

/// Attempts at writing a feed that runs write at the same time.
const ATTEMPTS: usize = 8;

/// Sets a feed. `Expected::New` refuses one that is there, `Expected::At` one that is not.
pub async fn put(app: &App, actor: &Actor, name: &str, wanted: Wanted, is_new: Expected) -> Result<Feed, Error> {
    may_keep(actor)?;
    let scope = wanted.scope.clone().or_else(|| actor.scope.clone());
    check_scope(actor, scope.as_ref())?;
    let columns = check(app, name, &wanted).await?;
    for _ in 0..ATTEMPTS {
        let there = match versioned(app, name).await {
            Ok(there) => Some(there),
            Err(Error::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        match (&there, is_new) {
            (Some(_), Expected::New) => return Err(taken(name)),
            (None, Expected::At(_)) => return Err(Error::not_found(name)),
            (Some((feed, _)), _) => check_scope(actor, feed.scope.as_ref())?,
            (None, _) => check_room(app).await?,
        }
        // A source that has been lost since must not keep anybody from switching its feed off.
        if there.as_ref().is_none_or(|(feed, _)| feed.source != wanted.source) {
            check_folder(app, &wanted.source).await?;
        }
        let feed = changed(app, actor, (name, scope.clone()), &wanted, there.as_ref().map(|(feed, _)| feed))?;
        let feed = Feed { columns: columns.clone(), ..feed };
        let expected = there.map_or(Expected::New, |(_, version)| Expected::At(version));
        match write(app, &feed, expected).await {
            Ok(_) => return Ok(feed),
            // A run wrote how far it has come in the meantime.
            Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Err(busy(name))
}

fn changed(
    app: &App,
    actor: &Actor,
    (name, scope): (&str, Option<DivisionCode>),
    wanted: &Wanted,
    there: Option<&Feed>,
) -> Result<Feed, Error> {
    let kept = there.and_then(|feed| feed.sealed.clone());
    let sealed = match &wanted.credentials {
        // Credentials are for the source they were given for.
        Credentials::Keep => kept.filter(|_| there.is_some_and(|feed| same_source(&feed.source, &wanted.source))),
        Credentials::Clear => None,
        Credentials::Header(header) => Some(app.feed_settings().seal.seal(name, header)?),
    };
    let mut progress = there.map(|feed| feed.progress.clone()).unwrap_or_default();
    // What was seen was seen with other settings.
    (progress.seen_sha256, progress.etag, progress.last_modified) = (None, None, None);
    if there.is_some_and(|feed| feed.source != wanted.source || feed.kind != wanted.kind) {
        (progress.good_rows, progress.good_made_at) = (None, None);
    }
    progress.failures = 0;
    Ok(Feed {
        name: name.to_owned(),
        source: wanted.source.clone(),
        format: wanted.format,
        kind: wanted.kind.clone(),
        datum: wanted.datum.clone(),
        mapping: wanted.mapping.clone(),
        columns: None,
        every_s: wanted.every_s,
        shrink_max_share: wanted.shrink_max_share,
        refused_max_share: wanted.refused_max_share,
        missing: wanted.missing,
        enabled: wanted.enabled,
        scope,
        by: actor.name.clone(),
        sealed,
        generation: there.map_or(0, |feed| feed.generation + 1),
        progress: Progress { ..progress },
    })
}

/// Returns whether two sources are one to give credentials to: another port of a host may be somebody else's.
fn same_source(a: &Source, b: &Source) -> bool {
    match (a, b) {
        (Source::Url(a), Source::Url(b)) => parse(a).ok().zip(parse(b).ok()).is_some_and(|(a, b)| same_origin(&a, &b)),
        _ => false,
    }
}

/// Removes a feed and its runs. What it brought stays.
pub async fn remove(app: &App, actor: &Actor, name: &str) -> Result<(), Error> {
    let feed = feed(app, actor, name).await?;
    if feed.is_leased(app.now()) {
        return Err(busy(name));
    }
    app.store.drop_record(RecordKind::Feed, name).await?;
    let prefix = format!("{name}/");
    loop {
        let runs = app.store.records(RecordKind::FeedRun, &prefix, "", RUNS_KEPT as usize).await?;
        if runs.is_empty() {
            return Ok(());
        }
        for run in runs {
            app.store.drop_record(RecordKind::FeedRun, &run.key).await?;
        }
    }
}

/// Lists runs of a feed, the newest first, before a run's number.
pub async fn runs(
    app: &App,
    actor: &Actor,
    name: &str,
    before: Option<u64>,
    limit: usize,
) -> Result<(Vec<Run>, Option<u64>), Error> {
    let feed = feed(app, actor, name).await?;
    let until = before.unwrap_or(u64::MAX).min(feed.progress.runs + 1);
    let from = until.saturating_sub(limit as u64 + 1);
    let records = app.store.records(RecordKind::FeedRun, &format!("{name}/0"), &run_key(name, from), limit).await?;
    let mut runs: Vec<Run> = records.iter().filter_map(|record| serde_json::from_str(&record.doc).ok()).collect();
    runs.retain(|run| run.run < until);
    runs.reverse();
    let next = runs.last().map(|run| run.run).filter(|first| *first > 1 && from > 0 && runs.len() == limit);
    Ok((runs, next))
}

/// Returns the key of a run: its number in ten digits, so that keys are in the order of runs.
pub(super) fn run_key(name: &str, run: u64) -> String {
    format!("{name}/{run:010}")
}

fn in_scope(actor: &Actor, scope: Option<&DivisionCode>) -> bool {
    actor.scope.as_ref().is_none_or(|own| scope.is_some_and(|scope| own.contains(scope)))
}

pub(super) fn check_scope(actor: &Actor, scope: Option<&DivisionCode>) -> Result<(), Error> {
    if in_scope(actor, scope) { Ok(()) } else { Err(Error::Denied(Denial::lacking(actor, "scope"))) }
}

async fn check_room(app: &App) -> Result<(), Error> {
    if app.store.records(RecordKind::Feed, "", "", FEEDS_MAX).await?.len() < FEEDS_MAX {
        return Ok(());
    }
    Err(Error::TooLarge {
        zh: format!("最多 {FEEDS_MAX} 个数据源，请先删除不用的"),
        en: format!("at most {FEEDS_MAX} feeds are kept: remove some first"),
    })
}

fn taken(name: &str) -> Error {
    Error::Conflict { zh: format!("数据源“{name}”已存在"), en: format!("the feed `{name}` is there already") }
}

pub(super) fn busy(name: &str) -> Error {
    Error::Halted {
        why: super::super::error::Halt::Busy,
        zh: format!("数据源“{name}”正在运行，请稍后再试"),
        en: format!("the feed `{name}` is running: try a little later"),
    }
}

/// Refuses a file or folder that is not there, or not beneath the folder for feeds. An empty folder may fill later.
async fn check_folder(app: &App, source: &Source) -> Result<(), Error> {
    let Source::Folder(path) = source else { return Ok(()) };
    let (settings, path) = (app.feed_settings().clone(), path.clone());
    let looking = tokio::task::spawn_blocking(move || find(&settings, &path));
    let Err(trouble) = looking.await.map_err(Error::internal)? else { return Ok(()) };
    let told = trouble.to_string();
    let (zh, en) = told.split_once(" / ").unwrap_or((&told, &told));
    Err(Error::invalid(Violation::new("source", "bad_path", zh, en)))
}

/// Refuses what a feed can not be; returns the columns of its mapping as they are now.
async fn check(app: &App, name: &str, wanted: &Wanted) -> Result<Option<Columns>, Error> {
    let mut wrong = Vec::new();
    let mut refuse = |field: &str, reason: &str, zh: String, en: String| {
        wrong.push(Violation::new(field, reason, zh, en));
    };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !(1..=NAME_MAX).contains(&name.chars().count()) || !name.chars().all(plain) || name.starts_with('.') {
        refuse(
            "name",
            "bad_name",
            format!("名称应为 1–{NAME_MAX} 个字母、汉字、数字或 - _ ."),
            format!("a name takes 1–{NAME_MAX} letters, digits or - _ ."),
        );
    }
    match &wanted.source {
        Source::Url(address) if address.len() > TEXT_MAX => {
            refuse("source", "too_long", "地址过长".to_owned(), "the address is too long".to_owned());
        }
        Source::Url(address) => {
            if let Err(trouble) = parse(address) {
                refuse("source", "bad_address", trouble.to_string(), trouble.to_string());
            }
        }
        Source::Folder(_) if app.feed_settings().folder.is_none() => refuse(
            "source",
            "no_folder",
            "服务器没有开放数据源文件夹（bihu serve --feeds-folder）".to_owned(),
            "the server has no folder for feeds (bihu serve --feeds-folder)".to_owned(),
        ),
        Source::Folder(path) if path.len() > TEXT_MAX || path.split(['/', '\\']).any(|part| part == "..") => {
            refuse("source", "bad_path", "路径里不能有 ..".to_owned(), "a path must not climb with ..".to_owned());
        }
        Source::Folder(_) => {}
    }
    if !(1..=EVERY_MOST_S).contains(&wanted.every_s) {
        wrong.push(Violation::out_of_range("every_s", &wanted.every_s.to_string(), &format!("1…{EVERY_MOST_S}")));
    }
    for (field, share) in
        [("shrink_max_share", wanted.shrink_max_share), ("refused_max_share", wanted.refused_max_share)]
    {
        if !(0.0..=1.0).contains(&share) {
            wrong.push(Violation::out_of_range(field, &share.to_string(), "0…1"));
        }
    }
    if Target::from_word(&wanted.kind).is_none() {
        wrong.push(Violation::not_a_choice("kind", &wanted.kind, &Target::choices()));
    }
    match grids::resolve(app, &wanted.datum).await {
        Ok(_) => {}
        Err(Error::Invalid(violations)) => wrong.extend(violations),
        Err(error) => return Err(error),
    }
    if let Credentials::Header(header) = &wanted.credentials
        && (header.len() > TEXT_MAX || !header.bytes().all(|b| (0x20..0x7f).contains(&b)))
    {
        wrong.push(Violation::new(
            "credentials",
            "bad_credentials",
            "凭证应为可见 ASCII 字符",
            "credentials take visible ASCII characters",
        ));
    }
    let columns = match &wanted.mapping {
        Some(name) => mapping(app, name).await?.map(|mapping| mapping.columns),
        None => None,
    };
    if let (Some(mapping_name), None) = (&wanted.mapping, &columns) {
        let shown: String = mapping_name.chars().take(60).collect();
        wrong.push(Violation::new(
            "mapping",
            "unknown_mapping",
            format!("没有名为“{shown}”的列对应"),
            format!("there is no mapping `{shown}`"),
        ));
    }
    if wrong.is_empty() { Ok(columns) } else { Err(Error::Invalid(wrong)) }
}
