//! Mutations of the header: algorithm confusion, types, key ids, extensions, keys that a token brings with it.

use aws_lc_rs::hmac;
use countersign_verify::Algorithm;
use fastrand::Rng;

use super::{Mutation, one_of, values};
use crate::draft::{Draft, Signer, member, quoted, remove, set};
use crate::keys::KeyRing;

const TYPES: &[&str] = &[
    "\"JWT\"",
    "\"jwt\"",
    "\"at+jwt\"",
    "\"AT+JWT\"",
    "\"application/at+jwt\"",
    "\"Application/AT+jwt\"",
    "\"at+jwt \"",
    "\"at+jwt; charset=utf-8\"",
    "\"text/at+jwt\"",
    "\"at+JWT\\u0000\"",
    "\"\"",
    "null",
    "[\"at+jwt\"]",
    "\"JOSE\"",
    "\"logout+jwt\"",
    "\"dpop+jwt\"",
    "\"id_token\"",
    "\"rt+jwt\"",
    "7",
    "\"a\\u0074+jwt\"",
    "\"application/application/at+jwt\"",
    "\"application/JWT\"",
    "\"/at+jwt\"",
];
const ALGORITHMS: &[&str] = &[
    "\"none\"",
    "\"None\"",
    "\"NONE\"",
    "\"nOnE\"",
    "\"\"",
    "null",
    "0",
    "[]",
    "{}",
    "[\"ES256\"]",
    "true",
    "\"es256\"",
    "\"ES256 \"",
    "\" ES256\"",
    "\"ES256\\u0000\"",
    "\"ES256K\"",
    "\"Ed25519\"",
    "\"Ed448\"",
    "\"ESP256\"",
    "\"HS1\"",
    "\"HS256/64\"",
    "\"RS1\"",
    "\"RSA-OAEP\"",
    "\"dir\"",
    "\"A128KW\"",
    "\"PBES2-HS256+A128KW\"",
    "\"ML-DSA-44\"",
    "\"\\u0045S256\"",
];
const KEY_IDS: &[&str] = &[
    "\"\"",
    "\"unknown\"",
    "null",
    "0",
    "[]",
    "{}",
    "true",
    "\"../../../dev/null\"",
    "\"/dev/null\"",
    "\"key-ES256'; --\"",
    "\"key-ES256\\u0000\"",
    "\"KEY-ES256\"",
    "\" key-ES256\"",
    "\"\\u006bey-ES256\"",
    "\"__proto__\"",
    "\"constructor\"",
    "\"\u{212a}ey-ES256\"",
    "[\"key-ES256\"]",
    "\"https://evil.example/k\"",
];
const EXTENSIONS: &[(&str, &str)] = &[
    ("crit", "[\"exp\"]"),
    ("crit", "[]"),
    ("crit", "[\"b64\"]"),
    ("crit", "\"exp\""),
    ("crit", "null"),
    ("crit", "[\"\"]"),
    ("crit", "[\"alg\"]"),
    ("crit", "[1]"),
    ("crit", "{}"),
    ("crit", "[\"unknown\"]"),
    ("crit", "[\"b64\",\"b64\"]"),
    ("b64", "true"),
    ("b64", "false"),
    ("b64", "null"),
    ("b64", "\"false\""),
    ("zip", "\"DEF\""),
    ("zip", "null"),
    ("enc", "\"A128GCM\""),
    ("cty", "\"JWT\""),
    ("cty", "7"),
    ("jku", "\"https://evil.example/jwks.json\""),
    ("jku", "null"),
    ("x5u", "\"https://evil.example/c\""),
    ("x5c", "[]"),
    ("x5c", "[\"MIIB\"]"),
    ("x5t", "\"AA\""),
    ("x5t#S256", "\"AA\""),
    ("p2c", "1000000000"),
    ("epk", "{}"),
    ("iss", "\"https://evil.example\""),
    ("exp", "1"),
    ("url", "\"a\""),
    ("nonce", "\"a\""),
    ("jwk", "null"),
    ("jwk", "{}"),
    ("unknown", "[[[[[[[[[[]]]]]]]]]]"),
    ("__proto__", "{\"alg\":\"none\"}"),
];

pub fn draw(rng: &mut Rng) -> Mutation {
    match rng.u32(0..100) {
        0..14 => algorithm(rng),
        14..24 => confused(rng),
        24..30 => none(rng),
        30..42 => value(rng, "header: typ", "typ", TYPES),
        42..56 => key_id(rng),
        56..72 => extension(rng),
        72..80 => brought_key(rng),
        80..92 => duplicate(rng),
        _ => without(rng),
    }
}

