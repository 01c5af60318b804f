//! Waits that are not all alike, so that many instances don't do the same at the same moment.

use std::time::Duration;

/// `span`, a tenth shorter or longer at random.
pub(super) fn about(span: Duration) -> Duration {
    let mut byte = [0; 1];
    // Without random bytes all waits are alike, which harms nobody.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    let [byte] = byte;
    span * (230 + u32::from(byte) / 5) / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_stays_near_what_was_asked() {
        for _ in 0..1000 {
            let wait = about(Duration::from_secs(100));
            assert!((89..=111).contains(&wait.as_secs()), "{wait:?}");
        }
    }
}
