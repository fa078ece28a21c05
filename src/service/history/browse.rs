//! Turning the pages of the journal: line by line, or batch by batch as the duty log 值班日志.
//!
//! The newest comes first; a page goes on before a revision, so that what is written meanwhile moves nothing. Times are
//! turned into revisions first: then every page is a short walk along the journal's own order. Of a report, who may not
//! answer it is told that it was opened or answered, and nothing that would tell or open it.

use super::diff::{FieldChange, Op, changes};
use super::revision_at;
use crate::domain::{Actor, Change, CorrectionId, Entry, ResourceId, Revision, Right, Subject, may};
use crate::service::corrections::may_read;
use crate::service::{App, Error};
use crate::store::EntryQuery;
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};

/// Most lines or batches of a page.
pub const LIMIT_MAX: usize = 200;

/// Subjects of a batch that are named.
const NAMED: usize = 5;

/// What everybody on the staff is told of a report.
const TOLD_OF_REPORTS: [&str; 2] = ["resource", "state"];

/// Lines that are read at once for a page of short batches.
const TOGETHER_MAX: u64 = 1000;

/// Batches up to this long are counted by what was done.
const COUNTED_MAX: u64 = 200;

/// Which part of the journal is asked for; all conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// About this resource.
    pub resource: Option<ResourceId>,
    /// Of this batch.
    pub batch: Option<Revision>,
    /// By this actor.
    pub actor: Option<String>,
    /// Committed at or after.
    pub from: Option<DateTime<Utc>>,
    /// Committed at or before.
    pub until: Option<DateTime<Utc>>,
    /// Only what is older than this revision.
    pub before: Option<Revision>,
}

/// A page; `next` is what to put into [`Filter::before`] for the next one.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What is on it, the newest first.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Revision>,
}

/// One line of the journal, put into words.
#[derive(Debug, Clone)]
pub struct Line {
    /// The line.
    pub entry: Entry,
    /// What it is about; `None` is a report that is kept from the reader.
    pub subject: Option<Subject>,
    /// Its name then, the newer side first.
    pub name: Option<String>,
    /// What became of it.
    pub op: Op,
    /// From what to what.
    pub changes: Vec<FieldChange>,
}

/// How many things a batch made, changed and took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Operations {
    /// Made.
    pub created: usize,
    /// Changed.
    pub changed: usize,
    /// Taken away.
    pub removed: usize,
}

/// One act of somebody: everything that became durable together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// First line.
    pub head: Entry,
    /// Last revision.
    pub last: Revision,
    /// What was done how often; `None` for a batch too long to be counted for a list.
    pub operations: Option<Operations>,
    /// The first few things it was about, with their names then; `None` is a report that is kept from the reader.
    pub subjects: Vec<(Option<Subject>, Option<String>)>,
}

/// Refuses the public: who did what is for staff.
pub(super) fn staff_only(actor: &Actor) -> Result<(), Error> {
    may(actor, Right::SeeStaffData).map_err(|_| Error::Unsigned {
        zh: "历史与值班日志仅供内部查看，请登录",
        en: "history and the duty log are for staff: sign in",
    })
}

/// Returns a page of lines.
pub async fn entries(app: &App, actor: &Actor, filter: &Filter, limit: usize) -> Result<Page<Line>, Error> {
    staff_only(actor)?;
    let Some(query) = narrowed(app, filter).await? else { return Ok(Page { items: Vec::new(), next: None }) };
    let page = page(app, &query, limit).await?;
    // Writing documents of many large changes takes a while.
    let (world, reader) = (app.world(), actor.clone());
    let lines = move || {
        let reader = Reader { world: &world, actor: &reader };
        page.items.into_iter().map(|entry| reader.line(entry)).collect()
    };
    let items = tokio::task::spawn_blocking(lines).await.map_err(Error::internal)?;
    Ok(Page { items, next: page.next })
}

/// Returns a page of the duty log.
pub async fn batches(app: &App, actor: &Actor, filter: &Filter, limit: usize) -> Result<Page<Batch>, Error> {
    staff_only(actor)?;
    let Some(query) = narrowed(app, filter).await? else { return Ok(Page { items: Vec::new(), next: None }) };
    let heads = page(app, &EntryQuery { heads: true, ..query }, limit).await?;
    let ends = ends(app, &heads.items, filter).await?;
    let mut lines = together(app, &heads.items, &ends).await?;
    let mut items = Vec::with_capacity(heads.items.len());
    let world = app.world();
    let reader = Reader { world: &world, actor };
    for (head, last) in heads.items.into_iter().zip(ends) {
        let rest = match &mut lines {
            Some(lines) => lines.split_off(lines.partition_point(|entry| entry.revision < head.revision)),
            None => first_lines(app, &head, last).await?,
        };
        items.push(reader.batch(head, last, rest));
    }
    Ok(Page { items, next: heads.next })
}

/// Returns the last revision of each batch: it ends where the next begins, which on an unfiltered page stands above it.
async fn ends(app: &App, heads: &[Entry], filter: &Filter) -> Result<Vec<Revision>, Error> {
    let mut ends: Vec<Revision> = Vec::with_capacity(heads.len());
    for (at, head) in heads.iter().enumerate() {
        let above = at.checked_sub(1).filter(|_| filter.actor.is_none()).map(|above| heads[above].revision);
        let next = match above {
            Some(above) => Some(above),
            None => {
                let next = EntryQuery { after: head.revision, heads: true, ..EntryQuery::default() };
                app.store.entries(&next, 1).await?.first().map(|entry| entry.revision)
            }
        };
        ends.push(match next {
            Some(next) => Revision(next.0 - 1),
            None => app.store.revisions().await?.all,
        });
    }
    Ok(ends)
}

