//! Where a request comes from: the address of the client, the scheme it used, and whether a page of another origin sent it.
//!
//! `X-Forwarded-For` is believed only of proxies that were named at the start: anybody else could write it, and throw
//! the throttle off. What the other forwarding headers say harms nobody but their sender.

use super::problem::Problem;
use crate::service::App;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::{HeaderMap, request::Parts};
use axum::{Extension, Router};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// Proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
struct Proxies(Arc<[IpAddr]>);

/// Returns the service behind proxies whose `X-Forwarded-For` is believed.
pub fn behind(router: Router, proxies: &[IpAddr]) -> Router {
    router.layer(Extension(Proxies(proxies.into())))
}

/// Address of the client, as throttles and the audit trail know it: IPv6 by its /64, for one line has that many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client(pub String);

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Client {
    /// Returns the address that a request came from.
    pub fn of(parts: &Parts) -> Self {
        let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else {
            return Self("unknown".to_owned());
        };
        let proxies = parts.extensions.get::<Proxies>().cloned().unwrap_or_default();
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or("?"));
        let chain: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
        // From the nearest outwards: the first one that is no proxy of ours is the client; what it says of others is its
        // own word. What can not be read hides who is beyond it: the proxy that wrote it is then the last that is known.
        let mut client = peer.ip().to_canonical();
        for entry in chain.into_iter().rev() {
            if !proxies.0.contains(&client) {
                break;
            }
            let Some(before) = address(entry.trim()) else { break };
            client = before.to_canonical();
        }
        Self(shown(client))
    }
}

/// Reads an entry of `X-Forwarded-For`: an address, with or without brackets and a port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = || entry.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let with_port = || entry.parse::<SocketAddr>().ok().map(|whole| whole.ip());
    entry.parse().ok().or_else(with_port).or_else(bare)
}

fn shown(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Returns whether the client speaks https, to this service or to the proxy before it.
pub fn is_https(headers: &HeaderMap) -> bool {
    let scheme = headers.get("x-forwarded-proto").and_then(|v| v.to_str().ok()).and_then(|v| v.split(',').next());
    scheme.is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

/// Returns the address that the service was reached at, `scheme://host`.
pub fn base(headers: &HeaderMap) -> Option<String> {
    let host = hosts(headers).next()?;
    let scheme = if is_https(headers) { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

/// Refuses what a page of another origin sends. Browsers say where a request comes from, and pages can not forge it; who
/// is no browser says nothing, and carries nobody's cookies either.
pub fn refuse_foreign(headers: &HeaderMap) -> Result<(), Problem> {
    let foreign = || Problem::csrf("请求来自其他网站的页面", "the request comes from a page of another site");
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(foreign());
    }
    let Some(origin) = text("origin") else { return Ok(()) };
    let host = origin.split_once("://").map(|(_, host)| host);
    if host.is_some_and(|host| hosts(headers).any(|own| own.eq_ignore_ascii_case(host))) {
        Ok(())
    } else {
        Err(foreign())
    }
}

/// Yields the hosts that the service may have been reached at, the one that a proxy names first.
fn hosts(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let named = |name| headers.get(name).and_then(|v| v.to_str().ok()).and_then(|v| v.split(',').next());
    ["x-forwarded-host", "host"].into_iter().filter_map(named).map(str::trim).filter(|host| !host.is_empty())
}
