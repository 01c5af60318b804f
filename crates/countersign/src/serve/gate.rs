//! Whether the instance is ready for requests. A server that starts while its database is away
//! listens, answers 503 to whatever needs the instance, and goes on by itself when the database
//! comes back.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use countersign_web::{Invocation, Unready};
use tokio::sync::watch;
use tokio::time::sleep;

use super::jitter::about;
use super::memory::recent_peak_bytes;
use crate::compose::{ComposeError, Instance};
use crate::config::Settings;

/// How often the start is tried again.
const AGAIN_EVERY: Duration = Duration::from_secs(1);
/// How often it is said that it still fails.
const SAY_EVERY: u32 = 30;

/// Closed until the instance is prepared.
#[derive(Clone)]
pub(super) struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    /// Prepares the instance. If the store does not answer, the gate stays closed, and
    /// [`Gate::keep_trying`] is to be awaited; any other failure is final.
    pub(super) async fn of(instance: &Instance, settings: &Settings) -> Result<Self, ComposeError> {
        let is_open = match instance.prepare(settings).await {
            Ok(()) => true,
            Err(error) if error.is_temporary() => {
                tracing::error!(%error, "the store does not answer yet; trying again");
                false
            }
            Err(error) => return Err(error),
        };
        Ok(Self(Arc::new(watch::Sender::new(is_open))))
    }

    /// Tries again until the instance is prepared. Returns only if it never can be.
    pub(super) async fn keep_trying(
        &self,
        instance: &Instance,
        settings: &Settings,
    ) -> ComposeError {
        let mut tries = 0_u32;
        while !self.is_open() {
            sleep(about(AGAIN_EVERY)).await;
            tries = tries.wrapping_add(1);
            match instance.prepare(settings).await {
                Ok(()) => {
                    tracing::info!("the store answers: serving");
                    self.0.send_replace(true);
                }
                Err(error) if !error.is_temporary() => return error,
                Err(error) if tries.is_multiple_of(SAY_EVERY) => {
                    tracing::error!(%error, "the store still does not answer; trying again");
                }
                Err(_) => {}
            }
        }
        std::future::pending().await
    }

    pub(super) fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once it is open.
    pub(super) async fn opened(&self) {
        // The sender lives as long as `self`, so waiting can't fail.
        let _ = self.0.subscribe().wait_for(|is_open| *is_open).await;
    }

    /// The routes, each request told whether the instance is ready and what this process is.
    pub(super) fn before(&self, routes: Router) -> Router {
        let invocation = Invocation {
            peak_memory: recent_peak_bytes,
            ..Invocation::default()
        };
        routes.layer(from_fn_with_state((self.clone(), invocation), tell))
    }
}

async fn tell(
    State((gate, mut invocation)): State<(Gate, Invocation)>,
    mut request: Request,
    next: Next,
) -> Response {
    if !gate.is_open() {
        invocation.unready = Some(Unready::Away);
    }
    request.extensions_mut().insert(invocation);
    next.run(request).await
}
