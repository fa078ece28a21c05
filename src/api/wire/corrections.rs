//! Reports, receipts, answers and the inbox.

use super::free_text;
use crate::domain::{Correction, Crs, Fault, LonLat, Population, ResourceId, Violation};
use crate::service::corrections::{
    Answer, Answered, Inbox, LIMIT_MAX, NewReport, PHOTO_BYTES_MAX, PhotoError, Receipt, Report, Status, Verdict,
};
use crate::service::edit::Precondition;
use crate::spatial::crs::to_wgs84;
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Longest message and reply, in characters.
const MESSAGE_MAX: usize = 1000;

/// Longest contact, in characters.
const CONTACT_MAX: usize = 200;

/// A report: what is wrong about which place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// Id of the resource.
    #[serde(default)]
    #[schema(required)]
    resource: Option<String>,
    /// moved | closed | wrong_phone | wrong_name | wrong_capacity | no_access | other.
    #[serde(default)]
    #[schema(required)]
    fault: Option<String>,
    /// In one's own words, 1–1000 characters.
    #[serde(default)]
    #[schema(required)]
    message: Option<String>,
    /// Where it is said to be: longitude (or easting), in `datum`; at most 20 km from the pin.
    #[serde(default)]
    lon: Option<f64>,
    /// Latitude (or northing), in `datum`.
    #[serde(default)]
    lat: Option<f64>,
    /// wgs84 (default) | cgcs2000 | gcj02 | bd09 | another coordinate system.
    #[serde(default)]
    datum: Option<String>,
    /// How to be reached, at most 200 characters; only staff of the place see it, and it is erased `report_contact_days`
    /// (`/api/settings/freshness`) after the answer.
    #[serde(default)]
    contact: Option<String>,
    /// JPEG, PNG or WebP, at most 2 MiB, base64. What the camera wrote beside the picture is not kept, and
    /// the picture is erased `report_photo_days` (`/api/settings/freshness`) after the answer.
    #[serde(default)]
    photo: Option<String>,
}

impl ReportBody {
    /// Returns the report, or everything wrong with it.
    pub fn read(self) -> Result<NewReport, Vec<Violation>> {
        let mut wrong = Vec::new();
        let resource = told(&mut wrong, "resource", self.resource, |text| {
            ResourceId::parse(&text).map_err(|v| Violation { field: "resource".to_owned(), ..v })
        });
        let fault = told(&mut wrong, "fault", self.fault, |word| {
            Fault::from_word(&word).ok_or_else(|| Violation::not_a_choice("fault", &word, &Fault::choices()))
        });
        let message = told(&mut wrong, "message", self.message, |text| free_text("message", text, MESSAGE_MAX));
        let contact = self.contact.filter(|text| !text.trim().is_empty());
        let contact = contact.and_then(|text| noted(&mut wrong, free_text("contact", text, CONTACT_MAX)));
        let position = noted(&mut wrong, position(self.lon, self.lat, self.datum.as_deref())).flatten();
        let photo = self.photo.and_then(|text| noted(&mut wrong, photo(&text)));
        match (resource, fault, message) {
            (Some(resource), Some(fault), Some(message)) if wrong.is_empty() => {
                Ok(NewReport { resource, fault, message, position, contact, photo })
            }
            _ => Err(wrong),
        }
    }
}

/// Reads a member that must be there.
fn told<T>(
    wrong: &mut Vec<Violation>,
    field: &str,
    given: Option<String>,
    read: impl FnOnce(String) -> Result<T, Violation>,
) -> Option<T> {
    let given = given.ok_or_else(|| Violation::missing(field));
    noted(wrong, given.and_then(read))
}

fn noted<T>(wrong: &mut Vec<Violation>, read: Result<T, Violation>) -> Option<T> {
    read.map_err(|violation| wrong.push(violation)).ok()
}

