//! Looking settings up: by key, by environment variable, by what somebody probably meant.

use super::groups::GROUPS;
use super::setting::{Group, Setting};
use super::suggest::nearest;

/// Every setting with its group, in the order of the reference.
pub fn settings() -> impl Iterator<Item = (&'static Group, &'static Setting)> {
    GROUPS
        .iter()
        .flat_map(|group| group.settings.iter().map(move |setting| (group, setting)))
}

/// The setting with this key, and its group.
pub fn find(key: &str) -> Option<(&'static Group, &'static Setting)> {
    settings().find(|(_, setting)| setting.key == key)
}

/// The setting with this environment variable, and its group.
pub fn find_variable(variable: &str) -> Option<(&'static Group, &'static Setting)> {
    settings().find(|(_, setting)| setting.variable() == variable)
}

/// The group with this path.
pub(in crate::config) fn find_group(path: &str) -> Option<&'static Group> {
    GROUPS
        .iter()
        .find(|group| !group.path.is_empty() && group.path == path)
}

/// What to write in place of a key that does not exist.
pub(in crate::config) fn fix_for_key(key: &str) -> String {
    match nearest(key, settings().map(|(_, setting)| setting.key)) {
        Some(near) => format!("did you mean {near}?"),
        None => SEE_REFERENCE.to_owned(),
    }
}

/// What to write in place of a table that does not exist.
pub(in crate::config) fn fix_for_group(path: &str) -> String {
    match nearest(path, GROUPS.iter().map(|group| group.path)) {
        Some(near) => format!("did you mean [{near}]?"),
        None => SEE_REFERENCE.to_owned(),
    }
}

/// What to set in place of a variable that does not exist.
pub(in crate::config) fn fix_for_variable(variable: &str) -> String {
    let names: Vec<String> = settings()
        .filter(|(group, _)| !group.repeated)
        .map(|(_, setting)| setting.variable())
        .collect();
    match nearest(variable, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None => SEE_REFERENCE.to_owned(),
    }
}

const SEE_REFERENCE: &str = "remove it; `countersign config reference` lists every setting";

/// The setting that names a file with this secret.
pub(in crate::config) fn file_for(secret: &Setting) -> Option<&'static Setting> {
    let one = format!("{}_file", secret.key);
    let several = format!("{}_files", secret.key.trim_end_matches('s'));
    find(&one)
        .or_else(|| find(&several))
        .map(|(_, setting)| setting)
}
