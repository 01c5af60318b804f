//! Where a copy of a database goes on: the primary key of the last record that it has, in hex.

use std::fmt::Write as _;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::Record;

/// The mark of a record.
pub fn mark_of(record: &Record) -> String {
    let key: &[u8] = match record {
        Record::Role(role) => role.name.as_str().as_bytes(),
        Record::User(user, _) => user.id.as_uuid().as_bytes(),
        Record::Session(session) => session.id.as_uuid().as_bytes(),
        Record::PersonalToken(token) => token.id.as_uuid().as_bytes(),
        Record::IdempotencyKey(record) => record.key.as_bytes(),
        Record::AuditEvent(event) => event.id.as_uuid().as_bytes(),
        Record::Keys(_) => &[],
    };
    let mut hex = String::with_capacity(key.len() * 2);
    for byte in key {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The key in a mark.
pub fn key_of(mark: &str) -> StoreResult<Vec<u8>> {
    let mut key = Vec::with_capacity(mark.len() / 2);
    for pair in mark.as_bytes().chunks(2) {
        let byte = std::str::from_utf8(pair)
            .ok()
            .filter(|pair| pair.len() == 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        key.push(byte.ok_or_else(not_a_mark)?);
    }
    Ok(key)
}

/// The complaint about a mark that holds no key.
pub fn not_a_mark() -> StoreError {
    StoreError::Corrupt("the place to read on from is not one that this store gave".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_hex_of_whole_bytes() {
        assert_eq!(key_of("").unwrap(), b"");
        assert_eq!(key_of("00ff10").unwrap(), [0, 255, 16]);
        for wrong in ["0", "zz", "0x", "\u{e9}"] {
            assert!(key_of(wrong).is_err(), "{wrong}");
        }
    }
}