fn position(lon: Option<f64>, lat: Option<f64>, datum: Option<&str>) -> Result<Option<LonLat>, Violation> {
    let crs = datum.map_or(Ok(Crs::WGS84), Crs::parse)?;
    match (lon, lat) {
        (None, None) => Ok(None),
        (Some(lon), Some(lat)) => to_wgs84(&crs, lon, lat).map(Some),
        (Some(_), None) => Err(Violation::missing("lat")),
        (None, Some(_)) => Err(Violation::missing("lon")),
    }
}

fn photo(text: &str) -> Result<Vec<u8>, Violation> {
    // Pages hand over data URLs.
    let coded = text.split_once("base64,").map_or(text, |(_, coded)| coded).trim();
    if coded.len() > PHOTO_BYTES_MAX.div_ceil(3) * 4 {
        return Err(PhotoError::Heavy.violation());
    }
    STANDARD.decode(coded).map_err(|_| {
        Violation::new("photo", "bad_base64", "photo 应为 base64 编码的图片", "photo must be a picture in base64")
    })
}

/// What the reporter gets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptDoc {
    /// Receipt number: the only key to the answer for somebody without an account.
    pub receipt: String,
    /// When an answer is due.
    pub due_at: DateTime<Utc>,
}

impl From<Receipt> for ReceiptDoc {
    fn from(receipt: Receipt) -> Self {
        Self { receipt: receipt.id.to_string(), due_at: receipt.due_at }
    }
}

/// What became of a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusDoc {
    /// Receipt number.
    pub receipt: String,
    /// open, accepted, rejected.
    pub state: &'static str,
    /// What was said to be wrong.
    pub fault: &'static str,
    /// When it was reported.
    pub reported_at: DateTime<Utc>,
    /// When an answer is due.
    pub due_at: DateTime<Utc>,
    /// The answer.
    pub reply: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// What it is about; null when that is no longer public.
    pub resource: Option<NamedDoc>,
}

/// A resource by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedDoc {
    /// Id.
    pub id: String,
    /// Chinese name.
    pub name: String,
}

impl From<Status> for StatusDoc {
    fn from(status: Status) -> Self {
        let report = &status.report.value;
        Self {
            receipt: report.id.to_string(),
            state: report.state.word(),
            fault: report.fault.word(),
            reported_at: report.reported_at,
            due_at: report.due_at,
            reply: report.reply.clone(),
            answered_at: report.answered_at,
            resource: status.name.map(|name| NamedDoc { id: report.resource.to_string(), name }),
        }
    }
}

/// A page of the inbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxAnswer {
    /// Reports, the newest first.
    pub reports: Vec<InboxDoc>,
    /// `before` of the next page; null on the last one.
    pub next: Option<String>,
    /// How many in the caller's scope wait for an answer.
    pub open: usize,
    /// How many of them are overdue.
    pub overdue: usize,
    /// Reports of a page at most.
    pub limit: usize,
    /// Largest limit.
    pub limit_max: usize,
}

/// One report as staff see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxDoc {
    /// Receipt number.
    pub receipt: String,
    /// open, accepted, rejected.
    pub state: &'static str,
    /// What is said to be wrong.
    pub fault: &'static str,
    /// In the reporter's words.
    pub message: String,
    /// Where it is said to be: longitude, WGS84 degrees.
    pub lon: Option<f64>,
    /// Latitude, WGS84 degrees.
    pub lat: Option<f64>,
    /// How to reach the reporter; null when they did not say, or it is erased.
    pub contact: Option<String>,
    /// They said it, and it is erased.
    pub contact_erased: bool,
    /// There is a photograph at `/api/corrections/{receipt}/photo`.
    pub photo: bool,
    /// When it was reported.
    pub reported_at: DateTime<Utc>,
    /// When an answer is due.
    pub due_at: DateTime<Utc>,
    /// It waits longer than it should.
    pub overdue: bool,
    /// The answer.
    pub reply: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// Division code.
    pub division: Option<String>,
    /// Division name.
    pub division_name: Option<String>,
    /// What it is about.
    pub resource: InboxResource,
    /// People for whom it is the nearest shelter that could serve; null for other kinds.
    #[schema(value_type = Option<f64>)]
    pub people_affected: Option<Population>,
}

