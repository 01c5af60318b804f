//! What is wrong with the database in the engine's own terms: tables that are missing, damaged or
//! kept by an engine without transactions, and indexes that are not there.

use countersign_app::ports::store::StoreResult;

use crate::cells::Cells;
use crate::error::Fault;
use crate::link::Link;
use crate::sql::Sql;

/// Each index that a query or a promise relies on: table, name, whether it is unique, columns.
const INDEXES: &[(&str, &str, bool, &str)] = &[
    ("audit_events", "PRIMARY", true, "id"),
    ("audit_events", "audit_events_by_action", false, "action"),
    ("audit_events", "audit_events_by_user", false, "user_id"),
    ("countersign_migrations", "PRIMARY", true, "version"),
    ("heartbeat", "PRIMARY", true, "id"),
    ("idempotency_keys", "PRIMARY", true, "key_hash"),
    (
        "idempotency_keys",
        "idempotency_keys_by_end",
        false,
        "expires_at",
    ),
    ("instance", "PRIMARY", true, "id"),
    ("key_records", "PRIMARY", true, "id"),
    ("personal_tokens", "PRIMARY", true, "id"),
    (
        "personal_tokens",
        "personal_tokens_by_end",
        false,
        "expires_at",
    ),
    (
        "personal_tokens",
        "personal_tokens_by_user",
        false,
        "user_id,revoked_at",
    ),
    ("roles", "PRIMARY", true, "name"),
    ("sessions", "PRIMARY", true, "id"),
    ("sessions", "sessions_by_end", false, "over_at"),
    ("sessions", "sessions_by_user", false, "user_id,ended_at"),
    ("tasks", "PRIMARY", true, "name"),
    ("user_roles", "PRIMARY", true, "user_id,role"),
    ("user_roles", "user_roles_by_role", false, "role,user_id"),
    ("users", "PRIMARY", true, "id"),
    ("users", "users_by_email", true, "email_key"),
    ("users", "users_by_state", false, "state"),
    ("users", "users_by_username", true, "username"),
];

/// The references that keep what is a user's from outliving them.
const REFERENCES: &[&str] = &[
    "personal_tokens_of_users",
    "sessions_of_users",
    "user_roles_of_users",
];

/// See [`countersign_app::ports::StoreAdmin::engine_problems`].
pub(crate) async fn find(link: &mut Link<'_>) -> Result<Vec<String>, Fault> {
    let mut problems = Vec::new();
    check_tables(link, &mut problems).await?;
    check_engine(link, &mut problems).await?;
    check_indexes(link, &mut problems).await?;
    check_references(link, &mut problems).await?;
    Ok(problems)
}

/// Lets the engine read its own tables, page by page.
async fn check_tables(link: &mut Link<'_>, problems: &mut Vec<String>) -> Result<(), Fault> {
    let sql = Sql::new(
        "CHECK TABLE audit_events, countersign_migrations, heartbeat, idempotency_keys, instance,
             key_records, personal_tokens, roles, sessions, tasks, user_roles, users",
        [],
    );
    for row in link.read(sql).await?.rows()? {
        let mut cells = Cells::of(&row);
        let table = cells.text()?;
        cells.text()?;
        let (kind, words) = (cells.text()?, cells.text()?);
        if !matches!((kind, words), ("status", "OK") | ("note" | "info", _)) {
            problems.push(format!("{table}: {kind}: {words}"));
        }
    }
    Ok(())
}

async fn check_engine(link: &mut Link<'_>, problems: &mut Vec<String>) -> Result<(), Fault> {
    let sql = Sql::new(
        "SELECT table_name, coalesce(engine, '') FROM information_schema.tables
         WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
        [],
    );
    for row in link.read(sql).await?.rows()? {
        let mut cells = Cells::of(&row);
        let (table, engine) = (cells.text()?, cells.text()?);
        let is_ours = INDEXES.iter().any(|(ours, ..)| *ours == table);
        if is_ours && engine != "InnoDB" {
            problems.push(format!(
                "{table}: is kept by {engine}, which has no transactions"
            ));
        }
    }
    Ok(())
}

async fn check_indexes(link: &mut Link<'_>, problems: &mut Vec<String>) -> Result<(), Fault> {
    let sql = Sql::new(
        "SELECT table_name, index_name, non_unique, column_name FROM information_schema.statistics
         WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index",
        [],
    );
    let rows = link.read(sql).await?.rows()?;
    let columns = rows
        .iter()
        .map(|row| {
            let mut cells = Cells::of(row);
            Ok((
                cells.text()?.to_owned(),
                cells.text()?.to_owned(),
                cells.number::<u8>()? == 0,
                cells.text()?.to_owned(),
            ))
        })
        .collect::<StoreResult<Vec<_>>>()?;
    for (table, index, unique, expected) in INDEXES {
        let found: Vec<_> = columns
            .iter()
            .filter(|(t, i, u, _)| t == table && i == index && u == unique)
            .map(|(.., column)| column.as_str())
            .collect();
        if found.join(",") != *expected {
            problems.push(format!(
                "{table}: the index {index} on ({expected}) is missing"
            ));
        }
    }
    Ok(())
}

async fn check_references(link: &mut Link<'_>, problems: &mut Vec<String>) -> Result<(), Fault> {
    let sql = Sql::new(
        "SELECT constraint_name FROM information_schema.referential_constraints
         WHERE constraint_schema = DATABASE() AND delete_rule = 'CASCADE'",
        [],
    );
    let rows = link.read(sql).await?.rows()?;
    let mut found = Vec::new();
    for row in &rows {
        found.push(Cells::of(row).text()?);
    }
    for name in REFERENCES {
        if !found.contains(name) {
            problems.push(format!("the reference {name} is missing"));
        }
    }
    Ok(())
}
