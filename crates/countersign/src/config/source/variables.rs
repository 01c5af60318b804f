//! Environment variables, and `.env` beneath them.

use std::collections::BTreeMap;
use std::io;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{Sources, dot_env};
use crate::config::error::{ConfigError, Fault};
use crate::config::layers::Layers;
use crate::config::place::Place;
use crate::config::raw::Raw;
use crate::config::{fixes, table};

/// What our variables start with. Any other variable is somebody else's.
const PREFIX: &str = "COUNTERSIGN_";

/// The variables that audiences name as the holders of their secrets.
#[derive(Debug, Default)]
pub(in crate::config) struct Variables(BTreeMap<String, (SecretString, Place)>);

impl Variables {
    /// A variable that an audience names.
    pub(in crate::config) fn find(&self, name: &str) -> Option<&(SecretString, Place)> {
        self.0.get(name)
    }

    /// Lays `.env`, then the environment, upon the layers.
    pub(super) fn collect(
        sources: &Sources,
        layers: &mut Layers,
        errors: &mut Vec<ConfigError>,
    ) -> Self {
        let claimed: Vec<String> = layers
            .audiences
            .iter()
            .filter_map(|(_, audience)| audience.strongest("audiences.hs256_secret_env"))
            .map(|entry| entry.raw.show())
            .collect();
        let mut found = Self::default();
        let mut lay = |name: &str, value: Result<Zeroizing<String>, Fault>, place: Place| {
            let is_claimed = claimed.iter().any(|claim| claim == name);
            if !is_claimed && !name.starts_with(PREFIX) {
                return;
            }
            let refuse = |fault, fix| ConfigError {
                key: Some(name.to_owned()),
                place: place.clone(),
                fault,
                fix,
            };
            match (table::find_variable(name), value) {
                (_, Err(fault)) => errors.push(refuse(fault, "correct the value".to_owned())),
                (None, Ok(value)) if is_claimed => {
                    found
                        .0
                        .insert(name.to_owned(), (value.as_str().into(), place));
                }
                (Some((group, setting)), Ok(_)) if group.repeated => {
                    let fix = format!("write {} under [[{}]]", setting.key, group.path);
                    errors.push(refuse(Fault::OnlyInFile, fix));
                }
                (Some((_, setting)), Ok(value)) => {
                    layers.push(setting, Raw::Untyped(value), place);
                }
                (None, Ok(_)) => {
                    errors.push(refuse(
                        Fault::UnknownVariable,
                        table::fix_for_variable(name),
                    ));
                }
            }
        };

        let path = sources.working_dir.join(".env");
        let mut unreadable = None;
        match std::fs::read_to_string(&path).map(Zeroizing::new) {
            Ok(text) => {
                for line in dot_env::lines(&text) {
                    let place = Place::DotEnv {
                        path: path.clone(),
                        line: line.number,
                    };
                    let open = || Fault::Syntax("a quote is not closed".to_owned());
                    lay(line.name, line.value.ok_or_else(open), place);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => unreadable = Some(fixes::unreadable_file(&path, &error)),
        }
        for (name, value) in &sources.environment {
            if let Some(name) = name.to_str() {
                let text = value.to_str().map(|text| Zeroizing::new(text.to_owned()));
                lay(
                    name,
                    text.ok_or(Fault::NotUnicode),
                    Place::Environment(name.to_owned()),
                );
            }
        }
        errors.extend(unreadable);
        found
    }
}
