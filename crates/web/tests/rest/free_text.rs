//! Text that people choose, with what no store and no screen should get: it is refused at the door,
//! and never an error inside.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Server};

/// A NUL, other controls, and a control of the second range.
const BAD: [&str; 5] = ["a\0b", "\0", "a\u{1}b", "a\u{1b}[31m", "a\u{85}b"];

#[tokio::test]
async fn a_control_character_in_any_text_of_a_body_is_refused_and_breaks_nothing() {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    let user = format!("/v1/users/{}/authority", root.id);
    let forms: [(&str, &str, Value); 12] = [
        (
            "PUT",
            "/v1/roles/editor",
            json!({ "description": "*", "scope": "a:b" }),
        ),
        ("PUT", "/v1/roles/editor", json!({ "scope": "*" })),
        (
            "POST",
            "/v1/tokens",
            json!({ "name": "*", "scope": "account:read" }),
        ),
        ("POST", "/v1/tokens", json!({ "name": "x", "scope": "*" })),
        ("PATCH", "/v1/me", json!({ "display_name": "*" })),
        (
            "PATCH",
            "/v1/me",
            json!({ "username": "*", "current_password": PASSWORD }),
        ),
        (
            "PATCH",
            "/v1/me",
            json!({ "email": "*@example.com", "current_password": PASSWORD }),
        ),
        (
            "POST",
            "/v1/users",
            json!({ "username": "new", "display_name": "*" }),
        ),
        (
            "POST",
            "/v1/users",
            json!({ "username": "new", "roles": ["*"] }),
        ),
        ("PATCH", &user, json!({ "grant_roles": ["*"] })),
        (
            "POST",
            "/v1/register",
            json!({ "username": "x*", "password": PASSWORD }),
        ),
        (
            "POST",
            "/v1/login",
            json!({ "identifier": "root", "password": PASSWORD, "device": "*" }),
        ),
    ];
    for bad in BAD {
        for (method, path, form) in &forms {
            let body: Value = with(form, bad);
            let answer = server
                .request(method, path)
                .bearer(&root.access_token)
                .json(&body)
                .send()
                .await;
            assert_eq!(
                answer.status,
                422,
                "{method} {path} {body}: {}",
                answer.json()
            );
        }
    }
    // The parts of a login that say who: an unknown name is an unknown name.
    for bad in BAD {
        let body = json!({ "identifier": bad, "password": PASSWORD });
        let answer = server.post("/v1/login").json(&body).send().await;
        assert_eq!(answer.code(), "invalid_credentials", "{bad:?}");
    }
}

#[tokio::test]
async fn a_control_character_in_an_address_is_refused_and_breaks_nothing() {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    for path in [
        "/v1/users?prefix=a%00",
        "/v1/users?prefix=%1b",
        "/v1/users?role=a%00",
        "/v1/users?after=%00",
        "/v1/roles/a%00b",
        "/v1/users/%00",
        "/v1/audit-events?action=%00",
        "/v1/audit-events?user_id=%00",
    ] {
        let answer = server.get(path).bearer(&root.access_token).send().await;
        let status = answer.status.as_u16();
        assert!(matches!(status, 400 | 404 | 405 | 422), "{path}: {status}");
    }
}

#[tokio::test]
async fn a_description_has_its_length_and_no_more() {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    for (length, status) in [(500, 201), (501, 422), (10_000, 422)] {
        let body = json!({ "description": "é".repeat(length), "scope": "a:b" });
        let put = server.request("PUT", "/v1/roles/editor");
        let answer = put.bearer(&root.access_token).json(&body).send().await;
        let answer = answer.expect(status);
        if status == 422 {
            assert!(answer.json().to_string().contains("/description"));
        }
    }
}

/// The form with `text` in place of each star.
fn with(form: &Value, text: &str) -> Value {
    match form {
        Value::String(one) => Value::String(one.replace('*', text)),
        Value::Array(all) => all.iter().map(|one| with(one, text)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, one)| (name.clone(), with(one, text)))
            .collect(),
        other => other.clone(),
    }
}
