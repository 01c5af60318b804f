//! From the start of the server to its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use countersign_monitor::Kept;
use countersign_web::WebState;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};
use tokio::time::timeout;

use super::connection::Connections;
use super::drain::{Drain, Phase};
use super::files::make_room;
use super::gate::Gate;
use super::metrics::Gauges;
use super::ops::Ops;
use super::signals::{HangUp, Stop};
use super::tls::Certificate;
use super::{ServeError, Started, accept, background, metrics, ops};
use crate::compose::{self, Instance};
use crate::config::{OrOff, Settings};

/// How long connections without a request stay open after the signal to stop. A client that sends
/// something meanwhile gets its answer, and the word not to come back on that connection.
const LINGER: Duration = Duration::from_secs(1);
/// How many connections wait to be accepted: a thousand people who come at the same moment, and more.
const BACKLOG: u32 = 4096;
/// Those who watch over the server are few and quick.
const OPS_CONNECTIONS: usize = 64;

/// How the server ended.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every request in flight was answered.
    Drained,
    /// Some were not within `http.drain_timeout`: this many connections were cut off.
    CutOff(usize),
}

/// Runs the server until SIGTERM or SIGINT, and then drains it. `ready` is called once it listens.
/// A second signal ends the process at once, with exit code 130.
pub async fn run(
    settings: &Settings,
    monitor: Option<Arc<Kept>>,
    ready: impl FnOnce(&Started),
) -> Result<Exit, ServeError> {
    let mut stop = Stop::listen().map_err(ServeError::Signals)?;
    let listener = listen(settings.http.listen, "http.listen")?;
    let ops_listener = match settings.ops.listen {
        OrOff::On(address) => Some(listen(address, "ops.listen")?),
        OrOff::Off => None,
    };
    let certificate = Certificate::read(&settings.http)?;
    // Both take some 20 ms, which the first answer need not wait for.
    let metrics = spawn_blocking(metrics::install);
    let seeding = spawn_blocking(|| aws_lc_rs::rand::fill(&mut [0; 1]));
    let instance = compose::begin(settings)?;
    let gate = Gate::of(&instance, settings).await?;

    let address = listener.local_addr().unwrap_or(settings.http.listen);
    let ops_address = ops_listener
        .as_ref()
        .and_then(|listener| listener.local_addr().ok());
    let drain = Drain::new();
    let ops_drain = Drain::new();
    let tls = certificate.as_ref();
    let api = serve_api(settings, listener, &instance, monitor, &gate, tls, &drain)?;
    let metrics = metrics.await.map_err(|_| ServeError::Twice("metrics"))??;
    let _ = seeding.await;
    let ops = ops_listener.map(|listener| {
        serve_ops(
            settings,
            listener,
            &instance,
            &gate,
            metrics.clone(),
            &drain,
            &ops_drain,
        )
    });
    let mut tasks = background::start(&instance.app, &gate, &metrics);
    if let Some(certificate) = certificate {
        let hang_up = HangUp::listen().map_err(ServeError::Signals)?;
        tasks.spawn(certificate.keep_fresh(hang_up));
    }
    ready(&Started::new(settings, address, ops_address));

    let failed = tokio::select! {
        () = stop.asked() => None,
        error = gate.keep_trying(&instance, settings) => Some(error),
    };
    let forced = stop.exit_at_next();
    tracing::info!("draining");
    let exit = end_api(api, &drain, settings.http.drain_timeout).await;
    tasks.shutdown().await;
    if let Some(ops) = ops {
        end_ops(ops, &ops_drain).await;
    }
    close(instance).await;
    forced.abort();
    tracing::info!(?exit, "stopped");
    match failed {
        None => Ok(exit),
        Some(error) => Err(error.into()),
    }
}

fn listen(address: SocketAddr, key: &'static str) -> Result<TcpListener, ServeError> {
    let bind = || {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // A restart need not wait for the connections of the one before to be forgotten.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    bind().map_err(|source| ServeError::Listen {
        address,
        key,
        source,
    })
}

fn serve_api(
    settings: &Settings,
    listener: TcpListener,
    instance: &Instance,
    monitor: Option<Arc<Kept>>,
    gate: &Gate,
    certificate: Option<&Arc<Certificate>>,
    drain: &Drain,
) -> Result<JoinHandle<JoinSet<()>>, ServeError> {
    let http = &settings.http;
    let state = WebState {
        app: Arc::clone(&instance.app),
        settings: Arc::new(instance.web.clone()),
        monitor,
    };
    let router = gate.before(countersign_web::router(state));
    let tls = certificate
        .map(|certificate| certificate.acceptor(http.http2))
        .transpose()?;
    let connections = Connections::new(router, tls, http.http2, http.header_timeout, drain.clone());
    Ok(tokio::spawn(accept::accept(
        listener,
        Arc::new(connections),
        make_room(http.max_connections),
        drain.clone(),
        Phase::Draining,
    )))
}

fn serve_ops(
    settings: &Settings,
    listener: TcpListener,
    instance: &Instance,
    gate: &Gate,
    metrics: PrometheusHandle,
    drain: &Drain,
    ops_drain: &Drain,
) -> JoinHandle<JoinSet<()>> {
    let gauges = Gauges {
        store: Arc::clone(&instance.store),
        sqlite: instance.sqlite.clone(),
        passwords: Arc::clone(&instance.passwords),
    };
    let app = Arc::clone(&instance.app);
    let router = ops::router(Ops {
        app,
        metrics,
        gauges,
        gate: gate.clone(),
        drain: drain.clone(),
    });
    let header_timeout = settings.http.header_timeout;
    let connections = Connections::new(router, None, false, header_timeout, ops_drain.clone());
    let drain = ops_drain.clone();
    let connections = Arc::new(connections);
    tokio::spawn(accept::accept(
        listener,
        connections,
        OPS_CONNECTIONS,
        drain,
        Phase::Closing,
    ))
}

async fn end_api(api: JoinHandle<JoinSet<()>>, drain: &Drain, limit: Duration) -> Exit {
    drain.enter(Phase::Draining);
    let Ok(mut open) = api.await else {
        return Exit::Drained;
    };
    let linger = LINGER.min(limit / 2);
    let _ = timeout(linger, all_ended(&mut open)).await;
    drain.enter(Phase::Closing);
    let _ = timeout(limit.saturating_sub(linger), all_ended(&mut open)).await;
    let left = open.len();
    open.shutdown().await;
    if left == 0 {
        Exit::Drained
    } else {
        Exit::CutOff(left)
    }
}

async fn end_ops(ops: JoinHandle<JoinSet<()>>, drain: &Drain) {
    drain.enter(Phase::Closing);
    if let Ok(mut open) = ops.await {
        let _ = timeout(LINGER, all_ended(&mut open)).await;
        open.shutdown().await;
    }
}

async fn all_ended(open: &mut JoinSet<()>) {
    while open.join_next().await.is_some() {}
}

/// Lets an `SQLite` store empty its log into the database, which takes a moment off the next start.
/// What is acknowledged is on the disk anyway.
async fn close(mut instance: Instance) {
    let sqlite = instance.sqlite.take();
    drop(instance);
    let Some(store) = sqlite else { return };
    if let Ok(store) = Arc::try_unwrap(store) {
        let _ = spawn_blocking(move || drop(store)).await;
    } else {
        tracing::warn!("something still uses the store; its log is not emptied");
    }
}
