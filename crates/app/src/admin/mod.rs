//! What administrators do, over the network or on the command line.
//!
//! Over the network an administrator is somebody with the scope that the route asks for, who need
//! not be able to do everything. So that a little power does not grow into all of it, nobody acts
//! on a user who may do something here that they may not, and nobody grants what they do not have.
//! Whoever is on the machine's command line has everything already.

mod audit_log;
mod authority;
mod check_import;
mod check_token;
mod end_session_of;
mod import;
mod remove_keys;
mod roles;
mod users;

pub use authority::{AuthorityChange, AuthorityOutcome};
pub use end_session_of::EndSessionOutcome;
pub use import::{ImportEntry, ImportReport, ImportedLine};
pub use roles::{RoleDefinition, RoleDeletion};
pub use users::{
    CreateUser, CreateUserOutcome, DeleteOutcome, EndSessionsOutcome, SetPasswordOutcome,
    StateOutcome,
};

use countersign_domain::access::Principal;
use countersign_domain::audit::Actor;
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::role::scope;
use countersign_domain::standing::By;
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
    fn is(self, user_id: UserId) -> bool {
        matches!(self, Self::Caller(caller) if caller.user_id == user_id)
    }

    fn actor(self) -> Actor {
        match self {
            Self::CommandLine => Actor::CommandLine,
            Self::Caller(caller) => caller.actor(),
        }
    }

    /// What a change of theirs rests on, for the store to look at once more.
    fn word(self) -> By {
        match self {
            Self::CommandLine => By::Operator,
            Self::Caller(caller) => caller.into(),
        }
    }

    fn session_id(self) -> Option<SessionId> {
        match self {
            Self::CommandLine => None,
            Self::Caller(caller) => caller.session_id(),
        }
    }

    /// Whether they may act on somebody who has these scopes: all of the scopes of our own interfaces
    /// among them must be theirs. Scopes of other APIs mean nothing here.
    fn outranks(self, scopes: &Scopes) -> bool {
        match self {
            Self::CommandLine => true,
            Self::Caller(caller) => scopes
                .iter()
                .all(|scope| !is_ours(scope) || caller.scopes.contains(scope)),
        }
    }

    /// Whether they may hand out these scopes: whoever has all of ours may hand out any, and others
    /// those that they have.
    fn may_grant(self, scopes: &Scopes) -> bool {
        match self {
            Self::CommandLine => true,
            Self::Caller(caller) => {
                let has_all = scope::ALL.iter().all(|ours| caller.scopes.contains(*ours));
                has_all || scopes.is_subset(&caller.scopes)
            }
        }
    }
}

fn is_ours(scope: &Scope) -> bool {
    scope::ALL.contains(&scope.as_str())
}

/// Whether a token can carry these scopes: 200 of them at most, 4,096 characters together. A token
/// travels in a header, and headers have limits everywhere.
fn fits_a_token(scopes: &Scopes) -> bool {
    scopes.len() <= 200
        && scopes
            .iter()
            .map(|scope| scope.as_str().len() + 1)
            .sum::<usize>()
            <= 4096
}
