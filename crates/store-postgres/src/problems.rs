//! What can be wrong with the database in `PostgreSQL`'s own terms: tables or indexes that somebody
//! dropped, indexes and constraints that are not valid, rows that are always there and are not, and
//! a server that takes no writes.

use crate::cells::Cells;
use crate::connection::{Answer, sql};
use crate::error::Fault;
use crate::migrations::TABLES;
use crate::pool::Lease;

/// The indexes that the steps make beside those of primary keys.
pub(crate) const INDEXES: [&str; 11] = [
    "users_by_username",
    "users_by_email",
    "users_by_state",
    "user_roles_by_role",
    "sessions_by_user",
    "sessions_by_end",
    "personal_tokens_by_user",
    "personal_tokens_by_end",
    "idempotency_keys_by_end",
    "audit_events_by_user",
    "audit_events_by_action",
];

/// Finds them. `begin` begins a transaction that may take long.
pub(crate) async fn find(
    lease: &mut Lease,
    begin: &str,
    schema: &str,
) -> Result<Vec<String>, Fault> {
    let answers = lease
        .transact_as(
            begin,
            vec![
                sql!(
                    "SELECT c.relname::text FROM pg_catalog.pg_class c
                     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                     WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p', 'i', 'I')",
                    schema
                ),
                sql!(
                    "SELECT c.relname::text FROM pg_catalog.pg_index i
                     JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
                     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                     WHERE n.nspname = $1::text AND NOT (i.indisvalid AND i.indisready)
                     ORDER BY 1",
                    schema
                ),
                sql!(
                    "SELECT o.conname::text FROM pg_catalog.pg_constraint o
                     JOIN pg_catalog.pg_namespace n ON n.oid = o.connamespace
                     WHERE n.nspname = $1::text AND NOT o.convalidated ORDER BY 1",
                    schema
                ),
                sql!("SELECT current_setting('transaction_read_only')"),
            ],
        )
        .await?;
    let names = |place: usize| texts(answers.get(place));
    let there = names(0)?;
    let mut problems = Vec::new();
    for (what, expected) in [("table", &TABLES[..]), ("index", &INDEXES[..])] {
        for name in expected {
            if !there.iter().any(|found| found == name) {
                problems.push(format!("the {what} {name} is missing"));
            }
        }
    }
    for name in names(1)? {
        problems.push(format!("the index {name} is not valid: run REINDEX"));
    }
    for name in names(2)? {
        problems.push(format!(
            "the constraint {name} is not valid: run ALTER TABLE … VALIDATE CONSTRAINT"
        ));
    }
    if names(3)?.iter().any(|setting| setting == "on") {
        problems.push("the server takes no writes: it is a replica, or set so".to_owned());
    }
    let has_fixed_rows = ["instance", "guards", "pings"]
        .iter()
        .all(|name| there.iter().any(|found| found == name));
    if has_fixed_rows {
        problems.extend(missing_rows(lease, begin).await?);
    }
    Ok(problems)
}

async fn missing_rows(lease: &mut Lease, begin: &str) -> Result<Vec<String>, Fault> {
    let answers = lease
        .transact_as(
            begin,
            vec![sql!(
                "SELECT name FROM (VALUES
                     ('instance', (SELECT count(*) FROM instance), 1),
                     ('guards', (SELECT count(*) FROM guards
                         WHERE name IN ('admins', 'imports')), 2),
                     ('pings', (SELECT count(*) FROM pings), 1)) AS t (name, found, wanted)
                 WHERE found <> wanted"
            )],
        )
        .await?;
    Ok(texts(answers.first())?
        .iter()
        .map(|name| format!("the table {name} has not the rows that it must have"))
        .collect())
}

fn texts(answer: Option<&Answer>) -> Result<Vec<String>, Fault> {
    let rows = answer.iter().flat_map(|answer| &answer.rows);
    rows.map(|row| Ok(Cells::of(row).text()?.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations;

    #[test]
    fn every_index_of_the_steps_is_on_the_list() {
        let made: Vec<&str> = migrations::ALL
            .iter()
            .flat_map(|step| step.text.lines())
            .filter_map(|line| line.split_once("INDEX "))
            .filter_map(|(_, rest)| rest.split(' ').next())
            .collect();
        assert_eq!(made, INDEXES);
    }
}
