use countersign_verify::{Audience, Expected, Issuer, Keys, Verifier};

fn main() {
    let issuer: Issuer = "https://id.example.com".parse().unwrap();
    let audience: Audience = "https://api.example.com".parse().unwrap();
    Verifier::new(Expected::openid(issuer, audience), Keys::new());
}
