//! The document half of both stores: what is refused unseen, how a change becomes rows, how rows become values.
//!
//! A row keeps its value as one JSON document, so that a new field needs no migration. Invariants: what passes [`check`]
//! can be read back as it was (no NaN slips into a document, where it would turn into null); a [`Draft`] numbers its
//! entries without gaps from the counter it was given. PostgreSQL's `jsonb` keeps every number exactly, save the sign of
//! zero; times are kept to the microsecond on both sides.

use super::{Batch, Committed, EntryQuery, Record, RecordKind, Row, StoreError, TokenRecord};
use crate::domain::{
    Change, Closure, ClosureShape, Detail, DivisionCode, Edit, Entry, Footprint, Proposal, Resource, Revision,
    Revisions, Role, Subject,
};
use chrono::{DateTime, SubsecRound, Utc};
use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{Encode, QueryBuilder, Type};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// The tables that hold what is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Table {
    Resource,
    Division,
    Demand,
    Correction,
    Closure,
}

impl Table {
    pub(super) const ALL: [Self; 5] = [Self::Resource, Self::Division, Self::Demand, Self::Correction, Self::Closure];

    /// Returns the word in `journal.subject_kind`, which is also the name of the table.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Division => "division",
            Self::Demand => "demand",
            Self::Correction => "correction",
            Self::Closure => "closure",
        }
    }
}

/// Returns the table and the key of a subject.
pub(super) fn locate(subject: &Subject) -> (Table, &str) {
    match subject {
        Subject::Resource(id) => (Table::Resource, id.as_str()),
        Subject::Division(code) => (Table::Division, code.as_str()),
        Subject::Demand(id) => (Table::Demand, &id.0),
        Subject::Correction(id) => (Table::Correction, id.as_str()),
        Subject::Closure(id) => (Table::Closure, id.as_str()),
    }
}

/// Refuses a batch that no store can keep; returns the subjects in the order of the proposals.
pub(super) fn check(batch: &Batch) -> Result<Vec<Subject>, StoreError> {
    if batch.proposals.is_empty() {
        return Err(refused("batch", "it holds no change"));
    }
    let mut seen = HashSet::with_capacity(batch.proposals.len());
    let mut subjects = Vec::with_capacity(batch.proposals.len());
    for proposal in &batch.proposals {
        let subject = proposal.change.subject().ok_or_else(|| refused("edit", "both of its sides are empty"))?;
        check_proposal(proposal).map_err(|why| refused(&name(&subject), why))?;
        if !seen.insert(subject.clone()) {
            return Err(refused(&name(&subject), "it comes twice in one batch"));
        }
        subjects.push(subject);
    }
    Ok(subjects)
}

fn check_proposal(proposal: &Proposal) -> Result<(), &'static str> {
    let (had, keeps_name, finite) = match &proposal.change {
        Change::Resource(e) => (e.before.is_some(), agree(e, |r| &r.id), e.after.as_deref().is_none_or(is_finite)),
        Change::Division(e) => {
            let area = e.after.as_ref().and_then(|d| d.area.as_ref());
            (e.before.is_some(), agree(e, |d| &d.code), area.is_none_or(is_finite_area))
        }
        Change::Demand(e) => (e.before.is_some(), agree(e, |d| &d.id), true),
        Change::Correction(e) => (e.before.is_some(), agree(e, |c| &c.id), true),
        Change::Closure(e) => (e.before.is_some(), agree(e, |c| &c.id), e.after.as_deref().is_none_or(is_drawn)),
    };
    if !keeps_name {
        return Err("its two sides name different things");
    }
    if had != proposal.expected.is_some() {
        return Err("what it was and the revision looked at do not go together");
    }
    if finite { Ok(()) } else { Err("it holds a number that is not finite") }
}

fn agree<T, K: PartialEq>(edit: &Edit<T>, key: impl Fn(&T) -> &K) -> bool {
    match (&edit.before, &edit.after) {
        (Some(before), Some(after)) => key(before) == key(after),
        _ => true,
    }
}

