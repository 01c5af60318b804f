//! `offline`, as somebody runs it: what it says, and that it ends with all that it has started.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

fn start(arguments: &[&str]) -> Child {
    let template =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../offline/tests/stack/template.yaml");
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["offline", "--port", "0", "--template"])
        .arg(template)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn get(url: &str, path: &str) -> String {
    let (host, stage) = url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "GET /{stage}{path} HTTP/1.1\r\nHost: {host}\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn sigterm_ends_it_and_every_function() {
    let mut program = start(&["--json"]);
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let mut next = |kind: &str| -> Value {
        lines
            .by_ref()
            .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
            .find(|happening| happening["type"] == kind)
            .unwrap()
    };
    let mut listening = next("listening");
    while listening["kind"] != "rest" {
        listening = next("listening");
    }
    let answer = get(listening["url"].as_str().unwrap(), "/odd/stubborn");
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let pids: Vec<u32> = serde_json::from_str(body).unwrap();
    let invocation = next("invocation");
    assert_eq!(
        (&invocation["function"], &invocation["cold"]),
        (&"Odd".into(), &true.into())
    );
    assert_eq!(next("request")["status"], 200);
    let process = |pid: &u32| PathBuf::from(format!("/proc/{pid}/stat"));
    let is_running =
        |pid: &u32| std::fs::read_to_string(process(pid)).is_ok_and(|stat| !stat.contains(") Z "));
    assert!(pids.iter().all(is_running), "{pids:?}");
    let pid = rustix::process::Pid::from_raw(i32::try_from(program.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(program.wait().unwrap().success());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while pids.iter().any(is_running) {
        assert!(std::time::Instant::now() < deadline, "{pids:?} are left");
        std::thread::yield_now();
    }
}

#[test]
fn a_template_that_is_not_there_is_said_with_what_to_do() {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["offline", "--template", "nowhere.yaml", "--json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["code"], "template");
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("--template")
    );
}
