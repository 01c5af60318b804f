//! What is verified: a token and its key for each algorithm, made by `tokens.mjs`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

pub const ISSUER: &str = "https://id.example.com";
pub const AUDIENCE: &str = "https://api.example.com";

#[derive(Deserialize)]
pub struct Signed {
    pub alg: String,
    pub jwk: Value,
    pub token: String,
}

impl Signed {
    /// What was signed, and the signature.
    pub fn message_and_signature(&self) -> (Vec<u8>, Vec<u8>) {
        let (message, signature) = self.token.rsplit_once('.').expect("a token has dots");
        (message.as_bytes().to_vec(), decode(signature))
    }

    /// A number of the key.
    pub fn number(&self, name: &str) -> Vec<u8> {
        decode(self.jwk[name].as_str().expect("the key has this number"))
    }
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