fn is_finite(resource: &Resource) -> bool {
    let quantity = |q: &Option<f64>| q.is_none_or(f64::is_finite);
    let detail = match &resource.detail {
        Detail::Shelter(s) => quantity(&s.area_m2),
        Detail::Warehouse(s) | Detail::StoragePoint(s) => {
            quantity(&s.area_m2) && quantity(&s.volume_m3) && s.stock.iter().flatten().all(|l| quantity(&l.quantity))
        }
        Detail::Team(_) | Detail::Site(_) => true,
    };
    let place = &resource.place;
    detail
        && place.footprint.as_ref().is_none_or(is_finite_area)
        && place.declared.as_ref().is_none_or(|d| d.first.is_finite() && d.second.is_finite())
}

/// Returns whether the numbers of a closure's shape can be kept; positions are finite by their type.
fn is_drawn(closure: &Closure) -> bool {
    match &closure.shape {
        ClosureShape::Point(_) | ClosureShape::Lines(_) => true,
        ClosureShape::Area(area) => is_finite_area(area),
    }
}

fn is_finite_area(area: &Footprint) -> bool {
    let rings = area.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    rings.flat_map(|r| &r.0).all(|c| c.x.is_finite() && c.y.is_finite())
}

/// A numbered batch: the subjects and the entries that will stand in the journal, in the same order.
pub(super) struct Draft {
    /// What each change is about.
    pub(super) subjects: Vec<Subject>,
    /// Whether the public can see each change.
    pub(super) public: Vec<bool>,
    /// Revision that the counter showed before.
    pub(super) start: Revision,
    /// Time of the commit.
    pub(super) at: DateTime<Utc>,
    /// The answer, should all go well.
    pub(super) committed: Committed,
}

/// Gives the changes of a checked batch the numbers that follow `counter`.
pub(super) fn number(batch: &Batch, subjects: Vec<Subject>, counter: Revisions) -> Draft {
    let at = to_micros(batch.at);
    let first = counter.all.next();
    let mut revisions = counter;
    let mut public = Vec::with_capacity(subjects.len());
    let mut entries = Vec::with_capacity(subjects.len());
    for proposal in &batch.proposals {
        revisions.all = revisions.all.next();
        let visible = proposal.change.touches_public();
        if visible {
            revisions.public = revisions.all;
        }
        public.push(visible);
        entries.push(Entry {
            revision: revisions.all,
            batch: first,
            actor: batch.actor.clone(),
            at,
            reason: batch.reason.clone(),
            change: proposal.change.clone(),
        });
    }
    Draft { subjects, public, start: counter.all, at, committed: Committed { revisions, entries } }
}

/// Returns the parts of a batch of `len`, each at most `size` long, in order.
pub(super) fn chunks(len: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len).step_by(size).map(move |start| start..(start + size).min(len))
}

/// Rows that were taken out of the tables to be replaced: their revisions by table and key.
#[derive(Default)]
pub(super) struct Taken(HashMap<(Table, String), (i64, i64)>);

impl Taken {
    /// Adds rows as they come from the database: key, revision, public revision.
    pub(super) fn add(&mut self, table: Table, rows: Vec<(String, i64, i64)>) {
        self.0.extend(rows.into_iter().map(|(key, revision, public)| ((table, key), (revision, public))));
    }
}

impl Draft {
    /// Returns the keys of the rows in one table that this part of the batch replaces or removes.
    ///
    /// All of them are taken out before anything is put in, so that codes can change hands within a batch.
    pub(super) fn replaced(&self, batch: &Batch, chunk: Range<usize>, table: Table) -> Vec<&str> {
        let old = chunk.filter(|i| batch.proposals[*i].expected.is_some());
        old.map(|i| locate(&self.subjects[i])).filter(|(t, _)| *t == table).map(|(_, key)| key).collect()
    }

