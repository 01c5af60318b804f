//! The HTTP client below the SDK: the SDK's own, with rustls, wrapped so that the store learns of
//! each request which connection carried it. The SDK hides its pool; a connection is new if its
//! local address was not seen before.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::error::DynamoDbError;

/// What is known of a request beside its answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// Whether the SDK came as far as sending it: it signs first, for which it needs credentials.
    pub was_sent: bool,
    /// Whether its connection was new, if it had one.
    pub was_new: Option<bool>,
}

tokio::task_local! {
    /// Where the request under way notes it.
    pub(crate) static USED: Arc<Mutex<Used>>;
}

/// Outside of a call of the store there is nobody to tell.
fn note(what: impl FnOnce(&mut Used)) {
    let _ = USED.try_with(|used| what(&mut used.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// How many connections are remembered: more than a pool ever holds.
const REMEMBERED: usize = 1024;

/// Reads the authorities to trust.
pub(crate) fn authorities(ca_file: Option<&Path>) -> Result<tls::TlsContext, DynamoDbError> {
    let Some(path) = ca_file else {
        return Ok(tls::TlsContext::default());
    };
    let pem = std::fs::read(path).map_err(|source| DynamoDbError::CaFile {
        path: path.to_owned(),
        source,
    })?;
    let marker = b"-----BEGIN CERTIFICATE-----";
    if !pem.windows(marker.len()).any(|window| window == marker) {
        return Err(DynamoDbError::NoCertificate(path.to_owned()));
    }
    let store = tls::TrustStore::empty().with_pem_certificate(pem);
    tls::TlsContext::builder()
        .with_trust_store(store)
        .build()
        .map_err(|_| DynamoDbError::NoCertificate(path.to_owned()))
}

/// Makes the client. It verifies certificates and host names; nothing turns that off.
pub(crate) fn client(context: tls::TlsContext, idle: usize) -> SharedHttpClient {
    let inner = Builder::new()
        .pool_max_idle_per_host(idle)
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::AwsLc,
        ))
        .tls_context(context)
        .build_https();
    SharedHttpClient::new(Noting {
        inner,
        seen: Arc::default(),
    })
}

type Seen = Arc<Mutex<VecDeque<SocketAddr>>>;

struct Noting {
    inner: SharedHttpClient,
    seen: Seen,
}

impl fmt::Debug for Noting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Noting")
    }
}

impl HttpClient for Noting {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(NotingConnector {
            inner: self.inner.http_connector(settings, components),
            seen: Arc::clone(&self.seen),
        })
    }
}

struct NotingConnector {
    inner: SharedHttpConnector,
    seen: Seen,
}

impl fmt::Debug for NotingConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NotingConnector")
    }
}

impl HttpConnector for NotingConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        note(|used| used.was_sent = true);
        let given = request.extension::<CaptureSmithyConnection>().cloned();
        let capture = given.unwrap_or_else(|| {
            let capture = CaptureSmithyConnection::new();
            request.add_extension(capture.clone());
            capture
        });
        let (answer, seen) = (self.inner.call(request), Arc::clone(&self.seen));
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            if let Some(local) = capture.get().and_then(|c| c.local_addr()) {
                let new = is_new(&seen, local);
                note(|used| used.was_new = Some(new));
            }
            answer
        })
    }
}

fn is_new(seen: &Seen, local: SocketAddr) -> bool {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.contains(&local) {
        return false;
    }
    if seen.len() == REMEMBERED {
        seen.pop_front();
    }
    seen.push_back(local);
    true
}
