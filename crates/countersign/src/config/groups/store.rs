//! Where everything is remembered.

use std::time::Duration;

use crate::config::group::group;
use crate::config::setting::{follows, given};
use crate::config::value::StoreUrl;

group! {
    /// Where users, sessions and keys are remembered.
    Store at "store" {
        /// The database: `sqlite:` and the path of its file.
        pub url: StoreUrl = follows("`sqlite:` and `countersign.db` in `data_dir`").hidden()
            .example("sqlite:/var/lib/countersign/countersign.db");
        /// How many connections read from the database beside the one that writes.
        pub readers: usize = given("4").between("1", "64")
            .because("reads of one row take microseconds; more readers only cost memory")
            .example("8");
        /// How many writes may wait for the writer. Past it the answer is 503 at once.
        pub write_queue: usize = given("4096").between("1", "1000000")
            .because("a little more than a second of writes at 3,000 a second")
            .example("1024");
        /// How long to wait for a lock that another process holds on the database.
        pub busy_timeout: Duration = given("5s").between("0s", "1m")
            .because("a command such as `users list` beside the server holds it for moments only")
            .example("10s");
    }
}
