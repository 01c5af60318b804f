//! How a value is spelled in each source.

use super::place::Place;
use super::setting::Setting;
use super::value::Shape;

/// The setting's example, spelled for the source where the error is.
pub(in crate::config) fn written_like(setting: &Setting, place: &Place) -> String {
    let example = setting.example;
    match place {
        Place::DotEnv { .. } | Place::Environment(_) => format!("{}={example}", setting.variable()),
        Place::Flag(_) => format!("--set {}={example}", setting.key),
        Place::Default | Place::Follows(_) | Place::File { .. } | Place::WholeFile(_) => {
            format!("{} = {}", last_part(setting.key), in_toml(setting, example))
        }
    }
}

/// A value in the form that the configuration file wants.
pub(in crate::config) fn in_toml(setting: &Setting, value: &str) -> String {
    match setting.kind.shape {
        Shape::Text => quoted(value),
        Shape::Integer | Shape::Boolean if value == "off" => quoted(value),
        Shape::Integer | Shape::Boolean => value.to_owned(),
        Shape::List => {
            let parts: Vec<String> = value
                .split(',')
                .filter(|part| !part.is_empty())
                .map(quoted)
                .collect();
            format!("[{}]", parts.join(", "))
        }
    }
}

/// The name of a setting inside its table.
pub(in crate::config) fn last_part(key: &str) -> &str {
    key.rsplit_once('.').map_or(key, |(_, last)| last)
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
