//! What may be in a message: its body and the attributes that its sender gives it.
//!
//! Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>

use api_sqs::{MessageAttributeValue, MessageSystemAttributeValue, SqsError};
use kernel::Map;

use crate::{errors, limits};

/// The attributes that a message may carry.
pub type Attributes = Option<Map<String, MessageAttributeValue>>;

/// Checks a body.
pub fn check_body(body: &str) -> Result<(), SqsError> {
    if body.is_empty() {
        return Err(errors::missing_parameter("MessageBody"));
    }
    if limits::is_valid_text(body) { Ok(()) } else { Err(errors::invalid_characters()) }
}

/// Checks the attributes of a message.
pub fn check_attributes(attributes: &Attributes) -> Result<(), SqsError> {
    let attributes = attributes.iter().flatten();
    let count = attributes.clone().count();
    if count > limits::MESSAGE_ATTRIBUTES {
        let message = format!("Number of message attributes [{count}] exceeds the allowed maximum [10].");
        return Err(errors::bad_message_attribute(message));
    }
    attributes.into_iter().try_for_each(|(name, value)| {
        check_name(name)?;
        check_value(name, value)
    })
}

/// Checks the system attributes of a message, of which senders may give one.
pub fn check_system_attributes(
    attributes: Option<&Map<String, MessageSystemAttributeValue>>,
) -> Result<(), SqsError> {
    for (name, value) in attributes.into_iter().flatten() {
        let refuse = |message: String| Err(errors::bad_message_attribute(message));
        if name != "AWSTraceHeader" {
            return refuse(format!(
                "Message system attribute name '{name}' is invalid. Only 'AWSTraceHeader' can be sent."
            ));
        }
        if value.data_type != "String" || value.string_value.as_ref().is_none_or(String::is_empty) {
            return refuse(format!(
                "The message system attribute '{name}' must contain a non-empty value of type 'String'."
            ));
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), SqsError> {
    let refuse = |message: String| Err(errors::bad_message_attribute(message));
    if name.chars().count() > limits::ATTRIBUTE_NAME {
        return refuse("Message (user) attribute names must be shorter than 256 Bytes".to_owned());
    }
    let is_valid = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if let Some(bad) = name.chars().find(|c| !is_valid(*c)) {
        return refuse(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or periods.",
            u32::from(bad)
        ));
    }
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        return refuse(
            "Invalid attribute name: You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These \
             strings are reserved for internal use."
                .to_owned(),
        );
    }
    if name.is_empty() || name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        return refuse(format!(
            "Invalid attribute name: The message attribute name '{name}' can't start or end with a period, and it \
             can't have periods in succession."
        ));
    }
    Ok(())
}

fn check_value(name: &str, value: &MessageAttributeValue) -> Result<(), SqsError> {
    let refuse = |message: String| Err(errors::bad_message_attribute(message));
    let kind = value.data_type.split('.').next().unwrap_or_default();
    if value.data_type.len() > limits::ATTRIBUTE_NAME {
        return refuse(
            "Message (user) attribute types must be shorter than 256 Bytes. Invalid type.".to_owned(),
        );
    }
    match (kind, &value.string_value, &value.binary_value) {
        ("String" | "Number", Some(text), None) if !text.is_empty() => {
            if kind == "Number" && !is_number(text) {
                return refuse(format!(
                    "Can't cast the value of message (user) attribute '{name}' to a number."
                ));
            }
            if limits::is_valid_text(text) { Ok(()) } else { refuse(errors::INVALID_CHARACTERS.to_owned()) }
        }
        ("Binary", None, Some(bytes)) if !bytes.is_empty() => Ok(()),
        ("", ..) => refuse(format!(
            "Message (user) attribute '{name}' must contain a non-empty message attribute type."
        )),
        ("String" | "Number" | "Binary", ..) => refuse(format!(
            "Message (user) attribute '{name}' must contain a non-empty value of type '{}'.",
            value.data_type
        )),
        _ => refuse(format!(
            "The message (user) attribute '{name}' has an invalid message (user) attribute type, the set of supported \
             type prefixes is Binary, Number, and String."
        )),
    }
}

/// Rust also takes words such as `inf`.
fn is_number(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes().all(is_part) && text.parse::<f64>().is_ok()
}

/// The bytes that count: the body, and the names, types and values of attributes.
pub fn size(body: &str, attributes: &Attributes) -> usize {
    let of_value = |value: &MessageAttributeValue| {
        let text = value.string_value.as_ref().map_or(0, String::len);
        value.data_type.len() + text + value.binary_value.as_ref().map_or(0, |bytes| bytes.len())
    };
    let attributes = attributes.iter().flatten();
    body.len() + attributes.map(|(name, value)| name.len() + of_value(value)).sum::<usize>()
}
