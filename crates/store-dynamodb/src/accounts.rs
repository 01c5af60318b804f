//! Reads of accounts: alone, for a login, or with what is theirs. Each is one request wherever the
//! user is known.

use std::collections::HashMap;

use countersign_app::ports::store::{LoginRecord, StoreResult};
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::names::Identifier;
use countersign_domain::role::Account;
use countersign_domain::session::Session;
use countersign_domain::time::Timestamp;

use crate::layout::{self, Item, Key};
use crate::owners::Owner;
use crate::requests::Range;
use crate::roles::Roles;
use crate::service::Service;
use crate::session_rows::{self, SessionRow};
use crate::token_rows::TokenRow;
use crate::user_rows::{self, UserRow};
use crate::{DynamoDbStore, token_rows};

/// A user with all that is theirs and not over by being ended.
pub(crate) struct Partition {
    pub user: UserRow,
    pub sessions: Vec<SessionRow>,
    pub tokens: Vec<TokenRow>,
}

impl Partition {
    /// The sessions that live, the one first that goes last: it was used last.
    pub fn live(&self, now: Timestamp) -> Vec<&SessionRow> {
        let sessions = self.sessions.iter();
        let mut live: Vec<_> = sessions.filter(|row| row.session.is_live(now)).collect();
        live.sort_by_key(|row| std::cmp::Reverse((row.session.last_seen_at, row.session.id)));
        live
    }
}

impl Service {
    /// Reads a user and the roles.
    pub async fn user_row(&self, id: UserId) -> StoreResult<Option<(UserRow, Roles)>> {
        let found = self.items(&[layout::user(id), Roles::key(id)]).await?;
        let Some(item) = found.get(&layout::user(id)) else {
            return Ok(None);
        };
        Ok(Some((user_rows::read(item)?, Roles::found(&found, id)?)))
    }

    /// Reads a user's partition. The user comes last in it and is read first, so that the rest is
    /// never older: who decides on it under the condition that the user's revision is still the
    /// same decides on what there is.
    pub async fn partition(&self, id: UserId) -> StoreResult<Option<Partition>> {
        let range = Range {
            partition: layout::user_partition(id),
            backward: true,
            ..Range::default()
        };
        let items = self.range(&range).await?;
        let main = layout::user(id);
        let of_key = |item: &&Item| Key::of(item).is_some_and(|key| key == main);
        let Some(user) = items.iter().find(of_key) else {
            return Ok(None);
        };
        let user = user_rows::read(user)?;
        let (mut sessions, mut tokens) = (Vec::new(), Vec::new());
        for item in &items {
            let key = Key::of(item).ok_or_else(session_rows::wrong_partition)?;
            if key.sk.starts_with("S#") {
                sessions.push(session_rows::read(item)?.settled(&user));
            } else if key.sk.starts_with("T#") {
                tokens.push(token_rows::read(item)?);
            }
        }
        Ok(Some(Partition {
            user,
            sessions,
            tokens,
        }))
    }

    /// A session whose user is known, with its user; the roles are in the same answer.
    pub async fn session_row(
        &self,
        owner: UserId,
        id: SessionId,
    ) -> StoreResult<Option<(SessionRow, UserRow, Roles)>> {
        let (user, live) = (layout::user(owner), layout::live_session(owner, id));
        let ended = layout::session(id);
        let keys = [user.clone(), live.clone(), ended.clone(), Roles::key(owner)];
        // The items of one answer may be of different moments. What may come of that is looked at
        // once more.
        let (mut is_second, mut epoch) = (false, None);
        loop {
            let found = self.items(&keys).await?;
            let row = one_session(&found, &live, &ended)?;
            let Some(user) = found.get(&user).map(user_rows::read).transpose()? else {
                return Ok(None);
            };
            let Some(row) = row else {
                // It was moved between two looks, or only the note is left of it.
                if found.contains_key(&ended) && !is_second {
                    is_second = true;
                    continue;
                }
                return Ok(None);
            };
            if row.session.user_id != owner {
                return Ok(None);
            }
            // It was ended with all the others; or kept, and seen before that; or ended earlier,
            // and moved since. A look that is later than that end tells.
            if row.is_past(&user) && epoch != Some(user.epoch) {
                epoch = Some(user.epoch);
                continue;
            }
            let roles = Roles::found(&found, owner)?;
            return Ok(Some((row.settled(&user), user, roles)));
        }
    }
}

