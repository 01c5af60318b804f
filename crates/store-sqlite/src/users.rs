//! Changes to users: profile, password, state, authority, and deletion.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{
    ChangeAuthority, ChangePassword, DeleteUser, LoginRecord, PasswordChanged, ProfileUpdated,
    SetUserState, StoreResult, UpdateProfile, UserChanged, UserDeleted,
};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, RoleName};
use countersign_domain::session::EndReason;
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use rusqlite::{Connection, params};

use crate::accounts::{account, existing_account, login_record_by_id};
use crate::error::OrStoreError;
use crate::new_users::{email_owner, username_owner};
use crate::{audit, personal_tokens, roles, sessions, standing};

/// See [`countersign_app::ports::Store::update_profile`].
pub(crate) fn update_profile(
    connection: &Connection,
    intent: UpdateProfile,
) -> StoreResult<ProfileUpdated> {
    if let Some(lost) = standing::lost(connection, &intent.by, intent.event.at)? {
        return Ok(ProfileUpdated::CallerLost(lost));
    }
    let Some(LoginRecord { account, password }) = login_record_by_id(connection, intent.user_id)?
    else {
        return Ok(ProfileUpdated::NotFound);
    };
    if intent.proved.is_some() && intent.proved != password {
        return Ok(ProfileUpdated::Stale);
    }
    let mut user = account.user;
    if is_conflict(intent.expected_version, &user) {
        return Ok(ProfileUpdated::VersionConflict);
    }
    if let Some(username) = intent.username {
        user.username = username;
    }
    if let Some(email) = intent.email {
        user.email = email;
        user.email_verified = false;
    }
    if let Some(display_name) = intent.display_name {
        user.display_name = display_name;
    }
    if user.username.is_none() && user.email.is_none() {
        return Ok(ProfileUpdated::NoIdentifierLeft);
    }
    let is_other = |owner| owner != *user.id.as_uuid();
    if email_owner(connection, user.email.as_ref())?.is_some_and(is_other) {
        return Ok(ProfileUpdated::EmailTaken);
    }
    if username_owner(connection, user.username.as_ref())?.is_some_and(is_other) {
        return Ok(ProfileUpdated::UsernameTaken);
    }
    save(connection, &user, intent.now)?;
    audit::insert(connection, &intent.event)?;
    Ok(ProfileUpdated::Updated(existing_account(
        connection,
        intent.user_id,
    )?))
}

/// See [`countersign_app::ports::Store::change_password`].
pub(crate) fn change_password(
    connection: &Connection,
    intent: &ChangePassword,
) -> StoreResult<PasswordChanged> {
    if let Some(lost) = standing::lost(connection, &intent.by, intent.event.at)? {
        return Ok(PasswordChanged::CallerLost(lost));
    }
    let Some(record) = login_record_by_id(connection, intent.user_id)? else {
        return Ok(PasswordChanged::NotFound);
    };
    let is_other = intent
        .expected
        .as_ref()
        .is_some_and(|expected| *expected != record.password);
    if is_other || is_conflict(intent.expected_version, &record.account.user) {
        return Ok(PasswordChanged::Stale);
    }
    set_password(connection, intent.user_id, &intent.new)?;
    if intent.revoke_personal_tokens {
        personal_tokens::revoke_all(connection, intent.user_id, intent.now)?;
    }
    let ended_sessions = sessions::end_all(
        connection,
        intent.user_id,
        intent.keep_session,
        EndReason::PasswordChanged,
        intent.now,
    )?;
    audit::insert(connection, &intent.event)?;
    Ok(PasswordChanged::Changed { ended_sessions })
}

/// Stores a password hash.
pub(crate) fn set_password(
    connection: &Connection,
    id: UserId,
    hash: &PasswordHash,
) -> StoreResult<()> {
    connection
        .prepare_cached("UPDATE users SET password = ?2 WHERE id = ?1")
        .or_store_error()?
        .execute(params![id.as_uuid(), hash.expose()])
        .or_store_error()?;
    Ok(())
}

/// See [`countersign_app::ports::Store::set_user_state`].
pub(crate) fn set_state(
    connection: &Connection,
    intent: &SetUserState,
) -> StoreResult<UserChanged> {
    if let Some(lost) = standing::lost(connection, &intent.by, intent.event.at)? {
        return Ok(UserChanged::CallerLost(lost));
    }
    let Some(Account { mut user, .. }) = account(connection, intent.user_id)? else {
        return Ok(UserChanged::NotFound);
    };
    if is_conflict(intent.expected_version, &user) {
        return Ok(UserChanged::VersionConflict);
    }
    let was_admin = user.is_working_admin();
    user.state = intent.state;
    if was_admin && !user.is_working_admin() && !another_admin(connection, user.id)? {
        return Ok(UserChanged::LastAdmin);
    }
    save(connection, &user, intent.now)?;
    if user.state != UserState::Active {
        sessions::end_all(connection, user.id, None, EndReason::UserShut, intent.now)?;
    }
    audit::insert(connection, &intent.event)?;
    Ok(UserChanged::Changed(existing_account(
        connection,
        intent.user_id,
    )?))
}

