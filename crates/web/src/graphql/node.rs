//! `node`: any object by its global id (Relay's object identification). What an id names decides
//! which rule holds, and it is asked before anything is read: whoever may not see an object does
//! not learn whether there is one (GHSA-mx7m-j9xf-62hw).

use async_graphql::{Context, ID, Interface, Object};
use countersign_domain::access::Denied;

use super::errors::Result;
use super::global_id::GlobalId;
use super::guard::{call, caller};
use super::personal_tokens::PersonalAccessToken;
use super::roles::Role;
use super::rules::{Declared, PERSONAL_TOKEN, QUERY, ROLE, SESSION, USER};
use super::schema::app;
use super::session::Session;
use super::user::User;

/// An object with a global id.
#[derive(Interface)]
#[expect(clippy::large_enum_variant, reason = "there is one of it in a field")]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
pub enum Node {
    /// A user.
    User(User),
    /// A session.
    Session(Session),
    /// A personal access token.
    PersonalAccessToken(PersonalAccessToken),
    /// A role.
    Role(Role),
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with a global id, or null if there is none that the caller can see. It takes the
    /// scope that the object itself takes: `account:read` for one's own, `users:read` for other
    /// users, `roles:read` for roles.
    #[graphql(guard = "QUERY.node")]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The object's global id.")] id: ID,
    ) -> Result<Option<Node>> {
        let (call, app) = (call(ctx)?, app(ctx)?);
        let Some(by) = call.caller.clone() else {
            return Err(Denied::Unauthenticated.into());
        };
        let own = |declared: Declared| declared.of(by.principal.user_id, None);
        match GlobalId::parse(&id) {
            Some(GlobalId::User(id)) => {
                USER.subject.of(id, None).allow(call)?;
                if id == by.principal.user_id {
                    return Ok(Some(Node::User(User::caller(by))));
                }
                Ok(app
                    .user(id)
                    .await?
                    .map(|account| Node::User(User::account(Box::new(account)))))
            }
            Some(GlobalId::Session(id)) => {
                own(SESSION.device).allow(call)?;
                let sessions = app.sessions(&caller(ctx)?.principal).await?;
                let mut sessions = sessions
                    .into_iter()
                    .map(|session| Session::new(session, None));
                Ok(sessions
                    .find(|session| session.key() == id)
                    .map(Node::Session))
            }
            Some(GlobalId::PersonalAccessToken(id)) => {
                own(PERSONAL_TOKEN.name).allow(call)?;
                let tokens = app.personal_tokens(&caller(ctx)?.principal).await?;
                let mut tokens = tokens.into_iter().map(PersonalAccessToken);
                Ok(tokens
                    .find(|token| token.key() == id)
                    .map(Node::PersonalAccessToken))
            }
            Some(GlobalId::Role(name)) => {
                own(ROLE.name).allow(call)?;
                let roles = app.roles().await?;
                let found = roles.into_iter().find(|role| role.name == name);
                Ok(found.map(|role| Node::Role(Role(role))))
            }
            Some(GlobalId::AuditEvent(_)) | None => Ok(None),
        }
    }
}
