//! Changes to users: profile, password, state, authority, and deletion. Each holds the row of its
//! user from its first look on. What could take the last admin away holds the row of the instance
//! before that, so that of two such changes the second sees what the first one did.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{
    ChangeAuthority, ChangePassword, DeleteUser, PasswordChanged, ProfileUpdated, SetUserState,
    StoreResult, UpdateProfile, UserChanged, UserDeleted,
};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, RoleName, RoleNames};
use countersign_domain::session::EndReason;
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use mysql_async::Row;

use crate::accounts::{
    account_in, account_sql, existing_account_in, lock_sql, login_record_in, login_record_sql,
};
use crate::cells::Cells;
use crate::error::Fault;
use crate::link::{Answers, Link};
use crate::sql::{Sql, count};
use crate::{audit, personal_tokens, roles, sessions, standing};

/// See [`countersign_app::ports::Store::update_profile`].
pub(crate) async fn update_profile(
    link: &mut Link<'_>,
    intent: &UpdateProfile,
) -> Result<ProfileUpdated, Fault> {
    let id = intent.user_id;
    let new_email = intent.email.as_ref().and_then(Option::as_ref);
    let new_username = intent.username.as_ref().and_then(Option::as_ref);
    let sql = lock_sql(id)
        .and(login_record_sql(id))
        .then(
            "SELECT id FROM users WHERE email_key = ?",
            [new_email.map(EmailAddress::key).into()],
        )
        .then(
            "SELECT id FROM users WHERE username = ?",
            [new_username.map(Username::as_str).into()],
        );
    let mut answers = link.begin(sql).await?;
    if let Some(lost) = standing::lost(link, &intent.by, intent.event.at).await? {
        return Ok(ProfileUpdated::CallerLost(lost));
    }
    answers.skip();
    let Some(record) = login_record_in(&mut answers)? else {
        return Ok(ProfileUpdated::NotFound);
    };
    if intent.proved.is_some() && intent.proved != record.password {
        return Ok(ProfileUpdated::Stale);
    }
    let mut user = record.account.user;
    if is_conflict(intent.expected_version, &user) {
        return Ok(ProfileUpdated::VersionConflict);
    }
    if let Some(username) = &intent.username {
        user.username.clone_from(username);
    }
    if let Some(email) = &intent.email {
        user.email.clone_from(email);
        user.email_verified = false;
    }
    if let Some(display_name) = &intent.display_name {
        user.display_name.clone_from(display_name);
    }
    if user.username.is_none() && user.email.is_none() {
        return Ok(ProfileUpdated::NoIdentifierLeft);
    }
    if is_somebody_elses(&answers.rows()?, id)? {
        return Ok(ProfileUpdated::EmailTaken);
    }
    if is_somebody_elses(&answers.rows()?, id)? {
        return Ok(ProfileUpdated::UsernameTaken);
    }
    let sql = save_sql(&user, intent.now)?.and(audit::insert_sql(&intent.event)?);
    Ok(ProfileUpdated::Updated(commit(link, sql, id).await?))
}

fn is_somebody_elses(owners: &[Row], id: UserId) -> StoreResult<bool> {
    match owners.first() {
        Some(row) => Ok(Cells::of(row).id()? != *id.as_uuid()),
        None => Ok(false),
    }
}

/// Commits a change of a user, and gives the account as it is then.
async fn commit(link: &mut Link<'_>, sql: Sql, id: UserId) -> Result<Account, Fault> {
    // Read first: what a commit answers comes last.
    let statements = link.commit(sql.and(account_sql(id))).await?;
    existing_account_in(&mut statements.last_rows())
}

