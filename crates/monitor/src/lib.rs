//! What each invocation of a function did: kept in bounded memory, counted, and read from logs.
//!
//! An [`Invocation`] is one request to a server, or one call of a Lambda function, with the log lines that
//! it wrote. They come from a [`Kept`] ring that a running server fills, or from the log of a deployed
//! stack by a [`Reader`]; [`overview`] counts them by function and by endpoint. Nothing here has a clock,
//! reads a file or speaks HTTP, and nothing here knows of users or tokens: text that looks like a
//! credential is blotted out before it is kept.

mod discreet;
mod draft;
mod filter;
mod invocation;
mod kept;
mod listing;
mod numbers;
mod overview;
mod read;
mod series;

pub use draft::{Draft, Scalar};
pub use filter::Filter;
pub use invocation::{Connection, Invocation, Line, Outcome};
pub use jiff::Timestamp;
pub use kept::{Kept, Limits, Stock};
pub use listing::{Entry, Listing, find, listing};
pub use numbers::Numbers;
pub use overview::{EndpointRow, FunctionRow, Overview, overview};
pub use read::{Reader, Tally};
pub use series::{Bucket, series};
