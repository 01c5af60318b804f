//! TLS of the API, with a certificate that can be exchanged while the server runs. A new one that is
//! unfit leaves the old in place.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use super::error::TlsError;
use super::signals::HangUp;
use crate::config::Http;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

const CERTIFICATE: &str = "http.tls.certificate_file";
const KEY: &str = "http.tls.key_file";

/// The certificate in use, and the files that it came from.
#[derive(Debug)]
pub(super) struct Certificate {
    chain_file: PathBuf,
    key_file: PathBuf,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads the certificate, if TLS is wanted.
    pub(super) fn read(http: &Http) -> Result<Option<Arc<Self>>, TlsError> {
        let (Some(certificate), Some(key)) = (&http.tls.certificate_file, &http.tls.key_file)
        else {
            return Ok(None);
        };
        let provider = Arc::new(default_provider());
        let current = load(certificate, key, &provider)?;
        Ok(Some(Arc::new(Self {
            chain_file: certificate.clone(),
            key_file: key.clone(),
            provider,
            current: RwLock::new(Arc::new(current)),
        })))
    }

    /// Accepts TLS 1.3 and 1.2 with this certificate.
    pub(super) fn acceptor(self: &Arc<Self>, http2: bool) -> Result<TlsAcceptor, TlsError> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as _);
        if http2 {
            config.alpn_protocols.push(b"h2".to_vec());
        }
        config.alpn_protocols.push(b"http/1.1".to_vec());
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Takes up new files when they change, or at SIGHUP. Never returns.
    pub(super) async fn keep_fresh(self: Arc<Self>, mut hang_up: HangUp) {
        let mut seen = self.stamps();
        loop {
            let asked = tokio::select! {
                () = hang_up.came() => true,
                () = tokio::time::sleep(LOOK_EVERY) => false,
            };
            let stamps = self.stamps();
            if !asked && stamps == seen {
                continue;
            }
            seen = stamps;
            match load(&self.chain_file, &self.key_file, &self.provider) {
                Ok(new) => {
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
                    tracing::info!("the certificate was read anew");
                }
                Err(error) => {
                    tracing::error!(%error, "the new certificate is unfit; the old one stays");
                }
            }
        }
    }

    fn stamps(&self) -> [Option<(SystemTime, u64)>; 2] {
        [&self.chain_file, &self.key_file].map(|path| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        })
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(
            &self.current.read().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

fn load(
    certificate: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let unreadable = |setting, path: &Path, reason: String| TlsError::File {
        key: setting,
        path: path.to_owned(),
        reason,
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(CERTIFICATE, certificate, error.to_string()))?;
    if chain.is_empty() {
        let reason = "it holds no certificate in PEM".to_owned();
        return Err(unreadable(CERTIFICATE, certificate, reason));
    }
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| unreadable(KEY, key, error.to_string()))?;
    Ok(CertifiedKey::from_der(chain, private, provider)?)
}
