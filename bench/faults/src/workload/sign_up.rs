//! Sign-ups, for addresses that many want and for those that nobody else wants.

use countersign_app::ports::store::{Idempotency, SignUp, SignedUp};
use countersign_domain::audit::Action;
use uuid::Uuid;

use super::Worker;
use super::maker::{self, LONG};
use crate::history::{Answer, Outcome, What};
use crate::marks;

/// So many addresses are fought over.
pub(super) const CONTENDED: u64 = 24;
/// How often a sign-up with an unknown outcome is tried again.
const TRIES: u32 = 6;

/// A sign-up that a client may send several times.
pub struct Form {
    /// The address.
    pub email: String,
    /// The name.
    pub username: Option<String>,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// The idempotency key.
    pub key: Option<Uuid>,
}

impl Worker {
    pub(super) async fn sign_up_somebody(&mut self) {
        let contended = self.random.percent(50);
        let number = self.random.below(CONTENDED);
        let email = if contended {
            format!("contended{number}@example.com")
        } else {
            format!("{}@example.com", self.random.mark().simple())
        };
        let username = (self.random.percent(30))
            .then(|| format!("contended{}", self.random.below(CONTENDED * 4)));
        let form = Form {
            email,
            username,
            admin: false,
            key: self.random.percent(50).then(|| self.random.mark()),
        };
        match self.sign_up(&form).await {
            Some(user) => self.people.meet(user, &mut self.random),
            None if contended => {
                if let Some(user) = self.owner(&form.email).await {
                    self.people.meet(user, &mut self.random);
                }
            }
            None => {}
        }
    }

    /// Signs up, with an idempotency key again and again while the outcome is unknown.
    pub async fn sign_up(&mut self, form: &Form) -> Option<Uuid> {
        for _ in 0..TRIES {
            match self.sign_up_once(form).await {
                Outcome::Done(answer) | Outcome::Repeated(answer) => return answer.user,
                Outcome::Unknown(_) if form.key.is_some() => self.pause().await,
                _ => return None,
            }
        }
        None
    }

    /// Sends the form once.
    pub async fn sign_up_once(&mut self, form: &Form) -> Outcome {
        let (now, password, hash) = (self.now(), self.random.mark(), self.random.mark());
        let username = form.username.as_deref();
        let user = maker::user(&mut self.random, now, &form.email, username, form.admin);
        let id = *user.id.as_uuid();
        let session = self
            .random
            .percent(60)
            .then(|| maker::session(&mut self.random, now, id, hash));
        let event = maker::event(&mut self.random, now, Action::SignedUp, Some(id), None);
        let what = What::SignUp {
            user: id,
            email: form.email.clone(),
            username: form.username.clone(),
            admin: form.admin,
            password,
            session: session.as_ref().map(|s| (*s.id.as_uuid(), hash)),
            key: form.key,
        };
        let intent = SignUp {
            by: countersign_domain::standing::By::Operator,
            user,
            password: Some(marks::password(password)),
            session,
            idempotency: form.key.map(|key| Idempotency {
                key: marks::hash(key),
                request: marks::hash(key),
                now,
                expires_at: now.plus(LONG),
            }),
            event: event.clone(),
        };
        let call = self.store.sign_up(intent);
        let told = |user| Answer {
            user: Some(user),
            ..Answer::default()
        };
        let judge = |signed_up: &SignedUp| match signed_up {
            SignedUp::Created => Outcome::Done(told(id)),
            SignedUp::Repeated(user) => Outcome::Repeated(told(*user.as_uuid())),
            SignedUp::EmailTaken => Outcome::Refused("email taken".to_owned()),
            SignedUp::UsernameTaken => Outcome::Refused("username taken".to_owned()),
            SignedUp::KeyReused => Outcome::Broken("the key came with this request".to_owned()),
            SignedUp::CallerLost(_) => Outcome::Broken("nobody called".to_owned()),
            SignedUp::UnknownRole => Outcome::Broken("no role was asked for".to_owned()),
        };
        self.call(Some(&event), now, what, call, judge).await.0
    }
}
