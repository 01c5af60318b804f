//! The port, method by method: each is one read or one change of the module that knows its subject,
//! within its time.

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
use countersign_domain::user::User;

use crate::change::Change;
use crate::import::Import;
use crate::personal_tokens::{NoteUse, Revoke};
use crate::{
    MongoDbStore, accounts, audit, instance, keys, personal_tokens, roles, sessions, tasks,
    user_lists,
};

impl MongoDbStore {
    /// An ordinary change.
    async fn change<C: Change>(&self, change: C) -> StoreResult<C::Outcome> {
        self.call(async { self.db().await?.change(&change).await })
            .await
    }

    /// A change of many documents.
    async fn bulk_change<C: Change>(&self, change: C) -> StoreResult<C::Outcome> {
        self.bulk(async { self.db().await?.change(&change).await })
            .await
    }
}

#[async_trait]
impl Store for MongoDbStore {
    async fn account(&self, id: UserId) -> StoreResult<Option<Account>> {
        let record = self.login_record_by_id(id).await?;
        Ok(record.map(|record| record.account))
    }

    async fn login_record(&self, identifier: &Identifier) -> StoreResult<Option<LoginRecord>> {
        self.call(async { accounts::login_record(self.db().await?, identifier).await })
            .await
    }

    async fn login_record_by_id(&self, id: UserId) -> StoreResult<Option<LoginRecord>> {
        self.call(async { accounts::login_record_by_id(self.db().await?, id).await })
            .await
    }

    async fn session(&self, id: SessionId) -> StoreResult<Option<(Session, Account)>> {
        self.call(async { sessions::by_id(self.db().await?, id).await })
            .await
    }

    async fn session_of(
        &self,
        user_id: UserId,
        id: SessionId,
    ) -> StoreResult<Option<(Session, Account)>> {
        self.call(async { sessions::of_user(self.db().await?, user_id, id).await })
            .await
    }

    async fn personal_token(
        &self,
        id: PersonalTokenId,
    ) -> StoreResult<Option<(PersonalToken, Account)>> {
        self.call(async { personal_tokens::by_id(self.db().await?, id).await })
            .await
    }

    async fn live_sessions(&self, user_id: UserId, now: Timestamp) -> StoreResult<Vec<Session>> {
        self.call(async { sessions::live(self.db().await?, user_id, now).await })
            .await
    }

    async fn live_personal_tokens(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> StoreResult<Vec<PersonalToken>> {
        self.call(async { personal_tokens::live(self.db().await?, user_id, now).await })
            .await
    }

    async fn users(&self, filter: &UserFilter, page: &PageRequest) -> StoreResult<Page<User>> {
        self.call(async { user_lists::page(self.db().await?, filter, page).await })
            .await
    }

    async fn login_records(&self, page: &PageRequest) -> StoreResult<Page<LoginRecord>> {
        self.call(async { user_lists::login_records(self.db().await?, page).await })
            .await
    }

    async fn roles(&self) -> StoreResult<Vec<Role>> {
        self.call(async { roles::all(self.db().await?).await })
            .await
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> StoreResult<Page<AuditEvent>> {
        self.call(async { audit::page(self.db().await?, filter, page).await })
            .await
    }

    async fn keys(&self) -> StoreResult<KeySet> {
        self.call(async { keys::all(self.db().await?).await }).await
    }

    async fn ping(&self) -> StoreResult<()> {
        self.call(async { instance::ping(self.db().await?).await })
            .await
    }

    fn activity(&self) -> Activity {
        self.counter.snapshot()
    }

    async fn sign_up(&self, intent: SignUp) -> StoreResult<SignedUp> {
        self.change(intent).await
    }

    async fn import_users(&self, users: Vec<ImportUser>) -> StoreResult<Vec<Imported>> {
        self.bulk_change(Import { users }).await
    }

    async fn update_profile(&self, intent: UpdateProfile) -> StoreResult<ProfileUpdated> {
        self.change(intent).await
    }

    async fn change_password(&self, intent: ChangePassword) -> StoreResult<PasswordChanged> {
        self.change(intent).await
    }

    async fn set_user_state(&self, intent: SetUserState) -> StoreResult<UserChanged> {
        self.change(intent).await
    }

    async fn delete_user(&self, intent: DeleteUser) -> StoreResult<UserDeleted> {
        self.change(intent).await
    }

    async fn change_authority(&self, intent: ChangeAuthority) -> StoreResult<UserChanged> {
        self.change(intent).await
    }

    async fn open_session(&self, intent: OpenSession) -> StoreResult<SessionOpened> {
        self.change(intent).await
    }

    async fn rotate(&self, intent: RotateRefresh) -> StoreResult<Rotated> {
        self.change(intent).await
    }

    async fn end_session(&self, intent: EndSession) -> StoreResult<SessionEnded> {
        let (user, one, reason, now) =
            (intent.user_id, intent.session_id, intent.reason, intent.now);
        self.within_a_call(async {
            let ended = self.change(intent).await?;
            if ended == SessionEnded::NotFound {
                self.call(async {
                    sessions::end_run_out(self.db().await?, user, Some(one), None, reason, now)
                        .await
                })
                .await?;
            }
            Ok(ended)
        })
        .await
    }

    async fn end_sessions(&self, intent: EndSessions) -> StoreResult<u64> {
        let (user, keep, reason, now) = (intent.user_id, intent.keep, intent.reason, intent.now);
        self.within_a_call(async {
            let ended = self.change(intent).await?;
            if ended == 0 {
                self.call(async {
                    sessions::end_run_out(self.db().await?, user, None, keep, reason, now).await
                })
                .await?;
            }
            Ok(ended)
        })
        .await
    }

    async fn create_personal_token(
        &self,
        intent: CreatePersonalToken,
    ) -> StoreResult<PersonalTokenCreated> {
        self.change(intent).await
    }

    async fn revoke_personal_token(
        &self,
        user_id: UserId,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<bool> {
        let revoke = Revoke {
            user_id,
            id,
            now,
            event,
        };
        self.change(revoke).await
    }

    async fn note_personal_token_use(
        &self,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<()> {
        self.change(NoteUse { id, now, event }).await.map(|_| ())
    }

    async fn define_role(&self, intent: DefineRole) -> StoreResult<RoleDefined> {
        self.change(intent).await
    }

    async fn delete_role(&self, intent: DeleteRole) -> StoreResult<RoleDeleted> {
        self.bulk_change(intent).await
    }

    async fn change_keys(&self, intent: ChangeKeys) -> StoreResult<KeysChanged> {
        self.change(intent).await
    }

    async fn record(&self, event: AuditEvent) -> StoreResult<()> {
        self.call(async { audit::record(self.db().await?, &event).await })
            .await
    }

    async fn claim_task(&self, intent: ClaimTask) -> StoreResult<bool> {
        self.call(async { tasks::claim(self.db().await?, &intent).await })
            .await
    }

    async fn prune(&self, intent: Prune) -> StoreResult<Pruned> {
        self.bulk_change(intent).await
    }
}
