//! APIs that want tokens of their own kind.

use std::path::PathBuf;

use crate::config::group::group;
use crate::config::setting::{follows, unset};
use crate::config::value::choice;

choice! {
    /// How tokens for one audience are signed.
    AudienceAlgorithm {
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        Rs256 = "RS256",
        /// RSASSA-PSS with SHA-256.
        Ps256 = "PS256",
        /// Ed25519.
        EdDsa = "EdDSA",
        /// HMAC with SHA-256, by a secret that the API shares.
        Hs256 = "HS256",
    }
}

group! {
    /// One `[[audiences]]` table for each API that needs its own audience or algorithm. They stand
    /// in the configuration file only: an environment variable or a flag could not say which of
    /// them it means.
    AudienceTable at "audiences" {
        /// The `aud` of its tokens.
        pub name: String = unset("refused, every table needs one").example("https://reports.example.com");
        /// How its tokens are signed: `ES256`, `RS256`, `PS256`, `EdDSA`, or `HS256` for an API
        /// that knows nothing else. Whoever checks HS256 tokens can also make them.
        pub algorithm: AudienceAlgorithm = follows("`keys.algorithm`").example("RS256");
        /// For HS256: the file with the secret, at least 32 bytes (RFC 7518 §3.2).
        pub hs256_secret_file: Option<PathBuf> = unset("no HS256").hidden()
            .example("/run/secrets/reports-hs256");
        /// For HS256, in place of the file: the name of the environment variable (or `.env` line)
        /// that holds the secret.
        pub hs256_secret_env: Option<String> = unset("no HS256").example("REPORTS_HS256_SECRET");
    }
}
