use countersign_verify::{Audience, Algorithm, Expected, Issuer};

fn expected(issuer: Issuer, audience: Audience) -> Expected {
    Expected::new(issuer, audience, Algorithm::None)
}

fn main() {}
