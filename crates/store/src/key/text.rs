//! Keys of any length: strings and byte strings, escaped and terminated.

use bytes::Bytes;
use kernel::{AccountId, Region};

use super::{Key, KeyRef, Stem};

/// A zero byte within a key is followed by this; it sorts after the end mark's second byte.
const ESCAPED: u8 = 0xFF;
/// Two zero bytes end a key, so a shorter key sorts before every longer one it begins.
const END: [u8; 2] = [0, 0];

/// Appends `bytes` so that they sort as they are, without the end mark.
pub(crate) fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(zero) = rest.iter().position(|byte| *byte == 0) {
        out.extend_from_slice(&rest[..=zero]);
        out.push(ESCAPED);
        rest = &rest[zero + 1..];
    }
    out.extend_from_slice(rest);
}

/// Appends `bytes` with the end mark.
pub(crate) fn terminate(bytes: &[u8], out: &mut Vec<u8>) {
    escape(bytes, out);
    out.extend_from_slice(&END);
}

/// Takes what [`terminate`] wrote off the front of `input`.
pub(crate) fn unescape(input: &mut &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let zero = input.iter().position(|byte| *byte == 0)?;
        bytes.extend_from_slice(&input[..zero]);
        let after = *input.get(zero + 1)?;
        *input = &input[zero + 2..];
        match after {
            0 => return Some(bytes),
            ESCAPED => bytes.push(0),
            _ => return None,
        }
    }
}

fn unescape_text(input: &mut &[u8]) -> Option<String> {
    String::from_utf8(unescape(input)?).ok()
}

macro_rules! text {
    ($type:ty, $key:ty, $this:ident => $bytes:expr) => {
        impl KeyRef for $type {
            type Key = $key;

            fn encode(&self, out: &mut Vec<u8>) {
                let $this = self;
                terminate($bytes, out);
            }
        }

        impl Stem for $type {
            fn encode_stem(&self, out: &mut Vec<u8>) {
                let $this = self;
                escape($bytes, out);
            }
        }
    };
}

text!(str, String, text => text.as_bytes());
text!(String, String, text => text.as_bytes());
text!([u8], Vec<u8>, bytes => bytes);
text!(Vec<u8>, Vec<u8>, bytes => bytes);
text!(Bytes, Bytes, bytes => bytes);
text!(AccountId, AccountId, account => account.as_str().as_bytes());
text!(Region, Region, region => region.as_str().as_bytes());

macro_rules! owned {
    ($type:ty, $decode:expr) => {
        impl Key for $type {
            type Parts = (Self,);

            fn decode(input: &mut &[u8]) -> Option<Self> {
                $decode(input)
            }
        }
    };
}

owned!(String, unescape_text);
owned!(Vec<u8>, unescape);
owned!(Bytes, |input| Some(unescape(input)?.into()));
owned!(AccountId, |input| Some(unescape_text(input)?.as_str().into()));
owned!(Region, |input| Some(unescape_text(input)?.as_str().into()));
