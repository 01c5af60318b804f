//! One request to the service at a time: sent, counted, judged, and sent again where that can't do
//! harm. Nothing is resolved or connected before the first call.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ActivityCounter, StoreLimits, StoreResult};
use tokio::sync::{Mutex as AsyncMutex, OnceCell, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use crate::address::Address;
use crate::error::{Verdict, judge, lost, too_slow};
use crate::transport::{USED, Used};

/// Calls on one user wait here for one another, so that those of one instance do not undo one
/// another's work; between instances the conditions decide.
const LANES: usize = 256;

/// Why a request has no good answer.
pub(crate) enum Failed<E> {
    /// The service's own answer, which the caller has to read.
    Answer(E),
    /// Nothing more to be done.
    Over(StoreError),
}

impl<E> From<StoreError> for Failed<E> {
    fn from(error: StoreError) -> Self {
        Self::Over(error)
    }
}

/// The service, as one instance uses it.
pub(crate) struct Service {
    pub address: Address,
    pub limits: StoreLimits,
    pub activity: ActivityCounter,
    http: SharedHttpClient,
    client: OnceCell<Client>,
    permits: Semaphore,
    lanes: Vec<AsyncMutex<()>>,
}

impl Service {
    pub fn new(address: Address, limits: StoreLimits, http: SharedHttpClient) -> Self {
        let permits = usize::try_from(limits.connections.max(1)).unwrap_or(usize::MAX);
        Self {
            address,
            limits,
            activity: ActivityCounter::default(),
            http,
            client: OnceCell::new(),
            permits: Semaphore::new(permits.min(Semaphore::MAX_PERMITS)),
            lanes: (0..LANES).map(|_| AsyncMutex::new(())).collect(),
        }
    }

    /// The SDK's client, made at the first call.
    async fn client(&self) -> &Client {
        let make = || {
            Box::pin(async {
                let mut config = aws_config::defaults(BehaviorVersion::latest())
                    // This crate tries again by itself, within its own deadlines.
                    .retry_config(RetryConfig::disabled())
                    .timeout_config(
                        TimeoutConfig::builder()
                            .connect_timeout(self.limits.acquire)
                            .build(),
                    );
                if let Some(region) = &self.address.region {
                    config = config.region(Region::new(region.clone()));
                }
                if self.address.is_plain() {
                    // No secret, and none needed: only emulators are reached in plain text.
                    let fixed = Credentials::new("countersign", "countersign", None, None, "fixed");
                    config = config.credentials_provider(fixed);
                    if self.address.region.is_none() {
                        config = config.region(Region::from_static("us-east-1"));
                    }
                }
                let config = config.load().await;
                let mut own =
                    aws_sdk_dynamodb::config::Builder::from(&config).http_client(self.http.clone());
                if let Some(endpoint) = &self.address.endpoint {
                    own = own.endpoint_url(endpoint);
                }
                Client::from_conf(own.build())
            })
        };
        self.client.get_or_init(make).await
    }

    /// Carries out one call of the port within its deadline, with one of the places that there are.
    /// Calls with the same `lane` of one instance come one after the other.
    pub async fn call<T>(
        &self,
        deadline: Duration,
        lane: Option<usize>,
        call: impl Future<Output = StoreResult<T>>,
    ) -> StoreResult<T> {
        let all = async {
            let lane = lane.and_then(|lane| self.lanes.get(lane % LANES));
            let _turn = match lane {
                Some(lane) => Some(lane.lock().await),
                None => None,
            };
            let Ok(Ok(_place)) = timeout(self.limits.acquire, self.permits.acquire()).await else {
                self.activity.turned_away();
                return Err(StoreError::Unavailable(
                    "too many calls to DynamoDB are under way".to_owned(),
                ));
            };
            call.await
        };
        timeout(deadline, all)
            .await
            .unwrap_or_else(|_| Err(too_slow()))
    }

    /// By when a call that begins now has to be answered.
    pub fn end_of_call(&self) -> Instant {
        Instant::now() + self.limits.call
    }

    /// Goes on behind a call that is done, until a moment, with what can be left for later: `None`
    /// if that came first, or if others wait for all the places that there are.
    pub async fn beside<T>(
        &self,
        until: Instant,
        more: impl Future<Output = StoreResult<T>>,
    ) -> Option<StoreResult<T>> {
        let _place = self.permits.try_acquire().ok()?;
        timeout_at(until, more).await.ok()
    }

    /// Sends a request. What the service was too busy for is sent again until the deadline of the
    /// call; what got lost on the way is sent once more if it is `repeatable`. `counts` is `false`
    /// for a request that goes out together with another one.
    pub async fn request<T, E, F>(
        &self,
        repeatable: bool,
        counts: bool,
        send: impl Fn(Client) -> F,
    ) -> Result<T, Failed<E>>
    where
        E: ProvideErrorMetadata,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let mut was_lost = !repeatable;
        self.request_after(&mut was_lost, counts, send).await
    }

    /// The same, where an answer may have been lost before; notes whether one was. If so, nothing
    /// more is sent after the next loss.
    pub async fn request_after<T, E, F>(
        &self,
        was_lost: &mut bool,
        counts: bool,
        send: impl Fn(Client) -> F,
    ) -> Result<T, Failed<E>>
    where
        E: ProvideErrorMetadata,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let client = self.client().await;
        let mut pause = Pause::default();
        let mut counts = counts;
        loop {
            if counts {
                self.activity.round_trip();
            }
            counts = true;
            let used = Arc::new(Mutex::new(Used::default()));
            let answer =
                // The SDK's futures are too large to lie within one another.
                USED.scope(Arc::clone(&used), Box::pin(send(client.clone()))).await;
            let used = *used.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(new) = used.was_new {
                self.activity.connection(new);
            }
            let error = match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match judge(&error, used.was_sent) {
                Verdict::Busy => pause.wait().await,
                Verdict::Lost if !*was_lost => {
                    *was_lost = true;
                    pause.wait().await;
                }
                Verdict::Lost => return Err(Failed::Over(lost())),
                Verdict::Over(error) => return Err(Failed::Over(error)),
                Verdict::Answer => {
                    return Err(match error.into_service_error_or_none() {
                        Some(answer) => Failed::Answer(answer),
                        None => Failed::Over(lost()),
                    });
                }
            }
        }
    }
}

trait OwnAnswer<E> {
    fn into_service_error_or_none(self) -> Option<E>;
}

impl<E, R> OwnAnswer<E> for SdkError<E, R> {
    fn into_service_error_or_none(self) -> Option<E> {
        match self {
            SdkError::ServiceError(service) => Some(service.into_err()),
            _ => None,
        }
    }
}

/// A wait before the next attempt: longer each time, and never the same for two callers.
pub(crate) struct Pause {
    most: u64,
}

impl Default for Pause {
    fn default() -> Self {
        Self { most: 10 }
    }
}

impl Pause {
    const MOST_MILLIS: u64 = 200;

    pub async fn wait(&mut self) {
        let millis = fastrand::u64(1..=self.most);
        self.most = (self.most * 2).min(Self::MOST_MILLIS);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}
