//! The JSON form of personal access tokens.

use countersign_domain::personal_token;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

/// A personal access token, without its text.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonalToken {
    /// Names the token.
    #[schema(format = "uuid", example = "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55")]
    id: String,
    /// What its owner calls it.
    #[schema(example = "nightly report")]
    name: String,
    /// What it may do at most.
    #[schema(example = "account:read")]
    scope: String,
    /// When it was made.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it stops working.
    #[schema(format = "date-time")]
    expires_at: String,
    /// When it was last used, to within an hour.
    #[schema(required, format = "date-time")]
    last_used_at: Option<String>,
}

/// A new personal access token.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewPersonalToken {
    /// Its text: accepted wherever an access token is. It is not shown again.
    #[schema(format = "password", example = "csp_…")]
    token: String,
    #[serde(flatten)]
    about: PersonalToken,
}

/// Working personal access tokens, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonalTokens {
    /// The tokens.
    tokens: Vec<PersonalToken>,
}

impl From<&personal_token::PersonalToken> for PersonalToken {
    fn from(token: &personal_token::PersonalToken) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name.to_string(),
            scope: token.scopes.to_string(),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.to_string(),
            last_used_at: token.last_used_at.map(|at| at.to_string()),
        }
    }
}

impl NewPersonalToken {
    pub(crate) fn new(token: &personal_token::PersonalToken, secret: &SecretString) -> Self {
        Self {
            token: secret.expose_secret().to_owned(),
            about: token.into(),
        }
    }
}

impl PersonalTokens {
    pub(crate) fn new(tokens: &[personal_token::PersonalToken]) -> Self {
        Self {
            tokens: tokens.iter().map(Into::into).collect(),
        }
    }
}
