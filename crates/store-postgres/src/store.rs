//! The port, method by method: each is one read or one change of the module that knows its subject.

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

use crate::calls::{Kind, bulk, change, read};
use crate::{
    PostgresStore, accounts, administration, audit, imports, keys, new_users, open_session,
    personal_tokens, prune, roles, rotate, sessions, tasks, user_lists, users,
};

#[async_trait]
impl Store for PostgresStore {
    async fn account(&self, id: UserId) -> StoreResult<Option<Account>> {
        read!(self, |c| accounts::account(c, id))
    }

    async fn login_record(&self, identifier: &Identifier) -> StoreResult<Option<LoginRecord>> {
        read!(self, |c| accounts::login_record(c, identifier))
    }

    async fn login_record_by_id(&self, id: UserId) -> StoreResult<Option<LoginRecord>> {
        read!(self, |c| accounts::login_record_by_id(c, id))
    }

    async fn session(&self, id: SessionId) -> StoreResult<Option<(Session, Account)>> {
        read!(self, |c| sessions::session_with_account(c, id))
    }

    async fn session_of(
        &self,
        user_id: UserId,
        id: SessionId,
    ) -> StoreResult<Option<(Session, Account)>> {
        read!(self, |c| sessions::session_of(c, user_id, id))
    }

    async fn personal_token(
        &self,
        id: PersonalTokenId,
    ) -> StoreResult<Option<(PersonalToken, Account)>> {
        read!(self, |c| personal_tokens::token_with_account(c, id))
    }

    async fn live_sessions(&self, user_id: UserId, now: Timestamp) -> StoreResult<Vec<Session>> {
        read!(self, |c| sessions::live(c, user_id, now))
    }

    async fn live_personal_tokens(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> StoreResult<Vec<PersonalToken>> {
        read!(self, |c| personal_tokens::live(c, user_id, now))
    }

    async fn users(&self, filter: &UserFilter, page: &PageRequest) -> StoreResult<Page<User>> {
        read!(self, |c| user_lists::page(c, filter, page))
    }

    async fn login_records(&self, page: &PageRequest) -> StoreResult<Page<LoginRecord>> {
        read!(self, |c| user_lists::login_records(c, page))
    }

    async fn roles(&self) -> StoreResult<Vec<Role>> {
        read!(self, |c| roles::all(c))
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> StoreResult<Page<AuditEvent>> {
        read!(self, |c| audit::page(c, filter, page))
    }

    async fn keys(&self) -> StoreResult<KeySet> {
        read!(self, |c| keys::all(c))
    }

    async fn ping(&self) -> StoreResult<()> {
        // A ping that was written twice is as good: it may be tried again like a read.
        read!(self, |c| tasks::ping(c))
    }

    fn activity(&self) -> Activity {
        self.pool.activity.snapshot()
    }

    async fn sign_up(&self, intent: SignUp) -> StoreResult<SignedUp> {
        change!(self, |c| new_users::sign_up(c, &intent))
    }

    async fn import_users(&self, users: Vec<ImportUser>) -> StoreResult<Vec<Imported>> {
        let begin = self.begin_bulk();
        bulk!(self, Kind::Change, |c| imports::import(c, begin, &users))
    }

    async fn update_profile(&self, intent: UpdateProfile) -> StoreResult<ProfileUpdated> {
        change!(self, |c| users::update_profile(c, &intent))
    }

    async fn change_password(&self, intent: ChangePassword) -> StoreResult<PasswordChanged> {
        change!(self, |c| users::change_password(c, &intent))
    }

    async fn set_user_state(&self, intent: SetUserState) -> StoreResult<UserChanged> {
        change!(self, |c| administration::set_state(c, &intent))
    }

    async fn delete_user(&self, intent: DeleteUser) -> StoreResult<UserDeleted> {
        change!(self, |c| administration::delete(c, &intent))
    }

    async fn change_authority(&self, intent: ChangeAuthority) -> StoreResult<UserChanged> {
        change!(self, |c| administration::change_authority(c, &intent))
    }

    async fn open_session(&self, intent: OpenSession) -> StoreResult<SessionOpened> {
        change!(self, |c| open_session::open(c, &intent))
    }

    async fn rotate(&self, intent: RotateRefresh) -> StoreResult<Rotated> {
        change!(self, |c| rotate::rotate(c, &intent))
    }

    async fn end_session(&self, intent: EndSession) -> StoreResult<SessionEnded> {
        change!(self, |c| sessions::end_one(c, &intent))
    }

    async fn end_sessions(&self, intent: EndSessions) -> StoreResult<u64> {
        change!(self, |c| sessions::end_several(c, &intent))
    }

    async fn create_personal_token(
        &self,
        intent: CreatePersonalToken,
    ) -> StoreResult<PersonalTokenCreated> {
        change!(self, |c| personal_tokens::create(c, &intent))
    }

    async fn revoke_personal_token(
        &self,
        user_id: UserId,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<bool> {
        change!(self, |c| personal_tokens::revoke(
            c, user_id, id, now, &event
        ))
    }

    async fn note_personal_token_use(
        &self,
        id: PersonalTokenId,
        now: Timestamp,
        event: AuditEvent,
    ) -> StoreResult<()> {
        change!(self, |c| personal_tokens::note_use(c, id, now, &event))
    }

    async fn define_role(&self, intent: DefineRole) -> StoreResult<RoleDefined> {
        change!(self, |c| roles::define(c, &intent))
    }

    async fn delete_role(&self, intent: DeleteRole) -> StoreResult<RoleDeleted> {
        let begin = self.begin_bulk();
        bulk!(self, Kind::Change, |c| roles::delete(c, begin, &intent))
    }

    async fn change_keys(&self, intent: ChangeKeys) -> StoreResult<KeysChanged> {
        change!(self, |c| keys::change(c, &intent))
    }

    async fn record(&self, event: AuditEvent) -> StoreResult<()> {
        change!(self, |c| audit::record(c, &event))
    }

    async fn claim_task(&self, intent: ClaimTask) -> StoreResult<bool> {
        change!(self, |c| tasks::claim(c, intent))
    }

    async fn prune(&self, intent: Prune) -> StoreResult<Pruned> {
        let begin = self.begin_bulk();
        bulk!(self, Kind::Change, |c| prune::prune(c, begin, &intent))
    }
}
