//! The port, method by method: each is one call within its deadline, of the module that knows its
//! subject. What changes a user takes that user's lane.

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
use countersign_domain::audit::AuditEvent;
use countersign_domain::id::{PersonalTokenId, SessionId, UserId};
use countersign_domain::keys::KeySet;
use countersign_domain::names::Identifier;
use countersign_domain::page::{Page, PageRequest};
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::{Account, Role};
use countersign_domain::session::Session;
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use uuid::Uuid;

use crate::DynamoDbStore;

/// The lane of what is there once in a table: roles and keys.
const SHARED: usize = 0;

/// A lane by the random part of an id.
fn lane(id: &Uuid) -> usize {
    let [.., a, b] = *id.as_bytes();
    usize::from(a) << 8 | usize::from(b)
}

impl DynamoDbStore {
    async fn call<T>(&self, call: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
        self.service
            .call(self.service.limits.call, None, call)
            .await
    }

    async fn change<T>(
        &self,
        lane: usize,
        call: impl Future<Output = StoreResult<T>>,
    ) -> StoreResult<T> {
        let deadline = self.service.limits.call;
        self.service.call(deadline, Some(lane), call).await
    }

    async fn long<T>(&self, call: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
        self.service
            .call(self.service.limits.bulk, None, call)
            .await
    }
}

#[async_trait]
impl Store for DynamoDbStore {
    async fn account(&self, id: UserId) -> StoreResult<Option<Account>> {
        self.call(self.read_account(id)).await
    }

    async fn login_record(&self, identifier: &Identifier) -> StoreResult<Option<LoginRecord>> {
        self.call(self.read_login(identifier)).await
    }

    async fn login_record_by_id(&self, id: UserId) -> StoreResult<Option<LoginRecord>> {
        self.call(self.read_login_by_id(id)).await
    }

    async fn session(&self, id: SessionId) -> StoreResult<Option<(Session, Account)>> {
        self.call(self.read_session(id)).await
    }

    async fn session_of(
        &self,
        user_id: UserId,
        id: SessionId,
    ) -> StoreResult<Option<(Session, Account)>> {
        self.call(self.read_session_of(user_id, id)).await
    }

    async fn personal_token(
        &self,
        id: PersonalTokenId,
    ) -> StoreResult<Option<(PersonalToken, Account)>> {
        self.call(self.read_token(id)).await
    }

    async fn live_sessions(&self, user_id: UserId, now: Timestamp) -> StoreResult<Vec<Session>> {
        self.call(self.read_live_sessions(user_id, now)).await
    }

