//! The `Session` type.

use async_graphql::{Context, ID, Object};
use countersign_domain::access::Principal;
use countersign_domain::id::SessionId;
use countersign_domain::names::Label;
use countersign_domain::session;

use super::date_time::DateTime;
use super::errors::Result;
use super::global_id::GlobalId;
use super::guard::call;
use super::rules::SESSION;

/// A session as an answer shows it.
pub struct Session {
    session: session::Session,
    seen_by: Option<Principal>,
}

impl Session {
    /// A session, seen by somebody other than the request's caller if given.
    pub(super) fn new(session: session::Session, seen_by: Option<Principal>) -> Self {
        Self { session, seen_by }
    }

    /// Which one.
    pub(super) fn key(&self) -> SessionId {
        self.session.id
    }

    fn viewer(&self) -> Option<&Principal> {
        self.seen_by.as_ref()
    }
}

/// One login on one device. What the caller may not see of it is null, with an error.
#[Object]
impl Session {
    /// The global id.
    #[graphql(guard = "SESSION.id")]
    pub(super) async fn id(&self) -> ID {
        GlobalId::Session(self.session.id).into()
    }

    /// Whether it is the session that this request is made in.
    #[graphql(guard = "SESSION.current.of(self.session.user_id, self.viewer())")]
    #[expect(clippy::unused_async, reason = "the engine takes async resolvers")]
    async fn current(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        let looking = match self.viewer() {
            Some(viewer) => Some(viewer),
            None => call(ctx)?.principal(),
        };
        let current = looking.and_then(Principal::session_id);
        Ok(Some(current == Some(self.session.id)))
    }

    /// What the client calls the device, or what its `User-Agent` says.
    #[graphql(guard = "SESSION.device.of(self.session.user_id, self.viewer())")]
    async fn device(&self) -> Option<&str> {
        self.session.device.as_ref().map(Label::as_str)
    }

    /// The client's address at login.
    #[graphql(guard = "SESSION.address.of(self.session.user_id, self.viewer())")]
    async fn address(&self) -> Option<String> {
        self.session.address.map(|address| address.to_string())
    }

    /// How the user proved who they are (RFC 8176), such as `pwd`.
    #[graphql(guard = "SESSION.methods.of(self.session.user_id, self.viewer())")]
    async fn methods(&self) -> Option<Vec<String>> {
        Some(self.session.amr.clone())
    }

    /// When it began.
    #[graphql(guard = "SESSION.created_at.of(self.session.user_id, self.viewer())")]
    async fn created_at(&self) -> Option<DateTime> {
        Some(self.session.created_at.into())
    }

    /// When it was last refreshed.
    #[graphql(guard = "SESSION.last_seen_at.of(self.session.user_id, self.viewer())")]
    async fn last_seen_at(&self) -> Option<DateTime> {
        Some(self.session.last_seen_at.into())
    }

    /// When it ends if nothing happens to it.
    #[graphql(guard = "SESSION.expires_at.of(self.session.user_id, self.viewer())")]
    async fn expires_at(&self) -> Option<DateTime> {
        Some(self.session.ends_at().into())
    }
}
