//! Telling whoever runs the instance why a token is or is not good.

use countersign_token::Audience;

use crate::authenticate::Authenticated;
use crate::{App, AppError, Origin};

impl App {
    /// Checks an access token for any of the instance's audiences, or a personal access token, and
    /// says what is wrong with it. For the command line: over the network this is said to nobody
    /// but the bearer.
    pub async fn check_token(&self, token: &str) -> Result<Authenticated, AppError> {
        let audiences: Vec<Audience> = self
            .settings
            .audiences()
            .map(|audience| audience.name.clone())
            .collect();
        self.authenticate_for(token, &Origin::default(), &audiences)
            .await
    }
}
