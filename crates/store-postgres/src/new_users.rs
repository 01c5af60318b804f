//! How a user signs up. When nothing stands in the way, everything goes in one transaction and one
//! round trip; the unique indexes decide between simultaneous calls. Whoever loses looks, in one
//! statement and so at one moment, what it was that stood there. Roles to be held cost one more:
//! their definitions are held first, against their deletion.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{Idempotency, SignUp, SignedUp, StoreResult};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::RoleNames;
use countersign_domain::standing::By;
use countersign_domain::user::User;

use crate::cells::Cells;
use crate::connection::{Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;
use crate::value::count;
use crate::{audit, roles, sessions, standing};

/// How often what stood in the way may be gone when it is looked for.
const MOST_TRIES: usize = 10;

/// See [`countersign_app::ports::Store::sign_up`].
pub(crate) async fn sign_up(lease: &mut Lease, intent: &SignUp) -> Result<SignedUp, Fault> {
    let wanted: Vec<String> = roles::stored(&intent.user.roles).collect();
    // A caller is looked at first, and held, within the transaction.
    let is_one_trip = wanted.is_empty() && intent.by == By::Operator;
    for _ in 0..MOST_TRIES {
        let roles_are_there = is_one_trip || begin_holding(lease, &wanted).await?;
        if !is_one_trip
            && let Some(lost) = standing::lost(lease, &intent.by, intent.event.at).await?
        {
            lease.roll_back().await?;
            return Ok(SignedUp::CallerLost(lost));
        }
        if roles_are_there {
            let all = all_of(intent)?;
            let written = if is_one_trip {
                lease.transact(all).await
            } else {
                lease.commit(all).await
            };
            match written {
                Ok(_) => return Ok(SignedUp::Created),
                // The commit that was sent behind it ended the transaction, undone.
                Err(fault) if fault.is_taken() => {}
                Err(fault) => return Err(fault),
            }
        } else {
            lease.roll_back().await?;
        }
        // A repeated request comes first: its role may have gone since.
        if let Some(answer) = what_stands_there(lease, intent).await? {
            return Ok(answer);
        }
        if !roles_are_there {
            return Ok(SignedUp::UnknownRole);
        }
    }
    Err(Fault::Store(StoreError::Unavailable(
        "others take and leave the same names all the time".to_owned(),
    )))
}

/// Begins a transaction until whose end nobody deletes these roles; tells whether all are there.
async fn begin_holding(lease: &mut Lease, wanted: &[String]) -> Result<bool, Fault> {
    let answers = lease.begin(vec![roles::hold(wanted.to_vec())]).await?;
    let defined = roles::names_in(answers.first())?;
    Ok(wanted.iter().all(|name| defined.contains(name)))
}

/// Everything that a sign-up writes. The idempotency key is the first, so that a repeated request
/// stops there.
pub(crate) fn all_of(intent: &SignUp) -> StoreResult<Vec<Statement>> {
    let SignUp {
        by: _,
        user,
        password,
        session,
        idempotency,
        event,
    } = intent;
    let mut all = Vec::new();
    if let Some(idempotency) = idempotency {
        all.push(sql!(
            "DELETE FROM idempotency_keys WHERE key = $1 AND expires_at <= $2",
            &idempotency.key,
            idempotency.now
        ));
        all.push(sql!(
            "INSERT INTO idempotency_keys (key, request, user_id, expires_at)
             VALUES ($1, $2, $3, $4)",
            &idempotency.key,
            &idempotency.request,
            user.id,
            idempotency.expires_at
        ));
    }
    all.push(insert(user, password.as_ref()));
    all.extend(grants(user.id, &user.roles));
    if let Some(session) = session {
        all.push(sessions::insert(session)?);
    }
    all.push(audit::insert(event)?);
    Ok(all)
}

async fn what_stands_there(lease: &mut Lease, intent: &SignUp) -> Result<Option<SignedUp>, Fault> {
    let SignUp {
        user, idempotency, ..
    } = intent;
    let idempotency = idempotency.as_ref();
    let answer = lease
        .run(sql!(
            "SELECT EXISTS (SELECT 1 FROM users WHERE email_key = $1),
                 EXISTS (SELECT 1 FROM users WHERE username = $2), k.request, k.user_id
             FROM (SELECT 1) AS one
             LEFT JOIN idempotency_keys k ON k.key = $3 AND k.expires_at > $4",
            user.email.as_ref().map(EmailAddress::key),
            user.username.as_ref().map(Username::as_str),
            idempotency.map(|idempotency| &idempotency.key),
            idempotency.map(|idempotency| idempotency.now),
        ))
        .await?;
    let Some(row) = answer.rows.first() else {
        return Ok(None);
    };
    let mut cells = Cells::of(row);
    let (email, username) = (cells.truth()?, cells.truth()?);
    if let Some(request) = cells.bytes_or_null::<32>()? {
        return Ok(Some(repeated(idempotency, request, &mut cells)?));
    }
    Ok(if email {
        Some(SignedUp::EmailTaken)
    } else if username {
        Some(SignedUp::UsernameTaken)
    } else {
        None
    })
}

/// What a request with this idempotency key led to before.
fn repeated(
    new: Option<&Idempotency>,
    request: [u8; 32],
    cells: &mut Cells<'_>,
) -> StoreResult<SignedUp> {
    Ok(
        if new.is_some_and(|new| *new.request.as_bytes() == request) {
            SignedUp::Repeated(UserId::from_uuid(cells.id()?))
        } else {
            SignedUp::KeyReused
        },
    )
}

macro_rules! insert_user {
    () => {
        "INSERT INTO users (id, username, email, email_key, email_verified, display_name, state, \
         scopes, created_at, updated_at, version, password) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    };
}

/// The statement that writes a new user, without their roles.
pub(crate) fn insert(user: &User, password: Option<&PasswordHash>) -> Statement {
    write(insert_user!(), user, password)
}

/// The same, where nothing is written if they, or somebody of their name, are there already.
pub(crate) fn insert_if_free(user: &User, password: Option<&PasswordHash>) -> Statement {
    write(
        concat!(insert_user!(), " ON CONFLICT DO NOTHING"),
        user,
        password,
    )
}

/// The same, where they may be there already.
pub(crate) fn put(user: &User, password: Option<&PasswordHash>) -> Statement {
    write(
        concat!(
            insert_user!(),
            " ON CONFLICT (id) DO UPDATE SET username = EXCLUDED.username,
             email = EXCLUDED.email, email_key = EXCLUDED.email_key,
             email_verified = EXCLUDED.email_verified, display_name = EXCLUDED.display_name,
             state = EXCLUDED.state, scopes = EXCLUDED.scopes, created_at = EXCLUDED.created_at,
             updated_at = EXCLUDED.updated_at, version = EXCLUDED.version,
             password = EXCLUDED.password"
        ),
        user,
        password,
    )
}

fn write(text: &'static str, user: &User, password: Option<&PasswordHash>) -> Statement {
    sql!(
        text,
        user.id,
        user.username.as_ref().map(Username::as_str),
        user.email.as_ref().map(EmailAddress::as_str),
        user.email.as_ref().map(EmailAddress::key),
        user.email_verified,
        user.display_name.as_ref().map(Label::as_str),
        user.state.as_str(),
        user.scopes.to_string(),
        user.created_at,
        user.updated_at,
        count(user.version),
        password.map(PasswordHash::expose),
    )
}

/// The statement that gives a new user their roles, if they have any.
pub(crate) fn grants(id: UserId, names: &RoleNames) -> Option<Statement> {
    let held = roles::held(names);
    (!held.is_empty()).then(|| roles::grant(id, held))
}
