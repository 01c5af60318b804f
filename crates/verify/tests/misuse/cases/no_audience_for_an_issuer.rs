use countersign_verify::{Algorithm, Audience, Expected, Issuer};

fn expected(issuer: Issuer, audience: Audience) -> Expected {
    Expected::new(audience, issuer, Algorithm::Es256)
}

fn main() {}
