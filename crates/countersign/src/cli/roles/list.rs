//! `roles list`.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::table::{list, table};

/// List the roles, the built-in ones first.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign roles list
  countersign roles list --json | jq -r .name")]
pub(in crate::cli) struct List {}

impl List {
    pub(super) async fn run(context: &Context) -> Result<Exit, CliError> {
        let roles = context.instance().await?.app.roles().await?;
        if context.out.is_json() {
            for role in &roles {
                context.out.json(&serde_json::json!({
                    "name": role.name,
                    "description": role.description,
                    "scope": role.scopes,
                    "built_in": role.name.is_built_in(),
                }))?;
            }
            return Ok(Exit::Done);
        }
        let rows = roles.iter().map(|role| {
            let kind = if role.name.is_built_in() {
                "built in"
            } else {
                "defined"
            };
            let name = role.name.to_string();
            [
                name,
                kind.to_owned(),
                list(&role.scopes),
                role.description.to_string(),
            ]
        });
        context
            .out
            .text(&table(&["role", "kind", "scopes", "description"], rows))?;
        Ok(Exit::Done)
    }
}
