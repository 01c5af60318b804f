//! What templates say about other origins: HTTP APIs and function URLs in one way, REST APIs of SAM in
//! quotes within quotes, events of the Serverless Framework in a third.

use serde_json::Value;

use super::values::text;
use super::{is_true, method, number, texts};
use crate::stack::Cors;

/// The CORS of an HTTP API or a function URL: `true`, or what is allowed.
pub(super) fn cors(value: &Value) -> Option<Cors> {
    if value.is_boolean() || value.is_string() {
        let all = || vec!["*".to_owned()];
        let open = Cors {
            origins: all(),
            methods: all(),
            headers: all(),
            ..Cors::default()
        };
        return is_true(Some(value)).then_some(open);
    }
    let list = |keys: [&str; 2]| texts(keys.iter().find_map(|key| value.get(*key)));
    let credentials = ["AllowCredentials", "allowCredentials"]
        .iter()
        .find_map(|key| value.get(*key));
    Some(Cors {
        origins: list(["AllowOrigins", "allowedOrigins"]),
        methods: list(["AllowMethods", "allowedMethods"])
            .iter()
            .map(|text| method_or_star(text))
            .collect(),
        headers: list(["AllowHeaders", "allowedHeaders"]),
        expose: list(["ExposeHeaders", "exposedResponseHeaders"]),
        credentials: is_true(credentials),
        max_age: number(value.get("MaxAge").or_else(|| value.get("maxAge"))),
    })
}

fn method_or_star(text: &str) -> String {
    if text == "*" {
        text.to_owned()
    } else {
        method(text)
    }
}

/// The CORS of a REST API: `"'https://example.com'"`, or lists in such quotes.
pub(super) fn rest_cors(value: &Value) -> Option<Cors> {
    let bare = |value: &Value| text(value).trim_matches('\'').to_owned();
    let split = |value: Option<&Value>| {
        let text = value.map(bare).unwrap_or_default();
        text.split(',')
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    };
    match value {
        Value::String(_) => Some(Cors {
            origins: vec![bare(value)],
            ..Cors::default()
        }),
        Value::Object(_) => Some(Cors {
            origins: split(value.get("AllowOrigin")),
            methods: split(value.get("AllowMethods")),
            headers: split(value.get("AllowHeaders")),
            expose: Vec::new(),
            credentials: is_true(value.get("AllowCredentials")),
            max_age: value.get("MaxAge").and_then(|age| bare(age).parse().ok()),
        }),
        _ => None,
    }
}

/// `cors: true`, or `{origin, origins, headers, allowCredentials, maxAge}`.
pub(super) fn event_cors(value: &Value) -> Cors {
    let headers =
        "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent";
    let mut origins = texts(value.get("origins"));
    origins.extend(value.get("origin").map(text));
    if origins.is_empty() {
        origins.push("*".to_owned());
    }
    let written = texts(value.get("headers"));
    let usual = || headers.split(',').map(str::to_owned).collect();
    Cors {
        origins,
        methods: Vec::new(),
        headers: if written.is_empty() { usual() } else { written },
        expose: Vec::new(),
        credentials: is_true(value.get("allowCredentials")),
        max_age: number(value.get("maxAge")),
    }
}
