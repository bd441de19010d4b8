//! Keys of fixed width: integers, booleans, instants.

use kernel::Timestamp;

use super::{Key, KeyRef};

macro_rules! integer {
    ($type:ty, $unsigned:ty, $flip:expr) => {
        impl KeyRef for $type {
            type Key = Self;

            fn encode(&self, out: &mut Vec<u8>) {
                // Flipping the sign bit lets negative numbers sort before positive ones.
                out.extend_from_slice(&((*self as $unsigned) ^ $flip).to_be_bytes());
            }
        }

        impl Key for $type {
            type Parts = (Self,);

            fn decode(input: &mut &[u8]) -> Option<Self> {
                let (bytes, rest) = input.split_first_chunk()?;
                *input = rest;
                Some((<$unsigned>::from_be_bytes(*bytes) ^ $flip) as $type)
            }
        }
    };
}

integer!(u8, u8, 0);
integer!(u16, u16, 0);
integer!(u32, u32, 0);
integer!(u64, u64, 0);
integer!(u128, u128, 0);
integer!(i32, u32, 1 << 31);
integer!(i64, u64, 1 << 63);
integer!(i128, u128, 1 << 127);

impl KeyRef for bool {
    type Key = Self;

    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Key for bool {
    type Parts = (Self,);

    fn decode(input: &mut &[u8]) -> Option<Self> {
        match u8::decode(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl KeyRef for Timestamp {
    type Key = Self;

    fn encode(&self, out: &mut Vec<u8>) {
        self.as_nanosecond().encode(out);
    }
}

impl Key for Timestamp {
    type Parts = (Self,);

    fn decode(input: &mut &[u8]) -> Option<Self> {
        Self::from_nanosecond(i128::decode(input)?).ok()
    }
}
