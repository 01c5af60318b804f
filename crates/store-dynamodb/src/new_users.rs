//! How users come in: by signing up, or by import. Nothing is read before: the conditions say who
//! has a name, and the items that they refuse over say whose it is.

use std::collections::HashSet;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{
    Idempotency, ImportUser, Imported, SignUp, SignedUp, StoreResult,
};
use countersign_domain::id::UserId;
use countersign_domain::role::RoleName;
use countersign_domain::user::User;

use crate::cells::{Cells, Row, at, b, s};
use crate::layout::{self, Item};
use crate::roles::Roles;
use crate::service::Pause;
use crate::session_rows::SessionRow;
use crate::together::together;
use crate::transaction::{About, Outcome};
use crate::user_rows::{self, UserRow};
use crate::{DynamoDbStore, audit};

/// What the index of what is over calls idempotency keys.
pub(crate) const OVER: &str = "I";

/// How many users are imported at once.
const AT_ONCE: usize = 8;

/// The item of an idempotency key.
pub(crate) fn idempotency_item(new: &Idempotency, user: UserId) -> Item {
    Row::new(&layout::idempotency(&new.key), "idempotency")
        .with("key", b(new.key.as_bytes()))
        .with("request", b(new.request.as_bytes()))
        .with("user_id", s(user.to_string()))
        .with("expires_at", at(new.expires_at))
        .over(layout::over(OVER, new.key.as_bytes()), new.expires_at)
        .item()
}

fn vanished() -> StoreError {
    StoreError::Unavailable("DynamoDB did not say what a name belongs to".to_owned())
}

impl DynamoDbStore {
    pub(crate) async fn make_user(&self, intent: &SignUp) -> StoreResult<SignedUp> {
        // Roles that are code need no look at those that are stored.
        let is_code = intent.user.roles.iter().all(RoleName::is_built_in);
        let mut pause = Pause::default();
        loop {
            let roles = if is_code {
                Roles::default()
            } else {
                self.service.stored_roles().await?
            };
            if roles.first_unknown(intent.user.roles.iter()).is_some() {
                return self.sign_up_without_roles(intent).await;
            }
            let held = match self.standing(&intent.by, intent.event.at).await? {
                Ok(held) => held,
                Err(lost) => return Ok(SignedUp::CallerLost(lost)),
            };
            let row = UserRow::new(&intent.user, intent.password.as_ref(), &roles);
            let mut change = self.service.transaction();
            if let Some(new) = &intent.idempotency {
                let free = "attribute_not_exists(#pk) OR #expires_at <= :now";
                let of = vec![(":now", at(new.now))];
                let item = idempotency_item(new, intent.user.id);
                change.put_if(About::Idempotency, item, free, of)?;
            }
            if !is_code {
                roles.guard(&mut change, intent.user.id)?;
            }
            self.service.write_more_holdings(None, &row).await?;
            user_rows::replace(&mut change, None, &row)?;
            let session = intent.session.clone();
            let session = session.map(|session| SessionRow { session, epoch: 0 });
            for item in session.iter().flat_map(SessionRow::items) {
                change.put(item)?;
            }
            held.guard(&mut change, None)?;
            audit::insert(&mut change, &intent.event)?;
            let outcome = self.service.commit(change).await?;
            if outcome.is_done() {
                if let Some(row) = session {
                    self.owners.remember(*row.session.id.as_uuid(), row.owner());
                }
                return Ok(SignedUp::Created);
            }
            if let Some(refusal) = refused(&outcome, intent)? {
                return Ok(refusal);
            }
            // The roles changed since they were read.
            pause.wait().await;
        }
    }

    /// One who would hold a role that does not exist may have signed up before it was deleted: that
    /// is said first.
    async fn sign_up_without_roles(&self, intent: &SignUp) -> StoreResult<SignedUp> {
        if let Some(new) = &intent.idempotency {
            let item = self.service.item(&layout::idempotency(&new.key)).await?;
            if let Some(item) = item
                && Cells(&item).moment("expires_at")? > new.now
            {
                return signed_up_before(&item, new);
            }
        }
        Ok(SignedUp::UnknownRole)
    }

