//! The passwords that everybody tries first (ASVS V6.2.4, V6.2.12).
//!
//! The embedded list holds the most used passwords of each length that a policy can ask for; see
//! `NOTICE` beside it. It is a finite-state automaton that is searched where it lies, so it takes no
//! time to load and no memory but the pages that are looked at.

use fst::Set;

/// Made by `examples/make_common_passwords.rs`.
static EMBEDDED: &[u8] = include_bytes!("common_passwords.fst");

pub(super) struct CommonPasswords {
    embedded: Option<Set<&'static [u8]>>,
    added: Option<Set<Vec<u8>>>,
}

impl CommonPasswords {
    /// The embedded list and, if given, more passwords, one a line.
    pub(super) fn with(added: Option<&str>) -> Self {
        Self {
            // INVARIANT: a test reads the embedded list whole.
            embedded: Set::new(EMBEDDED).ok(),
            added: added.and_then(set_of_lines),
        }
    }

    /// Whether it is listed, without regard to case.
    pub(super) fn contains(&self, password: &str) -> bool {
        let folded = password.to_lowercase();
        self.embedded
            .as_ref()
            .is_some_and(|set| set.contains(&folded))
            || self.added.as_ref().is_some_and(|set| set.contains(&folded))
    }
}

fn set_of_lines(text: &str) -> Option<Set<Vec<u8>>> {
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| line.trim_end_matches('\r').to_lowercase())
        .filter(|line| !line.is_empty())
        .collect();
    lines.sort_unstable();
    lines.dedup();
    // INVARIANT: sorted and without repeats, which is all that a set asks for.
    Set::from_iter(lines).ok()
}

#[cfg(test)]
mod tests {
    use fst::Streamer;

    use super::*;

    #[test]
    fn the_embedded_list_has_the_top_3000_for_each_minimum_length_up_to_17() {
        let set = Set::new(EMBEDDED).unwrap();
        set.as_fst().verify().unwrap();
        let mut lengths = Vec::new();
        let mut stream = set.stream();
        while let Some(password) = stream.next() {
            lengths.push(std::str::from_utf8(password).unwrap().chars().count());
        }
        assert!(lengths.iter().all(|length| *length >= 8));
        for (least, want) in [(8, 50_000), (12, 10_000), (15, 5_000), (17, 3_000)] {
            let found = lengths.iter().filter(|length| **length >= least).count();
            assert!(found >= want, "{found} of {least} or more characters");
        }
    }

    #[test]
    fn common_passwords_are_found_in_any_case() {
        let common = CommonPasswords::with(None);
        for password in [
            "password",
            "PassWord",
            "12345678",
            "qwertyuiop",
            "iloveyou1",
        ] {
            assert!(common.contains(password), "{password}");
        }
        assert!(!common.contains("correct horse battery staple 47"));
    }

    #[test]
    fn a_list_can_be_added_with_any_line_endings_and_in_any_order() {
        let common = CommonPasswords::with(Some("zebra-crossing\r\n\nAcme-Rocket\nzebra-crossing"));
        assert!(common.contains("acme-rocket"));
        assert!(common.contains("Zebra-Crossing"));
        assert!(!common.contains(""));
    }
}
