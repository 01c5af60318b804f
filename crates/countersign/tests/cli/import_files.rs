//! `users import`: the two formats, and large files.

use crate::support::Instance;

#[test]
fn csv_has_quotes_lists_and_empty_cells() {
    let instance = Instance::new();
    instance.write(
        "users.csv",
        "\u{feff}username,email,display_name,roles,email_verified\r\n\
         ada,ada@example.com,\"Lovelace, Ada\",admin,true\r\n\
         bob,,,,\r\n",
    );
    assert!(
        instance
            .run(&["users", "import", "users.csv"])
            .ok()
            .starts_with("imported 2 users")
    );
    let ada = instance.run(&["users", "show", "ada", "--json"]).json();
    assert_eq!(ada["display_name"], "Lovelace, Ada");
    assert_eq!(ada["roles"], serde_json::json!(["admin"]));
    let bob = instance.run(&["users", "show", "bob", "--json"]).json();
    assert_eq!(bob["email"], serde_json::Value::Null);
}

#[test]
fn bad_csv_is_reported_by_line() {
    let instance = Instance::new();
    for (file, message) in [
        ("username,phone\nada,1\n", "line 1: phone: is not a field"),
        (
            "username,username\nada,ada\n",
            "line 1: username: stands there twice",
        ),
        (
            "$2b$10$abcdefghijklmnopqrstuv,x\n",
            "line 1: one of its names is not a field",
        ),
        (
            "username,email\nada\n",
            "line 2: has 1 cells, but the header names 2 columns",
        ),
        ("username\nada\ntwo words\n", "line 3: username: "),
        ("username\n\"a\nb\"\nc d\n", "line 4: username: "),
    ] {
        let ran = instance.run_with(&["users", "import", "-", "--format", "csv"], file);
        assert!(ran.err.contains(message), "{file}: {}", ran.err);
        assert!(!ran.err.contains("$2b$"));
        ran.fails_with(4);
    }
    let nothing = instance.run_with(&["users", "import", "-", "--format", "csv"], "username\n");
    assert_eq!(nothing.ok(), "nothing to do: the file holds no users\n");
}

#[test]
fn a_line_without_end_is_refused_and_does_not_fill_memory() {
    let instance = Instance::new();
    let file = format!(
        "{{\"username\":\"{}\"}}\n{{\"username\":\"ok\"}}",
        "x".repeat(3 << 20)
    );
    let ran = instance.run_with(&["users", "import", "-"], &file);
    assert!(
        ran.err.starts_with("line 1: is longer than 262144 bytes\n"),
        "{}",
        ran.err
    );
    ran.fails_with(4);
}

#[test]
fn thousands_come_in_and_an_interrupted_import_is_finished_by_a_second_run() {
    let instance = Instance::new();
    let line = |n: u32| format!("{{\"username\":\"user{n}\",\"email\":\"u{n}@example.com\"}}\n");
    let first: String = (0..700).map(line).collect();
    let all: String = (0..2001).map(line).collect();
    instance.run_with(&["users", "import", "-"], &first).ok();
    let answer = instance
        .run_with(&["users", "import", "-", "--json"], &all)
        .json();
    assert_eq!(answer["created"], 1301);
    assert_eq!(answer["already_there"], 700);
    let count = instance
        .run(&["users", "list", "--all", "--json"])
        .json_lines()
        .len();
    assert_eq!(count, 2001);
}
