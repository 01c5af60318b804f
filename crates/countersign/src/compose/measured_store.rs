//! Counts what came of logins, sign-ups and refreshes, and how long writes take, on their way to
//! the store. Whatever the transport and the backend, each passes here once. Labels are constants:
//! no series per user, address or token.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use countersign_app::ports::Store;
use countersign_app::ports::store::{
    Activity, AuditFilter, ChangeAuthority, ChangeKeys, ChangePassword, ClaimTask,
    CreatePersonalToken, DefineRole, DeleteRole, DeleteUser, EndSession, EndSessions, ImportUser,
    Imported, KeysChanged, LoginRecord, OpenSession, PasswordChanged, PersonalTokenCreated,
    ProfileUpdated, Prune, Pruned, RoleDefined, RoleDeleted, RotateRefresh, Rotated, SessionEnded,
    SessionOpened, SetUserState, SignUp, SignedUp, StoreResult, UpdateProfile, UserChanged,
    UserDeleted, UserFilter,
};
use countersign_domain::audit::{Action, AuditEvent};
use countersign_domain::id::{PersonalTokenId, SessionId, UserId};
use countersign_domain::keys::KeySet;
use countersign_domain::names::Identifier;
use countersign_domain::page::{Page, PageRequest};
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::{Account, Role};
use countersign_domain::session::Session;
use countersign_domain::time::Timestamp;
use countersign_domain::user::User;

/// How logins ended.
pub(crate) const LOGINS: &str = "countersign_logins_total";
/// How sign-ups ended.
pub(crate) const SIGN_UPS: &str = "countersign_sign_ups_total";
/// How refreshes ended.
pub(crate) const REFRESHES: &str = "countersign_refreshes_total";
/// How many sessions were opened.
pub(crate) const SESSIONS_OPENED: &str = "countersign_sessions_opened_total";
/// How long a write took, its wait for the durable commit included.
pub(crate) const WRITE_SECONDS: &str = "countersign_store_write_seconds";

/// A store whose outcomes are counted.
pub(super) struct MeasuredStore {
    inner: Arc<dyn Store>,
}

impl MeasuredStore {
    pub(super) fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner }
    }
}

async fn timed<T>(
    intent: &'static str,
    write: impl Future<Output = StoreResult<T>>,
) -> StoreResult<T> {
    let begun = Instant::now();
    let answer = write.await;
    metrics::histogram!(WRITE_SECONDS, "intent" => intent).record(begun.elapsed().as_secs_f64());
    answer
}

fn count(name: &'static str, outcome: &'static str) {
    metrics::counter!(name, "outcome" => outcome).increment(1);
}

#[async_trait]
impl Store for MeasuredStore {
    async fn sign_up(&self, intent: SignUp) -> StoreResult<SignedUp> {
        let opens = intent.session.is_some();
        let answer = timed("sign_up", self.inner.sign_up(intent)).await;
        let outcome = match &answer {
            Ok(SignedUp::Created) => "created",
            Ok(SignedUp::EmailTaken | SignedUp::UsernameTaken) => "taken",
            Ok(SignedUp::Repeated(_)) => "repeated",
            Ok(SignedUp::KeyReused) => "key_reused",
            Ok(SignedUp::UnknownRole) => "unknown_role",
            Ok(SignedUp::CallerLost(_)) => "caller_lost",
            Err(_) => "failed",
        };
        count(SIGN_UPS, outcome);
        if opens && matches!(answer, Ok(SignedUp::Created)) {
            metrics::counter!(SESSIONS_OPENED).increment(1);
        }
        answer
    }

    async fn open_session(&self, intent: OpenSession) -> StoreResult<SessionOpened> {
        let answer = timed("open_session", self.inner.open_session(intent)).await;
        let outcome = match &answer {
            Ok(SessionOpened::Opened { .. }) => {
                metrics::counter!(SESSIONS_OPENED).increment(1);
                "granted"
            }
            // A refusal is counted by its audit event.
            Ok(SessionOpened::Refused(_) | SessionOpened::Stale) => return answer,
            Err(_) => "failed",
        };
        count(LOGINS, outcome);
        answer
    }

    async fn rotate(&self, intent: RotateRefresh) -> StoreResult<Rotated> {
        let answer = timed("rotate", self.inner.rotate(intent)).await;
        let outcome = match &answer {
            Ok(Rotated::Rotated(..)) => "rotated",
            Ok(Rotated::Retried { .. }) => "retried",
            Ok(Rotated::Reused { .. }) => "reused",
            Ok(Rotated::Refused(_)) => "refused",
            Ok(Rotated::Unknown) => "unknown",
            Err(_) => "failed",
        };
        count(REFRESHES, outcome);
        answer
    }

    async fn record(&self, event: AuditEvent) -> StoreResult<()> {
        if event.action == Action::LoginRefused {
            count(LOGINS, "refused");
        }
        timed("record", self.inner.record(event)).await
    }

