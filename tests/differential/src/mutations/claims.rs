//! Mutations of the claims: times, issuer, audience, and every other that is read; absent, twice, of the
//! wrong type, at a boundary. The signature is good, so that nothing but the claim can be at fault.

use countersign_verify::Profile;
use fastrand::Rng;

use super::header::twice;
use super::{Mutation, one_of, values};
use crate::draft::{member, quoted, remove, set};

const ISSUERS: &[&str] = &[
    "\"https://id.example.com/\"",
    "\"https://ID.example.com\"",
    "\"http://id.example.com\"",
    "\"https://id.example.com\\u0000\"",
    "\" https://id.example.com\"",
    "\"https://id.example.co\"",
    "\"https://id.example.com.evil.example\"",
    "\"https:\\/\\/id.example.com\"",
    "[\"https://id.example.com\"]",
    "{\"0\":\"https://id.example.com\"}",
    "\"https://\u{456}d.example.com\"",
    "\"https://id.example.com:443\"",
    "\"h\"",
    "\"id.example.com\"",
    "\"https://id.example.com#\"",
    "\"https://id.example.com\u{200b}\"",
];
const AUDIENCES: &[&str] = &[
    "\"https://api.example.com/\"",
    "\"https://API.example.com\"",
    "\"https://api.example.co\"",
    "\"https://api.example.com.evil.example\"",
    "\"https:\\/\\/api.example.com\"",
    "\"api\"",
    "\"\"",
    "[]",
    "[\"https://api.example.com\"]",
    "[\"https://other.example.com\"]",
    "[[\"https://api.example.com\"]]",
    "[\"https://api.example.com\",1]",
    "[null,\"https://api.example.com\"]",
    "[\"https://api.example.com\",[]]",
    "{\"https://api.example.com\":true}",
    "[\"https://api.example.com\",\"https://api.example.com\"]",
    "[\"https://api.example.com\",\"\"]",
    "[\"\",\"https://api.example.com\"]",
    "{\"0\":\"https://api.example.com\",\"length\":1}",
    "\"https://other.example.com https://api.example.com\"",
    "[\"https://api.example.com\\u0000\"]",
    "[\"https://api.example.com\",\"a\\u0001b\"]",
    "\"https://api.example.com,https://other.example.com\"",
];
const TIME_CLAIMS: &[&str] = &["exp", "exp", "exp", "nbf", "nbf", "iat", "iat", "auth_time"];
const TEXT_CLAIMS: &[&str] = &[
    "sub",
    "jti",
    "client_id",
    "scope",
    "roles",
    "sid",
    "amr",
    "acr",
    "azp",
    "scp",
    "cid",
    "appid",
    "origin_jti",
    "token_use",
    "permissions",
    "realm_access",
    "cognito:groups",
    "cnf",
    "act",
    "tenant",
];
/// What an ID token, a logout token or a refresh token has.
const OTHER_KINDS: &[(&str, &str)] = &[
    ("nonce", "\"n\""),
    ("at_hash", "\"h\""),
    ("c_hash", "\"h\""),
    ("events", "{}"),
    ("typ", "\"ID\""),
    ("typ", "\"Refresh\""),
    ("typ", "\"Bearer\""),
    ("token_use", "\"id\""),
    ("token_use", "\"access\""),
    ("token_use", "7"),
];

pub fn draw(rng: &mut Rng) -> Mutation {
    match rng.u32(0..100) {
        0..38 => time(rng),
        38..48 => value(rng, "claims: iss", "iss", ISSUERS),
        48..60 => audience(rng),
        60..72 => text(rng),
        72..76 => other_kind(rng),
        76..88 => duplicate(rng),
        88..94 => absent(rng),
        _ => long(rng),
    }
}

