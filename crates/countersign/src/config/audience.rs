//! Audiences with the secrets and algorithms that belong to them.

use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use super::error::Fault;
use super::findings::Findings;
use super::groups::{AudienceAlgorithm, AudienceTable, SigningAlgorithm};
use super::layers::Layers;
use super::place::Place;
use super::reader::Reader;
use super::secrets::{LEAST_BYTES, read_long_enough};
use super::settings::Groups;
use super::source::Variables;
use super::table;

/// An API that takes our tokens.
#[derive(Debug, Clone)]
pub struct Audience {
    /// The `aud` of its tokens.
    pub name: String,
    /// How they are signed.
    pub signing: Signing,
}

/// How tokens are signed.
#[derive(Debug, Clone)]
pub enum Signing {
    /// By a key of ours, whose public half is published.
    Published(SigningAlgorithm),
    /// HS256, by a secret of at least 32 bytes that the API shares.
    Shared(SecretString),
}

/// Every audience, the default first. Notes what is wrong.
pub(in crate::config) fn audiences(
    groups: Option<&Groups>,
    layers: &Layers,
    variables: &Variables,
    base: &Path,
    findings: &mut Findings,
) -> Vec<Audience> {
    let mut audiences: Vec<Audience> = Vec::new();
    for (place, layer) in &layers.audiences {
        let mut reader = Reader::new(layer, base);
        let read = AudienceTable::read(&mut reader);
        for mut error in reader.errors {
            if !error.place.is_written() {
                error.place = place.clone();
            }
            findings.errors.push(error);
        }
        let Some(entry) = read else { continue };
        if audiences.iter().any(|audience| audience.name == entry.name) {
            let rule = Fault::Disagreement {
                rule: "audience_twice",
                statement: TWICE,
            };
            findings.refuse(
                "audiences.name",
                layer.place("audiences.name"),
                rule,
                "keep one of them",
            );
        }
        let signing = signing(&entry, place, layer, variables, findings);
        audiences.extend(signing.map(|signing| Audience {
            name: entry.name,
            signing,
        }));
    }
    if let Some(groups) = groups {
        let is_default = |audience: &Audience| audience.name == groups.tokens.audience;
        let default = match audiences.iter().position(is_default) {
            Some(index) => audiences.remove(index),
            None => Audience {
                name: groups.tokens.audience.clone(),
                signing: Signing::Published(groups.keys.algorithm),
            },
        };
        audiences.insert(0, default);
    }
    audiences
}

const TWICE: &str = "each audience may stand in the file once";
const NEEDS_SECRET: &str = "HS256 needs exactly one of hs256_secret_file and hs256_secret_env";
const NEEDS_HS256: &str = "only HS256 has a shared secret";

fn signing(
    entry: &AudienceTable,
    place: &Place,
    layer: &Layers,
    variables: &Variables,
    findings: &mut Findings,
) -> Option<Signing> {
    let published = match entry.algorithm {
        AudienceAlgorithm::Es256 => Some(SigningAlgorithm::Es256),
        AudienceAlgorithm::Rs256 => Some(SigningAlgorithm::Rs256),
        AudienceAlgorithm::Ps256 => Some(SigningAlgorithm::Ps256),
        AudienceAlgorithm::EdDsa => Some(SigningAlgorithm::EdDsa),
        AudienceAlgorithm::Hs256 => None,
    };
    let key = "audiences.algorithm";
    match (published, &entry.hs256_secret_file, &entry.hs256_secret_env) {
        (Some(algorithm), None, None) => Some(Signing::Published(algorithm)),
        (Some(_), _, _) => {
            let rule = Fault::Disagreement {
                rule: "secret_without_hs256",
                statement: NEEDS_HS256,
            };
            let fix = "set algorithm = \"HS256\", or remove the secret";
            findings.refuse(key, place.clone(), rule, fix);
            None
        }
        (None, Some(path), None) => {
            let key = "audiences.hs256_secret_file";
            read_long_enough(key, &layer.place(key), path, findings).map(Signing::Shared)
        }
        (None, None, Some(name)) => from_variable(name, layer, variables, findings),
        (None, _, _) => {
            let rule = Fault::Disagreement {
                rule: "hs256_needs_secret",
                statement: NEEDS_SECRET,
            };
            let fix = "name a file with at least 32 bytes from: openssl rand -base64 32";
            findings.refuse(key, place.clone(), rule, fix);
            None
        }
    }
}

fn from_variable(
    name: &str,
    layer: &Layers,
    variables: &Variables,
    findings: &mut Findings,
) -> Option<Signing> {
    let key = "audiences.hs256_secret_env";
    let fix = "set the variable to at least 32 bytes from: openssl rand -base64 32";
    if table::find_variable(name).is_some() {
        let fault = Fault::BadSecret("names the environment variable of another setting");
        findings.refuse(key, layer.place(key), fault, "choose another name");
        return None;
    }
    let Some((secret, place)) = variables.find(name) else {
        let fault = Fault::BadSecret("names an environment variable that is not set");
        findings.refuse(key, layer.place(key), fault, fix);
        return None;
    };
    if secret.expose_secret().len() < LEAST_BYTES {
        findings.refuse(
            name,
            place.clone(),
            Fault::BadSecret("is shorter than 32 bytes"),
            fix,
        );
        return None;
    }
    Some(Signing::Shared(secret.clone()))
}
