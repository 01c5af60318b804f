//! What is logged, and how.

use crate::config::group::group;
use crate::config::setting::given;
use crate::config::value::{LogFilter, choice};

choice! {
    /// How a log line looks.
    LogFormat {
        /// For people.
        Text = "text",
        /// For programs: a JSON object a line.
        Json = "json",
    }
}

group! {
    /// What is logged, and how.
    Log at "log" {
        /// `text` for people, `json` for programs, which is the default on AWS Lambda.
        pub format: LogFormat = given("text")
            .because("a first start is watched by a person").example("json");
        /// Which events are logged.
        pub level: LogFilter = given("info")
            .because("what an operator wants to know, and nothing for each step of a request").example("info,countersign=debug");
    }
}
