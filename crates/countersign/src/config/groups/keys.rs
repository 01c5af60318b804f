//! The keys that sign tokens, and the one that encrypts them at rest.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::config::group::group;
use crate::config::setting::{follows, given, unset};
use crate::config::value::{OrOff, SecretReference, choice};

choice! {
    /// An algorithm that signs with a private key, so that whoever verifies can't sign.
    SigningAlgorithm {
        /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
        Es256 = "ES256",
        /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
        Rs256 = "RS256",
        /// RSASSA-PSS with SHA-256 (RFC 7518 §3.5).
        Ps256 = "PS256",
        /// Ed25519 (RFC 8037 §3.1).
        EdDsa = "EdDSA",
    }
}

group! {
    /// The keys that sign tokens, and the master key that encrypts them in the store.
    Keys at "keys" {
        /// The file with the master key: 32 bytes as base64 (`openssl rand -base64 32`). The
        /// default file is made at the first start, readable by its owner only. Every instance of
        /// one database needs the same: with a database on a network, production makes none by
        /// itself.
        pub(in crate::config) master_key_file: PathBuf = follows("`master.key` in `data_dir`")
            .hidden().example("/run/secrets/countersign-master-key");
        /// The master key itself, in place of the file: 32 bytes as base64, or as 64 hexadecimal
        /// digits.
        pub(in crate::config) master_key: Option<SecretString> = unset("the file is used")
            .secret();
        /// Where AWS keeps the master key, in place of the file: 32 bytes as base64 or as 64
        /// hexadecimal digits. It is fetched when it is first needed.
        pub(in crate::config) master_key_from: Option<SecretReference> = unset("the file is used")
            .hidden()
            .example("aws-secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:countersign-AbCdEf");
        /// The algorithm of audiences that name none.
        pub algorithm: SigningAlgorithm = given("ES256")
            .because("every JWT library knows it; signatures are small and signing is fast")
            .example("EdDSA");
        /// How long a key signs before the next one takes over, or `"off"` to rotate only by
        /// command.
        pub rotate_every: OrOff<Duration> = given("90d").between("1d", "730d")
            .because("rotation that happens four times a year is rotation that works")
            .example("30d");
        /// How long a new key is published before it signs.
        pub publish_ahead: Duration = given("1d").between("5m", "30d")
            .because("every verifier's cached key set has expired by then")
            .example("2d");
    }
}
