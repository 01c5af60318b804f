//! Limits of the GraphQL endpoint.

use crate::config::group::group;
use crate::config::setting::{follows, given};

group! {
    /// Limits of the GraphQL endpoint. Queries past them are refused before they run.
    Graphql at "graphql" {
        /// How deeply fields may be nested.
        pub max_depth: usize = given("12").between("3", "100")
            .because("a list inside a list takes 7 levels: connection, edges and node, twice, and a field")
            .example("8");
        /// How much a query may cost: one for each field, times the size of each page.
        pub max_complexity: usize = given("1000").between("10", "1000000")
            .because("a page of a hundred users with ten fields each").example("500");
        /// How many aliases a query may have.
        pub max_aliases: usize = given("15").between("0", "1000")
            .because("aliases repeat a field in one request, which is how limits are got round")
            .example("5");
        /// How many fields a query may have at its root.
        pub max_root_fields: usize = given("10").between("1", "100")
            .because("a page of an app loads a handful of things at once").example("3");
        /// Whether the schema may be asked for.
        pub introspection: bool = follows("`true` in development, `false` in production")
            .example("true");
        /// Whether the `GraphiQL` page, for trying queries, is served.
        pub graphiql: bool = follows("`true` in development, `false` in production")
            .example("false");
    }
}
