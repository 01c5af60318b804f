//! The method as the use cases see it, and the hashing behind it.

use std::sync::atomic::{AtomicU8, Ordering};

use proptest::prelude::*;

use super::memory::Memory;
use super::vectors::{BCRYPT_OF_72_X, FOREIGN, PASSWORD};
use super::*;

/// Every byte another than the last: salts differ, and tests repeat.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn cheap() -> PasswordSettings {
    PasswordSettings {
        threads: NonZeroUsize::new(2),
        ..PasswordSettings::default().dangerous_cheap_hashing("tests make many hashes")
    }
}

fn method(settings: PasswordSettings) -> PasswordMethod {
    PasswordMethod::new(settings, Arc::new(Counting::default())).unwrap()
}

fn pepper(id: &str) -> Pepper {
    Pepper::new(id, id.bytes().cycle().take(32).collect()).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

fn stored(text: &str) -> PasswordHash {
    PasswordHash::from_stored(text)
}

async fn rehash_of(method: &PasswordMethod, text: &str, hash: &str) -> Option<PasswordHash> {
    match method
        .verify(password(text), Some(stored(hash)))
        .await
        .unwrap()
    {
        Verdict::Match { rehash } => rehash,
        Verdict::Mismatch => panic!("{hash} does not match"),
    }
}

#[tokio::test]
async fn a_new_hash_verifies_and_is_kept() {
    let method = method(cheap());
    let hash = method.hash(password(PASSWORD)).await.unwrap();
    assert!(
        hash.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
        "{}",
        hash.expose()
    );
    assert_eq!(rehash_of(&method, PASSWORD, hash.expose()).await, None);
    let wrong = method
        .verify(password("correct horse"), Some(hash))
        .await
        .unwrap();
    assert_eq!(wrong, Verdict::Mismatch);
}

#[tokio::test]
async fn the_default_parameters_are_those_of_owasp() {
    let method = method(PasswordSettings::default());
    let hash = method.hash(password(PASSWORD)).await.unwrap();
    assert!(
        hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{}",
        hash.expose()
    );
}

#[tokio::test]
async fn two_hashes_of_one_password_differ() {
    let method = method(cheap());
    let first = method.hash(password(PASSWORD)).await.unwrap();
    assert_ne!(first, method.hash(password(PASSWORD)).await.unwrap());
}

#[tokio::test]
async fn every_foreign_hash_is_accepted_verifies_and_is_replaced() {
    let method = method(cheap());
    for (kind, text, hash) in FOREIGN {
        let accepted = method.accept_foreign(&format!(" {hash}\n"));
        assert_eq!(accepted.unwrap().expose(), *hash, "{kind}");
        let wrong = method
            .verify(password(&format!("{text}x")), Some(stored(hash)))
            .await
            .unwrap();
        assert_eq!(wrong, Verdict::Mismatch, "{kind}");
        let new = rehash_of(&method, text, hash).await.unwrap();
        assert!(
            new.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
            "{kind}"
        );
        assert_eq!(rehash_of(&method, text, new.expose()).await, None, "{kind}");
    }
}

#[tokio::test]
async fn bcrypt_reads_72_bytes_until_the_first_login_and_then_all_of_them_count() {
    let method = method(cheap());
    let long = format!("{} and more", "x".repeat(72));
    let new = rehash_of(&method, &long, BCRYPT_OF_72_X).await;
    let other = password(&format!("{} and other", "x".repeat(72)));
    assert_eq!(method.verify(other, new).await.unwrap(), Verdict::Mismatch);
}

#[tokio::test]
async fn hashes_with_earlier_parameters_of_ours_are_replaced() {
    let earlier = method(PasswordSettings {
        memory_kib: 128,
        ..cheap()
    });
    let hash = earlier.hash(password(PASSWORD)).await.unwrap();
    let now = method(cheap());
    let new = rehash_of(&now, PASSWORD, hash.expose()).await.unwrap();
    assert!(new.expose().contains("m=64,"));
}

#[tokio::test]
async fn peppers_rotate() {
    #[derive(Debug, PartialEq)]
    enum Want {
        Kept,
        Replaced,
        Mismatch,
    }
    let settings = |present: Option<&str>, previous: &[&str]| PasswordSettings {
        pepper: present.map(pepper),
        previous_peppers: previous.iter().map(|id| pepper(id)).collect(),
        ..cheap()
    };
    let cases = [
        ("no pepper at all", None, settings(None, &[]), Want::Kept),
        (
            "the present one",
            Some("a"),
            settings(Some("a"), &[]),
            Want::Kept,
        ),
        (
            "before there was one",
            None,
            settings(Some("a"), &[]),
            Want::Replaced,
        ),
        (
            "the previous one",
            Some("a"),
            settings(Some("b"), &["a"]),
            Want::Replaced,
        ),
        (
            "an older one",
            Some("a"),
            settings(Some("c"), &["b", "a"]),
            Want::Replaced,
        ),
        (
            "given up",
            Some("a"),
            settings(None, &["a"]),
            Want::Replaced,
        ),
        ("lost", Some("a"), settings(Some("b"), &[]), Want::Mismatch),
        (
            "lost, and none now",
            Some("a"),
            settings(None, &[]),
            Want::Mismatch,
        ),
    ];
    for (case, made_under, now, want) in cases {
        let made = method(settings(made_under, &[]))
            .hash(password(PASSWORD))
            .await
            .unwrap();
        let keyid = made_under.map_or("p=1$".to_owned(), |_| "p=1,keyid=YQ$".to_owned());
        assert!(made.expose().contains(&keyid), "{case}");
        let now = method(now);
        let got = match now
            .verify(password(PASSWORD), Some(made.clone()))
            .await
            .unwrap()
        {
            Verdict::Match { rehash: None } => Want::Kept,
            Verdict::Match { rehash: Some(new) } => {
                assert_eq!(
                    rehash_of(&now, PASSWORD, new.expose()).await,
                    None,
                    "{case}"
                );
                Want::Replaced
            }
            Verdict::Mismatch => Want::Mismatch,
        };
        assert_eq!(
            now.accept_foreign(made.expose()).is_err(),
            got == Want::Mismatch,
            "{case}"
        );
        assert_eq!(got, want, "{case}");
    }
}

#[tokio::test]
async fn another_secret_under_the_same_id_matches_nothing() {
    let with = |byte| PasswordSettings {
        pepper: Some(Pepper::new("a", vec![byte; 32]).unwrap()),
        ..cheap()
    };
    let hash = method(with(1)).hash(password(PASSWORD)).await.unwrap();
    let verdict = method(with(2))
        .verify(password(PASSWORD), Some(hash))
        .await
        .unwrap();
    assert_eq!(verdict, Verdict::Mismatch);
}

#[test]
fn whatever_asks_for_too_much_work_or_is_malformed_is_refused_with_the_reason() {
    const SALT: &str = "Bqr1t4lshXqeOb1xquIUOA";
    const HASH: &str = "gbkyfZXOJBNdS6mq5sggXAMNUcWakPuaDNTPm8nsi40";
    let method = method(cheap());
    let bcrypt = "Qxs5xoH8suNSG0CTpq/voeZBqw43YgcWIjW58h/IFABgIYNtMc1de";
    let cases = [
        (
            format!("$argon2id$v=19$m=262144,t=1,p=1${SALT}${HASH}"),
            "memory or passes",
        ),
        (
            format!("$argon2id$v=19$m=65536,t=17,p=1${SALT}${HASH}"),
            "memory or passes",
        ),
        (
            format!("$argon2id$v=19$m=4294967295,t=4294967295,p=1${SALT}${HASH}"),
            "memory",
        ),
        (
            format!("$argon2id$v=19$m=64,t=1,p=9${SALT}${HASH}"),
            "lanes",
        ),
        (
            format!("$argon2id$v=19$m=64,t=0,p=1${SALT}${HASH}"),
            "t is missing",
        ),
        (
            format!("$argon2id$v=19$m=64,t=1,p=1,data=YQ${SALT}${HASH}"),
            "keyid",
        ),
        (format!("$argon2id$v=19$m=64,t=1,p=1$YQ${HASH}"), "salt"),
        (format!("$argon2id$v=19$m=64,t=1,p=1${SALT}$YWJjZA"), "hash"),
        (format!("$2b$15${bcrypt}"), "cost is over the limit"),
        (format!("$2b$03${bcrypt}"), "cost is missing or malformed"),
        (format!("$2b$4${bcrypt}"), "cost is missing or malformed"),
        (format!("$2b$04${bcrypt}x"), "salt or hash"),
        (format!("$2x$04${bcrypt}"), "$2x$"),
        (format!("$2b$04$馬{bcrypt}"), "salt or hash"),
        (
            format!("$scrypt$ln=18,r=8,p=1${SALT}${HASH}"),
            "memory or lanes",
        ),
        (
            format!("$scrypt$ln=10,r=4294967295,p=1${SALT}${HASH}"),
            "memory or lanes",
        ),
        (
            format!("$scrypt$ln=10,r=8,p=4294967295${SALT}${HASH}"),
            "memory or lanes",
        ),
        (
            format!("$scrypt$ln=64,r=8,p=1${SALT}${HASH}"),
            "memory or lanes",
        ),
        (format!("$scrypt$ln=0,r=8,p=1${SALT}${HASH}"), "N, r or p"),
        (
            format!("$pbkdf2-sha256$i=2000001${SALT}${HASH}"),
            "iterations",
        ),
        (format!("$pbkdf2-sha256$0${SALT}${HASH}"), "iterations"),
        (
            format!("$pbkdf2-sha256$i=1000,l=31${SALT}${HASH}"),
            "l is missing or malformed",
        ),
        (format!("pbkdf2_sha256$1000$${HASH}"), "salt"),
        (
            "$firebase-scrypt$mem_cost=14,rounds=8$YQ$Bw$YQ$YQ".to_owned(),
            "signer key",
        ),
        (
            "$sha256-username-password-salt$YWRh$YQ$YQ".to_owned(),
            "hash",
        ),
        ("$1$salt$0123456789abcdef".to_owned(), "kind is unknown"),
        (
            "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
            "kind is unknown",
        ),
        (String::new(), "kind is unknown"),
        ("$".repeat(3000), "too long"),
    ];
    for (text, reason) in cases {
        let refused = method.accept_foreign(&text).unwrap_err();
        assert!(
            refused.reason.contains(reason),
            "{text}: {}",
            refused.reason
        );
        assert!(!refused.reason.contains(HASH));
    }
}

#[test]
fn more_memory_for_foreign_hashes_can_be_allowed() {
    let hash = "$argon2id$v=19$m=262144,t=3,p=1$Bqr1t4lshXqeOb1xquIUOA$gbkyfZXOJBNdS6mq5sggXAMNUcWakPuaDNTPm8nsi40";
    assert!(method(cheap()).accept_foreign(hash).is_err());
    let more = PasswordSettings {
        foreign_memory_mib: 256,
        ..cheap()
    };
    assert!(method(more).accept_foreign(hash).is_ok());
}

fn hashing(settings: &PasswordSettings) -> Hashing {
    let peppers = Peppers::new(settings.pepper.clone(), Vec::new()).unwrap();
    Hashing::new(settings.cost(), 128, peppers, Arc::new(Counting::default()))
}

/// How much Argon2 work a verification does, in bytes gone over.
fn work_of(hashing: &Hashing, text: &str, stored: Option<&str>) -> u64 {
    let mut memory = Memory::default();
    let stored = stored.map(PasswordHash::from_stored);
    let _ = hashing.verify(text.as_bytes(), stored.as_ref(), &mut memory);
    memory.work()
}

#[test]
fn an_unknown_user_costs_what_a_wrong_password_costs_and_what_the_right_one_costs() {
    for settings in [
        cheap(),
        PasswordSettings {
            pepper: Some(pepper("a")),
            ..cheap()
        },
    ] {
        let hashing = hashing(&settings);
        let known = hashing
            .hash(PASSWORD.as_bytes(), &mut Memory::default())
            .unwrap();
        let right = work_of(&hashing, PASSWORD, Some(known.expose()));
        assert_eq!(right, 64 * 1024);
        assert_eq!(work_of(&hashing, "wrong", Some(known.expose())), right);
        assert_eq!(work_of(&hashing, PASSWORD, None), right);
    }
}

#[test]
fn a_wrong_password_for_a_foreign_or_broken_hash_costs_at_least_what_an_unknown_user_costs() {
    let hashing = hashing(&cheap());
    let unknown = work_of(&hashing, PASSWORD, None);
    for (kind, text, hash) in FOREIGN {
        let wrong = work_of(&hashing, "wrong", Some(hash));
        assert!(wrong >= unknown, "{kind}");
        // One who is right is let in, and may take longer for it: the hash is replaced.
        assert!(wrong <= work_of(&hashing, text, Some(hash)), "{kind}");
    }
    let lost_pepper = "$argon2id$v=19$m=64,t=1,p=1,keyid=eg$Bqr1t4lshXqeOb1xquIUOA$gbkyfZXOJBNdS6mq5sggXAMNUcWakPuaDNTPm8nsi40";
    for broken in ["", "garbage", "$2b$04$short", lost_pepper] {
        assert_eq!(
            work_of(&hashing, "wrong", Some(broken)),
            unknown,
            "{broken}"
        );
    }
}

#[test]
fn nobody_logs_in_as_nobody() {
    let hashing = hashing(&cheap());
    let mut memory = Memory::default();
    assert_eq!(hashing.verify(b"", None, &mut memory), Verdict::Mismatch);
}

/// A hash with one thing wrong: cut, doubled, or a character changed.
fn damaged() -> impl Strategy<Value = String> {
    (
        0..FOREIGN.len(),
        any::<prop::sample::Index>(),
        any::<char>(),
        0..4_u8,
    )
        .prop_map(|(which, at, with, how)| {
            let mut letters: Vec<char> = FOREIGN[which].2.chars().collect();
            let at = at.index(letters.len());
            match how {
                0 => letters.truncate(at),
                1 => letters.insert(at, with),
                2 => letters[at] = with,
                _ => drop(letters.remove(at)),
            }
            letters.into_iter().collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_whatever_makes_parsing_panic(text in ".*", kind in 0..FOREIGN.len()) {
        let hashing = hashing(&cheap());
        let _ = hashing.accept(&text);
        let prefix: String = FOREIGN[kind].2.split_inclusive('$').take(2).collect();
        let _ = hashing.accept(&format!("{prefix}{text}"));
    }

    #[test]
    fn no_damaged_hash_makes_parsing_panic(text in damaged()) {
        let _ = hashing(&cheap()).accept(&text);
    }
}

proptest! {
    // Fewer: each may cost a real verification.
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_damaged_hash_matches_no_wrong_password_and_never_panics(text in damaged()) {
        let stored = PasswordHash::from_stored(text);
        let mut memory = Memory::default();
        let verdict = hashing(&cheap()).verify(b"wrong", Some(&stored), &mut memory);
        prop_assert_eq!(verdict, Verdict::Mismatch);
    }
}
