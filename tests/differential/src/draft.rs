//! A token in the making: header and claims as members in JSON's own spelling, so that what no JSON writer
//! would write can be written; then signed; then changed once more as text.

use aws_lc_rs::hmac;
use countersign_verify::{Algorithm, Profile};

use crate::keys::{KeyRing, base64url, mac};
use crate::world::{AUDIENCE, ISSUER, NOW, World};

/// Names and values, both as they are spelled in JSON.
pub type Members = Vec<(String, String)>;

/// Who signs.
#[derive(Clone, Debug)]
pub enum Signer {
    Ours(Algorithm),
    Attacker(Algorithm),
    /// HMAC with SHA-256, SHA-384 or SHA-512 under this secret.
    Secret(hmac::Algorithm, Vec<u8>),
    Nobody,
}

#[derive(Clone)]
pub struct Draft {
    pub profile: Profile,
    pub algorithm: Algorithm,
    pub header: Members,
    pub claims: Members,
    pub signer: Signer,
}

impl Draft {
    /// A token that every judge accepts.
    pub fn valid(profile: Profile, algorithm: Algorithm, rng: &mut fastrand::Rng) -> Self {
        let mut header = vec![
            member("alg", quoted(algorithm.as_str())),
            member("kid", quoted(&KeyRing::kid(algorithm))),
        ];
        // Auth0 has two dialects: RFC 9068, and its own.
        let follows_rfc9068 = match profile {
            Profile::Rfc9068 => true,
            Profile::Auth0 => rng.bool(),
            _ => false,
        };
        if follows_rfc9068 {
            header.insert(0, member("typ", quoted("at+jwt")));
        } else if profile == Profile::Auth0 || (profile == Profile::OpenId && rng.bool()) {
            header.insert(0, member("typ", quoted("JWT")));
        }
        let mut claims = vec![
            member("iss", quoted(ISSUER)),
            member("sub", quoted(&format!("user-{}", rng.u32(..)))),
            member("jti", quoted(&format!("token-{}", rng.u32(..)))),
            member("iat", (NOW - rng.i64(0..300)).to_string()),
            member("exp", (NOW + rng.i64(1..600)).to_string()),
            member("scope", quoted("users:read profile:read")),
        ];
        claims.extend(client_and_audience(profile, follows_rfc9068, rng));
        claims.extend(
            at_will(profile)
                .into_iter()
                .filter(|_| rng.bool())
                .map(|(name, value)| member(name, value)),
        );
        Self {
            profile,
            algorithm,
            header,
            claims,
            signer: Signer::Ours(algorithm),
        }
    }

    pub fn sign(&self, world: &World, message: &[u8]) -> Vec<u8> {
        match &self.signer {
            Signer::Ours(algorithm) => world.ours.sign(*algorithm, message),
            Signer::Attacker(algorithm) => world.attackers.sign(*algorithm, message),
            Signer::Secret(hash, secret) => mac(*hash, secret, message),
            Signer::Nobody => Vec::new(),
        }
    }

    /// The three parts, after `change` has had header and claims as bytes.
    pub fn finish(
        &self,
        world: &World,
        change: impl Fn(&mut Vec<u8>, &mut Vec<u8>),
    ) -> [String; 3] {
        let (mut header, mut claims) = (json(&self.header), json(&self.claims));
        change(&mut header, &mut claims);
        let (header, claims) = (base64url(header), base64url(claims));
        let signature = self.sign(world, format!("{header}.{claims}").as_bytes());
        [header, claims, base64url(signature)]
    }
}

/// Who asked for the token, and whom it is for.
fn client_and_audience(
    profile: Profile,
    follows_rfc9068: bool,
    rng: &mut fastrand::Rng,
) -> Members {
    let audience = if rng.bool() {
        quoted(AUDIENCE)
    } else {
        format!("[\"https://other.example.com\",{}]", quoted(AUDIENCE))
    };
    let mut claims = match profile {
        // Bound to a resource server, or for an app client, which is its audience then.
        Profile::Cognito if rng.u32(0..3) == 0 => {
            vec![member("client_id", quoted("web")), member("aud", audience)]
        }
        Profile::Cognito => vec![member("client_id", quoted(AUDIENCE))],
        Profile::Auth0 if !follows_rfc9068 => {
            vec![member("azp", quoted("web")), member("aud", audience)]
        }
        _ => vec![member("client_id", quoted("web")), member("aud", audience)],
    };
    if profile == Profile::Cognito {
        claims.push(member("token_use", quoted("access")));
    }
    claims
}

/// Claims that a token of this profile may have.
fn at_will(profile: Profile) -> Vec<(&'static str, String)> {
    let mut claims = vec![
        ("nbf", (NOW - 60).to_string()),
        ("auth_time", (NOW - 60).to_string()),
        ("amr", "[\"pwd\",\"otp\"]".to_owned()),
        ("acr", quoted("aal2")),
        ("tenant", "{\"id\":7,\"names\":[\"a\",\"b\"]}".to_owned()),
    ];
    let roles = "[\"editor\",\"admin\"]".to_owned();
    claims.extend(match profile {
        Profile::Cognito => vec![
            ("cognito:groups", roles),
            ("origin_jti", quoted("session-1")),
            ("version", "2".to_owned()),
            ("username", quoted("somebody")),
        ],
        Profile::Auth0 => vec![
            ("roles", roles),
            ("sid", quoted("session-1")),
            ("permissions", "[\"users:write\",\"users:read\"]".to_owned()),
            ("org_id", quoted("org_1")),
        ],
        Profile::OpenId => vec![
            ("roles", roles),
            ("sid", quoted("session-1")),
            ("realm_access", "{\"roles\":[\"owner\"]}".to_owned()),
        ],
        _ => vec![("roles", roles), ("sid", quoted("session-1"))],
    });
    claims
}

/// A member whose name needs no escape.
pub fn member(name: &str, value: impl Into<String>) -> (String, String) {
    (quoted(name), value.into())
}

/// Text as JSON.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Takes the place of the member `name`, or is added.
pub fn set(members: &mut Members, name: &str, value: &str) {
    let name = quoted(name);
    match members.iter_mut().find(|(known, _)| *known == name) {
        Some((_, old)) => value.clone_into(old),
        None => members.push((name, value.to_owned())),
    }
}

pub fn remove(members: &mut Members, name: &str) {
    let name = quoted(name);
    members.retain(|(known, _)| *known != name);
}

fn json(members: &Members) -> Vec<u8> {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{name}:{value}"))
        .collect();
    format!("{{{}}}", members.join(",")).into_bytes()
}
