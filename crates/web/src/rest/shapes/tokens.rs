//! The JSON form of a session's tokens.

use countersign_app as app;
use countersign_domain::role::Account;
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;

use super::User;

/// The tokens of a session (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// Send it as `Authorization: Bearer …`.
    #[schema(
        format = "password",
        example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiJ9.…"
    )]
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds that the access token lives.
    #[schema(example = 600)]
    expires_in: u64,
    /// Spend it once, at `/v1/refresh`, for the next tokens.
    #[schema(format = "password", example = "csr_…")]
    refresh_token: String,
    /// When the refresh token is of no more use, unless it is spent before.
    #[schema(format = "date-time", example = "2026-02-28T12:00:00.000Z")]
    refresh_expires_at: String,
    /// What the access token may do.
    #[schema(example = "account:read account:write")]
    scope: String,
    /// The session.
    #[schema(format = "uuid", example = "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55")]
    session_id: String,
}

/// The tokens of a new session, and whose it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// Who is logged in.
    user: User,
    #[serde(flatten)]
    tokens: Tokens,
}

impl From<&app::Tokens> for Tokens {
    fn from(tokens: &app::Tokens) -> Self {
        Self {
            access_token: tokens.access_token.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: tokens.expires_in.as_secs(),
            refresh_token: tokens.refresh_token.expose_secret().to_owned(),
            refresh_expires_at: tokens.refresh_expires_at.to_string(),
            scope: tokens.scopes.to_string(),
            session_id: tokens.session_id.to_string(),
        }
    }
}

impl SignedIn {
    pub(crate) fn new(account: &Account, tokens: &app::Tokens) -> Self {
        Self {
            user: (&account.user).into(),
            tokens: tokens.into(),
        }
    }
}
