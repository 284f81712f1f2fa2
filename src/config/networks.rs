//! Lists of IP networks.

use std::net::{IpAddr, Ipv6Addr};

use super::settings::Setting;

/// IP networks, as IPv6 prefixes: an address and the length of the prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Networks(Vec<(Ipv6Addr, u32)>);

impl Networks {
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = as_ipv6(address).to_bits();
        self.0.iter().any(|(network, bits)| {
            let differing = address ^ network.to_bits();
            differing.checked_shr(128 - bits).unwrap_or(0) == 0
        })
    }
}

fn as_ipv6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

/// An address without a prefix length is a network of one address.
fn network(text: &str) -> Option<(Ipv6Addr, u32)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(all);
    (bits <= all).then(|| (as_ipv6(address), 128 - all + bits))
}

impl Setting for Networks {
    const ALLOWED: &'static str =
        "IP addresses and networks, separated by commas, such as 10.0.0.0/8,::1";

    fn read(text: &str) -> Option<Self> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(network).collect::<Option<_>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::{Networks, Setting};

    #[test]
    fn a_network_is_an_address_and_a_prefix_length() {
        let networks = Networks::read("10.0.0.0/8, 192.168.1.7,2001:db8::/32,::1").unwrap();
        let contains = |text: &str| networks.contain(text.parse().unwrap());
        for inside in [
            "10.255.0.1",
            "192.168.1.7",
            "2001:db8:1::1",
            "::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(contains(inside), "{inside}");
        }
        for outside in ["11.0.0.1", "192.168.1.8", "2001:db9::1", "::2", "127.0.0.1"] {
            assert!(!contains(outside), "{outside}");
        }
        assert!(
            Networks::read("0.0.0.0/0")
                .unwrap()
                .contain("1.2.3.4".parse().unwrap())
        );
        assert!(
            !Networks::read("")
                .unwrap()
                .contain("1.2.3.4".parse().unwrap())
        );
        for wrong in ["10.0.0.0/33", "10.0.0/8", "proxy", "::1/129", "10.0.0.0/"] {
            assert_eq!(Networks::read(wrong), None, "{wrong}");
        }
    }
}
