//! What every command is given: how to speak, and how to get at the settings and the instance.

use std::time::Instant;

use countersign_app::Origin;

use super::args::Common;
use super::error::CliError;
use super::output::Output;
use crate::compose::{self, Instance};
use crate::config::{ConfigErrors, Flag, Loaded, Settings, Sources, load};

/// What every command is given.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) out: Output,
    /// When the process began.
    #[cfg_attr(
        not(feature = "lambda"),
        expect(dead_code, reason = "only a function measures its start")
    )]
    pub(super) begun: Instant,
    common: Common,
    /// Flags of the command itself that stand for settings.
    flags: Vec<Flag>,
}

impl Context {
    pub(super) fn new(common: Common, begun: Instant) -> Self {
        Self {
            begun,
            out: Output::new(common.json, common.quiet),
            common,
            flags: Vec::new(),
        }
    }

    /// The same with flags of one command, which are the strongest.
    pub(super) fn with_flags(mut self, flags: Vec<Flag>) -> Self {
        self.flags = flags;
        self
    }

    /// The configuration, with its warnings and places.
    pub(super) fn load(&self) -> Result<Loaded, ConfigErrors> {
        let mut flags: Vec<Flag> = self.common.set.iter().map(|text| Flag::set(text)).collect();
        if let Some(directory) = &self.common.data_dir {
            flags.push(Flag::new("--data-dir", "data_dir", directory));
        }
        flags.extend(self.flags.iter().cloned());
        let sources = Sources::from_process(self.common.config.clone(), flags);
        load(&sources.fetching_by(compose::fetch_now))
    }

    /// The settings alone.
    pub(super) fn settings(&self) -> Result<Settings, CliError> {
        Ok(self.load()?.settings)
    }

    /// The instance without its keys: for commands about users, roles and sessions.
    pub(super) async fn instance(&self) -> Result<Instance, CliError> {
        Ok(compose::open_without_keys(&self.settings()?).await?)
    }

    /// The instance with its keys: for commands that verify, or that change keys.
    pub(super) async fn instance_with_keys(&self) -> Result<Instance, CliError> {
        Ok(compose::open_existing(&self.settings()?).await?)
    }
}

/// Where calls of the command line come from: nowhere on the network.
pub(super) fn origin() -> Origin {
    Origin::default()
}