    async fn account(&self, id: UserId) -> StoreResult<Option<Account>> {
        self.inner.account(id).await
    }

    async fn login_record(&self, identifier: &Identifier) -> StoreResult<Option<LoginRecord>> {
        self.inner.login_record(identifier).await
    }

    async fn login_record_by_id(&self, id: UserId) -> StoreResult<Option<LoginRecord>> {
        self.inner.login_record_by_id(id).await
    }

    async fn session(&self, id: SessionId) -> StoreResult<Option<(Session, Account)>> {
        self.inner.session(id).await
    }

    async fn session_of(
        &self,
        user_id: UserId,
        id: SessionId,
    ) -> StoreResult<Option<(Session, Account)>> {
        self.inner.session_of(user_id, id).await
    }

    async fn personal_token(
        &self,
        id: PersonalTokenId,
    ) -> StoreResult<Option<(PersonalToken, Account)>> {
        self.inner.personal_token(id).await
    }

    async fn live_sessions(&self, user_id: UserId, now: Timestamp) -> StoreResult<Vec<Session>> {
        self.inner.live_sessions(user_id, now).await
    }

    async fn live_personal_tokens(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> StoreResult<Vec<PersonalToken>> {
        self.inner.live_personal_tokens(user_id, now).await
    }

    async fn users(&self, filter: &UserFilter, page: &PageRequest) -> StoreResult<Page<User>> {
        self.inner.users(filter, page).await
    }

    async fn login_records(&self, page: &PageRequest) -> StoreResult<Page<LoginRecord>> {
        self.inner.login_records(page).await
    }

    async fn roles(&self) -> StoreResult<Vec<Role>> {
        self.inner.roles().await
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> StoreResult<Page<AuditEvent>> {
        self.inner.audit_events(filter, page).await
    }

    async fn keys(&self) -> StoreResult<KeySet> {
        self.inner.keys().await
    }

    async fn ping(&self) -> StoreResult<()> {
        self.inner.ping().await
    }

    fn activity(&self) -> Activity {
        self.inner.activity()
    }

    async fn import_users(&self, users: Vec<ImportUser>) -> StoreResult<Vec<Imported>> {
        timed("import_users", self.inner.import_users(users)).await
    }

    async fn update_profile(&self, intent: UpdateProfile) -> StoreResult<ProfileUpdated> {
        timed("update_profile", self.inner.update_profile(intent)).await
    }

    async fn change_password(&self, intent: ChangePassword) -> StoreResult<PasswordChanged> {
        timed("change_password", self.inner.change_password(intent)).await
    }

    async fn set_user_state(&self, intent: SetUserState) -> StoreResult<UserChanged> {
        timed("set_user_state", self.inner.set_user_state(intent)).await
    }

    async fn delete_user(&self, intent: DeleteUser) -> StoreResult<UserDeleted> {
        timed("delete_user", self.inner.delete_user(intent)).await
    }

    async fn change_authority(&self, intent: ChangeAuthority) -> StoreResult<UserChanged> {
        timed("change_authority", self.inner.change_authority(intent)).await
    }

    async fn end_session(&self, intent: EndSession) -> StoreResult<SessionEnded> {
        timed("end_session", self.inner.end_session(intent)).await
    }

    async fn end_sessions(&self, intent: EndSessions) -> StoreResult<u64> {
        timed("end_sessions", self.inner.end_sessions(intent)).await
    }

    async fn create_personal_token(
        &self,
        intent: CreatePersonalToken,
    ) -> StoreResult<PersonalTokenCreated> {
        timed(
            "create_personal_token",
            self.inner.create_personal_token(intent),
        )
        .await
    }

    async fn revoke_personal_token(
        &self,
        user_id: UserId,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<bool> {
        timed(
            "revoke_personal_token",
            self.inner.revoke_personal_token(user_id, id, now, event),
        )
        .await
    }

    async fn note_personal_token_use(
        &self,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<()> {
        timed(
            "note_personal_token_use",
            self.inner.note_personal_token_use(id, now, event),
        )
        .await
    }

    async fn define_role(&self, intent: DefineRole) -> StoreResult<RoleDefined> {
        timed("define_role", self.inner.define_role(intent)).await
    }

    async fn delete_role(&self, intent: DeleteRole) -> StoreResult<RoleDeleted> {
        timed("delete_role", self.inner.delete_role(intent)).await
    }

    async fn change_keys(&self, intent: ChangeKeys) -> StoreResult<KeysChanged> {
        timed("change_keys", self.inner.change_keys(intent)).await
    }

    async fn claim_task(&self, intent: ClaimTask) -> StoreResult<bool> {
        timed("claim_task", self.inner.claim_task(intent)).await
    }

    async fn prune(&self, intent: Prune) -> StoreResult<Pruned> {
        timed("prune", self.inner.prune(intent)).await
    }
}
