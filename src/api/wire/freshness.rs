//! Ages and confidence of figures, who rests on old ones, and the settings behind it.

use super::Sentence;
use crate::analysis::freshness::{Rule, Seen, least, seen};
use crate::domain::{Audience, Contact, Fault, Field, Population, Resource};
use crate::service::freshness::{Calls, LIMIT_MAX, Settings, Stale, Summary, Versioned};
use crate::service::history::View;
use crate::service::view;
use crate::world::Kept;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How fresh a resource is.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreshnessDoc {
    /// What ages count back from.
    pub at: DateTime<Utc>,
    /// The least confidence among what answers about places rest on, 0 to 1; null when nothing was ever observed.
    pub confidence: Option<f64>,
    /// When the figures that answers rest on were last seen to be so; the oldest of them.
    pub observed_at: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub age_s: Option<i64>,
    /// Reports that wait for their answer.
    pub open_reports: usize,
    /// Group by group: position, capacity, occupancy, status, contacts, stock, readiness, record, track.
    pub fields: BTreeMap<&'static str, FieldDoc>,
}

/// How fresh a group of fields is.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldDoc {
    /// When it was last seen to be so.
    pub observed_at: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub age_s: Option<i64>,
    /// 0 to 1; null when never observed.
    pub confidence: Option<f64>,
    /// Days after which half the confidence is left.
    pub half_life_days: f64,
    /// Open reports that touch it.
    pub open_reports: usize,
    /// Who vouches for it; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verifier: Option<String>,
    /// The file or feed it was read from; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl FreshnessDoc {
    /// Describes a resource of a view.
    pub fn of(from: &View, row: &Kept<Resource>, rule: &Rule, audience: Audience) -> Self {
        let voices = from.world.voices(audience, &row.value.id);
        let all = seen(&row.value, &voices, rule, from.now);
        let told = all.iter().filter(|s| audience == Audience::Staff || s.field != Field::Contacts);
        Self {
            at: from.now,
            confidence: least(&all).map(rounded),
            observed_at: row.value.rests_on(),
            age_s: view::age_s(&row.value, from.now),
            open_reports: voices.iter().map(Vec::len).sum(),
            fields: told.map(|s| (s.field.word(), field(s, rule, audience))).collect(),
        }
    }
}

fn field(seen: &Seen<'_>, rule: &Rule, audience: Audience) -> FieldDoc {
    let staff = seen.observation.filter(|_| audience == Audience::Staff);
    FieldDoc {
        observed_at: seen.observed_at,
        age_s: seen.age_s,
        confidence: seen.confidence.map(rounded),
        half_life_days: rule.days(seen.field),
        open_reports: seen.reports,
        verifier: staff.and_then(|o| o.verifier.clone()),
        source: staff.and_then(|o| o.source.clone()),
    }
}

/// Returns the confidence of each group but contacts.
pub fn confidences(seen: &[Seen<'_>]) -> Map<String, Value> {
    let told = seen.iter().filter(|s| s.field != Field::Contacts);
    told.map(|s| (s.field.word().to_owned(), json!(s.confidence.map(rounded)))).collect()
}

/// Returns a confidence to four places: nobody knows the fifth.
pub fn rounded(confidence: f64) -> f64 {
    (confidence * 1e4).round() / 1e4
}

/// Who rests on old data.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreshnessAnswer {
    /// What ages count back from.
    pub as_of: DateTime<Utc>,
    /// Revision of the world that answered.
    pub revision: u64,
    /// Settings in force.
    pub settings: SettingsDoc,
    /// By kind.
    pub summary: Vec<SummaryDoc>,
    /// Everybody who lives somewhere.
    #[schema(value_type = f64)]
    pub people_total: Population,
    /// Those for whom there is no shelter that could serve.
    #[schema(value_type = f64)]
    pub people_without_shelter: Population,
    /// Whom to call, the most people first.
    pub calls: Vec<CallDoc>,
    /// How many there are in all.
    pub calls_total: usize,
    /// How many are listed at most.
    pub limit: usize,
    /// Largest limit.
    pub limit_max: usize,
}

/// What is too old, of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryDoc {
    /// Kind.
    pub kind: &'static str,
    /// Resources looked at.
    pub resources: usize,
    /// Of which nothing was ever observed.
    pub never_observed: usize,
    /// That say something too old, those never observed among them.
    pub stale: usize,
    /// People for whom one of the stale ones is the nearest shelter that could serve; null for other kinds.
    #[schema(value_type = Option<f64>)]
    pub people_affected: Option<Population>,
}

