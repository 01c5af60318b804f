//! The audit log: `auditEvents`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use countersign_app::ports::store::AuditFilter;
use countersign_domain::audit::{self, Action, Actor};

use super::date_time::DateTime;
use super::errors::{Fault, Result};
use super::global_id::GlobalId;
use super::paging::{PageArguments, connection, lay_out};
use super::rules::{AUDIT_EVENT, QUERY};
use super::schema::app;

/// An audit event as an answer shows it.
pub struct AuditEvent(audit::AuditEvent);

/// A name and a value that are worth knowing of an event.
#[derive(SimpleObject)]
pub struct AuditDetail {
    /// What it is.
    name: String,
    /// What it was.
    value: String,
}

/// Who did what to whom, when and from where.
#[Object]
impl AuditEvent {
    /// The global id.
    #[graphql(guard = "AUDIT_EVENT.id")]
    async fn id(&self) -> ID {
        GlobalId::AuditEvent(self.0.id).into()
    }

    /// When.
    #[graphql(guard = "AUDIT_EVENT.at")]
    async fn at(&self) -> Option<DateTime> {
        Some(self.0.at.into())
    }

    /// What was done, by a stable name such as `session.logged_in`.
    #[graphql(guard = "AUDIT_EVENT.action")]
    async fn action(&self) -> Option<&str> {
        Some(self.0.action.as_str())
    }

    /// Who did it: `user:` or `personal_token:` with an id, `anonymous`, `command_line` or
    /// `system`.
    #[graphql(guard = "AUDIT_EVENT.actor")]
    async fn actor(&self) -> Option<String> {
        Some(match self.0.actor {
            Actor::User(id) => format!("user:{id}"),
            Actor::PersonalToken(id) => format!("personal_token:{id}"),
            Actor::Anonymous => "anonymous".to_owned(),
            Actor::CommandLine => "command_line".to_owned(),
            Actor::System => "system".to_owned(),
        })
    }

    /// The global id of the user it was done to, if to one.
    #[graphql(guard = "AUDIT_EVENT.user_id")]
    async fn user_id(&self) -> Option<ID> {
        self.0.user_id.map(|id| GlobalId::User(id).into())
    }

    /// The global id of the session it was done in or to, if one.
    #[graphql(guard = "AUDIT_EVENT.session_id")]
    async fn session_id(&self) -> Option<ID> {
        self.0.session_id.map(|id| GlobalId::Session(id).into())
    }

    /// The client's address, if over the network.
    #[graphql(guard = "AUDIT_EVENT.address")]
    async fn address(&self) -> Option<String> {
        self.0.address.map(|address| address.to_string())
    }

    /// The id of the request, if over the network.
    #[graphql(guard = "AUDIT_EVENT.request_id")]
    async fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// What else is worth knowing.
    #[graphql(guard = "AUDIT_EVENT.details")]
    async fn details(&self) -> Option<Vec<AuditDetail>> {
        let detail = |(name, value): (&String, &String)| AuditDetail {
            name: name.clone(),
            value: value.clone(),
        };
        Some(self.0.detail.iter().map(detail).collect())
    }
}

connection!(
    AuditEventConnection,
    AuditEventEdge,
    AuditEvent,
    "audit events",
    "audit event"
);

/// Which audit events. Conditions add up.
#[derive(InputObject)]
pub struct AuditFilterInput {
    /// About the user with this global id.
    user_id: Option<ID>,
    /// Of the action with this name, such as `session.logged_in`.
    action: Option<String>,
    /// From this moment on.
    since: Option<DateTime>,
    /// Before this moment.
    until: Option<DateTime>,
}

#[derive(Default)]
pub struct AuditLogQuery;

#[Object]
impl AuditLogQuery {
    /// The audit log in the order of time, page by page.
    #[graphql(guard = "QUERY.audit_events")]
    async fn audit_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Forwards: how many, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Forwards: after the item with this cursor.")] after: Option<String>,
        #[graphql(desc = "Backwards: how many, 1 to 100; 20 if left out.")] last: Option<i32>,
        #[graphql(desc = "Backwards: before the item with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which events; all if left out.")] filter: Option<AuditFilterInput>,
    ) -> Result<Option<AuditEventConnection>> {
        let request = PageArguments {
            first,
            after,
            last,
            before,
        }
        .request()?;
        let filter = filter.map(read_filter).transpose()?.unwrap_or_default();
        let page = app(ctx)?.audit_events(&filter, &request).await?;
        let (items, page_info) = lay_out(page, &request, |event| *event.id.as_uuid());
        let edge = |(cursor, event)| AuditEventEdge {
            cursor,
            node: AuditEvent(event),
        };
        let edges = items.into_iter().map(edge).collect();
        Ok(Some(AuditEventConnection { edges, page_info }))
    }
}

fn read_filter(filter: AuditFilterInput) -> Result<AuditFilter> {
    let action = |name: String| {
        Action::from_name(&name)
            .ok_or_else(|| Fault::input("/filter/action", "there is no action with this name"))
    };
    Ok(AuditFilter {
        user_id: filter
            .user_id
            .map(|id| GlobalId::user(&id, "/filter/userId"))
            .transpose()?,
        action: filter.action.map(action).transpose()?,
        since: filter.since.map(|at| at.0),
        until: filter.until.map(|at| at.0),
    })
}
