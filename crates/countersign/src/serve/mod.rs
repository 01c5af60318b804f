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
mod memory;
mod metrics;
mod monitor;
mod ops;
mod pulse;
mod run;
mod signals;
mod started;
mod tls;
mod traces;

pub use error::ServeError;
pub use logs::{Logs, start_logs};
#[cfg(feature = "lambda")]
pub(crate) use memory::peak_bytes;
pub use monitor::kept;
pub use run::{Exit, run};
#[cfg(feature = "lambda")]
pub(crate) use signals::Stop;
pub use started::Started;
