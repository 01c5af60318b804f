//! Changes to users by themselves: profile and password. The user is locked, read, judged and
//! written.

use countersign_app::ports::store::{
    ChangePassword, PasswordChanged, ProfileUpdated, StoreResult, UpdateProfile,
};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::session::EndReason;
use countersign_domain::time::Timestamp;
use countersign_domain::user::User;

use crate::accounts::{
    account_statement, existing_account_in, lock_statement, login_record_in, login_record_statement,
};
use crate::cells::Cells;
use crate::connection::{Answer, Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;
use crate::value::count;
use crate::{audit, personal_tokens, sessions, standing};

/// See [`countersign_app::ports::Store::update_profile`].
pub(crate) async fn update_profile(
    lease: &mut Lease,
    intent: &UpdateProfile,
) -> Result<ProfileUpdated, Fault> {
    loop {
        match try_profile(lease, intent).await {
            // Somebody took a name in between; looked at again, it is seen to be taken.
            Err(fault) if fault.is_taken() => lease.roll_back().await?,
            answer => return answer,
        }
    }
}

async fn try_profile(lease: &mut Lease, intent: &UpdateProfile) -> Result<ProfileUpdated, Fault> {
    let answers = lease
        .begin(vec![
            lock_statement(intent.user_id),
            login_record_statement(intent.user_id),
            owners(intent),
        ])
        .await?;
    if let Some(lost) = standing::lost(lease, &intent.by, intent.event.at).await? {
        lease.roll_back().await?;
        return Ok(ProfileUpdated::CallerLost(lost));
    }
    let found = answers.get(1).map(login_record_in).transpose()?.flatten();
    let refused = match found {
        None => ProfileUpdated::NotFound,
        Some(record) if intent.proved.is_some() && intent.proved != record.password => {
            ProfileUpdated::Stale
        }
        Some(record) if is_conflict(intent.expected_version, &record.account.user) => {
            ProfileUpdated::VersionConflict
        }
        Some(record) => {
            let mut user = record.account.user;
            apply(intent, &mut user);
            if let Some(refused) = stands_against(&user, answers.last())? {
                refused
            } else {
                let answers = lease
                    .commit(vec![
                        save(&user, intent.now),
                        audit::insert(&intent.event)?,
                        account_statement(intent.user_id),
                    ])
                    .await?;
                return Ok(ProfileUpdated::Updated(existing_account_in(&answers)?));
            }
        }
    };
    lease.roll_back().await?;
    Ok(refused)
}

fn apply(intent: &UpdateProfile, user: &mut User) {
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
}

/// The statement that finds whether others have the new names.
fn owners(intent: &UpdateProfile) -> Statement {
    let email = intent.email.as_ref().and_then(Option::as_ref);
    let username = intent.username.as_ref().and_then(Option::as_ref);
    sql!(
        "SELECT EXISTS (SELECT 1 FROM users WHERE email_key = $1 AND id <> $3),
             EXISTS (SELECT 1 FROM users WHERE username = $2 AND id <> $3)",
        email.map(EmailAddress::key),
        username.map(Username::as_str),
        intent.user_id
    )
}

fn stands_against(user: &User, owners: Option<&Answer>) -> StoreResult<Option<ProfileUpdated>> {
    if user.username.is_none() && user.email.is_none() {
        return Ok(Some(ProfileUpdated::NoIdentifierLeft));
    }
    let Some(row) = owners.and_then(|answer| answer.rows.first()) else {
        return Ok(None);
    };
    let mut cells = Cells::of(row);
    let (email, username) = (cells.truth()?, cells.truth()?);
    Ok(if email {
        Some(ProfileUpdated::EmailTaken)
    } else if username {
        Some(ProfileUpdated::UsernameTaken)
    } else {
        None
    })
}

/// See [`countersign_app::ports::Store::change_password`].
pub(crate) async fn change_password(
    lease: &mut Lease,
    intent: &ChangePassword,
) -> Result<PasswordChanged, Fault> {
    let answers = lease
        .begin(vec![
            lock_statement(intent.user_id),
            login_record_statement(intent.user_id),
        ])
        .await?;
    if let Some(lost) = standing::lost(lease, &intent.by, intent.event.at).await? {
        lease.roll_back().await?;
        return Ok(PasswordChanged::CallerLost(lost));
    }
    let record = answers.last().map(login_record_in).transpose()?.flatten();
    let Some(record) = record else {
        lease.roll_back().await?;
        return Ok(PasswordChanged::NotFound);
    };
    let is_other = intent
        .expected
        .as_ref()
        .is_some_and(|expected| *expected != record.password);
    if is_other || is_conflict(intent.expected_version, &record.account.user) {
        lease.roll_back().await?;
        return Ok(PasswordChanged::Stale);
    }
    // The first, whose count is the answer.
    let mut changes = vec![sessions::end_all(
        intent.user_id,
        intent.keep_session,
        EndReason::PasswordChanged,
        intent.now,
    )];
    changes.push(set_password(intent.user_id, &intent.new));
    if intent.revoke_personal_tokens {
        changes.push(personal_tokens::revoke_all(intent.user_id, intent.now));
    }
    changes.push(audit::insert(&intent.event)?);
    let answers = lease.commit(changes).await?;
    let ended_sessions = sessions::live_ended(answers.first())?;
    Ok(PasswordChanged::Changed { ended_sessions })
}

/// The statement that stores a password hash.
pub(crate) fn set_password(id: UserId, hash: &PasswordHash) -> Statement {
    sql!(
        "UPDATE users SET password = $2 WHERE id = $1",
        id,
        hash.expose()
    )
}

/// Whether the user has changed since a decision was made on them.
pub(crate) fn is_conflict(expected_version: Option<u64>, user: &User) -> bool {
    expected_version.is_some_and(|expected| expected != user.version)
}

/// The statement that writes a changed user, all but their roles, and counts the version up.
pub(crate) fn save(user: &User, now: Timestamp) -> Statement {
    sql!(
        "UPDATE users SET username = $2, email = $3, email_key = $4, email_verified = $5,
             display_name = $6, state = $7, scopes = $8, updated_at = $9, version = $10
         WHERE id = $1",
        user.id,
        user.username.as_ref().map(Username::as_str),
        user.email.as_ref().map(EmailAddress::as_str),
        user.email.as_ref().map(EmailAddress::key),
        user.email_verified,
        user.display_name.as_ref().map(Label::as_str),
        user.state.as_str(),
        user.scopes.to_string(),
        now,
        count(user.version.saturating_add(1)),
    )
}
