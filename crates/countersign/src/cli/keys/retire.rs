//! `keys retire`.

use clap::Args;
use countersign_app::admin::Admin;
use countersign_domain::audit::Actor;
use countersign_token::KeyId;

use super::view::show;
use crate::cli::confirm::Confirmation;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::users::parsed;
use crate::compose;

/// Retire a key at once: nothing that it signed is good any more.
///
/// What it was needed for gets a new key. `--all` removes every key without opening them, for when
/// their master key is lost; everybody must then log in anew.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign keys retire 0eBbR3mW2QeH7sY1
  countersign keys retire --all --yes")]
pub(in crate::cli) struct Retire {
    /// Which, as `keys list` shows it.
    #[arg(value_parser = parsed::<KeyId>, required_unless_present = "all", allow_hyphen_values = true)]
    key: Option<KeyId>,
    /// All of them.
    #[arg(long, conflicts_with = "key")]
    all: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Retire {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let instance = if let Some(key) = self.key {
            let instance = context.instance_with_keys().await?;
            let no_key = || CliError::NoSuch {
                kind: "key",
                name: key.to_string(),
            };
            if !instance
                .app
                .keys()
                .records()
                .iter()
                .any(|record| record.id == key)
            {
                return Err(no_key());
            }
            self.confirmation.ask(&format!(
                "Retire key {key} and end every token that it signed?"
            ))?;
            let steps = instance.app.retire_key(Actor::CommandLine, &key).await?;
            steps.ok_or_else(no_key)?;
            instance
        } else {
            self.confirmation
                .ask("Remove all keys and log everybody out?")?;
            let settings = context.settings()?;
            let keyless = compose::open_without_keys(&settings).await?;
            keyless.app.remove_all_keys(Admin::CommandLine).await?;
            drop(keyless);
            // Makes the master key too, if it is lost.
            compose::open(&settings).await?
        };
        show(context, instance.store.as_ref(), &instance.app).await?;
        context
            .out
            .note("A running server takes the change up within ten seconds.");
        Ok(Exit::Done)
    }
}
