//! Users, as administrators see them.

use countersign_domain::audit::Action;
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Identifier, Label, Username};
use countersign_domain::page::{Page, PageRequest};
use countersign_domain::password::{Password, WeakPassword};
use countersign_domain::role::{Account, RoleNames};
use countersign_domain::session::{EndReason, Session};
use countersign_domain::user::{User, UserState};
use countersign_token::Scopes;

use super::Admin;
use crate::ports::StoreError;
use crate::ports::store::{
    ChangePassword, DeleteUser, EndSessions, LoginRecord, PasswordChanged, SetUserState, SignUp,
    SignedUp, UserChanged, UserDeleted, UserFilter,
};
use crate::{App, AppError, Origin};

/// A user to make.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// A username, an e-mail address, or both.
    pub username: Option<Username>,
    /// See `username`.
    pub email: Option<EmailAddress>,
    /// What others see.
    pub display_name: Option<Label>,
    /// The password; without one the user can't log in until one is set.
    pub password: Option<Password>,
    /// The roles.
    pub roles: RoleNames,
}

/// What comes of making a user.
#[must_use]
#[derive(Clone, Debug)]
pub enum CreateUserOutcome {
    /// The user is made.
    Created(Box<Account>),
    /// Neither a username nor an e-mail address was given.
    NoIdentifier,
    /// The password is too weak.
    Weak(WeakPassword),
    /// Somebody has the address.
    EmailTaken,
    /// Somebody has the name.
    UsernameTaken,
    /// There is no such role.
    UnknownRole(String),
    /// The administrator may not grant these roles.
    NotYours,
}

/// What comes of changing a user's state.
#[must_use]
#[derive(Clone, Debug)]
pub enum StateOutcome {
    /// The user as they are now.
    Changed(Box<Account>),
    /// It would leave no working admin.
    LastAdmin,
    /// The user may do more than the administrator.
    NotYours,
    /// There is no such user.
    NotFound,
}

/// What comes of setting a user's password.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetPasswordOutcome {
    /// It is set; this many sessions were ended.
    Changed {
        /// How many.
        ended_sessions: u64,
    },
    /// It is too weak.
    Weak(WeakPassword),
    /// The user may do more than the administrator.
    NotYours,
    /// There is no such user.
    NotFound,
}

/// What comes of deleting a user.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteOutcome {
    /// The user is gone.
    Deleted,
    /// It would leave no working admin.
    LastAdmin,
    /// The user may do more than the administrator.
    NotYours,
    /// There is no such user.
    NotFound,
}

/// What comes of ending a user's sessions.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSessionsOutcome {
    /// This many were ended.
    Ended(u64),
    /// The user may do more than the administrator.
    NotYours,
    /// There is no such user.
    NotFound,
}

impl App {
    /// One user, or none.
    pub async fn user(&self, id: UserId) -> Result<Option<Account>, AppError> {
        Ok(self.ports.store.account(id).await?)
    }

    /// The user with an e-mail address or username, or none.
    pub async fn user_by_identifier(
        &self,
        identifier: &Identifier,
    ) -> Result<Option<Account>, AppError> {
        Ok(self
            .ports
            .store
            .login_record(identifier)
            .await?
            .map(|record| record.account))
    }

    /// A page of users.
    pub async fn users(
        &self,
        filter: &UserFilter,
        page: &PageRequest,
    ) -> Result<Page<User>, AppError> {
        Ok(self.ports.store.users(filter, page).await?)
    }

    /// A page of users with their password hashes, for an export on the command line.
    pub async fn export_users(&self, page: &PageRequest) -> Result<Page<LoginRecord>, AppError> {
        Ok(self.ports.store.login_records(page).await?)
    }

    /// The live sessions of a user.
    pub async fn sessions_of(&self, id: UserId) -> Result<Vec<Session>, AppError> {
        Ok(self.ports.store.live_sessions(id, self.now()).await?)
    }

