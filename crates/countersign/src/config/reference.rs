//! `docs/configuration.md`, written from the table.

use std::fmt::Write as _;

use super::groups::GROUPS;
use super::rules::RULES;
use super::setting::{Fallback, Group, Secrecy, Setting};
use super::spelling::{in_toml, last_part};

/// The reference, as Markdown.
pub fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    for group in GROUPS {
        let title = match (group.path, group.repeated) {
            ("", _) => "Top level".to_owned(),
            (path, true) => format!("`[[{path}]]`"),
            (path, false) => format!("`[{path}]`"),
        };
        // Writing to a String never fails.
        let _ = write!(page, "\n## {title}\n\n{}\n", flowing(group.about()));
        for setting in group.settings {
            let _ = write!(page, "\n{}", entry(group, setting));
        }
    }
    page.push_str("\n## What must hold between settings\n\n");
    for rule in RULES {
        let keys: Vec<String> = rule.keys.iter().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(page, "- {} ({})", rule.statement, keys.join(", "));
    }
    page
}

fn entry(group: &Group, setting: &Setting) -> String {
    let mut text = format!(
        "### `{}`\n\n{}\n\n",
        setting.key,
        flowing(setting.meaning())
    );
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "- {name}: {value}");
    };
    row("Default", &default(setting));
    row("Type", &kind(setting));
    if let Some((least, most)) = setting.bounds {
        row("Bounds", &format!("from `{least}` to `{most}`"));
    }
    if !setting.reason.is_empty() {
        row("Why", setting.reason);
    }
    if !group.repeated {
        row("Environment", &format!("`{}`", setting.variable()));
    }
    match setting.secrecy {
        Secrecy::Secret => row("Secret", "only the environment or `.env` may hold it"),
        Secrecy::Hidden | Secrecy::Plain | Secrecy::Address => {
            if setting.secrecy == Secrecy::Address {
                row(
                    "Secret",
                    "with a password in it, only the environment, `.env` or a file of its own",
                );
            }
            let (name, value) = (last_part(setting.key), in_toml(setting, setting.example));
            row("Example", &format!("`{name} = {value}`"));
        }
    }
    if setting.live {
        row(
            "Change",
            "taken up when the file changes, without a restart",
        );
    }
    text
}

fn default(setting: &Setting) -> String {
    match setting.fallback {
        Fallback::Given("") => "none".to_owned(),
        Fallback::Given(value) => format!("`{}`", in_toml(setting, value)),
        Fallback::Follows(what) => format!("follows {what}"),
        Fallback::Unset(meaning) => format!("not set: {meaning}"),
    }
}

fn kind(setting: &Setting) -> String {
    let kind = setting.kind;
    let list = if kind.shape == super::value::Shape::List {
        "list, each part: "
    } else {
        ""
    };
    let choices: Vec<String> = kind
        .choices
        .iter()
        .map(|choice| format!("`{choice}`"))
        .collect();
    let form = if choices.is_empty() {
        kind.form.to_owned()
    } else {
        choices.join(", ")
    };
    let off = if kind.or_off { ", or `off`" } else { "" };
    format!("{list}{} ({form}){off}", kind.name)
}

/// Doc comments are broken into lines; a paragraph of Markdown is one.
fn flowing(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

const INTRODUCTION: &str = "\
# Configuration

<!-- Written by `countersign config reference`; change the table in the source, not this file. -->

Nothing needs to be configured to start. Settings come from these sources, the later the stronger:

1. built-in defaults;
2. `countersign.toml` in the working directory, or the file named by `--config`;
3. `.env` in the working directory: lines of `NAME=value`, quotes as in a shell, nothing expanded;
4. environment variables;
5. flags: `--set key=value`, and short forms such as `--listen`.

Each setting has one environment variable: `COUNTERSIGN_`, then its key in capitals with each dot as
an underscore. Lists are written there with commas. `[[audiences]]` can only stand in the file.

Unknown keys, unknown `COUNTERSIGN_` variables and bad values stop the start. All of them are
reported at once, each with its place and its fix; so is a bad value that a stronger source hides.
`countersign config check` does the same without starting.

Secrets are never taken from flags or from `countersign.toml`. They come from an environment
variable, or from a file that a `…_file` setting names. So does a `store.url` with a password in it;
wherever it is shown, the password is left out. A secret's file that other users may write
to is refused. One that they may only read earns a warning, because container platforms mount
secrets so. One line end at the end of such a file is not part of the secret.

Relative paths start at the working directory. Changes need a restart unless the setting says
otherwise. A day has 24 hours; sizes in KiB and MiB count in powers of 1024.
";
