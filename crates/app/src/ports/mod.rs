//! What the use cases need from outside, as traits: a store, a way to hash passwords, the time,
//! chance, and the master key. The binary picks what stands behind each.

mod ambient;
mod master_key;
mod passwords;
pub mod store;
pub mod store_admin;

pub use ambient::{Clock, Entropy};
pub use master_key::{MasterKey, MasterKeyError};
pub use passwords::{HashingBusy, Passwords, UnknownHash, Verdict};
pub use store::{Store, StoreError};
pub use store_admin::StoreAdmin;