/// See [`countersign_app::ports::Store::change_password`].
pub(crate) async fn change_password(
    link: &mut Link<'_>,
    intent: &ChangePassword,
) -> Result<PasswordChanged, Fault> {
    let id = intent.user_id;
    let mut answers = link.begin(lock_sql(id).and(login_record_sql(id))).await?;
    if let Some(lost) = standing::lost(link, &intent.by, intent.event.at).await? {
        return Ok(PasswordChanged::CallerLost(lost));
    }
    answers.skip();
    let Some(record) = login_record_in(&mut answers)? else {
        return Ok(PasswordChanged::NotFound);
    };
    let is_other = intent
        .expected
        .as_ref()
        .is_some_and(|expected| *expected != record.password);
    if is_other || is_conflict(intent.expected_version, &record.account.user) {
        return Ok(PasswordChanged::Stale);
    }
    let reason = EndReason::PasswordChanged;
    let mut sql = sessions::end_all_sql(id, intent.keep_session, reason, intent.now)
        .and(set_password_sql(id, &intent.new))
        .and(audit::insert_sql(&intent.event)?);
    if intent.revoke_personal_tokens {
        sql = sql.and(personal_tokens::revoke_all_sql(id, intent.now));
    }
    let ended_sessions = sessions::ended_in(&mut link.commit(sql).await?)?;
    Ok(PasswordChanged::Changed { ended_sessions })
}

/// Stores a password hash.
pub(crate) fn set_password_sql(id: UserId, hash: &PasswordHash) -> Sql {
    Sql::new(
        "UPDATE users SET password = ? WHERE id = ?",
        [hash.expose().into(), id.into()],
    )
}

/// See [`countersign_app::ports::Store::set_user_state`].
pub(crate) async fn set_state(
    link: &mut Link<'_>,
    intent: &SetUserState,
) -> Result<UserChanged, Fault> {
    let id = intent.user_id;
    let shuts = intent.state != UserState::Active;
    let mut answers = link.begin(look_sql(id, shuts, Sql::default())).await?;
    if let Some(lost) = standing::lost(link, &intent.by, intent.event.at).await? {
        return Ok(UserChanged::CallerLost(lost));
    }
    let Some(Looked {
        mut user,
        other_admin,
    }) = looked(&mut answers, shuts)?
    else {
        return Ok(UserChanged::NotFound);
    };
    if is_conflict(intent.expected_version, &user) {
        return Ok(UserChanged::VersionConflict);
    }
    let was_admin = user.is_working_admin();
    user.state = intent.state;
    if was_admin && !user.is_working_admin() && !other_admin {
        return Ok(UserChanged::LastAdmin);
    }
    let mut sql = save_sql(&user, intent.now)?;
    if shuts {
        sql = sql.and(sessions::end_all_sql(
            id,
            None,
            EndReason::UserShut,
            intent.now,
        ));
    }
    let sql = sql.and(audit::insert_sql(&intent.event)?);
    Ok(UserChanged::Changed(commit(link, sql, id).await?))
}

/// See [`countersign_app::ports::Store::change_authority`].
pub(crate) async fn change_authority(
    link: &mut Link<'_>,
    intent: &ChangeAuthority,
) -> Result<UserChanged, Fault> {
    let id = intent.user_id;
    let revokes_admin = intent.revoke_roles.contains(&RoleName::admin());
    let named = intent.grant_roles.union(&intent.revoke_roles);
    let sql = look_sql(id, revokes_admin, roles::lock_sql(named.clone()));
    let mut answers = link.begin(sql).await?;
    if let Some(lost) = standing::lost(link, &intent.by, intent.event.at).await? {
        return Ok(UserChanged::CallerLost(lost));
    }
    if revokes_admin {
        answers.skip();
    }
    let known = roles::names_in(&mut answers)?;
    let Some(Looked {
        mut user,
        other_admin,
    }) = looked(&mut answers, false)?
    else {
        return Ok(UserChanged::NotFound);
    };
    if is_conflict(intent.expected_version, &user) {
        return Ok(UserChanged::VersionConflict);
    }
    let mut named = intent.grant_roles.union(&intent.revoke_roles);
    if let Some(unknown) = named.find(|name| !name.is_built_in() && !known.contains(*name)) {
        return Ok(UserChanged::UnknownRole(unknown.clone()));
    }
    if user.is_working_admin() && revokes_admin && !other_admin {
        return Ok(UserChanged::LastAdmin);
    }
    // What is in both is revoked.
    let added: RoleNames = intent
        .grant_roles
        .difference(&intent.revoke_roles)
        .filter(|name| !user.roles.contains(*name))
        .cloned()
        .collect();
    user.scopes = user
        .scopes
        .union(&intent.grant_scopes)
        .difference(&intent.revoke_scopes);
    let sql = save_sql(&user, intent.now)?
        .and(roles::revoke_sql(id, &intent.revoke_roles))
        .and(roles::grant_sql([(id, &added)]))
        .and(audit::insert_sql(&intent.event)?);
    Ok(UserChanged::Changed(commit(link, sql, id).await?))
}

