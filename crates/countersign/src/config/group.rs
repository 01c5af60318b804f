//! The macro in which groups of settings are declared: one declaration gives the typed struct, the
//! rows of the table and the code that reads one from the other.

/// Declares a group: `Name at "table.path" { /// meaning  field: Type = default…; }`, then, where
/// the struct holds further groups, `with { field: Group }`.
macro_rules! group {
    (
        $(#[doc = $about:literal])+
        $name:ident at $path:tt {
            $(
                $(#[doc = $meaning:literal])+
                $vis:vis $field:ident: $ty:ty = $spec:expr;
            )+
        }
        $(with { $( $(#[doc = $inner_about:literal])+ $inner:ident: $inner_ty:ty; )+ })?
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub struct $name {
            $( $(#[doc = $meaning])+ $vis $field: $ty, )+
            $($( $(#[doc = $inner_about])+ pub $inner: $inner_ty, )+)?
        }

        impl $name {
            /// The rows of the table that declare this group.
            pub const GROUP: $crate::config::setting::Group =
                $crate::config::setting::Group::new($path, concat!($($about, "\n"),+), &[$(
                    $spec.describe::<$ty>(
                        $crate::config::group::key!($path, $field),
                        concat!($($meaning, "\n"),+),
                    ),
                )+]);

            /// Reads the group from what the sources say. `None` means that an error was recorded.
            pub(in crate::config) fn read(
                reader: &mut $crate::config::reader::Reader<'_>,
            ) -> Option<Self> {
                $( let $field = reader.take($crate::config::group::key!($path, $field)); )+
                $($( let $inner = <$inner_ty>::read(reader); )+)?
                Some(Self { $( $field: $field?, )+ $($( $inner: $inner?, )+)? })
            }
        }
    };
}

/// The full key of a field: `group!`'s own.
macro_rules! key {
    ("", $field:ident) => {
        stringify!($field)
    };
    ($path:literal, $field:ident) => {
        concat!($path, ".", stringify!($field))
    };
}

pub(in crate::config) use {group, key};
