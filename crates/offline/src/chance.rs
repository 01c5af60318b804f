//! Ids for requests and traces. They tell requests apart and keep no secret.

use jiff::Timestamp;

/// A random UUID, as request ids are (RFC 9562 §5.4).
pub(crate) fn uuid() -> String {
    let random = (fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{random:032x}");
    let mut text = String::with_capacity(36);
    for (index, digit) in hex.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

/// A trace id of X-Ray, not sampled.
pub(crate) fn trace_id(now: Timestamp) -> String {
    let random = fastrand::u128(..) >> 32;
    let parent = fastrand::u64(..);
    format!(
        "Root=1-{:08x}-{random:024x};Parent={parent:016x};Sampled=0",
        now.as_second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_a_random_uuid() {
        let id = uuid();
        let parts: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(id.as_bytes()[14], b'4', "{id}");
        assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
        assert_ne!(id, uuid());
    }
}
