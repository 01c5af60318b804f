//! Which media type to answer in: `Accept` (RFC 9110 §12.5.1), and the content type of bodies.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};

/// The media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells whether the request was good.
    Response,
    /// `application/json`: 200 for every well-formed request, for older clients.
    Json,
}

impl Media {
    /// The `Content-Type` of an answer.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    const fn subtype(self) -> &'static str {
        match self {
            Self::Response => "graphql-response+json",
            Self::Json => "json",
        }
    }

    /// What the client likes best; `None` if nothing that we have. Who does not say, or takes
    /// anything, gets `application/json`, as the draft has it for older clients.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(ACCEPT).iter().peekable();
        if values.peek().is_none() {
            return Some(Self::Json);
        }
        let ranges: Vec<(Range, u16)> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(read_range)
            .collect();
        let quality = |media: Self| {
            let fits = ranges.iter().filter(|(range, _)| range.fits(media));
            fits.max_by_key(|(range, _)| *range)
                .map_or((0, Range::Any), |(range, q)| (*q, *range))
        };
        let (response, json) = (quality(Self::Response), quality(Self::Json));
        match (response.0, json.0) {
            (0, 0) => None,
            _ if response.0 > json.0 => Some(Self::Response),
            // Named outright, and no worse than the other: what the draft wants from new clients.
            _ if response.0 == json.0 && matches!(response.1, Range::One(_)) => {
                Some(Self::Response)
            }
            _ => Some(Self::Json),
        }
    }
}

/// A media range that takes one of ours, the most specific last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Range {
    Any,
    Application,
    One(bool),
}

impl Range {
    fn fits(self, media: Media) -> bool {
        match self {
            Self::Any | Self::Application => true,
            Self::One(is_response) => is_response == (media == Media::Response),
        }
    }
}

/// A range with its quality in thousandths.
fn read_range(text: &str) -> Option<(Range, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
    let range = match (kind, subtype) {
        ("*", "*") => Range::Any,
        (kind, "*") if is(kind, "application") => Range::Application,
        (kind, subtype) if is(kind, "application") && is(subtype, Media::Response.subtype()) => {
            Range::One(true)
        }
        (kind, subtype) if is(kind, "application") && is(subtype, Media::Json.subtype()) => {
            Range::One(false)
        }
        _ => return None,
    };
    let mut quality = 1000;
    for parameter in parts {
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        if is(name.trim(), "q") {
            quality = read_quality(value.trim())?;
        } else if is(name.trim(), "charset") && !is(value.trim().trim_matches('"'), "utf-8") {
            return None;
        }
    }
    Some((range, quality))
}

/// `0`, `1`, or either with up to three decimals (RFC 9110 §12.4.2).
fn read_quality(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_number = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        _ if !is_number => None,
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// Whether a body is `application/json`, in UTF-8 if it says so. A form or plain text, which a page
/// of any origin can send without asking, is not.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let Ok(value) = value.to_str() else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                let value = value.trim().trim_matches('"');
                value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: http::HeaderName, value: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(value) = value {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn the_answer_comes_in_what_the_client_likes_best() {
        use Media::{Json, Response};
        for (accept, media) in [
            (None, Some(Json)),
            (Some("*/*"), Some(Json)),
            (Some("application/*"), Some(Json)),
            (Some("application/json"), Some(Json)),
            (Some("application/graphql-response+json"), Some(Response)),
            (
                Some("application/json, application/graphql-response+json"),
                Some(Response),
            ),
            (
                Some("application/graphql-response+json, application/json;q=0.9"),
                Some(Response),
            ),
            (
                Some("application/graphql-response+json;q=0.5, application/json"),
                Some(Json),
            ),
            (
                Some("application/graphql-response+json; charset=utf-8"),
                Some(Response),
            ),
            (
                Some("application/graphql-response+json;q=0, */*"),
                Some(Json),
            ),
            (Some("Application/JSON"), Some(Json)),
            (Some("text/html, */*;q=0.1"), Some(Json)),
            (Some("text/html"), None),
            (Some("application/json;q=0"), None),
            (Some("application/json; charset=iso-8859-1"), None),
            (Some(""), None),
        ] {
            let negotiated = Media::negotiate(&headers(ACCEPT, accept));
            assert_eq!(negotiated, media, "{accept:?}");
        }
    }

    #[test]
    fn only_json_in_utf_8_is_taken_as_a_body() {
        for (kind, taken) in [
            (None, false),
            (Some("application/json"), true),
            (Some("application/json; charset=utf-8"), true),
            (Some("APPLICATION/JSON; Charset=\"UTF-8\""), true),
            (Some("application/json; charset=utf-16"), false),
            (Some("application/graphql"), false),
            (Some("application/jsonp"), false),
            (Some("text/plain"), false),
            (Some("application/x-www-form-urlencoded"), false),
            (Some("multipart/form-data"), false),
        ] {
            assert_eq!(is_json(&headers(CONTENT_TYPE, kind)), taken, "{kind:?}");
        }
    }
}
