//! How long a fetched key set stays fresh: as the issuer says (RFC 9111 §5.2.2), within bounds of our own,
//! so that neither a slip nor malice of a cache on the way makes keys immortal or fetches constant.

use http::header::{AGE, CACHE_CONTROL, HeaderMap};

/// Shortest lifetime, in seconds.
pub(super) const SHORTEST: i64 = 60;
/// Longest lifetime, in seconds; within it a withdrawn key goes on being trusted.
pub(super) const LONGEST: i64 = 3_600;
/// Lifetime where the issuer says nothing, in seconds.
pub(super) const DEFAULT: i64 = 600;

/// The lifetime of an answer with these headers, in seconds.
pub(super) fn of(headers: &HeaderMap) -> i64 {
    let mut lifetime = None;
    let directives = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok());
    for directive in directives.flat_map(|value| value.split(',')).map(str::trim) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return SHORTEST;
        }
        if name.eq_ignore_ascii_case("max-age") {
            let seconds = value.trim_matches('"').parse::<i64>().unwrap_or(0);
            lifetime = Some(lifetime.unwrap_or(i64::MAX).min(seconds));
        }
    }
    let age = headers
        .get(AGE)
        .and_then(|age| age.to_str().ok()?.parse::<u32>().ok());
    match lifetime {
        Some(seconds) => seconds
            .saturating_sub(age.unwrap_or(0).into())
            .clamp(SHORTEST, LONGEST),
        None => DEFAULT,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn the_issuer_is_heard_within_bounds() {
        for (cache_control, age, seconds) in [
            (None, None, DEFAULT),
            (Some("public"), None, DEFAULT),
            (Some("public, max-age=300"), None, 300),
            (Some("Max-Age=\"300\""), None, 300),
            (Some("max-age=300"), Some("100"), 200),
            (Some("max-age=300"), Some("1000"), SHORTEST),
            (Some("max-age=300, max-age=200"), None, 200),
            (Some("max-age=0"), None, SHORTEST),
            (Some("max-age=-1"), None, SHORTEST),
            (Some("max-age=x"), None, SHORTEST),
            (Some("max-age=99999999999999999999"), None, SHORTEST),
            (Some("max-age=31536000"), None, LONGEST),
            (Some("max-age=300, no-store"), None, SHORTEST),
            (Some("no-cache"), None, SHORTEST),
        ] {
            let pairs = [(CACHE_CONTROL, cache_control), (AGE, age)];
            let headers: HeaderMap = pairs
                .into_iter()
                .filter_map(|(name, value): (HeaderName, Option<&'static str>)| {
                    Some((name, HeaderValue::from_static(value?)))
                })
                .collect();
            assert_eq!(of(&headers), seconds, "{cache_control:?} {age:?}");
        }
    }
}
