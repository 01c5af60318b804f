//! Whether a password is built around a person's names and addresses, or other words that anybody
//! would try (ASVS V6.2.11).

use countersign_domain::password::Password;

/// Shorter words occur in too many good passwords.
const MIN_WORD_CHARS: usize = 3;
/// A password with no more than this beside the words is built around them: a year, a digit or two.
const MAX_CHARS_BESIDE: usize = 4;
/// More words, or longer ones, than anybody's names: bounds the work.
const MAX_WORDS: usize = 32;
const MAX_WORD_CHARS: usize = 320;

/// Whether letters and digits of `password`, without regard to case, are little more than words of
/// `texts`. Words are what stands between other characters, so an address counts as its name, its
/// domain and whole.
pub(super) fn is_built_from<'a>(password: &Password, texts: impl Iterator<Item = &'a str>) -> bool {
    let mut words = words(texts);
    // The longest first: "annabel" is to go before "anna".
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = letters_and_digits(password.expose());
    let whole = rest.len();
    for word in &words {
        // A mark in place of the word, so that nothing new is formed across the gap.
        rest = rest.replace(word.as_str(), "\0");
    }
    let beside = rest.chars().filter(|c| *c != '\0').count();
    rest.len() != whole && beside <= MAX_CHARS_BESIDE
}

fn words<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    texts
        .flat_map(|text| {
            let parts = text.split(|c: char| !c.is_alphanumeric());
            std::iter::once(text).chain(parts)
        })
        .map(|word| word.chars().take(MAX_WORD_CHARS).collect::<String>())
        .map(|word| letters_and_digits(&word))
        .filter(|word| word.chars().count() >= MIN_WORD_CHARS)
        .take(MAX_WORDS)
        .collect()
}

fn letters_and_digits(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_little_around_them_are_personal_and_long_phrases_are_not() {
        let about = ["ada.lovelace@example.com", "Ada Lovelace", "countess"];
        let cases = [
            ("Lovelace1815", true),
            ("ada-lovelace", true),
            ("LOVELACE!!!!!!!!!!", true),
            ("ada.lovelace@example.com", true),
            ("xlovelacex1", true),
            ("countess-ada", true),
            ("lovelace likes steam engines", false),
            ("nothing of the kind", false),
            ("adamant pebbles", false),
        ];
        for (password, personal) in cases {
            let password = Password::new(password).unwrap();
            assert_eq!(
                is_built_from(&password, about.into_iter()),
                personal,
                "{}",
                password.expose()
            );
        }
    }

    #[test]
    fn somebody_without_names_has_no_personal_passwords() {
        let password = Password::new("!!!!????").unwrap();
        assert!(!is_built_from(&password, ["", "a", "!!"].into_iter()));
    }
}
