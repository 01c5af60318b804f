//! Prints the GraphQL schema: `cargo run -p countersign-web --example graphql_schema`. What it
//! prints is committed as `docs/schema.graphql`, and a test finds it unchanged.

fn main() {
    print!("{}", countersign_web::graphql::sdl());
}
