//! What an operator may choose beside the address.

use std::path::PathBuf;

use countersign_app::ports::store::StoreLimits;

/// See [`MongoDbStore::new`](crate::MongoDbStore::new).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MongoDbOptions {
    /// How much of the server this instance may use, and how long it waits for it.
    pub limits: StoreLimits,
    /// A file of PEM certificates that the server's certificate must come from, in place of the
    /// public authorities.
    pub ca_file: Option<PathBuf>,
}
