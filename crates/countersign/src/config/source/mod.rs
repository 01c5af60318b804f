//! The sources of settings. The loader is given them, so that tests own the environment; only
//! [`Sources::from_process`] reads the real one.

mod config_file;
mod dot_env;
mod flag;
mod variables;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

pub use flag::Flag;
use secrecy::SecretString;
pub(in crate::config) use variables::Variables;

use super::error::ConfigError;
use super::layers::Layers;
use super::on_lambda::OnLambda;
use super::value::SecretReference;

/// Fetches a secret that is kept elsewhere, or says why it can't, without the secret.
pub type FetchSecret = fn(&SecretReference) -> Result<SecretString, String>;

/// Where settings are read from, the later the stronger.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file named by `--config`; otherwise `countersign.toml` in the working directory, if it
    /// is there.
    pub config_file: Option<PathBuf>,
    /// Where relative paths start and `.env` is looked for; empty means the process's own.
    pub working_dir: PathBuf,
    /// The environment's variables.
    pub environment: Vec<(OsString, OsString)>,
    /// Flags of the command line, in their order.
    pub flags: Vec<Flag>,
    /// How to get at secrets that are kept elsewhere.
    pub fetch: Option<FetchSecret>,
}

/// The environment is left out: it holds secrets.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("config_file", &self.config_file)
            .field("working_dir", &self.working_dir)
            .field("flags", &self.flags)
            .finish_non_exhaustive()
    }
}

impl Sources {
    /// The sources of this process: its working directory and its environment.
    pub fn from_process(config_file: Option<PathBuf>, flags: Vec<Flag>) -> Self {
        Self {
            config_file,
            working_dir: PathBuf::new(),
            environment: std::env::vars_os().collect(),
            flags,
            fetch: None,
        }
    }

    /// The same, which can fetch secrets that are kept elsewhere.
    #[must_use]
    pub fn fetching_by(self, fetch: FetchSecret) -> Self {
        Self {
            fetch: Some(fetch),
            ..self
        }
    }

    /// The AWS Lambda function that the environment belongs to, if it is one's.
    pub fn on_lambda(&self) -> Option<OnLambda> {
        OnLambda::find(&self.environment)
    }

    /// Lays everything that the sources say upon the defaults, and notes what is wrong.
    pub(in crate::config) fn collect(&self, errors: &mut Vec<ConfigError>) -> (Layers, Variables) {
        let mut layers = Layers::defaults();
        if let Some(function) = self.on_lambda() {
            function.lay_defaults(&mut layers);
        }
        config_file::collect(self, &mut layers, errors);
        let variables = Variables::collect(self, &mut layers, errors);
        flag::collect(&self.flags, &mut layers, errors);
        (layers, variables)
    }
}
