//! Validators: `ETag`, `If-None-Match`, `If-Match`.
//!
//! A tag is made of the revision that the audience is told, so that a change hidden from the public leaves the public's
//! tags as they were. Answers vary by `Authorization` and `Cookie`, and say so.

use super::problem::Problem;
use crate::domain::{Audience, Revision, Violation};
use crate::service::edit::Precondition;
use crate::service::history::{Moment, View};
use crate::service::token::hex;
use crate::service::{App, Error};
use crate::store::Expected;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Returns the tag of an answer made from the world at a revision.
pub fn world_tag(audience: Audience, revision: Revision) -> String {
    format!("\"{}{revision}\"", if audience == Audience::Public { "p" } else { "s" })
}

/// Returns the tag of an answer made from a view. What the public is shown of the past hangs on what is public now.
pub fn view_tag(audience: Audience, view: &View) -> String {
    match (view.past, audience) {
        (None, _) => world_tag(audience, view.present),
        (Some(past), Audience::Staff) => world_tag(audience, past.revision),
        (Some(past), Audience::Public) => format!("\"p{}.{}\"", past.revision, view.present),
    }
}

/// Returns the present, or the past that was asked for in the address.
pub async fn viewed(app: &App, audience: Audience, moment: Option<Moment>) -> Result<View, Problem> {
    app.view(audience, moment).await.map_err(|error| match error {
        Error::Invalid(violations) => Problem::parameters(violations),
        other => other.into(),
    })
}

/// Returns the tag of one resource. The public sees less of the same revision, so it has another tag: a cache that held
/// the public's answer must not be told that it is still good for somebody who has signed in since. `division` is the
/// revision of the row's division where that came later: the answer shows its name. As a condition of a write, only the
/// row's own revision counts.
pub fn row_tag(audience: Audience, revision: Revision, division: Option<Revision>) -> String {
    let audience = if audience == Audience::Public { PUBLIC } else { "" };
    let division = division.map(|at| format!("{DIVISION}{at}")).unwrap_or_default();
    format!("\"r{revision}{audience}{division}\"")
}

/// What stands before the revision of a division in a tag of a row.
const DIVISION: &str = "-d";

/// End of the public's tags of rows.
const PUBLIC: &str = "-p";

/// Returns whether the caller already has the answer with this tag.
pub fn has_it(headers: &HeaderMap, tag: &str) -> bool {
    let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    given.flat_map(|v| v.split(',')).map(|t| t.trim().trim_start_matches("W/")).any(|t| t == tag || t == "*")
}

/// Returns the answer with its tag, or 304 when the caller has it.
pub fn tagged(headers: &HeaderMap, audience: Audience, tag: &str, body: impl FnOnce() -> Response) -> Response {
    let mut response = if has_it(headers, tag) {
        let mut empty = Response::new(Body::empty());
        *empty.status_mut() = StatusCode::NOT_MODIFIED;
        empty
    } else {
        body()
    };
    let out = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(tag) {
        out.insert(header::ETAG, value);
    }
    out.insert(header::CACHE_CONTROL, cache_control(audience));
    out.append(header::VARY, HeaderValue::from_static("authorization, cookie"));
    response
}

fn cache_control(audience: Audience) -> HeaderValue {
    match audience {
        Audience::Public => HeaderValue::from_static("public, no-cache"),
        Audience::Staff => HeaderValue::from_static("private, no-cache"),
    }
}

/// Returns JSON that does not hang on the world, tagged by its bytes.
pub fn fixed(headers: &HeaderMap, media: &'static str, value: &impl serde::Serialize) -> Response {
    let bytes = match serde_json::to_vec(value) {
        Ok(bytes) => bytes,
        Err(error) => return Problem::from(crate::service::Error::internal(error)).into_response(),
    };
    let tag = format!("\"{}\"", &hex(&Sha256::digest(&bytes))[..24]);
    tagged(headers, Audience::Public, &tag, || ([(header::CONTENT_TYPE, media)], bytes).into_response())
}

/// Reads `If-Match` and `If-None-Match` of a write.
pub fn precondition(headers: &HeaderMap) -> Result<Precondition, Problem> {
    if let Some(value) = headers.get(header::IF_NONE_MATCH) {
        return match value.to_str().map(str::trim) {
            Ok("*") => Ok(Precondition::IsNew),
            _ => Err(wrong("If-None-Match", "*")),
        };
    }
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(Precondition::Absent) };
    let text = value.to_str().map_err(|_| wrong("If-Match", "\"r<revision>\""))?.trim();
    if text == "*" {
        return Ok(Precondition::Exists);
    }
    let revisions = text.split(',').map(revision).collect::<Option<Vec<_>>>();
    revisions.map(Precondition::AtRevision).ok_or_else(|| wrong("If-Match", "\"r<revision>\""))
}

fn revision(tag: &str) -> Option<Revision> {
    let digits = tag.trim().trim_start_matches("W/").strip_prefix("\"r")?.strip_suffix('"')?;
    let digits = match digits.split_once(DIVISION) {
        Some((digits, division)) => division.parse::<u64>().ok().map(|_| digits)?,
        None => digits,
    };
    digits.strip_suffix(PUBLIC).unwrap_or(digits).parse().ok().map(Revision)
}

/// Reads which edition of a kept record a write is about: `If-Match: "v<version>"`, `If-Match: *` for whatever is there,
/// `If-None-Match: *` for a new one.
pub fn edition(headers: &HeaderMap) -> Result<Expected, Problem> {
    const FORM: &str = "\"v<version>\"";
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().map(str::trim).unwrap_or_default());
    match (text(header::IF_NONE_MATCH), text(header::IF_MATCH)) {
        (Some("*"), _) => Ok(Expected::New),
        (Some(_), _) => Err(wrong("If-None-Match", "*")),
        (None, None) => Err(Error::PreconditionRequired.into()),
        (None, Some("*")) => Ok(Expected::Any),
        (None, Some(tag)) => {
            let digits = tag.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"'));
            digits.and_then(|d| d.parse().ok()).map(Expected::At).ok_or_else(|| wrong("If-Match", FORM))
        }
    }
}

fn wrong(field: &str, form: &str) -> Problem {
    Problem::parameters(vec![Violation::new(
        field,
        "bad_tag",
        format!("{field} 应为 {form}（取自读取时的 ETag）"),
        format!("{field} must be {form}, as the ETag of the read gave it"),
    )])
}

/// Returns JSON as a response of a media type.
pub fn json(media: &'static str, value: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => ([(header::CONTENT_TYPE, media)], bytes).into_response(),
        Err(error) => Problem::from(crate::service::Error::internal(error)).into_response(),
    }
}

/// Returns an answer that nobody is to keep.
pub fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
