//! `users export`.

use crate::support::{Instance, PASSWORD, mode};

fn filled() -> Instance {
    let instance = Instance::started();
    instance
        .run(&["roles", "define", "editor", "posts:write"])
        .ok();
    instance.user(
        "ada",
        &["--email", "Ada@example.com", "--admin", "--role", "editor"],
    );
    instance.user(
        "bob",
        &["--no-password", "--display-name", "Bob \"the, builder\""],
    );
    instance.run(&["grant", "bob", "a:b", "c:d"]).ok();
    instance.run(&["users", "disable", "bob"]).ok();
    instance
}

#[test]
fn what_is_exported_can_be_imported_elsewhere_and_is_the_same_there() {
    let first = filled();
    for file in ["users.jsonl", "users.csv"] {
        first
            .run(&["users", "export", "--with-password-hashes", "--to", file])
            .ok();
        let exported = std::fs::read_to_string(first.path(file)).unwrap();

        let second = Instance::started();
        second
            .run(&["roles", "define", "editor", "posts:write"])
            .ok();
        second.write(file, &exported);
        let imported = second.run(&["users", "import", file]).ok();
        assert_eq!(imported, "imported 2 users; 0 are there already\n");
        second
            .run(&[
                "users",
                "export",
                "--with-password-hashes",
                "--to",
                "again.csv",
            ])
            .ok();
        second
            .run(&[
                "users",
                "export",
                "--with-password-hashes",
                "--to",
                "again.jsonl",
            ])
            .ok();
        let again = file.replace("users", "again");
        assert_eq!(
            std::fs::read_to_string(second.path(&again)).unwrap(),
            exported
        );
        assert!(second.log_in("ada@example.com", PASSWORD).is_some());
        assert!(second.log_in("bob", PASSWORD).is_none());

        // And back: everybody is there already.
        let back = first.run(&["users", "import", file]).ok();
        assert_eq!(back, "nothing to do: 2 users are there already\n");
    }
}

#[test]
fn hashes_are_left_out_unless_asked_for() {
    let instance = filled();
    for format in ["jsonl", "csv"] {
        let exported = instance.run(&["users", "export", "--format", format]).ok();
        assert!(
            exported.contains("Ada@example.com") && !exported.contains("argon2"),
            "{exported}"
        );
        assert!(!exported.contains("password_hash"));
    }
}

#[test]
fn a_file_is_made_for_its_owner_and_never_overwritten() {
    let instance = filled();
    let export = ["users", "export", "--to", "users.csv", "--json"];
    let answer = instance.run(&export).json();
    assert_eq!(
        answer,
        serde_json::json!({ "file": "users.csv", "users": 2 })
    );
    assert_eq!(mode(&instance.path("users.csv")), 0o600);
    instance.run(&export).fails_with(1);
}
