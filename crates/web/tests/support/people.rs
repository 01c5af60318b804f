//! People with accounts.

use std::time::Duration;

use countersign_app::Origin;
use countersign_app::admin::{Admin, AuthorityChange, AuthorityOutcome};
use countersign_domain::role::RoleName;
use serde_json::{Value, json};

use super::Server;

/// A password that the policy takes.
pub const PASSWORD: &str = "correct horse battery staple";

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub access_token: String,
    pub refresh_token: String,
    pub session_id: String,
}

impl Person {
    fn of(body: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            id: text(&body["user"]["id"]),
            access_token: text(&body["access_token"]),
            refresh_token: text(&body["refresh_token"]),
            session_id: text(&body["session_id"]),
        }
    }
}

impl Server {
    /// Signs somebody up.
    pub async fn sign_up(&self, name: &str) -> Person {
        let email = format!("{name}@example.com");
        let body = json!({ "username": name, "email": email, "password": PASSWORD });
        self.tick();
        Person::of(
            &self
                .post("/v1/register")
                .json(&body)
                .send()
                .await
                .expect(201)
                .json(),
        )
    }

    /// Logs somebody in.
    pub async fn log_in(&self, name: &str) -> Person {
        self.log_in_with(json!({ "identifier": name, "password": PASSWORD }))
            .await
    }

    /// Logs somebody in with a body of one's own.
    pub async fn log_in_with(&self, body: Value) -> Person {
        self.tick();
        Person::of(
            &self
                .post("/v1/login")
                .json(&body)
                .send()
                .await
                .expect(200)
                .json(),
        )
    }

    /// Ids sort by the millisecond: what comes later is to sort later.
    fn tick(&self) {
        self.clock.advance(Duration::from_millis(1));
    }

    /// Signs somebody up, makes them admin as one does on the command line, and logs them in anew.
    pub async fn sign_up_admin(&self, name: &str) -> Person {
        let person = self.sign_up(name).await;
        let change = AuthorityChange {
            grant_roles: [RoleName::admin()].into(),
            ..Default::default()
        };
        let id = person.id.parse().unwrap();
        let origin = Origin::default();
        let done = self
            .app
            .change_authority(Admin::CommandLine, id, change, &origin)
            .await;
        assert!(matches!(done.unwrap(), AuthorityOutcome::Changed(_)));
        self.log_in(name).await
    }
}
