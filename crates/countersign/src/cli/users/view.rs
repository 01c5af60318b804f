//! A user as the command line shows them: in JSON with the members that REST gives them too.

use countersign_domain::role::Account;
use countersign_domain::user::User;
use serde::Serialize;

use crate::cli::table::{list, moment, or_nothing, pairs};

/// The JSON form.
#[derive(Serialize)]
pub(in crate::cli) struct UserView {
    id: String,
    username: Option<String>,
    email: Option<String>,
    email_verified: bool,
    display_name: Option<String>,
    state: &'static str,
    roles: Vec<String>,
    scope: String,
    created_at: String,
    updated_at: String,
}

/// The JSON form of one user, with all that they may do.
#[derive(Serialize)]
pub(in crate::cli) struct AccountView {
    #[serde(flatten)]
    user: UserView,
    effective_scope: String,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.as_ref().map(ToString::to_string),
            email: user.email.as_ref().map(ToString::to_string),
            email_verified: user.email_verified,
            display_name: user.display_name.as_ref().map(ToString::to_string),
            state: user.state.as_str(),
            roles: user.roles.iter().map(ToString::to_string).collect(),
            scope: user.scopes.to_string(),
            created_at: user.created_at.to_string(),
            updated_at: user.updated_at.to_string(),
        }
    }
}

impl From<&Account> for AccountView {
    fn from(account: &Account) -> Self {
        let effective_scope = account.effective_scopes().to_string();
        Self {
            user: UserView::from(&account.user),
            effective_scope,
        }
    }
}

/// One user in words.
pub(super) fn in_words(account: &Account) -> String {
    let user = &account.user;
    let email = match (&user.email, user.email_verified) {
        (Some(email), true) => format!("{email} (verified)"),
        (Some(email), false) => format!("{email} (not verified)"),
        (None, _) => or_nothing(None::<String>),
    };
    pairs([
        ("id", user.id.to_string()),
        ("username", or_nothing(user.username.as_ref())),
        ("email", email),
        ("display name", or_nothing(user.display_name.as_ref())),
        ("state", user.state.as_str().to_owned()),
        ("roles", list(&user.roles)),
        ("scopes granted", list(&user.scopes)),
        ("may do", list(account.effective_scopes())),
        ("created", moment(user.created_at)),
        ("updated", moment(user.updated_at)),
    ])
}
