//! The port, method by method: each is a call of the module that knows its subject, on a connection,
//! within a deadline.

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

use crate::pool::on_a_link;
use crate::{
    MySqlStore, accounts, audit, imports, keys, new_users, open_session, personal_tokens, prune,
    roles, rotate, sessions, user_lists, users,
};

#[async_trait]
impl Store for MySqlStore {
    async fn account(&self, id: UserId) -> StoreResult<Option<Account>> {
        on_a_link!(&self.pool, call, link => accounts::account(link, id))
    }

    async fn login_record(&self, identifier: &Identifier) -> StoreResult<Option<LoginRecord>> {
        on_a_link!(&self.pool, call, link => accounts::login_record(link, identifier))
    }

    async fn login_record_by_id(&self, id: UserId) -> StoreResult<Option<LoginRecord>> {
        on_a_link!(&self.pool, call, link => accounts::login_record_by_id(link, id))
    }

    async fn session(&self, id: SessionId) -> StoreResult<Option<(Session, Account)>> {
        on_a_link!(&self.pool, call, link => sessions::session_with_account(link, id))
    }

    async fn session_of(
        &self,
        user_id: UserId,
        id: SessionId,
    ) -> StoreResult<Option<(Session, Account)>> {
        on_a_link!(&self.pool, call, link => sessions::session_of(link, user_id, id))
    }

    async fn personal_token(
        &self,
        id: PersonalTokenId,
    ) -> StoreResult<Option<(PersonalToken, Account)>> {
        on_a_link!(&self.pool, call, link => personal_tokens::token_with_account(link, id))
    }

    async fn live_sessions(&self, user_id: UserId, now: Timestamp) -> StoreResult<Vec<Session>> {
        on_a_link!(&self.pool, call, link => sessions::live(link, user_id, now))
    }

    async fn live_personal_tokens(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> StoreResult<Vec<PersonalToken>> {
        on_a_link!(&self.pool, call, link => personal_tokens::live(link, user_id, now))
    }

    async fn users(&self, filter: &UserFilter, page: &PageRequest) -> StoreResult<Page<User>> {
        on_a_link!(&self.pool, call, link => user_lists::page(link, filter, page))
    }

    async fn login_records(&self, page: &PageRequest) -> StoreResult<Page<LoginRecord>> {
        on_a_link!(&self.pool, call, link => user_lists::login_records(link, page))
    }

    async fn roles(&self) -> StoreResult<Vec<Role>> {
        on_a_link!(&self.pool, call, link => roles::all(link))
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> StoreResult<Page<AuditEvent>> {
        on_a_link!(&self.pool, call, link => audit::page(link, filter, page))
    }

    async fn keys(&self) -> StoreResult<KeySet> {
        on_a_link!(&self.pool, call, link => keys::all(link))
    }

    async fn ping(&self) -> StoreResult<()> {
        on_a_link!(&self.pool, call, link => prune::ping(link))
    }

    fn activity(&self) -> Activity {
        self.pool.activity.snapshot()
    }

    async fn sign_up(&self, intent: SignUp) -> StoreResult<SignedUp> {
        on_a_link!(&self.pool, call, link => new_users::sign_up(link, &intent))
    }

    async fn import_users(&self, users: Vec<ImportUser>) -> StoreResult<Vec<Imported>> {
        on_a_link!(&self.pool, bulk, link => imports::import(link, &users))
    }

    async fn update_profile(&self, intent: UpdateProfile) -> StoreResult<ProfileUpdated> {
        on_a_link!(&self.pool, call, link => users::update_profile(link, &intent))
    }

    async fn change_password(&self, intent: ChangePassword) -> StoreResult<PasswordChanged> {
        on_a_link!(&self.pool, call, link => users::change_password(link, &intent))
    }

    async fn set_user_state(&self, intent: SetUserState) -> StoreResult<UserChanged> {
        on_a_link!(&self.pool, call, link => users::set_state(link, &intent))
    }

    async fn delete_user(&self, intent: DeleteUser) -> StoreResult<UserDeleted> {
        on_a_link!(&self.pool, call, link => users::delete(link, &intent))
    }

    async fn change_authority(&self, intent: ChangeAuthority) -> StoreResult<UserChanged> {
        on_a_link!(&self.pool, call, link => users::change_authority(link, &intent))
    }

    async fn open_session(&self, intent: OpenSession) -> StoreResult<SessionOpened> {
        on_a_link!(&self.pool, call, link => open_session::open(link, &intent))
    }

    async fn rotate(&self, intent: RotateRefresh) -> StoreResult<Rotated> {
        on_a_link!(&self.pool, call, link => rotate::rotate(link, &intent))
    }

    async fn end_session(&self, intent: EndSession) -> StoreResult<SessionEnded> {
        on_a_link!(&self.pool, call, link => sessions::end_one(link, &intent))
    }

    async fn end_sessions(&self, intent: EndSessions) -> StoreResult<u64> {
        on_a_link!(&self.pool, call, link => sessions::end_several(link, &intent))
    }

    async fn create_personal_token(
        &self,
        intent: CreatePersonalToken,
    ) -> StoreResult<PersonalTokenCreated> {
        on_a_link!(&self.pool, call, link => personal_tokens::create(link, &intent))
    }

    async fn revoke_personal_token(
        &self,
        user_id: UserId,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<bool> {
        on_a_link!(&self.pool, call, link => {
            personal_tokens::revoke(link, user_id, id, now, &event)
        })
    }

    async fn note_personal_token_use(
        &self,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<()> {
        on_a_link!(&self.pool, call, link => personal_tokens::note_use(link, id, now, &event))
    }

    async fn define_role(&self, intent: DefineRole) -> StoreResult<RoleDefined> {
        on_a_link!(&self.pool, call, link => roles::define(link, &intent))
    }

    async fn delete_role(&self, intent: DeleteRole) -> StoreResult<RoleDeleted> {
        on_a_link!(&self.pool, bulk, link => roles::delete(link, &intent))
    }

    async fn change_keys(&self, intent: ChangeKeys) -> StoreResult<KeysChanged> {
        on_a_link!(&self.pool, call, link => keys::change(link, &intent))
    }

    async fn record(&self, event: AuditEvent) -> StoreResult<()> {
        on_a_link!(&self.pool, call, link => audit::record(link, &event))
    }

    async fn claim_task(&self, intent: ClaimTask) -> StoreResult<bool> {
        on_a_link!(&self.pool, call, link => prune::claim(link, intent))
    }

    async fn prune(&self, intent: Prune) -> StoreResult<Pruned> {
        on_a_link!(&self.pool, bulk, link => prune::prune(link, &intent))
    }
}
