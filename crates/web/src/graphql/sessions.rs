//! One's own sessions: `sessions`, `endSession`, `endOtherSessions`, `endAllSessions`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use countersign_app::ports::store::SessionEnded;

use super::errors::Result;
use super::failures::NotFound;
use super::global_id::GlobalId;
use super::guard::{call, caller};
use super::rules::{MUTATION, QUERY};
use super::schema::app;
use super::session::Session;

#[derive(Default)]
pub struct SessionsQuery;

#[Object]
impl SessionsQuery {
    /// Where the caller is logged in, the newest session first.
    #[graphql(guard = "QUERY.sessions")]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<Vec<Session>>> {
        let sessions = app(ctx)?.sessions(&caller(ctx)?.principal).await?;
        Ok(Some(
            sessions
                .into_iter()
                .map(|session| Session::new(session, None))
                .collect(),
        ))
    }
}

/// Which session to end.
#[derive(InputObject)]
pub struct EndSessionInput {
    /// The session's global id.
    id: ID,
}

/// The session is ended.
#[derive(SimpleObject)]
pub struct EndSessionSuccess {
    /// The global id of the session.
    id: ID,
}

/// What comes of ending a session.
#[derive(Union)]
pub enum EndSessionResult {
    /// Ended.
    Success(EndSessionSuccess),
    /// The caller has no live session with this id.
    NotFound(NotFound),
}

/// The sessions are ended.
#[derive(SimpleObject)]
pub struct EndSessionsSuccess {
    /// How many were ended.
    pub(super) ended: i64,
}

impl EndSessionsSuccess {
    pub(super) fn new(ended: u64) -> Self {
        Self {
            ended: i64::try_from(ended).unwrap_or(i64::MAX),
        }
    }
}

#[derive(Default)]
pub struct SessionsMutation;

#[Object]
impl SessionsMutation {
    /// Ends one of the caller's own sessions.
    #[graphql(guard = "MUTATION.end_session")]
    async fn end_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: EndSessionInput,
    ) -> Result<Option<EndSessionResult>> {
        let session_id = GlobalId::session(&input.id, "/input/id")?;
        let (caller, origin) = (caller(ctx)?, &call(ctx)?.origin);
        let outcome = app(ctx)?
            .end_session(&caller.principal, session_id, origin)
            .await?;
        Ok(Some(match outcome {
            SessionEnded::Ended => EndSessionResult::Success(EndSessionSuccess { id: input.id }),
            SessionEnded::NotFound => EndSessionResult::NotFound(NotFound::new()),
        }))
    }

    /// Ends all of the caller's sessions but the one that the request is made in.
    #[graphql(guard = "MUTATION.end_other_sessions")]
    async fn end_other_sessions(&self, ctx: &Context<'_>) -> Result<Option<EndSessionsSuccess>> {
        end_sessions(ctx, true).await
    }

    /// Ends all of the caller's sessions, this one too.
    #[graphql(guard = "MUTATION.end_all_sessions")]
    async fn end_all_sessions(&self, ctx: &Context<'_>) -> Result<Option<EndSessionsSuccess>> {
        end_sessions(ctx, false).await
    }
}

async fn end_sessions(ctx: &Context<'_>, keep_this: bool) -> Result<Option<EndSessionsSuccess>> {
    let (caller, origin) = (caller(ctx)?, &call(ctx)?.origin);
    let ended = app(ctx)?
        .end_sessions(&caller.principal, keep_this, origin)
        .await?;
    Ok(Some(EndSessionsSuccess::new(ended)))
}
