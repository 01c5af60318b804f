//! What must hold for any input: no panic, and no token but the very one that was signed.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Forge, NOW, expected};
use crate::{Algorithm, JwkSet, Scopes, UnverifiedToken, base64url, verify};

static FORGE: LazyLock<(Forge, String)> = LazyLock::new(|| {
    let forge = Forge::new();
    let token = forge.token();
    (forge, token)
});

fn refused(token: &str) -> bool {
    verify(token, &FORGE.0.keys, &expected(Algorithm::Es256), NOW).is_err()
}

proptest! {
    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text in "\\PC*") {
        prop_assert!(refused(&text));
        let _ = JwkSet::parse(text.as_bytes());
        let _ = text.parse::<Scopes>();
    }

    #[test]
    fn text_in_the_form_of_a_token_is_refused(token in "[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,90}") {
        prop_assert!(refused(&token));
    }

    #[test]
    fn arbitrary_bytes_as_header_and_claims_do_not_panic(header: Vec<u8>, payload: Vec<u8>) {
        let token = format!("{}.{}.AA", base64url::encode(&header), base64url::encode(&payload));
        prop_assert!(UnverifiedToken::parse(&token).is_err() || refused(&token));
        let _ = crate::payload::parse(&payload);
    }

    #[test]
    fn signed_rubbish_is_refused(payload in "[\\{\\}\\[\\]\",:0-9a-z ]{0,60}") {
        let token = FORGE.0.sign(&FORGE.0.header.to_string(), &payload);
        prop_assert!(refused(&token));
    }

    #[test]
    fn a_token_with_one_byte_changed_is_refused(at: prop::sample::Index, byte in 0x20_u8..0x7f) {
        let mut bytes = FORGE.1.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        prop_assert!(refused(&String::from_utf8(bytes).unwrap()));
    }

    #[test]
    fn a_token_with_a_piece_cut_out_or_doubled_is_refused(a: prop::sample::Index, b: prop::sample::Index) {
        let token = &FORGE.1;
        let (a, b) = (a.index(token.len()), b.index(token.len()));
        let (from, to) = (a.min(b), a.max(b) + 1);
        let cut = [&token[..from], &token[to..]].concat();
        let doubled = [&token[..to], &token[from..]].concat();
        prop_assert!(refused(&cut) && refused(&doubled));
    }

    #[test]
    fn scopes_survive_being_written(names in prop::collection::vec("[!#-\\[\\]-~]{1,20}", 0..20)) {
        let scopes: Scopes = names.iter().map(|name| name.parse().unwrap()).collect();
        prop_assert_eq!(scopes.to_string().parse::<Scopes>(), Ok(scopes));
    }
}