    /// Users that have to do with one another take their turns in order; the others go at once.
    pub(crate) async fn import_all(&self, users: &[ImportUser]) -> StoreResult<Vec<Imported>> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let roles = self.service.stored_roles().await?;
        let mut seen = HashSet::new();
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for (n, one) in users.iter().enumerate() {
            // Not short-circuited: every name has to be noted.
            let is_new = marks(&one.user).into_iter().map(|mark| seen.insert(mark));
            if is_new.fold(true, |all, one| all & one) {
                first.push((n, one));
            } else {
                later.push((n, one));
            }
        }
        let at_once = first.iter().map(|(_, one)| self.import_one(one, &roles));
        let made = together(at_once.collect(), AT_ONCE).await?;
        let places = first.iter().map(|(n, _)| *n);
        let mut answers: Vec<(usize, Imported)> = places.zip(made).collect();
        for (n, one) in later {
            answers.push((n, self.import_one(one, &roles).await?));
        }
        answers.sort_unstable_by_key(|(n, _)| *n);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    async fn import_one(&self, intent: &ImportUser, roles: &Roles) -> StoreResult<Imported> {
        let user = &intent.user;
        if roles.first_unknown(user.roles.iter()).is_some() {
            return self.import_without_roles(user).await;
        }
        let row = UserRow::new(user, intent.password.as_ref(), roles);
        self.service.write_more_holdings(None, &row).await?;
        loop {
            let mut change = self.service.transaction();
            user_rows::replace(&mut change, None, &row)?;
            let leftover = layout::leftover(user.id);
            let gone = "attribute_not_exists(#pk)";
            change.check(About::Leftover, &leftover, gone, Vec::new())?;
            audit::insert(&mut change, &intent.event)?;
            let outcome = self.service.commit(change).await?;
            if outcome.is_done() {
                return Ok(Imported::Created);
            }
            if outcome.is_refused(About::User) {
                return Ok(Imported::AlreadyThere);
            }
            if let Some(refusal) = name_refusal(&outcome, user)? {
                return Ok(refusal);
            }
            self.service.clear_leftovers(user.id).await?;
        }
    }

    /// One who would hold a role that does not exist may be there already, or have a name that is
    /// taken: that is said first.
    async fn import_without_roles(&self, user: &User) -> StoreResult<Imported> {
        let row = UserRow::new(user, None, &Roles::default());
        let main = layout::user(user.id);
        let guards = row.guard_keys();
        let mut keys = vec![main.clone()];
        keys.extend(guards.iter().map(|(_, key)| key.clone()));
        let found = self.service.items(&keys).await?;
        if found.contains_key(&main) {
            return Ok(Imported::AlreadyThere);
        }
        let taken = guards.iter().filter_map(|(about, key)| {
            let item = found.get(key)?;
            Some((*about, Some(item.clone())))
        });
        let taken = Outcome::Refused(taken.collect());
        Ok(name_refusal(&taken, user)?.unwrap_or(Imported::UnknownRole))
    }
}

/// By what two users may collide.
fn marks(user: &User) -> Vec<String> {
    let email = user.email.as_ref().map(|email| format!("E{}", email.key()));
    let name = user.username.as_ref().map(|name| format!("N{name}"));
    let id = Some(format!("U{}", user.id));
    [email, name, id].into_iter().flatten().collect()
}

/// What an idempotency key that is taken says.
fn signed_up_before(item: &Item, new: &Idempotency) -> StoreResult<SignedUp> {
    let cells = Cells(item);
    let request: [u8; 32] = cells.bytes("request")?;
    Ok(if request == *new.request.as_bytes() {
        SignedUp::Repeated(UserId::from_uuid(cells.id("user_id")?))
    } else {
        SignedUp::KeyReused
    })
}

/// Why nobody signed up; `None` if it is only that the roles changed since they were read.
fn refused(outcome: &Outcome, intent: &SignUp) -> StoreResult<Option<SignedUp>> {
    if let Some(new) = &intent.idempotency
        && outcome.is_refused(About::Idempotency)
    {
        let item = outcome.refused_item(About::Idempotency);
        return signed_up_before(item.ok_or_else(vanished)?, new).map(Some);
    }
    if outcome.is_refused(About::Email) {
        return Ok(Some(SignedUp::EmailTaken));
    }
    if outcome.is_refused(About::Username) {
        return Ok(Some(SignedUp::UsernameTaken));
    }
    if outcome.is_refused(About::Roles) {
        return Ok(None);
    }
    Err(StoreError::Corrupt(
        "there is a user with this id already".to_owned(),
    ))
}

/// Whether a name is taken, and whether by the very same user under another id.
fn name_refusal(outcome: &Outcome, user: &User) -> StoreResult<Option<Imported>> {
    let by_email = outcome.is_refused(About::Email);
    let about = if by_email {
        About::Email
    } else {
        About::Username
    };
    if !outcome.is_refused(about) {
        return Ok(None);
    }
    let owner = outcome.refused_item(about).ok_or_else(vanished)?;
    let owner = user_rows::read(owner)?.user;
    let key = |user: &User| user.email.as_ref().map(|email| email.key().to_owned());
    let same = key(&owner) == key(user) && owner.username == user.username;
    Ok(Some(if same {
        Imported::AlreadyThere
    } else if by_email {
        Imported::EmailTaken
    } else {
        Imported::UsernameTaken
    }))
}
