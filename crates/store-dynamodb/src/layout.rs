//! The table: the keys of every kind of item. The whole layout and its access patterns stand in
//! docs/stores/dynamodb.md; this is the only place that makes keys.
//!
//! A partition that grows with use is spread over some shards, so that no key gets hot; a shard
//! follows from the item's own id, so that it can always be computed again.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_domain::audit::AuditEvent;
use countersign_domain::id::{EventId, PersonalTokenId, SessionId, UserId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::user::UserState;
use uuid::Uuid;

/// An item, and a key of one.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The index of what is over by time. It is only ever used to find candidates to clear away.
pub(crate) const OVER: &str = "over";

/// How many copies of the roles there are: each call with a token reads one of them.
pub(crate) const ROLES_COPIES: usize = 8;
const NAME_SHARDS: u8 = 8;
const USER_SHARDS: u8 = 4;
const EVENT_SHARDS: u8 = 8;
const OVER_SHARDS: u8 = 4;

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    /// As the service wants it.
    pub fn item(&self) -> Item {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }

    /// The key of an item.
    pub fn of(item: &Item) -> Option<Self> {
        let part = |name: &str| item.get(name)?.as_s().ok().cloned();
        Some(Self {
            pk: part("pk")?,
            sk: part("sk")?,
        })
    }

    /// The part of the sort key behind its prefix, as an id.
    pub fn id(&self) -> Option<Uuid> {
        let text = self.sk.rsplit('#').next()?;
        Uuid::try_parse(text).ok()
    }
}

fn fold(bytes: &[u8]) -> u8 {
    // Only has to spread: the last bytes of an id are random, those of a name are not.
    bytes.iter().fold(0x2f_u8, |hash, byte| {
        hash.rotate_left(3) ^ byte.wrapping_mul(31)
    })
}

/// The partition of a user: the user, their live sessions, and their tokens.
pub(crate) fn user_partition(id: UserId) -> String {
    format!("U#{id}")
}

pub(crate) fn user(id: UserId) -> Key {
    Key::new(user_partition(id), "U")
}

/// A session that was not ended.
pub(crate) fn live_session(user: UserId, id: SessionId) -> Key {
    Key::new(user_partition(user), format!("S#{id}"))
}

/// Says whose a session is; holds the session itself once it is ended.
pub(crate) fn session(id: SessionId) -> Key {
    Key::new(format!("S#{id}"), "S")
}

pub(crate) fn token(user: UserId, id: PersonalTokenId) -> Key {
    Key::new(user_partition(user), format!("T#{id}"))
}

/// Says whose a token is.
pub(crate) fn token_owner(id: PersonalTokenId) -> Key {
    Key::new(format!("T#{id}"), "T")
}

/// The guard of an e-mail key, with a copy of its user.
pub(crate) fn email(key: &str) -> Key {
    let shard = fold(key.as_bytes()) % NAME_SHARDS;
    Key::new(format!("E#{shard}"), key)
}

/// The guard of a username, with a copy of its user.
pub(crate) fn username(name: &str) -> Key {
    let shard = fold(name.as_bytes()) % NAME_SHARDS;
    Key::new(format!("N#{shard}"), name)
}

/// The partitions of all guards.
pub(crate) fn name_partitions() -> Vec<String> {
    let shards = 0..NAME_SHARDS;
    shards
        .flat_map(|shard| [format!("E#{shard}"), format!("N#{shard}")])
        .collect()
}

/// A line of the list of users of a state.
pub(crate) fn listed(state: UserState, id: UserId) -> Key {
    let shard = fold(id.as_uuid().as_bytes()) % USER_SHARDS;
    Key::new(format!("L#{}#{shard}", state.as_str()), id.to_string())
}

/// The partitions of the list of users of a state, or of all.
pub(crate) fn list_partitions(state: Option<UserState>) -> Vec<String> {
    let all = [UserState::Active, UserState::Disabled, UserState::Locked];
    let states = all.iter().filter(|one| state.is_none_or(|s| s == **one));
    states
        .flat_map(|state| (0..USER_SHARDS).map(|shard| format!("L#{}#{shard}", state.as_str())))
        .collect()
}

/// The partition of those who hold a role, as it was defined the `generation`-th time.
pub(crate) fn holders(name: &str, generation: u64) -> String {
    format!("H#{name}@{generation}")
}

pub(crate) fn holder(name: &str, generation: u64, id: UserId) -> Key {
    Key::new(holders(name, generation), id.to_string())
}

pub(crate) fn event(id: EventId) -> Key {
    let shard = fold(id.as_uuid().as_bytes()) % EVENT_SHARDS;
    Key::new(format!("A#{shard}"), id.to_string())
}

pub(crate) fn event_partitions() -> Vec<String> {
    (0..EVENT_SHARDS)
        .map(|shard| format!("A#{shard}"))
        .collect()
}

pub(crate) fn events_of_user(id: UserId) -> String {
    format!("AU#{id}")
}

pub(crate) fn events_of_action(action: &str) -> Vec<String> {
    (0..EVENT_SHARDS)
        .map(|shard| format!("AA#{action}#{shard}"))
        .collect()
}

/// The pointers by which an event is found by its user and its action.
pub(crate) fn event_pointers(about: &AuditEvent) -> Vec<Key> {
    let shard = fold(about.id.as_uuid().as_bytes()) % EVENT_SHARDS;
    let mut keys = vec![Key::new(
        format!("AA#{}#{shard}", about.action.as_str()),
        about.id.to_string(),
    )];
    if let Some(user) = about.user_id {
        keys.push(Key::new(events_of_user(user), about.id.to_string()));
    }
    keys
}

pub(crate) fn idempotency(key: &TokenHash) -> Key {
    let mut hex = String::with_capacity(64);
    for byte in key.as_bytes() {
        use std::fmt::Write as _;
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Key::new(format!("I#{hex}"), "I")
}

/// One copy of the roles.
pub(crate) fn roles(copy: usize) -> Key {
    Key::new(format!("ROLES#{}", copy % ROLES_COPIES), "ROLES")
}

/// The ids of all working admins.
pub(crate) fn admins() -> Key {
    Key::new("ADMINS".to_owned(), "ADMINS")
}

pub(crate) fn keys() -> Key {
    Key::new("KEYS".to_owned(), "KEYS")
}

pub(crate) fn task(name: &str) -> Key {
    Key::new(format!("TASK#{name}"), "TASK")
}

pub(crate) fn ping() -> Key {
    Key::new("PING".to_owned(), "PING")
}

pub(crate) fn copy_mark() -> Key {
    Key::new("COPY".to_owned(), "COPY")
}

/// A user who was deleted and whose sessions and tokens are still being cleared away.
pub(crate) fn leftover(id: UserId) -> Key {
    Key::new("LEFTOVERS".to_owned(), id.to_string())
}

pub(crate) fn leftovers() -> String {
    "LEFTOVERS".to_owned()
}

/// The partition of the record of migrations.
pub(crate) fn migrations() -> String {
    "MIGRATIONS".to_owned()
}

pub(crate) fn migration(version: u32) -> Key {
    Key::new(migrations(), format!("{version:04}"))
}

pub(crate) fn migration_lock() -> Key {
    Key::new("MIGRATING".to_owned(), "LOCK")
}

/// Where an item stands in the index of what is over.
pub(crate) fn over(kind: &str, id: &[u8]) -> String {
    format!("{kind}#{}", fold(id) % OVER_SHARDS)
}

pub(crate) fn over_partitions(kind: &str) -> Vec<String> {
    (0..OVER_SHARDS)
        .map(|shard| format!("{kind}#{shard}"))
        .collect()
}
