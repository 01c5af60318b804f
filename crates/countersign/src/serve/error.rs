//! Why the server could not run, and what to do about it.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::compose::ComposeError;

/// The server could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The parts could not be put together.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// An address is taken, or not this machine's.
    #[error("can't listen on {address}: {source}; choose another with {key}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// The setting that names it.
        key: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate or its key can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The system delivers no signals.
    #[error("signals can't be received: {0}")]
    Signals(std::io::Error),
    /// Metrics or logs were set up before in this process.
    #[error("{0} can be set up only once in a process")]
    Twice(&'static str),
    /// The platform does not answer, or not as it should.
    #[error("the runtime interface of AWS Lambda can't be used: {0}")]
    Runtime(String),
    /// The exporter of traces can't be made.
    #[error("traces can't be sent to telemetry.otlp_endpoint: {0}")]
    Telemetry(String),
}

impl ServeError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Compose(error) => error.code(),
            Self::Listen { .. } => "listen",
            Self::Tls(_) => "tls",
            Self::Signals(_) => "signals",
            Self::Twice(_) => "started_twice",
            Self::Runtime(_) => "lambda_runtime",
            Self::Telemetry(_) => "telemetry",
        }
    }
}

/// The certificate or its key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read or is not PEM.
    #[error("{key} {path} can't be read: {reason}", path = .path.display())]
    File {
        /// The setting that names it.
        key: &'static str,
        /// Where.
        path: PathBuf,
        /// Why. It never repeats what the file holds.
        reason: String,
    },
    /// They are read, but don't work together.
    #[error("the certificate and its key can't be used: {0}")]
    Unfit(#[from] rustls::Error),
}
