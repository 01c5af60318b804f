//! Somebody who signed up.

use serde_json::{Value, json};

use super::{Server, Wire};

pub const PASSWORD: &str = "correct-Horse-battery-9-staple";

#[derive(Clone, Debug)]
pub struct Account {
    pub email: String,
    pub access: String,
    pub refresh: String,
}

impl Account {
    pub fn sign_up(server: &Server, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let answer = server
            .post("/v1/register", &registration(&email))
            .expect(201);
        Self::from_answer(email, &answer.json())
    }

    pub fn from_answer(email: String, answer: &Value) -> Self {
        let (access, refresh) = tokens(answer);
        Self {
            email,
            access,
            refresh,
        }
    }

    /// Spends the refresh token on a given connection.
    pub fn refresh<S: std::io::Read + std::io::Write>(
        &mut self,
        wire: &mut Wire<S>,
    ) -> std::io::Result<u16> {
        let answer = wire.post("/v1/refresh", &json!({ "refresh_token": self.refresh }))?;
        if answer.status == 200 {
            (self.access, self.refresh) = tokens(&answer.json());
        }
        Ok(answer.status)
    }
}

pub fn registration(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

pub fn login(email: &str) -> Value {
    json!({ "identifier": email, "password": PASSWORD })
}

fn tokens(answer: &Value) -> (String, String) {
    let text = |name: &str| {
        let found = answer.get(name).or_else(|| answer.get("tokens")?.get(name));
        found
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {name}: {answer}"))
            .to_owned()
    };
    (text("access_token"), text("refresh_token"))
}
