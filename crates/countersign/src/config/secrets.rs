//! The secrets, read from their files or variables. Each is held to its least length here, so that
//! the rest of the program never meets an unfit one.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretBox, SecretString};

use super::error::Fault;
use super::findings::{Caution, Findings};
use super::layers::Layers;
use super::master_key;
use super::place::Place;
use super::raw::Raw;
use super::secret_file::{self, SecretFileFault};
use super::settings::Groups;
use super::source::FetchSecret;
use super::value::{SecretReference, StoreUrl};

/// The least length of a pepper or an HS256 secret, in bytes (RFC 7518 §3.2).
pub(in crate::config) const LEAST_BYTES: usize = 32;

const TOO_SHORT: &str = "secret is shorter than 32 bytes";
const NO_MASTER_KEY: &str = "content is not 32 bytes as base64 or as 64 hexadecimal digits";
const NO_ADDRESS: &str = "content is no address of a store";
const NEW_SECRET: &str = "make one with: openssl rand -base64 32";

/// The secrets of the server.
#[derive(Debug)]
pub struct Secrets {
    /// The key that encrypts the signing keys in the store.
    pub master_key: MasterKey,
    /// The pepper for new hashes.
    pub pepper: Option<SecretString>,
    /// Peppers used before, for old hashes.
    pub previous_peppers: Vec<SecretString>,
}

/// The master key, or where to make it.
#[derive(Debug)]
pub enum MasterKey {
    /// It was given.
    Given(SecretBox<[u8; 32]>),
    /// It is kept elsewhere, and fetched when it is first needed.
    Kept(SecretReference),
    /// There is none yet. Make one and write it here with `secret_file::create`; an existing
    /// database then holds keys that nothing can decrypt, so check that there are none.
    ToCreate(PathBuf),
}

impl Secrets {
    /// Reads every secret and notes what is wrong.
    pub(in crate::config) fn read(
        groups: &Groups,
        layers: &Layers,
        fetch: Option<FetchSecret>,
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut source = Source {
            layers,
            fetch,
            findings,
        };
        let master_key = source.master_key(groups);
        let passwords = &groups.passwords;
        let pepper = if let Some(pepper) = &passwords.pepper {
            source.given("passwords.pepper", pepper)
        } else if let Some(path) = &passwords.pepper_file {
            source.file("passwords.pepper_file", path)
        } else if let Some(reference) = &passwords.pepper_from {
            source.fetched("passwords.pepper_from", reference)
        } else {
            None
        };
        let mut previous_peppers = Vec::new();
        for pepper in &passwords.previous_peppers {
            previous_peppers.extend(source.given("passwords.previous_peppers", pepper));
        }
        for path in &passwords.previous_pepper_files {
            previous_peppers.extend(source.file("passwords.previous_pepper_files", path));
        }
        Some(Self {
            master_key: master_key?,
            pepper,
            previous_peppers,
        })
    }
}

/// Takes the address of the store from its file or from where it is kept, if one is named, and notes
/// what is wrong. Gives the address as it was read, and where the file was named.
pub(in crate::config) fn read_store_url(
    groups: &mut Groups,
    layers: &Layers,
    base: &Path,
    fetch: Option<FetchSecret>,
    findings: &mut Findings,
) -> Option<(Raw, Place)> {
    let (key, text, fault) = if let Some(path) = &groups.store.url_file {
        let key = "store.url_file";
        let text = read_file(key, &layers.place(key), path, findings)?;
        (
            key,
            text,
            Fault::SecretFile(SecretFileFault::Unfit(NO_ADDRESS)),
        )
    } else {
        let key = "store.url_from";
        let reference = groups.store.url_from.as_ref()?;
        let text = fetch_secret(key, reference, layers, fetch, findings)?;
        (key, text, Fault::Reference(NO_ADDRESS.to_owned()))
    };
    let place = layers.place(key);
    let text = text.expose_secret().trim();
    if let Ok(url) = StoreUrl::read(text, base) {
        groups.store.url = url;
        return Some((Raw::untyped(text), place));
    }
    let fix = "write the address as for store.url, on one line";
    findings.refuse(key, place, fault, fix);
    None
}

