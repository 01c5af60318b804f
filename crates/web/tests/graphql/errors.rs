//! Errors: their codes, and what they never say.

use countersign_web::graphql::errors::Code;
use serde_json::json;

use crate::instance::PASSWORD;
use crate::server::Server;

#[test]
fn the_codes_of_errors_are_these() {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "UNAUTHENTICATED",
            "FORBIDDEN",
            "BAD_USER_INPUT",
            "THROTTLED",
            "BUSY",
            "UNAVAILABLE",
            "TIMEOUT",
            "INTERNAL",
            "BAD_REQUEST",
            "BATCH_REFUSED",
            "GRAPHQL_PARSE_FAILED",
            "GRAPHQL_VALIDATION_FAILED",
            "OPERATION_RESOLUTION_FAILURE",
            "INTROSPECTION_DISABLED",
            "QUERY_TOO_LARGE",
            "QUERY_TOO_DEEP",
            "QUERY_TOO_COMPLEX",
            "QUERY_TOO_MANY_ALIASES",
            "QUERY_TOO_MANY_ROOT_FIELDS",
            "QUERY_TOO_MANY_DIRECTIVES",
        ]
    );
}

#[tokio::test]
async fn errors_as_clients_get_them() {
    let server = Server::new().await;
    let token = server.user("jill").await;
    for (token, query, error) in [
        (
            None,
            "{ me { id } }",
            json!({ "message": "log in first, and send the access token",
                "locations": [{ "line": 1, "column": 3 }], "path": ["me"],
                "extensions": { "code": "UNAUTHENTICATED" } }),
        ),
        (
            Some(&token),
            "{ users { edges { cursor } } }",
            json!({ "message": "your token lacks the scope `users:read`",
                "locations": [{ "line": 1, "column": 3 }], "path": ["users"],
                "extensions": { "code": "FORBIDDEN", "requiredScope": "users:read" } }),
        ),
        (
            None,
            "mutation { signup(input: { email: \"jill\", password: \"x\" }) { __typename } }",
            json!({ "message": "not an e-mail address: write it as name@example.com",
                "locations": [{ "line": 1, "column": 12 }], "path": ["signup"],
                "extensions": { "code": "BAD_USER_INPUT", "field": "/input/email" } }),
        ),
        (
            None,
            "{ me { id }",
            json!({ "message": "the document can't be parsed",
                "locations": [{ "line": 1, "column": 12 }],
                "extensions": { "code": "GRAPHQL_PARSE_FAILED" } }),
        ),
    ] {
        let answer = server
            .ask(token.map(String::as_str), query, json!({}))
            .await;
        assert_eq!(answer.body["errors"], json!([error]));
    }
}

#[tokio::test]
async fn weak_passwords_and_taken_names_are_outcomes_and_no_errors() {
    let server = Server::new().await;
    server.user("jill").await;
    let signup = "mutation ($input: SignupInput!) { signup(input: $input) { __typename
        ... on WeakPassword { minLength suggestions } ... on UserError { code } } }";
    for (input, kind, code) in [
        (
            json!({ "username": "jack", "password": "123456" }),
            "WeakPassword",
            "password_too_short",
        ),
        (
            json!({ "username": "jill", "password": PASSWORD }),
            "UsernameTaken",
            "username_taken",
        ),
        (
            json!({ "email": "JILL@example.com", "password": PASSWORD }),
            "EmailTaken",
            "email_taken",
        ),
        (
            json!({ "password": PASSWORD }),
            "IdentifierMissing",
            "identifier_missing",
        ),
        (
            json!({ "username": "jack", "password": PASSWORD, "audience": "https://x" }),
            "UnknownAudience",
            "unknown_audience",
        ),
    ] {
        let answer = server.ask(None, signup, json!({ "input": input })).await;
        let outcome = &answer.body["data"]["signup"];
        assert_eq!(
            (&outcome["__typename"], &outcome["code"]),
            (&json!(kind), &json!(code)),
            "{}",
            answer.body
        );
    }
}

const SECRET: &str = "hunter2-hunter2-hunter2";

#[tokio::test]
async fn no_error_repeats_a_password_or_a_token() {
    let server = Server::new().await;
    for query in [
        format!("{{ me(token: \"{SECRET}\") {{ id }} }}"),
        format!("mutation {{ login(input: {{ identifier: \"a\", password: \"{SECRET}\""),
        format!(
            "mutation {{ login(input: {{ identifier: \"a\", password: [\"{SECRET}\"] }}) {{ __typename }} }}"
        ),
        format!(
            "mutation {{ login(input: {{ identifier: \"a\", secret: \"{SECRET}\" }}) {{ __typename }} }}"
        ),
        format!("mutation {{ login(input: \"{SECRET}\") {{ __typename }} }}"),
        format!("mutation {{ verifyToken(input: \"{SECRET}\") {{ active }} }}"),
        format!(
            "mutation {{ refresh(input: {{ refreshToken: \"{SECRET}\" }}) {{ ... on UserError {{ message }} }} }}"
        ),
        format!("{{ users(filter: {{ state: \"{SECRET}\" }}) {{ edges {{ cursor }} }} }}"),
    ] {
        let answer = server.ask(None, &query, json!({})).await;
        assert!(!answer.body.to_string().contains(SECRET), "{}", answer.body);
    }
    let login = "mutation ($input: LoginInput!) { login(input: $input) { __typename } }";
    for input in [
        json!(SECRET),
        json!({ "identifier": "a", "password": [SECRET] }),
        json!({ "identifier": { "a": SECRET }, "password": SECRET }),
    ] {
        let answer = server.ask(None, login, json!({ "input": input })).await;
        assert_ne!(answer.code(), "none");
        assert!(!answer.body.to_string().contains(SECRET), "{}", answer.body);
    }
    let answer = server.ask(Some(SECRET), "{ me { id } }", json!({})).await;
    assert!(!answer.body.to_string().contains(SECRET), "{}", answer.body);
}
