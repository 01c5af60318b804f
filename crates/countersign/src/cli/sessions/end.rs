//! `sessions end`.

use clap::Args;
use countersign_app::admin::{Admin, EndSessionOutcome, EndSessionsOutcome};
use countersign_domain::id::SessionId;

use crate::cli::context::{Context, origin};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::find_user::{called, find_user, no_user};
use crate::cli::table::count;
use crate::cli::users::parsed;

/// End one session of a user, or all of them.
///
/// Countersign's own interfaces and refreshing refuse the session at once. Other APIs go on taking
/// its access token until that expires, a few minutes later.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign sessions end ada@example.com --all
  countersign sessions end ada 0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55")]
pub(in crate::cli) struct End {
    /// An id, e-mail address or username.
    user: String,
    /// Which session, as `sessions list` shows it.
    #[arg(value_parser = parsed::<SessionId>, required_unless_present = "all")]
    session: Option<SessionId>,
    /// All of them.
    #[arg(long, conflicts_with = "session")]
    all: bool,
}

impl End {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let app = context.instance().await?.app;
        let user = find_user(&app, &self.user).await?.user;
        let ended = match self.session {
            Some(id) => {
                match app
                    .end_session_of(Admin::CommandLine, user.id, id, &origin())
                    .await?
                {
                    EndSessionOutcome::Ended => 1,
                    EndSessionOutcome::NotYours => return Err(CliError::NotAllowed),
                    EndSessionOutcome::NotFound => {
                        let name = id.to_string();
                        return Err(CliError::NoSuch {
                            kind: "live session",
                            name,
                        });
                    }
                }
            }
            None => match app
                .end_sessions_of(Admin::CommandLine, user.id, &origin())
                .await?
            {
                EndSessionsOutcome::Ended(ended) => ended,
                EndSessionsOutcome::NotYours => return Err(CliError::NotAllowed),
                EndSessionsOutcome::NotFound => return Err(no_user(&self.user)),
            },
        };
        let text = format!("ended {} of {}", count(ended, "session"), called(&user));
        context
            .out
            .answer(&serde_json::json!({ "ended_sessions": ended }), &text)?;
        Ok(Exit::Done)
    }
}
