//! Which addresses a feed may connect to.
//!
//! Whoever may keep feeds must not thereby reach what only this machine can reach: by default a feed connects to public
//! addresses only. Names are resolved here, and only allowed addresses of them are handed on, so that the address that
//! was looked at is the one that is connected to; a number in place of a name is looked at before each hop.

use super::Private;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Returns whether anybody on the Internet could connect to an address (RFC 6890 and its registries).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let special = v4.is_loopback()
        || v4.is_private()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_broadcast()
        || v4.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let words = v6.segments();
    // Addresses that carry one of the old kind are as public as that.
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match words {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => inner(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        [0x2002, high, low, ..] => inner(high, low),
        // Global unicast is 2000::/3, without Teredo, benchmarking, ORCHID and documentation.
        [0x2001, 0..=0x01ff | 0x0db8, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

/// Returns whether a feed may connect to an address.
pub fn allows(private: Private, address: IpAddr) -> bool {
    private == Private::Allow || is_public(address)
}

/// Resolves names to allowed addresses.
pub struct Guard(pub Private);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.0;
        Box::pin(async move {
            let all = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = all.filter(|address| allows(private, address.ip())).collect();
            if allowed.is_empty() {
                return Err(Refused.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// An address was refused.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to no public address")]
pub struct Refused;
