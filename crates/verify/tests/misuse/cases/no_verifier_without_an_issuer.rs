use countersign_verify::{Algorithm, Audience, Expected, Keys, Verifier};

fn main() {
    let audience: Audience = "https://api.example.com".parse().unwrap();
    Verifier::new(Expected::auth0(audience, Algorithm::Rs256), Keys::new());
}
