//! `sessions list`.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::find_user::find_user;
use crate::cli::table::{moment, or_nothing, table};

/// List the live sessions of a user, the newest first.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign sessions list ada@example.com")]
pub(in crate::cli) struct List {
    /// An id, e-mail address or username.
    user: String,
}

impl List {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let app = context.instance().await?.app;
        let user = find_user(&app, &self.user).await?.user;
        let sessions = app.sessions_of(user.id).await?;
        if context.out.is_json() {
            for session in &sessions {
                context.out.json(&serde_json::json!({
                    "id": session.id,
                    "user_id": session.user_id,
                    "device": session.device,
                    "address": session.address,
                    "created_at": session.created_at,
                    "last_seen_at": session.last_seen_at,
                    "expires_at": session.ends_at(),
                }))?;
            }
            return Ok(Exit::Done);
        }
        let rows = sessions.iter().map(|session| {
            [
                session.id.to_string(),
                or_nothing(session.device.as_ref()),
                or_nothing(session.address),
                moment(session.created_at),
                moment(session.last_seen_at),
                moment(session.ends_at()),
            ]
        });
        let header = ["session", "device", "address", "begun", "last seen", "ends"];
        context.out.text(&table(&header, rows))?;
        Ok(Exit::Done)
    }
}
