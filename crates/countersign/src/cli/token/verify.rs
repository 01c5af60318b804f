//! `token verify`: checks a token as the instance itself would.

use clap::Args;
use countersign_app::authenticate::{Authenticated, CallerProof, InvalidBearer};
use countersign_domain::time::Timestamp;

use super::read::TokenSource;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::find_user::called;
use crate::cli::table::{list, moment, or_nothing, pairs};

/// Check a token against the instance's keys, sessions and users.
///
/// Takes access tokens for any of the instance's audiences, and personal access tokens. The exit
/// code is 4 if the token is not good.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign token verify < token.txt
  echo \"$TOKEN\" | countersign token verify --json | jq .scope")]
pub(in crate::cli) struct Verify {
    #[command(flatten)]
    token: TokenSource,
}

impl Verify {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let token = self.token.read()?;
        let app = context.instance_with_keys().await?.app;
        let caller = match app.check_token(&token).await? {
            Authenticated::Valid(caller) => caller,
            Authenticated::Invalid(why) => {
                let (code, why) = (why.code(), reason(why));
                let answer = serde_json::json!({ "active": false, "reason": code });
                context.out.answer(&answer, &format!("not good: {why}"))?;
                return Ok(Exit::Refused);
            }
        };
        let (kind, expires_at, audiences) = match &caller.proof {
            CallerProof::Session { token, .. } => (
                "access_token",
                Timestamp::from_seconds(token.claims().exp),
                token.claims().aud.iter().map(ToString::to_string).collect(),
            ),
            CallerProof::PersonalToken(token) => {
                ("personal_access_token", token.expires_at, Vec::new())
            }
        };
        let user = &caller.account.user;
        let session = caller.principal.session_id().map(|id| id.to_string());
        let answer = serde_json::json!({
            "active": true,
            "kind": kind,
            "user_id": user.id,
            "session_id": session,
            "scope": caller.principal.scopes,
            "roles": user.roles,
            "audiences": audiences,
            "expires_at": expires_at,
        });
        let rows = pairs([
            ("kind", kind.replace('_', " ")),
            ("user", format!("{} ({})", called(user), user.id)),
            ("session", or_nothing(session)),
            ("may do", list(&caller.principal.scopes)),
            ("audience", list(audiences)),
            ("expires", moment(expires_at)),
        ]);
        context.out.answer(&answer, &format!("good\n\n{rows}"))?;
        Ok(Exit::Done)
    }
}

fn reason(why: InvalidBearer) -> String {
    match why {
        InvalidBearer::Token(rejection) => rejection.to_string(),
        InvalidBearer::Unknown => "this instance did not make it, or it is revoked".to_owned(),
        InvalidBearer::Expired => "its time is over".to_owned(),
        InvalidBearer::SessionEnded => "its session has ended".to_owned(),
        InvalidBearer::UserShut => "its user is disabled or locked".to_owned(),
    }
}
