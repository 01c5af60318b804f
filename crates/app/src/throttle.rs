//! Throttles: how often a network, an account or a session may try something.
//!
//! Each is a generic cell rate algorithm over a bounded table: a rate, a burst, and one number per
//! key. Kept in the process: a restart forgives. `governor` has no way to give back an attempt that
//! turned out to be rightful, nor takes the time as an argument, hence our own.
//!
//! An account's failures are counted apart for networks it has logged in from before: whoever
//! guesses at an account from elsewhere can exhaust the strangers' share, not its owner's.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use countersign_domain::id::{SessionId, UserId};
use countersign_domain::time::Timestamp;

use crate::AppError;

/// So many attempts in so long, all of which may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub attempts: u32,
    /// In how long.
    pub per: Duration,
}

/// How often callers may come.
#[derive(Clone, Debug)]
pub struct ThrottleSettings {
    /// Whether anything is throttled at all.
    pub enabled: bool,
    /// Login attempts from one network.
    pub login_per_network: Rate,
    /// Failed logins at one account, apart for strangers' networks and its own.
    pub login_failures_per_account: Rate,
    /// Sign-ups from one network.
    pub sign_up_per_network: Rate,
    /// Refreshes from one network.
    pub refresh_per_network: Rate,
    /// Refreshes of one session.
    pub refresh_per_session: Rate,
    /// Token checks from one network.
    pub verify_per_network: Rate,
}

/// A client's network: an IPv4 address, or the /64 of an IPv6 address, which one client owns whole
/// (CVE-2026-45364).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(u64, bool);

impl Network {
    /// The network of an address; all callers without one count as one.
    pub fn of(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            None => Self(0, true),
            Some(IpAddr::V4(v4)) => Self(u64::from(u32::from(v4)), false),
            Some(IpAddr::V6(v6)) => {
                Self(u64::try_from(u128::from(v6) >> 64).unwrap_or(u64::MAX), true)
            }
        }
    }
}

/// Whose failures are counted: an account's, or those at a name that nobody has, so that both look
/// alike from outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// An account, under whichever of its names it was tried.
    Account(UserId),
    /// A name that nobody has.
    Nobody(String),
}

/// All throttles of an instance.
pub struct Throttles {
    settings: ThrottleSettings,
    networks: Cells<(Kind, Network)>,
    accounts: Cells<(Target, Option<Network>)>,
    sessions: Cells<SessionId>,
    familiar: Cells<(UserId, Network)>,
}

/// What a network is throttled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Logging in.
    LogIn,
    /// Signing up.
    SignUp,
    /// Refreshing.
    Refresh,
    /// Having a token checked.
    Verify,
}

/// How long a network stays familiar after a login from it.
const FAMILIAR_FOR: Duration = Duration::from_secs(30 * 86_400);

impl Throttles {
    /// Throttles that have seen nobody yet.
    pub fn new(settings: ThrottleSettings) -> Self {
        Self {
            settings,
            networks: Cells::new(),
            accounts: Cells::new(),
            sessions: Cells::new(),
            familiar: Cells::new(),
        }
    }

    /// Counts an attempt from a network.
    pub fn network(&self, kind: Kind, network: Network, now: Timestamp) -> Result<(), AppError> {
        let rate = match kind {
            Kind::LogIn => self.settings.login_per_network,
            Kind::SignUp => self.settings.sign_up_per_network,
            Kind::Refresh => self.settings.refresh_per_network,
            Kind::Verify => self.settings.verify_per_network,
        };
        self.count(&self.networks, (kind, network), rate, now)
    }

    /// Counts a login attempt at an account, as if it failed.
    pub fn login(&self, target: &Target, network: Network, now: Timestamp) -> Result<(), AppError> {
        let key = self.login_key(target, network, now);
        self.count(&self.accounts, key, self.settings.login_failures_per_account, now)
    }

    /// Takes back what [`Throttles::login`] counted, and remembers the network as the account's.
    pub fn login_succeeded(&self, user_id: UserId, network: Network, now: Timestamp) {
        let target = Target::Account(user_id);
        let key = self.login_key(&target, network, now);
        self.accounts.give_back(&key, self.settings.login_failures_per_account);
        self.familiar.set((user_id, network), now.plus(FAMILIAR_FOR), now);
    }

    /// Counts a refresh of a session.
    pub fn session(&self, id: SessionId, now: Timestamp) -> Result<(), AppError> {
        self.count(&self.sessions, id, self.settings.refresh_per_session, now)
    }

    fn login_key(
        &self,
        target: &Target,
        network: Network,
        now: Timestamp,
    ) -> (Target, Option<Network>) {
        let is_familiar = match target {
            Target::Account(id) => self.familiar.holds(&(*id, network), now),
            Target::Nobody(_) => false,
        };
        (target.clone(), is_familiar.then_some(network))
    }

    fn count<K: Hash + Eq>(
        &self,
        cells: &Cells<K>,
        key: K,
        rate: Rate,
        now: Timestamp,
    ) -> Result<(), AppError> {
        if !self.settings.enabled {
            return Ok(());
        }
        cells.count(key, rate, now).map_err(|retry_after| AppError::Throttled { retry_after })
    }
}

/// The theoretical arrival time of each key's next attempt, in milliseconds.
struct Cells<K> {
    table: Mutex<HashMap<K, i64>>,
}

