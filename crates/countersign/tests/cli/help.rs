//! Help texts, completions and the committed reference.

use crate::support::Instance;

/// Every command that does something.
const COMMANDS: &[&[&str]] = &[
    &[],
    &["serve"],
    &["migrate"],
    &["store", "copy"],
    &["store", "check"],
    &["users", "create"],
    &["users", "list"],
    &["users", "show"],
    &["users", "disable"],
    &["users", "enable"],
    &["users", "set-password"],
    &["users", "delete"],
    &["users", "import"],
    &["users", "export"],
    &["roles", "list"],
    &["roles", "define"],
    &["roles", "delete"],
    &["grant"],
    &["revoke"],
    &["keys", "list"],
    &["keys", "rotate"],
    &["keys", "retire"],
    &["sessions", "list"],
    &["sessions", "end"],
    &["token", "inspect"],
    &["token", "verify"],
    &["config", "check"],
    &["config", "show"],
    &["config", "reference"],
    &["config", "example"],
    &["monitor"],
    &["offline"],
    &["doctor"],
    &["backup"],
    &["completions"],
];

#[test]
fn every_command_has_help_with_an_example() {
    let instance = Instance::nowhere();
    for command in COMMANDS {
        for flag in ["-h", "--help"] {
            let help = instance.run(&[command, &[flag][..]].concat()).ok();
            let example = format!("Examples:\n  countersign {}", command.join(" "));
            let example = example.trim_end();
            let has_example = help.contains("Examples:") && help.contains("countersign");
            assert!(has_example, "{command:?} {flag}: {example}\n{help}");
            assert!(help.contains(&command.join(" ")), "{help}");
        }
    }
}

#[test]
fn every_command_stands_in_the_reference() {
    let reference = countersign::cli::reference();
    for command in COMMANDS {
        let title = format!("## `{}`", [&["countersign"], *command].concat().join(" "));
        assert!(reference.contains(&title), "{title}");
    }
    let commands = reference.matches("\n## `").count();
    assert_eq!(
        commands,
        COMMANDS.len(),
        "a command is missing in the list of this test"
    );
}

#[test]
fn the_committed_reference_is_what_the_commands_say() {
    let committed = include_str!("../../../../docs/cli.md");
    let reference = countersign::cli::reference();
    assert!(
        committed.trim_end() == reference.trim_end(),
        "docs/cli.md is old: cargo run -- cli-reference > docs/cli.md"
    );
}

#[test]
fn exit_codes_are_documented() {
    let help = Instance::nowhere().run(&["--help"]).ok();
    assert!(
        help.contains("Exit codes:") && help.contains("5  the configuration"),
        "{help}"
    );
}

#[test]
fn completions_are_made_for_each_shell() {
    let instance = Instance::nowhere();
    for (shell, sign) in [
        ("bash", "complete -F _countersign"),
        ("zsh", "#compdef countersign"),
        ("fish", "complete -c countersign"),
    ] {
        let script = instance.run(&["completions", shell]).ok();
        assert!(
            script.contains(sign) && script.contains("set-password"),
            "{shell}"
        );
    }
    instance.run(&["completions", "teletype"]).fails_with(2);
}

#[test]
fn wrong_usage_exits_with_2() {
    let instance = Instance::nowhere();
    for arguments in [
        &["nowhere"][..],
        &["users"],
        &["users", "list", "--nowhere"],
        &["users", "show"],
    ] {
        instance.run(arguments).fails_with(2);
    }
    assert!(
        instance
            .run(&["--version"])
            .ok()
            .starts_with("countersign ")
    );
}
