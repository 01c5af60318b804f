//! Throttles: how often a network, a name, an account or a session may try something.
//!
//! Each is a generic cell rate algorithm over a bounded table: a rate, a burst, and one number per
//! key. Kept in the process: a restart forgives. `governor` has no way to give back an attempt that
//! turned out to be rightful, nor takes the time as an argument, hence our own.
//!
//! Failed logins are counted three times: by name and network; by name alone, ten times as many; and
//! by account, under all of its names together. The last two do not count networks that the account
//! is known to use: whoever guesses at it from elsewhere can exhaust the strangers' share, and the
//! owner's stays. The count by account answers nothing of its own, so that it can't be asked which
//! names belong together.

mod cells;
mod login;

use std::net::IpAddr;
use std::time::Duration;

use countersign_domain::id::{SessionId, UserId};
use countersign_domain::time::Timestamp;

use crate::AppError;
use cells::Cells;
pub(crate) use login::LoginAttempt;

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
    /// Failed logins at one account from one network; from all strangers' networks together, ten
    /// times as many.
    pub login_failures_per_account: Rate,
    /// Sign-ups, and changes of what one logs in with, from one network.
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
            Some(IpAddr::V6(v6)) => Self(
                u64::try_from(u128::from(v6) >> 64).unwrap_or(u64::MAX),
                true,
            ),
        }
    }
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

/// All throttles of an instance.
pub struct Throttles {
    settings: ThrottleSettings,
    networks: Cells,
    logins: Cells,
    sessions: Cells,
    familiar: Cells,
}

/// How long a network stays familiar after a login or refresh from it.
const FAMILIAR_FOR: Duration = Duration::from_hours(720);

impl Throttles {
    /// Throttles that have seen nobody yet.
    pub fn new(settings: ThrottleSettings) -> Self {
        Self {
            settings,
            networks: Cells::new(),
            logins: Cells::new(),
            sessions: Cells::new(),
            familiar: Cells::new(),
        }
    }

    /// Counts an attempt from a network.
    pub fn network(&self, kind: Kind, network: Network, now: Timestamp) -> Result<(), AppError> {
        let key = self.networks.key((kind, network));
        self.count(&self.networks, key, self.rate(kind), now)
    }

    /// Takes back an attempt that came to nothing by an honest mistake.
    pub(crate) fn give_back(&self, kind: Kind, network: Network) {
        if self.settings.enabled {
            let key = self.networks.key((kind, network));
            self.networks.give_back(key, self.rate(kind));
        }
    }

    fn rate(&self, kind: Kind) -> Rate {
        match kind {
            Kind::LogIn => self.settings.login_per_network,
            Kind::SignUp => self.settings.sign_up_per_network,
            Kind::Refresh => self.settings.refresh_per_network,
            Kind::Verify => self.settings.verify_per_network,
        }
    }

    /// Counts a refresh of a session.
    pub fn session(&self, id: SessionId, now: Timestamp) -> Result<(), AppError> {
        let rate = self.settings.refresh_per_session;
        self.count(&self.sessions, self.sessions.key(id), rate, now)
    }

    /// Remembers a network as one that the account uses.
    pub fn make_familiar(&self, user_id: UserId, network: Network, now: Timestamp) {
        let key = self.familiar.key((user_id, network));
        self.familiar.set(key, now.plus(FAMILIAR_FOR), now);
    }

    fn is_familiar(&self, user_id: UserId, network: Network, now: Timestamp) -> bool {
        self.familiar
            .holds(self.familiar.key((user_id, network)), now)
    }

    fn count(&self, cells: &Cells, key: u64, rate: Rate, now: Timestamp) -> Result<(), AppError> {
        if !self.settings.enabled {
            return Ok(());
        }
        cells
            .count(key, rate, now)
            .map_err(|retry_after| AppError::Throttled { retry_after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttles() -> Throttles {
        let minute = |attempts| Rate {
            attempts,
            per: Duration::from_mins(1),
        };
        Throttles::new(ThrottleSettings {
            enabled: true,
            login_per_network: minute(100),
            login_failures_per_account: minute(3),
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
        let throttles = throttles();
        let from = network("192.0.2.1");
        for _ in 0..3 {
            throttles.network(Kind::SignUp, from, at(0)).unwrap();
        }
        let refused = throttles.network(Kind::SignUp, from, at(0)).unwrap_err();
        assert_eq!(refused.retry_after(), Some(Duration::from_secs(20)));
        throttles
            .network(Kind::SignUp, network("192.0.2.2"), at(0))
            .unwrap();
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
}
