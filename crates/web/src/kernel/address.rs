//! The client's address: the peer's own, unless the peer is a trusted proxy that names another.
//!
//! A proxy appends the address that it saw, so the list is read from the right, and the first hop
//! that is no trusted proxy is the client (CVE-2024-47070, CVE-2026-45364). What stands further left
//! was written by the client and means nothing. `Forwarded` and `X-Forwarded-For` in one request
//! that disagree mean that the proxy keeps only one of them: neither is believed.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

use super::forwarded::{forwarded, x_forwarded_for};

/// Whether `peer` is a proxy that is believed.
pub(super) fn is_trusted(peer: IpAddr, trusted: &[IpNet]) -> bool {
    let peer = peer.to_canonical();
    trusted.iter().any(|network| network.contains(&peer))
}

/// The client's address in its canonical form (an IPv4 address is never written as an IPv6 one).
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let lists = [forwarded(headers), x_forwarded_for(headers)];
    let mut found = lists
        .iter()
        .flatten()
        .map(|hops| first_untrusted(peer, hops, trusted));
    let Some(one) = found.next() else { return peer };
    if found.all(|other| other == one) {
        one
    } else {
        peer
    }
}

/// A hop that is no address (`unknown`, `_hidden`, damaged) ends the walk at the proxy that said so.
fn first_untrusted(peer: IpAddr, hops: &[Option<IpAddr>], trusted: &[IpNet]) -> IpAddr {
    let mut nearest = peer;
    for hop in hops.iter().rev() {
        let Some(hop) = hop.map(|hop| hop.to_canonical()) else {
            return nearest;
        };
        nearest = hop;
        if !is_trusted(hop, trusted) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn the_client_is_the_rightmost_hop_that_is_no_trusted_proxy() {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        for (peer, headers, client_is) in [
            // A stranger's headers mean nothing.
            (
                "192.0.2.1",
                &[("x-forwarded-for", "198.51.100.7")][..],
                "192.0.2.1",
            ),
            (
                "192.0.2.1",
                &[("forwarded", "for=198.51.100.7")],
                "192.0.2.1",
            ),
            // A trusted proxy's do.
            (
                "10.0.0.1",
                &[("x-forwarded-for", "198.51.100.7")],
                "198.51.100.7",
            ),
            (
                "::ffff:10.0.0.1",
                &[("x-forwarded-for", "198.51.100.7")],
                "198.51.100.7",
            ),
            (
                "10.0.0.1",
                &[("x-forwarded-for", "::ffff:198.51.100.7")],
                "198.51.100.7",
            ),
            (
                "fd00::1",
                &[("x-forwarded-for", "[2001:db8::7]:443")],
                "2001:db8::7",
            ),
            (
                "10.0.0.1",
                &[("x-forwarded-for", "198.51.100.7:5000")],
                "198.51.100.7",
            ),
            // What the client wrote before the proxy's own entry is passed over.
            (
                "10.0.0.1",
                &[("x-forwarded-for", "203.0.113.9, 198.51.100.7")],
                "198.51.100.7",
            ),
            (
                "10.0.0.1",
                &[("x-forwarded-for", "203.0.113.9, 198.51.100.7, 10.0.0.2")],
                "198.51.100.7",
            ),
            (
                "10.0.0.1",
                &[
                    ("x-forwarded-for", "203.0.113.9"),
                    ("x-forwarded-for", "198.51.100.7"),
                ],
                "198.51.100.7",
            ),
            // A hop that is no address ends the walk.
            (
                "10.0.0.1",
                &[("x-forwarded-for", "198.51.100.7, unknown")],
                "10.0.0.1",
            ),
            (
                "10.0.0.1",
                &[("x-forwarded-for", "198.51.100.7, unknown, 10.0.0.2")],
                "10.0.0.2",
            ),
            ("10.0.0.1", &[("x-forwarded-for", "")], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            // All hops are proxies: the farthest is the client.
            (
                "10.0.0.1",
                &[("x-forwarded-for", "10.0.0.3, 10.0.0.2")],
                "10.0.0.3",
            ),
            // RFC 7239.
            (
                "10.0.0.1",
                &[(
                    "forwarded",
                    "for=203.0.113.9, FOR=\"[2001:db8::7]:4711\";proto=https;by=_x",
                )],
                "2001:db8::7",
            ),
            (
                "10.0.0.1",
                &[("forwarded", "for=\"198.51.100.7\", for=_hidden")],
                "10.0.0.1",
            ),
            ("10.0.0.1", &[("forwarded", "proto=https")], "10.0.0.1"),
            // The two headers disagree: one of them is the client's own.
            (
                "10.0.0.1",
                &[
                    ("forwarded", "for=203.0.113.9"),
                    ("x-forwarded-for", "198.51.100.7"),
                ],
                "10.0.0.1",
            ),
            (
                "10.0.0.1",
                &[
                    ("forwarded", "for=198.51.100.7"),
                    ("x-forwarded-for", "198.51.100.7"),
                ],
                "198.51.100.7",
            ),
        ] {
            let headers: HeaderMap = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
                .collect();
            let expected: IpAddr = client_is.parse().unwrap();
            assert_eq!(
                client(peer.parse().unwrap(), &headers, &trusted),
                expected,
                "{headers:?}"
            );
        }
    }
}