/// See [`countersign_app::ports::Store::change_authority`].
pub(crate) fn change_authority(
    connection: &Connection,
    intent: &ChangeAuthority,
) -> StoreResult<UserChanged> {
    if let Some(lost) = standing::lost(connection, &intent.by, intent.event.at)? {
        return Ok(UserChanged::CallerLost(lost));
    }
    let Some(Account { mut user, .. }) = account(connection, intent.user_id)? else {
        return Ok(UserChanged::NotFound);
    };
    if is_conflict(intent.expected_version, &user) {
        return Ok(UserChanged::VersionConflict);
    }
    let named = intent.grant_roles.union(&intent.revoke_roles);
    if let Some(unknown) = roles::first_unknown(connection, named)? {
        return Ok(UserChanged::UnknownRole(unknown));
    }
    let loses_admin = user.is_working_admin() && intent.revoke_roles.contains(&RoleName::admin());
    if loses_admin && !another_admin(connection, user.id)? {
        return Ok(UserChanged::LastAdmin);
    }
    roles::grant(connection, user.id, &intent.grant_roles)?;
    roles::revoke(connection, user.id, &intent.revoke_roles)?;
    user.scopes = user
        .scopes
        .union(&intent.grant_scopes)
        .difference(&intent.revoke_scopes);
    save(connection, &user, intent.now)?;
    audit::insert(connection, &intent.event)?;
    Ok(UserChanged::Changed(existing_account(
        connection,
        intent.user_id,
    )?))
}

/// See [`countersign_app::ports::Store::delete_user`]. What is theirs goes by the references.
pub(crate) fn delete(connection: &Connection, intent: &DeleteUser) -> StoreResult<UserDeleted> {
    if let Some(lost) = standing::lost(connection, &intent.by, intent.event.at)? {
        return Ok(UserDeleted::CallerLost(lost));
    }
    let id = intent.user_id;
    let Some(account) = account(connection, id)? else {
        return Ok(UserDeleted::NotFound);
    };
    if is_conflict(intent.expected_version, &account.user) {
        return Ok(UserDeleted::VersionConflict);
    }
    if account.is_working_admin() && !another_admin(connection, id)? {
        return Ok(UserDeleted::LastAdmin);
    }
    connection
        .prepare_cached("DELETE FROM users WHERE id = ?1")
        .or_store_error()?
        .execute(params![id.as_uuid()])
        .or_store_error()?;
    audit::insert(connection, &intent.event)?;
    Ok(UserDeleted::Deleted)
}

/// Whether the user has changed since a decision was made on them.
fn is_conflict(expected_version: Option<u64>, user: &User) -> bool {
    expected_version.is_some_and(|expected| expected != user.version)
}

/// Whether somebody but `id` could administer the instance.
fn another_admin(connection: &Connection, id: UserId) -> StoreResult<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM user_roles held CROSS JOIN users u ON u.id = held.user_id
             WHERE held.role = 'admin' AND held.user_id <> ?1 AND u.state = 'active' LIMIT 1",
        )
        .or_store_error()?
        .exists(params![id.as_uuid()])
        .or_store_error()
}

/// Writes a changed user, all but their roles, and counts the version up.
fn save(connection: &Connection, user: &User, now: Timestamp) -> StoreResult<()> {
    let version = i64::try_from(user.version.saturating_add(1))
        .map_err(|_| StoreError::Corrupt("the version of a user is out of range".to_owned()))?;
    connection
        .prepare_cached(
            "UPDATE users SET username = ?2, email = ?3, email_key = ?4, email_verified = ?5,
                 display_name = ?6, state = ?7, scopes = ?8, updated_at = ?9, version = ?10
             WHERE id = ?1",
        )
        .or_store_error()?
        .execute(params![
            user.id.as_uuid(),
            user.username.as_ref().map(Username::as_str),
            user.email.as_ref().map(EmailAddress::as_str),
            user.email.as_ref().map(EmailAddress::key),
            user.email_verified,
            user.display_name.as_ref().map(Label::as_str),
            user.state.as_str(),
            user.scopes.to_string(),
            now.as_millis(),
            version,
        ])
        .or_store_error()?;
    Ok(())
}
