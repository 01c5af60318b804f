//! What the store holds at the end, read record by record as an operator would.

use std::collections::BTreeMap;

use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store_admin::{IdempotencyRecord, Record, RecordKind};
use countersign_domain::audit::AuditEvent;
use countersign_domain::keys::KeySet;
use countersign_domain::password::PasswordHash;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::session::Session;
use countersign_domain::user::User;
use uuid::Uuid;

use crate::failure::Outcome;

/// How many records are read at once.
const BATCH: u32 = 500;

/// Everything, by its id.
#[derive(Clone, Default)]
pub struct FinalState {
    /// Users and their password hashes.
    pub users: BTreeMap<Uuid, (User, Option<PasswordHash>)>,
    /// Sessions, ended or not.
    pub sessions: BTreeMap<Uuid, Session>,
    /// Personal access tokens, revoked or not.
    pub tokens: BTreeMap<Uuid, PersonalToken>,
    /// Idempotency keys.
    pub idempotency: Vec<IdempotencyRecord>,
    /// The audit log.
    pub events: Vec<AuditEvent>,
    /// The keys.
    pub keys: KeySet,
    /// Records that came twice.
    pub repeated: Vec<String>,
}

impl FinalState {
    /// Reads everything.
    pub async fn read(store: &dyn StoreAdmin) -> Outcome<Self> {
        let mut state = Self::default();
        for kind in RecordKind::ALL {
            let mut after = None;
            loop {
                let batch = store.read_records(kind, after.as_deref(), BATCH).await?;
                for record in batch.records {
                    state.take(record);
                }
                match batch.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        Ok(state)
    }

    /// Takes one record.
    pub fn take(&mut self, record: Record) {
        let name = record.kind().as_str();
        let (id, is_new) = match record {
            Record::Role(_) => return,
            Record::User(user, password) => {
                let id = *user.id.as_uuid();
                (id, self.users.insert(id, (user, password)).is_none())
            }
            Record::Session(session) => {
                let id = *session.id.as_uuid();
                (id, self.sessions.insert(id, session).is_none())
            }
            Record::PersonalToken(token) => {
                let id = *token.id.as_uuid();
                (id, self.tokens.insert(id, token).is_none())
            }
            Record::IdempotencyKey(key) => return self.idempotency.push(key),
            Record::AuditEvent(event) => return self.events.push(event),
            Record::Keys(keys) => {
                self.keys = keys;
                return;
            }
        };
        if !is_new {
            self.repeated.push(format!("{name} {id}"));
        }
    }
}
