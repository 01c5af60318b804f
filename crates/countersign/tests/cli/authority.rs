//! `roles`, `grant` and `revoke`.

use insta::assert_json_snapshot;

use crate::support::Instance;

#[test]
fn a_role_is_defined_granted_listed_and_deleted() {
    let instance = Instance::new();
    instance.user("ada", &["--no-password"]);
    let define = [
        "roles",
        "define",
        "editor",
        "posts:write",
        "posts:read",
        "--description",
        "Edits",
    ];
    assert_eq!(
        instance.run(&define).ok(),
        "defined role editor: posts:read posts:write\n"
    );
    assert!(
        instance
            .run(&define)
            .ok()
            .starts_with("changed role editor")
    );
    let granted = instance
        .run(&["grant", "ada", "editor", "reports:read", "--json"])
        .json();
    assert_eq!(granted["roles"], serde_json::json!(["editor"]));
    assert_eq!(granted["scope"], "reports:read");
    assert_eq!(
        granted["effective_scope"],
        "account:read account:write posts:read posts:write reports:read"
    );
    assert_json_snapshot!(instance.run(&["roles", "list", "--json"]).json_lines()[2], @r#"
    {
      "built_in": false,
      "description": "Edits",
      "name": "editor",
      "scope": "posts:read posts:write"
    }
    "#);
    let revoked = instance
        .run(&["revoke", "ada", "reports:read", "--json"])
        .json();
    assert_eq!(revoked["scope"], "");
    instance.run(&["roles", "delete", "editor"]).fails_with(2);
    instance.run(&["roles", "delete", "editor", "--yes"]).ok();
    let ada = instance.run(&["users", "show", "ada", "--json"]).json();
    assert_eq!(ada["roles"], serde_json::json!([]));
    instance
        .run(&["roles", "delete", "editor", "--yes"])
        .fails_with(3);
}

#[test]
fn built_in_roles_stay_as_they_are() {
    let instance = Instance::new();
    instance
        .run(&["roles", "define", "admin", "posts:read"])
        .fails_with(4);
    instance
        .run(&["roles", "delete", "user", "--yes"])
        .fails_with(4);
}

#[test]
fn a_misspelled_role_does_not_become_a_scope() {
    let instance = Instance::new();
    instance.user("ada", &["--no-password"]);
    instance.run(&["grant", "ada", "amdin"]).fails_with(3);
    instance
        .run(&["grant", "ada", "--role", "amdin"])
        .fails_with(3);
    let granted = instance
        .run(&["grant", "ada", "--scope", "openid", "--json"])
        .json();
    assert_eq!(granted["scope"], "openid");
    instance.run(&["grant", "ada"]).fails_with(2);
    instance.run(&["grant", "nobody", "admin"]).fails_with(3);
}
