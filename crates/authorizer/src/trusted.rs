//! From settings to a verifier: whose tokens are accepted, with which keys, and who is asked about tokens that are no JWTs.

use std::fs;
use std::num::NonZeroU32;
use std::path::Path;

use countersign_verify::{
    Algorithm, Audience, ClientAuthentication, Expected, Introspection, Issuer, JwkSet, JwksSource,
    KeySource, Keys, Profile, Verifier,
};

use crate::environment;
use crate::mistakes::Mistakes;
use crate::settings::{IntrospectionSettings, IssuerSettings, Settings};

/// The verifier of all issuers that are trusted.
pub(crate) fn verifier(settings: &Settings, mistakes: &mut Mistakes) -> Option<Verifier> {
    if settings.issuers.is_empty() {
        let help = "no issuer is trusted: set COUNTERSIGN_AUTHORIZER_ISSUER and COUNTERSIGN_AUTHORIZER_AUDIENCE, \
                    or write [[issuers]] in authorizer.toml";
        mistakes.add("issuers", help);
    }
    let mut all: Option<Verifier> = None;
    let mut sound = true;
    for (index, issuer) in settings.issuers.iter().enumerate() {
        let name = format!("issuers[{index}]");
        let Some(one) = trusted(issuer, &settings.folder, &name, mistakes) else {
            sound = false;
            continue;
        };
        all = match all {
            None => Some(one),
            Some(all) => mistakes.keep(format!("{name}.issuer"), all.or(one)),
        };
    }
    let asked = settings
        .introspection
        .as_ref()
        .map(|asked| introspection(asked, mistakes));
    match (sound, asked) {
        (true, None) => all,
        (true, Some(Some(asked))) => Some(all?.or_introspection(asked)),
        _ => None,
    }
}

fn trusted(
    issuer: &IssuerSettings,
    folder: &Path,
    name: &str,
    mistakes: &mut Mistakes,
) -> Option<Verifier> {
    let of = |setting: &str| format!("{name}.{setting}");
    let profile = issuer.profile.as_deref().unwrap_or("countersign");
    let profile = mistakes.keep(of("profile"), profile.parse::<Profile>());
    let issuer_name = mistakes.keep(of("issuer"), issuer.issuer.parse::<Issuer>());
    let audiences = issuer.audiences.iter();
    let audiences =
        audiences.map(|audience| mistakes.keep(of("audiences"), audience.parse::<Audience>()));
    let audiences: Option<Vec<_>> = audiences.collect();
    let algorithms = issuer.algorithms.iter();
    let algorithms =
        algorithms.map(|one| mistakes.keep(of("algorithms"), one.parse::<Algorithm>()));
    let mut algorithms: Vec<_> = algorithms.collect::<Option<_>>()?;
    if algorithms.is_empty() {
        let common = profile.is_some_and(|profile| profile == Profile::Rfc9068);
        algorithms.push(if common {
            Algorithm::Es256
        } else {
            Algorithm::Rs256
        });
    }
    let symmetric = algorithms.first().copied();
    let (profile, issuer_name, audiences) = (profile?, issuer_name?, audiences?);
    let expected = Expected::of_profile(profile, issuer_name.clone(), audiences, algorithms);
    let mut expected = mistakes.keep(of("audiences"), expected)?;
    if let Some(seconds) = issuer.leeway_seconds {
        expected = expected.with_leeway_seconds(seconds);
    }
    if let Some(claim) = &issuer.roles_from {
        expected = expected.with_roles_from(claim);
    }
    for (claim, value) in &issuer.require {
        expected = expected.require_claim(claim, value.clone());
    }
    unheeded(issuer, name, mistakes);
    let keys = match (&issuer.secret_environment, symmetric) {
        (Some(variable), Some(algorithm)) => {
            let name = of("secret_environment");
            let Some(secret) = environment::variable(variable) else {
                mistakes.add(
                    name,
                    format!("the variable {variable} is not set: put the shared secret there"),
                );
                return None;
            };
            mistakes
                .keep(name, Keys::from_shared_secret(algorithm, secret.as_bytes()))?
                .into()
        }
        _ => keys(issuer, &issuer_name, profile, folder, name, mistakes)?,
    };
    Some(Verifier::new(expected, keys))
}

