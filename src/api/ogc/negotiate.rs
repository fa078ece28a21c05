//! Addresses for links, and the media type a client will take.

use crate::api::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use serde_json::{Value, json};

/// The address that links begin with, as the client sees this service.
pub struct Base(String);

impl Base {
    /// Returns the address of a path.
    pub fn to(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Returns a link object.
    pub fn link(&self, path: &str, rel: &str, media: &str, title: &str) -> Value {
        json!({ "href": self.to(path), "rel": rel, "type": media, "title": title })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Base {
    type Rejection = Problem;

    /// Takes the host the client named; a proxy in front says how it was reached.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let headers = &parts.headers;
        let host = text(headers, "x-forwarded-host").or_else(|| text(headers, "host"));
        let fits = |h: &&str| {
            (1..=255).contains(&h.len()) && h.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-[]_".contains(&b))
        };
        let scheme = text(headers, "x-forwarded-proto").filter(|p| *p == "https").unwrap_or("http");
        Ok(Self(host.filter(fits).map(|host| format!("{scheme}://{host}")).unwrap_or_default()))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

/// Refuses with 406 when the client takes none of the `offered` media types.
pub fn accept(headers: &HeaderMap, format: Option<&str>, offered: &[&str]) -> Result<(), Problem> {
    if format.is_some_and(|f| f == "json" || f == "geojson") {
        return Ok(());
    }
    let none = Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "not-acceptable",
        "无法提供该格式 / Not acceptable",
        format!("可提供 {0}（f=json） / available: {0} (f=json)", offered.join(", ")),
    );
    if format.is_some() {
        return Err(none);
    }
    let given: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok()).collect();
    let ranges: Vec<Range> = given.iter().flat_map(|v| v.split(',')).filter_map(Range::read).collect();
    if ranges.is_empty() || offered.iter().any(|media| taken(&ranges, media)) { Ok(()) } else { Err(none) }
}

/// One range of an `Accept` header, its parameters but for the weight left aside.
struct Range {
    essence: String,
    wanted: bool,
}

impl Range {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
        let essence = parts.next().filter(|essence| !essence.is_empty())?;
        let weight = parts.find_map(|part| part.strip_prefix("q=").map(str::to_owned));
        Some(Self { essence, wanted: weight.and_then(|q| q.trim().parse::<f32>().ok()) != Some(0.0) })
    }

    /// Returns how closely the range names a media type: 3 the type itself, 2 its family, 1 anything.
    fn closeness(&self, media: &str) -> Option<u8> {
        let family = media.split('/').next().unwrap_or_default();
        match self.essence.as_str() {
            "*/*" => Some(1),
            range if range == media => Some(3),
            range => (range.strip_suffix("/*") == Some(family)).then_some(2),
        }
    }
}

/// The closest range decides (RFC 9110 section 12.5.1).
fn taken(ranges: &[Range], media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default();
    let closest = ranges.iter().filter_map(|r| Some((r.closeness(media)?, r.wanted))).max();
    closest.is_some_and(|(_, wanted)| wanted)
}
