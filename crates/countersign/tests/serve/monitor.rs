//! The monitor over the real server: what it sees of requests, and what it never does.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::account::{PASSWORD, login};
use crate::support::{Account, Server};

/// Runs a command on the server's data.
fn command(server: &Server, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    let command = command.args(arguments).current_dir(&server.dir).env_clear();
    command.output().unwrap()
}

/// An account that may see the monitor.
fn admin(server: &Server) -> Account {
    let root = Account::sign_up(server, "root");
    assert!(
        command(server, &["grant", &root.email, "admin"])
            .status
            .success()
    );
    let answer = server.post("/v1/login", &login(&root.email)).expect(200);
    Account::from_answer(root.email, &answer.json())
}

fn ask(server: &Server, root: &Account, path: &str) -> Value {
    let path = format!("/v1/admin/monitor{path}");
    server.get(&path, Some(&root.access)).expect(200).json()
}

fn of_route(overview: &Value, route: &str) -> Value {
    let endpoints = overview["endpoints"].as_array().unwrap();
    let found = endpoints.iter().find(|row| row["route"] == route);
    found.cloned().unwrap_or(Value::Null)
}

#[test]
fn requests_are_seen_by_endpoint_with_their_lines_and_looking_is_not() {
    let dir = tempfile::tempdir().unwrap();
    // Whatever is logged: the monitor sees the same.
    let server = Server::start_with(dir.path(), &[("LOG_LEVEL", "error")]);
    let root = admin(&server);
    for _ in 0..3 {
        server
            .post("/v1/login", &login("nobody@example.com"))
            .expect(401);
    }
    let answer = server.get("/v1/me", Some(&root.access)).expect(200);
    server.get("/v1/admin/monitor", None).expect(401);
    server.get("/console/monitor", None).expect(200);

    let overview = ask(&server, &root, "");
    let overview_again = ask(&server, &root, "");
    let logins = of_route(&overview, "/v1/login");
    assert_eq!(
        (&logins["invocations"], &logins["refused"]),
        (&json!(4), &json!(3))
    );
    assert!(logins["p95_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(overview["functions"][0]["function"], "countersign");
    // The stranger who was refused is seen; who looked, and the page, are not.
    let looks = of_route(&overview_again, "/v1/admin/monitor");
    assert_eq!(
        (&looks["invocations"], &looks["refused"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(of_route(&overview_again, "/console/monitor"), Value::Null);

    let id = answer.header("x-request-id").unwrap();
    let one = ask(&server, &root, &format!("/invocations/{id}"));
    assert_eq!(
        (&one["route"], &one["status"], &one["id"]),
        (&json!("/v1/me"), &json!(200), &json!(id))
    );
    assert!(
        one["lines"][0]["text"]
            .as_str()
            .unwrap()
            .starts_with("answered"),
        "{one}"
    );
    server.stop();
}

#[test]
fn nothing_that_it_says_holds_a_secret_a_person_or_an_address() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("LOG_LEVEL", "trace")]);
    let root = admin(&server);
    let mut ada = Account::sign_up(&server, "ada-in-the-monitor");
    let mut wire = server.connect();
    let mut secrets = vec![
        PASSWORD.to_owned(),
        "ada-in-the-monitor".to_owned(),
        "127.0.0.1".to_owned(),
    ];
    secrets.extend([
        root.access.clone(),
        root.refresh.clone(),
        ada.access.clone(),
        ada.refresh.clone(),
    ]);
    wire.get("/v1/me?access_token=query-secret", Some(&ada.access))
        .unwrap();
    wire.send(
        "POST",
        "/v1/login",
        Some("bearer-secret"),
        Some(&login(&ada.email)),
    )
    .unwrap();
    wire.get("/v1/users/path-secret", Some(&ada.access))
        .unwrap();
    wire.get("/nowhere/path-secret?code=query-secret", None)
        .unwrap();
    let wrong = json!({ "identifier": ada.email, "password": "wrong-secret-word" });
    wire.post("/v1/login", &wrong).unwrap().expect(401);
    let query = format!(
        "mutation {{ login(input: {{ identifier: \"{}\", password: \"{PASSWORD}\" }}) {{ __typename }} }}",
        ada.email
    );
    wire.post("/graphql", &json!({ "query": query })).unwrap();
    assert_eq!(ada.refresh(&mut wire).unwrap(), 200);
    secrets.extend([ada.access.clone(), ada.refresh.clone()]);
    let body = json!({ "name": "script", "scope": "account:read" });
    let made = wire
        .send("POST", "/v1/tokens", Some(&ada.access), Some(&body))
        .unwrap()
        .expect(201);
    secrets.push(made.json()["token"].as_str().unwrap().to_owned());
    wire.send("POST", "/v1/logout", Some(&ada.access), None)
        .unwrap();
    secrets.extend(
        [
            "query-secret",
            "bearer-secret",
            "path-secret",
            "wrong-secret-word",
        ]
        .map(str::to_owned),
    );

    let mut everything = ask(&server, &root, "").to_string();
    let list = ask(&server, &root, "/invocations?limit=100");
    everything += &list.to_string();
    let mut count = 0;
    for one in list["invocations"].as_array().unwrap() {
        let id = one["id"].as_str().unwrap();
        everything += &ask(&server, &root, &format!("/invocations/{id}")).to_string();
        count += 1;
    }
    assert!(count > 10 && everything.contains("/graphql") && everything.contains("answered"));
    for secret in secrets {
        assert!(!everything.contains(&secret), "the monitor knows {secret}");
    }
    server.stop();
}

#[test]
fn the_command_line_shows_a_running_server_with_a_token_from_a_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let root = admin(&server);
    let ada = Account::sign_up(&server, "ada");
    let address = format!("http://{}", server.api);
    let run = |token: &str, more: &[&str]| {
        let path = dir.path().join("token.txt");
        std::fs::write(&path, token).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let arguments = ["monitor", "--server", &address, "--token-file", "token.txt"];
        command(&server, &[&arguments, more].concat())
    };
    let seen = run(&root.access, &[]);
    let text = String::from_utf8_lossy(&seen.stdout).into_owned();
    assert!(
        seen.status.success() && text.contains("/v1/register"),
        "{seen:?}"
    );
    let list = run(
        &root.access,
        &["--json", "--route", "/v1/register", "--since", "5m"],
    );
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list["matching"], 2);
    let id = list["invocations"][0]["id"].as_str().unwrap();
    let one = run(&root.access, &["--id", id]);
    assert!(
        String::from_utf8_lossy(&one.stdout).contains("answered"),
        "{one:?}"
    );
    for (token, code, words) in [
        (&*root.access, 3, "there is no invocation"),
        (&ada.access, 4, "monitor:read"),
        ("nonsense", 4, "does not take this token"),
    ] {
        let refused = run(token, &["--id", "01a1fbab-0000-7000-8000-000000000001"]);
        let message = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(code), "{message}");
        assert!(message.contains(words), "{message}");
    }
    server.stop();
}

#[test]
fn the_monitor_can_be_switched_off() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("MONITOR_ENTRIES", "0")]);
    let root = admin(&server);
    server.get("/console/monitor", None).expect(404);
    server
        .get("/v1/admin/monitor", Some(&root.access))
        .expect(404);
    server.stop();
}

#[test]
fn only_the_latest_requests_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("MONITOR_ENTRIES", "5")]);
    let root = admin(&server);
    for _ in 0..10 {
        server.get("/openapi.json", None).expect(200);
    }
    let overview = ask(&server, &root, "");
    assert_eq!(
        (&overview["kept"], &overview["total"]["invocations"]),
        (&json!(5), &json!(5))
    );
    assert!(overview["reaches_back_to"].is_string() && overview["pushed_out"].as_u64() > Some(5));
    server.stop();
}
