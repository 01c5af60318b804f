//! What every use case costs: how often it waits for the database, as `docs/stores/mysql.md` has it,
//! and by which index the engine finds what it asks for, of what was really sent.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't reach its server has failed"
)]

mod server;

use std::collections::{BTreeMap, BTreeSet};

use countersign_app::ports::StoreAdmin;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use server::everything::{call, fill};
use server::{Fresh, OwnServer};

/// Round trips by use case, once a connection is there.
const EXPECTED: &[(&str, u64)] = &[
    ("account", 1),
    ("audit_events", 1),
    ("change_authority", 2),
    ("change_keys", 2),
    ("change_password", 2),
    ("claim_task", 1),
    ("create_personal_token", 2),
    ("define_role", 1),
    ("delete_role", 2),
    ("delete_user", 2),
    ("end_session", 1),
    ("end_sessions", 1),
    ("keys", 1),
    ("live_personal_tokens", 1),
    ("live_sessions", 1),
    ("login_record by e-mail", 1),
    ("login_record by username", 1),
    ("login_record_by_id", 1),
    ("login_records", 1),
    ("note_personal_token_use", 1),
    ("open_session", 2),
    ("personal_token", 1),
    ("ping", 1),
    ("prune", 2),
    ("record", 1),
    ("revoke_personal_token", 1),
    ("roles", 1),
    ("rotate", 1),
    ("rotate, repeated", 1),
    ("rotate, reused", 3),
    ("session", 1),
    ("session_of", 1),
    ("set_user_state", 2),
    ("sign_up", 1),
    ("sign_up of what is taken", 2),
    ("sign_up with a role", 2),
    ("sign_up with a role that is unknown", 2),
    ("sign_up with an idempotency key", 1),
    ("update_profile", 2),
    ("users", 1),
];

/// Tables that hold a row or a handful, whatever the number of users.
const SMALL: [&str; 6] = ["heartbeat", "i", "instance", "k", "key_records", "roles"];

#[tokio::test]
async fn every_use_case_costs_what_is_written_and_goes_by_an_index() {
    // Of its own: what it is asked is logged.
    let server = OwnServer::start();
    let fresh = Fresh::on(&server.url()).await;
    let store = fresh.patient_store();
    store.migrate().await.unwrap();
    let (user, live) = fill(&store).await;
    let mut conn = fresh.connection().await;
    conn.query_drop(
        "ANALYZE TABLE users, sessions, personal_tokens, audit_events, user_roles;
         SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON",
    )
    .await
    .unwrap();

    let costs = call(&store, &user, &live).await;

    conn.query_drop("SET GLOBAL general_log = OFF")
        .await
        .unwrap();
    let mut found = BTreeMap::new();
    for (name, trips) in costs {
        assert_eq!(*found.entry(name).or_insert(trips), trips, "{name}");
    }
    assert_eq!(found, EXPECTED.iter().copied().collect());

    let statements: Vec<String> = conn
        .query(
            "SELECT convert(argument USING utf8mb4) FROM mysql.general_log
             WHERE command_type = 'Query' AND thread_id <> CONNECTION_ID()",
        )
        .await
        .unwrap();
    // Texts are logged whole; no value in them has a semicolon.
    let statements: BTreeSet<&str> = statements
        .iter()
        .flat_map(|text| text.split("; "))
        .collect();
    let mut indexes = BTreeSet::new();
    let (mut explained, mut most_read) = (0, 0);
    for statement in statements {
        let verb = statement.split_whitespace().next().unwrap_or_default();
        let is_plain_insert = verb == "INSERT" && !statement.contains("SELECT");
        if !matches!(verb, "SELECT" | "UPDATE" | "DELETE" | "INSERT") || is_plain_insert {
            continue;
        }
        explained += 1;
        for step in explain(&mut conn, statement).await {
            check(&step, statement);
            indexes.insert(format!("{} {} {}", step.table, step.kind, step.key));
        }
        if verb == "SELECT" {
            let read = rows_read(&mut conn, statement).await;
            assert!(read < 1_000, "{read} rows are read by {statement}");
            most_read = most_read.max(read);
        }
    }
    assert!(explained > 60, "{explained} statements");
    println!("{explained} statements; {most_read} rows read at most");
    for line in indexes {
        println!("{line}");
    }
}

/// A line of a plan.
#[derive(Debug)]
struct Step {
    table: String,
    kind: String,
    key: String,
    rows: u64,
    extra: String,
}

async fn explain(conn: &mut Conn, statement: &str) -> Vec<Step> {
    let rows: Vec<Row> = conn.query(format!("EXPLAIN {statement}")).await.unwrap();
    let text = |row: &Row, name: &str| row.get::<Option<String>, _>(name).unwrap();
    rows.iter()
        .map(|row| Step {
            table: text(row, "table").unwrap_or_default(),
            kind: text(row, "type").unwrap_or_default(),
            key: text(row, "key").unwrap_or_default(),
            rows: text(row, "rows").map_or(0, |rows| rows.parse().unwrap()),
            extra: text(row, "Extra").unwrap_or_default(),
        })
        .collect()
}

/// How many rows the engine looks at.
async fn rows_read(conn: &mut Conn, statement: &str) -> u64 {
    conn.query_drop("FLUSH STATUS").await.unwrap();
    conn.query_drop(statement).await.unwrap();
    let counts: Vec<(String, u64)> = conn
        .query("SHOW SESSION STATUS LIKE 'Handler_read%'")
        .await
        .unwrap();
    counts.iter().map(|(_, count)| count).sum()
}

fn check(step: &Step, statement: &str) {
    let Step {
        table,
        kind,
        rows,
        extra,
        ..
    } = step;
    let in_passing = table.is_empty() || table.starts_with('<') || SMALL.contains(&table.as_str());
    if in_passing {
        return;
    }
    assert_ne!(kind, "ALL", "{step:?} of {statement}");
    // Along a key, as far as a page goes: what is really read is counted.
    assert!(
        kind != "index" || statement.contains("LIMIT"),
        "{step:?} of {statement}"
    );
    // What is sorted belongs to one user.
    let is_bounded = *rows <= 10;
    assert!(
        is_bounded || !extra.contains("filesort"),
        "{step:?} of {statement}"
    );
}
