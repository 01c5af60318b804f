//! Changes to users by administrators: state, authority, and deletion. Those that could take the
//! last working admin away go one after the other in the whole database: each locks the guard
//! `admins` first, then the roles it names, then the user.

use countersign_app::ports::store::{
    ChangeAuthority, DeleteUser, SetUserState, StoreResult, UserChanged, UserDeleted,
};
use countersign_domain::id::UserId;
use countersign_domain::role::{Account, RoleName};
use countersign_domain::session::EndReason;
use countersign_domain::standing::{By, Lost};
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};

use crate::accounts::{account_in, account_statement, existing_account_in, lock_statement};
use crate::connection::{Answer, Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;
use crate::users::{is_conflict, save};
use crate::{audit, roles, sessions, standing};

/// A user as they stand, while nobody else can change them nor take another admin away.
struct Locked {
    account: Option<Account>,
    another_admin: bool,
    /// What the caller lost meanwhile.
    lost: Option<Lost>,
    answers: Vec<Answer>,
}

impl Locked {
    /// Locks and reads. `between` comes after the guard and before the user.
    async fn read(
        lease: &mut Lease,
        id: UserId,
        between: Option<Statement>,
        (by, now): (&By, Timestamp),
    ) -> Result<Self, Fault> {
        let mut statements = vec![sql!(
            "SELECT 1 FROM guards WHERE name = 'admins' FOR UPDATE"
        )];
        statements.extend(between);
        statements.extend([lock_statement(id), another_admin(id), account_statement(id)]);
        let mut answers = lease.begin(statements).await?;
        let account = answers.pop().as_ref().map(account_in).transpose()?;
        let another_admin = answers.pop().is_some_and(|answer| !answer.rows.is_empty());
        Ok(Self {
            account: account.flatten(),
            another_admin,
            lost: standing::lost(lease, by, now).await?,
            answers,
        })
    }
}

/// The statement that finds whether somebody but `id` could administer the instance.
pub(crate) fn another_admin(id: UserId) -> Statement {
    sql!(
        "SELECT 1 FROM user_roles held JOIN users u ON u.id = held.user_id
         WHERE held.role = 'admin' AND held.user_id <> $1 AND u.state = 'active' LIMIT 1",
        id
    )
}

/// See [`countersign_app::ports::Store::set_user_state`].
pub(crate) async fn set_state(
    lease: &mut Lease,
    intent: &SetUserState,
) -> Result<UserChanged, Fault> {
    let locked = Locked::read(lease, intent.user_id, None, (&intent.by, intent.event.at)).await?;
    if let Some(lost) = locked.lost {
        return refuse(lease, UserChanged::CallerLost(lost)).await;
    }
    let Some(Account { mut user, .. }) = locked.account else {
        return refuse(lease, UserChanged::NotFound).await;
    };
    if is_conflict(intent.expected_version, &user) {
        return refuse(lease, UserChanged::VersionConflict).await;
    }
    let was_admin = user.is_working_admin();
    user.state = intent.state;
    if was_admin && !user.is_working_admin() && !locked.another_admin {
        return refuse(lease, UserChanged::LastAdmin).await;
    }
    let mut changes = vec![save(&user, intent.now)];
    if user.state != UserState::Active {
        changes.push(sessions::end_all(
            user.id,
            None,
            EndReason::UserShut,
            intent.now,
        ));
    }
    changes.push(audit::insert(&intent.event)?);
    changes.push(account_statement(user.id));
    let answers = lease.commit(changes).await?;
    Ok(UserChanged::Changed(existing_account_in(&answers)?))
}

/// See [`countersign_app::ports::Store::change_authority`].
pub(crate) async fn change_authority(
    lease: &mut Lease,
    intent: &ChangeAuthority,
) -> Result<UserChanged, Fault> {
    let named = || intent.grant_roles.union(&intent.revoke_roles);
    let hold = roles::hold(roles::stored(named()).collect());
    let locked = Locked::read(
        lease,
        intent.user_id,
        Some(hold),
        (&intent.by, intent.event.at),
    )
    .await?;
    if let Some(lost) = locked.lost {
        return refuse(lease, UserChanged::CallerLost(lost)).await;
    }
    let Some(Account { mut user, .. }) = locked.account else {
        return refuse(lease, UserChanged::NotFound).await;
    };
    if is_conflict(intent.expected_version, &user) {
        return refuse(lease, UserChanged::VersionConflict).await;
    }
    if let Some(unknown) = first_unknown(named(), locked.answers.get(1))? {
        return refuse(lease, UserChanged::UnknownRole(unknown)).await;
    }
    let loses_admin = user.is_working_admin() && intent.revoke_roles.contains(&RoleName::admin());
    if loses_admin && !locked.another_admin {
        return refuse(lease, UserChanged::LastAdmin).await;
    }
    user.scopes = user
        .scopes
        .union(&intent.grant_scopes)
        .difference(&intent.revoke_scopes);
    let answers = lease
        .commit(vec![
            roles::grant(user.id, roles::held(&intent.grant_roles)),
            roles::revoke(user.id, &intent.revoke_roles),
            save(&user, intent.now),
            audit::insert(&intent.event)?,
            account_statement(user.id),
        ])
        .await?;
    Ok(UserChanged::Changed(existing_account_in(&answers)?))
}

/// The first of the names, in their order, that is neither built in nor defined.
fn first_unknown<'n>(
    names: impl IntoIterator<Item = &'n RoleName>,
    defined: Option<&Answer>,
) -> StoreResult<Option<RoleName>> {
    let defined = roles::names_in(defined)?;
    Ok(names
        .into_iter()
        .find(|name| !name.is_built_in() && !defined.contains(name.as_str()))
        .cloned())
}

async fn refuse(lease: &mut Lease, answer: UserChanged) -> Result<UserChanged, Fault> {
    lease.roll_back().await?;
    Ok(answer)
}

/// See [`countersign_app::ports::Store::delete_user`]. What is theirs goes by the references.
pub(crate) async fn delete(lease: &mut Lease, intent: &DeleteUser) -> Result<UserDeleted, Fault> {
    let id = intent.user_id;
    let locked = Locked::read(lease, id, None, (&intent.by, intent.event.at)).await?;
    let refused = match &locked.account {
        _ if locked.lost.is_some() => locked.lost.map(UserDeleted::CallerLost),
        None => Some(UserDeleted::NotFound),
        Some(account) if is_conflict(intent.expected_version, &account.user) => {
            Some(UserDeleted::VersionConflict)
        }
        Some(account) if is_last_admin(&account.user, &locked) => Some(UserDeleted::LastAdmin),
        Some(_) => None,
    };
    if let Some(refused) = refused {
        lease.roll_back().await?;
        return Ok(refused);
    }
    lease
        .commit(vec![
            sql!("DELETE FROM users WHERE id = $1", id),
            audit::insert(&intent.event)?,
        ])
        .await?;
    Ok(UserDeleted::Deleted)
}

fn is_last_admin(user: &User, locked: &Locked) -> bool {
    user.is_working_admin() && !locked.another_admin
}