fn value(
    rng: &mut Rng,
    class: &'static str,
    name: &'static str,
    choices: &[&'static str],
) -> Mutation {
    let value = if rng.u32(0..3) == 0 {
        values::any(rng)
    } else {
        one_of(rng, choices)
    };
    Mutation::draft(class, format!("{name} = {value}"), move |draft, _| {
        set(&mut draft.claims, name, value);
    })
}

fn audience(rng: &mut Rng) -> Mutation {
    let value = if rng.u32(0..3) == 0 {
        values::any(rng)
    } else {
        one_of(rng, AUDIENCES)
    };
    let of_client = rng.bool();
    let what = format!("aud = {value}, as the client of Cognito: {of_client}");
    Mutation::draft("claims: aud", what, move |draft, _| {
        let name = if of_client && draft.profile == Profile::Cognito {
            "client_id"
        } else {
            "aud"
        };
        set(&mut draft.claims, name, value);
    })
}

fn time(rng: &mut Rng) -> Mutation {
    let name = one_of(rng, TIME_CLAIMS);
    let class = match name {
        "exp" => "claims: exp",
        "nbf" => "claims: nbf",
        "iat" => "claims: iat",
        _ => "claims: auth_time",
    };
    let value = match rng.u32(0..5) {
        // Around the seconds at which the verdict changes.
        0 => (1_800_000_000 + rng.i64(-33..=33)).to_string(),
        1 => values::any(rng).to_owned(),
        _ => one_of(rng, values::TIMES).to_owned(),
    };
    Mutation::draft(class, format!("{name} = {value}"), move |draft, _| {
        set(&mut draft.claims, name, &value);
    })
}

fn text(rng: &mut Rng) -> Mutation {
    let (name, value) = (one_of(rng, TEXT_CLAIMS), values::any(rng));
    Mutation::draft(
        "claims: others",
        format!("{name} = {value}"),
        move |draft, _| {
            set(&mut draft.claims, name, value);
        },
    )
}

fn other_kind(rng: &mut Rng) -> Mutation {
    let (name, value) = one_of(rng, OTHER_KINDS);
    Mutation::draft(
        "claims: other kinds of token",
        format!("{name} = {value}"),
        move |draft, _| {
            set(&mut draft.claims, name, value);
        },
    )
}

fn duplicate(rng: &mut Rng) -> Mutation {
    let name = one_of(
        rng,
        &[
            "exp", "exp", "nbf", "iat", "iss", "aud", "sub", "scope", "tenant", "unknown",
        ],
    );
    let value = match rng.u32(0..5) {
        0 => one_of(rng, ISSUERS),
        1 => one_of(rng, AUDIENCES),
        2 => "\"admin\"",
        3 => one_of(rng, values::TIMES),
        _ => values::any(rng),
    };
    let (first, escaped) = (rng.bool(), rng.bool());
    let what = format!("{name} again = {value}, first: {first}, escaped: {escaped}");
    Mutation::draft("claims: duplicates", what, move |draft, _| {
        twice(&mut draft.claims, name, value, first, escaped);
    })
}

fn absent(rng: &mut Rng) -> Mutation {
    let name = one_of(
        rng,
        &[
            "iss",
            "aud",
            "sub",
            "client_id",
            "jti",
            "iat",
            "exp",
            "scope",
            "azp",
            "token_use",
        ],
    );
    Mutation::draft("claims: absent", format!("no {name}"), move |draft, _| {
        remove(&mut draft.claims, name);
    })
}

/// Many, long and deep.
fn long(rng: &mut Rng) -> Mutation {
    let amount = one_of(rng, &[6, 7, 8, 9, 16, 17, 40, 257, 600, 2_000, 9_000]);
    let kind = rng.u32(0..4);
    let what = format!("{amount} of kind {kind}");
    Mutation::draft(
        "claims: many, long, deep",
        what,
        move |draft, _| match kind {
            0 => set(&mut draft.claims, "sub", &quoted(&"s".repeat(amount))),
            1 => set(
                &mut draft.claims,
                "tenant",
                &format!("{}{}", "[".repeat(amount), "]".repeat(amount)),
            ),
            2 => {
                let more = (0..amount.min(700)).map(|nth| member(&format!("m{nth}"), "0"));
                draft.claims.extend(more);
            }
            _ => {
                let audience = quoted(&"a".repeat(amount));
                set(
                    &mut draft.claims,
                    "aud",
                    &format!("[\"https://api.example.com\",{audience}]"),
                );
            }
        },
    )
}
