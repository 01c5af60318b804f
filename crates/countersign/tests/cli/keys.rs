//! `keys list|rotate|retire`.

use insta::assert_json_snapshot;

use crate::support::{Instance, PASSWORD};

fn stages(instance: &Instance, purpose: &str) -> Vec<String> {
    let keys = instance.run(&["keys", "list", "--json"]).json_lines();
    let wanted = keys.iter().filter(|key| key["purpose"] == purpose);
    wanted
        .map(|key| key["stage"].as_str().unwrap().to_owned())
        .collect()
}

fn signing_key(instance: &Instance, stage: &str) -> String {
    let keys = instance.run(&["keys", "list", "--json"]).json_lines();
    let found = keys
        .iter()
        .find(|key| key["purpose"] == "sign" && key["stage"] == stage);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn keys_are_listed_without_the_master_key() {
    let instance = Instance::started();
    std::fs::remove_file(instance.path("data/master.key")).unwrap();
    let keys = instance.run(&["keys", "list", "--json"]).json_lines();
    let signing = keys.iter().find(|key| key["purpose"] == "sign").unwrap();
    assert_json_snapshot!(signing, {
        ".id" => "[id]", ".created_at" => "[at]", ".active_from" => "[at]"
    }, @r#"
    {
      "active_from": "[at]",
      "algorithm": "ES256",
      "created_at": "[at]",
      "dead_from": null,
      "id": "[id]",
      "purpose": "sign",
      "retired_at": null,
      "stage": "active"
    }
    "#);
}

#[test]
fn a_rotation_publishes_the_next_key_and_leaves_the_present_one_in_use() {
    let instance = Instance::started();
    let before = signing_key(&instance, "active");
    let shown = instance.run(&["keys", "rotate"]).ok();
    assert!(shown.contains("upcoming"), "{shown}");
    assert_eq!(stages(&instance, "sign"), ["active", "upcoming"]);
    assert_eq!(stages(&instance, "mark_refresh"), ["active"]);
    assert_eq!(signing_key(&instance, "active"), before);
}

#[test]
fn a_rotation_now_takes_the_key_out_of_use_but_not_its_tokens() {
    let instance = Instance::started();
    instance.user("ada", &[]);
    let tokens = instance.log_in("ada", PASSWORD).unwrap();
    let before = signing_key(&instance, "active");
    instance
        .run(&["keys", "rotate", "--now", "--algorithm", "ES256"])
        .ok();
    assert_eq!(signing_key(&instance, "retiring"), before);
    let token = countersign_domain::opaque::expose(&tokens.access_token).to_owned();
    instance.run_with(&["token", "verify"], &token).ok();

    instance.run(&["keys", "retire", &before, "--yes"]).ok();
    let dead = instance.run_with(&["token", "verify", "--json"], &token);
    assert!(dead.out.contains("unknown_key"), "{}", dead.out);
}

#[test]
fn what_is_not_there_can_not_be_rotated_or_retired() {
    let instance = Instance::started();
    instance
        .run(&["keys", "rotate", "--algorithm", "EdDSA"])
        .fails_with(4);
    instance
        .run(&["keys", "rotate", "--algorithm", "none"])
        .fails_with(2);
    instance
        .run(&["keys", "retire", "nowhere", "--yes"])
        .fails_with(3);
    // The id of a key may begin with a hyphen.
    instance
        .run(&["keys", "retire", "-nowhere", "--yes"])
        .fails_with(3);
    let key = signing_key(&instance, "active");
    assert!(
        instance
            .run(&["keys", "retire", &key])
            .fails_with(2)
            .contains("--yes")
    );
}

#[test]
fn a_lost_master_key_is_overcome_by_removing_all_keys() {
    let instance = Instance::started();
    instance.user("ada", &[]);
    let tokens = instance.log_in("ada", PASSWORD).unwrap();
    std::fs::remove_file(instance.path("data/master.key")).unwrap();
    instance.run(&["keys", "rotate"]).fails_with(5);
    instance.run(&["keys", "retire", "--all"]).fails_with(2);
    instance.run(&["keys", "retire", "--all", "--yes"]).ok();
    assert_eq!(stages(&instance, "sign"), ["active"]);
    assert_eq!(
        crate::support::mode(&instance.path("data/master.key")),
        0o600
    );
    let token = countersign_domain::opaque::expose(&tokens.access_token).to_owned();
    instance
        .run_with(&["token", "verify"], &token)
        .fails_with(4);
    assert!(instance.log_in("ada", PASSWORD).is_some());
}
