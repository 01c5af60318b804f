//! What a password must be, and how it is hashed.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use secrecy::SecretString;

use crate::config::group::group;
use crate::config::setting::{follows, given, unset};
use crate::config::value::SecretReference;

group! {
    /// What a password must be. There are no rules about kinds of characters: they make passwords
    /// harder to remember, not to guess.
    Passwords at "passwords" {
        /// The shortest password, in characters after NFC normalisation.
        pub min_length: u32 = given("8").between("8", "64")
            .because("ASVS 6.2.1 requires 8 and recommends 15; NIST SP 800-63B-4 requires 15 where \
                      the password is the only factor and 8 beside a second one. 8 lets imported \
                      users in, and the strength estimate and the list of common passwords refuse \
                      the weak ones among short passwords. Set 15 unless your users have a second \
                      factor")
            .example("15");
        /// The longest password, in characters. Longer ones are refused, never cut.
        pub max_length: u32 = given("256").between("64", "1024")
            .because("NIST SP 800-63B-4 and ASVS 6.2.9 require 64 or more to be allowed")
            .example("128");
        /// The least strength, as zxcvbn estimates it: 0 (guessed at once) to 4 (very strong).
        pub min_strength: u8 = given("2").between("0", "4")
            .because("2 takes about a million guesses, more than the throttle ever lets through")
            .example("3");
        /// A file of further passwords to refuse, one a line, besides the built-in list.
        pub blocklist_file: Option<PathBuf> = unset("the built-in list only")
            .example("/etc/countersign/refused-passwords.txt");
        /// The file with the pepper: at least 32 bytes, mixed into every hash and kept apart from
        /// the database. Lose it and no password can be checked.
        pub(in crate::config) pepper_file: Option<PathBuf> = unset("no pepper").hidden()
            .example("/run/secrets/countersign-pepper");
        /// The pepper itself, in place of the file.
        pub(in crate::config) pepper: Option<SecretString> = unset("the file, or no pepper")
            .secret();
        /// Where AWS keeps the pepper, in place of the file. It is fetched at the start.
        pub(in crate::config) pepper_from: Option<SecretReference> = unset("the file, or no pepper")
            .hidden().example("aws-ssm:/countersign/pepper");
        /// Files with peppers used before. A login that needs one renews the hash with the current.
        pub(in crate::config) previous_pepper_files: Vec<PathBuf> = given("").hidden()
            .because("there is none before the first rotation")
            .example("/run/secrets/countersign-pepper-2025");
        /// Peppers used before, in place of the files, with commas between them.
        pub(in crate::config) previous_peppers: Vec<SecretString> = unset("the files, or none")
            .secret();
    }
    with {
        /// The cost of one hash.
        argon2: Argon2;
        /// The pool on which passwords are hashed.
        hashing: Hashing;
    }
}

group! {
    /// The cost of one Argon2id hash. Hashes with other parameters are renewed at the next login.
    Argon2 at "passwords.argon2" {
        /// Memory for one hash.
        pub memory: ByteSize = given("19MiB").between("7MiB", "1GiB")
            .because("OWASP's first choice: 19 MiB with 2 iterations, as strong as more memory \
                      with fewer, and several run side by side on a small machine")
            .example("46MiB");
        /// Passes over the memory.
        pub iterations: u32 = given("2").between("1", "20")
            .because("with 19 MiB, the second of the choices that OWASP holds equal").example("1");
        /// Lanes of one hash.
        pub parallelism: u32 = given("1").between("1", "16")
            .because("the pool already keeps every core busy")
            .example("1");
    }
}

group! {
    /// The pool on which passwords are hashed, apart from everything else, so that a rush of logins
    /// slows no other request.
    Hashing at "passwords.hashing" {
        /// How many hashes run at once.
        pub threads: usize = follows(
            "the number of cores; on AWS Lambda, of those that the memory of the function buys",
        ).between("1", "1024").example("4");
        /// How many hashes may wait. Past it the answer is 503 with `Retry-After`, at once.
        pub queue: usize = given("1024").between("1", "100000")
            .because("a thousand people who log in at the same moment all get in").example("256");
        /// How long a hash may wait and run before the answer is 503.
        pub deadline: Duration = given("5s").between("100ms", "1m")
            .because("people give up about then")
            .example("2s");
    }
}
