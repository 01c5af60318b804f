//! What an operator asks of a store, beside what the use cases do: its schema, its health, and
//! everything it holds, record by record, to copy it to another one.

use async_trait::async_trait;
use countersign_domain::audit::AuditEvent;
use countersign_domain::id::UserId;
use countersign_domain::keys::KeySet;
use countersign_domain::opaque::TokenHash;
use countersign_domain::password::PasswordHash;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::Role;
use countersign_domain::session::Session;
use countersign_domain::time::Timestamp;
use countersign_domain::user::User;

use super::store::StoreResult;
use crate::schema::SchemaError;

/// The kinds of records, in the order in which they are copied: what others point to comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// The stored roles.
    Role,
    /// Users with their password hashes.
    User,
    /// Sessions, the ended ones included.
    Session,
    /// Personal access tokens, the revoked ones included.
    PersonalToken,
    /// Idempotency keys.
    IdempotencyKey,
    /// The audit log.
    AuditEvent,
    /// The keys: one record for all of them. It comes last: a store without keys that work is one
    /// that nobody can use by mistake.
    Keys,
}

impl RecordKind {
    /// All kinds, in order.
    pub const ALL: [Self; 7] = [
        Self::Role,
        Self::User,
        Self::Session,
        Self::PersonalToken,
        Self::IdempotencyKey,
        Self::AuditEvent,
        Self::Keys,
    ];

    /// The name for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Role => "roles",
            Self::User => "users",
            Self::Session => "sessions",
            Self::PersonalToken => "personal_tokens",
            Self::IdempotencyKey => "idempotency_keys",
            Self::AuditEvent => "audit_events",
            Self::Keys => "keys",
        }
    }
}

/// An idempotency key with what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// SHA-256 of the key the client sent.
    pub key: TokenHash,
    /// SHA-256 of the request.
    pub request: TokenHash,
    /// The user whom it made.
    pub user_id: UserId,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// One record, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A stored role.
    Role(Role),
    /// A user with their password hash.
    User(User, Option<PasswordHash>),
    /// A session.
    Session(Session),
    /// A personal access token.
    PersonalToken(PersonalToken),
    /// An idempotency key.
    IdempotencyKey(IdempotencyRecord),
    /// An audit event.
    AuditEvent(AuditEvent),
    /// All keys with their version.
    Keys(KeySet),
}

impl Record {
    /// Its kind.
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Role(_) => RecordKind::Role,
            Self::User(..) => RecordKind::User,
            Self::Session(_) => RecordKind::Session,
            Self::PersonalToken(_) => RecordKind::PersonalToken,
            Self::IdempotencyKey(_) => RecordKind::IdempotencyKey,
            Self::AuditEvent(_) => RecordKind::AuditEvent,
            Self::Keys(_) => RecordKind::Keys,
        }
    }
}

/// Some records of one kind, and where to go on.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The records. May be empty although there are more.
    pub records: Vec<Record>,
    /// What to give as `after` for the next batch; `None` at the end. Only the store that made it
    /// can read it; it stays good when the process ends.
    pub next: Option<String>,
}

/// The operator's side of a store.
#[async_trait]
pub trait StoreAdmin: Send + Sync {
    /// The engine, as in `SQLite` or `PostgreSQL`.
    fn engine(&self) -> &'static str;

    /// The names of the migrations that the database lacks, in order; all of them if there is
    /// nothing yet. Changes nothing.
    async fn pending_migrations(&self) -> Result<Vec<String>, SchemaError>;

    /// Brings the schema up to date and gives the names of what was applied. Of instances that do
    /// so at once, one does, and the others wait for it.
    async fn migrate(&self) -> Result<Vec<String>, SchemaError>;

    /// What is wrong with the database in the engine's own terms: damaged pages, missing or invalid
    /// indexes, guard items that guard nothing. Empty if all is well. May take long.
    async fn engine_problems(&self) -> StoreResult<Vec<String>>;

    /// Whether it holds no record of any kind: as it is right after its first migration.
    async fn is_empty(&self) -> StoreResult<bool>;

    /// About how many records of a kind there are, to show progress; `None` if only reading them
    /// all would tell.
    async fn estimate(&self, kind: RecordKind) -> StoreResult<Option<u64>>;

    /// Up to `limit` records of a kind. Beginning with `None` and going on with what the last batch
    /// gave, every record that is there all the while comes once. Of the keys there is always one
    /// record, or none while there has never been a key.
    async fn read_records(
        &self,
        kind: RecordKind,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Batch>;

    /// Puts up to 1,000 records of one kind where they belong, as they are, with no event. A record
    /// that is there already is replaced, so that putting it twice is harmless. Users come without
    /// conflicts of names: they come from a store that had none. What belongs to a user who is not
    /// there may be refused as `Corrupt`.
    async fn write_records(&self, records: Vec<Record>) -> StoreResult<()>;

    /// The mark of a copy into this database that is not finished, as it was set.
    async fn copy_mark(&self) -> StoreResult<Option<String>>;

    /// Sets or clears the mark.
    async fn set_copy_mark(&self, mark: Option<&str>) -> StoreResult<()>;
}
