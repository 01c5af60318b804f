//! Asks an RFC 7662 endpoint about a token, and shows who it stands for.
//!
//! `cargo run --example introspect --features introspection -- ENDPOINT ISSUER AUDIENCE CLIENT_ID`, with the
//! client's secret and the token on standard input, each on a line of its own.

use std::io;

use countersign_verify::{ClientAuthentication, Introspection};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [endpoint, issuer, audience, client_id] = arguments.as_slice() else {
        return Err("give ENDPOINT ISSUER AUDIENCE CLIENT_ID".into());
    };
    let mut lines = io::stdin().lines();
    let mut line = || lines.next().unwrap_or_else(|| Ok(String::new()));
    let (secret, token) = (line()?, line()?);
    let introspection = Introspection::new(
        endpoint,
        issuer.parse()?,
        audience.parse()?,
        ClientAuthentication::basic(client_id, &secret),
    )?;
    match introspection.verify(&token).await {
        Ok(caller) => {
            let (who, client) = (caller.subject(), caller.client_id());
            println!("active: {who} through {client} may {}", caller.scopes());
        }
        Err(refusal) => println!("{}: {refusal}", refusal.code()),
    }
    Ok(())
}
