use super::*;

fn assess(settings: &PasswordSettings, text: &str) -> Result<(), WeakPassword> {
    let about = ["ada@example.com", "Ada Lovelace"];
    Policy::new(settings).assess(&Password::new(text).unwrap(), &about)
}

fn code(settings: &PasswordSettings, text: &str) -> &'static str {
    assess(settings, text)
        .err()
        .map_or("fine", |weak| weak.code())
}

#[test]
fn each_weakness_has_its_answer() {
    let base = PasswordSettings::default;
    let strict = || PasswordSettings {
        min_chars: 15,
        max_chars: 64,
        min_score: 4,
        ..base()
    };
    let named = || PasswordSettings {
        blocklist: Some("Mallory-Was-Here".to_owned()),
        context_words: vec!["Countersign".to_owned()],
        ..base()
    };
    let long = "many words that nobody says ".repeat(10);
    let cases = [
        (base(), "seven77", "password_too_short"),
        (base(), "ééééééé", "password_too_short"),
        (base(), "馬🔑山川風月花鳥", "fine"),
        (base(), "password", "password_common"),
        (base(), "PassWord123", "password_common"),
        (base(), "lovelace1815", "password_personal"),
        (base(), "zxcvbnm,./", "password_guessable"),
        (base(), "aaaaaaaaaaaaaaaaaaaa", "password_common"),
        (base(), "abababababababababab", "password_guessable"),
        (base(), "correct horse battery staple 馬", "fine"),
        (base(), "kx8 wq2 vbn", "fine"),
        (base(), long.get(..256).unwrap(), "fine"),
        (base(), long.get(..257).unwrap(), "password_too_long"),
        (strict(), "kx8 wq2 vbn 7m", "password_too_short"),
        (strict(), long.get(..64).unwrap(), "fine"),
        (strict(), long.get(..65).unwrap(), "password_too_long"),
        (base(), "Mallory-Was-Here", "fine"),
        (named(), "mallory-was-here", "password_common"),
        (named(), "countersign!2026", "password_common"),
    ];
    for (settings, text, want) in cases {
        assert_eq!(code(&settings, text), want, "{text}");
    }
}

#[test]
fn a_guessable_password_is_told_why_in_sentences() {
    let Err(WeakPassword::Guessable {
        score,
        min_score,
        warning,
        suggestions,
    }) = assess(&PasswordSettings::default(), "zxcvbnm,./")
    else {
        panic!("it passed");
    };
    assert!(score < min_score);
    let warning = warning.unwrap();
    assert!(
        warning.contains("keys") || warning.contains("pattern"),
        "{warning}"
    );
    assert!(
        suggestions.iter().all(|s| s.ends_with('.')),
        "{suggestions:?}"
    );
    assert!(!suggestions.is_empty());
}

#[test]
fn strength_grows_and_knows_the_person() {
    let policy = Policy::new(&PasswordSettings::default());
    let of = |text: &str| policy.strength(&Password::new(text).unwrap(), &["lovelace"]);
    let (worst, name, best) = (of("password"), of("lovelace7"), of("kx8 wq2 vbn 7m4"));
    assert!(worst.score <= name.score && name.score < best.score);
    assert_eq!(best.score, 4);
    assert!(best.guesses_log10 > 10.0);
    assert_eq!(best.warning, None);
}
