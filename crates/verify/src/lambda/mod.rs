//! Lambda authorizers: the questions of API Gateway and `AppSync`, and answers that are safe to be cached. For those who
//! build an authorizer of their own; the binary `authorizer` is one that is ready to deploy. No runtime in here: an
//! [`Event`] comes in, a [`Decision`] goes out.
//!
//! | Question | Answer |
//! |---|---|
//! | REST API, `TOKEN` and `REQUEST` | an IAM policy for the whole API |
//! | HTTP API, payload 1.0 and 2.0 | the same; for 2.0 yes or no, if asked for |
//! | WebSocket API, `$connect` | an IAM policy for `$connect` |
//! | `AppSync` | yes or no, denied fields, context, time to live |
//!
//! Three properties make the answers safe behind a cache:
//!
//! * A policy covers every route that is listed, for this caller: the gateway may serve it for any of them.
//! * It allows until the token ends (`aws:CurrentTime`), however long the gateway keeps it.
//! * What a wildcard of IAM would let through besides its route is denied, unlisted routes included where that can be
//!   said; what can't be said at all is refused when the map is read.

mod answer;
mod arn;
mod authorizer;
mod decision;
mod denial;
mod event;
mod fields;
mod gateway_cache;
mod glob;
mod path;
mod policy;
mod presented;
mod route_mistake;
mod routes;
mod rule;
mod separable;
mod time;

pub use answer::{Answer, AppSyncAnswer, PolicyAnswer, SimpleAnswer};
pub use authorizer::Authorizer;
pub use decision::{Decision, Failure, Outcome};
pub use event::{Event, EventError, Kind};
pub use fields::{FieldMistake, Fields};
pub use gateway_cache::GatewayCache;
pub use presented::TokenPlaces;
pub use route_mistake::RouteMistake;
pub use routes::Routes;
pub use rule::Rule;
