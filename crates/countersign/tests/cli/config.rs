//! `config check|show|reference|example`, and settings as flags.

use insta::assert_json_snapshot;

use crate::support::Instance;

#[test]
fn a_right_configuration_is_right() {
    let instance = Instance::nowhere();
    assert_eq!(
        instance.run(&["config", "check"]).ok(),
        "the configuration is right\n"
    );
    assert_json_snapshot!(instance.run(&["config", "check", "--json"]).json(), @r#"
    {
      "errors": [],
      "ok": true,
      "warnings": []
    }
    "#);
}

#[test]
fn everything_wrong_is_reported_at_once_with_its_place_and_its_fix() {
    let instance = Instance::nowhere();
    instance.write(
        "countersign.toml",
        "[http]\nlisen = \"127.0.0.1:1\"\nbody_limit = \"9TiB\"\n",
    );
    let message = instance.run(&["config", "check"]).fails_with(5);
    assert!(
        message.contains("http.lisen (countersign.toml:2:1)"),
        "{message}"
    );
    assert!(
        message.contains("http.body_limit (countersign.toml:3:14)"),
        "{message}"
    );
    let check = instance.run(&["config", "check", "--json"]);
    assert_eq!(check.code, 5);
    let answer: serde_json::Value = serde_json::from_str(&check.out).unwrap();
    assert_eq!(answer["errors"][0]["code"], "unknown_key");
    assert_eq!(answer["errors"].as_array().unwrap().len(), 2);
    instance.run(&["users", "list"]).fails_with(5);
}

#[test]
fn secrets_are_not_taken_from_flags_and_not_repeated() {
    let instance = Instance::nowhere();
    let secret = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ==";
    for key in [
        "keys.master_key",
        "passwords.pepper",
        "passwords.previous_peppers",
    ] {
        let set = format!("{key}={secret}");
        let message = instance
            .run(&["config", "check", "--set", &set])
            .fails_with(5);
        assert!(
            message.contains("flags are visible") && !message.contains(secret),
            "{message}"
        );
    }
    for flag in [
        "--master-key",
        "--pepper",
        "--password",
        "--secret",
        "--token",
    ] {
        instance.run(&["serve", flag, secret]).fails_with(2);
    }
}

#[test]
fn the_effective_settings_say_where_they_come_from() {
    let instance = Instance::nowhere();
    instance.write(
        ".env",
        "COUNTERSIGN_PASSWORDS_PEPPER=0123456789012345678901234567890123456789\n",
    );
    let mut command = instance.command(&[
        "config",
        "show",
        "--json",
        "--set",
        "tokens.access_lifetime=5m",
        "--data-dir",
        "elsewhere",
    ]);
    command.env("COUNTERSIGN_LOG_LEVEL", "warn");
    let shown = crate::support::run(command, "").json_lines();
    let find = |key: &str| {
        shown
            .iter()
            .find(|line| line["key"] == key)
            .unwrap()
            .clone()
    };
    assert_eq!(find("tokens.access_lifetime")["source"], "flag --set");
    assert_eq!(find("data_dir")["value"], "elsewhere");
    assert_eq!(find("data_dir")["source"], "flag --data-dir");
    assert_eq!(
        find("log.level")["source"],
        "environment variable COUNTERSIGN_LOG_LEVEL"
    );
    assert_eq!(
        find("passwords.argon2.iterations")["source"],
        "countersign.toml:3:14"
    );
    assert_json_snapshot!(find("passwords.pepper"), @r#"
    {
      "key": "passwords.pepper",
      "source": ".env:1",
      "value": "(hidden)"
    }
    "#);
    let group = instance.run(&["config", "show", "ops"]).ok();
    assert!(
        group.lines().count() == 2 && group.contains("127.0.0.1:4456"),
        "{group}"
    );
    instance.run(&["config", "show", "nowhere"]).fails_with(3);
}

#[test]
fn the_example_is_a_right_configuration_and_the_reference_is_whole() {
    let instance = Instance::nowhere();
    let example = instance.run(&["config", "example"]).ok();
    instance.write("countersign.toml", &example);
    instance.run(&["config", "check"]).ok();
    let reference = instance.run(&["config", "reference"]).ok();
    assert!(reference == countersign::config::reference());
}

#[test]
fn a_flag_of_serve_before_another_command_is_refused() {
    let instance = Instance::nowhere();
    let message = instance
        .run(&["--listen", "127.0.0.1:1", "users", "list"])
        .fails_with(2);
    assert!(message.contains("--listen belongs to serve"), "{message}");
}
