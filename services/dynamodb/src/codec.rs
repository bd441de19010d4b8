//! Items as bytes: a count, then names and values, each value after one byte that tells its type.

use api_dynamodb::AttributeValue;
use kernel::Bytes;

use crate::item::Attributes;

const STRING: u8 = b's';
const NUMBER: u8 = b'n';
const BINARY: u8 = b'b';
const STRINGS: u8 = b'S';
const NUMBERS: u8 = b'N';
const BINARIES: u8 = b'B';
const MAP: u8 = b'm';
const LIST: u8 = b'l';
const NULL: u8 = b'z';
const TRUE: u8 = b't';
const FALSE: u8 = b'f';

/// Appends the attributes.
pub fn encode(attributes: &Attributes, out: &mut Vec<u8>) {
    length(attributes.len(), out);
    for (name, value) in attributes {
        bytes(name.as_bytes(), out);
        encode_value(value, out);
    }
}

fn encode_value(value: &AttributeValue, out: &mut Vec<u8>) {
    match value {
        AttributeValue::S(text) => bytes(text.as_bytes(), tagged(out, STRING)),
        AttributeValue::N(text) => bytes(text.as_bytes(), tagged(out, NUMBER)),
        AttributeValue::B(blob) => bytes(blob, tagged(out, BINARY)),
        AttributeValue::Ss(set) => several(set.iter().map(String::as_bytes), tagged(out, STRINGS)),
        AttributeValue::Ns(set) => several(set.iter().map(String::as_bytes), tagged(out, NUMBERS)),
        AttributeValue::Bs(set) => several(set.iter().map(AsRef::as_ref), tagged(out, BINARIES)),
        AttributeValue::M(map) => encode(map, tagged(out, MAP)),
        AttributeValue::L(list) => {
            let out = tagged(out, LIST);
            length(list.len(), out);
            list.iter().for_each(|value| encode_value(value, out));
        }
        AttributeValue::Bool(true) => out.push(TRUE),
        AttributeValue::Bool(false) => out.push(FALSE),
        AttributeValue::Null(_) | AttributeValue::Unknown => out.push(NULL),
    }
}

fn tagged(out: &mut Vec<u8>, tag: u8) -> &mut Vec<u8> {
    out.push(tag);
    out
}

fn several<'a>(set: impl ExactSizeIterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
    length(set.len(), out);
    set.for_each(|member| bytes(member, out));
}

fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// Seven bits a byte, the lowest first; the high bit says that more follow.
#[allow(clippy::cast_possible_truncation, reason = "only the low bits are meant")]
fn length(mut length: usize, out: &mut Vec<u8>) {
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

/// Takes attributes off the front of `input`; nothing when the bytes are none.
pub fn decode(input: &mut &[u8]) -> Option<Attributes> {
    let count = take_length(input)?;
    let mut attributes = Attributes::with_capacity(count.min(input.len()));
    for _ in 0..count {
        let name = take_text(input)?;
        attributes.insert(name, decode_value(input)?);
    }
    Some(attributes)
}

fn decode_value(input: &mut &[u8]) -> Option<AttributeValue> {
    let (tag, rest) = input.split_first()?;
    *input = rest;
    Some(match *tag {
        STRING => AttributeValue::S(take_text(input)?),
        NUMBER => AttributeValue::N(take_text(input)?),
        BINARY => AttributeValue::B(take_blob(input)?),
        STRINGS => AttributeValue::Ss(take_several(input, take_text)?),
        NUMBERS => AttributeValue::Ns(take_several(input, take_text)?),
        BINARIES => AttributeValue::Bs(take_several(input, take_blob)?),
        MAP => AttributeValue::M(decode(input)?),
        LIST => AttributeValue::L(take_several(input, decode_value)?),
        NULL => AttributeValue::Null(true),
        TRUE => AttributeValue::Bool(true),
        FALSE => AttributeValue::Bool(false),
        _ => return None,
    })
}

fn take_several<T>(input: &mut &[u8], take: impl Fn(&mut &[u8]) -> Option<T>) -> Option<Vec<T>> {
    let count = take_length(input)?;
    (0..count).map(|_| take(input)).collect()
}

fn take_text(input: &mut &[u8]) -> Option<String> {
    std::str::from_utf8(take_bytes(input)?).ok().map(str::to_owned)
}

fn take_blob(input: &mut &[u8]) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(take_bytes(input)?))
}

fn take_bytes<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take_length(input)?;
    let (bytes, rest) = input.split_at_checked(length)?;
    *input = rest;
    Some(bytes)
}

fn take_length(input: &mut &[u8]) -> Option<usize> {
    let mut length = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, rest) = input.split_first()?;
        *input = rest;
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}
