//! The fingerprint of a record: SHA-256 over every field of it, in one form that no engine has a say
//! in. The fingerprints of many records are added up modulo 2^256, so that their order does not
//! matter and a record that is there twice shows.
//!
//! Every type is taken apart without `..` and every part is used: a field that is added to the
//! domain and forgotten here does not compile. Secrets go in like everything else, and come out as a
//! part of the hash alone.

use std::fmt;
use std::net::IpAddr;

use countersign_domain::audit::AuditEvent;
use countersign_domain::email::EmailAddress;
use countersign_domain::keys::{KeyRecord, KeySet};
use countersign_domain::names::{Label, Username};
use countersign_domain::opaque::TokenHash;
use countersign_domain::password::PasswordHash;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::{Role, RoleName};
use countersign_domain::session::{Ended, RefreshState, Session};
use countersign_domain::time::Timestamp;
use countersign_domain::user::User;
use countersign_token::{Audience, Scopes};
use sha2::{Digest, Sha256};

use crate::ports::store_admin::{IdempotencyRecord, Record};

/// The sum of fingerprints. Writes as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum([u8; 32]);

impl Checksum {
    /// Adds the fingerprint of one more record.
    pub(super) fn add(&mut self, fingerprint: [u8; 32]) {
        let mut carry = false;
        for (sum, byte) in self.0.iter_mut().zip(fingerprint).rev() {
            let (first, over) = sum.overflowing_add(byte);
            let (second, over_again) = first.overflowing_add(u8::from(carry));
            *sum = second;
            carry = over || over_again;
        }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// SHA-256 over everything that the record is.
pub(super) fn fingerprint(record: &Record) -> [u8; 32] {
    let mut fields = Fields(Sha256::new());
    fields.text(record.kind().as_str());
    match record {
        Record::Role(role) => fields.role(role),
        Record::User(user, password) => {
            fields.user(user);
            fields.maybe(password.as_ref(), |f, hash| {
                f.text(PasswordHash::expose(hash));
            });
        }
        Record::Session(session) => fields.session(session),
        Record::PersonalToken(token) => fields.personal_token(token),
        Record::IdempotencyKey(key) => fields.idempotency_key(key),
        Record::AuditEvent(event) => fields.audit_event(event),
        Record::Keys(set) => fields.keys(set),
    }
    fields.0.finalize().into()
}

/// Fields on their way into a hash. Each is preceded by its length, so that no two records that
/// differ run together to the same bytes.
struct Fields(Sha256);

impl Fields {
    fn bytes(&mut self, bytes: &[u8]) {
        self.number(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn number(&mut self, number: u64) {
        self.0.update(number.to_be_bytes());
    }

    fn moment(&mut self, moment: Timestamp) {
        self.0.update(moment.as_millis().to_be_bytes());
    }

    fn id(&mut self, id: &[u8; 16]) {
        self.0.update(id);
    }

    fn hash(&mut self, hash: &TokenHash) {
        self.0.update(hash.as_bytes());
    }

    fn maybe<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.0.update([u8::from(value.is_some())]);
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn scopes(&mut self, scopes: &Scopes) {
        self.text(&scopes.to_string());
    }

    fn address(&mut self, address: IpAddr) {
        self.text(&address.to_string());
    }

    fn role(&mut self, role: &Role) {
        let Role {
            name,
            description,
            scopes,
        } = role;
        self.text(RoleName::as_str(name));
        self.text(description.as_str());
        self.scopes(scopes);
    }

    fn user(&mut self, user: &User) {
        let User {
            id,
            username,
            email,
            email_verified,
            display_name,
            state,
            roles,
            scopes,
            created_at,
            updated_at,
            version,
        } = user;
        self.id(id.as_uuid().as_bytes());
        self.maybe(username.as_ref(), |f, name| f.text(Username::as_str(name)));
        self.maybe(email.as_ref(), |f, email| {
            f.text(EmailAddress::as_str(email));
            f.text(EmailAddress::key(email));
        });
        self.number(u64::from(*email_verified));
        self.maybe(display_name.as_ref(), |f, name| f.text(Label::as_str(name)));
        self.text(state.as_str());
        self.number(u64::try_from(roles.len()).unwrap_or(u64::MAX));
        for role in roles {
            self.text(RoleName::as_str(role));
        }
        self.scopes(scopes);
        self.moment(*created_at);
        self.moment(*updated_at);
        self.number(*version);
    }

    fn session(&mut self, session: &Session) {
        let Session {
            id,
            user_id,
            device,
            address,
            asked_scopes,
            audience,
            amr,
            authenticated_at,
            created_at,
            last_seen_at,
            idle_expires_at,
            expires_at,
            ended,
            refresh,
        } = session;
        self.id(id.as_uuid().as_bytes());
        self.id(user_id.as_uuid().as_bytes());
        self.maybe(device.as_ref(), |f, device| f.text(Label::as_str(device)));
        self.maybe(*address, Self::address);
        self.maybe(asked_scopes.as_ref(), Self::scopes);
        self.maybe(audience.as_ref(), |f, name| f.text(Audience::as_str(name)));
        self.number(u64::try_from(amr.len()).unwrap_or(u64::MAX));
        for method in amr {
            self.text(method);
        }
        self.moment(*authenticated_at);
        self.moment(*created_at);
        self.moment(*last_seen_at);
        self.moment(*idle_expires_at);
        self.moment(*expires_at);
        self.maybe(ended.as_ref(), |f, Ended { at, reason }| {
            f.moment(*at);
            f.text(reason.as_str());
        });
        let RefreshState {
            generation,
            current,
            previous,
            nonce,
            rotated_at,
        } = refresh;
        self.number(u64::from(*generation));
        self.hash(current);
        self.maybe(previous.as_ref(), Self::hash);
        self.bytes(nonce);
        self.moment(*rotated_at);
    }

    fn personal_token(&mut self, token: &PersonalToken) {
        let PersonalToken {
            id,
            user_id,
            name,
            scopes,
            hash,
            created_at,
            expires_at,
            last_used_at,
            revoked_at,
        } = token;
        self.id(id.as_uuid().as_bytes());
        self.id(user_id.as_uuid().as_bytes());
        self.text(Label::as_str(name));
        self.scopes(scopes);
        self.hash(hash);
        self.moment(*created_at);
        self.moment(*expires_at);
        self.maybe(*last_used_at, Self::moment);
        self.maybe(*revoked_at, Self::moment);
    }

    fn idempotency_key(&mut self, record: &IdempotencyRecord) {
        let IdempotencyRecord {
            key,
            request,
            user_id,
            expires_at,
        } = record;
        self.hash(key);
        self.hash(request);
        self.id(user_id.as_uuid().as_bytes());
        self.moment(*expires_at);
    }

    fn audit_event(&mut self, event: &AuditEvent) {
        let AuditEvent {
            id,
            at,
            actor,
            action,
            user_id,
            session_id,
            address,
            request_id,
            detail,
        } = event;
        self.id(id.as_uuid().as_bytes());
        self.moment(*at);
        let (kind, actor_id) = actor.parts();
        self.text(kind);
        self.maybe(actor_id.as_ref(), |f, id| f.id(id.as_bytes()));
        self.text(action.as_str());
        self.maybe(user_id.as_ref(), |f, id| f.id(id.as_uuid().as_bytes()));
        self.maybe(session_id.as_ref(), |f, id| f.id(id.as_uuid().as_bytes()));
        self.maybe(*address, Self::address);
        self.maybe(request_id.as_deref(), Self::text);
        self.number(u64::try_from(detail.len()).unwrap_or(u64::MAX));
        for (name, value) in detail {
            self.text(name);
            self.text(value);
        }
    }

    /// In the order of their ids: an engine may give them in any.
    fn keys(&mut self, set: &KeySet) {
        let KeySet { version, keys } = set;
        self.number(*version);
        let mut keys: Vec<&KeyRecord> = keys.iter().collect();
        keys.sort_by(|a, b| a.id.cmp(&b.id));
        self.number(u64::try_from(keys.len()).unwrap_or(u64::MAX));
        for key in keys {
            self.key(key);
        }
    }

    fn key(&mut self, key: &KeyRecord) {
        let KeyRecord {
            id,
            purpose,
            sealed,
            public,
            created_at,
            active_from,
            retired_at,
            dead_from,
        } = key;
        self.text(id.as_str());
        self.text(&purpose.name());
        self.bytes(sealed);
        self.maybe(public.as_ref(), |f, key| {
            // A public key always has a text.
            f.text(&serde_json::to_string(key).unwrap_or_default());
        });
        self.moment(*created_at);
        self.moment(*active_from);
        self.maybe(*retired_at, Self::moment);
        self.maybe(*dead_from, Self::moment);
    }
}

#[cfg(test)]
mod tests;
