//! The command line. On Lambda there is none.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::{Long, Short};

pub(crate) const HELP: &str = "\
The Lambda authorizer of Countersign: API Gateway and AppSync ask it whether a call may go on.

Usage: authorizer [--config FILE]                 serve, as the function of a Lambda runtime
       authorizer [--config FILE] --check         say what is configured, or all that is wrong with it
       authorizer [--config FILE] --event FILE    answer the event in a file, or on the standard input (-)

Options:
  -c, --config FILE   the configuration; otherwise COUNTERSIGN_AUTHORIZER_CONFIG, or authorizer.toml
                      in LAMBDA_TASK_ROOT or beside this program, if there is one
      --check         exit with 0 if the configuration is good, with 1 if it is not
      --event FILE    print the answer; exit with 0 if the call is allowed, with 1 if it is not
  -h, --help          this text
  -V, --version       the version

Environment, for one issuer without a file:
  COUNTERSIGN_AUTHORIZER_ISSUER         the issuer of the tokens (iss)
  COUNTERSIGN_AUTHORIZER_AUDIENCE       whom they are for (aud); several are separated by spaces
  COUNTERSIGN_AUTHORIZER_PROFILE        countersign (if not set), auth0, cognito or openid
  COUNTERSIGN_AUTHORIZER_ALGORITHMS     ES256 if not set; RS256 for the other profiles
  COUNTERSIGN_AUTHORIZER_JWKS           its key set as text, or in a file (…_JWKS_FILE), or at an address
                                        (…_JWKS_URL); found out from the issuer if none is set
  COUNTERSIGN_AUTHORIZER_ROUTES         JSON, routes to scopes; also in a file's [routes]
  COUNTERSIGN_AUTHORIZER_FIELDS         JSON, fields of a GraphQL schema to scopes, for AppSync
  COUNTERSIGN_AUTHORIZER_ANSWER         policy (if not set) or simple
  COUNTERSIGN_AUTHORIZER_GATEWAY_CACHE  for simple: what the gateway keeps answers by: off, token, route or path
  COUNTERSIGN_AUTHORIZER_GATEWAY_TTL    for simple: for how many seconds

Examples:
  export COUNTERSIGN_AUTHORIZER_ISSUER=https://id.example.com
  export COUNTERSIGN_AUTHORIZER_AUDIENCE=https://api.example.com
  export COUNTERSIGN_AUTHORIZER_ROUTES='{\"GET /me\": \"\", \"GET /users/{id}\": \"users:read\"}'
  authorizer --check
  authorizer --event event.json
";

/// What the command line asks for; the path is that of the configuration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Serve(Option<PathBuf>),
    Check(Option<PathBuf>),
    Event(Option<PathBuf>, PathBuf),
    Help,
    Version,
}

/// Reads the command line; the first argument is the program's name. Errors: what is wrong with it.
pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Wanted, String> {
    let mut parser = lexopt::Parser::from_iter(arguments);
    let (mut config, mut event, mut check) = (None, None, false);
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(Wanted::Help),
            Short('V') | Long("version") => return Ok(Wanted::Version),
            Short('c') | Long("config") => config = Some(path(&mut parser)?),
            Long("event") => event = Some(path(&mut parser)?),
            Long("check") => check = true,
            other => return Err(other.unexpected().to_string()),
        }
    }
    match (event, check) {
        (Some(_), true) => Err("--check and --event can't be had at once".into()),
        (Some(event), false) => Ok(Wanted::Event(config, event)),
        (None, true) => Ok(Wanted::Check(config)),
        (None, false) => Ok(Wanted::Serve(config)),
    }
}

fn path(parser: &mut lexopt::Parser) -> Result<PathBuf, String> {
    let value = parser.value().map_err(|error| error.to_string())?;
    Ok(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_says_what_is_wanted() {
        let read = |line: &str| read(line.split(' ').map(OsString::from));
        assert_eq!(read("authorizer"), Ok(Wanted::Serve(None)));
        assert_eq!(read("authorizer --check"), Ok(Wanted::Check(None)));
        assert_eq!(
            read("a -c x.toml --event -"),
            Ok(Wanted::Event(Some("x.toml".into()), "-".into()))
        );
        assert_eq!(read("a --check --version"), Ok(Wanted::Version));
        for wrong in ["a --verify", "a x", "a --event", "a --check --event x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
