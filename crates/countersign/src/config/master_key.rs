//! The master key's written form: 32 bytes as base64, either alphabet, padded or not, or as 64
//! hexadecimal digits, which is what Secrets Manager can make by itself.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use zeroize::Zeroizing;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// The digits of a key in hexadecimal.
const HEX_DIGITS: usize = 64;

/// Reads a master key; `None` if the text is not 32 bytes in one of the forms.
pub fn decode(text: &SecretString) -> Option<SecretBox<[u8; 32]>> {
    let text = text.expose_secret().trim();
    // As base64, 64 digits would be 48 bytes: no text is both.
    let bytes = if text.len() == HEX_DIGITS {
        Zeroizing::new(from_hex(text)?)
    } else {
        [STANDARD, URL_SAFE]
            .iter()
            .find_map(|alphabet| GeneralPurpose::new(alphabet, LENIENT).decode(text).ok())
            .map(Zeroizing::new)?
    };
    let mut key = SecretBox::new(Box::new([0; 32]));
    let bytes: &[u8; 32] = bytes.as_slice().try_into().ok()?;
    secrecy::ExposeSecretMut::expose_secret_mut(&mut key).copy_from_slice(bytes);
    Some(key)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let pairs = text.as_bytes().chunks_exact(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        })
        .collect()
}

/// Writes a master key as the file holds it.
pub fn encode(key: &SecretBox<[u8; 32]>) -> SecretString {
    base64::engine::general_purpose::STANDARD
        .encode(key.expose_secret())
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_written_and_read() {
        let key = SecretBox::new(Box::new([0xfb; 32]));
        let text = encode(&key);
        assert_eq!(decode(&text).unwrap().expose_secret(), &[0xfb; 32]);
        let url_safe = text.expose_secret().replace('+', "-").replace('/', "_");
        assert!(decode(&url_safe.trim_end_matches('=').into()).is_some());
    }

    #[test]
    fn a_key_in_hexadecimal_digits_is_read_too() {
        let digits = "00ff10AB".repeat(8);
        let key = decode(&digits.as_str().into()).unwrap();
        assert_eq!(key.expose_secret()[..4], [0x00, 0xff, 0x10, 0xab]);
        assert!(decode(&digits.replace('1', "g").into()).is_none());
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        for text in ["", "c2hvcnQ=", "not base64 at all!"] {
            assert!(decode(&text.into()).is_none());
        }
    }
}
