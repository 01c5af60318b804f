//! Asking a caller for their password once more, before something that a stolen token must not do.

use countersign_domain::access::Principal;
use countersign_domain::audit::Action;
use countersign_domain::password::Password;

use crate::ports::Verdict;
use crate::ports::store::LoginRecord;
use crate::throttle::{Kind, Network};
use crate::{App, AppError, Origin};

impl App {
    /// The caller's record if `password` is theirs, `None` if it is not. Counts like a login.
    pub(crate) async fn prove_own_password(
        &self,
        caller: &Principal,
        password: Password,
        origin: &Origin,
    ) -> Result<Option<LoginRecord>, AppError> {
        let network = Network::of(origin.address);
        self.throttles.network(Kind::LogIn, network, self.now())?;
        let record = self.ports.store.login_record_by_id(caller.user_id).await?;
        let name = caller.user_id.to_string();
        let attempt = self.count_login(&name, record.as_ref(), network).await?;
        let stored = record.as_ref().and_then(|record| record.password.clone());
        let verdict = self.ports.passwords.verify(password, stored).await?;
        match (record, verdict) {
            (Some(record), Verdict::Match { .. }) if !attempt.is_held() => Ok(Some(record)),
            _ => {
                attempt.failed();
                let (action, session) = (Action::LoginRefused, caller.session_id());
                let event = self
                    .event(
                        origin,
                        caller.actor(),
                        action,
                        Some(caller.user_id),
                        session,
                    )
                    .with("reason", "wrong_password_when_asked_again");
                self.ports.store.record(event).await?;
                Ok(None)
            }
        }
    }
}
