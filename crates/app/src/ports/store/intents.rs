//! What a store is asked to do, and what comes of it: the commands and outcomes of the methods of
//! [`Store`](super::Store). A type for each, so that no store gets to guess.

use countersign_domain::audit::{Action, AuditEvent};
use countersign_domain::email::EmailAddress;
use countersign_domain::gate::Refusal;
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::keys::KeyRecord;
use countersign_domain::names::{Label, Username};
use countersign_domain::opaque::TokenHash;
use countersign_domain::password::PasswordHash;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::refresh::Presented;
use countersign_domain::role::{Account, Role, RoleName, RoleNames};
use countersign_domain::session::{EndReason, Session};
use countersign_domain::standing::{By, Lost};
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use countersign_token::{KeyId, Scopes};
use std::time::Duration;

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

/// See [`Store::sign_up`](super::Store::sign_up).
#[derive(Clone, Debug)]
pub struct SignUp {
    /// On whose word.
    pub by: By,
    /// The user to make.
    pub user: User,
    /// Their password hash.
    pub password: Option<PasswordHash>,
    /// The session to open at once.
    pub session: Option<Session>,
    /// Makes a repeated call harmless.
    pub idempotency: Option<Idempotency>,
    /// The event.
    pub event: AuditEvent,
}

/// An `Idempotency-Key`, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// SHA-256 of the key the client sent.
    pub key: TokenHash,
    /// SHA-256 of the request without its password.
    pub request: TokenHash,
    /// The present moment: an expired key counts as none.
    pub now: Timestamp,
    /// When the key is forgotten.
    pub expires_at: Timestamp,
}

/// See [`Store::sign_up`](super::Store::sign_up).
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedUp {
    /// The user was made.
    Created,
    /// Somebody has the e-mail address.
    EmailTaken,
    /// Somebody has the username.
    UsernameTaken,
    /// The same request with this idempotency key made this user before.
    Repeated(UserId),
    /// The idempotency key came with another request before.
    KeyReused,
    /// A role that the user is to hold does not exist.
    UnknownRole,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}

/// See [`Store::import_users`](super::Store::import_users).
#[derive(Clone, Debug)]
pub struct ImportUser {
    /// The user to make.
    pub user: User,
    /// Their password hash.
    pub password: Option<PasswordHash>,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::import_users`](super::Store::import_users).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// The user was made.
    Created,
    /// There is a user with this id, or with the same e-mail key and username, already.
    AlreadyThere,
    /// Somebody else has the e-mail address.
    EmailTaken,
    /// Somebody else has the username.
    UsernameTaken,
    /// A role that the user is to hold does not exist.
    UnknownRole,
}

/// See [`Store::update_profile`](super::Store::update_profile). Outer `None` leaves a part alone; inner `None` clears it.
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

/// See [`Store::update_profile`](super::Store::update_profile).
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

/// See [`Store::change_password`](super::Store::change_password).
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

/// See [`Store::change_password`](super::Store::change_password).
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

/// See [`Store::set_user_state`](super::Store::set_user_state).
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

/// See [`Store::set_user_state`](super::Store::set_user_state) and [`Store::change_authority`](super::Store::change_authority).
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

/// See [`Store::delete_user`](super::Store::delete_user).
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

/// See [`Store::delete_user`](super::Store::delete_user).
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

/// See [`Store::change_authority`](super::Store::change_authority).
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

/// See [`Store::open_session`](super::Store::open_session).
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// The session. The present moment is its `created_at`.
    pub session: Session,
    /// The hash that the password was verified against.
    pub proved: Option<PasswordHash>,
    /// The hash to store in its place.
    pub rehash: Option<PasswordHash>,
    /// The most live sessions the user may have, this one included; at least 1.
    pub max_sessions: u32,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::open_session`](super::Store::open_session).
#[must_use]
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it lives for a moment, and is matched at once"
)]
pub enum SessionOpened {
    /// The session is open.
    Opened {
        /// The account as it stood in the change.
        account: Account,
        /// How many sessions had to go.
        displaced: u64,
    },
    /// The gate said no.
    Refused(Refusal),
    /// The password was changed since it was proved, or the user is gone.
    Stale,
}

/// See [`Store::rotate`](super::Store::rotate).
#[derive(Clone, Debug)]
pub struct RotateRefresh {
    /// Whose token family it is.
    pub session_id: SessionId,
    /// The token that came in.
    pub presented: Presented,
    /// The hash of its successor, should this call be the one that rotates.
    pub successor: TokenHash,
    /// What the successor was derived with.
    pub nonce: [u8; 32],
    /// How long a repeated call gets the same answer.
    pub retry_window: Duration,
    /// The present moment.
    pub now: Timestamp,
    /// When the session then idles out.
    pub idle_expires_at: Timestamp,
    /// The event if it rotates.
    pub event: AuditEvent,
    /// The event if it is a reuse.
    pub reuse_event: AuditEvent,
}

