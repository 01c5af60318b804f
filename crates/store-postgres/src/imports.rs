//! How users come in by the thousand. Imports go one after the other, so that they never wait for
//! each other's names in a circle; a sign-up beside one may still take a name first, and then the
//! names are looked at again.

use std::collections::{HashMap, HashSet};

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ImportUser, Imported, StoreResult};
use countersign_domain::email::EmailAddress;
use countersign_domain::names::Username;
use countersign_domain::user::User;
use uuid::Uuid;

use crate::cells::Cells;
use crate::connection::{Answer, Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;
use crate::{audit, new_users, roles};

/// How often names may be taken between looking and writing.
const MOST_TRIES: usize = 10;

/// See [`countersign_app::ports::Store::import_users`]. `begin` begins a transaction that may take
/// long.
pub(crate) async fn import(
    lease: &mut Lease,
    begin: &str,
    users: &[ImportUser],
) -> Result<Vec<Imported>, Fault> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: HashSet<String> = users
        .iter()
        .flat_map(|import| roles::stored(&import.user.roles))
        .collect();
    let answers = lease
        .begin_as(
            begin,
            vec![
                // Until the end nobody deletes a role that is being given to somebody.
                roles::hold(wanted.into_iter().collect()),
                sql!("SELECT 1 FROM guards WHERE name = 'imports' FOR UPDATE"),
            ],
        )
        .await?;
    let defined = roles::names_in(answers.first())?;
    let mut outcomes: Vec<Option<Imported>> = vec![None; users.len()];
    for _ in 0..MOST_TRIES {
        let mut there = There::read(lease, users).await?;
        let mut chosen = Vec::new();
        for (place, (import, outcome)) in users.iter().zip(&mut outcomes).enumerate() {
            if outcome.is_some() {
                continue;
            }
            match there.stands_against(&import.user) {
                Some(reason) => *outcome = Some(reason),
                None if roles::stored(&import.user.roles).any(|name| !defined.contains(&name)) => {
                    *outcome = Some(Imported::UnknownRole);
                }
                None => {
                    there.add(&import.user);
                    chosen.push((place, import));
                }
            }
        }
        if chosen.is_empty() {
            lease.commit(Vec::new()).await?;
            return Ok(outcomes.into_iter().flatten().collect());
        }
        let (made, rest) = write(lease, &chosen).await?;
        for place in &made {
            if let Some(outcome) = outcomes.get_mut(*place) {
                *outcome = Some(Imported::Created);
            }
        }
        if made.len() == chosen.len() {
            lease.commit(rest).await?;
            return Ok(outcomes.into_iter().flatten().collect());
        }
        // Somebody signed up with one of the names in between.
        lease.go_on(rest).await?;
    }
    Err(Fault::Store(StoreError::Unavailable(
        "others take and leave the same names all the time".to_owned(),
    )))
}

/// Writes the chosen users, and gives the places of those who went in, and what is to be written
/// with them.
async fn write(
    lease: &mut Lease,
    chosen: &[(usize, &ImportUser)],
) -> Result<(Vec<usize>, Vec<Statement>), Fault> {
    let inserts = chosen
        .iter()
        .map(|(_, import)| new_users::insert_if_free(&import.user, import.password.as_ref()));
    let answers = lease.go_on(inserts.collect()).await?;
    let mut made = Vec::new();
    let mut rest = Vec::new();
    for ((place, import), answer) in chosen.iter().zip(&answers) {
        if answer.changed == 1 {
            made.push(*place);
            rest.extend(new_users::grants(import.user.id, &import.user.roles));
            rest.push(audit::insert(&import.event)?);
        }
    }
    Ok((made, rest))
}

/// Who is there already, of those that an import could collide with.
#[derive(Default)]
struct There {
    ids: HashMap<Uuid, (Option<String>, Option<String>)>,
    by_email: HashMap<String, Uuid>,
    by_username: HashMap<String, Uuid>,
}

impl There {
    async fn read(lease: &mut Lease, users: &[ImportUser]) -> Result<Self, Fault> {
        let answers = lease.go_on(vec![colliding(users)]).await?;
        Ok(Self::of(answers.first())?)
    }

    fn of(answer: Option<&Answer>) -> StoreResult<Self> {
        let mut there = Self::default();
        for row in answer.iter().flat_map(|answer| &answer.rows) {
            let mut cells = Cells::of(row);
            let id = cells.id()?;
            let email = cells.text_or_null()?.map(str::to_owned);
            let username = cells.text_or_null()?.map(str::to_owned);
            there.put(id, email, username);
        }
        Ok(there)
    }

    fn put(&mut self, id: Uuid, email: Option<String>, username: Option<String>) {
        if let Some(email) = &email {
            self.by_email.insert(email.clone(), id);
        }
        if let Some(username) = &username {
            self.by_username.insert(username.clone(), id);
        }
        self.ids.insert(id, (email, username));
    }

    fn add(&mut self, user: &User) {
        let (email, username) = names(user);
        self.put(*user.id.as_uuid(), email, username);
    }

    fn stands_against(&self, user: &User) -> Option<Imported> {
        if self.ids.contains_key(user.id.as_uuid()) {
            return Some(Imported::AlreadyThere);
        }
        let names = names(user);
        let by_email = names.0.as_ref().and_then(|key| self.by_email.get(key));
        let by_username = names.1.as_ref().and_then(|key| self.by_username.get(key));
        let owner = by_email.or(by_username)?;
        Some(if self.ids.get(owner) == Some(&names) {
            Imported::AlreadyThere
        } else if by_email.is_some() {
            Imported::EmailTaken
        } else {
            Imported::UsernameTaken
        })
    }
}

fn names(user: &User) -> (Option<String>, Option<String>) {
    (
        user.email.as_ref().map(|email| email.key().to_owned()),
        user.username
            .as_ref()
            .map(|username| username.as_str().to_owned()),
    )
}

/// The statement that finds all users with an id, an e-mail key or a username of these: by three
/// unique indexes.
fn colliding(users: &[ImportUser]) -> Statement {
    let users = || users.iter().map(|import| &import.user);
    let ids: Vec<Uuid> = users().map(|user| *user.id.as_uuid()).collect();
    let emails: Vec<String> = users()
        .filter_map(|user| user.email.as_ref().map(EmailAddress::key))
        .map(str::to_owned)
        .collect();
    let usernames: Vec<String> = users()
        .filter_map(|user| user.username.as_ref().map(Username::as_str))
        .map(str::to_owned)
        .collect();
    sql!(
        "SELECT id, email_key, username FROM users WHERE id = ANY ($1)
         UNION SELECT id, email_key, username FROM users WHERE email_key = ANY ($2)
         UNION SELECT id, email_key, username FROM users WHERE username = ANY ($3)",
        ids,
        emails,
        usernames
    )
}
