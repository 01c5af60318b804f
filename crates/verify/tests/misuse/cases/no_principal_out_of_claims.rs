use countersign_verify::{AccessTokenClaims, Principal};

fn principal(claims: AccessTokenClaims) -> Principal {
    Principal(claims.into())
}

fn main() {}
