//! The store: everything that outlives a process.
//!
//! Reads answer one question each. Writes are named intents: each is one whole change, atomic with
//! its audit event, whatever the engine. Each promise in a doc comment here is proved by the
//! conformance suite, under a race where there can be one, on every backend.
//!
//! An intent that says on whose word it is made ([`By`](countersign_domain::standing::By)) is judged
//! once more inside the change: a caller whose session ended, whose token was revoked, whose account
//! was shut, or who may do less than when it was decided on, changes nothing (`CallerLost`). A change
//! that takes any of that away and one on the caller's word are in an order, and both know it.

mod activity;
mod intents;
mod limits;

use async_trait::async_trait;
use countersign_domain::audit::AuditEvent;
use countersign_domain::id::{PersonalTokenId, SessionId, UserId};
use countersign_domain::keys::KeySet;
use countersign_domain::names::Identifier;
use countersign_domain::page::{Page, PageRequest};
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::{Account, Role};
use countersign_domain::session::Session;
use countersign_domain::time::Timestamp;
use countersign_domain::user::User;

pub use activity::{Activity, ActivityCounter, Connection, noting_connections};
pub use intents::{
    AuditFilter, ChangeAuthority, ChangeKeys, ChangePassword, ClaimTask, CreatePersonalToken,
    DefineRole, DeleteRole, DeleteUser, EndSession, EndSessions, Idempotency, ImportUser, Imported,
    KeysChanged, LoginRecord, OpenSession, PasswordChanged, PersonalTokenCreated, ProfileUpdated,
    Prune, Pruned, RoleDefined, RoleDeleted, RotateRefresh, Rotated, SessionEnded, SessionOpened,
    SetUserState, SignUp, SignedUp, UpdateProfile, UserChanged, UserDeleted, UserFilter,
};
pub use limits::StoreLimits;

/// The store could not answer. Never a reason to let anybody in.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is out of reach or too busy for now; nothing was changed as far as is known.
    #[error("the store can't answer now: {0}")]
    Unavailable(String),
    /// What it holds can't be read, or it answered what it never should.
    #[error("the store holds what it should not: {0}")]
    Corrupt(String),
}

/// What a store answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// Remembers users, sessions, tokens, roles, keys and the audit log.
#[async_trait]
pub trait Store: Send + Sync {
    // ── Reads ────────────────────────────────────────────────────────────────────────────────

    /// A user and the roles they hold. One round trip.
    async fn account(&self, id: UserId) -> StoreResult<Option<Account>>;

    /// What a login needs: the account behind an identifier and its password hash. One round trip.
    async fn login_record(&self, identifier: &Identifier) -> StoreResult<Option<LoginRecord>>;

    /// The same by id, for a password change.
    async fn login_record_by_id(&self, id: UserId) -> StoreResult<Option<LoginRecord>>;

    /// A session, ended or not, and its account.
    async fn session(&self, id: SessionId) -> StoreResult<Option<(Session, Account)>>;

    /// The same for a call with an access token, which names the user too: `None` if the session
    /// is another user's. One round trip.
    async fn session_of(
        &self,
        user_id: UserId,
        id: SessionId,
    ) -> StoreResult<Option<(Session, Account)>>;

    /// What a call with a personal access token needs. One round trip.
    async fn personal_token(
        &self,
        id: PersonalTokenId,
    ) -> StoreResult<Option<(PersonalToken, Account)>>;

    /// The sessions of a user that live at `now`, the newest first. There are never more than the
    /// limit that [`OpenSession::max_sessions`] sets.
    async fn live_sessions(&self, user_id: UserId, now: Timestamp) -> StoreResult<Vec<Session>>;

