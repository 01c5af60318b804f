//! A running server as a source, asked over its REST interface.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::Duration;

use countersign_monitor::Invocation;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::{Host, Url};

use super::fault::ServerFault;
use crate::cli::error::CliError;
use crate::cli::password::stdin_text;
use crate::config::secret_file;

/// Far more than any token has, in bytes.
const MAX_TOKEN: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// A server, and a token for it.
pub(super) struct Server {
    address: String,
    token: SecretString,
    client: reqwest::Client,
}

impl Server {
    pub(super) fn new(address: &str, token_file: Option<&Path>) -> Result<Self, CliError> {
        refuse_in_the_clear(address)?;
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        let address = address.trim_end_matches('/').to_owned();
        let client = client.map_err(|error| ServerFault::Unreachable {
            server: address.clone(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            address,
            token: token(token_file)?,
            client,
        })
    }

    /// Asks below `/v1/admin/monitor`.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&'static str, String)],
    ) -> Result<T, CliError> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query)
            .finish();
        let (status, body) = self.ask(&format!("{path}?{query}")).await?;
        if status == 200 {
            let unknown = |_| ServerFault::Unknown(self.address.clone());
            return Ok(serde_json::from_slice(&body).map_err(unknown)?);
        }
        Err(self.fault(status, &body).into())
    }

    /// One invocation; `None` if it is not known.
    pub(super) async fn one(&self, id: &str) -> Result<Option<Invocation>, CliError> {
        let name: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
        match self
            .get(&format!("/invocations/{}", name.replace('+', "%20")), &[])
            .await
        {
            Err(CliError::Server(ServerFault::Nothing(_))) => Ok(None),
            other => other.map(Some),
        }
    }

    async fn ask(&self, path: &str) -> Result<(u16, Vec<u8>), ServerFault> {
        let unreachable = |error: reqwest::Error| ServerFault::Unreachable {
            server: self.address.clone(),
            reason: innermost(&error),
        };
        let path = path.trim_end_matches('?');
        let request = self
            .client
            .get(format!("{}/v1/admin/monitor{path}", self.address));
        let request = request.bearer_auth(self.token.expose_secret());
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status().as_u16();
        Ok((status, answer.bytes().await.map_err(unreachable)?.into()))
    }

    fn fault(&self, status: u16, body: &[u8]) -> ServerFault {
        let server = self.address.clone();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let said = ["detail", "title"]
            .into_iter()
            .find_map(|name| body.get(name)?.as_str());
        match status {
            401 => ServerFault::Unauthenticated(server),
            403 => ServerFault::Forbidden,
            404 => ServerFault::Nothing(server),
            _ => ServerFault::Failed {
                server,
                status,
                said: said
                    .unwrap_or("nothing more")
                    .chars()
                    .filter(|c| !c.is_control())
                    .collect(),
            },
        }
    }
}

/// A token is sent over HTTPS, or to this machine itself.
fn refuse_in_the_clear(address: &str) -> Result<(), CliError> {
    let fault = |text: &str| Err(CliError::Usage(format!("--server {address}: {text}")));
    let Ok(url) = Url::parse(address) else {
        return fault("this is no URL; write it as in https://id.example.com");
    };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_here => Ok(()),
        _ => fault("a token is sent over https only, or to this machine itself"),
    }
}

fn token(file: Option<&Path>) -> Result<SecretString, CliError> {
    let text = match file {
        Some(path) => {
            let file = secret_file::read(path).map_err(|fault| CliError::AddressFile {
                flag: "--token-file",
                path: path.to_owned(),
                fault,
            })?;
            return Ok(file.secret);
        }
        None if io::stdin().is_terminal() => {
            zeroize::Zeroizing::new(rpassword::prompt_password("Token: ").map_err(CliError::Input)?)
        }
        None => stdin_text(MAX_TOKEN)?,
    };
    if text.trim().is_empty() {
        return Err(CliError::Usage(
            "a server is asked with a token: name its file with --token-file, or pipe it to the standard \
             input; or read a log with --log"
                .to_owned(),
        ));
    }
    Ok(text.trim().into())
}

/// What really happened, without the address of each layer round it.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
