//! What administrators do, over the network or on the command line.
//!
//! Over the network an administrator is somebody with the scope that the route asks for, who need
//! not be able to do everything. So that a little power does not grow into all of it, nobody acts
//! on a user who may do something here that they may not, and nobody grants what they do not have.
//! Whoever is on the machine's command line has everything already.

mod audit_log;
mod authority;
mod import;
mod roles;
mod users;

pub use authority::{AuthorityChange, AuthorityOutcome};
pub use import::{ImportEntry, ImportReport, ImportedLine};
pub use roles::{RoleDeletion, RoleDefinition};
pub use users::{
    CreateUser, CreateUserOutcome, DeleteOutcome, EndSessionsOutcome, SetPasswordOutcome,
    StateOutcome,
};

use countersign_domain::access::Principal;
use countersign_domain::audit::Actor;
use countersign_domain::id::SessionId;
use countersign_domain::role::scope;
use countersign_token::{Scope, Scopes};

/// Who administers.
#[derive(Clone, Copy, Debug)]
pub enum Admin<'a> {
    /// Somebody on the machine's command line.
    CommandLine,
    /// Somebody over the network, whose scope for the call has been checked.
    Caller(&'a Principal),
}

impl Admin<'_> {
    fn actor(self) -> Actor {
        match self {
            Self::CommandLine => Actor::CommandLine,
            Self::Caller(caller) => caller.actor(),
        }
    }

    fn session_id(self) -> Option<SessionId> {
        match self {
            Self::CommandLine => None,
            Self::Caller(caller) => caller.session_id(),
        }
    }

    /// Whether they may hand out, or act on somebody who has, these scopes: all of the scopes of
    /// our own interfaces among them must be theirs. Scopes of other APIs mean nothing here.
    fn covers(self, scopes: &Scopes) -> bool {
        match self {
            Self::CommandLine => true,
            Self::Caller(caller) => scope::ALL
                .iter()
                .filter_map(|name| name.parse::<Scope>().ok())
                .all(|ours| !scopes.contains(&ours) || caller.scopes.contains(&ours)),
        }
    }
}