struct Source<'a> {
    layers: &'a Layers,
    fetch: Option<FetchSecret>,
    findings: &'a mut Findings,
}

impl Source<'_> {
    fn master_key(&mut self, groups: &Groups) -> Option<MasterKey> {
        if let Some(text) = &groups.keys.master_key {
            let key = master_key::decode(text);
            if key.is_none() {
                self.unfit(
                    "keys.master_key",
                    "is not 32 bytes as base64 or as 64 hexadecimal digits",
                );
            }
            return key.map(MasterKey::Given);
        }
        if let Some(reference) = &groups.keys.master_key_from {
            return Some(MasterKey::Kept(reference.clone()));
        }
        let name = "keys.master_key_file";
        let path = &groups.keys.master_key_file;
        if !self.layers.is_written(name) && !path.exists() {
            return Some(MasterKey::ToCreate(path.clone()));
        }
        let place = self.layers.place(name);
        let text = read_file(name, &place, path, self.findings)?;
        let key = master_key::decode(&text);
        if key.is_none() {
            self.findings
                .refuse_file(name, place, SecretFileFault::Unfit(NO_MASTER_KEY));
        }
        key.map(MasterKey::Given)
    }

    fn given(&mut self, key: &str, secret: &SecretString) -> Option<SecretString> {
        if secret.expose_secret().len() < LEAST_BYTES {
            self.unfit(key, "is shorter than 32 bytes");
            return None;
        }
        Some(secret.clone())
    }

    fn file(&mut self, key: &str, path: &Path) -> Option<SecretString> {
        read_long_enough(key, &self.layers.place(key), path, self.findings)
    }

    fn fetched(&mut self, key: &str, reference: &SecretReference) -> Option<SecretString> {
        let secret = fetch_secret(key, reference, self.layers, self.fetch, self.findings)?;
        if secret.expose_secret().len() < LEAST_BYTES {
            self.unfit(key, TOO_SHORT);
            return None;
        }
        Some(secret)
    }

    fn unfit(&mut self, key: &str, what: &'static str) {
        self.findings.refuse(
            key,
            self.layers.place(key),
            Fault::BadSecret(what),
            NEW_SECRET,
        );
    }
}

/// Fetches a secret and notes what is wrong.
fn fetch_secret(
    key: &str,
    reference: &SecretReference,
    layers: &Layers,
    fetch: Option<FetchSecret>,
    findings: &mut Findings,
) -> Option<SecretString> {
    let nobody = || Err("nothing here can fetch it".to_owned());
    match fetch.map_or_else(nobody, |fetch| fetch(reference)) {
        Ok(secret) => Some(secret),
        Err(why) => {
            let fix = "see that the secret is there and that this process may read it";
            findings.refuse(key, layers.place(key), Fault::Reference(why), fix);
            None
        }
    }
}

/// Reads a secret of at least 32 bytes from its file and notes what is wrong.
pub(in crate::config) fn read_long_enough(
    key: &str,
    place: &Place,
    path: &Path,
    findings: &mut Findings,
) -> Option<SecretString> {
    let secret = read_file(key, place, path, findings)?;
    if secret.expose_secret().len() < LEAST_BYTES {
        findings.refuse_file(key, place.clone(), SecretFileFault::Unfit(TOO_SHORT));
        return None;
    }
    Some(secret)
}

/// Reads a secret from its file and notes what is wrong.
pub(in crate::config) fn read_file(
    key: &str,
    place: &Place,
    path: &Path,
    findings: &mut Findings,
) -> Option<SecretString> {
    match secret_file::read(path) {
        Ok(file) => {
            if file.readable_by_others {
                findings.warn(key, place.clone(), Caution::ReadableByOthers);
            }
            Some(file.secret)
        }
        Err(fault) => {
            findings.refuse_file(key, place.clone(), fault);
            None
        }
    }
}
