//! The JSON form of sessions.

use countersign_domain::id::SessionId;
use countersign_domain::session;
use serde::Serialize;
use utoipa::ToSchema;

/// One login on one device.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    /// Names the session; the `sid` of its access tokens.
    #[schema(format = "uuid", example = "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55")]
    id: String,
    /// What the client calls the device, or what its `User-Agent` says.
    #[schema(required, example = "Ada's laptop")]
    device: Option<String>,
    /// The client's address at login.
    #[schema(required, example = "198.51.100.7")]
    address: Option<String>,
    /// Whether this is the session of the call.
    current: bool,
    /// How the user proved who they are (RFC 8176).
    amr: Vec<String>,
    /// When the session began.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it was last refreshed.
    #[schema(format = "date-time")]
    last_seen_at: String,
    /// When it ends unless it is refreshed before.
    #[schema(format = "date-time")]
    idle_expires_at: String,
    /// When it ends whatever happens.
    #[schema(format = "date-time")]
    expires_at: String,
}

/// Live sessions, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sessions {
    /// The sessions.
    sessions: Vec<Session>,
}

impl Session {
    fn new(session: &session::Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.to_string(),
            device: session.device.as_ref().map(ToString::to_string),
            address: session.address.map(|address| address.to_string()),
            current: current == Some(session.id),
            amr: session.amr.clone(),
            created_at: session.created_at.to_string(),
            last_seen_at: session.last_seen_at.to_string(),
            idle_expires_at: session.idle_expires_at.to_string(),
            expires_at: session.expires_at.to_string(),
        }
    }
}

impl Sessions {
    pub(crate) fn new(sessions: &[session::Session], current: Option<SessionId>) -> Self {
        Self {
            sessions: sessions
                .iter()
                .map(|one| Session::new(one, current))
                .collect(),
        }
    }
}
