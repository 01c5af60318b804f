//! `countersign.toml` with every setting in it, each commented out at its default.

use std::fmt::Write as _;

use super::groups::GROUPS;
use super::setting::{Fallback, Group, Secrecy, Setting};
use super::spelling::{in_toml, last_part};

/// The example file.
pub fn example() -> String {
    let mut page = String::from(
        "# Countersign's settings. Every one has a default; take the # away from a line to change it.\n\
         # docs/configuration.md says more about each.\n",
    );
    for group in GROUPS {
        // Writing to a String never fails.
        let _ = write!(page, "\n{}", comment(group.about()));
        if !group.path.is_empty() {
            let _ = writeln!(page, "{}", header(group));
        }
        for setting in group
            .settings
            .iter()
            .filter(|setting| setting.secrecy != Secrecy::Secret)
        {
            let _ = write!(
                page,
                "\n{}{}",
                comment(setting.meaning()),
                line(group, setting)
            );
        }
    }
    page
}

fn header(group: &Group) -> String {
    if group.repeated {
        format!("# [[{}]]", group.path)
    } else {
        format!("[{}]", group.path)
    }
}

fn line(group: &Group, setting: &Setting) -> String {
    let name = last_part(setting.key);
    match setting.fallback {
        Fallback::Given(default) => format!("# {name} = {}\n", in_toml(setting, default)),
        _ if group.repeated => format!("# {name} = {}\n", in_toml(setting, setting.example)),
        Fallback::Follows(what) | Fallback::Unset(what) => format!(
            "# Default: {}\n# {name} = {}\n",
            what.replace('`', ""),
            in_toml(setting, setting.example)
        ),
    }
}

fn comment(text: &str) -> String {
    text.lines()
        .fold(String::new(), |page, line| page + "# " + line.trim() + "\n")
}