/// Returns all lines from the first of a page to its last, in order, when they are few: one look instead of many.
async fn together(app: &App, heads: &[Entry], ends: &[Revision]) -> Result<Option<Vec<Entry>>, Error> {
    let (Some(oldest), Some(newest)) = (heads.last(), ends.first()) else { return Ok(None) };
    if newest.0 - oldest.revision.0 >= TOGETHER_MAX {
        return Ok(None);
    }
    let after = Revision(oldest.revision.0 - 1);
    let query = EntryQuery { after, up_to: Some(*newest), ..EntryQuery::default() };
    Ok(Some(app.store.entries(&query, TOGETHER_MAX as usize).await?))
}

/// Returns the lines of a batch, or the first few of a long one.
async fn first_lines(app: &App, head: &Entry, last: Revision) -> Result<Vec<Entry>, Error> {
    let length = last.0 - head.revision.0 + 1;
    let after = Revision(head.revision.0 - 1);
    let query = EntryQuery { after, up_to: Some(last), ..EntryQuery::default() };
    let wanted = if length <= COUNTED_MAX { length as usize } else { NAMED };
    Ok(app.store.entries(&query, wanted).await?)
}

async fn page(app: &App, query: &EntryQuery, limit: usize) -> Result<Page<Entry>, Error> {
    let limit = limit.clamp(1, LIMIT_MAX);
    let mut items = app.store.entries(query, limit + 1).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|entry| entry.revision);
    Ok(Page { items, next })
}

/// Returns the query with times turned into revisions; `None` when nothing can fit.
async fn narrowed(app: &App, filter: &Filter) -> Result<Option<EntryQuery>, Error> {
    let after = match filter.from {
        // What was committed at that very moment belongs to it.
        Some(from) => revision_at(app, from - TimeDelta::microseconds(1)).await?,
        None => Revision::default(),
    };
    let mut up_to = match filter.until {
        Some(until) => Some(revision_at(app, until).await?),
        None => None,
    };
    if let Some(before) = filter.before {
        let below = Revision(before.0.saturating_sub(1));
        up_to = Some(up_to.map_or(below, |kept| kept.min(below)));
    }
    if up_to.is_some_and(|up_to| up_to <= after) {
        return Ok(None);
    }
    Ok(Some(EntryQuery {
        after,
        up_to,
        subject: filter.resource.clone().map(Subject::Resource),
        batch: filter.batch,
        actor: filter.actor.clone(),
        newest_first: true,
        ..EntryQuery::default()
    }))
}

/// Who reads, and the world that tells what he may read.
struct Reader<'a> {
    world: &'a World,
    actor: &'a Actor,
}

impl Reader<'_> {
    /// Returns whether a change is of a report that is kept from the reader.
    fn is_kept_from(&self, change: &Change) -> bool {
        matches!(change, Change::Correction(edit) if !edit.latest().is_some_and(|report| may_read(self.actor, report)))
    }

    /// Takes receipt numbers of reports that are kept from the reader out of a reason: they open the report.
    fn reason(&self, reason: Option<String>) -> Option<String> {
        let kept = |word: &str| {
            let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            let id = CorrectionId::parse(word).filter(|id| id.as_str() == word)?;
            let report = self.world.correction(&id).map(|row| &row.value);
            (!report.is_some_and(|report| may_read(self.actor, report))).then_some(id)
        };
        let found: Vec<CorrectionId> = reason.iter().flat_map(|text| text.split(' ')).filter_map(kept).collect();
        reason.map(|text| found.iter().fold(text, |text, id| text.replace(id.as_str(), "…")))
    }

    /// Puts a line into words.
    fn line(&self, mut entry: Entry) -> Line {
        let (subject, name) = (entry.change.subject(), name(&entry.change));
        let op = Op::of(&entry.change);
        let mut changes = changes(&entry.change);
        let kept = self.is_kept_from(&entry.change);
        if kept {
            changes.retain(|change| TOLD_OF_REPORTS.contains(&change.field.as_str()));
        }
        entry.reason = self.reason(entry.reason);
        Line { subject: subject.filter(|_| !kept), name, op, changes, entry }
    }

    /// Puts a batch into words; `lines` begin with its head and may go on into the next batch.
    fn batch(&self, mut head: Entry, last: Revision, lines: Vec<Entry>) -> Batch {
        let counted = last.0 - head.revision.0 < COUNTED_MAX;
        let all = || lines.iter().take_while(|entry| entry.revision <= last);
        let mut operations = Operations::default();
        for entry in all().filter(|_| counted) {
            match Op::of(&entry.change) {
                Op::Created => operations.created += 1,
                Op::Changed => operations.changed += 1,
                Op::Removed => operations.removed += 1,
            }
        }
        let told = |entry: &Entry| entry.change.subject().filter(|_| !self.is_kept_from(&entry.change));
        let subjects = all().take(NAMED).map(|e| (told(e), name(&e.change))).collect();
        head.reason = self.reason(head.reason);
        Batch { last, operations: counted.then_some(operations), subjects, head }
    }
}

/// Returns what the subject of a change is called; for a report, the id of the resource it is about.
pub(super) fn name(change: &Change) -> Option<String> {
    match change {
        Change::Resource(edit) => edit.latest().map(|r| r.name.zh.clone()),
        Change::Division(edit) => edit.latest().map(|d| d.name.clone()),
        Change::Demand(_) => None,
        Change::Correction(edit) => edit.latest().map(|c| c.resource.to_string()),
        Change::Closure(edit) => edit.latest().map(|c| c.reason.clone()),
    }
}
