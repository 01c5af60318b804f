//! `roles delete`.

use clap::Args;
use countersign_app::admin::{Admin, RoleDeletion};
use countersign_domain::role::RoleName;

use crate::cli::confirm::Confirmation;
use crate::cli::context::{Context, origin};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::users::parsed;

/// Delete a role and take it from everybody who holds it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign roles delete editor --yes")]
pub(in crate::cli) struct Delete {
    /// Its name.
    #[arg(value_parser = parsed::<RoleName>)]
    role: RoleName,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let app = context.instance().await?.app;
        let name = &self.role;
        let is_there = app.roles().await?.iter().any(|role| role.name == *name);
        if is_there && !name.is_built_in() {
            self.confirmation
                .ask(&format!("Delete role {name} and take it from everybody?"))?;
        }
        match app.delete_role(Admin::CommandLine, name, &origin()).await? {
            RoleDeletion::Deleted => {
                let answer = serde_json::json!({ "name": name, "deleted": true });
                context
                    .out
                    .answer(&answer, &format!("deleted role {name}"))?;
                Ok(Exit::Done)
            }
            RoleDeletion::BuiltIn => Err(CliError::BuiltInRole(name.to_string())),
            RoleDeletion::NotYours => Err(CliError::NotAllowed),
            RoleDeletion::NotFound => Err(CliError::NoSuch {
                kind: "role",
                name: name.to_string(),
            }),
        }
    }
}
