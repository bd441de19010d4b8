//! Tuples of keys: the components one after the other.

use super::{Key, KeyRef};

macro_rules! tuple {
    ($($part:ident $index:tt),+) => {
        impl<$($part: KeyRef),+> KeyRef for ($($part,)+) {
            type Key = ($($part::Key,)+);

            fn encode(&self, out: &mut Vec<u8>) {
                $(self.$index.encode(out);)+
            }
        }

        impl<$($part: Key),+> Key for ($($part,)+) {
            type Parts = Self;

            fn decode(input: &mut &[u8]) -> Option<Self> {
                Some(($($part::decode(input)?,)+))
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
