//! Leading parts of keys, for `prefix` and `starting_with`.

use super::KeyRef;

/// Whole leading components of a key whose components are `Parts`: `(queue,)` of `(queue, number)`.
pub trait KeyPrefix<Parts> {
    /// Appends the bytes every matching key begins with.
    fn encode_prefix(&self, out: &mut Vec<u8>);
}

/// Leading components of a key of which the last is itself a beginning: `("bucket", "photos/")` finds
/// `("bucket", "photos/cat.jpg")`.
pub trait KeyStart<Parts> {
    /// Appends the bytes every matching key begins with.
    fn encode_start(&self, out: &mut Vec<u8>);
}

/// Strings and byte strings: keys that have beginnings.
pub trait Stem: KeyRef {
    /// Appends the key's bytes without its end.
    fn encode_stem(&self, out: &mut Vec<u8>);
}

impl<S: Stem + ?Sized> Stem for &S {
    fn encode_stem(&self, out: &mut Vec<u8>) {
        (**self).encode_stem(out);
    }
}

impl<S: Stem + ?Sized> KeyStart<(S::Key,)> for S {
    fn encode_start(&self, out: &mut Vec<u8>) {
        self.encode_stem(out);
    }
}

macro_rules! leading {
    ($($given:ident $index:tt),+ ; $($more:ident),+) => {
        impl<$($given: KeyRef,)+ $($more),+> KeyPrefix<($($given::Key,)+ $($more,)+)> for ($($given,)+) {
            fn encode_prefix(&self, out: &mut Vec<u8>) {
                $(self.$index.encode(out);)+
            }
        }
    };
}

leading!(A 0; B);
leading!(A 0; B, C);
leading!(A 0; B, C, D);
leading!(A 0, B 1; C);
leading!(A 0, B 1; C, D);
leading!(A 0, B 1, C 2; D);

macro_rules! starting {
    ($($given:ident $index:tt,)* ; $last:ident $at:tt ; $($more:ident),*) => {
        impl<$($given: KeyRef,)* $last: Stem, $($more),*> KeyStart<($($given::Key,)* $last::Key, $($more,)*)>
            for ($($given,)* $last,)
        {
            fn encode_start(&self, out: &mut Vec<u8>) {
                $(self.$index.encode(out);)*
                self.$at.encode_stem(out);
            }
        }
    };
}

starting!(; S 0; B);
starting!(; S 0; B, C);
starting!(; S 0; B, C, D);
starting!(A 0,; S 1;);
starting!(A 0,; S 1; C);
starting!(A 0,; S 1; C, D);
starting!(A 0, B 1,; S 2;);
starting!(A 0, B 1,; S 2; D);
starting!(A 0, B 1, C 2,; S 3;);
