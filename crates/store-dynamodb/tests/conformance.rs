//! The `DynamoDB` store keeps every promise of the port.

#[path = "support/mod.rs"]
mod support;

use support::Table;

countersign_app::conformance_tests!(Table::made);
