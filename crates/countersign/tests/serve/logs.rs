//! What stands in the logs, and what never does.

use serde_json::json;

use crate::support::account::{PASSWORD, login};
use crate::support::{Account, Server};

fn tour(server: &Server) -> Vec<String> {
    let mut ada = Account::sign_up(server, "ada-in-the-logs");
    let mut secrets = vec![PASSWORD.to_owned(), ada.email.clone()];
    secrets.extend([ada.access.clone(), ada.refresh.clone()]);
    let mut wire = server.connect();
    let token = Some(ada.access.clone());
    wire.get("/v1/me?access_token=query-secret", token.as_deref())
        .unwrap();
    let wrong = json!({ "identifier": ada.email, "password": "wrong-secret-word" });
    wire.post("/v1/login", &wrong).unwrap().expect(401);
    wire.post(
        "/v1/register",
        &json!({ "email": "not-a-mail-secret", "password": "x" }),
    )
    .unwrap();
    wire.send(
        "POST",
        "/v1/login",
        Some("bearer-secret"),
        Some(&login(&ada.email)),
    )
    .unwrap();
    let query = format!(
        "mutation {{ login(input: {{ identifier: \"{}\", password: \"{PASSWORD}\" }}) \
         {{ __typename }} }}",
        ada.email
    );
    wire.send("POST", "/graphql", None, Some(&json!({ "query": query })))
        .unwrap();
    assert_eq!(ada.refresh(&mut wire).unwrap(), 200);
    secrets.extend([ada.access.clone(), ada.refresh.clone()]);
    let body = json!({ "name": "script", "scope": "account:read" });
    let made = wire
        .send("POST", "/v1/tokens", Some(&ada.access), Some(&body))
        .unwrap();
    if made.status == 201 {
        secrets.push(made.json()["token"].as_str().unwrap().to_owned());
    }
    wire.send("POST", "/v1/logout", Some(&ada.access), None)
        .unwrap();
    let plain = [
        "query-secret",
        "wrong-secret-word",
        "not-a-mail-secret",
        "bearer-secret",
    ];
    secrets.extend(plain.map(str::to_owned));
    secrets
}

#[test]
fn no_log_line_holds_a_secret_or_an_address_at_any_level() {
    for format in ["text", "json"] {
        let dir = tempfile::tempdir().unwrap();
        let settings = [("LOG_LEVEL", "trace"), ("LOG_FORMAT", format)];
        let server = Server::start_with(dir.path(), &settings);
        let secrets = tour(&server);
        let key = std::fs::read_to_string(dir.path().join("data/master.key")).unwrap();
        let log = server.log();
        assert!(log.contains("/v1/login"), "{log}");
        for secret in secrets.iter().map(String::as_str).chain([key.trim()]) {
            let line = log.lines().find(|line| line.contains(secret));
            assert!(line.is_none(), "{secret} is in the log: {line:?}");
        }
        server.stop();
    }
}

#[test]
fn each_request_has_a_line_with_its_route_status_and_id() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("LOG_FORMAT", "json")]);
    let answer = server
        .post("/v1/login", &login("nobody@example.com"))
        .expect(401);
    let id = answer.header("x-request-id").unwrap().to_owned();
    let log = server.log();
    let line = log
        .lines()
        .find(|line| line.contains(&id))
        .unwrap_or_else(|| panic!("{log}"));
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = line.to_string();
    for part in ["POST", "/v1/login", "401", "took_ms"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    server.stop();
}
