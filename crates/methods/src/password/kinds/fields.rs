//! The parts of a hash in a text: fields between `$`, parameters, numbers, base64.
//!
//! Stricter than most readers of the PHC string format: parameters come in their order and once,
//! numbers are plain decimals, base64 has no stray bits.

use base64::Engine;
use base64::alphabet::{Alphabet, BCRYPT, STANDARD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The most fields any kind has is 7; more make a text no hash.
pub(super) fn fields(text: &str) -> Vec<&str> {
    text.splitn(9, '$').collect()
}

/// A decimal without sign, space or leading zeros.
pub(super) fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// The value of `name=value`.
pub(super) fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.strip_prefix(name)?.strip_prefix('=')
}

/// The number of `name=number`.
pub(super) fn parameter(text: &str, name: &str) -> Option<u32> {
    number(value(text, name)?)
}

const fn engine(alphabet: &Alphabet, stray_bits: bool) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(stray_bits);
    GeneralPurpose::new(alphabet, config)
}

const STANDARD_BASE64: GeneralPurpose = engine(&STANDARD, false);
// Old bcrypt implementations filled the two spare bits of salt and hash with what was at hand.
const BCRYPT_BASE64: GeneralPurpose = engine(&BCRYPT, true);

/// Base64 in the usual alphabet, padded or not, of a length in `bytes`.
pub(super) fn base64(text: &str, bytes: std::ops::RangeInclusive<usize>) -> Option<Vec<u8>> {
    STANDARD_BASE64
        .decode(text)
        .ok()
        .filter(|decoded| bytes.contains(&decoded.len()))
}

/// As written into new hashes: the usual alphabet without padding.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD_BASE64.encode(bytes)
}

/// bcrypt's base64 of exactly `N` bytes.
pub(super) fn bcrypt_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    BCRYPT_BASE64.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain_decimals() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("4096"), Some(4096));
        for bad in ["", "+1", "-1", " 1", "01", "1e3", "4294967296", "٣"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }

    #[test]
    fn base64_is_taken_with_and_without_padding_but_not_with_stray_bits() {
        assert_eq!(base64("Bw==", 1..=1), Some(vec![7]));
        assert_eq!(base64("Bw", 1..=1), Some(vec![7]));
        assert_eq!(base64("Bx", 1..=1), None);
        assert_eq!(base64("Bw", 2..=9), None);
        assert_eq!(base64("B w", 0..=9), None);
    }
}
