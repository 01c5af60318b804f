//! How users come in one at a time: by signing up. All of it goes out as one text; if a unique index
//! says no, everything is undone, and one look at who has what tells why. Roles that could be gone are
//! held before that.

use countersign_app::ports::store::{Idempotency, SignUp, SignedUp, StoreResult};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::standing::By;
use countersign_domain::user::User;

use crate::cells::Cells;
use crate::error::Fault;
use crate::link::{Answers, Link};
use crate::sql::{Literal, Sql, count};
use crate::{audit, roles, sessions, standing};

/// See [`countersign_app::ports::Store::sign_up`].
pub(crate) async fn sign_up(link: &mut Link<'_>, intent: &SignUp) -> Result<SignedUp, Fault> {
    let sql = sign_up_sql(intent)?;
    let held = intent.user.roles.iter();
    let defined: Vec<_> = held.filter(|name| !name.is_built_in()).collect();
    let outcome = if defined.is_empty() && intent.by == By::Operator {
        link.transaction(sql).await
    } else {
        let lock = roles::lock_sql(defined.iter().copied());
        let known = roles::names_in(&mut link.begin(lock).await?)?;
        if let Some(lost) = standing::lost(link, &intent.by, intent.event.at).await? {
            return Ok(SignedUp::CallerLost(lost));
        }
        if !defined.iter().all(|name| known.contains(*name)) {
            // A repeated request is answered as before, though the role has gone since.
            let refusal = refusal(link, intent).await?;
            return Ok(refusal.unwrap_or(SignedUp::UnknownRole));
        }
        link.commit(sql).await
    };
    match outcome {
        Ok(_) => Ok(SignedUp::Created),
        Err(fault) if fault.is_duplicate() => match refusal(link, intent).await? {
            Some(refusal) => Ok(refusal),
            // Whoever was in the way has gone again, or the id is taken, which no caller may do.
            None => Err(fault),
        },
        Err(fault) => Err(fault),
    }
}

fn sign_up_sql(intent: &SignUp) -> StoreResult<Sql> {
    let SignUp {
        by: _,
        user,
        password,
        session,
        idempotency,
        event,
    } = intent;
    let mut sql = Sql::default();
    if let Some(key) = idempotency {
        sql = sql
            .then(
                "DELETE FROM idempotency_keys WHERE key_hash = ? AND expires_at <= ?",
                [key.key.into(), key.now.into()],
            )
            .then(
                "INSERT INTO idempotency_keys (key_hash, request, user_id, expires_at)
                 VALUES (?, ?, ?, ?)",
                [
                    key.key.into(),
                    key.request.into(),
                    user.id.into(),
                    key.expires_at.into(),
                ],
            );
    }
    sql = sql
        .and(insert_sql([(user, password.as_ref())])?)
        .and(roles::grant_sql([(user.id, &user.roles)]));
    if let Some(session) = session {
        sql = sql.and(sessions::insert_sql(session)?);
    }
    Ok(sql.and(audit::insert_sql(event)?))
}

/// Why a sign-up was refused, by what is committed: in the order in which the reasons count.
async fn refusal(link: &mut Link<'_>, intent: &SignUp) -> Result<Option<SignedUp>, Fault> {
    let user = &intent.user;
    let email_key = user.email.as_ref().map(EmailAddress::key);
    let username = user.username.as_ref().map(Username::as_str);
    let mut sql = Sql::new(
        "SELECT id FROM users WHERE email_key = ?",
        [email_key.into()],
    )
    .then("SELECT id FROM users WHERE username = ?", [username.into()]);
    if let Some(key) = &intent.idempotency {
        sql = sql.then(
            "SELECT request, user_id FROM idempotency_keys WHERE key_hash = ? AND expires_at > ?",
            [key.key.into(), key.now.into()],
        );
    }
    let mut answers = link.roll_back_and_read(sql).await?;
    let email_taken = !answers.rows()?.is_empty();
    let username_taken = !answers.rows()?.is_empty();
    if let Some(key) = &intent.idempotency
        && let Some(before) = repeated(&mut answers, key)?
    {
        return Ok(Some(before));
    }
    Ok(if email_taken {
        Some(SignedUp::EmailTaken)
    } else if username_taken {
        Some(SignedUp::UsernameTaken)
    } else {
        None
    })
}

/// What a request with this idempotency key led to before, unless the key is forgotten.
fn repeated(answers: &mut Answers, new: &Idempotency) -> Result<Option<SignedUp>, Fault> {
    let rows = answers.rows()?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let mut cells = Cells::of(row);
    let request: [u8; 32] = cells.bytes()?;
    Ok(Some(if request == *new.request.as_bytes() {
        SignedUp::Repeated(UserId::from_uuid(cells.id()?))
    } else {
        SignedUp::KeyReused
    }))
}

/// Writes new users, without their roles.
pub(crate) fn insert_sql<'u>(
    users: impl IntoIterator<Item = (&'u User, Option<&'u PasswordHash>)>,
) -> StoreResult<Sql> {
    let mut sql = Sql::default();
    for (user, password) in users {
        let text = if sql.is_empty() {
            "INSERT INTO users (id, username, email, email_key, email_verified, display_name,
                 state, scopes, created_at, updated_at, version, password)
             VALUES "
        } else {
            ", "
        };
        sql.add(text, []);
        sql.add(
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values(user, password)?,
        );
    }
    Ok(sql)
}

/// Writes a user who is there as this one, without their roles.
pub(crate) fn update_sql(user: &User, password: Option<&PasswordHash>) -> StoreResult<Sql> {
    let [id, values @ ..] = values(user, password)?;
    let text = "UPDATE users SET username = ?, email = ?, email_key = ?, email_verified = ?,
             display_name = ?, state = ?, scopes = ?, created_at = ?, updated_at = ?, version = ?,
             password = ?";
    Ok(Sql::new(text, values).push(" WHERE id = ?", [id]))
}

fn values(user: &User, password: Option<&PasswordHash>) -> StoreResult<[Literal; 12]> {
    Ok([
        user.id.into(),
        user.username.as_ref().map(Username::as_str).into(),
        user.email.as_ref().map(EmailAddress::as_str).into(),
        user.email.as_ref().map(EmailAddress::key).into(),
        user.email_verified.into(),
        user.display_name.as_ref().map(Label::as_str).into(),
        user.state.as_str().into(),
        user.scopes.to_string().into(),
        user.created_at.into(),
        user.updated_at.into(),
        count(user.version, "the version of a user")?,
        password.map(PasswordHash::expose).into(),
    ])
}
