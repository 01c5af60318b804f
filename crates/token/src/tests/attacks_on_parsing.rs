//! Tokens made to be read in two ways, or to cost too much to read (RFC 8725 §2.4, §3.6, §3.12).

use serde_json::json;

use super::Forge;
use crate::{MAX_TOKEN_BYTES, Rejection, UnverifiedToken};

fn refused(token: &str) -> Rejection {
    Forge::new().verdict_on(token).unwrap_err()
}

// CVE-2023-48238 and its kin: a token cut short must be refused at every length.
#[test]
fn a_truncated_token_is_refused_at_every_length() {
    let forge = Forge::new();
    let token = forge.token();
    for length in 0..token.len() {
        assert!(forge.verdict_on(&token[..length]).is_err(), "{length}");
    }
}

// CVE-2025-30204: the number of dots is looked at before anything is split.
#[test]
fn a_token_has_exactly_two_dots() {
    let token = Forge::new().token();
    for bad in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        ".".repeat(MAX_TOKEN_BYTES),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{token}"),
        token.replace('.', ""),
    ] {
        assert_eq!(refused(&bad), Rejection::Malformed, "{bad}");
    }
    assert_eq!(refused(&".".repeat(1_000_000)), Rejection::TooLarge);
}

#[test]
fn a_token_beyond_eight_kibibytes_is_refused_unread() {
    let forge = Forge::new().claim("x", json!("x".repeat(8 * 1024)));
    assert_eq!(forge.verdict(), Err(Rejection::TooLarge));
    let forge = Forge::new().claim("x", json!("x".repeat(5 * 1024)));
    assert_eq!(forge.verdict(), Ok(()));
}

#[test]
fn a_header_beyond_one_kibibyte_is_refused() {
    let forge = Forge::new().header("x", json!("x".repeat(1024)));
    assert_eq!(forge.verdict(), Err(Rejection::TooLarge));
}

// CVE-2024-28180, CVE-2025-30204: JSON that nests until the stack is gone.
#[test]
fn a_nesting_bomb_is_refused() {
    let forge = Forge::new();
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        for depth in [8, 100, 900] {
            let core = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let payload = format!(r#"{{"x":{core}}}"#);
            assert_eq!(
                forge.verdict_on_payload(&payload),
                Err(Rejection::TooDeep),
                "{depth}"
            );
        }
        let open_ended = format!(r#"{{"x":{}"#, open.repeat(1_000));
        assert_eq!(
            forge.verdict_on_payload(&open_ended),
            Err(Rejection::TooDeep)
        );
        let header = format!(r#"{{"alg":"ES256","x":{}"#, open.repeat(100));
        let token = forge.sign(&header, &forge.payload.to_string());
        assert_eq!(forge.verdict_on(&token), Err(Rejection::TooDeep));
    }
    let payload = forge.payload.to_string();
    let seven = format!(
        r#"{{"x":{}{},{}"#,
        "[".repeat(7),
        "]".repeat(7),
        &payload[1..]
    );
    assert_eq!(forge.verdict_on_payload(&seven), Ok(()));
}

// RFC 7515 §4: two readers that pick different twins see different tokens.
#[test]
fn a_member_that_stands_twice_is_refused_wherever_it_stands() {
    let forge = Forge::new();
    let (header, payload) = (forge.header.to_string(), forge.payload.to_string());
    for twin in [
        r#""exp":9999999999"#,
        r#""sub":"user-2""#,
        r#""\u0073ub":"user-2""#,
        r#""aud":"https://api.example.com""#,
        r#""x":1,"x":1"#,
        r#""x":{"y":1,"y":2}"#,
        r#""x":[{"y":1,"y":2}]"#,
    ] {
        let payload = format!("{{{twin},{}", &payload[1..]);
        assert_eq!(
            forge.verdict_on_payload(&payload),
            Err(Rejection::DuplicateMember),
            "{twin}"
        );
    }
    for twin in [
        r#""alg":"none""#,
        r#""kid":"x""#,
        r#""typ":"JWT""#,
        r#""x":1,"x":1"#,
    ] {
        let header = format!("{{{twin},{}", &header[1..]);
        let verdict = forge.verdict_on(&forge.sign(&header, &payload));
        assert_eq!(verdict, Err(Rejection::DuplicateMember), "{twin}");
    }
}

#[test]
fn header_and_claims_are_json_objects_and_nothing_after() {
    let forge = Forge::new();
    let (header, payload) = (forge.header.to_string(), forge.payload.to_string());
    for bad in [
        "",
        "null",
        "[]",
        "\"x\"",
        "7",
        "{",
        "{}{}",
        "{,}",
        "\u{feff}{}",
    ] {
        assert_eq!(
            forge.verdict_on_payload(bad),
            Err(Rejection::Malformed),
            "{bad}"
        );
        let token = forge.sign(bad, &payload);
        assert_eq!(forge.verdict_on(&token), Err(Rejection::Malformed), "{bad}");
    }
    for after in [" x", "{}", "\0"] {
        let verdict = forge.verdict_on_payload(&format!("{payload}{after}"));
        assert_eq!(verdict, Err(Rejection::Malformed));
        let token = forge.sign(&format!("{header}{after}"), &payload);
        assert_eq!(forge.verdict_on(&token), Err(Rejection::Malformed));
    }
}

// A second spelling of one token would walk round a deny list or a cache.
#[test]
fn every_token_has_one_spelling() {
    let forge = Forge::new();
    let token = forge.token();
    assert_eq!(forge.verdict_on(&token), Ok(()));
    let (message, signature) = token.rsplit_once('.').unwrap();
    // 64 bytes are 86 characters of which the last has four loose bits.
    let (start, last) = signature.split_at(signature.len() - 1);
    let loose = match last {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        _ => "x",
    };
    for bad in [
        format!("{token}="),
        format!("{token}=="),
        format!("{token} "),
        format!(" {token}"),
        format!("{token}\n"),
        token.replacen('.', "=.", 1),
        format!("{message}.{start}{loose}"),
        format!("{message}.{signature}AAA"),
        format!("{message}.+{}", &signature[1..]),
    ] {
        assert_eq!(forge.verdict_on(&bad), Err(Rejection::Malformed), "{bad}");
    }
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let forge = Forge::new();
    let header = crate::base64url::encode(b"{\"alg\":\"ES256\xff\"}");
    assert_eq!(
        forge.verdict_on(&format!("{header}.e30.AA")),
        Err(Rejection::Malformed)
    );
    assert_eq!(
        refused("\u{1F600}.\u{1F600}.\u{1F600}"),
        Rejection::Malformed
    );
}

#[test]
fn an_unverified_token_tells_its_key_and_algorithm() {
    let forge = Forge::new();
    let token = forge.token();
    let unverified = UnverifiedToken::parse(&token).unwrap();
    assert_eq!(unverified.kid(), Some(forge.key.key_id()));
    assert_eq!(unverified.algorithm(), crate::Algorithm::Es256);
}
