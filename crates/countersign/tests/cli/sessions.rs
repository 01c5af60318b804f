//! `sessions list|end`.

use insta::assert_json_snapshot;

use crate::support::{Instance, PASSWORD};

#[test]
fn sessions_are_listed_and_ended_one_or_all() {
    let instance = Instance::started();
    instance.user("ada", &[]);
    for _ in 0..3 {
        instance.log_in("ada", PASSWORD).unwrap();
    }
    let sessions = instance
        .run(&["sessions", "list", "ada", "--json"])
        .json_lines();
    assert_eq!(sessions.len(), 3);
    assert_json_snapshot!(sessions[0], {
        ".id" => "[id]", ".user_id" => "[id]", ".created_at" => "[at]", ".last_seen_at" => "[at]",
        ".expires_at" => "[at]"
    }, @r#"
    {
      "address": null,
      "created_at": "[at]",
      "device": null,
      "expires_at": "[at]",
      "id": "[id]",
      "last_seen_at": "[at]",
      "user_id": "[id]"
    }
    "#);
    let id = sessions[1]["id"].as_str().unwrap();
    assert_eq!(
        instance.run(&["sessions", "end", "ada", id]).ok(),
        "ended 1 session of ada\n"
    );
    instance.run(&["sessions", "end", "ada", id]).fails_with(3);
    let all = instance
        .run(&["sessions", "end", "ada", "--all", "--json"])
        .json();
    assert_eq!(all["ended_sessions"], 2);
    instance.run(&["sessions", "end", "ada"]).fails_with(2);
    instance.run(&["sessions", "list", "nobody"]).fails_with(3);
}

#[test]
fn a_session_is_not_ended_under_another_users_name() {
    let instance = Instance::started();
    instance.user("ada", &[]);
    instance.user("eve", &["--no-password"]);
    let session = instance
        .log_in("ada", PASSWORD)
        .unwrap()
        .session_id
        .to_string();
    instance
        .run(&["sessions", "end", "eve", &session])
        .fails_with(3);
    assert_eq!(
        instance
            .run(&["sessions", "list", "ada", "--json"])
            .json_lines()
            .len(),
        1
    );
}