/// See [`countersign_app::ports::Store::delete_user`]. What is theirs goes by the references.
pub(crate) async fn delete(link: &mut Link<'_>, intent: &DeleteUser) -> Result<UserDeleted, Fault> {
    let id = intent.user_id;
    let mut answers = link.begin(look_sql(id, true, Sql::default())).await?;
    if let Some(lost) = standing::lost(link, &intent.by, intent.event.at).await? {
        return Ok(UserDeleted::CallerLost(lost));
    }
    let Some(Looked { user, other_admin }) = looked(&mut answers, true)? else {
        return Ok(UserDeleted::NotFound);
    };
    if is_conflict(intent.expected_version, &user) {
        return Ok(UserDeleted::VersionConflict);
    }
    if user.is_working_admin() && !other_admin {
        return Ok(UserDeleted::LastAdmin);
    }
    let sql = Sql::new("DELETE FROM users WHERE id = ?", [id.into()])
        .and(audit::insert_sql(&intent.event)?);
    link.commit(sql).await?;
    Ok(UserDeleted::Deleted)
}

/// Whether the user has changed since a decision was made on them.
fn is_conflict(expected_version: Option<u64>, user: &User) -> bool {
    expected_version.is_some_and(|expected| expected != user.version)
}

/// The first look of a change: the instance is held if an admin could go, then whatever `between`
/// holds, then the user.
fn look_sql(id: UserId, may_lose_admin: bool, between: Sql) -> Sql {
    let lock = if may_lose_admin {
        Sql::new("SELECT id FROM instance WHERE id = 1 FOR UPDATE", [])
    } else {
        Sql::default()
    };
    lock.and(between)
        .and(lock_sql(id))
        .and(account_sql(id))
        .then(
            "SELECT 1 FROM user_roles held STRAIGHT_JOIN users u ON u.id = held.user_id
             WHERE held.role = ? AND held.user_id <> ? AND u.state = ? LIMIT 1",
            [
                RoleName::admin().as_str().into(),
                id.into(),
                UserState::Active.as_str().into(),
            ],
        )
}

/// What a look found.
struct Looked {
    user: User,
    /// Whether somebody else could administer the instance.
    other_admin: bool,
}

fn looked(answers: &mut Answers, locked_instance: bool) -> Result<Option<Looked>, Fault> {
    if locked_instance {
        answers.skip();
    }
    answers.skip();
    let Some(account) = account_in(answers)? else {
        return Ok(None);
    };
    Ok(Some(Looked {
        user: account.user,
        other_admin: !answers.rows()?.is_empty(),
    }))
}

/// Writes a changed user, all but their roles, and counts the version up.
fn save_sql(user: &User, now: Timestamp) -> StoreResult<Sql> {
    let too_many = || StoreError::Corrupt("the version of a user is out of range".to_owned());
    let version = user.version.checked_add(1).ok_or_else(too_many)?;
    Ok(Sql::new(
        "UPDATE users SET username = ?, email = ?, email_key = ?, email_verified = ?,
             display_name = ?, state = ?, scopes = ?, updated_at = ?, version = ?
         WHERE id = ?",
        [
            user.username.as_ref().map(Username::as_str).into(),
            user.email.as_ref().map(EmailAddress::as_str).into(),
            user.email.as_ref().map(EmailAddress::key).into(),
            user.email_verified.into(),
            user.display_name.as_ref().map(Label::as_str).into(),
            user.state.as_str().into(),
            user.scopes.to_string().into(),
            now.into(),
            count(version, "the version of a user")?,
            user.id.into(),
        ],
    ))
}
