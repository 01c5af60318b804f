//! Values that are one of a few words.

/// Declares an enum whose variants are written as the words beside them.
macro_rules! choice {
    (
        $(#[$about:meta])+
        $name:ident {
            $( $(#[$meaning:meta])+ $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[$about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$meaning])+ $variant, )+
        }

        /// The word by which it is written.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(match self {
                    $( Self::$variant => $word, )+
                })
            }
        }

        impl $crate::config::value::Value for $name {
            const KIND: $crate::config::value::Kind = $crate::config::value::Kind {
                choices: &[$($word),+],
                ..$crate::config::value::Kind::text("choice", "one of the words listed")
            };

            fn parse(
                text: &str,
                _: &std::path::Path,
            ) -> Result<Self, $crate::config::value::Wrong> {
                match text {
                    $( $word => Ok(Self::$variant), )+
                    _ => Err($crate::config::value::Wrong::Choice(&[$($word),+])),
                }
            }
        }
    };
}

pub(in crate::config) use choice;
