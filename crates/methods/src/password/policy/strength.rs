//! An estimate of how many guesses a password takes, by zxcvbn.

use countersign_domain::password::Password;
use zeroize::Zeroizing;

/// Characters that the estimate looks at. Its time grows with the square of the length; what
/// follows can only add guesses.
const MAX_CHARS: usize = 40;
/// Symbols that zxcvbn reads as letters ("p@ssword"). It tries every way to read those that occur,
/// so that a text of all of them keeps it busy for half a second; more than so many are not read.
const LEET_SYMBOLS: &str = "@({[<!|$+%";
const MAX_LEET_SYMBOLS: usize = 4;
/// Names and words it is told of, and the characters of each.
const MAX_WORDS: usize = 32;
const MAX_WORD_CHARS: usize = 64;

/// How hard a password is to guess, for an interface that explains it.
#[derive(Debug, Clone, PartialEq)]
pub struct Strength {
    /// 0 (at once) to 4 (out of reach).
    pub score: u8,
    /// The decimal logarithm of the guesses it takes; 0 at least.
    pub guesses_log10: f64,
    /// What makes it weak, in a sentence, when that can be told.
    pub warning: Option<String>,
    /// What would make it stronger, in sentences.
    pub suggestions: Vec<String>,
}

/// Estimates, knowing that `words` are among the first guesses.
pub(super) fn estimate<'a>(password: &Password, words: impl Iterator<Item = &'a str>) -> Strength {
    let cut = |text: &str, chars| text.chars().take(chars).collect::<String>();
    let words: Vec<String> = words
        .flat_map(|text| {
            let parts = text
                .split(|c: char| !c.is_alphanumeric())
                .filter(move |part| *part != text);
            std::iter::once(text).chain(parts)
        })
        .filter(|word| word.len() > 2)
        .take(MAX_WORDS)
        .map(|word| cut(word, MAX_WORD_CHARS))
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let looked_at = looked_at(password.expose());
    let estimate = zxcvbn::zxcvbn(&looked_at, &words);
    let feedback = estimate.feedback();
    Strength {
        score: u8::from(estimate.score()),
        guesses_log10: estimate.guesses_log10().max(0.0),
        warning: feedback
            .and_then(zxcvbn::feedback::Feedback::warning)
            .map(|warning| warning.to_string()),
        suggestions: feedback
            .map(|f| f.suggestions().iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
    }
}

/// The part of a password that is estimated, in bounded time.
fn looked_at(password: &str) -> Zeroizing<String> {
    let mut seen = Vec::new();
    let plain = |c: char| {
        if LEET_SYMBOLS.contains(c) && !seen.contains(&c) {
            if seen.len() == MAX_LEET_SYMBOLS {
                return '~';
            }
            seen.push(c);
        }
        c
    };
    Zeroizing::new(password.chars().take(MAX_CHARS).map(plain).collect())
}

#[cfg(test)]
mod tests {
    use super::looked_at;

    #[test]
    fn only_a_bounded_part_is_looked_at() {
        assert_eq!(looked_at(&"馬".repeat(100)).chars().count(), 40);
        assert_eq!(
            looked_at("p@$$w0rd! 123456789").as_str(),
            "p@$$w0rd! 123456789"
        );
        assert_eq!(looked_at("@({[<!|$+%@").as_str(), "@({[~~~~~~@");
    }
}