/// See [`Store::rotate`](super::Store::rotate).
#[must_use]
#[derive(Clone, Debug)]
pub enum Rotated {
    /// This call rotated: the session and account as they stand now.
    Rotated(Session, Account),
    /// Another call rotated a moment ago; derive the same successor with this nonce.
    Retried {
        /// What the current token was derived with.
        nonce: [u8; 32],
        /// The session.
        session: Session,
        /// The account.
        account: Account,
    },
    /// The token was spent before; the session is ended.
    Reused {
        /// Whose it was.
        user_id: UserId,
    },
    /// The gate said no.
    Refused(Refusal),
    /// There is no such session or token.
    Unknown,
}

/// See [`Store::end_session`](super::Store::end_session).
#[derive(Clone, Debug)]
pub struct EndSession {
    /// Whose.
    pub user_id: UserId,
    /// Which.
    pub session_id: SessionId,
    /// Why.
    pub reason: EndReason,
    /// The present moment.
    pub now: Timestamp,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::end_session`](super::Store::end_session).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnded {
    /// It is ended.
    Ended,
    /// The user has no live session with this id.
    NotFound,
}

/// See [`Store::end_sessions`](super::Store::end_sessions).
#[derive(Clone, Debug)]
pub struct EndSessions {
    /// Whose.
    pub user_id: UserId,
    /// All but this one.
    pub keep: Option<SessionId>,
    /// Why.
    pub reason: EndReason,
    /// The present moment.
    pub now: Timestamp,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::create_personal_token`](super::Store::create_personal_token).
#[derive(Clone, Debug)]
pub struct CreatePersonalToken {
    /// On whose word.
    pub by: By,
    /// The token. The present moment is its `created_at`.
    pub token: PersonalToken,
    /// The most live tokens that a user may have.
    pub max_tokens: u32,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::create_personal_token`](super::Store::create_personal_token).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonalTokenCreated {
    /// It is kept.
    Created,
    /// The user has the most that are allowed.
    TooMany,
    /// The gate said no.
    Refused(Refusal),
    /// There is no such user.
    NotFound,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}

/// See [`Store::define_role`](super::Store::define_role).
#[derive(Clone, Debug)]
pub struct DefineRole {
    /// On whose word.
    pub by: By,
    /// The role.
    pub role: Role,
    /// The event; its moment is the moment of the change.
    pub event: AuditEvent,
}

/// See [`Store::define_role`](super::Store::define_role).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleDefined {
    /// There was none with this name.
    Created,
    /// There was one, and it is changed.
    Changed,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}

/// See [`Store::delete_role`](super::Store::delete_role).
#[derive(Clone, Debug)]
pub struct DeleteRole {
    /// On whose word.
    pub by: By,
    /// The role's name.
    pub name: RoleName,
    /// The event; its moment is the moment of the change.
    pub event: AuditEvent,
}

/// See [`Store::delete_role`](super::Store::delete_role).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleDeleted {
    /// It is gone, and nobody holds it.
    Deleted,
    /// There is none with this name.
    NotFound,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}

/// See [`Store::change_keys`](super::Store::change_keys).
#[derive(Clone, Debug)]
pub struct ChangeKeys {
    /// The version that the change was planned on.
    pub expected_version: u64,
    /// Keys to keep.
    pub add: Vec<KeyRecord>,
    /// Keys to retire: which, when, and when they are dead.
    pub retire: Vec<(KeyId, Timestamp, Timestamp)>,
    /// Keys to delete.
    pub remove: Vec<KeyId>,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::change_keys`](super::Store::change_keys).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysChanged {
    /// They are changed.
    Changed,
    /// Another change came between.
    Stale,
}

/// See [`Store::claim_task`](super::Store::claim_task).
#[derive(Clone, Copy, Debug)]
pub struct ClaimTask {
    /// Names the task.
    pub task: &'static str,
    /// The present moment.
    pub now: Timestamp,
    /// How often the task is due.
    pub every: Duration,
}

/// See [`Store::prune`](super::Store::prune).
#[derive(Clone, Debug)]
pub struct Prune {
    /// What ended or expired before this goes.
    pub before: Timestamp,
    /// Audit events older than this go; `None` keeps them all.
    pub audit_before: Option<Timestamp>,
    /// How many of each at most.
    pub limit: u32,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::prune`](super::Store::prune).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many sessions went.
    pub sessions: u64,
    /// How many personal access tokens went.
    pub personal_tokens: u64,
    /// How many idempotency keys went.
    pub idempotency_keys: u64,
    /// How many audit events went.
    pub audit_events: u64,
}
