use countersign_verify::{Bearer, Principal};

fn delete_user(caller: &Principal) -> String {
    format!("deleted by {}", caller.subject())
}

fn handle(bearer: Bearer<'_>) -> String {
    match bearer {
        Bearer::Token(token) => delete_user(token),
        _ => String::new(),
    }
}

fn main() {}
