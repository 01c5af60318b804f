//! Addresses to listen on, and networks.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use ipnet::IpNet;

use super::{Kind, Value, Wrong};

impl Value for SocketAddr {
    const KIND: Kind = Kind::text(
        "address",
        "IP address and port: `127.0.0.1:4455`, `[::]:4455`",
    );

    fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
        text.parse().map_err(|_| {
            Wrong::Form("expected an IP address and a port (not a host name; IPv6 in brackets)")
        })
    }
}

impl Value for IpNet {
    const KIND: Kind = Kind::text("network", "CIDR or one address: `10.0.0.0/8`, `fd00::/8`");

    fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
        let network = match text.parse::<IpAddr>() {
            Ok(address) => Self::from(address),
            Err(_) => text
                .parse()
                .map_err(|_| Wrong::Form("expected a network or an address"))?,
        };
        if network == network.trunc() {
            Ok(network)
        } else {
            Err(Wrong::Form("has bits set beyond the length of its prefix"))
        }
    }
}
