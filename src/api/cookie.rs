//! Cookies: the session's, read and set in one place.
//!
//! HttpOnly: no script reads it. SameSite=Strict: no other site's request carries it. Over https it is Secure and its
//! name begins with `__Host-`, so that no neighbouring host and no plain-text answer can plant one.

use super::origin::is_https;
use axum::http::{HeaderMap, HeaderValue, header};

/// Name of the cookie of a session.
pub const SESSION: &str = "bihu_session";

/// Name of the cookie that binds a sign-in at the OpenID provider to this browser.
pub const OIDC: &str = "bihu_oidc";

/// Which other sites' requests may carry a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// None.
    Strict,
    /// Only a change of the page: the way back from the OpenID provider.
    Lax,
}

/// Returns the value of a cookie, under the one name that it can have on this connection.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let name = full_name(name, is_https(headers));
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    found.find(|(known, _)| *known == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// Returns the line that sets a cookie until the browser is closed or so many seconds have passed.
pub fn set(
    headers: &HeaderMap,
    (name, value): (&str, &str),
    same_site: SameSite,
    max_age_s: i64,
) -> Option<HeaderValue> {
    let https = is_https(headers);
    let secure = if https { "; Secure" } else { "" };
    let name = full_name(name, https);
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; HttpOnly; SameSite={same_site:?}; Max-Age={max_age_s}{secure}"
    ))
    .ok()
}

/// Takes the session's cookie away, by both of its names.
pub fn clear(out: &mut HeaderMap) {
    for line in [
        "bihu_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
        "__Host-bihu_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure",
    ] {
        out.append(header::SET_COOKIE, HeaderValue::from_static(line));
    }
}

fn full_name(name: &str, https: bool) -> String {
    if https { format!("__Host-{name}") } else { name.to_owned() }
}
