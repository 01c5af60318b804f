//! A login attempt, counted as a failure until it is known not to be one.

use countersign_domain::id::UserId;
use countersign_domain::time::Timestamp;

use super::{Network, Rate, Throttles};
use crate::AppError;

/// How many more failures all strangers together have than one network alone.
const STRANGERS: u32 = 10;

/// An attempt that was counted. Unless [`LoginAttempt::failed`] is called, all counts are given back
/// when it is dropped: a login that was too many for the hashing pool, or that the client gave up on,
/// is nobody's failure.
pub(crate) struct LoginAttempt<'a> {
    throttles: &'a Throttles,
    counted: Vec<(u64, Rate)>,
    is_held: bool,
}

impl Throttles {
    /// Counts an attempt at a name from a network, before anything is known of it but whose name it
    /// is, if anybody's. `is_known` tells whether the network is one that the account uses.
    pub(crate) fn log_in(
        &self,
        name: &str,
        owner: Option<UserId>,
        network: Network,
        is_known: bool,
        now: Timestamp,
    ) -> Result<LoginAttempt<'_>, AppError> {
        let one = self.settings.login_failures_per_account;
        let all = Rate {
            attempts: one.attempts.saturating_mul(STRANGERS),
            per: one.per,
        };
        let mut attempt = LoginAttempt {
            throttles: self,
            counted: Vec::new(),
            is_held: false,
        };
        attempt.count(
            self.logins.key(("name and network", name, network)),
            one,
            now,
        )?;
        if !is_known {
            attempt.count(self.logins.key(("name", name)), all, now)?;
            if let Some(owner) = owner {
                let key = self.logins.key(("account", owner));
                attempt.is_held = attempt.count(key, all, now).is_err();
            }
        }
        Ok(attempt)
    }

    /// Whether a network is one that the account uses, as far as this process has seen.
    pub(crate) fn knows(&self, user_id: UserId, network: Network, now: Timestamp) -> bool {
        self.is_familiar(user_id, network, now)
    }
}

impl LoginAttempt<'_> {
    fn count(&mut self, key: u64, rate: Rate, now: Timestamp) -> Result<(), AppError> {
        self.throttles
            .count(&self.throttles.logins, key, rate, now)?;
        self.counted.push((key, rate));
        Ok(())
    }

    /// Whether the account has had so many failures, under all of its names, that this attempt must
    /// be refused whatever its password.
    pub(crate) fn is_held(&self) -> bool {
        self.is_held
    }

    /// It was a failure: the counts stay.
    pub(crate) fn failed(mut self) {
        self.counted.clear();
    }
}

impl Drop for LoginAttempt<'_> {
    fn drop(&mut self) {
        if self.throttles.settings.enabled {
            for (key, rate) in &self.counted {
                self.throttles.logins.give_back(*key, *rate);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::throttle::ThrottleSettings;

    fn throttles() -> Throttles {
        let rate = |attempts| Rate {
            attempts,
            per: Duration::from_mins(1),
        };
        Throttles::new(ThrottleSettings {
            enabled: true,
            login_per_network: rate(1000),
            login_failures_per_account: rate(3),
            sign_up_per_network: rate(1000),
            refresh_per_network: rate(1000),
            refresh_per_session: rate(1000),
            verify_per_network: rate(1000),
        })
    }

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn network(n: u8) -> Network {
        Network::of(Some([192, 0, 2, n].into()))
    }

    fn jill() -> UserId {
        UserId::from_parts(NOW, [1; 10])
    }

    fn fail(throttles: &Throttles, name: &str, owner: Option<UserId>, from: Network) -> bool {
        match throttles.log_in(name, owner, from, false, NOW) {
            Ok(attempt) => {
                attempt.failed();
                true
            }
            Err(_) => false,
        }
    }

    #[test]
    fn failures_from_one_network_stop_that_network_alone() {
        let throttles = throttles();
        while fail(&throttles, "jill", Some(jill()), network(1)) {}
        let elsewhere = throttles
            .log_in("jill", Some(jill()), network(2), false, NOW)
            .unwrap();
        assert!(!elsewhere.is_held());
    }

    #[test]
    fn guessing_from_many_networks_is_stopped_and_does_not_lock_the_owner_out() {
        let throttles = throttles();
        let mut guesses = 0;
        for n in 0..=255 {
            while fail(&throttles, "jill", Some(jill()), network(n)) {
                guesses += 1;
            }
        }
        assert_eq!(guesses, 30, "ten times one network's share");
        assert!(
            throttles
                .log_in("jill", Some(jill()), network(9), false, NOW)
                .is_err()
        );
        let home = Network::of(Some([203, 0, 113, 1].into()));
        assert!(
            throttles
                .log_in("jill", Some(jill()), home, true, NOW)
                .is_ok()
        );
    }

    // CVE-2024-28197: a throttle split by username and e-mail. And the other way round: a throttle
    // that tells which names belong together.
    #[test]
    fn all_names_of_an_account_share_a_limit_that_answers_nothing() {
        let throttles = throttles();
        for n in 0..10 {
            while fail(&throttles, "jill", Some(jill()), network(n)) {}
        }
        let name = "jill@example.com";
        let other_name = throttles.log_in(name, Some(jill()), network(20), false, NOW);
        assert!(
            other_name.unwrap().is_held(),
            "refused, but not with another answer"
        );
        let nobody = throttles.log_in("jill@example.org", None, network(20), false, NOW);
        assert!(nobody.is_ok(), "as for a name that nobody has");
    }

    #[test]
    fn what_was_no_failure_is_not_counted() {
        let throttles = throttles();
        for _ in 0..50 {
            drop(
                throttles
                    .log_in("jill", Some(jill()), network(1), false, NOW)
                    .unwrap(),
            );
        }
        assert!(fail(&throttles, "jill", Some(jill()), network(1)));
    }
}
