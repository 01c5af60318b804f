//! The Amazon `DynamoDB` store: one table, reached by the AWS SDK.
//!
//! Every intent of the port is one `TransactWriteItems` whose conditions say on what it was decided:
//! the service commits all of it or nothing, beside any number of others. What can be judged by
//! conditions alone (a sign-up, the good way of a refresh) is sent without a read before it; what
//! has to be decided first is read consistently, and written under the condition that the user's
//! revision is still the one that was read; if it is not, the intent begins again. A transaction
//! that met another one, or was throttled, is tried again within the call's deadline, and one whose
//! answer got lost is repeated under the same token, which makes the service carry out one of them.
//!
//! What can be more than one transaction takes is made void first, by one small change: sessions by
//! counting up their user's epoch, a role by its generation, a deleted user's things by their
//! absence. The rest is tidied up afterwards, and may be interrupted.
//!
//! All reads that something is decided on are strongly consistent reads of the table; the one index
//! only finds candidates to clear away. No request scans. Time to live deletes what has long been
//! over; whether something is over is never left to it. It needs the layout that `countersign
//! migrate` makes, and the permissions in `docs/stores/dynamodb.md`, where the layout stands too.

mod accounts;
mod address;
mod admin;
mod audit;
mod cells;
mod deletion;
mod error;
mod key_rows;
mod layout;
mod migrations;
mod new_users;
mod open_session;
mod options;
mod owners;
mod pages;
mod personal_tokens;
mod problems;
mod prune;
mod records;
mod requests;
mod roles;
mod rotate;
mod service;
mod session_rows;
mod sessions;
mod standing;
mod store;
mod table;
mod tasks;
mod together;
mod token_rows;
mod transaction;
mod transport;
mod user_lists;
mod user_rows;
mod users;

use std::fmt;

pub use error::DynamoDbError;
pub use options::DynamoDbOptions;

use address::Address;
use owners::Owners;
use service::Service;

/// The store.
pub struct DynamoDbStore {
    service: Service,
    owners: Owners,
}

impl DynamoDbStore {
    /// Reads the address and the options. Asks nobody: credentials are looked for and connections
    /// are made at the first call.
    pub fn new(url: &str, options: DynamoDbOptions) -> Result<Self, DynamoDbError> {
        let address = Address::parse(url)?;
        let DynamoDbOptions { limits, ca_file } = options;
        let authorities = transport::authorities(ca_file.as_deref())?;
        let idle = usize::try_from(limits.connections).unwrap_or(usize::MAX);
        let http = transport::client(authorities, idle);
        Ok(Self {
            service: Service::new(address, limits, http),
            owners: Owners::default(),
        })
    }

    /// The address, for messages. It never holds a credential.
    pub fn address(&self) -> String {
        self.service.address.shown()
    }
}

impl fmt::Debug for DynamoDbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynamoDbStore({})", self.address())
    }
}
