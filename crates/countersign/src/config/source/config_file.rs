//! `countersign.toml`.

use std::io;
use std::path::Path;

use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use super::Sources;
use crate::config::error::{ConfigError, Fault};
use crate::config::layers::Layers;
use crate::config::place::Place;
use crate::config::raw::Raw;
use crate::config::setting::{Group, Setting};
use crate::config::{fixes, table};

/// Reads the file, if there is one, and lays its values upon the layers.
pub(super) fn collect(sources: &Sources, layers: &mut Layers, errors: &mut Vec<ConfigError>) {
    let named = sources.config_file.is_some();
    let name = sources
        .config_file
        .as_deref()
        .unwrap_or(Path::new("countersign.toml"));
    let path = sources.working_dir.join(name);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => return,
        Err(error) => return errors.push(fixes::unreadable_file(&path, &error)),
    };
    let (document, syntax_errors) = DeTable::parse_recoverable(&text);
    let mut walk = Walk {
        path: &path,
        text: &text,
        broken_lines: Vec::new(),
        errors,
    };
    for error in syntax_errors {
        let start = error.span().map_or(0, |span| span.start);
        walk.broken_lines.push(walk.line(start));
        walk.refuse(None, start, Fault::Syntax(error.message().to_owned()), FORM);
    }
    walk.table(document.get_ref(), "", layers);
}

const FORM: &str = "write text in quotes and one setting a line; https://toml.io tells the form";

struct Walk<'a> {
    path: &'a Path,
    text: &'a str,
    /// Lines with an error of form; what they seem to say is not worth a second error.
    broken_lines: Vec<usize>,
    errors: &'a mut Vec<ConfigError>,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>, path: &str, layers: &mut Layers) {
        for (name, value) in table {
            let key = if path.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{path}.{}", name.get_ref())
            };
            let (key_start, value_start) = (name.span().start, value.span().start);
            if let Some((_, setting)) = table::find(&key) {
                self.setting(setting, value.get_ref(), value_start, layers);
            } else if let Some(group) = table::find_group(&key) {
                self.group(group, value.get_ref(), key_start, layers);
            } else {
                let fix = if value.get_ref().is_table() {
                    table::fix_for_group(&key)
                } else {
                    table::fix_for_key(&key)
                };
                self.refuse(Some(key), key_start, Fault::UnknownKey, &fix);
            }
        }
    }

    fn setting(
        &mut self,
        setting: &Setting,
        value: &DeValue<'_>,
        start: usize,
        layers: &mut Layers,
    ) {
        let raw = raw(value);
        if setting.is_secret(&raw) {
            let fix = fixes::secret(setting);
            return self.refuse(
                Some(setting.key.to_owned()),
                start,
                Fault::SecretInFile,
                &fix,
            );
        }
        if !self.broken_lines.contains(&self.line(start)) {
            layers.push(setting, raw, self.place(start));
        }
    }

    fn group(&mut self, group: &Group, value: &DeValue<'_>, start: usize, layers: &mut Layers) {
        let path = group.path;
        match (group.repeated, value) {
            (false, DeValue::Table(table)) => self.table(table, path, layers),
            (true, DeValue::Array(entries)) => {
                for entry in entries {
                    let start = entry.span().start;
                    if let DeValue::Table(table) = entry.get_ref() {
                        let mut audience = Layers::default();
                        self.table(table, path, &mut audience);
                        let place = self.place(start);
                        layers.audiences.push((place, audience));
                    } else {
                        self.not_a_value(path, start, "[[", "]]");
                    }
                }
            }
            (true, _) => self.not_a_value(path, start, "[[", "]]"),
            (false, _) => self.not_a_value(path, start, "[", "]"),
        }
    }

    fn not_a_value(&mut self, path: &str, start: usize, open: &str, close: &str) {
        let fix = format!("write {open}{path}{close} above its settings");
        self.refuse(Some(path.to_owned()), start, Fault::NotAValue, &fix);
    }

    fn refuse(&mut self, key: Option<String>, start: usize, fault: Fault, fix: &str) {
        let place = self.place(start);
        self.errors.push(ConfigError {
            key,
            place,
            fault,
            fix: fix.to_owned(),
        });
    }

    fn place(&self, start: usize) -> Place {
        let before = self.before(start);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before
            .get(line_start..)
            .map_or(0, |part| part.chars().count())
            + 1;
        Place::File {
            path: self.path.to_owned(),
            line: self.line(start),
            column,
        }
    }

    fn line(&self, start: usize) -> usize {
        self.before(start).matches('\n').count() + 1
    }

    fn before(&self, start: usize) -> &str {
        self.text.get(..start).unwrap_or(self.text)
    }
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(Zeroizing::new(text.to_string())),
        DeValue::Integer(number) => Raw::Integer(
            i128::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| number.to_string(), |number| number.to_string()),
        ),
        DeValue::Boolean(value) => Raw::Boolean(*value),
        DeValue::Array(parts) => Raw::List(parts.iter().map(|part| raw(part.get_ref())).collect()),
        DeValue::Float(_) => Raw::Other("a number with a fraction"),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Table(_) => Raw::Other("a table"),
    }
}
