//! The wildcards of IAM: `*` for any letters, `?` for one.

/// Whether the whole text fits the pattern.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last star was, and what it has eaten up to.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(letter) if *letter == '?' || Some(letter) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, eaten)) => {
                    star = Some((at, eaten + 1));
                    p = at + 1;
                    t = eaten + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|letter| *letter == '*')
}

/// Whether an ARN fits a pattern: part by part, since no wildcard reaches over a colon but in the
/// last part.
pub(super) fn fits_arn(pattern: &str, arn: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (mut patterns, mut parts) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if fits(pattern, part) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_fit_as_in_iam() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*/GET/*", "prod/GET/me", true),
            ("*a*b*", "xxaxxbxx", true),
            ("", "x", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_wildcard_does_not_reach_over_a_colon() {
        let arn = "arn:aws:execute-api:us-east-1:123456789012:api/prod/GET/me";
        for (pattern, expected) in [
            (arn, true),
            ("arn:aws:execute-api:*:*:*", true),
            ("arn:aws:execute-api:us-east-1:*:*/prod/GET/*", true),
            ("arn:aws:execute-api:us-east-1:*:*/prod/POST/*", false),
            ("arn:aws:execute-api:*", false),
            ("arn:aws:execute-api:eu-west-1:*:*", false),
        ] {
            assert_eq!(fits_arn(pattern, arn), expected, "{pattern}");
        }
    }
}