    async fn live_personal_tokens(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> StoreResult<Vec<PersonalToken>> {
        self.call(self.read_live_tokens(user_id, now)).await
    }

    async fn users(&self, filter: &UserFilter, page: &PageRequest) -> StoreResult<Page<User>> {
        self.call(self.service.users_page(filter, page)).await
    }

    async fn login_records(&self, page: &PageRequest) -> StoreResult<Page<LoginRecord>> {
        self.call(self.service.login_records_page(page)).await
    }

    async fn roles(&self) -> StoreResult<Vec<Role>> {
        self.call(async { Ok(self.service.stored_roles().await?.all()) })
            .await
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> StoreResult<Page<AuditEvent>> {
        self.call(self.service.audit_page(filter, page)).await
    }

    async fn keys(&self) -> StoreResult<KeySet> {
        self.call(self.service.stored_keys()).await
    }

    async fn ping(&self) -> StoreResult<()> {
        self.call(self.service.write_ping()).await
    }

    fn activity(&self) -> Activity {
        self.service.activity.snapshot()
    }

    async fn sign_up(&self, intent: SignUp) -> StoreResult<SignedUp> {
        self.call(self.make_user(&intent)).await
    }

    async fn import_users(&self, users: Vec<ImportUser>) -> StoreResult<Vec<Imported>> {
        self.long(self.import_all(&users)).await
    }

    async fn update_profile(&self, intent: UpdateProfile) -> StoreResult<ProfileUpdated> {
        let lane = lane(intent.user_id.as_uuid());
        self.change(lane, self.change_profile(&intent)).await
    }

    async fn change_password(&self, intent: ChangePassword) -> StoreResult<PasswordChanged> {
        let until = self.service.end_of_call();
        let lane = lane(intent.user_id.as_uuid());
        let changed = self.change(lane, self.replace_password(&intent)).await?;
        if matches!(changed, PasswordChanged::Changed { ended_sessions } if ended_sessions > 0) {
            self.tidy_up(intent.user_id, until).await;
        }
        Ok(changed)
    }

    async fn set_user_state(&self, intent: SetUserState) -> StoreResult<UserChanged> {
        let until = self.service.end_of_call();
        let lane = lane(intent.user_id.as_uuid());
        let changed = self.change(lane, self.change_state(&intent)).await?;
        let is_shut = intent.state != UserState::Active;
        if is_shut && matches!(changed, UserChanged::Changed(_)) {
            self.tidy_up(intent.user_id, until).await;
        }
        Ok(changed)
    }

    async fn delete_user(&self, intent: DeleteUser) -> StoreResult<UserDeleted> {
        let until = self.service.end_of_call();
        let lane = lane(intent.user_id.as_uuid());
        let deleted = self.change(lane, self.remove_user(&intent)).await?;
        if deleted == UserDeleted::Deleted {
            self.clear_up(intent.user_id, until).await;
        }
        Ok(deleted)
    }

    async fn change_authority(&self, intent: ChangeAuthority) -> StoreResult<UserChanged> {
        let lane = lane(intent.user_id.as_uuid());
        self.change(lane, self.replace_authority(&intent)).await
    }

    async fn open_session(&self, intent: OpenSession) -> StoreResult<SessionOpened> {
        let lane = lane(intent.session.user_id.as_uuid());
        self.change(lane, self.open(&intent)).await
    }

    async fn rotate(&self, intent: RotateRefresh) -> StoreResult<Rotated> {
        let lane = lane(intent.session_id.as_uuid());
        self.change(lane, self.spend(&intent)).await
    }

    async fn end_session(&self, intent: EndSession) -> StoreResult<SessionEnded> {
        let lane = lane(intent.user_id.as_uuid());
        self.change(lane, self.end_one(&intent)).await
    }

    async fn end_sessions(&self, intent: EndSessions) -> StoreResult<u64> {
        let until = self.service.end_of_call();
        let lane = lane(intent.user_id.as_uuid());
        let ended = self.change(lane, self.end_several(&intent)).await?;
        if ended > 0 {
            self.tidy_up(intent.user_id, until).await;
        }
        Ok(ended)
    }

    async fn create_personal_token(
        &self,
        intent: CreatePersonalToken,
    ) -> StoreResult<PersonalTokenCreated> {
        let lane = lane(intent.token.user_id.as_uuid());
        self.change(lane, self.keep_token(&intent)).await
    }

    async fn revoke_personal_token(
        &self,
        user_id: UserId,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<bool> {
        self.call(self.revoke_token(user_id, id, now, &event)).await
    }

    async fn note_personal_token_use(
        &self,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<()> {
        self.call(self.note_token_use(id, now, &event)).await
    }

    async fn define_role(&self, intent: DefineRole) -> StoreResult<RoleDefined> {
        self.change(SHARED, self.replace_role(&intent)).await
    }

    async fn delete_role(&self, intent: DeleteRole) -> StoreResult<RoleDeleted> {
        let deadline = self.service.limits.bulk;
        let deletion = self.remove_role(&intent);
        self.service.call(deadline, Some(SHARED), deletion).await
    }

    async fn change_keys(&self, intent: ChangeKeys) -> StoreResult<KeysChanged> {
        self.change(SHARED, self.service.replace_keys(&intent))
            .await
    }

    async fn record(&self, event: AuditEvent) -> StoreResult<()> {
        self.call(self.service.record_event(&event)).await
    }

    async fn claim_task(&self, intent: ClaimTask) -> StoreResult<bool> {
        self.call(self.service.take_turn(intent)).await
    }

    async fn prune(&self, intent: Prune) -> StoreResult<Pruned> {
        self.long(self.service.clear_away(&intent)).await
    }
}
