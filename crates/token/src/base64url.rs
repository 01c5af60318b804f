//! Base64url as JOSE has it (RFC 7515 §2): no padding, no other alphabet, no loose trailing bits, so
//! that every value has exactly one spelling.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{NO_PAD, URL_SAFE_NO_PAD};

/// Many characters at a time, where the processor can. As strict as [`URL_SAFE_NO_PAD`].
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static READER: LazyLock<base64::engine::Simd> =
    LazyLock::new(|| base64::engine::Simd::url_safe(NO_PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static READER: LazyLock<base64::engine::GeneralPurpose> = LazyLock::new(|| URL_SAFE_NO_PAD);

/// Writes `bytes`.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads the one spelling of some bytes; `None` for any other text.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    // What it asks for by itself is zeroed memory, which costs the allocator more.
    let mut bytes = Vec::with_capacity(text.len());
    READER.decode_vec(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_other_alphabets_whitespace_and_loose_bits_are_refused() {
        assert_eq!(decode("-_8"), Some(vec![0xfb, 0xff]));
        for bad in ["-_8=", "+/8", "-_8\n", " -_8", "-_9", "A"] {
            assert_eq!(decode(bad), None, "{bad:?}");
            // The same at the end of a text that is long enough to be read in blocks.
            let long = "AAAA".repeat(40) + bad;
            assert_eq!(decode(&long), None, "{long:?}");
        }
    }

    #[test]
    fn blocks_are_read_as_strictly_as_single_characters() {
        for length in 0..=130 {
            let text = "mZ-_".repeat(40)[..length].to_owned();
            let scalar = URL_SAFE_NO_PAD.decode(&text).ok();
            assert_eq!(decode(&text), scalar, "{text}");
        }
        for place in 0..128 {
            // Every byte that a text can hold there, by itself or as part of a longer character.
            for character in ('\0'..='\u{7f}').chain(['\u{80}', '\u{7ff}', '\u{ffff}']) {
                let mut text = "mZ-_".repeat(32);
                text.replace_range(place..=place, &character.to_string());
                let scalar = URL_SAFE_NO_PAD.decode(&text).ok();
                assert_eq!(decode(&text), scalar, "{character:?} at {place}");
            }
        }
    }
}
