//! A server on each engine: what people do with it, and what it says of its connections.

use serde_json::Value;

use crate::database::Database;
use crate::on_each_engine;
use crate::support::account::login;
use crate::support::{Account, Server};

fn people_sign_up_log_in_and_refresh_and_logs_and_metrics_tell_of_connections(
    engine: &'static str,
) {
    let database = Database::start(engine);
    let dir = tempfile::tempdir().unwrap();
    let url = database.url();
    let settings = [("STORE_URL", url.as_str()), ("LOG_FORMAT", "json")];
    let server = Server::start_with(dir.path(), &settings);
    let mut ada = Account::sign_up(&server, "ada");
    server.post("/v1/login", &login(&ada.email)).expect(200);
    assert_eq!(ada.refresh(&mut server.connect()).unwrap(), 200);
    let me = server.get("/v1/me", Some(&ada.access)).expect(200);
    assert_eq!(server.ops("/readyz").status, 200);

    let id = me.header("x-request-id").unwrap();
    let log = server.log();
    let line = log.lines().find(|line| line.contains(id)).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["span"]["database_connection"], "existing", "{line}");
    assert!(log.contains("using new database connection"), "{log}");

    let metrics = server.ops("/metrics").expect(200).body;
    let value = |name: &str| -> u64 {
        let line = metrics.lines().find(|line| line.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("no {name}: {metrics}"));
        line.rsplit_once(' ').unwrap().1.parse().unwrap()
    };
    assert!(value("countersign_store_connections_total{state=\"new\"}") > 0);
    assert!(value("countersign_store_connections_total{state=\"existing\"}") > 0);
    assert!(value("countersign_store_round_trips_total") > 5);
    assert_eq!(value("countersign_store_turned_away_total"), 0);
    assert!(!metrics.contains("countersign_store_queue_depth "));
    server.stop();
}

on_each_engine!(people_sign_up_log_in_and_refresh_and_logs_and_metrics_tell_of_connections);

/// The server of the tests takes any password of this role.
#[cfg(feature = "postgres")]
#[test]
fn the_password_of_the_address_is_in_no_line_and_no_answer() {
    let database = Database::start("postgres");
    let dir = tempfile::tempdir().unwrap();
    let url = database
        .url()
        .replacen("countersign@", "countersign:sekret-word@", 1);
    assert!(url.contains("sekret-word"));
    let settings = [("STORE_URL", url.as_str()), ("LOG_LEVEL", "trace")];
    let server = Server::start_with(dir.path(), &settings);
    let ada = Account::sign_up(&server, "ada");
    database.kill();
    server.get("/v1/me", Some(&ada.access)).expect(503);
    let mut said = vec![server.log(), server.announcement.clone()];
    said.push(server.ops("/metrics").expect(200).body);
    for arguments in [
        &["config", "show"][..],
        &["doctor"],
        &["users", "list"],
        &["store", "check", "--json"],
        &["migrate"],
    ] {
        let ran = crate::commands::run(dir.path(), &url, arguments);
        said.extend([ran.out, ran.err]);
    }
    assert!(said.iter().any(|text| text.contains("countersign:***@")));
    for text in said {
        assert!(!text.contains("sekret-word"), "{text}");
    }
}
