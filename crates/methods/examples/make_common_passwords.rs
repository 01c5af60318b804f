//! Makes `src/password/policy/common_passwords.fst` from a list of passwords, the most used first.
//!
//! ```sh
//! cargo run -p countersign-methods --example make_common_passwords -- LIST OUT
//! ```
//!
//! Takes the first so many of each least length, so that a policy with a longer minimum still has
//! the top 3,000 that match it (ASVS V6.2.4).

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;

/// Least characters, and how many of such passwords.
const TAKE: [(usize, usize); 4] = [(8, 50_000), (12, 12_000), (15, 6_000), (17, usize::MAX)];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(list), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: make_common_passwords LIST OUT".into());
    };
    let bytes = fs::read(list)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut taken = BTreeSet::new();
    for (least, most) in TAKE {
        let mut these = BTreeSet::new();
        for line in text.lines().map(str::to_lowercase) {
            if line.chars().count() >= least && these.len() < most {
                these.insert(line);
            }
        }
        taken.extend(these);
    }
    let set = fst::Set::from_iter(&taken)?;
    fs::write(out, set.as_fst().as_bytes())?;
    println!("{} passwords in {} bytes", taken.len(), set.as_fst().size());
    Ok(())
}
