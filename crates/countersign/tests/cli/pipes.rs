//! Readers that go away.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::support::Instance;

#[test]
fn a_reader_who_has_had_enough_is_no_failure() {
    let instance = Instance::new();
    let file: String = (0..3000)
        .map(|n| format!("{{\"username\":\"user{n}\"}}\n"))
        .collect();
    instance.write("users.jsonl", &file);
    instance.run(&["users", "import", "users.jsonl"]).ok();
    for arguments in [
        &["users", "list", "--all", "--json"][..],
        &["users", "export"],
        &["users", "export", "--format", "csv"],
        &["config", "reference"],
        &["completions", "bash"],
    ] {
        let mut command = instance.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), message.as_ref()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}
