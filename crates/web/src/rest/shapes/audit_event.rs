//! The JSON form of audit events.

use std::collections::BTreeMap;

use countersign_domain::audit;
use serde::Serialize;
use utoipa::ToSchema;

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Actor {
    /// `user`, `personal_token`, `anonymous`, `command_line` or `system`.
    #[schema(example = "user")]
    kind: &'static str,
    /// The user or the personal access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid", example = "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55")]
    id: Option<String>,
}

/// One line of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEvent {
    /// Names the event; ids sort by time.
    #[schema(format = "uuid", example = "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55")]
    id: String,
    /// When.
    #[schema(format = "date-time", example = "2026-01-31T12:00:00.000Z")]
    at: String,
    /// Who did it.
    actor: Actor,
    /// What was done.
    #[schema(example = "session.logged_in")]
    action: &'static str,
    /// To which user, if to one.
    #[schema(required, format = "uuid")]
    user_id: Option<String>,
    /// In or to which session, if one.
    #[schema(required, format = "uuid")]
    session_id: Option<String>,
    /// From which address, if over the network.
    #[schema(required, example = "198.51.100.7")]
    address: Option<String>,
    /// In which request, if over the network.
    #[schema(required)]
    request_id: Option<String>,
    /// What else is worth knowing.
    detail: BTreeMap<String, String>,
}

/// A page of the audit log, in the order of time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEvents {
    /// The events.
    pub(crate) events: Vec<AuditEvent>,
    /// What `after` takes for the next page; `null` if there is none.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
    /// What `before` takes for the page before; `null` if there is none.
    #[schema(required)]
    pub(crate) prev_cursor: Option<String>,
}

impl From<audit::Actor> for Actor {
    fn from(actor: audit::Actor) -> Self {
        let (kind, id) = match actor {
            audit::Actor::User(id) => ("user", Some(id.to_string())),
            audit::Actor::PersonalToken(id) => ("personal_token", Some(id.to_string())),
            audit::Actor::Anonymous => ("anonymous", None),
            audit::Actor::CommandLine => ("command_line", None),
            audit::Actor::System => ("system", None),
        };
        Self { kind, id }
    }
}

impl From<&audit::AuditEvent> for AuditEvent {
    fn from(event: &audit::AuditEvent) -> Self {
        Self {
            id: event.id.to_string(),
            at: event.at.to_string(),
            actor: event.actor.into(),
            action: event.action.as_str(),
            user_id: event.user_id.map(|id| id.to_string()),
            session_id: event.session_id.map(|id| id.to_string()),
            address: event.address.map(|address| address.to_string()),
            request_id: event.request_id.clone(),
            detail: event.detail.clone(),
        }
    }
}
