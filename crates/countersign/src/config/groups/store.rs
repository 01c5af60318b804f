//! Where everything is remembered.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::group::group;
use crate::config::setting::{follows, given, unset};
use crate::config::value::{SecretReference, StoreUrl};

group! {
    /// Where users, sessions and keys are remembered: in a file of this machine, or in a
    /// database that several instances share. Instances of one database need the same master key:
    /// see `keys.master_key_file`.
    Store at "store" {
        /// The database. The scheme names the engine: `sqlite:` and the path of a file,
        /// `postgres://` (or `postgresql://`), `mysql://` (or `mariadb://`), `mongodb://` (or
        /// `mongodb+srv://`), or `dynamodb://`, a region and the name of a table. A connection over a
        /// network is encrypted and its server verified, unless the address says otherwise or
        /// names this machine.
        pub url: StoreUrl = follows("`sqlite:` and `countersign.db` in `data_dir`").address()
            .example("postgres://countersign@db.example.com/countersign");
        /// A file with the address, in place of `store.url`: for one with a password in it.
        pub url_file: Option<PathBuf> = unset("`store.url` is used").hidden()
            .example("/run/secrets/countersign-store-url");
        /// Where AWS keeps the address, in place of `store.url`. It is fetched at the start.
        pub url_from: Option<SecretReference> = unset("`store.url` is used").hidden()
            .example("aws-secretsmanager:countersign/database#url");
        /// Whether the server brings the schema of the database up to date at its start. If not, run
        /// `countersign migrate` before: a server does not start on a schema that lacks something.
        pub migrate: bool = given("true")
            .because("an upgrade is then a restart; instances that start at once wait for the one \
                      that migrates")
            .example("false");
        /// The most connections of one server to a database on a network; with `dynamodb://`, the most
        /// calls at once. On AWS Lambda the default is 2: an instance answers one request at a time.
        pub max_connections: u32 = given("10").between("1", "1000")
            .because("a call holds a connection for a millisecond or two, so ten serve thousands of \
                      calls a second; databases allow some hundred in all")
            .example("20");
        /// How long a call waits for a connection to become free or be made. Past it the answer is
        /// 503.
        pub acquire_timeout: Duration = given("1s").between("10ms", "30s")
            .because("who waits longer has given up, and more waiting only makes the crowd greater")
            .example("500ms");
        /// How long a call to a database on a network may take in all, the wait for a connection
        /// included. Past it the answer is 503. Imports, copies and clearing away have 30 seconds, or
        /// this if it is longer.
        pub timeout: Duration = given("1500ms").between("50ms", "1m")
            .because("a lost database is then told within two seconds")
            .example("3s");
        /// A file with the certificates of the authorities that may vouch for the database's server,
        /// in PEM, in place of those that browsers trust.
        pub ca_file: Option<PathBuf> = unset("the authorities that browsers trust are used")
            .example("/etc/countersign/database-ca.pem");
        /// With `sqlite:`, how many connections read beside the one that writes.
        pub readers: usize = given("4").between("1", "64")
            .because("reads of one row take microseconds; more readers only cost memory")
            .example("8");
        /// With `sqlite:`, how many writes may wait for the writer. Past it the answer is 503 at once.
        pub write_queue: usize = given("4096").between("1", "1000000")
            .because("a little more than a second of writes at 3,000 a second")
            .example("1024");
        /// With `sqlite:`, how long to wait for a lock that another process holds on the database.
        pub busy_timeout: Duration = given("5s").between("0s", "1m")
            .because("a command such as `users list` beside the server holds it for moments only")
            .example("10s");
    }
}
