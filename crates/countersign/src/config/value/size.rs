//! Amounts of bytes, with their unit.

use std::path::Path;

use bytesize::ByteSize;

use super::{Kind, Value, Wrong};

impl Value for ByteSize {
    const KIND: Kind = Kind::text(
        "size",
        "a number with a unit: `512B`, `64KiB`, `19MiB`, `1GiB`",
    );

    fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
        if text.ends_with(|last: char| last.is_ascii_digit()) {
            return Err(Wrong::Form("a size needs a unit (B, KiB, MiB, GiB)"));
        }
        text.parse().map_err(|_| Wrong::Form("expected a size"))
    }

    fn measure(&self) -> Option<u128> {
        Some(u128::from(self.as_u64()))
    }
}