    /// Compares what was taken out with what the authors looked at; returns the public revisions of the rows, 0 for
    /// what is new.
    pub(super) fn compare(&self, batch: &Batch, chunk: Range<usize>, taken: &Taken) -> Result<Vec<i64>, StoreError> {
        let kept = |i: usize| {
            let Some(expected) = batch.proposals[i].expected else { return Ok(0) };
            let (table, key) = locate(&self.subjects[i]);
            match taken.0.get(&(table, key.to_owned())) {
                Some((revision, public)) if read(*revision) == expected => Ok(*public),
                other => Err(StoreError::Stale {
                    subject: self.subjects[i].clone(),
                    expected: Some(expected),
                    found: other.map(|(revision, _)| read(*revision)),
                }),
            }
        };
        chunk.map(kept).collect()
    }

    /// Returns what is written for the `i`-th change; `kept` is the public revision of the row that it replaces.
    pub(super) fn line(&self, i: usize, kept: i64) -> Result<Line<'_>, StoreError> {
        let entry = &self.committed.entries[i];
        let (table, key) = locate(&self.subjects[i]);
        let revision = stored(entry.revision);
        Ok(Line {
            table,
            key,
            revision,
            public_revision: if self.public[i] { revision } else { kept },
            touches_public: self.public[i],
            doc: after(&entry.change)?,
            change: encode(&entry.change)?,
        })
    }

    /// Returns the error for the `i`-th row, which found its place taken: by itself at revision `found`, or, when it is
    /// not there itself, by another resource with its code.
    pub(super) fn not_written(&self, i: usize, found: Option<Revision>) -> StoreError {
        match (found, &self.committed.entries[i].change) {
            (None, Change::Resource(Edit { after: Some(after), .. })) => {
                StoreError::CodeTaken { code: after.code.clone() }
            }
            _ => StoreError::Stale { subject: self.subjects[i].clone(), expected: None, found },
        }
    }
}

/// One change as it goes into the tables.
pub(super) struct Line<'a> {
    pub(super) table: Table,
    pub(super) key: &'a str,
    pub(super) revision: i64,
    pub(super) public_revision: i64,
    pub(super) touches_public: bool,
    /// The value as it is now; `None` when it is gone.
    pub(super) doc: Option<String>,
    /// Before and after, for the journal.
    pub(super) change: String,
}

fn after(change: &Change) -> Result<Option<String>, StoreError> {
    match change {
        Change::Resource(e) => e.after.as_deref().map(encode).transpose(),
        Change::Division(e) => e.after.as_deref().map(encode).transpose(),
        Change::Demand(e) => e.after.as_deref().map(encode).transpose(),
        Change::Correction(e) => e.after.as_deref().map(encode).transpose(),
        Change::Closure(e) => e.after.as_deref().map(encode).transpose(),
    }
}

fn encode<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| refused("value", &e.to_string()))
}

/// A row as it comes from the database: key, revision, public revision, document.
pub(super) type Raw = (String, i64, i64, String);

/// Reads rows back, on all cores and off the threads that serve requests.
pub(super) async fn decode<T>(table: Table, raw: Vec<Raw>) -> Result<Vec<Row<T>>, StoreError>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    off_thread(table.word(), move || raw.into_par_iter().map(|row| decode_row(table, row)).collect()).await
}

fn decode_row<T: DeserializeOwned>(table: Table, (key, revision, public, doc): Raw) -> Result<Row<T>, StoreError> {
    let value = serde_json::from_str(&doc).map_err(|e| corrupt(format!("{} {key}", table.word()), e))?;
    Ok(Row { revision: read(revision), public_revision: read(public), value: Arc::new(value) })
}

/// A journal line as it comes from the database: revision, batch, actor, time, reason, change.
pub(super) type RawEntry = (i64, i64, String, DateTime<Utc>, Option<String>, String);

