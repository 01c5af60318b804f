//! Who is meant by a USER argument: an id, an e-mail address or a username.

use countersign_app::App;
use countersign_domain::id::UserId;
use countersign_domain::names::Identifier;
use countersign_domain::role::Account;
use countersign_domain::user::User;

use super::error::CliError;

/// The user who is meant.
pub(super) async fn find_user(app: &App, text: &str) -> Result<Account, CliError> {
    if let Ok(id) = text.parse::<UserId>()
        && let Some(account) = app.user(id).await?
    {
        return Ok(account);
    }
    let found = match text.parse::<Identifier>() {
        Ok(identifier) => app.user_by_identifier(&identifier).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| no_user(text))
}

/// That there is none.
pub(super) fn no_user(name: &str) -> CliError {
    CliError::NoSuch {
        kind: "user",
        name: name.to_owned(),
    }
}

/// What to call a user in a sentence.
pub(super) fn called(user: &User) -> String {
    let email = user.email.as_ref().map(ToString::to_string);
    email
        .or_else(|| user.username.as_ref().map(ToString::to_string))
        .unwrap_or_default()
}
