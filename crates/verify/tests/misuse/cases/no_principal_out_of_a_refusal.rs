use countersign_verify::{Authentication, Principal};

fn principal(authentication: Authentication) -> Option<Principal> {
    match authentication {
        Authentication::Valid(principal) => Some(principal),
        Authentication::Absent => None,
    }
}

fn main() {}
