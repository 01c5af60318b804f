//! The tokens that signing up, logging in and refreshing give, in the names of RFC 6749 §5.1.

use async_graphql::{ID, Interface, SimpleObject};
use countersign_app::Tokens;
use countersign_domain::access::{Principal, Proof};
use countersign_domain::opaque::expose;
use countersign_domain::role::Account;

use super::date_time::DateTime;
use super::global_id::GlobalId;
use super::user::User;

/// Tokens that were granted to a client. Send the access token as `Authorization: Bearer …`.
#[derive(Interface)]
#[expect(clippy::enum_variant_names, reason = "the names of the types")]
#[expect(
    clippy::duplicated_attributes,
    reason = "each `field` has a type of its own"
)]
#[graphql(
    field(
        name = "access_token",
        ty = "&String",
        desc = "The token to call APIs with."
    ),
    field(name = "token_type", ty = "&String", desc = "Always `Bearer`."),
    field(
        name = "expires_in",
        ty = "&i64",
        desc = "How long the access token lives, in seconds."
    ),
    field(
        name = "refresh_token",
        ty = "&String",
        desc = "The token that gets the next ones; it works once."
    ),
    field(
        name = "refresh_expires_at",
        ty = "&DateTime",
        desc = "When the refresh token is of no more use."
    ),
    field(
        name = "scope",
        ty = "&String",
        desc = "What the access token may do: scopes with spaces between."
    ),
    field(
        name = "session_id",
        ty = "&ID",
        desc = "The session that the tokens belong to."
    ),
    field(name = "user", ty = "&User", desc = "Whose tokens they are.")
)]
pub enum TokenGrant {
    /// By signing up.
    SignupSuccess(SignupSuccess),
    /// By logging in.
    LoginSuccess(LoginSuccess),
    /// By a refresh token.
    RefreshSuccess(RefreshSuccess),
}

macro_rules! grants {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(SimpleObject)]
        pub struct $name {
            /// The token to call APIs with.
            pub access_token: String,
            /// Always `Bearer`.
            pub token_type: String,
            /// How long the access token lives, in seconds.
            pub expires_in: i64,
            /// The token that gets the next ones; it works once.
            pub refresh_token: String,
            /// When the refresh token is of no more use.
            pub refresh_expires_at: DateTime,
            /// What the access token may do: scopes with spaces between.
            pub scope: String,
            /// The session that the tokens belong to.
            pub session_id: ID,
            /// Whose tokens they are.
            pub user: User,
        }

        impl $name {
            pub(super) fn new(account: Box<Account>, tokens: Tokens) -> Self {
                let viewer = Principal {
                    user_id: account.user.id,
                    proof: Proof::Session(tokens.session_id),
                    scopes: tokens.scopes.clone(),
                };
                Self {
                    access_token: expose(&tokens.access_token).to_owned(),
                    token_type: "Bearer".to_owned(),
                    expires_in: i64::try_from(tokens.expires_in.as_secs()).unwrap_or(i64::MAX),
                    refresh_token: expose(&tokens.refresh_token).to_owned(),
                    refresh_expires_at: tokens.refresh_expires_at.into(),
                    scope: tokens.scopes.to_string(),
                    session_id: GlobalId::Session(tokens.session_id).into(),
                    user: User::seen_by(viewer, account),
                }
            }
        }
    )* };
}

grants! {
    /// The account is made, and its first session is open.
    SignupSuccess
    /// A session is open.
    LoginSuccess
    /// The refresh token was exchanged; the one that was given is spent.
    RefreshSuccess
}