fn value(
    rng: &mut Rng,
    class: &'static str,
    name: &'static str,
    values: &[&'static str],
) -> Mutation {
    let value = if rng.u32(0..4) == 0 {
        values::any(rng)
    } else {
        one_of(rng, values)
    };
    Mutation::draft(class, format!("{name} = {value}"), move |draft, _| {
        set(&mut draft.header, name, value);
    })
}

fn algorithm(rng: &mut Rng) -> Mutation {
    if rng.bool() {
        return value(rng, "header: alg", "alg", ALGORITHMS);
    }
    let other = one_of(rng, &Algorithm::ALL);
    let both = rng.bool();
    // A good signature under another algorithm, by the key that has it; told truly, or under the old `kid`.
    Mutation::draft(
        "header: alg",
        format!("signed as {other}, alg told: {both}"),
        move |draft, _| {
            draft.signer = Signer::Ours(other);
            if both {
                set(&mut draft.header, "alg", &quoted(other.as_str()));
            }
        },
    )
}

/// A public key taken for a secret.
fn confused(rng: &mut Rng) -> Mutation {
    let (form, hash) = (rng.usize(0..6), rng.usize(0..3));
    let what = format!("HMAC {hash} with form {form} of the public key");
    Mutation::draft("header: public key as secret", what, move |draft, world| {
        let (hash, name) = [
            (hmac::HMAC_SHA256, "HS256"),
            (hmac::HMAC_SHA384, "HS384"),
            (hmac::HMAC_SHA512, "HS512"),
        ][hash];
        let secret = match draft.algorithm {
            // A secret has no public form: it is guessed.
            algorithm if algorithm.is_symmetric() => b"secret".to_vec(),
            algorithm => world.ours.public_forms(algorithm)[form].clone(),
        };
        draft.signer = Signer::Secret(hash, secret);
        set(&mut draft.header, "alg", &quoted(name));
    })
}

fn none(rng: &mut Rng) -> Mutation {
    let name = one_of(rng, &["none", "None", "NONE", "nonE", "", "null"]);
    let signed = rng.u32(0..3) == 0;
    let what = format!("alg = {name:?}, signed: {signed}");
    Mutation::draft("header: none", what, move |draft, _| {
        set(&mut draft.header, "alg", &quoted(name));
        if !signed {
            draft.signer = Signer::Nobody;
        }
    })
}

fn key_id(rng: &mut Rng) -> Mutation {
    match rng.u32(0..3) {
        0 => value(rng, "header: kid", "kid", KEY_IDS),
        1 => {
            let length = one_of(rng, &[127, 128, 129, 512, 900]);
            Mutation::draft(
                "header: kid",
                format!("kid of {length}"),
                move |draft, _| {
                    set(&mut draft.header, "kid", &quoted(&"k".repeat(length)));
                },
            )
        }
        _ => {
            let other = one_of(rng, &Algorithm::ALL);
            Mutation::draft("header: kid", format!("kid of {other}"), move |draft, _| {
                set(&mut draft.header, "kid", &quoted(&KeyRing::kid(other)));
            })
        }
    }
}

fn extension(rng: &mut Rng) -> Mutation {
    let (name, value) = one_of(rng, EXTENSIONS);
    let value = if rng.u32(0..6) == 0 {
        values::any(rng)
    } else {
        value
    };
    let also_critical = rng.u32(0..5) == 0;
    let what = format!("{name} = {value}, also critical: {also_critical}");
    Mutation::draft("header: extensions", what, move |draft, _| {
        set(&mut draft.header, name, value);
        if also_critical {
            set(&mut draft.header, "crit", &format!("[{}]", quoted(name)));
        }
    })
}

/// A token that brings the key along that signed it.
fn brought_key(rng: &mut Rng) -> Mutation {
    let kid = rng.u32(0..3);
    Mutation::draft(
        "header: brought key",
        format!("jwk, kid {kid}"),
        move |draft, world| {
            let mut jwk = world.attackers.jwk(draft.algorithm);
            jwk["kid"] =
                ["evil".into(), jwk["kid"].clone(), serde_json::Value::Null][kid as usize].clone();
            set(&mut draft.header, "kid", &jwk["kid"].to_string());
            set(&mut draft.header, "jwk", &jwk.to_string());
            draft.signer = Signer::Attacker(draft.algorithm);
        },
    )
}

fn duplicate(rng: &mut Rng) -> Mutation {
    let name = one_of(rng, &["alg", "typ", "kid", "unknown", "crit"]);
    let value = match rng.u32(0..4) {
        0 => one_of(rng, ALGORITHMS),
        1 => one_of(rng, TYPES),
        2 => one_of(rng, KEY_IDS),
        _ => values::any(rng),
    };
    let (first, escaped) = (rng.bool(), rng.bool());
    let what = format!("{name} again = {value}, first: {first}, escaped: {escaped}");
    Mutation::draft("header: duplicates", what, move |draft, _| {
        twice(&mut draft.header, name, value, first, escaped);
    })
}

/// Adds a member that may be there already.
pub fn twice(
    members: &mut crate::draft::Members,
    name: &str,
    value: &str,
    first: bool,
    escaped: bool,
) {
    let mut added = member(name, value);
    if escaped && let Some(letter) = name.chars().next() {
        added.0 = format!(
            "\"\\u{:04x}{}\"",
            u32::from(letter),
            &name[letter.len_utf8()..]
        );
    }
    let at = if first { 0 } else { members.len() };
    members.insert(at, added);
}

fn without(rng: &mut Rng) -> Mutation {
    let name = one_of(rng, &["alg", "typ", "kid"]);
    let apply = move |draft: &mut Draft| remove(&mut draft.header, name);
    Mutation::draft("header: absent", format!("no {name}"), move |draft, _| {
        apply(draft)
    })
}