/// Adds conditions, order and limit to a SELECT over the journal. Only constant text is pushed; values are bound.
pub(super) fn select_entries<DB>(select: &mut QueryBuilder<DB>, query: &EntryQuery, limit: usize)
where
    DB: sqlx::Database,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
    DateTime<Utc>: for<'q> Encode<'q, DB> + Type<DB>,
{
    select.push(" WHERE revision > ").push_bind(stored(query.after));
    if let Some(up_to) = query.up_to {
        select.push(" AND revision <= ").push_bind(stored(up_to));
    }
    if let Some(subject) = &query.subject {
        let (table, key) = locate(subject);
        select.push(" AND subject_kind = ").push_bind(table.word().to_owned());
        select.push(" AND subject_id = ").push_bind(key.to_owned());
    }
    if let Some(batch) = query.batch {
        select.push(" AND batch = ").push_bind(stored(batch));
    }
    if query.heads {
        select.push(" AND revision = batch");
    }
    if let Some(actor) = &query.actor {
        select.push(" AND actor = ").push_bind(actor.clone());
    }
    if let Some(from) = query.from {
        select.push(" AND at >= ").push_bind(to_micros(from));
    }
    if let Some(until) = query.until {
        select.push(" AND at <= ").push_bind(to_micros(until));
    }
    select.push(if query.newest_first { " ORDER BY revision DESC LIMIT " } else { " ORDER BY revision LIMIT " });
    select.push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
}

/// A record as it comes from the database: key, version, time, document, bytes.
pub(super) type RawRecord = (String, i64, DateTime<Utc>, String, Option<Vec<u8>>);

/// Reads a record back.
pub(super) fn decode_record(kind: RecordKind, (key, version, at, doc, blob): RawRecord) -> Record {
    Record { kind, key, version: read(version).0, at, doc, blob }
}

/// Journal lines that are read back at once rather than handed to other threads.
const FEW: usize = 64;

/// Reads journal lines back, many of them like [`decode`].
pub(super) async fn decode_entries(raw: Vec<RawEntry>) -> Result<Vec<Entry>, StoreError> {
    if raw.len() <= FEW {
        return raw.into_iter().map(decode_entry).collect();
    }
    off_thread("journal", move || raw.into_par_iter().map(decode_entry).collect()).await
}

fn decode_entry((revision, batch, actor, at, reason, change): RawEntry) -> Result<Entry, StoreError> {
    let change = serde_json::from_str(&change).map_err(|e| corrupt(format!("journal {revision}"), e))?;
    Ok(Entry { revision: read(revision), batch: read(batch), actor, at, reason, change })
}

async fn off_thread<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(stopped) => Err(corrupt(what.to_owned(), stopped)),
    }
}

/// A token as it comes from the database: id, hash, name, role, scope, made, ends, taken back, by whom it was made.
pub(super) type RawToken = (
    String,
    String,
    String,
    String,
    Option<String>,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<String>,
);

/// Reads one token back.
pub(super) fn decode_token(raw: RawToken) -> Result<TokenRecord, StoreError> {
    let (id, hash, name, role, scope, created_at, expires_at, revoked_at, created_by) = raw;
    let what = || format!("token {id}");
    let role = Role::from_word(&role).ok_or_else(|| corrupt(what(), format!("no role `{role}`")))?;
    let scope = scope.map(|c| DivisionCode::parse(&c)).transpose().map_err(|v| corrupt(what(), v.en))?;
    Ok(TokenRecord { id, hash, name, role, scope, created_at, expires_at, revoked_at, created_by })
}

/// Reads tokens back, oldest first.
pub(super) fn decode_tokens(raw: Vec<RawToken>) -> Result<Vec<TokenRecord>, StoreError> {
    let mut tokens = raw.into_iter().map(decode_token).collect::<Result<Vec<_>, _>>()?;
    tokens.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(tokens)
}

/// Returns the time to the microsecond, the finest that both databases keep.
pub(super) fn to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

/// Returns the revision as SQL keeps it; a counter that grows by one never passes the last `i64`.
pub(super) fn stored(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}

/// Returns a revision read from SQL; the tables hold no negative one (CHECK).
pub(super) fn read(revision: i64) -> Revision {
    Revision(u64::try_from(revision).unwrap_or(0))
}

fn name(subject: &Subject) -> String {
    let (table, key) = locate(subject);
    format!("{} {key}", table.word())
}

fn refused(what: &str, why: &str) -> StoreError {
    StoreError::Refused { what: what.to_owned(), why: why.to_owned() }
}

fn corrupt(what: String, why: impl ToString) -> StoreError {
    StoreError::Corrupt { what, why: why.to_string() }
}
