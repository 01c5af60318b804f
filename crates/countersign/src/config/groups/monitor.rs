//! What is kept of the latest requests.

use bytesize::ByteSize;

use crate::config::group::group;
use crate::config::setting::given;

group! {
    /// The latest requests, kept in memory for `/console/monitor` and `countersign monitor`: routes, times
    /// and log lines, without users, addresses, queries, bodies and credentials.
    Monitor at "monitor" {
        /// How many requests are kept; the oldest make room. With `0` nothing is, and there is no page.
        /// On AWS Lambda nothing is kept: each instance would know of its own requests only.
        pub entries: usize = given("10000").between("0", "1000000")
            .because("hours of a small instance, and about 5 MB; Prometheus remembers the rest")
            .example("100000");
        /// How much memory they may take.
        pub memory: ByteSize = given("16MiB").between("1MiB", "4GiB")
            .because("10,000 requests fit twice, and many log lines do no harm")
            .example("64MiB");
    }
}
