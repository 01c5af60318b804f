//! `verifyToken`. A mutation, because its answer must not be cached and a token must not stand in
//! an address, where a query sent by GET would put it.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use countersign_app::verify_token::{ActiveToken, TokenCheck};

use super::date_time::DateTime;
use super::errors::Result;
use super::global_id::GlobalId;
use super::guard::call;
use super::rules::MUTATION;
use super::schema::app;

/// The token to check.
#[derive(InputObject)]
pub struct VerifyTokenInput {
    /// An access token or a personal access token.
    token: String,
}

/// What is known of a token that is good.
#[derive(SimpleObject)]
pub struct VerifiedToken {
    /// The global id of its user.
    user_id: ID,
    /// The id of its user, as the token carries it (`sub`).
    subject: String,
    /// The global id of its session; none for a personal access token.
    session_id: Option<ID>,
    /// What it may do: scopes with spaces between.
    scope: String,
    /// The roles of its user.
    roles: Vec<String>,
    /// Which APIs it is for.
    audiences: Vec<String>,
    /// When it stops being good.
    expires_at: DateTime,
}

/// What is known of a token.
#[derive(SimpleObject)]
pub struct VerifyTokenPayload {
    /// Whether the token is good now. Why it is not is not said: the asker may not be its owner.
    active: bool,
    /// What is known of it, if it is good.
    token: Option<VerifiedToken>,
}

#[derive(Default)]
pub struct VerifyTokenMutation;

#[Object]
impl VerifyTokenMutation {
    /// Tells whether a token is good, for an API that does not check it itself. Changes nothing.
    #[graphql(guard = "MUTATION.verify_token")]
    async fn verify_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to check.")] input: VerifyTokenInput,
    ) -> Result<Option<VerifyTokenPayload>> {
        let check = app(ctx)?
            .verify_token(&input.token, &call(ctx)?.origin)
            .await?;
        Ok(Some(match check {
            TokenCheck::Active(token) => VerifyTokenPayload {
                active: true,
                token: Some(token.into()),
            },
            TokenCheck::Inactive => VerifyTokenPayload {
                active: false,
                token: None,
            },
        }))
    }
}

impl From<ActiveToken> for VerifiedToken {
    fn from(token: ActiveToken) -> Self {
        Self {
            user_id: GlobalId::User(token.user_id).into(),
            subject: token.user_id.to_string(),
            session_id: token.session_id.map(|id| GlobalId::Session(id).into()),
            scope: token.scopes.to_string(),
            roles: token.roles,
            audiences: token.audiences,
            expires_at: token.expires_at.into(),
        }
    }
}
