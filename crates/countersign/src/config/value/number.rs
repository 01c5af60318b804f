//! Whole numbers and switches.

use std::path::Path;

use super::{Kind, Shape, Value, Wrong};

macro_rules! whole_number {
    ($($ty:ty),+) => {$(
        impl Value for $ty {
            const KIND: Kind = Kind {
                shape: Shape::Integer,
                ..Kind::text("whole number", "digits")
            };

            fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
                text.parse().map_err(|_| Wrong::Form("expected a whole number"))
            }

            fn measure(&self) -> Option<u128> {
                u128::try_from(*self).ok()
            }
        }
    )+};
}

whole_number!(u8, u32, usize);

impl Value for bool {
    const KIND: Kind = Kind {
        shape: Shape::Boolean,
        choices: &["true", "false"],
        ..Kind::text("switch", "`true` or `false`")
    };

    fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Wrong::Choice(Self::KIND.choices)),
        }
    }
}
