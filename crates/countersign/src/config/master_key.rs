//! The master key's written form: 32 bytes as base64, either alphabet, padded or not.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use zeroize::Zeroizing;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Reads a master key; `None` if the text is not 32 bytes as base64.
pub fn decode(text: &SecretString) -> Option<SecretBox<[u8; 32]>> {
    let text = text.expose_secret().trim();
    let bytes = [STANDARD, URL_SAFE]
        .iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, LENIENT).decode(text).ok())
        .map(Zeroizing::new)?;
    let mut key = SecretBox::new(Box::new([0; 32]));
    let bytes: &[u8; 32] = bytes.as_slice().try_into().ok()?;
    secrecy::ExposeSecretMut::expose_secret_mut(&mut key).copy_from_slice(bytes);
    Some(key)
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
    fn a_key_of_another_length_is_refused() {
        for text in ["", "c2hvcnQ=", "not base64 at all!"] {
            assert!(decode(&text.into()).is_none());
        }
    }
}
