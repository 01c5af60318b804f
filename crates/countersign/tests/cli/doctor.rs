//! `doctor`.

use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;

use crate::support::{Instance, Ran, lines, set_mode};

/// Runs it on an address that is free.
fn doctor(instance: &Instance) -> Ran {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    instance.run(&["doctor", "--json", "--set", &format!("http.listen={free}")])
}

fn results(ran: &Ran) -> Vec<(String, String)> {
    let text = |finding: &Value, member: &str| finding[member].as_str().unwrap().to_owned();
    lines(&ran.out)
        .iter()
        .map(|f| (text(f, "check"), text(f, "result")))
        .collect()
}

#[track_caller]
fn assert_found(ran: &Ran, check: &str, result: &str, fix: &str) {
    let findings = lines(&ran.out);
    let found = findings
        .iter()
        .find(|f| f["check"] == check && f["result"] == result);
    let found = found.unwrap_or_else(|| panic!("no {result} of {check}: {}", ran.out));
    assert!(found["fix"].as_str().unwrap().contains(fix), "{found}");
}

#[test]
fn a_healthy_instance_is_well() {
    let instance = Instance::started();
    let ran = doctor(&instance);
    let expected = [
        "configuration",
        "file modes",
        "disk space",
        "store",
        "integrity",
        "clock",
        "master key",
        "keys",
        "keys",
        "listen address",
    ];
    let expected: Vec<_> = expected
        .map(|check| (check.to_owned(), "ok".to_owned()))
        .into();
    assert_eq!(results(&ran), expected, "{}", ran.out);
    ran.ok();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let words = instance
        .run(&["doctor", "--set", &format!("http.listen={free}")])
        .ok();
    assert!(words.ends_with("all is well\n"), "{words}");
}

#[test]
fn a_wrong_configuration_is_reported_with_its_fix() {
    let instance = Instance::started();
    instance.write("countersign.toml", "nowhere = 1\n");
    let ran = instance.run(&["doctor", "--json"]);
    assert_found(&ran, "configuration", "fail", "");
    ran.fails_with(1);
}

#[test]
fn a_wrong_master_key_is_found() {
    let instance = Instance::started();
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    std::fs::write(instance.path("data/master.key"), other).unwrap();
    let ran = doctor(&instance);
    assert_found(&ran, "master key", "fail", "restore the master key");
    ran.fails_with(1);

    std::fs::remove_file(instance.path("data/master.key")).unwrap();
    let ran = doctor(&instance);
    assert_found(&ran, "master key", "fail", "keys retire --all");
    assert!(!Path::new(&instance.path("data/master.key")).exists());
}

#[test]
fn files_that_others_may_read_are_found() {
    let instance = Instance::started();
    set_mode(&instance.path("data/master.key"), 0o644);
    set_mode(&instance.path("data/countersign.db"), 0o640);
    let ran = doctor(&instance);
    assert_found(&ran, "secret files", "warn", "chmod 600");
    assert_found(&ran, "file modes", "warn", "chmod 600");
    ran.ok();
    set_mode(&instance.path("data/countersign.db"), 0o666);
    let ran = doctor(&instance);
    assert_found(&ran, "file modes", "fail", "chmod 600");
    set_mode(&instance.path("data/master.key"), 0o666);
    assert_found(&doctor(&instance), "configuration", "fail", "chmod 600");
}

#[test]
fn a_missing_migration_and_a_missing_database_are_found() {
    let instance = Instance::nowhere();
    assert_found(&doctor(&instance), "store", "fail", "start the server");
    std::fs::create_dir(instance.path("data")).unwrap();
    instance.write("data/countersign.db", "");
    let ran = doctor(&instance);
    assert_found(&ran, "store", "fail", "countersign migrate");
    ran.fails_with(1);
}

#[test]
fn a_damaged_database_is_found() {
    let instance = Instance::started();
    let path = instance.path("data/countersign.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let page = 4096;
    for byte in bytes.iter_mut().skip(2 * page).step_by(7) {
        *byte ^= 0x55;
    }
    std::fs::write(&path, bytes).unwrap();
    doctor(&instance).fails_with(1);
}

#[test]
fn a_stranger_on_the_address_is_told_from_our_own_server() {
    let instance = Instance::started();
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http.listen={}", stranger.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in stranger.incoming() {
            drop(stream);
        }
    });
    let ran = instance.run(&["doctor", "--json", "--set", &address]);
    assert_found(&ran, "listen address", "fail", "http.listen");
    ran.fails_with(1);
}

#[test]
fn commands_and_doctor_work_beside_a_running_server() {
    let instance = Instance::nowhere();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let set = format!("http.listen={free}");
    let mut server = instance.command(&["serve", "--json", "--ops-listen", "off", "--set", &set]);
    let server = server
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null());
    let mut server = Server(server.spawn().unwrap());
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(server.0.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    let started: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(started["event"], "listening");

    instance.user("ada", &["--admin"]);
    let ran = instance.run(&["doctor", "--json", "--set", &set]);
    assert!(
        ran.out.contains("this instance's server is running"),
        "{}",
        ran.out
    );
    ran.ok();
}

/// A server that ends with its test, however that ends.
struct Server(std::process::Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
