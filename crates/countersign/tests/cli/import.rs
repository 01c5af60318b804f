//! `users import`: whole files, bad lines, second runs.

use insta::{assert_json_snapshot, assert_snapshot};

use crate::support::{Instance, lines};

const GOOD: &str = r#"{"username":"ada","email":"ada@example.com","email_verified":true,"display_name":"Ada L","created_at":"2020-01-31T12:00:00Z"}

{"id":"0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55","email":"bob@example.com","state":"disabled","roles":["admin"],"scopes":"reports:read reports:write"}
{"username":"eve","email":null,"roles":[],"scopes":["x:y"]}
"#;

#[test]
fn a_good_file_comes_in_and_a_second_run_changes_nothing() {
    let instance = Instance::new();
    instance.write("users.jsonl", GOOD);
    let import = ["users", "import", "users.jsonl"];
    assert_eq!(
        instance.run(&import).ok(),
        "imported 3 users; 0 are there already\n"
    );
    let before = instance.run(&["users", "list", "--json"]).ok();
    assert_eq!(
        instance.run(&import).ok(),
        "nothing to do: 3 users are there already\n"
    );
    assert_eq!(instance.run(&["users", "list", "--json"]).ok(), before);

    let ada = instance.run(&["users", "show", "ada", "--json"]).json();
    assert_eq!(ada["email_verified"], true);
    assert_eq!(ada["created_at"], "2020-01-31T12:00:00.000Z");
    let bob = instance
        .run(&["users", "show", "bob@example.com", "--json"])
        .json();
    assert_json_snapshot!(bob, { ".created_at" => "[at]", ".updated_at" => "[at]" }, @r#"
    {
      "created_at": "[at]",
      "display_name": null,
      "effective_scope": "account:read account:write audit:read monitor:read reports:read reports:write roles:read roles:write users:read users:write",
      "email": "bob@example.com",
      "email_verified": false,
      "id": "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55",
      "roles": [
        "admin"
      ],
      "scope": "reports:read reports:write",
      "state": "disabled",
      "updated_at": "[at]",
      "username": null
    }
    "#);
}

#[test]
fn a_dry_run_tells_what_would_happen_and_changes_nothing() {
    let instance = Instance::new();
    instance.write("users.jsonl", GOOD);
    let dry = instance
        .run(&["users", "import", "users.jsonl", "--dry-run", "--json"])
        .json();
    assert_json_snapshot!(dry, @r#"
    {
      "already_there": 0,
      "created": 3,
      "dry_run": true,
      "kind": "summary",
      "problems": 0,
      "users": 3
    }
    "#);
    assert_eq!(instance.run(&["users", "list", "--json"]).ok(), "");
}

#[test]
fn every_bad_line_is_reported_and_nothing_is_imported() {
    let instance = Instance::new();
    let file = [
        r#"{"username":"good"}"#,
        r#"{"username":"two words","email":"nowhere","state":"asleep"}"#,
        r#"{"username":"x","phone":"1"}"#,
        r#"{"username":"x","password":"hunter2hunter2"}"#,
        r#"{"email_verified":true}"#,
        r#"{"username":"good"}"#,
        r#"{"username":"case","email":"Good@Example.com"}"#,
        r#"{"username":"other","email":"good@example.COM"}"#,
        r#"{"username":"x","username":"y"}"#,
        r#"{"username":"h","password_hash":"$5$rounds=5000$secretsecret"}"#,
        r#"{"username":1,"email_verified":"perhaps","roles":[1],"scopes":{"a":1}}"#,
        r#"{"username":"r","roles":["Nobody","nowhere"]}"#,
        r#"{"username":"s","roles":["nowhere"]}"#,
        r#"{"username":"t","created_at":"2999-01-01T00:00:00Z"}"#,
        r#"{"username":"t","created_at":"yesterday","id":"1"}"#,
        r#"{"username":"half""#,
        r#"["ada"]"#,
    ];
    let ran = instance.run_with(&["users", "import", "-"], &file.join("\n"));
    assert_snapshot!(ran.err, @r#"
    line 2: username: a username has letters, digits and visible ASCII signs only, and no spaces
    line 2: email: not an e-mail address: write it as name@example.com
    line 2: state: must be active, disabled or locked
    line 3: phone: is not a field; the fields are id, username, email, email_verified, display_name, password_hash, state, roles, scopes, created_at
    line 4: password: passwords come in as hashes: write them as password_hash
    line 5: has neither username nor email: without either nobody could log in
    line 6: username: is the same as on line 1; keep one of the two
    line 8: email: is the same as on line 7; keep one of the two
    line 9: username: stands there twice
    line 10: password_hash: not a password hash that can be verified: its kind is unknown; known are argon2id, argon2i, argon2d, bcrypt, scrypt, pbkdf2-sha256, pbkdf2-sha512, firebase-scrypt and sha256-username-password-salt
    line 11: username: must be a text
    line 11: email_verified: must be true or false
    line 11: roles: must be a list of names, or one text with spaces between them
    line 11: scopes: must be a list of names, or one text with spaces between them
    line 12: roles: a role's name has 1 to 64 of a-z, 0-9, '-', '_', '.' and ':', and begins with a letter
    line 13: roles: not all of these are defined: nowhere; see `countersign roles define`
    line 14: created_at: must be between 1970 and now
    line 15: id: not an id: expected a UUID such as 0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55
    line 15: created_at: not a moment: write it as in 2026-01-31T12:00:00Z
    line 16: is not one JSON object: write one object a line (at column 18)
    line 17: is not one JSON object: write one object a line
    "#);
    assert_eq!(ran.out, "21 problems found; nothing was imported\n");
    ran.fails_with(4);
    assert_eq!(instance.run(&["users", "list", "--json"]).ok(), "");
}

#[test]
fn problems_are_json_lines_for_programs() {
    let instance = Instance::new();
    let file = "{\"username\":\"ada\"}\n{\"username\":\"ADA\"}\n";
    let ran = instance.run_with(&["users", "import", "-", "--json"], file);
    assert_json_snapshot!(lines(&ran.out), @r#"
    [
      {
        "field": "username",
        "kind": "problem",
        "line": 2,
        "message": "is the same as on line 1; keep one of the two",
        "other_line": 1
      },
      {
        "already_there": 0,
        "created": 0,
        "dry_run": false,
        "kind": "summary",
        "problems": 1,
        "users": 2
      }
    ]
    "#);
    ran.fails_with(4);
}

#[test]
fn who_stands_in_the_way_is_reported_before_anything_is_changed() {
    let instance = Instance::new();
    instance.user("ada", &["--email", "ada@example.com", "--no-password"]);
    instance.user("bob", &["--no-password"]);
    let file = r#"{"username":"new"}
{"username":"lovelace","email":"ada@example.com"}
{"username":"bob","email":"bob@example.com"}
"#;
    let ran = instance.run_with(&["users", "import", "-"], file);
    assert_snapshot!(ran.err, @r#"
    line 2: email: somebody else has it; merge the two by hand
    line 3: username: somebody else has it; choose another
    "#);
    ran.fails_with(4);
    assert_eq!(
        instance
            .run(&["users", "list", "--json"])
            .json_lines()
            .len(),
        2
    );
}

#[test]
fn a_missing_file_and_a_missing_database_are_told_apart() {
    let instance = Instance::new();
    let message = instance
        .run(&["users", "import", "nowhere.jsonl"])
        .fails_with(1);
    assert!(message.contains("nowhere.jsonl"), "{message}");
    Instance::nowhere()
        .run(&["users", "import", "nowhere.jsonl"])
        .fails_with(5);
}