    /// The tokens of a user that are neither revoked nor expired at `now`, the newest first.
    async fn live_personal_tokens(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> StoreResult<Vec<PersonalToken>>;

    /// Users in the order of their ids, that is, of their making.
    async fn users(&self, filter: &UserFilter, page: &PageRequest) -> StoreResult<Page<User>>;

    /// Users with their password hashes, for an export, in the order of their ids.
    async fn login_records(&self, page: &PageRequest) -> StoreResult<Page<LoginRecord>>;

    /// The stored roles (the built-in ones are code), by name.
    async fn roles(&self) -> StoreResult<Vec<Role>>;

    /// Audit events in the order of their ids, that is, of time. The id of an event carries its
    /// `at`, so a store may look for a span of time as a span of ids.
    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> StoreResult<Page<AuditEvent>>;

    /// All keys.
    async fn keys(&self) -> StoreResult<KeySet>;

    /// Whether the store can be read and written: for readiness.
    async fn ping(&self) -> StoreResult<()>;

    /// What the store counted about itself since it was made.
    fn activity(&self) -> Activity;

    // ── Accounts ─────────────────────────────────────────────────────────────────────────────

    /// Makes a user, with a password and a first session if given. Of any number of simultaneous
    /// calls for one e-mail key, username or idempotency key, exactly one makes a user. Refuses roles
    /// that do not exist, under a race with their deletion, too.
    async fn sign_up(&self, intent: SignUp) -> StoreResult<SignedUp>;

    /// Makes up to 1,000 users, each whole or not at all; what is there already is left as it is.
    /// The answers come in the order of the users.
    async fn import_users(&self, users: Vec<ImportUser>) -> StoreResult<Vec<Imported>>;

    /// Changes the parts of a profile that are given, and counts the version up, if the password that
    /// was proved is still theirs.
    async fn update_profile(&self, intent: UpdateProfile) -> StoreResult<ProfileUpdated>;

    /// Replaces the password if the stored hash and the version are still the expected ones, ends
    /// all sessions but the one to keep, and revokes all personal access tokens if wanted. Of simultaneous changes from one old hash, one succeeds.
    async fn change_password(&self, intent: ChangePassword) -> StoreResult<PasswordChanged>;

    /// Sets the state; a state other than active ends all sessions of the user. Leaves at least
    /// one working admin, under any race, if there was one.
    async fn set_user_state(&self, intent: SetUserState) -> StoreResult<UserChanged>;

    /// Deletes a user with their credentials, sessions and tokens; the audit log stays. Leaves at
    /// least one working admin, under any race, if there was one.
    async fn delete_user(&self, intent: DeleteUser) -> StoreResult<UserDeleted>;

    /// Grants and revokes roles and scopes; what is in both is revoked. Refuses roles that do not
    /// exist, on either side. Leaves at least one working admin, under any race, if there was one.
    async fn change_authority(&self, intent: ChangeAuthority) -> StoreResult<UserChanged>;

    // ── Sessions ─────────────────────────────────────────────────────────────────────────────

    /// Opens a session if the issuance gate lets the user in and the password that was proved is
    /// still theirs; replaces its hash if wanted; ends the sessions longest unused that are too
    /// many, so that there are never more than the limit, under any race.
    async fn open_session(&self, intent: OpenSession) -> StoreResult<SessionOpened>;

    /// Spends a refresh token as [`countersign_domain::refresh::judge`] says, on the session and
    /// user as they stand in the change itself. Of any number of simultaneous calls with one
    /// token, one rotates. A reuse ends the session in the same change. Both events get the
    /// session's user, whom the caller can't know before; that of a rotation as its actor, too. One round trip.
    async fn rotate(&self, intent: RotateRefresh) -> StoreResult<Rotated>;

    /// Ends one session of a user; whether it was live at `now`, and so there was one to end, is the
    /// answer, and only then there is an event. One that has run out is ended all the same: by the
    /// clock of another instance it may live. So do all changes that end sessions.
    async fn end_session(&self, intent: EndSession) -> StoreResult<SessionEnded>;

    /// Ends all live sessions of a user but the one to keep, and tells how many. Writes the event
    /// only if one ended.
    async fn end_sessions(&self, intent: EndSessions) -> StoreResult<u64>;

    // ── Personal access tokens ───────────────────────────────────────────────────────────────

    /// Keeps a token, unless the user has the most that are allowed already.
    async fn create_personal_token(
        &self,
        intent: CreatePersonalToken,
    ) -> StoreResult<PersonalTokenCreated>;

    /// Revokes a live token of a user. `false` if there is none with this id.
    async fn revoke_personal_token(
        &self,
        user_id: UserId,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<bool>;

    /// Notes that a token was used at `now`, unless a use was noted less than
    /// [`PersonalToken::USE_NOTED_EVERY`] before.
    async fn note_personal_token_use(
        &self,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<()>;

    // ── Roles, keys, the log ─────────────────────────────────────────────────────────────────

    /// Defines a role, or changes the one that has its name.
    async fn define_role(&self, intent: DefineRole) -> StoreResult<RoleDefined>;

    /// Deletes a role and takes it from everybody who holds it.
    async fn delete_role(&self, intent: DeleteRole) -> StoreResult<RoleDeleted>;

    /// Changes the keys if their version is still the expected one, and counts it up. Of
    /// simultaneous changes of one version, one succeeds.
    async fn change_keys(&self, intent: ChangeKeys) -> StoreResult<KeysChanged>;

    /// Writes an event that changes nothing else, such as a refused login.
    async fn record(&self, event: AuditEvent) -> StoreResult<()>;

    /// Takes a turn at a task that instances share: `true` if the task is due at `now`, which it
    /// then is again `every` later. Of any number of instances that ask at once, one gets it.
    async fn claim_task(&self, intent: ClaimTask) -> StoreResult<bool>;

    /// Deletes up to `limit` each of: sessions that ended or expired before `before`, personal
    /// tokens and idempotency keys that expired before it, and audit events older than
    /// `audit_before`. Writes `event` only if something went.
    async fn prune(&self, intent: Prune) -> StoreResult<Pruned>;
}
