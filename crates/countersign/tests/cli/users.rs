//! `users create|list|show|disable|enable|set-password|delete`.

use insta::assert_json_snapshot;

use crate::support::{Instance, PASSWORD};

#[test]
fn an_admin_is_made_with_a_password_from_the_standard_input() {
    let instance = Instance::new();
    let arguments = [
        "users",
        "create",
        "--admin",
        "--email",
        "a@example.com",
        "--json",
    ];
    let made = instance
        .run_with(&arguments, &format!("{PASSWORD}\n"))
        .json();
    assert_json_snapshot!(made, { ".id" => "[id]", ".created_at" => "[at]", ".updated_at" => "[at]" }, @r#"
    {
      "created_at": "[at]",
      "display_name": null,
      "effective_scope": "account:read account:write audit:read monitor:read roles:read roles:write users:read users:write",
      "email": "a@example.com",
      "email_verified": false,
      "id": "[id]",
      "roles": [
        "admin"
      ],
      "scope": "",
      "state": "active",
      "updated_at": "[at]",
      "username": null
    }
    "#);
    assert!(instance.log_in("A@Example.com", PASSWORD).is_some());
}

#[test]
fn a_password_comes_from_a_file_but_not_from_one_that_others_may_write_to() {
    let instance = Instance::new();
    let file = instance.write("password", PASSWORD);
    crate::support::set_mode(&file, 0o600);
    let create = [
        "users",
        "create",
        "--username",
        "ada",
        "--password-file",
        "password",
    ];
    instance.run(&create).ok();
    assert!(instance.log_in("ada", PASSWORD).is_some());

    crate::support::set_mode(&file, 0o666);
    let create = [
        "users",
        "create",
        "--username",
        "bob",
        "--password-file",
        "password",
    ];
    assert!(instance.run(&create).fails_with(4).contains("chmod 600"));
}

#[test]
fn a_password_is_never_an_argument() {
    let instance = Instance::new();
    let create = [
        "users",
        "create",
        "--username",
        "ada",
        "--password",
        PASSWORD,
    ];
    let message = instance.run(&create).fails_with(2);
    assert!(!message.contains(PASSWORD), "{message}");
    assert!(
        instance
            .run(&["users", "create", "--username", "ada"])
            .fails_with(2)
            .contains("--password-file")
    );
}

#[test]
fn a_user_without_password_can_not_log_in_until_one_is_set() {
    let instance = Instance::new();
    instance.user("ada", &["--no-password"]);
    assert!(instance.log_in("ada", PASSWORD).is_none());
    let set = instance
        .run_with(&["users", "set-password", "ada"], PASSWORD)
        .ok();
    assert_eq!(set, "set the password of ada; ended 0 sessions\n");
    assert!(instance.log_in("ada", PASSWORD).is_some());
}

#[test]
fn what_can_not_be_made_is_refused_with_a_code() {
    let instance = Instance::new();
    instance.user("ada", &["--email", "ada@example.com"]);
    for (arguments, stdin, exit, code) in [
        (&["--username", "ADA"][..], PASSWORD, 4, "username_taken"),
        (&["--email", "Ada@Example.COM"], PASSWORD, 4, "email_taken"),
        (&["--username", "bob"], "short", 4, "password_too_short"),
        (&["--username", "bob"], "password1", 4, "password_common"),
        (
            &["--username", "bob", "--role", "nowhere"],
            PASSWORD,
            3,
            "not_found",
        ),
    ] {
        let arguments = [&["users", "create", "--json"], arguments].concat();
        let message = instance.run_with(&arguments, stdin).fails_with(exit);
        let error: serde_json::Value = serde_json::from_str(&message).unwrap();
        assert_eq!(error["error"]["code"], code, "{message}");
    }
    instance
        .run(&["users", "create", "--username", "two words"])
        .fails_with(2);
    instance.run(&["users", "create"]).fails_with(2);
}

#[test]
fn users_are_found_by_id_address_and_name() {
    let instance = Instance::new();
    let id = instance.user(
        "ada",
        &["--email", "ada@example.com", "--display-name", "Ada L"],
    );
    for name in [id.as_str(), "ADA@example.com", "Ada"] {
        assert_eq!(
            instance.run(&["users", "show", name, "--json"]).json()["id"],
            id.as_str()
        );
    }
    let words = instance.run(&["users", "show", "ada"]).ok();
    assert!(words.contains("ada@example.com (not verified)"), "{words}");
    for nobody in [
        "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55",
        "eve@example.com",
        "eve",
        "",
    ] {
        instance.run(&["users", "show", nobody]).fails_with(3);
    }
}

#[test]
fn a_list_is_filtered_and_says_when_there_are_more() {
    let instance = Instance::new();
    for name in ["ada", "adam", "bob"] {
        instance.user(name, &["--no-password"]);
    }
    instance.run(&["users", "disable", "bob"]).ok();
    let names = |arguments: &[&str]| -> Vec<String> {
        let arguments = [&["users", "list", "--json"], arguments].concat();
        let users = instance.run(&arguments).json_lines();
        users
            .iter()
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&[]), ["ada", "adam", "bob"]);
    assert_eq!(names(&["--all"]), ["ada", "adam", "bob"]);
    assert_eq!(names(&["--prefix", "AD"]), ["ada", "adam"]);
    assert_eq!(names(&["--state", "disabled"]), ["bob"]);
    assert_eq!(names(&["--limit", "1"]), ["ada"]);
    let short = instance.run(&["users", "list", "--limit", "1"]);
    assert!(short.err.contains("--all"));
    assert!(short.ok().starts_with("ID "));
    assert_eq!(
        instance
            .run(&["users", "list", "--limit", "1", "--quiet"])
            .err,
        ""
    );
}

#[test]
fn a_disabled_user_is_out_until_enabled() {
    let instance = Instance::started();
    instance.user("ada", &[]);
    assert!(instance.log_in("ada", PASSWORD).is_some());
    let disabled = instance.run(&["users", "disable", "ada", "--json"]).json();
    assert_eq!(disabled["state"], "disabled");
    assert!(instance.log_in("ada", PASSWORD).is_none());
    assert_eq!(
        instance.run(&["sessions", "list", "ada", "--json"]).ok(),
        ""
    );
    instance.run(&["users", "enable", "ada"]).ok();
    assert!(instance.log_in("ada", PASSWORD).is_some());
    instance.run(&["users", "disable", "nobody"]).fails_with(3);
}

#[test]
fn deleting_needs_yes_where_nobody_can_be_asked() {
    let instance = Instance::new();
    let id = instance.user("ada", &["--no-password"]);
    assert!(
        instance
            .run(&["users", "delete", "ada"])
            .fails_with(2)
            .contains("--yes")
    );
    let deleted = instance
        .run(&["users", "delete", &id, "--yes", "--json"])
        .json();
    assert_eq!(deleted, serde_json::json!({ "id": id, "deleted": true }));
    instance
        .run(&["users", "delete", &id, "--yes"])
        .fails_with(3);
}

#[test]
fn without_a_database_it_says_how_to_make_one() {
    let instance = Instance::nowhere();
    let message = instance.run(&["users", "list"]).fails_with(5);
    assert!(message.contains("countersign migrate"), "{message}");
}
