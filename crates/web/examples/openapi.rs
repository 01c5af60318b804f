//! Writes the `OpenAPI` document to standard output:
//! `cargo run -p countersign-web --example openapi > docs/openapi.json`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(countersign_web::openapi::document().as_bytes())
}
