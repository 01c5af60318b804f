//! What reads are asked, and what a login finds.

use countersign_domain::audit::Action;
use countersign_domain::id::UserId;
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, RoleName};
use countersign_domain::time::Timestamp;
use countersign_domain::user::UserState;

/// An account with its password hash, if it has one.
#[derive(Clone, Debug)]
pub struct LoginRecord {
    /// The account.
    pub account: Account,
    /// The stored hash.
    pub password: Option<PasswordHash>,
}

/// Which users. Conditions add up.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// In this state.
    pub state: Option<UserState>,
    /// Holding this role.
    pub role: Option<RoleName>,
    /// Whose username or e-mail key begins with this (compared in lower case; no wildcards).
    pub prefix: Option<String>,
}

/// Which audit events. Conditions add up.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// About this user.
    pub user_id: Option<UserId>,
    /// Of this action.
    pub action: Option<Action>,
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}
