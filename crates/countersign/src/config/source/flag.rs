//! Flags of the command line: `--set key=value`, and short forms such as `--listen`.

use crate::config::error::{ConfigError, Fault};
use crate::config::layers::Layers;
use crate::config::place::Place;
use crate::config::raw::Raw;
use crate::config::{fixes, table};

/// A setting given on the command line.
#[derive(Clone, PartialEq, Eq)]
pub struct Flag {
    /// The flag as it was typed, such as `--set` or `--listen`.
    pub flag: String,
    /// The setting's key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// The value is left out: it may be a secret that must not be here.
impl std::fmt::Debug for Flag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flag")
            .field("flag", &self.flag)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Flag {
    /// A short form: `flag` is its name as typed, `key` the setting that it stands for.
    pub fn new(flag: &str, key: &str, value: &str) -> Self {
        Self {
            flag: flag.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    /// The argument of `--set`. Without `=` the key is all there is, and loading says what is
    /// missing together with everything else.
    pub fn set(argument: &str) -> Self {
        let (key, value) = argument.split_once('=').unwrap_or((argument, ""));
        Self::new("--set", key.trim(), value)
    }
}

/// Lays the flags upon the layers.
pub(super) fn collect(flags: &[Flag], layers: &mut Layers, errors: &mut Vec<ConfigError>) {
    for Flag { flag, key, value } in flags {
        let place = Place::Flag(flag.clone());
        let (fault, fix) = match table::find(key) {
            None => (Fault::UnknownKey, table::fix_for_key(key)),
            Some((group, _)) if group.repeated => (
                Fault::OnlyInFile,
                format!("write it under [[{}]]", group.path),
            ),
            Some((_, setting)) if setting.is_secret(&Raw::untyped(value)) => {
                (Fault::SecretInFlag, fixes::secret(setting))
            }
            Some((_, setting)) => {
                layers.push(setting, Raw::untyped(value), place);
                continue;
            }
        };
        errors.push(ConfigError {
            key: Some(key.clone()),
            place,
            fault,
            fix,
        });
    }
}
