//! What the gateways themselves say to pages of other origins: HTTP APIs and function URLs answer
//! preflights and replace what a function says; REST APIs only have a method that answers `OPTIONS`.

use super::incoming::Incoming;
use super::outgoing::Outgoing;
use crate::stack::Cors;

const HEADERS: &str = "access-control-";

/// Whether this is a preflight.
pub(super) fn is_preflight(request: &Incoming) -> bool {
    request.method == "OPTIONS"
        && request.header("Origin").is_some()
        && request.header("Access-Control-Request-Method").is_some()
}

/// The answer of an HTTP API to a preflight.
pub(super) fn preflight(cors: &Cors, request: &Incoming) -> Outgoing {
    let mut answer = Outgoing {
        status: 204,
        ..Outgoing::default()
    };
    let Some(origin) = allowed(cors, request) else {
        return answer;
    };
    answer = answer.with("Access-Control-Allow-Origin", origin);
    for (name, values) in [
        ("Access-Control-Allow-Methods", &cors.methods),
        ("Access-Control-Allow-Headers", &cors.headers),
    ] {
        if !values.is_empty() {
            answer = answer.with(name, values.join(","));
        }
    }
    if let Some(age) = cors.max_age {
        answer = answer.with("Access-Control-Max-Age", age.to_string());
    }
    credentials(cors, answer)
}

/// An answer with what an HTTP API says about other origins, whatever the function said.
pub(super) fn add(cors: &Cors, request: &Incoming, mut answer: Outgoing) -> Outgoing {
    answer
        .headers
        .retain(|(name, _)| !name.to_ascii_lowercase().starts_with(HEADERS));
    let Some(origin) = allowed(cors, request) else {
        return answer;
    };
    answer = answer.with("Access-Control-Allow-Origin", origin);
    if !cors.expose.is_empty() {
        answer = answer.with("Access-Control-Expose-Headers", cors.expose.join(","));
    }
    credentials(cors, answer)
}

/// The answer of a REST API's `OPTIONS` method.
pub(super) fn mock(cors: &Cors, request: &Incoming, methods: &[String]) -> Outgoing {
    let origin = allowed(cors, request)
        .or_else(|| cors.origins.first().cloned())
        .unwrap_or_default();
    let methods = if cors.methods.is_empty() {
        methods.join(",")
    } else {
        cors.methods.join(",")
    };
    let mut answer = Outgoing::text(200, "application/json", "{}\n")
        .with("Access-Control-Allow-Origin", origin)
        .with("Access-Control-Allow-Methods", methods);
    if !cors.headers.is_empty() {
        answer = answer.with("Access-Control-Allow-Headers", cors.headers.join(","));
    }
    if let Some(age) = cors.max_age {
        answer = answer.with("Access-Control-Max-Age", age.to_string());
    }
    credentials(cors, answer)
}

fn credentials(cors: &Cors, answer: Outgoing) -> Outgoing {
    if cors.credentials {
        answer.with("Access-Control-Allow-Credentials", "true")
    } else {
        answer
    }
}

fn allowed(cors: &Cors, request: &Incoming) -> Option<String> {
    let origin = request.header("Origin")?;
    let fits = |allowed: &String| {
        allowed == origin
            || matches!(allowed.as_str(), "https://*" | "http://*")
                && origin.starts_with(allowed.trim_end_matches('*'))
    };
    if cors.origins.iter().any(|allowed| allowed == "*") {
        return Some("*".to_owned());
    }
    cors.origins.iter().any(fits).then(|| origin.to_owned())
}
