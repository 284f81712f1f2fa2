//! The address of a client: the peer of the connection, or the address that trusted proxies report.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header::FORWARDED};

use super::headers::header_parts;
use crate::config::Networks;

/// The address of the connection's peer. The server adds it to every request, and the outermost layer replaces it by
/// the client's address if the peer is a trusted proxy.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The first address that isn't a trusted proxy's, going back from the peer. A proxy forwards a header that it
    /// doesn't know unchanged, so if the two headers disagree, neither is trusted.
    #[must_use]
    pub fn behind_proxies(self, headers: &HeaderMap, trusted: &Networks) -> Self {
        if !trusted.contain(self.0) {
            return self;
        }
        let addresses = header_parts(headers, "x-forwarded-for", ',').map(address);
        let by_x_forwarded_for = self.last_untrusted(addresses, trusted);
        let addresses = header_parts(headers, FORWARDED, ',').map(hop);
        let by_forwarded = self.last_untrusted(addresses, trusted);
        match (by_x_forwarded_for, by_forwarded) {
            (Some(one), Some(other)) if one != other => self,
            (Some(address), _) | (None, Some(address)) => Self(address),
            (None, None) => self,
        }
    }

    /// The hops begin with the client's. `None` without any addresses.
    fn last_untrusted(
        self,
        hops: impl Iterator<Item = Option<IpAddr>>,
        trusted: &Networks,
    ) -> Option<IpAddr> {
        let mut address = None;
        let hops: Vec<_> = hops.collect();
        for hop in hops.into_iter().rev() {
            if !trusted.contain(address.unwrap_or(self.0)) {
                break;
            }
            // Addresses before an unreadable one can't be trusted.
            let Some(hop) = hop else { break };
            address = Some(hop);
        }
        address
    }
}

/// Whether a trusted proxy reports that the client's connection is encrypted. The service itself speaks plain HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Https(pub bool);

impl Https {
    pub fn behind_proxies(peer: ClientAddress, headers: &HeaderMap, trusted: &Networks) -> Self {
        let first_has = |name: &str, text| {
            let first = header_parts(headers, name, ',').next();
            first.is_some_and(|first| first.to_ascii_lowercase().contains(text))
        };
        let by_name = first_has("x-forwarded-proto", "https");
        let by_standard = first_has("forwarded", "proto=https");
        Self(trusted.contain(peer.0) && (by_name || by_standard))
    }
}

/// The address in an element of `Forwarded` (RFC 7239).
fn hop(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, node) = pairs
        .into_iter()
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(node.trim().trim_matches('"'))
}

/// An address with or without a port; IPv6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse().ok();
    let address = address.or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::ClientAddress;
    use crate::config::{Networks, Setting};

    #[test]
    fn only_headers_of_trusted_proxies_are_used() {
        let trusted = Networks::read("127.0.0.1,10.0.0.0/8").unwrap();
        let cases = [
            ("192.0.2.1", "x-forwarded-for", "203.0.113.9", "192.0.2.1"),
            ("127.0.0.1", "x-forwarded-for", "203.0.113.9", "203.0.113.9"),
            (
                "127.0.0.1",
                "x-forwarded-for",
                "6.6.6.6, 203.0.113.9, 10.0.0.7",
                "203.0.113.9",
            ),
            (
                "127.0.0.1",
                "x-forwarded-for",
                "10.0.0.8, 10.0.0.7",
                "10.0.0.8",
            ),
            (
                "127.0.0.1",
                "x-forwarded-for",
                "203.0.113.9, unknown",
                "127.0.0.1",
            ),
            (
                "127.0.0.1",
                "x-forwarded-for",
                "203.0.113.9:4711",
                "203.0.113.9",
            ),
            (
                "127.0.0.1",
                "forwarded",
                "for=203.0.113.9;proto=https",
                "203.0.113.9",
            ),
            (
                "127.0.0.1",
                "forwarded",
                "for=6.6.6.6, For=\"[2001:db8::1]:4711\"",
                "2001:db8::1",
            ),
            ("127.0.0.1", "forwarded", "for=_hidden", "127.0.0.1"),
            ("127.0.0.1", "x-request-id", "1", "127.0.0.1"),
        ];
        for (peer, name, value, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            let peer = ClientAddress(peer.parse().unwrap());
            let found = peer.behind_proxies(&headers, &trusted).0;
            assert_eq!(found.to_string(), expected, "{name}: {value}");
        }
        let mut both = HeaderMap::new();
        both.insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
        both.insert("forwarded", "for=6.6.6.6".parse().unwrap());
        let peer = ClientAddress("127.0.0.1".parse().unwrap());
        assert_eq!(peer.behind_proxies(&both, &trusted).0, peer.0);
    }
}
