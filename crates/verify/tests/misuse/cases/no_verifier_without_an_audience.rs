use countersign_verify::{Algorithm, Expected, Issuer, Keys, Verifier};

fn main() {
    let issuer: Issuer = "https://id.example.com".parse().unwrap();
    Verifier::new(Expected::new(issuer, Algorithm::Es256), Keys::new());
}
