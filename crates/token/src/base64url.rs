//! Base64url as JOSE has it (RFC 7515 §2): no padding, no other alphabet, no loose trailing bits, so
//! that every value has exactly one spelling.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Writes `bytes`.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads the one spelling of some bytes; `None` for any other text.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_other_alphabets_whitespace_and_loose_bits_are_refused() {
        assert_eq!(decode("-_8"), Some(vec![0xfb, 0xff]));
        for bad in ["-_8=", "+/8", "-_8\n", " -_8", "-_9", "A"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