/// One resource to call about.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallDoc {
    /// Id.
    pub id: String,
    /// Chinese name.
    pub name: String,
    /// Kind.
    pub kind: &'static str,
    /// Division code.
    pub division: Option<String>,
    /// Division name.
    pub division_name: Option<String>,
    /// The group of fields that is worst off.
    pub oldest: OldestDoc,
    /// Reports that wait for their answer.
    pub open_reports: usize,
    /// People for whom it is the nearest shelter that could serve, by air; null for other kinds.
    #[schema(value_type = Option<f64>)]
    pub people_affected: Option<Population>,
    /// Whom to call; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<ContactDoc>>,
}

/// Somebody to call.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactDoc {
    /// Name.
    pub name: String,
    /// Function.
    pub role: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// A group of fields that is too old.
#[derive(Debug, Serialize, ToSchema)]
pub struct OldestDoc {
    /// The group.
    pub field: &'static str,
    /// When it was last seen to be so.
    pub observed_at: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub age_s: Option<i64>,
    /// 0 to 1; null when never observed.
    pub confidence: Option<f64>,
}

impl FreshnessAnswer {
    /// Puts an answer into wire form.
    pub fn of(calls: &Calls, audience: Audience, limit: usize) -> Self {
        let summary = |s: &Summary| SummaryDoc {
            kind: s.kind.word(),
            resources: s.resources,
            never_observed: s.never_observed,
            stale: s.stale,
            people_affected: s.people,
        };
        Self {
            as_of: calls.at,
            revision: calls.world.revision_for(audience).0,
            settings: SettingsDoc::of(&calls.settings),
            summary: calls.summary.iter().map(summary).collect(),
            people_total: calls.people.total,
            people_without_shelter: calls.people.without,
            calls: calls.calls.iter().map(|call| CallDoc::of(calls, call, audience)).collect(),
            calls_total: calls.total,
            limit,
            limit_max: LIMIT_MAX,
        }
    }
}

impl CallDoc {
    fn of(calls: &Calls, call: &Stale, audience: Audience) -> Self {
        let resource = &call.row.value;
        let contact = |c: &Contact| ContactDoc { name: c.name.clone(), role: c.role.clone(), phone: c.phone.clone() };
        Self {
            id: resource.id.to_string(),
            name: resource.name.zh.clone(),
            kind: resource.kind().word(),
            division: resource.division.as_ref().map(ToString::to_string),
            division_name: view::division_name(&calls.world, resource),
            oldest: OldestDoc {
                field: call.field.word(),
                observed_at: call.observed_at,
                age_s: call.age_s,
                confidence: call.confidence.map(rounded),
            },
            open_reports: call.open_reports,
            people_affected: call.people,
            contacts: (audience == Audience::Staff).then(|| resource.contacts.iter().map(contact).collect()),
        }
    }
}

/// Settings of freshness, with what they mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsDoc {
    /// Days after which half the trust is left, by group of fields.
    #[schema(value_type = Object)]
    pub half_life_days: BTreeMap<Field, f64>,
    /// What an open report leaves of the trust in the fields it touches.
    pub report_factor: f64,
    /// What all open reports together leave of it at least.
    pub report_floor: f64,
    /// Days until an answer is due, by fault.
    #[schema(value_type = Object)]
    pub report_due_days: BTreeMap<Fault, f64>,
    /// The same by division code; the shorter of the two holds.
    #[schema(value_type = Object)]
    pub report_due_days_by_division: BTreeMap<String, f64>,
    /// Days after the answer to a report until its photograph is erased.
    pub report_photo_days: f64,
    /// Days after the answer to a report until the reporter's contact is erased.
    pub report_contact_days: f64,
    /// Version; 0 while nothing was ever set.
    pub version: u64,
    /// When they were set.
    pub updated_at: Option<DateTime<Utc>>,
    /// How confidence is worked out, and what the numbers are worth.
    pub note: Sentence,
}

impl SettingsDoc {
    /// Describes settings.
    pub fn of(kept: &Versioned) -> Self {
        let Settings { half_life_days, report_due_days, .. } = kept.settings.clone();
        let Settings { report_factor, report_floor, report_photo_days, report_contact_days, .. } = kept.settings;
        let by_division =
            kept.settings.report_due_days_by_division.clone().into_iter().map(|(code, days)| (code.to_string(), days));
        Self {
            half_life_days,
            report_factor,
            report_floor,
            report_due_days,
            report_due_days_by_division: by_division.collect(),
            report_photo_days,
            report_contact_days,
            version: kept.version,
            updated_at: kept.at,
            note: Sentence {
                zh: "可信度 = 0.5^(距核实时间 ÷ 半衰期) × max(下限, 系数^(未答复的相关纠错人数))；半衰期、系数与下限由本单位自定，默认值为估计，并非标准"
                    .to_owned(),
                en: "confidence = 0.5^(age ÷ half-life) × max(floor, factor^(callers whose open reports touch \
                     the field)); half-lives, factor and floor are this district's own choice, the defaults are estimates and no norm"
                    .to_owned(),
            },
        }
    }
}
