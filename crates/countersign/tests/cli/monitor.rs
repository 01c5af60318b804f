//! `countersign monitor` over logs.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Instance, set_mode};

const LAMBDA: &str = include_str!("logs/register.log");
const SERVER: &str = include_str!("logs/server.jsonl");

fn monitor(arguments: &[&str], log: &str) -> crate::support::Ran {
    let arguments = [&["monitor", "--log", "-"], arguments].concat();
    Instance::nowhere().run_with(&arguments, log)
}

#[test]
fn a_functions_log_tells_its_invocations_errors_times_and_cold_starts() {
    let overview = monitor(&["--json", "--function", "register"], LAMBDA).json();
    let register = &overview["functions"][0];
    assert_eq!(register["function"], "register");
    for (name, value) in [
        ("invocations", 3.into()),
        ("failed", 1.into()),
        ("cold_starts", 1.into()),
        ("new_connections", 1.into()),
        ("existing_connections", 1.into()),
        ("p50_ms", 812.44.into()),
        ("p99_ms", 3000.0.into()),
        ("init_p50_ms", 402.11.into()),
        ("memory_mb", Value::from(72.0)),
    ] {
        assert_eq!(register[name], value, "{name}: {register:#}");
    }
    let text = monitor(&["--function", "register"], LAMBDA).ok();
    assert!(
        text.contains("3 invocations since 2026-11-21 06:00:00: 1 failed, 0 refused, 1 cold start"),
        "{text}"
    );
    let row = text
        .lines()
        .find(|line| line.starts_with("register "))
        .unwrap();
    let cells: Vec<_> = row
        .split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .collect();
    assert_eq!(
        cells,
        [
            "register", "3", "1", "0", "812 ms", "3000 ms", "3000 ms", "1"
        ]
    );
}

#[test]
fn the_cold_invocations_page_says_that_it_made_a_connection_and_the_warm_ones_that_it_did_not() {
    for (id, start, words) in [
        (
            "11111111-52a1-4f0e-9f1c-000000000001",
            "cold, 402 ms",
            "=> using new database connection",
        ),
        (
            "11111111-52a1-4f0e-9f1c-000000000002",
            "warm",
            "=> using existing database connection",
        ),
    ] {
        let page = monitor(&["--id", id], LAMBDA).ok();
        assert!(page.contains(start) && page.contains(words), "{page}");
    }
    let missing = monitor(&["--id", "22222222"], LAMBDA).fails_with(3);
    assert!(
        missing.contains("there is no invocation 22222222"),
        "{missing}"
    );
}

#[test]
fn a_servers_log_is_counted_by_endpoint_and_listed_one_by_one() {
    let ran = monitor(&[], SERVER);
    assert!(
        ran.err.contains("1 of 6 lines could not be read"),
        "{}",
        ran.err
    );
    let text = ran.ok();
    assert!(
        text.contains("3 invocations") && text.contains("/v1/login"),
        "{text}"
    );
    assert!(!text.contains("198.51.100.7"), "{text}");
    let list = monitor(&["--json", "--route", "/v1/login"], SERVER).json();
    let listed = list["invocations"].as_array().unwrap();
    assert_eq!(
        (listed.len(), &listed[0]["outcome"]),
        (2, &Value::from("refused"))
    );
    assert_eq!(listed[0]["lines"], 2);
    let one = monitor(
        &["--json", "--id", "01a1fbab-0000-7000-8000-000000000002"],
        SERVER,
    )
    .json();
    assert_eq!(one["lines"][0]["text"], "a password was of an old kind");
    let failed = monitor(&["--json", "--outcome", "failed"], SERVER).json();
    assert_eq!(failed["invocations"][0]["route"], "/v1/me");
    // The log is older than the last minutes.
    let recent = monitor(&["--json", "--since", "1s"], SERVER).json();
    assert_eq!(recent["total"]["invocations"], 0);
}

#[test]
fn a_followed_stream_gives_a_line_for_each_invocation_as_it_ends() {
    let instance = Instance::nowhere();
    let arguments = ["monitor", "--log", "-", "--follow", "--json"];
    let mut command = instance.command(&arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let half = LAMBDA.lines().take(5).collect::<Vec<_>>().join("\n");
    writeln!(stdin, "{half}").unwrap();
    // The stream is still open: this one was passed on at once.
    let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(
        (&first["cold"], &first["took_ms"]),
        (&true.into(), &812.44.into())
    );
    let rest = LAMBDA.lines().skip(5).collect::<Vec<_>>().join("\n");
    writeln!(stdin, "{rest}").unwrap();
    drop(stdin);
    let rest: Vec<_> = lines.map(Result::unwrap).collect();
    assert_eq!(rest.len(), 2, "{rest:?}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_followed_file_is_read_as_it_grows_and_after_it_was_replaced() {
    let instance = Instance::nowhere();
    let path = instance.write("server.log", "");
    let arguments = ["monitor", "--log", "server.log", "--follow"];
    let mut command = instance.command(&arguments);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let answered: Vec<_> = SERVER
        .lines()
        .filter(|line| line.contains("answered"))
        .collect();
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap();
    // A line that comes in two halves is one line.
    let (left, right) = answered[0].split_at(100);
    write!(file, "{left}").unwrap();
    file.flush().unwrap();
    writeln!(file, "{right}\n{}", answered[1]).unwrap();
    let first = lines.next().unwrap().unwrap();
    assert!(
        first.contains("POST  /v1/login") && first.contains("=> using new database connection"),
        "{first}"
    );
    assert!(lines.next().unwrap().unwrap().contains("refused"));
    std::fs::write(&path, format!("{}\n", answered[2])).unwrap();
    assert!(lines.next().unwrap().unwrap().contains("/v1/me"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn wrong_arguments_say_what_to_write_instead() {
    let instance = Instance::nowhere();
    for (arguments, code, words) in [
        (
            &["--log", "nowhere.log"][..],
            1,
            "nowhere.log can't be read",
        ),
        (
            &["--log", "-", "--server", "https://a.example"],
            2,
            "--server",
        ),
        (
            &["--server", "http://id.example.com", "--token-file", "t"],
            2,
            "https only",
        ),
        (&["--server", "id.example.com"], 2, "no URL"),
        (&["--since", "often", "--log", "-"], 2, "90m"),
        (&["--outcome", "fine", "--log", "-"], 2, "refused"),
        (&["--server", "https://id.example.com"], 2, "--token-file"),
        (&["--token-file", "t"], 2, "does not exist"),
    ] {
        let ran = instance.run(&[&["monitor"], arguments].concat());
        let message = ran.fails_with(code);
        assert!(message.contains(words), "{arguments:?}: {message}");
    }
    let token = instance.write("token.txt", "eyJ-a-token");
    set_mode(&token, 0o600);
    let arguments = [
        "monitor",
        "--server",
        "http://127.0.0.1:9",
        "--token-file",
        "token.txt",
    ];
    let message = instance.run(&arguments).fails_with(1);
    assert!(
        message.contains("http://127.0.0.1:9 does not answer"),
        "{message}"
    );
    assert!(!message.contains("eyJ"), "{message}");
}
