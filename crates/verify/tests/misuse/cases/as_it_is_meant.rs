//! The right way of everything that the cases beside this one do wrong.

use countersign_verify::{
    Algorithm, Authentication, Challenge, Expected, Keys, Principal, Refusal, Verifier,
};

fn verifier() -> Result<Verifier, Box<dyn std::error::Error>> {
    let expected = Expected::new(
        "https://id.example.com".parse()?,
        "https://api.example.com".parse()?,
        Algorithm::Es256,
    );
    let cognito = Expected::cognito("https://cognito-idp.example".parse()?, "client".parse()?);
    Ok(Verifier::new(expected, Keys::new()).or(Verifier::new(cognito, Keys::new()))?)
}

fn delete_user(caller: &Principal) -> String {
    format!("deleted by {}", caller.subject())
}

async fn handle(verifier: &Verifier, token: &str) -> Result<String, Refusal> {
    let caller = verifier.verify(token).await?;
    Ok(delete_user(&caller))
}

fn who(authentication: Authentication) -> Result<Option<Principal>, Challenge> {
    match authentication {
        Authentication::Absent => Ok(None),
        Authentication::Valid(principal) => Ok(Some(principal)),
        Authentication::Invalid(refusal) => Err(refusal.into()),
    }
}

fn main() {
    let verifier = verifier().expect("names are names");
    let _ = handle(&verifier, "a.b.c");
    let _ = who(Authentication::Absent);
}
