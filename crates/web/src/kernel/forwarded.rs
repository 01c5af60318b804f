//! The lists of hops in `Forwarded` (RFC 7239 §4) and `X-Forwarded-For`. A hop that is no address is
//! `None`, so that whoever reads the list can tell it from one that is not there.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::FORWARDED;

/// The hops of `X-Forwarded-For`, the nearest last; `None` without the header.
pub(super) fn x_forwarded_for(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let hops = items(headers, "x-forwarded-for")?;
    Some(hops.into_iter().map(|hop| address(hop.trim())).collect())
}

/// The `for` of each hop of `Forwarded`, the nearest last; `None` without the header.
pub(super) fn forwarded(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let hops = items(headers, FORWARDED.as_str())?;
    Some(hops.into_iter().map(for_parameter).collect())
}

/// The items of all lines of a header. A line that is no text gives one item that is no address.
/// An address has no comma, not even in quotation marks, so splitting at each is safe: the pieces
/// of anything else are no addresses either.
fn items<'h>(headers: &'h HeaderMap, name: &str) -> Option<Vec<&'h str>> {
    if !headers.contains_key(name) {
        return None;
    }
    let lines = headers
        .get_all(name)
        .iter()
        .map(|line| line.to_str().unwrap_or("?"));
    Some(lines.flat_map(|line| line.split(',')).collect())
}

fn for_parameter(hop: &str) -> Option<IpAddr> {
    let pairs = hop.split(';').filter_map(|pair| pair.split_once('='));
    let mut names = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, value) = names.next()?;
    if names.next().is_some() {
        return None;
    }
    let value = value.trim();
    let quoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    address(quoted.unwrap_or(value))
}

/// An address, with or without brackets, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
}