/// The session in an answer. One that is just being ended may be seen in both places: it is ended.
fn one_session(
    found: &HashMap<Key, Item>,
    live: &Key,
    ended: &Key,
) -> StoreResult<Option<SessionRow>> {
    let ended = found.get(ended);
    let ended = ended.filter(|item| session_rows::is_session(item));
    let item = ended.or_else(|| found.get(live));
    item.map(session_rows::read).transpose()
}

impl DynamoDbStore {
    pub(crate) async fn read_account(&self, id: UserId) -> StoreResult<Option<Account>> {
        let found = self.service.user_row(id).await?;
        Ok(found.map(|(row, roles)| roles.account(&row)))
    }

    /// The guard of the identifier holds the user whole.
    pub(crate) async fn read_login(
        &self,
        identifier: &Identifier,
    ) -> StoreResult<Option<LoginRecord>> {
        let guard = match identifier {
            Identifier::Email(email) => layout::email(email.key()),
            Identifier::Username(name) => layout::username(name.as_str()),
        };
        let roles = layout::roles(fastrand::usize(..layout::ROLES_COPIES));
        let found = self.service.items(&[guard.clone(), roles.clone()]).await?;
        let Some(item) = found.get(&guard) else {
            return Ok(None);
        };
        let row = user_rows::read(item)?;
        let roles = Roles::at(&found, &roles)?;
        Ok(Some(login_record(&row, &roles)))
    }

    pub(crate) async fn read_login_by_id(&self, id: UserId) -> StoreResult<Option<LoginRecord>> {
        let found = self.service.user_row(id).await?;
        Ok(found.map(|(row, roles)| login_record(&row, &roles)))
    }

    /// Whose a session is: remembered, or read.
    pub(crate) async fn owner_of(&self, id: SessionId) -> StoreResult<Option<Owner>> {
        if let Some(known) = self.owners.of(*id.as_uuid()) {
            return Ok(Some(known));
        }
        let Some(item) = self.service.item(&layout::session(id)).await? else {
            return Ok(None);
        };
        let owner = session_rows::owner(&item)?;
        self.owners.remember(*id.as_uuid(), owner);
        Ok(Some(owner))
    }

    pub(crate) async fn read_session(
        &self,
        id: SessionId,
    ) -> StoreResult<Option<(Session, Account)>> {
        let Some(owner) = self.owner_of(id).await? else {
            return Ok(None);
        };
        self.read_session_of(owner.user, id).await
    }

    pub(crate) async fn read_session_of(
        &self,
        owner: UserId,
        id: SessionId,
    ) -> StoreResult<Option<(Session, Account)>> {
        let found = self.service.session_row(owner, id).await?;
        Ok(found.map(|(row, user, roles)| {
            self.owners.remember(*id.as_uuid(), row.owner());
            (row.session, roles.account(&user))
        }))
    }

    pub(crate) async fn read_live_sessions(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> StoreResult<Vec<Session>> {
        let Some(partition) = self.service.partition(user).await? else {
            return Ok(Vec::new());
        };
        let live = partition.live(now).into_iter();
        let mut live: Vec<_> = live.map(|row| row.session.clone()).collect();
        live.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
        Ok(live)
    }
}

pub(crate) fn login_record(row: &UserRow, roles: &Roles) -> LoginRecord {
    LoginRecord {
        account: roles.account(row),
        password: row.password.clone(),
    }
}
