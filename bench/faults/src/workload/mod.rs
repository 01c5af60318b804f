//! What the clients do: every write that the store has, over few users, so that they meet; and the
//! reads that they need for it. A client whose call has an unknown outcome asks again, as a real one
//! would: with the same refresh token, the same idempotency key.

mod accounts;
pub mod maker;
mod others;
mod reads;
mod sessions;
mod sign_up;
mod tokens;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign_app::ports::Store;
use countersign_app::ports::store::{StoreError, StoreResult};
use countersign_domain::audit::AuditEvent;
use countersign_domain::time::Timestamp;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::history::{Outcome, What};
use crate::random::Random;
use crate::recorder::Recorder;

pub use sign_up::Form;

/// A call that takes longer hangs; no store may let it.
const HANGS: Duration = Duration::from_secs(20);
/// How many users a process knows besides those that all know.
const OWN_USERS: usize = 40;
/// The most live sessions of a user, and the most live personal access tokens.
pub const LIMIT: u32 = 8;

/// Whom the workers of a process know.
pub struct People {
    shared: Vec<Uuid>,
    own: Mutex<Vec<Uuid>>,
}

impl People {
    /// `shared` are those that all processes know.
    pub fn new(shared: Vec<Uuid>) -> Self {
        Self {
            shared,
            own: Mutex::default(),
        }
    }

    fn meet(&self, user: Uuid, random: &mut Random) {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.len() < OWN_USERS {
            own.push(user);
        } else if let Some(place) = usize::try_from(random.below(OWN_USERS as u64))
            .ok()
            .and_then(|at| own.get_mut(at))
        {
            *place = user;
        }
    }

    fn pick_own(&self, random: &mut Random) -> Option<Uuid> {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        random.pick(&own).copied()
    }

    fn pick(&self, random: &mut Random) -> Option<Uuid> {
        let own = if random.percent(35) {
            self.pick_own(random)
        } else {
            None
        };
        own.or_else(|| random.pick(&self.shared).copied())
    }
}

/// One worker: it does one thing after the other.
pub struct Worker {
    store: Arc<dyn Store>,
    recorder: Arc<Recorder>,
    people: Arc<People>,
    number: u16,
    random: Random,
    filler: usize,
}

impl Worker {
    /// The worker with this number. `filler` is how many bytes of padding its plain events carry.
    pub fn new(
        store: Arc<dyn Store>,
        recorder: Arc<Recorder>,
        people: Arc<People>,
        number: u16,
        seed: u64,
        filler: usize,
    ) -> Self {
        Self {
            store,
            recorder,
            people,
            number,
            random: Random::new(seed ^ (u64::from(number) << 32)),
            filler,
        }
    }

    /// Does one thing; it takes one call or a few.
    pub async fn step(&mut self) {
        let Some(user) = self.people.pick(&mut self.random) else {
            return self.sign_up_somebody().await;
        };
        if self.filler > 0 && self.random.percent(60) {
            return self.record_event().await;
        }
        match self.random.below(100) {
            0..=9 => self.sign_up_somebody().await,
            10..=21 => self.log_in(user).await,
            22..=47 => self.refresh(user).await,
            48..=53 => self.change_password(user).await,
            54..=59 => self.end_one_session(user).await,
            60..=62 => self.end_all_sessions(user).await,
            63..=66 => self.set_state(user).await,
            67..=72 => self.change_authority(user).await,
            73..=79 => self.update_profile(user).await,
            80..=84 => self.create_token(user).await,
            85..=88 => self.revoke_token(user).await,
            89..=90 => self.delete_somebody(user).await,
            91..=93 => self.claim_task().await,
            94..=95 => self.change_keys().await,
            96..=97 => self.record_event().await,
            _ => self.look(user).await,
        }
    }

    fn now(&self) -> Timestamp {
        self.recorder.clock.unique()
    }

    /// Makes a call and records it: before, and what came of it.
    async fn call<T>(
        &self,
        event: Option<&AuditEvent>,
        now: Timestamp,
        what: What,
        call: impl Future<Output = StoreResult<T>>,
        judge: impl FnOnce(&T) -> Outcome,
    ) -> (Outcome, Option<T>) {
        let event = event.map(|event| *event.id.as_uuid());
        let operation = self.recorder.invoked(self.number, event, now, what);
        let answer = timeout(HANGS, call).await;
        let (outcome, answer) = match answer {
            Ok(Ok(answer)) => (judge(&answer), Some(answer)),
            Ok(Err(StoreError::Unavailable(why))) => (Outcome::Unknown(why), None),
            Ok(Err(StoreError::Corrupt(why))) => (Outcome::Broken(why), None),
            Err(_) => (Outcome::Unknown("the call hangs".to_owned()), None),
        };
        self.recorder.completed(operation, outcome.clone());
        (outcome, answer)
    }

    /// Waits a little before asking again, as a client would.
    async fn pause(&mut self) {
        sleep(Duration::from_millis(30 + self.random.below(90))).await;
    }
}

/// Whether nobody knows what came of it.
fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown(_))
}
