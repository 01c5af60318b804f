//! Finds the name that somebody probably meant.

/// The candidate nearest to `name`, or nothing when none is near enough to be a help.
pub(in crate::config) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (likeness(&name, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// 1.0 for the same name. A name that only lacks its group, such as `master_key` for
/// `keys.master_key`, counts as near.
fn likeness(name: &str, candidate: &str) -> f64 {
    let bare = name.strip_prefix("countersign_").unwrap_or(name);
    let lacks_group = candidate
        .strip_suffix(bare)
        .is_some_and(|group| group.ends_with(['.', '_']) && !bare.is_empty());
    let distance = strsim::normalized_damerau_levenshtein(name, candidate);
    if lacks_group {
        distance.max(0.9)
    } else {
        distance
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_finds_its_name() {
        assert_eq!(
            nearest("http.lisen", ["http.listen", "ops.listen"]),
            Some("http.listen")
        );
    }

    #[test]
    fn a_name_without_its_group_finds_it() {
        let names = ["COUNTERSIGN_MODE", "COUNTERSIGN_KEYS_MASTER_KEY"];
        assert_eq!(
            nearest("COUNTERSIGN_MASTER_KEY", names),
            Some("COUNTERSIGN_KEYS_MASTER_KEY")
        );
    }

    #[test]
    fn a_name_like_no_other_finds_nothing() {
        assert_eq!(nearest("colour", ["http.listen", "mode"]), None);
    }
}
