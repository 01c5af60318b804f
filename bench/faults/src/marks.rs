//! Marks: every hash, nonce and password that the harness makes up stands for one UUID, so that what
//! a store holds at the end names the one attempt that can have written it.

use countersign_domain::opaque::TokenHash;
use countersign_domain::password::PasswordHash;
use uuid::Uuid;

const PASSWORD: &str = "$fault$v=1$";

/// 32 bytes that stand for a mark.
pub fn bytes(mark: Uuid) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (first, second) = bytes.split_at_mut(16);
    first.copy_from_slice(mark.as_bytes());
    second.copy_from_slice(mark.as_bytes());
    bytes
}

/// The mark that 32 bytes stand for; the nil UUID, which nothing has, if they are not from here.
pub fn of_bytes(bytes: &[u8; 32]) -> Uuid {
    let (first, second) = bytes.split_at(16);
    if first == second {
        Uuid::from_slice(first).unwrap_or_default()
    } else {
        Uuid::nil()
    }
}

/// A token's hash.
pub fn hash(mark: Uuid) -> TokenHash {
    TokenHash::from_bytes(bytes(mark))
}

/// The mark of a token's hash.
pub fn of_hash(hash: &TokenHash) -> Uuid {
    of_bytes(hash.as_bytes())
}

/// A stored password.
pub fn password(mark: Uuid) -> PasswordHash {
    PasswordHash::from_stored(format!("{PASSWORD}{mark}"))
}

/// The mark of a stored password.
pub fn of_password(password: &PasswordHash) -> Uuid {
    let mark = password.expose().strip_prefix(PASSWORD);
    mark.and_then(|mark| mark.parse().ok()).unwrap_or_default()
}
