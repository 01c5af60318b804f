//! Values of values: lists, settings that may be absent, settings that may be off.

use std::path::Path;

use super::{Kind, Raw, Shape, Value, Wrong};

impl<T: Value> Value for Vec<T> {
    const KIND: Kind = Kind {
        shape: Shape::List,
        ..T::KIND
    };

    fn parse(text: &str, base: &Path) -> Result<Self, Wrong> {
        Self::read(&Raw::untyped(text), base)
    }

    fn read(raw: &Raw, base: &Path) -> Result<Self, Wrong> {
        raw.parts()?
            .iter()
            .map(|part| T::read(part, base))
            .collect()
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl<T: Value> Value for Option<T> {
    const KIND: Kind = T::KIND;

    fn parse(text: &str, base: &Path) -> Result<Self, Wrong> {
        T::parse(text, base).map(Some)
    }

    fn read(raw: &Raw, base: &Path) -> Result<Self, Wrong> {
        T::read(raw, base).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn measure(&self) -> Option<u128> {
        self.as_ref().and_then(T::measure)
    }
}

/// A value, or `"off"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrOff<T> {
    /// Switched off.
    Off,
    /// In use, with this value.
    On(T),
}

impl<T> OrOff<T> {
    /// The value, unless it is off.
    pub fn as_option(&self) -> Option<&T> {
        match self {
            Self::Off => None,
            Self::On(value) => Some(value),
        }
    }
}

impl<T: Value> Value for OrOff<T> {
    const KIND: Kind = Kind {
        or_off: true,
        ..T::KIND
    };

    fn parse(text: &str, base: &Path) -> Result<Self, Wrong> {
        if text == "off" {
            Ok(Self::Off)
        } else {
            T::parse(text, base).map(Self::On)
        }
    }

    fn measure(&self) -> Option<u128> {
        self.as_option().and_then(T::measure)
    }
}
