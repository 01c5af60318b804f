//! Importing users, up to 1,000 in one transaction: each whole or not at all, what is there already
//! left as it is.

use std::collections::{HashMap, HashSet};

use countersign_app::ports::store::{ImportUser, Imported, StoreResult};
use countersign_domain::email::EmailAddress;
use countersign_domain::names::Username;
use countersign_domain::user::User;
use mongodb::bson::{Bson, Document, doc};
use uuid::Uuid;

use crate::accounts::{USERS, user_document};
use crate::audit;
use crate::change::{Change, Step, Tx};
use crate::error::Fault;
use crate::fields::Fields;
use crate::roles::ROLES;
use crate::values::id;

/// See [`countersign_app::ports::Store::import_users`].
pub(crate) struct Import {
    pub users: Vec<ImportUser>,
}

impl Change for Import {
    type Outcome = Vec<Imported>;

    /// If another call takes a name between the look and the write, a unique index refuses all, and
    /// all is looked at again.
    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<Vec<Imported>>, Fault> {
        let mut there = self.who_is_there(tx).await?;
        let roles = self.known_roles(tx).await?;
        let mut writes = tx.writes();
        let mut granted = HashSet::new();
        let mut answers = Vec::with_capacity(self.users.len());
        for ImportUser {
            user,
            password,
            event,
        } in &self.users
        {
            let answer = there.judge(user, &roles);
            if answer == Imported::Created {
                there.add(&Names::of(user));
                granted.extend(user.roles.iter().filter(|role| !role.is_built_in()));
                writes.insert(USERS, user_document(user, password.as_ref()));
                audit::add(&mut writes, event);
            }
            answers.push(answer);
        }
        // So that a role that is deleted at this moment is not left with its new holders.
        for role in granted {
            writes.touch(ROLES, doc! {"_id": role.as_str()});
        }
        if writes.is_empty() {
            return Ok(Step::Leave(answers));
        }
        tx.write(writes).await?;
        Ok(Step::Commit(answers))
    }
}

impl Import {
    /// All who have an id or a name that one of these users brings.
    async fn who_is_there(&self, tx: &mut Tx<'_>) -> Result<There, Fault> {
        let users = || self.users.iter().map(|intent| &intent.user);
        let ids = users().map(|user| id(user.id.as_uuid()));
        let emails = users().filter_map(|user| user.email.as_ref().map(EmailAddress::key));
        let names = users().filter_map(|user| user.username.as_ref().map(Username::as_str));
        let mut there = There::default();
        // One look by each index: a query with alternatives could be answered by a scan.
        for (field, values) in [
            ("_id", ids.collect::<Vec<_>>()),
            ("email_key", emails.map(Bson::from).collect()),
            ("username", names.map(Bson::from).collect()),
        ] {
            if values.is_empty() {
                continue;
            }
            let pipeline = vec![
                doc! {"$match": {field: {"$in": values}}},
                doc! {"$project": {"email_key": 1, "username": 1}},
            ];
            for found in tx.all(USERS, pipeline).await? {
                there.add(&Names::read(&found)?);
            }
        }
        Ok(there)
    }

    async fn known_roles(&self, tx: &mut Tx<'_>) -> Result<HashSet<String>, Fault> {
        let roles = self.users.iter().flat_map(|intent| &intent.user.roles);
        let wanted: HashSet<&str> = roles
            .filter(|role| !role.is_built_in())
            .map(countersign_domain::role::RoleName::as_str)
            .collect();
        if wanted.is_empty() {
            return Ok(HashSet::new());
        }
        let wanted: Vec<&str> = wanted.into_iter().collect();
        let pipeline: Vec<Document> = vec![
            doc! {"$match": {"_id": {"$in": wanted}}},
            doc! {"$project": {"_id": 1}},
        ];
        let found = tx.all(ROLES, pipeline).await?;
        let names = found.iter().map(|found| Fields::of(found).text("_id"));
        Ok(names
            .map(|name| name.map(str::to_owned))
            .collect::<StoreResult<_>>()?)
    }
}

/// What a user is known by.
struct Names {
    id: Uuid,
    email_key: Option<String>,
    username: Option<String>,
}

impl Names {
    fn of(user: &User) -> Self {
        Self {
            id: *user.id.as_uuid(),
            email_key: user.email.as_ref().map(|email| email.key().to_owned()),
            username: user.username.as_ref().map(|name| name.as_str().to_owned()),
        }
    }

    fn read(document: &Document) -> StoreResult<Self> {
        let fields = Fields::of(document);
        Ok(Self {
            id: fields.id("_id")?,
            email_key: fields.text_or_none("email_key")?.map(str::to_owned),
            username: fields.text_or_none("username")?.map(str::to_owned),
        })
    }
}

/// Users by what they are known by.
#[derive(Default)]
struct There {
    ids: HashMap<Uuid, (Option<String>, Option<String>)>,
    emails: HashMap<String, Uuid>,
    usernames: HashMap<String, Uuid>,
}

impl There {
    fn add(&mut self, names: &Names) {
        if let Some(email) = &names.email_key {
            self.emails.insert(email.clone(), names.id);
        }
        if let Some(username) = &names.username {
            self.usernames.insert(username.clone(), names.id);
        }
        let both = (names.email_key.clone(), names.username.clone());
        self.ids.insert(names.id, both);
    }

    fn judge(&self, user: &User, roles: &HashSet<String>) -> Imported {
        let wanted = Names::of(user);
        if self.ids.contains_key(&wanted.id) {
            return Imported::AlreadyThere;
        }
        let by_email = wanted.email_key.as_ref().and_then(|e| self.emails.get(e));
        let by_username = wanted.username.as_ref();
        let by_username = by_username.and_then(|name| self.usernames.get(name));
        if let Some(owner) = by_email.or(by_username) {
            let same = (wanted.email_key.clone(), wanted.username.clone());
            return if self.ids.get(owner) == Some(&same) {
                Imported::AlreadyThere
            } else if by_email.is_some() {
                Imported::EmailTaken
            } else {
                Imported::UsernameTaken
            };
        }
        let mut stored = user.roles.iter().filter(|role| !role.is_built_in());
        if stored.any(|role| !roles.contains(role.as_str())) {
            Imported::UnknownRole
        } else {
            Imported::Created
        }
    }
}