    /// Makes a user.
    pub async fn create_user(
        &self,
        by: Admin<'_>,
        command: CreateUser,
        origin: &Origin,
    ) -> Result<CreateUserOutcome, AppError> {
        if command.username.is_none() && command.email.is_none() {
            return Ok(CreateUserOutcome::NoIdentifier);
        }
        let (now, random) = self.id_parts();
        let user = User {
            id: UserId::from_parts(now, random),
            username: command.username,
            email: command.email,
            email_verified: false,
            display_name: command.display_name,
            state: UserState::Active,
            roles: command.roles,
            scopes: Scopes::default(),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let defined = self.ports.store.roles().await?;
        if let Some(unknown) = user
            .roles
            .iter()
            .find(|name| !name.is_built_in() && !defined.iter().any(|role| role.name == **name))
        {
            return Ok(CreateUserOutcome::UnknownRole(unknown.to_string()));
        }
        let account = Account {
            user,
            roles: defined,
        };
        if !account.user.roles.is_empty() && !by.may_grant(&account.effective_scopes()) {
            return Ok(CreateUserOutcome::NotYours);
        }
        let user = &account.user;
        let password = match command.password {
            None => None,
            Some(password) => {
                if let Err(weak) = self.assess(&password, user).await {
                    return Ok(CreateUserOutcome::Weak(weak));
                }
                Some(self.ports.passwords.hash(password).await?)
            }
        };
        let id = Some(user.id);
        let event = self.event(origin, by.actor(), Action::UserCreated, id, by.session_id());
        let intent = SignUp {
            by: by.word(),
            user: user.clone(),
            password,
            session: None,
            idempotency: None,
            event,
        };
        Ok(match self.ports.store.sign_up(intent).await? {
            SignedUp::Created | SignedUp::Repeated(_) => {
                CreateUserOutcome::Created(Box::new(account))
            }
            SignedUp::EmailTaken | SignedUp::KeyReused => CreateUserOutcome::EmailTaken,
            SignedUp::CallerLost(lost) => return Err(lost.into()),
            SignedUp::UsernameTaken => CreateUserOutcome::UsernameTaken,
            SignedUp::UnknownRole => {
                // One of them was deleted a moment ago.
                let asked: Vec<_> = user.roles.iter().map(ToString::to_string).collect();
                CreateUserOutcome::UnknownRole(asked.join(", "))
            }
        })
    }

    /// Enables, disables or locks a user; a user shut out is logged out everywhere.
    pub async fn set_user_state(
        &self,
        by: Admin<'_>,
        user_id: UserId,
        state: UserState,
        origin: &Origin,
    ) -> Result<StateOutcome, AppError> {
        let account = match self.reach(by, user_id).await? {
            Reach::Covered(account) => account,
            Reach::NotYours => return Ok(StateOutcome::NotYours),
            Reach::NotFound => return Ok(StateOutcome::NotFound),
        };
        let action = Action::UserStateChanged;
        let event = self
            .event(origin, by.actor(), action, Some(user_id), by.session_id())
            .with("state", state.as_str());
        let intent = SetUserState {
            by: by.word(),
            user_id,
            state,
            expected_version: Some(account.user.version),
            now: self.now(),
            event,
        };
        Ok(match self.ports.store.set_user_state(intent).await? {
            UserChanged::Changed(account) => StateOutcome::Changed(Box::new(account)),
            UserChanged::CallerLost(lost) => return Err(lost.into()),
            UserChanged::LastAdmin => StateOutcome::LastAdmin,
            UserChanged::VersionConflict => return Err(changed_meanwhile()),
            UserChanged::NotFound | UserChanged::UnknownRole(_) => StateOutcome::NotFound,
        })
    }

    /// Sets a user's password and logs them out everywhere.
    pub async fn set_password(
        &self,
        by: Admin<'_>,
        user_id: UserId,
        password: Password,
        origin: &Origin,
    ) -> Result<SetPasswordOutcome, AppError> {
        let account = match self.reach(by, user_id).await? {
            Reach::Covered(account) => account,
            Reach::NotYours => return Ok(SetPasswordOutcome::NotYours),
            Reach::NotFound => return Ok(SetPasswordOutcome::NotFound),
        };
        // One's own password is changed with the old one, in a session: a stolen token must not do it
        // this way. And who sets somebody's password can act as them, in every API.
        if by.is(user_id) || !by.may_grant(&account.effective_scopes()) {
            return Ok(SetPasswordOutcome::NotYours);
        }
        if let Err(weak) = self.assess(&password, &account.user).await {
            return Ok(SetPasswordOutcome::Weak(weak));
        }
        let new = self.ports.passwords.hash(password).await?;
        let action = Action::PasswordChanged;
        let event = self.event(origin, by.actor(), action, Some(user_id), by.session_id());
        let now = self.now();
        let intent = ChangePassword {
            by: by.word(),
            user_id,
            expected: None,
            new,
            expected_version: Some(account.user.version),
            keep_session: None,
            revoke_personal_tokens: true,
            now,
            event,
        };
        Ok(match self.ports.store.change_password(intent).await? {
            PasswordChanged::Changed { ended_sessions } => {
                SetPasswordOutcome::Changed { ended_sessions }
            }
            PasswordChanged::CallerLost(lost) => return Err(lost.into()),
            PasswordChanged::Stale => return Err(changed_meanwhile()),
            PasswordChanged::NotFound => SetPasswordOutcome::NotFound,
        })
    }

    /// Deletes a user and all that is theirs, except what the audit log says of them.
    pub async fn delete_user(
        &self,
        by: Admin<'_>,
        user_id: UserId,
        origin: &Origin,
    ) -> Result<DeleteOutcome, AppError> {
        let account = match self.reach(by, user_id).await? {
            Reach::Covered(account) => account,
            Reach::NotYours => return Ok(DeleteOutcome::NotYours),
            Reach::NotFound => return Ok(DeleteOutcome::NotFound),
        };
        let action = Action::UserDeleted;
        let event = self.event(origin, by.actor(), action, Some(user_id), by.session_id());
        let expected_version = Some(account.user.version);
        let intent = DeleteUser {
            by: by.word(),
            user_id,
            expected_version,
            event,
        };
        Ok(match self.ports.store.delete_user(intent).await? {
            UserDeleted::Deleted => DeleteOutcome::Deleted,
            UserDeleted::CallerLost(lost) => return Err(lost.into()),
            UserDeleted::LastAdmin => DeleteOutcome::LastAdmin,
            UserDeleted::VersionConflict => return Err(changed_meanwhile()),
            UserDeleted::NotFound => DeleteOutcome::NotFound,
        })
    }

    /// Logs a user out everywhere.
    pub async fn end_sessions_of(
        &self,
        by: Admin<'_>,
        user_id: UserId,
        origin: &Origin,
    ) -> Result<EndSessionsOutcome, AppError> {
        match self.reach(by, user_id).await? {
            Reach::Covered(_) => {}
            Reach::NotYours => return Ok(EndSessionsOutcome::NotYours),
            Reach::NotFound => return Ok(EndSessionsOutcome::NotFound),
        }
        let action = Action::SessionsEnded;
        let event = self.event(origin, by.actor(), action, Some(user_id), by.session_id());
        let now = self.now();
        let intent = EndSessions {
            user_id,
            keep: None,
            reason: EndReason::Revoked,
            now,
            event,
        };
        Ok(EndSessionsOutcome::Ended(
            self.ports.store.end_sessions(intent).await?,
        ))
    }

    /// Whether `by` may act on a user, as they stand now. A change that rests on it names the version
    /// of the user, so that it is not made on one who was made an administrator meanwhile.
    pub(super) async fn reach(&self, by: Admin<'_>, user_id: UserId) -> Result<Reach, AppError> {
        Ok(match self.user(user_id).await? {
            None => Reach::NotFound,
            Some(account) if by.outranks(&account.effective_scopes()) => {
                Reach::Covered(Box::new(account))
            }
            Some(_) => Reach::NotYours,
        })
    }
}

/// Whether an administrator may act on a user.
pub(super) enum Reach {
    Covered(Box<Account>),
    NotYours,
    NotFound,
}

/// The user was changed between the decision and the change; trying again decides anew.
pub(super) fn changed_meanwhile() -> AppError {
    let why = "the user was changed by somebody else at the same time";
    AppError::Store(StoreError::Unavailable(why.to_owned()))
}
