#![deny(unused_must_use)]

use countersign_verify::Verifier;

async fn handle(verifier: Verifier, token: &str) {
    verifier.verify(token).await;
}

fn main() {}
