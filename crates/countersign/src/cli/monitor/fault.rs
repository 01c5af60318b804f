//! Why a server did not say what it knows.

/// A server did not say what it knows.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ServerFault {
    #[error("{server} does not answer: {reason}; is it running, and is --server right?")]
    Unreachable { server: String, reason: String },
    #[error("{0} does not take this token: it is expired, revoked, or another server's")]
    Unauthenticated(String),
    #[error(
        "the token may not see this: it needs the scope monitor:read, which the role admin has"
    )]
    Forbidden,
    #[error("{0} keeps nothing (`monitor.entries` is 0), or is no Countersign server")]
    Nothing(String),
    #[error("{server} answered {status}: {said}")]
    Failed {
        server: String,
        status: u16,
        said: String,
    },
    #[error("{0} answered something else than this version knows: are both of one version?")]
    Unknown(String),
}
