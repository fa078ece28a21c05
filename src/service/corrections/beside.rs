//! What lies beside a report and not in it: its photograph, and how to reach whoever sent it.
//!
//! A line of the journal is never erased, and what may be personal data must be: both are records, dropped by themselves
//! some days after the report was answered (`report_photo_days`, `report_contact_days` of the settings). Invariant: what
//! lies here belongs to a report that waits, or was answered no longer ago than that; the rest goes within a minute.

use super::Photo;
use crate::domain::CorrectionId;
use crate::service::freshness::Settings;
use crate::service::{App, Error};
use crate::store::{Expected, Record, RecordKind};
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What is kept of a report outside the journal.
const KINDS: [RecordKind; 2] = [RecordKind::Photo, RecordKind::Contact];

/// How long something may lie here that no report claims: a report is written right after it.
const UNCLAIMED_FOR: TimeDelta = TimeDelta::hours(1);

/// Records read at once.
const PAGE: usize = 1000;

/// What goes with a report.
pub(super) struct Beside {
    pub(super) photo: Option<Photo>,
    pub(super) contact: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct PhotoNote {
    media: String,
}

#[derive(Serialize, Deserialize)]
struct ContactNote {
    contact: String,
}

impl Beside {
    /// Lays it down, before the report is written: a report never tells of what is not there.
    pub(super) async fn lay(self, app: &App, id: &CorrectionId) -> Result<(), Error> {
        if let Some(photo) = self.photo {
            let doc = serde_json::to_string(&PhotoNote { media: photo.media.to_owned() }).map_err(Error::internal)?;
            put(app, (RecordKind::Photo, id), doc, Some(photo.bytes)).await?;
        }
        if let Some(contact) = self.contact {
            let doc = serde_json::to_string(&ContactNote { contact }).map_err(Error::internal)?;
            if let Err(error) = put(app, (RecordKind::Contact, id), doc, None).await {
                drop_all(app, id).await;
                return Err(error);
            }
        }
        Ok(())
    }
}

async fn put(
    app: &App,
    (kind, id): (RecordKind, &CorrectionId),
    doc: String,
    blob: Option<Vec<u8>>,
) -> Result<(), Error> {
    let record = Record { kind, key: id.to_string(), version: 0, at: app.now(), doc, blob };
    app.store.put_record(&record, Expected::New).await?;
    Ok(())
}

/// Returns the photograph of a report with its media type, if there is one.
pub(super) async fn photo(app: &App, id: &CorrectionId) -> Result<Option<(String, Vec<u8>)>, Error> {
    let Some(record) = app.store.record(RecordKind::Photo, id.as_str()).await? else { return Ok(None) };
    let note: PhotoNote = serde_json::from_str(&record.doc).map_err(Error::internal)?;
    Ok(record.blob.map(|bytes| (note.media, bytes)))
}

/// Returns whether a report has a photograph.
pub(super) async fn has_photo(app: &App, id: &CorrectionId) -> Result<bool, Error> {
    // A list leaves the bytes out.
    Ok(!app.store.records(RecordKind::Photo, id.as_str(), "", 1).await?.is_empty())
}

/// Returns how to reach whoever sent a report; `None` when they did not say, or it is erased.
pub(super) async fn contact(app: &App, id: &CorrectionId) -> Result<Option<String>, Error> {
    let Some(record) = app.store.record(RecordKind::Contact, id.as_str()).await? else { return Ok(None) };
    serde_json::from_str::<ContactNote>(&record.doc).map(|note| Some(note.contact)).map_err(Error::internal)
}

/// Drops everything that lies beside a report; what can not be dropped now is found by [`forget`] later.
pub(in crate::service) async fn drop_all(app: &App, id: &CorrectionId) {
    for kind in KINDS {
        if let Err(error) = app.store.drop_record(kind, id.as_str()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "what lay beside a report is left for now");
        }
    }
}

/// Erases what was kept long enough; returns how many records went.
pub(in crate::service) async fn forget(app: &App) -> Result<usize, Error> {
    app.look_after_settings().await?;
    let (world, settings, now) = (app.world(), app.freshness(), app.now());
    let mut gone = 0;
    for kind in KINDS {
        let mut after = String::new();
        loop {
            let page = app.store.records(kind, "", &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.key);
            for record in page.iter().filter(|record| is_over(&world, &settings.settings, record, now)) {
                gone += usize::from(app.store.drop_record(kind, &record.key).await?);
            }
        }
    }
    Ok(gone)
}

fn is_over(world: &World, settings: &Settings, record: &Record, now: DateTime<Utc>) -> bool {
    let report = CorrectionId::parse(&record.key).and_then(|id| world.correction(&id));
    match report.map(|row| row.value.answered_at) {
        None => record.at + UNCLAIMED_FOR <= now,
        Some(None) => false,
        Some(Some(answered_at)) => answered_at + settings.kept_beside(record.kind) <= now,
    }
}
