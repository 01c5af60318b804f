//! The binary on each engine that it is built with: a real database server for each test, and the
//! program from outside, over sockets and the command line.

#![cfg(any(
    feature = "postgres",
    feature = "mysql",
    feature = "mongodb",
    feature = "dynamodb",
    feature = "aws-secrets"
))]

#[cfg(test)]
mod away;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod database;
#[cfg(test)]
mod free_text;
#[cfg(test)]
#[cfg(feature = "aws-secrets")]
mod kept_secrets;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod pair;
#[cfg(test)]
#[path = "../serve/support/mod.rs"]
#[expect(dead_code, reason = "the tests of one server use more of it")]
mod support;
#[cfg(test)]
mod tour;
#[cfg(test)]
mod two_servers;

/// Mounts tests for every engine that is built in.
#[cfg(test)]
macro_rules! on_each_engine {
    ($($test:ident),+ $(,)?) => {
        $crate::on_each_engine!(@ "postgres" postgres $($test)+);
        $crate::on_each_engine!(@ "mysql" mysql $($test)+);
        $crate::on_each_engine!(@ "mongodb" mongodb $($test)+);
        $crate::on_each_engine!(@ "dynamodb" dynamodb $($test)+);
    };
    (@ $feature:literal $engine:ident $($test:ident)+) => {
        #[cfg(feature = $feature)]
        mod $engine {
            $(
                #[test]
                fn $test() {
                    super::$test($feature);
                }
            )+
        }
    };
}

#[cfg(test)]
use on_each_engine;
