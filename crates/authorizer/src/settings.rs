//! The settings as they are written, in a TOML file and in the environment. What they mean is decided in `build`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::environment;
use crate::mistakes::Mistakes;
use crate::unique::Unique;

/// All settings.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    #[serde(default)]
    pub(crate) issuers: Vec<IssuerSettings>,
    pub(crate) introspection: Option<IntrospectionSettings>,
    pub(crate) routes: Option<BTreeMap<String, RuleSettings>>,
    pub(crate) fields: Option<BTreeMap<String, RuleSettings>>,
    #[serde(default)]
    pub(crate) answer: AnswerSettings,
    #[serde(default)]
    pub(crate) token: TokenSettings,
    /// Where the file is: other files are named from there.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
}

/// Whose tokens are accepted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerSettings {
    pub(crate) issuer: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) profile: Option<String>,
    #[serde(default)]
    pub(crate) algorithms: Vec<String>,
    pub(crate) jwks: Option<String>,
    pub(crate) jwks_file: Option<PathBuf>,
    pub(crate) jwks_url: Option<String>,
    pub(crate) requests_per_minute: Option<u32>,
    pub(crate) secret_environment: Option<String>,
    pub(crate) leeway_seconds: Option<u32>,
    pub(crate) roles_from: Option<String>,
    #[serde(default)]
    pub(crate) require: BTreeMap<String, serde_json::Value>,
}

/// Whom to ask about tokens that are no JWTs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntrospectionSettings {
    /// Without one, Countersign is asked about its personal access tokens.
    pub(crate) endpoint: Option<String>,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) client_id: Option<String>,
    pub(crate) secret_environment: Option<String>,
    pub(crate) prefix: Option<String>,
}

/// What a route or a field takes.
#[derive(Debug, Deserialize)]
// A misspelt `scopes` would leave a rule that lets every caller in.
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a rule is scopes in one text, such as \"users:read\", or scopes and roles, such as \
                 {\"scopes\": \"users:read\", \"roles\": [\"admin\"]}"
)]
pub(crate) enum RuleSettings {
    /// Scopes, separated by spaces; none is any caller.
    Scopes(String),
    Both {
        #[serde(default)]
        scopes: String,
        #[serde(default)]
        roles: Vec<String>,
    },
}

/// The form of answers, and how gateways keep them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerSettings {
    pub(crate) form: Option<String>,
    pub(crate) gateway_cache: Option<String>,
    pub(crate) gateway_ttl: Option<u32>,
    pub(crate) appsync_ttl: Option<u32>,
    pub(crate) max_policy_bytes: Option<usize>,
}

/// Where a token may be besides the `Authorization` header.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenSettings {
    pub(crate) cookie: Option<String>,
    #[serde(default)]
    pub(crate) websocket_query: bool,
    #[serde(default)]
    pub(crate) websocket_protocol: bool,
}

impl Settings {
    /// Reads the file, if there is one, and what the environment says besides.
    pub(crate) fn read(given: Option<&Path>, mistakes: &mut Mistakes) -> Self {
        let mut settings = match environment::config_file(given) {
            None => Self::default(),
            Some(file) => Self::of_file(&file, mistakes),
        };
        settings.take_environment(mistakes);
        settings
    }

    fn of_file(file: &Path, mistakes: &mut Mistakes) -> Self {
        let name = file.display().to_string();
        let text = mistakes.keep(name.as_str(), fs::read_to_string(file));
        let settings = text.and_then(|text| mistakes.keep(name, toml::from_str::<Self>(&text)));
        let mut settings = settings.unwrap_or_default();
        file.parent()
            .unwrap_or(Path::new(""))
            .clone_into(&mut settings.folder);
        settings
    }

    fn take_environment(&mut self, mistakes: &mut Mistakes) {
        let words = |name| -> Vec<String> {
            let value = environment::setting(name).unwrap_or_default();
            value
                .split([' ', ','])
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        };
        if let Some(issuer) = environment::setting("ISSUER") {
            self.issuers.push(IssuerSettings {
                issuer,
                audiences: words("AUDIENCE"),
                profile: environment::setting("PROFILE"),
                algorithms: words("ALGORITHMS"),
                jwks: environment::setting("JWKS"),
                jwks_file: environment::setting("JWKS_FILE").map(PathBuf::from),
                jwks_url: environment::setting("JWKS_URL"),
                ..IssuerSettings::default()
            });
        }
        for (name, map) in [("ROUTES", &mut self.routes), ("FIELDS", &mut self.fields)] {
            if let Some(text) = environment::setting(name) {
                let read = serde_json::from_str::<Unique>(&text);
                *map = mistakes
                    .keep(environment::name(name), read)
                    .map(|Unique(rules)| rules)
                    .or_else(|| map.take());
            }
        }
        let answer = &mut self.answer;
        for (name, value) in [
            ("ANSWER", &mut answer.form),
            ("GATEWAY_CACHE", &mut answer.gateway_cache),
        ] {
            *value = environment::setting(name).or_else(|| value.take());
        }
        if let Some(seconds) = environment::setting("GATEWAY_TTL") {
            let read = seconds.parse().map_err(|_| "write a number of seconds");
            answer.gateway_ttl = mistakes.keep(environment::name("GATEWAY_TTL"), read);
        }
    }
}
