//! A database that is away, slow, or back.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::database::Database;
use crate::event::{Event, Kind};
use crate::function::Function;

const MASTER_KEY: &str = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
const PASSWORD: &str = "correct-Horse-battery-9-staple";

fn production<'a>(url: &'a str, data_dir: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("HTTP_PUBLIC_URL", "https://auth.example.com"),
        ("STORE_URL", url),
        ("KEYS_MASTER_KEY", MASTER_KEY),
        ("DATA_DIR", data_dir),
        ("THROTTLE_ENABLED", "false"),
    ]
}

#[test]
fn a_database_that_is_away_is_503_and_the_next_request_after_its_return_is_answered() {
    let database = Database::start("dynamodb");
    let dir = tempfile::tempdir().unwrap();
    let url = database.url();
    database.kill();
    let function = Function::bare(dir.path(), &production(&url, dir.path().to_str().unwrap()));
    let person = json!({ "email": "ada@example.com", "password": PASSWORD });
    let sign_up = Event::post(Kind::HttpApi, "/v1/register", &person);
    for _ in 0..2 {
        let answer = function.send(&sign_up).expect(503);
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
        assert!(answer.header("x-request-id").is_some());
        assert!(answer.header("strict-transport-security").is_some());
        let line = function.last_line();
        assert_eq!(line["outcome"], "failed");
        assert_eq!(line["span"]["route"], "/v1/register");
        assert_eq!(function.metrics().last().unwrap()["Errors"], 1);
    }

    database.start_again();
    function.send(&sign_up).expect(201);
    let line = function.last_line();
    assert_eq!(line["cold"], false);
    // The connection was made while the instance was prepared, a moment before.
    assert_eq!(
        line["message"],
        "answered => using existing database connection"
    );

    // Away once more, under an instance that was ready.
    database.kill();
    let login = json!({ "identifier": "ada@example.com", "password": PASSWORD });
    let login = Event::post(Kind::HttpApi, "/v1/login", &login);
    function.send(&login).expect(503);
    database.start_again();
    let back = Instant::now();
    while function.send(&login).status != 200 {
        assert!(
            back.elapsed() < Duration::from_secs(10),
            "{}",
            function.log()
        );
    }
    let made_anew = function.lines();
    let new = "answered => using new database connection";
    assert!(
        made_anew.iter().any(|line| line["message"] == new),
        "{}",
        function.log()
    );
}

/// Lambda ends a function at its deadline without a word; the client would get 502 or 504, and whatever
/// it was doing would be done anew.
#[test]
fn a_database_that_says_nothing_is_503_before_lambda_ends_the_function() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = silent.local_addr().unwrap();
    let url = format!("dynamodb://eu-central-1/countersign?endpoint=http://{endpoint}");
    let dir = tempfile::tempdir().unwrap();
    let mut settings = production(&url, dir.path().to_str().unwrap());
    settings.extend([("STORE_TIMEOUT", "30s"), ("HTTP_REQUEST_TIMEOUT", "1m")]);
    let function = Function::bare(dir.path(), &settings);
    let time = Duration::from_secs(2);
    let begun = Instant::now();
    let answer = function.send_within(&Event::get(Kind::HttpApi, "/v1/me"), time);
    assert_eq!(answer.status, 503);
    assert!(begun.elapsed() < time, "{:?}", begun.elapsed());
}
