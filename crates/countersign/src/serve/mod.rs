//! The running server: listeners, connections, TLS, metrics, health, logs, what is done in the
//! background, and how all of it ends without a failed request. It knows nothing of users or
//! tokens; requests go to the router of `countersign_web` as they come.

mod accept;
mod background;
mod connection;
mod drain;
mod error;
mod fields;
mod files;
mod gate;
mod jitter;
mod logs;
mod metrics;
mod ops;
mod pulse;
mod run;
mod signals;
mod started;
mod tls;
mod traces;

pub use error::ServeError;
pub use logs::{Logs, start_logs};
pub use run::{Exit, run};
pub use started::Started;
