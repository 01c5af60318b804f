//! How users come in by the thousand. What is there already is read in a few statements; each user
//! is judged in their order, those before them in the same import included; and all that are new are
//! written together. If somebody else took a name meanwhile, the whole is undone and done again.

use std::collections::{HashMap, HashSet};

use countersign_app::ports::store::{ImportUser, Imported, StoreResult};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::Username;
use countersign_domain::role::RoleName;
use countersign_domain::user::User;

use crate::cells::Cells;
use crate::error::Fault;
use crate::link::Link;
use crate::sql::{Literal, Sql};
use crate::{audit, new_users, roles};

/// How long a text gets before it is sent: the least that any server takes is 16 times as much.
pub(crate) const TEXT_SIZE: usize = 1024 * 1024;

/// See [`countersign_app::ports::Store::import_users`].
pub(crate) async fn import(
    link: &mut Link<'_>,
    users: &[ImportUser],
) -> Result<Vec<Imported>, Fault> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = read(link, users).await?;
    let answers: Vec<_> = users
        .iter()
        .map(|intent| known.judge(&intent.user))
        .collect();
    let new = || {
        let both = users.iter().zip(&answers);
        both.filter(|(_, answer)| **answer == Imported::Created)
            .map(|(intent, _)| intent)
    };
    // In the order of their keys, two imports of the same users wait for one another at the first.
    let mut sorted: Vec<_> = new().collect();
    sorted.sort_by_key(|intent| intent.user.id);
    for part in sorted.chunks(100) {
        let people = part.iter().map(|i| (&i.user, i.password.as_ref()));
        let held = part.iter().map(|i| (i.user.id, &i.user.roles));
        let sql = new_users::insert_sql(people)?
            .and(roles::grant_sql(held))
            .and(audit::insert_all_sql(part.iter().map(|i| &i.event))?);
        send(link, sql).await?;
    }
    link.commit(Sql::new("DO 0", [])).await?;
    Ok(answers)
}

async fn send(link: &mut Link<'_>, sql: Sql) -> Result<(), Fault> {
    if !sql.is_empty() {
        link.go_on(sql).await?;
    }
    Ok(())
}

/// What is there already of what an import could meet.
#[derive(Default)]
struct Known {
    roles: HashSet<RoleName>,
    ids: HashSet<UserId>,
    names: HashMap<UserId, (Option<String>, Option<String>)>,
    by_email: HashMap<String, UserId>,
    by_username: HashMap<String, UserId>,
}

async fn read(link: &mut Link<'_>, users: &[ImportUser]) -> Result<Known, Fault> {
    let users: Vec<&User> = users.iter().map(|intent| &intent.user).collect();
    let named: HashSet<&RoleName> = users.iter().flat_map(|user| &user.roles).collect();
    let mut answers = link.begin(roles::lock_sql(named.into_iter())).await?;
    let mut known = Known {
        roles: roles::names_in(&mut answers)?,
        ..Known::default()
    };
    for part in users.chunks(500) {
        let ids = part.iter().map(|user| Literal::from(user.id));
        let emails = part.iter().filter_map(|user| user.email.as_ref());
        let emails = emails.map(|email| Literal::from(email.key()));
        let usernames = part.iter().filter_map(|user| user.username.as_ref());
        let usernames = usernames.map(|name| Literal::from(name.as_str()));
        let select = "SELECT id, email_key, username FROM users WHERE ";
        let sql = among(Sql::new(select, []).push("id", []), ids)
            .and(among(Sql::new(select, []).push("email_key", []), emails))
            .and(among(Sql::new(select, []).push("username", []), usernames));
        let mut answers = link.go_on(sql).await?;
        for _ in 0..3 {
            for row in answers.rows()? {
                let mut cells = Cells::of(&row);
                let id = UserId::from_uuid(cells.id()?);
                let email = cells.text_or_null()?.map(str::to_owned);
                let username = cells.text_or_null()?.map(str::to_owned);
                known.add(id, email, username);
            }
        }
    }
    Ok(known)
}

/// Ends a condition with a list of values, which may be none.
pub(crate) fn among(mut sql: Sql, values: impl Iterator<Item = Literal>) -> Sql {
    sql.add(" IN (NULL", []);
    for value in values {
        sql.add(", ?", [value]);
    }
    sql.push(")", [])
}

impl Known {
    fn add(&mut self, id: UserId, email: Option<String>, username: Option<String>) {
        self.ids.insert(id);
        if let Some(email) = &email {
            self.by_email.insert(email.clone(), id);
        }
        if let Some(username) = &username {
            self.by_username.insert(username.clone(), id);
        }
        self.names.insert(id, (email, username));
    }

    /// What becomes of a user, who is known from then on if they come in.
    fn judge(&mut self, user: &User) -> Imported {
        if self.ids.contains(&user.id) {
            return Imported::AlreadyThere;
        }
        let email = user.email.as_ref().map(EmailAddress::key);
        let username = user.username.as_ref().map(Username::as_str);
        let by_email = email.and_then(|key| self.by_email.get(key));
        let by_username = username.and_then(|name| self.by_username.get(name));
        if let Some(owner) = by_email.or(by_username) {
            let names = self.names.get(owner);
            let has_same = names.is_some_and(|(their_email, their_username)| {
                their_email.as_deref() == email && their_username.as_deref() == username
            });
            return if has_same {
                Imported::AlreadyThere
            } else if by_email.is_some() {
                Imported::EmailTaken
            } else {
                Imported::UsernameTaken
            };
        }
        if !user
            .roles
            .iter()
            .all(|name| name.is_built_in() || self.roles.contains(name))
        {
            return Imported::UnknownRole;
        }
        self.add(
            user.id,
            email.map(str::to_owned),
            username.map(str::to_owned),
        );
        Imported::Created
    }
}

/// Writes users with their roles and passwords in place of those with their ids, if there are any.
pub(crate) async fn put(
    link: &mut Link<'_>,
    users: &[(&User, Option<&countersign_domain::password::PasswordHash>)],
) -> Result<(), Fault> {
    let ids = || users.iter().map(|(user, _)| Literal::from(user.id));
    let sql = among(Sql::new("SELECT id FROM users WHERE id", []), ids())
        .push(" FOR UPDATE", [])
        .and(among(
            Sql::new("DELETE FROM user_roles WHERE user_id", []),
            ids(),
        ));
    let rows = link.begin(sql).await?.rows()?;
    let there = rows
        .iter()
        .map(|row| Ok(UserId::from_uuid(Cells::of(row).id()?)))
        .collect::<StoreResult<HashSet<_>>>()?;
    let mut sql = Sql::default();
    for (user, password) in users.iter().filter(|(user, _)| there.contains(&user.id)) {
        sql = sql.and(new_users::update_sql(user, *password)?);
        if sql.len() > TEXT_SIZE {
            link.go_on(std::mem::take(&mut sql)).await?;
        }
    }
    let new: Vec<_> = users
        .iter()
        .filter(|(user, _)| !there.contains(&user.id))
        .copied()
        .collect();
    send(link, sql).await?;
    for part in new.chunks(100) {
        send(link, new_users::insert_sql(part.iter().copied())?).await?;
    }
    for part in users.chunks(200) {
        let held = part.iter().map(|(user, _)| (user.id, &user.roles));
        send(link, roles::grant_sql(held)).await?;
    }
    link.commit(Sql::new("DO 0", [])).await?;
    Ok(())
}
