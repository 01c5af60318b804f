//! What a store is asked to do, and what comes of it: the commands and outcomes of the methods of
//! [`Store`](super::Store). A type for each, so that no store gets to guess.

mod personal_tokens;
mod reads;
mod roles;
mod sessions;
mod sign_up;
mod upkeep;
mod users;

pub use personal_tokens::{CreatePersonalToken, PersonalTokenCreated};
pub use reads::{AuditFilter, LoginRecord, UserFilter};
pub use roles::{DefineRole, DeleteRole, RoleDefined, RoleDeleted};
pub use sessions::{
    EndSession, EndSessions, OpenSession, RotateRefresh, Rotated, SessionEnded, SessionOpened,
};
pub use sign_up::{Idempotency, ImportUser, Imported, SignUp, SignedUp};
pub use upkeep::{ChangeKeys, ClaimTask, KeysChanged, Prune, Pruned};
pub use users::{
    ChangeAuthority, ChangePassword, DeleteUser, PasswordChanged, ProfileUpdated, SetUserState,
    UpdateProfile, UserChanged, UserDeleted,
};
