//! Changes of users who are there.

use countersign_domain::audit::AuditEvent;
use countersign_domain::email::EmailAddress;
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::names::{Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, RoleName, RoleNames};
use countersign_domain::standing::{By, Lost};
use countersign_domain::time::Timestamp;
use countersign_domain::user::UserState;
use countersign_token::Scopes;

/// See [`Store::update_profile`](crate::ports::Store::update_profile). Outer `None` leaves a part alone; inner `None` clears it.
#[derive(Clone, Debug)]
pub struct UpdateProfile {
    /// On whose word.
    pub by: By,
    /// Whose.
    pub user_id: UserId,
    /// The hash that the caller's password was verified against, if they were asked for it.
    pub proved: Option<PasswordHash>,
    /// The version that the caller saw, if it matters.
    pub expected_version: Option<u64>,
    /// The new username.
    pub username: Option<Option<Username>>,
    /// The new e-mail address; it counts as not verified.
    pub email: Option<Option<EmailAddress>>,
    /// The new display name.
    pub display_name: Option<Option<Label>>,
    /// The present moment.
    pub now: Timestamp,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::update_profile`](crate::ports::Store::update_profile).
#[must_use]
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it lives for a moment, and is matched at once"
)]
pub enum ProfileUpdated {
    /// The user as they are now.
    Updated(Account),
    /// The version is another by now.
    VersionConflict,
    /// Somebody else has the e-mail address.
    EmailTaken,
    /// Somebody else has the username.
    UsernameTaken,
    /// Neither username nor e-mail address would be left.
    NoIdentifierLeft,
    /// The password was changed since it was proved.
    Stale,
    /// There is no such user.
    NotFound,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}

/// See [`Store::change_password`](crate::ports::Store::change_password).
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// On whose word.
    pub by: By,
    /// Whose.
    pub user_id: UserId,
    /// The hash that the old password was verified against; outer `None` for an administrator, who
    /// replaces whatever there is.
    pub expected: Option<Option<PasswordHash>>,
    /// The version of the user that the decision was made on, if it matters.
    pub expected_version: Option<u64>,
    /// The new hash.
    pub new: PasswordHash,
    /// The session that is not ended.
    pub keep_session: Option<SessionId>,
    /// Whether the user's personal access tokens are revoked too.
    pub revoke_personal_tokens: bool,
    /// The present moment.
    pub now: Timestamp,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::change_password`](crate::ports::Store::change_password).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordChanged {
    /// It was replaced, and this many sessions were ended.
    Changed {
        /// How many.
        ended_sessions: u64,
    },
    /// The password, or the user, was changed by another call meanwhile.
    Stale,
    /// There is no such user.
    NotFound,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}

/// See [`Store::set_user_state`](crate::ports::Store::set_user_state).
#[derive(Clone, Debug)]
pub struct SetUserState {
    /// On whose word.
    pub by: By,
    /// Whose.
    pub user_id: UserId,
    /// The new state.
    pub state: UserState,
    /// The version of the user that the decision was made on, if it matters.
    pub expected_version: Option<u64>,
    /// The present moment.
    pub now: Timestamp,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::set_user_state`](crate::ports::Store::set_user_state) and [`Store::change_authority`](crate::ports::Store::change_authority).
#[must_use]
#[derive(Clone, Debug)]
pub enum UserChanged {
    /// The user as they are now.
    Changed(Account),
    /// It would leave no working admin.
    LastAdmin,
    /// The user was changed by another call meanwhile.
    VersionConflict,
    /// There is no such role.
    UnknownRole(RoleName),
    /// There is no such user.
    NotFound,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}

/// See [`Store::delete_user`](crate::ports::Store::delete_user).
#[derive(Clone, Debug)]
pub struct DeleteUser {
    /// On whose word.
    pub by: By,
    /// Whom.
    pub user_id: UserId,
    /// The version of the user that the decision was made on, if it matters.
    pub expected_version: Option<u64>,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::delete_user`](crate::ports::Store::delete_user).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserDeleted {
    /// The user is gone.
    Deleted,
    /// It would leave no working admin.
    LastAdmin,
    /// The user was changed by another call meanwhile.
    VersionConflict,
    /// There is no such user.
    NotFound,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}

/// See [`Store::change_authority`](crate::ports::Store::change_authority).
#[derive(Clone, Debug)]
pub struct ChangeAuthority {
    /// On whose word.
    pub by: By,
    /// Whose.
    pub user_id: UserId,
    /// Roles to grant.
    pub grant_roles: RoleNames,
    /// Roles to revoke.
    pub revoke_roles: RoleNames,
    /// Scopes to grant directly.
    pub grant_scopes: Scopes,
    /// Scopes to revoke from those granted directly.
    pub revoke_scopes: Scopes,
    /// The version of the user that the decision was made on, if it matters.
    pub expected_version: Option<u64>,
    /// The present moment.
    pub now: Timestamp,
    /// The event.
    pub event: AuditEvent,
}
