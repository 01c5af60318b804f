//! The port, method by method: each is one read or one write of the module that knows its subject.

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

use crate::error::OrStoreError;
use crate::{
    SqliteStore, accounts, audit, keys, new_users, open_session, personal_tokens, prune, roles,
    rotate, sessions, tasks, user_lists, users,
};

#[async_trait]
impl Store for SqliteStore {
    async fn account(&self, id: UserId) -> StoreResult<Option<Account>> {
        self.readers.point(|c| accounts::account(c, id))
    }

    async fn login_record(&self, identifier: &Identifier) -> StoreResult<Option<LoginRecord>> {
        self.readers
            .point(|c| accounts::login_record(c, identifier))
    }

    async fn login_record_by_id(&self, id: UserId) -> StoreResult<Option<LoginRecord>> {
        self.readers.point(|c| accounts::login_record_by_id(c, id))
    }

    async fn session(&self, id: SessionId) -> StoreResult<Option<(Session, Account)>> {
        self.readers
            .point(|c| sessions::session_with_account(c, id))
    }

    async fn session_of(
        &self,
        user_id: UserId,
        id: SessionId,
    ) -> StoreResult<Option<(Session, Account)>> {
        self.readers
            .point(|c| sessions::session_of_user(c, user_id, id))
    }

    async fn personal_token(
        &self,
        id: PersonalTokenId,
    ) -> StoreResult<Option<(PersonalToken, Account)>> {
        self.readers
            .point(|c| personal_tokens::token_with_account(c, id))
    }

    async fn live_sessions(&self, user_id: UserId, now: Timestamp) -> StoreResult<Vec<Session>> {
        self.readers
            .scan(move |c| sessions::live(c, user_id, now))
            .await
    }

    async fn live_personal_tokens(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> StoreResult<Vec<PersonalToken>> {
        self.readers
            .scan(move |c| personal_tokens::live(c, user_id, now))
            .await
    }

    async fn users(&self, filter: &UserFilter, page: &PageRequest) -> StoreResult<Page<User>> {
        let (filter, page) = (filter.clone(), *page);
        self.readers
            .scan(move |c| user_lists::page(c, &filter, &page))
            .await
    }

    async fn login_records(&self, page: &PageRequest) -> StoreResult<Page<LoginRecord>> {
        let page = *page;
        self.readers
            .scan(move |c| user_lists::login_records(c, &page))
            .await
    }

    async fn roles(&self) -> StoreResult<Vec<Role>> {
        self.readers.scan(roles::all).await
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> StoreResult<Page<AuditEvent>> {
        let (filter, page) = (filter.clone(), *page);
        self.readers
            .scan(move |c| audit::page(c, &filter, &page))
            .await
    }

    async fn keys(&self) -> StoreResult<KeySet> {
        self.readers.point(keys::all)
    }

    /// Really writes: a disk that is full or read-only shows at nothing less.
    async fn ping(&self) -> StoreResult<()> {
        self.writer
            .write(|c| {
                let sql = "UPDATE instance SET pings = (pings + 1) & 0xffff";
                c.prepare_cached(sql)
                    .and_then(|mut s| s.execute([]))
                    .or_store_error()
            })
            .await?;
        self.readers.point(|c| {
            let sql = "SELECT 1 FROM instance";
            c.prepare_cached(sql)
                .and_then(|mut s| s.exists([]))
                .or_store_error()
                .map(|_| ())
        })
    }

    fn activity(&self) -> Activity {
        self.counters.activity.snapshot()
    }

    async fn sign_up(&self, intent: SignUp) -> StoreResult<SignedUp> {
        self.writer
            .write(move |c| new_users::sign_up(c, &intent))
            .await
    }

    async fn import_users(&self, users: Vec<ImportUser>) -> StoreResult<Vec<Imported>> {
        self.writer
            .write(move |c| new_users::import(c, &users))
            .await
    }

    async fn update_profile(&self, intent: UpdateProfile) -> StoreResult<ProfileUpdated> {
        self.writer
            .write(move |c| users::update_profile(c, intent))
            .await
    }

    async fn change_password(&self, intent: ChangePassword) -> StoreResult<PasswordChanged> {
        self.writer
            .write(move |c| users::change_password(c, &intent))
            .await
    }

    async fn set_user_state(&self, intent: SetUserState) -> StoreResult<UserChanged> {
        self.writer
            .write(move |c| users::set_state(c, &intent))
            .await
    }

    async fn delete_user(&self, intent: DeleteUser) -> StoreResult<UserDeleted> {
        self.writer.write(move |c| users::delete(c, &intent)).await
    }

    async fn change_authority(&self, intent: ChangeAuthority) -> StoreResult<UserChanged> {
        self.writer
            .write(move |c| users::change_authority(c, &intent))
            .await
    }

    async fn open_session(&self, intent: OpenSession) -> StoreResult<SessionOpened> {
        self.writer
            .write(move |c| open_session::open(c, &intent))
            .await
    }

    async fn rotate(&self, intent: RotateRefresh) -> StoreResult<Rotated> {
        self.writer.write(move |c| rotate::rotate(c, &intent)).await
    }

    async fn end_session(&self, intent: EndSession) -> StoreResult<SessionEnded> {
        self.writer
            .write(move |c| sessions::end_one(c, &intent))
            .await
    }

    async fn end_sessions(&self, intent: EndSessions) -> StoreResult<u64> {
        self.writer
            .write(move |c| sessions::end_several(c, &intent))
            .await
    }

    async fn create_personal_token(
        &self,
        intent: CreatePersonalToken,
    ) -> StoreResult<PersonalTokenCreated> {
        self.writer
            .write(move |c| personal_tokens::create(c, &intent))
            .await
    }

    async fn revoke_personal_token(
        &self,
        user_id: UserId,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<bool> {
        self.writer
            .write(move |c| personal_tokens::revoke(c, user_id, id, now, &event))
            .await
    }

    async fn note_personal_token_use(
        &self,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<()> {
        self.writer
            .write(move |c| personal_tokens::note_use(c, id, now, &event))
            .await
    }

    async fn define_role(&self, intent: DefineRole) -> StoreResult<RoleDefined> {
        self.writer.write(move |c| roles::define(c, &intent)).await
    }

    async fn delete_role(&self, intent: DeleteRole) -> StoreResult<RoleDeleted> {
        self.writer.write(move |c| roles::delete(c, &intent)).await
    }

    async fn change_keys(&self, intent: ChangeKeys) -> StoreResult<KeysChanged> {
        self.writer.write(move |c| keys::change(c, &intent)).await
    }

    async fn record(&self, event: AuditEvent) -> StoreResult<()> {
        self.writer.write(move |c| audit::insert(c, &event)).await
    }

    async fn claim_task(&self, intent: ClaimTask) -> StoreResult<bool> {
        self.writer.write(move |c| tasks::claim(c, intent)).await
    }

    async fn prune(&self, intent: Prune) -> StoreResult<Pruned> {
        self.writer.write(move |c| prune::prune(c, &intent)).await
    }
}