/// What a report is about, as it is now; null where it is gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxResource {
    /// Id.
    pub id: String,
    /// Chinese name.
    pub name: Option<String>,
    /// Revision, for `If-Match: "rN"`.
    pub revision: Option<u64>,
    /// Longitude, WGS84 degrees.
    pub lon: Option<f64>,
    /// Latitude, WGS84 degrees.
    pub lat: Option<f64>,
}

impl InboxAnswer {
    /// Puts a page into wire form.
    pub fn of(world: &World, inbox: Inbox, limit: usize) -> Self {
        Self {
            reports: inbox.reports.into_iter().map(|report| InboxDoc::of(world, report)).collect(),
            next: inbox.next.map(|id| id.to_string()),
            open: inbox.open,
            overdue: inbox.overdue,
            limit,
            limit_max: LIMIT_MAX,
        }
    }
}

impl InboxDoc {
    fn of(world: &World, told: Report) -> Self {
        let report: &Correction = &told.report.value;
        let (name, revision, at) = match told.place {
            Some((name, revision, at)) => (Some(name), Some(revision.0), Some(at)),
            None => (None, None, None),
        };
        let division = report.division.as_ref().and_then(|code| world.division(code));
        Self {
            receipt: report.id.to_string(),
            state: report.state.word(),
            fault: report.fault.word(),
            message: report.message.clone(),
            lon: report.position.map(LonLat::lon),
            lat: report.position.map(LonLat::lat),
            contact_erased: report.has_contact && told.contact.is_none(),
            contact: told.contact,
            photo: told.has_photo,
            reported_at: report.reported_at,
            due_at: report.due_at,
            overdue: told.overdue,
            reply: report.reply.clone(),
            answered_at: report.answered_at,
            answered_by: report.answered_by.clone(),
            division: report.division.as_ref().map(ToString::to_string),
            division_name: division.map(|row| row.value.name.clone()),
            resource: InboxResource {
                id: report.resource.to_string(),
                name,
                revision,
                lon: at.map(LonLat::lon),
                lat: at.map(LonLat::lat),
            },
            people_affected: told.people,
        }
    }
}

/// An answer to a report.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// accepted | rejected.
    #[serde(default)]
    #[schema(required)]
    state: Option<String>,
    /// In words that the reporter reads, 1–1000 characters.
    #[serde(default)]
    #[schema(required)]
    reply: Option<String>,
    /// Merge patch on the resource, committed with the answer.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    patch: Option<Map<String, Value>>,
}

impl AnswerBody {
    /// Returns the answer, or everything wrong with it.
    pub fn read(self, receipt: String, precondition: Precondition) -> Result<Answer, Vec<Violation>> {
        let mut wrong = Vec::new();
        let verdict = told(&mut wrong, "state", self.state, |word| match word.as_str() {
            "accepted" => Ok(Verdict::Accepted),
            "rejected" => Ok(Verdict::Rejected),
            _ => Err(Violation::not_a_choice("state", &word, "accepted, rejected")),
        });
        let reply = told(&mut wrong, "reply", self.reply, |text| free_text("reply", text, MESSAGE_MAX));
        match (verdict, reply) {
            (Some(verdict), Some(reply)) => Ok(Answer { receipt, verdict, reply, patch: self.patch, precondition }),
            _ => Err(wrong),
        }
    }
}

/// What came of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnsweredDoc {
    /// Receipt number.
    pub receipt: String,
    /// accepted, rejected.
    pub state: &'static str,
    /// The answer.
    pub reply: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// First revision of the batch that it was committed with.
    pub batch: u64,
    /// Revision of the resource after it; null when it was not changed.
    pub resource_revision: Option<u64>,
}

impl From<Answered> for AnsweredDoc {
    fn from(answered: Answered) -> Self {
        let report = &answered.report.value;
        Self {
            receipt: report.id.to_string(),
            state: report.state.word(),
            reply: report.reply.clone(),
            answered_at: report.answered_at,
            batch: answered.batch.0,
            resource_revision: answered.resource.map(|r| r.0),
        }
    }
}
