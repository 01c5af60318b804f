//! The id of a request: in the answer as `x-request-id`, in the logs, and in the audit log.
//!
//! A trusted proxy's own id is kept if it is plain; anybody else's is replaced, so that nobody
//! writes what they like into the logs. Ours are `UUIDv7` of the app's clock and random bytes; they
//! are names, not secrets.

use countersign_domain::time::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue};

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_BYTES: usize = 64;

/// The id of this request.
pub(super) fn of(headers: &HeaderMap, is_from_proxy: bool, now: Timestamp) -> String {
    let inbound = is_from_proxy.then(|| inbound(headers)).flatten();
    inbound.unwrap_or_else(|| new(now))
}

/// Writes the id into an answer.
pub(super) fn write(id: &str, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(X_REQUEST_ID, value);
    }
}

fn inbound(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(X_REQUEST_ID).iter();
    let id = values.next()?.to_str().ok()?;
    let is_plain = (1..=MAX_BYTES).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    (is_plain && values.next().is_none()).then(|| id.to_owned())
}

fn new(now: Timestamp) -> String {
    let mut random = [0; 10];
    // Without random bytes two requests of one millisecond may share a name: no more than that.
    let _ = aws_lc_rs::rand::fill(&mut random);
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_inbound(ids: &[&str], is_from_proxy: bool) -> String {
        let headers = ids
            .iter()
            .map(|id| (X_REQUEST_ID, HeaderValue::from_str(id).unwrap()))
            .collect();
        of(&headers, is_from_proxy, Timestamp::from_seconds(1))
    }

    #[test]
    fn only_a_plain_id_from_a_trusted_proxy_is_kept() {
        assert_eq!(of_inbound(&["Root-1.a_b"], true), "Root-1.a_b");
        let long = "a".repeat(65);
        for (ids, proxy) in [
            (&["abc"][..], false),
            (&["a b"], true),
            (&["a\"b"], true),
            (&[""], true),
            (&[&long], true),
            (&["a", "b"], true),
            (&[], true),
        ] {
            assert_eq!(of_inbound(ids, proxy).len(), 36, "{ids:?}");
        }
        assert_ne!(of_inbound(&[], true), of_inbound(&[], true));
    }
}
