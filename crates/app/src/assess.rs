//! Judging a new password. The estimate of its strength can take some milliseconds for text that is
//! made for it, so it happens on a thread that may block.

use countersign_domain::password::{Password, WeakPassword};
use countersign_domain::user::User;

use crate::App;

impl App {
    /// Judges a new password for `user`.
    pub(crate) async fn assess(
        &self,
        password: &Password,
        user: &User,
    ) -> Result<(), WeakPassword> {
        let words: Vec<String> = user.own_words().into_iter().map(str::to_owned).collect();
        let (passwords, password) = (self.ports.passwords.clone(), password.clone());
        let judged = tokio::task::spawn_blocking(move || {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            passwords.assess(&password, &words)
        });
        // A judgement that broke off is no permission.
        judged.await.unwrap_or(Err(WeakPassword::Common))
    }
}
