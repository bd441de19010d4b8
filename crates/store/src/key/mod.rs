//! Keys: values whose bytes sort as the values do.

mod prefix;
mod scalars;
mod structs;
pub(crate) mod text;
mod tuples;

pub use prefix::{KeyPrefix, KeyStart, Stem};

/// Something that finds a row: an owned key, or a cheaper stand-in such as `&str` for `String`.
///
/// The bytes written must sort as the values do and must say themselves where they end, so that tuples sort
/// component by component.
pub trait KeyRef {
    /// The key this stands for.
    type Key: Key;

    /// Appends the key's bytes.
    fn encode(&self, out: &mut Vec<u8>);
}

/// An owned key of a table.
///
/// Strings, byte strings, integers, booleans, timestamps, account ids, regions and tuples of two to four of them
/// are keys. A service makes its own with [`key_struct!`](crate::key_struct) and
/// [`key_newtype!`](crate::key_newtype).
pub trait Key: KeyRef<Key = Self> + Sized {
    /// The components, as a tuple: what [`KeyPrefix`] and [`KeyStart`] are leading parts of.
    type Parts;

    /// Takes the key off the front of `input`; `None` when the bytes are not such a key.
    fn decode(input: &mut &[u8]) -> Option<Self>;
}

impl<Q: KeyRef + ?Sized> KeyRef for &Q {
    type Key = Q::Key;

    fn encode(&self, out: &mut Vec<u8>) {
        (**self).encode(out);
    }
}