/// How many keys a table holds before those that are back to rest are dropped.
const SWEEP_AT: usize = 50_000;
/// How many keys a table holds at all: about 10 MB. Past it, new keys are let through uncounted
/// rather than old ones forgotten, which a flood of made-up names would profit from; networks are
/// counted first, and it takes as many of those to fill their table.
const MOST_KEYS: usize = 200_000;

impl<K: Hash + Eq> Cells<K> {
    fn new() -> Self {
        Self { table: Mutex::new(HashMap::new()) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<K, i64>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, key: K, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        let now = now.as_millis();
        let (interval, span) = rate.millis();
        let mut table = self.lock();
        Self::make_room(&mut table, now);
        if table.len() >= MOST_KEYS && !table.contains_key(&key) {
            return Ok(());
        }
        let next = table.entry(key).or_insert(now);
        let arrival = (*next).max(now);
        let wait = arrival + interval - (now + span);
        if wait > 0 {
            return Err(Duration::from_millis(u64::try_from(wait).unwrap_or(0)));
        }
        *next = arrival + interval;
        Ok(())
    }

    fn give_back(&self, key: &K, rate: Rate) {
        let (interval, _) = rate.millis();
        if let Some(next) = self.lock().get_mut(key) {
            *next -= interval;
        }
    }

    fn set(&self, key: K, until: Timestamp, now: Timestamp) {
        let mut table = self.lock();
        Self::make_room(&mut table, now.as_millis());
        if table.len() < MOST_KEYS || table.contains_key(&key) {
            table.insert(key, until.as_millis());
        }
    }

    fn holds(&self, key: &K, now: Timestamp) -> bool {
        self.lock().get(key).is_some_and(|until| *until > now.as_millis())
    }

    fn make_room(table: &mut HashMap<K, i64>, now: i64) {
        if table.len() >= SWEEP_AT && table.len() == table.capacity() {
            table.retain(|_, next| *next > now);
        }
    }
}

impl Rate {
    /// The time between two attempts at the steady rate, and the span of a burst.
    fn millis(self) -> (i64, i64) {
        let span = i64::try_from(self.per.as_millis()).unwrap_or(i64::MAX / 4);
        let interval = (span / i64::from(self.attempts.max(1))).max(1);
        (interval, interval.saturating_mul(i64::from(self.attempts.max(1))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttles(failures: u32) -> Throttles {
        let minute = |attempts| Rate { attempts, per: Duration::from_secs(60) };
        Throttles::new(ThrottleSettings {
            enabled: true,
            login_per_network: minute(100),
            login_failures_per_account: minute(failures),
            sign_up_per_network: minute(3),
            refresh_per_network: minute(3),
            refresh_per_session: minute(3),
            verify_per_network: minute(3),
        })
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + second)
    }

    fn network(text: &str) -> Network {
        Network::of(Some(text.parse().unwrap()))
    }

    #[test]
    fn attempts_past_the_rate_wait_and_time_brings_them_back() {
        let throttles = throttles(5);
        let from = network("192.0.2.1");
        for _ in 0..3 {
            throttles.network(Kind::SignUp, from, at(0)).unwrap();
        }
        let refused = throttles.network(Kind::SignUp, from, at(0)).unwrap_err();
        assert_eq!(refused.retry_after(), Some(Duration::from_secs(20)));
        throttles.network(Kind::SignUp, network("192.0.2.2"), at(0)).unwrap();
        throttles.network(Kind::Verify, from, at(0)).unwrap();
        throttles.network(Kind::SignUp, from, at(20)).unwrap();
        throttles.network(Kind::SignUp, from, at(21)).unwrap_err();
    }

    // CVE-2026-45364: a client owns a whole IPv6 /64 and can use each address in it once.
    #[test]
    fn the_addresses_of_one_ipv6_network_count_as_one() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn an_attacker_elsewhere_cannot_lock_the_owner_out() {
        let throttles = throttles(3);
        let user_id = UserId::from_parts(at(0), [1; 10]);
        let account = Target::Account(user_id);
        let (home, elsewhere) = (network("192.0.2.1"), network("198.51.100.7"));
        throttles.login(&account, home, at(0)).unwrap();
        throttles.login_succeeded(user_id, home, at(0));
        while throttles.login(&account, elsewhere, at(1)).is_ok() {}
        throttles.login(&account, home, at(1)).unwrap();
        // Nor does it help the attacker to spread over many networks.
        throttles.login(&account, network("203.0.113.9"), at(1)).unwrap_err();
    }

    #[test]
    fn rightful_logins_are_not_counted() {
        let throttles = throttles(3);
        let user_id = UserId::from_parts(at(0), [1; 10]);
        for _ in 0..50 {
            throttles.login(&Target::Account(user_id), network("192.0.2.1"), at(0)).unwrap();
            throttles.login_succeeded(user_id, network("192.0.2.1"), at(0));
        }
    }

    #[test]
    fn a_name_that_nobody_has_is_throttled_like_one_that_somebody_has() {
        let throttles = throttles(3);
        let nobody = Target::Nobody("ghost".to_owned());
        for _ in 0..3 {
            throttles.login(&nobody, network("192.0.2.1"), at(0)).unwrap();
        }
        throttles.login(&nobody, network("192.0.2.1"), at(0)).unwrap_err();
    }

    #[test]
    fn a_flood_of_names_does_not_fill_the_memory() {
        let cells: Cells<u32> = Cells::new();
        let rate = Rate { attempts: 1, per: Duration::from_secs(60) };
        for n in 0..300_000 {
            let _ = cells.count(n, rate, at(0));
        }
        assert!(cells.lock().len() <= MOST_KEYS);
    }
}
