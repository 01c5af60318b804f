//! Records in: written in the place of what may be there of them.

use std::collections::HashMap;

use countersign_app::ports::store::{Idempotency, StoreResult};
use countersign_app::ports::store_admin::Record;
use countersign_domain::id::UserId;
use countersign_domain::password::PasswordHash;
use countersign_domain::session::Session;
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use uuid::Uuid;

use crate::cells::Row;
use crate::layout::{self, Key};
use crate::requests::Write;
use crate::roles::one_id;
use crate::service::Service;
use crate::session_rows::SessionRow;
use crate::user_rows::UserRow;
use crate::{audit, key_rows, new_users, token_rows};

impl Service {
    /// See [`countersign_app::ports::StoreAdmin::write_records`].
    pub async fn put_records(&self, records: Vec<Record>) -> StoreResult<()> {
        let (mut writes, mut users, mut roles) = (Vec::new(), Vec::new(), Vec::new());
        for record in records {
            match record {
                Record::Role(role) => roles.push(role),
                Record::User(user, password) => users.push((user, password)),
                Record::Session(session) => writes.extend(session_writes(session)),
                Record::PersonalToken(token) => {
                    writes.extend(token_rows::items(&token).map(Write::Put));
                }
                Record::IdempotencyKey(key) => {
                    let new = Idempotency {
                        key: key.key,
                        request: key.request,
                        now: Timestamp::from_millis(0),
                        expires_at: key.expires_at,
                    };
                    writes.push(Write::Put(new_users::idempotency_item(&new, key.user_id)));
                }
                Record::AuditEvent(event) => {
                    writes.extend(audit::items(&event)?.into_iter().map(Write::Put));
                }
                Record::Keys(set) => writes.push(Write::Put(key_rows::item(&set)?)),
            }
        }
        if !roles.is_empty() {
            self.put_roles(roles).await?;
        }
        if !users.is_empty() {
            writes.extend(self.user_writes(users).await?);
        }
        self.write_all(&writes).await
    }

    /// The writes that put users in the place of what may be there of them.
    async fn user_writes(
        &self,
        users: Vec<(User, Option<PasswordHash>)>,
    ) -> StoreResult<Vec<Write>> {
        let roles = self.stored_roles().await?;
        let ids: Vec<Uuid> = users.iter().map(|(user, _)| *user.id.as_uuid()).collect();
        let before = self.users_in_order(&ids).await?;
        let before: HashMap<UserId, UserRow> =
            before.into_iter().map(|row| (row.id(), row)).collect();
        let mut writes = Vec::new();
        for (user, password) in &users {
            let mut row = UserRow::new(user, password.as_ref(), &roles);
            row.rev = before.get(&user.id).map_or(1, |old| old.rev + 1);
            writes.extend(
                stale_keys(before.get(&user.id), &row)
                    .into_iter()
                    .map(Write::Delete),
            );
            writes.push(Write::Put(row.main()));
            writes.extend(row.guards().into_iter().map(|(_, item)| Write::Put(item)));
            writes.push(Write::Put(row.listed()));
            let holders = row.holder_keys();
            let holders = holders.iter().map(|key| Row::new(key, "holder").item());
            writes.extend(holders.map(Write::Put));
            let (update, is_admin) = if row.is_working_admin() {
                ("ADD #ids :one", true)
            } else {
                ("DELETE #ids :one", before.contains_key(&user.id))
            };
            if is_admin {
                let one = vec![(":one", one_id(user.id))];
                self.update(&layout::admins(), update, "", one, true)
                    .await?;
            }
        }
        Ok(writes)
    }
}

fn session_writes(session: Session) -> Vec<Write> {
    let live = layout::live_session(session.user_id, session.id);
    let is_ended = session.ended.is_some();
    let row = SessionRow { session, epoch: 0 };
    let gone = is_ended.then_some(Write::Delete(live));
    row.items()
        .into_iter()
        .map(Write::Put)
        .chain(gone)
        .collect()
}

/// What was written for a user before and is in the way now.
fn stale_keys(before: Option<&UserRow>, now: &UserRow) -> Vec<Key> {
    let Some(before) = before else {
        return Vec::new();
    };
    let guards = now.guard_keys();
    let old = before.guard_keys().into_iter();
    let old = old
        .filter(|guard| !guards.contains(guard))
        .map(|(_, key)| key);
    let states = [UserState::Active, UserState::Disabled, UserState::Locked];
    let lists = states
        .into_iter()
        .filter(|state| *state != now.user.state)
        .map(|state| layout::listed(state, now.id()));
    old.chain(lists).collect()
}
