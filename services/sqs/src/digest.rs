//! The MD5 digests by which clients check what arrived.
//!
//! Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation>

use api_sqs::{MessageAttributeValue, MessageSystemAttributeValue};
use kernel::{Bytes, Map};
use md5::{Digest, Md5};

/// The digest of a body.
pub fn body(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()))
}

/// One attribute: its name, its type, and its text or bytes.
struct Part<'a>(&'a str, &'a str, Option<&'a String>, Option<&'a Bytes>);

/// The digest of a message's attributes.
pub fn of_attributes(map: Option<&Map<String, MessageAttributeValue>>) -> Option<String> {
    let mut parts = Vec::new();
    for (name, value) in map? {
        parts.push(Part(name, &value.data_type, value.string_value.as_ref(), value.binary_value.as_ref()));
    }
    attributes(parts)
}

/// The digest of a message's system attributes.
pub fn of_system_attributes(map: Option<&Map<String, MessageSystemAttributeValue>>) -> Option<String> {
    let mut parts = Vec::new();
    for (name, value) in map? {
        parts.push(Part(name, &value.data_type, value.string_value.as_ref(), value.binary_value.as_ref()));
    }
    attributes(parts)
}

/// By name, each with its type and value, every part after its length.
fn attributes(mut parts: Vec<Part<'_>>) -> Option<String> {
    if parts.is_empty() {
        return None;
    }
    parts.sort_by_key(|part| part.0);
    let mut md5 = Md5::new();
    for Part(name, data_type, text, bytes) in parts {
        measured(&mut md5, name.as_bytes());
        measured(&mut md5, data_type.as_bytes());
        if let Some(text) = text {
            md5.update([1]);
            measured(&mut md5, text.as_bytes());
        } else if let Some(bytes) = bytes {
            md5.update([2]);
            measured(&mut md5, bytes);
        }
    }
    Some(hex(&md5.finalize()))
}

fn measured(md5: &mut Md5, bytes: &[u8]) {
    md5.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    md5.update(bytes);
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_its_plain_digest() {
        assert_eq!(body("hello"), "5d41402abc4b2a76b9719d911017c592");
    }
}
