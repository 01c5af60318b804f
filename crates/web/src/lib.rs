//! REST and GraphQL over HTTP: input to typed command, outcome to answer, and no rules in between.
//!
//! [`router`] is the whole of it. A request passes the [`kernel`], then the rule of its route (REST)
//! or of each field (GraphQL), then a handler that turns input into a command of `app` and the
//! outcome into an answer, or into a [`problem::Problem`].

pub mod call;
pub mod console;
pub mod graphql;
mod input;
pub mod kernel;
pub mod openapi;
pub mod problem;
pub mod rest;
mod router;
pub mod state;
mod well_known;

pub use call::Call;
pub use kernel::{Invocation, Observed, Start, Unready};
pub use router::router;
pub use state::{GraphqlSettings, WebSettings, WebState};
