//! `roles define`.

use clap::Args;
use countersign_app::admin::{Admin, RoleDefinition};
use countersign_domain::description::Description;
use countersign_domain::role::{Role, RoleName};
use countersign_token::Scope;

use crate::cli::context::{Context, origin};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::table::list;
use crate::cli::users::parsed;

/// Define a role, or replace what it is defined as.
///
/// Whoever holds the role may do what it says from their next token on.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign roles define editor posts:read posts:write --description 'May write posts'")]
pub(in crate::cli) struct Define {
    /// Its name: a-z, 0-9, '-', '_', '.' and ':'.
    #[arg(value_parser = parsed::<RoleName>)]
    role: RoleName,
    /// What it lets its holders do: all of it, not what comes on top.
    #[arg(value_parser = parsed::<Scope>, required = true)]
    scopes: Vec<Scope>,
    /// What it is for, for people to read.
    #[arg(long, default_value = "", value_parser = parsed::<Description>)]
    description: Description,
}

impl Define {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let app = context.instance().await?.app;
        let role = Role {
            name: self.role,
            description: self.description,
            scopes: self.scopes.into_iter().collect(),
        };
        let defined = app
            .define_role(Admin::CommandLine, role.clone(), &origin())
            .await?;
        let done = match defined {
            RoleDefinition::Created => "defined",
            RoleDefinition::Changed => "changed",
            RoleDefinition::BuiltIn => return Err(CliError::BuiltInRole(role.name.to_string())),
            RoleDefinition::TooManyScopes => return Err(CliError::TooManyScopes),
            RoleDefinition::NotYours => return Err(CliError::NotAllowed),
        };
        let text = format!("{done} role {}: {}", role.name, list(&role.scopes));
        let answer = serde_json::json!({
            "name": role.name,
            "description": role.description,
            "scope": role.scopes,
            "created": defined == RoleDefinition::Created,
        });
        context.out.answer(&answer, &text)?;
        Ok(Exit::Done)
    }
}
