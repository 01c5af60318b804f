//! Settings above all groups.

use std::path::PathBuf;

use crate::config::group::group;
use crate::config::setting::given;
use crate::config::value::choice;

choice! {
    /// What the server is run for.
    Mode {
        /// On a developer's machine: `GraphiQL`, introspection, plain HTTP.
        Development = "development",
        /// For real users: nothing that only helps developers, and HTTPS.
        Production = "production",
    }
}

group! {
    /// These stand above all tables.
    General at "" {
        /// What the server is run for. `production` switches off `GraphiQL`, introspection and
        /// field suggestions, and refuses settings that are only safe on a developer's machine.
        /// On AWS Lambda it is the default.
        pub mode: Mode = given("development")
            .because("a first start needs nothing configured; it listens on this machine only")
            .example("production");
        /// The directory for everything that the server writes; on AWS Lambda, where nothing else can
        /// be written to, `/tmp/countersign` unless you say otherwise.
        pub data_dir: PathBuf = given("data")
            .because("one directory to back up and to give to a container as its volume").example("/var/lib/countersign");
    }
}
