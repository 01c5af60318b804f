//! An API with some routes, an authorizer before it, and a caller.

use countersign_token::{AccessTokenClaims, Keys, PrivateKey, Scopes};
use countersign_verify::Verifier;
use countersign_verify::lambda::{Authorizer, Decision, Event, Fields, Routes, Rule};
use serde_json::Value;

use crate::common::{NOW, TestClock, claims, expected, key, token_of};

pub fn rule(scopes: &str) -> Rule {
    Rule::scopes(scopes.parse::<Scopes>().unwrap())
}

pub fn routes(list: &[(&str, &str)]) -> Routes {
    Routes::new(list.iter().map(|(route, scopes)| (*route, rule(scopes)))).unwrap()
}

/// What the tests that need no other one have.
pub const ROUTES: &[(&str, &str)] = &[
    ("GET /me", ""),
    ("GET /users", "users:list"),
    ("GET /users/me", "profile:read"),
    ("GET /users/{id}", "users:read"),
    ("DELETE /users/{id}", "users:delete"),
    ("GET /users/{id}/secrets", "users:secrets"),
    ("ANY /files/{path+}", "files"),
    ("$connect", "chat"),
];

pub struct World {
    pub key: PrivateKey,
    pub clock: TestClock,
}

impl World {
    pub fn new() -> Self {
        Self {
            key: key(),
            clock: TestClock::new(),
        }
    }

    pub fn verifier(&self) -> Verifier {
        let keys = Keys::from_private_key(&self.key).unwrap();
        Verifier::new(expected(), keys).with_clock(self.clock.clone())
    }

    pub fn authorizer(&self) -> Authorizer {
        let fields = [
            ("Mutation.addComment", rule("comments:write")),
            ("Query.users", rule("users:read")),
        ];
        Authorizer::new(self.verifier(), routes(ROUTES))
            .unwrap()
            .with_fields(Fields::new(fields).unwrap())
    }

    /// A token of ten minutes with `scopes`.
    pub fn token(&self, scopes: &str) -> String {
        token_of(&self.key, &caller(scopes))
    }
}

pub fn caller(scopes: &str) -> AccessTokenClaims {
    AccessTokenClaims {
        scope: scopes.parse().unwrap(),
        exp: NOW + 600,
        ..claims()
    }
}

/// The event of a fixture, with a token in it.
pub fn event(name: &str, token: &str) -> Value {
    let path = format!(
        "{}/tests/lambda/events/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path)
        .unwrap()
        .replace("TOKEN\"", &format!("{token}\""));
    // The type is spelled like the place for the token.
    let text = text.replace(&format!("\"type\": \"{token}\""), "\"type\": \"TOKEN\"");
    serde_json::from_str(&text).unwrap()
}

pub const EVENTS: [&str; 6] = [
    "rest_token",
    "rest_request",
    "http_1",
    "http_2",
    "websocket",
    "appsync",
];

pub async fn decide(authorizer: &Authorizer, event: Value) -> Decision {
    authorizer
        .authorize(&Event::from_value(event).unwrap())
        .await
}

/// The answer as the gateway gets it; an error as its message.
pub async fn answer(authorizer: &Authorizer, event: Value) -> Value {
    match decide(authorizer, event).await.into_answer() {
        Ok(answer) => serde_json::to_value(answer).unwrap(),
        Err(failure) => Value::String(failure.message()),
    }
}
