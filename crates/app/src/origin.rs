//! Where a call comes from.

use std::collections::BTreeMap;
use std::net::IpAddr;

use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, SessionId, UserId};
use countersign_domain::names::Label;
use countersign_domain::time::Timestamp;

use crate::App;

/// Where a call comes from, as far as the transport knows: the address is the client's own only
/// where the peer is a trusted proxy or the client itself.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// The request's id, for the audit log.
    pub request_id: Option<String>,
    /// What the client says it is.
    pub user_agent: Option<String>,
}

impl Origin {
    /// The label of a device: the one given, or the client's `User-Agent`.
    pub(crate) fn device(&self, given: Option<Label>) -> Option<Label> {
        given.or_else(|| self.user_agent.as_deref().and_then(Label::lenient))
    }
}

impl App {
    /// An audit event of this moment.
    pub(crate) fn event(
        &self,
        origin: &Origin,
        actor: Actor,
        action: Action,
        user_id: Option<UserId>,
        session_id: Option<SessionId>,
    ) -> AuditEvent {
        let at = self.now();
        AuditEvent {
            id: EventId::from_parts(at, self.ports.entropy.bytes()),
            at,
            actor,
            action,
            user_id,
            session_id,
            address: origin.address,
            request_id: origin.request_id.clone(),
            detail: BTreeMap::new(),
        }
    }

    /// The time and ten random bytes that an id is made of.
    pub(crate) fn id_parts(&self) -> (Timestamp, [u8; 10]) {
        (self.now(), self.ports.entropy.bytes())
    }
}