/// Settings of keys that would be without effect.
fn unheeded(issuer: &IssuerSettings, name: &str, mistakes: &mut Mistakes) {
    if issuer.requests_per_minute == Some(0) {
        let help = "write 1 or more, or leave it out; with jwks or jwks_file and no jwks_url nothing is fetched";
        mistakes.add(format!("{name}.requests_per_minute"), help);
    }
    if issuer.secret_environment.is_none() {
        return;
    }
    for (setting, given) in [
        ("jwks", issuer.jwks.is_some()),
        ("jwks_file", issuer.jwks_file.is_some()),
        ("jwks_url", issuer.jwks_url.is_some()),
    ] {
        if given {
            let help =
                "an issuer has a shared secret or a key set: leave out this or secret_environment";
            mistakes.add(format!("{name}.{setting}"), help);
        }
    }
}

/// Keys from a text or a file, from an address, or both: then the former serve until the latter answers.
fn keys(
    issuer: &IssuerSettings,
    name: &Issuer,
    profile: Profile,
    folder: &Path,
    setting: &str,
    mistakes: &mut Mistakes,
) -> Option<KeySource> {
    let of = |end: &str| format!("{setting}.{end}");
    let text = match (&issuer.jwks, &issuer.jwks_file) {
        (Some(_), Some(_)) => {
            mistakes.add(
                of("jwks"),
                "give the key set as text or as a file, not both",
            );
            return None;
        }
        (Some(text), None) => Some(text.clone()),
        (None, Some(file)) => {
            Some(mistakes.keep(of("jwks_file"), fs::read_to_string(folder.join(file)))?)
        }
        (None, None) => None,
    };
    let set = match text {
        Some(text) => Some(mistakes.keep(of("jwks"), JwkSet::parse(text.as_bytes()))?),
        None => None,
    };
    if let (Some(set), None) = (&set, &issuer.jwks_url) {
        let keys = mistakes.keep(of("jwks"), Keys::from_jwk_set(set))?;
        if keys.is_empty() {
            mistakes.add(
                of("jwks"),
                "the key set has no key for signatures: fetch it from the issuer again",
            );
            return None;
        }
        return Some(keys.into());
    }
    let source = match &issuer.jwks_url {
        Some(url) => JwksSource::new(url),
        // What Countersign serves is the metadata of RFC 8414; the others have OpenID's.
        None if profile == Profile::Rfc9068 => JwksSource::discover_oauth(name),
        None => JwksSource::discover(name),
    };
    let mut source = mistakes.keep(of("jwks_url"), source)?;
    if let Some(most) = issuer.requests_per_minute.and_then(NonZeroU32::new) {
        source = source.with_requests_per_minute(most);
    }
    match set {
        Some(set) => Some(mistakes.keep(of("jwks"), source.with_bundled(&set))?.into()),
        None => Some(source.into()),
    }
}

fn introspection(asked: &IntrospectionSettings, mistakes: &mut Mistakes) -> Option<Introspection> {
    let issuer = mistakes.keep("introspection.issuer", asked.issuer.parse::<Issuer>());
    let audience = mistakes.keep("introspection.audience", asked.audience.parse::<Audience>());
    let secret = asked.secret_environment.as_ref().map(|variable| {
        let secret = environment::variable(variable);
        let missing = || format!("the variable {variable} is not set: put the secret there");
        mistakes.keep(
            "introspection.secret_environment",
            secret.ok_or_else(missing),
        )
    });
    let client = match (&asked.client_id, secret) {
        (Some(id), Some(secret)) => secret.map(|secret| ClientAuthentication::basic(id, &secret)),
        (None, Some(secret)) => secret.map(|secret| ClientAuthentication::bearer(&secret)),
        (Some(_), None) => {
            mistakes.add(
                "introspection.secret_environment",
                "name the variable with the client's secret",
            );
            None
        }
        (None, None) => Some(ClientAuthentication::none()),
    };
    let (issuer, audience, client) = (issuer?, audience?, client?);
    let made = match &asked.endpoint {
        Some(endpoint) => Introspection::new(endpoint, issuer, audience, client),
        None => Introspection::countersign(issuer, audience),
    };
    let made = mistakes.keep("introspection.endpoint", made)?;
    Some(match &asked.prefix {
        Some(prefix) => made.with_prefix(prefix),
        None => made,
    })
}
