//! The table, and what is written from it.

use std::collections::BTreeSet;
use std::path::Path;

use super::World;
use crate::config::rules::RULES;
use crate::config::setting::Fallback;
use crate::config::{Secrecy, example, reference, table};

#[test]
fn every_setting_has_its_own_key_and_variable() {
    let keys: BTreeSet<_> = table::settings().map(|(_, setting)| setting.key).collect();
    let names: BTreeSet<_> = table::settings()
        .map(|(_, setting)| setting.variable())
        .collect();
    assert_eq!(keys.len(), table::settings().count());
    assert_eq!(names.len(), keys.len());
}

#[test]
fn every_example_default_and_bound_is_a_good_value() {
    for (_, setting) in table::settings() {
        let key = setting.key;
        let good = |text: &str| setting.accepts(text).is_ok();
        assert!(
            setting.secrecy == Secrecy::Secret || good(setting.example),
            "{key}"
        );
        if let Fallback::Given(default) = setting.fallback {
            assert!(good(default), "{key}");
        }
        if let Some((least, most)) = setting.bounds {
            assert!(good(least) && good(most), "{key}");
        }
    }
}

#[test]
fn every_setting_is_explained() {
    for (_, setting) in table::settings() {
        assert!(setting.meaning().ends_with('.'), "{}", setting.key);
        let has_default = matches!(setting.fallback, Fallback::Given(_));
        assert!(
            !has_default || !setting.reason.is_empty(),
            "{} has no reason",
            setting.key
        );
    }
}

#[test]
fn rules_name_settings_that_exist() {
    for key in RULES.iter().flat_map(|rule| rule.keys) {
        assert!(table::find(key).is_some(), "{key}");
    }
}

#[test]
fn the_reference_in_the_repository_is_the_one_the_table_makes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == reference(),
        "run `cargo run -- config reference > docs/configuration.md`"
    );
}

#[test]
fn the_example_file_is_accepted_as_it_stands_and_with_every_line_in_use() {
    World::new().file(&example()).settings();
    let in_use: String = example()
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") || rest.starts_with("[[") => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    // The files that the examples name are not there, nothing fetches what AWS keeps, a secret comes
    // from one place alone, and HS256 is one algorithm of several.
    let only_files = [
        "one_master_key",
        "one_pepper",
        "one_store_url",
        "reference",
        "secret_file",
        "hs256_needs_secret",
        "secret_without_hs256",
        "unreadable",
    ];
    for code in World::new().file(&in_use).codes() {
        assert!(only_files.contains(&code), "{code}");
    }
}
