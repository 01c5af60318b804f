//! `keys rotate`.

use clap::Args;
use countersign_domain::audit::Actor;
use countersign_domain::keys::KeyPurpose;
use countersign_token::Algorithm;

use super::view::show;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::users::parsed;

/// Make new signing keys to take over from those in use.
///
/// They are published now and sign after `keys.publish_ahead`, when every verifier has them. With
/// `--now` they sign at once: for a key that may have leaked. The key before stays published until
/// its tokens have died; `keys retire` puts an end to them too.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign keys rotate
  countersign keys rotate --now --algorithm ES256")]
pub(in crate::cli) struct Rotate {
    /// Sign with the new key at once.
    #[arg(long)]
    now: bool,
    /// Only keys of this algorithm, such as ES256.
    #[arg(long, value_parser = parsed::<Algorithm>)]
    algorithm: Option<Algorithm>,
}

impl Rotate {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let instance = context.instance_with_keys().await?;
        let purposes = instance.app.settings().key_purposes();
        if let Some(algorithm) = self.algorithm
            && !purposes.contains(&KeyPurpose::Sign(algorithm))
        {
            return Err(CliError::AlgorithmNotUsed(algorithm.to_string()));
        }
        instance
            .app
            .rotate_keys(Actor::CommandLine, self.algorithm, self.now)
            .await?;
        show(context, instance.store.as_ref(), &instance.app).await?;
        context
            .out
            .note("A running server takes the change up within ten seconds.");
        Ok(Exit::Done)
    }
}
