//! A message on its way, and what may be published.

use api_sns::{MessageAttributeValue, SnsError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Bytes, Map};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{errors, limits};

/// An attribute of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its type, such as `String` or `Number.int`.
    pub kind: String,
    /// Its value, unless it is bytes.
    pub text: Option<String>,
    /// Its value, if it is bytes.
    pub bytes: Option<Bytes>,
}

/// A published message.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// What it says where no protocol has its own.
    pub text: String,
    /// What it says to single protocols, by their names.
    pub texts: Map<String, String>,
    /// Its subject.
    pub subject: Option<String>,
    /// Its attributes.
    pub attributes: Map<String, Attribute>,
    /// Milliseconds since 1970.
    pub time: i64,
    /// Its group.
    pub group: Option<String>,
    /// What tells it from others in the same five minutes.
    pub deduplication: Option<String>,
    /// Its place in the order of a FIFO topic.
    pub sequence: Option<String>,
    /// The trace it belongs to.
    pub trace: Option<String>,
    /// Where the publisher reaches this process, for links.
    pub host: String,
    /// Whether it is a copy from an archive.
    #[serde(default)]
    pub is_replayed: bool,
}

impl Message {
    /// What it says to those of a protocol.
    pub fn text_for(&self, protocol: &str) -> &str {
        self.texts.get(protocol).unwrap_or(&self.text)
    }
}

impl From<MessageAttributeValue> for Attribute {
    fn from(value: MessageAttributeValue) -> Self {
        Self { kind: value.data_type, text: value.string_value, bytes: value.binary_value }
    }
}

impl Attribute {
    /// Its value as text, bytes in base64.
    pub fn printed(&self) -> String {
        match (&self.text, &self.bytes) {
            (Some(text), _) => text.clone(),
            (None, Some(bytes)) => STANDARD.encode(bytes),
            (None, None) => String::new(),
        }
    }
}

/// The text, and with `MessageStructure` those of single protocols.
pub fn texts(message: String, structure: Option<&str>) -> Result<(String, Map<String, String>), SnsError> {
    match structure {
        None | Some("") => Ok((message, Map::new())),
        Some("json") => {
            let refused = |what: &str| errors::invalid(format!("Message Structure - {what}"));
            let parsed: Value =
                serde_json::from_str(&message).map_err(|_| refused("JSON message body failed to parse"))?;
            let Value::Object(members) = parsed else {
                return Err(refused("JSON message body failed to parse"));
            };
            let texts: Map<String, String> = members
                .into_iter()
                .filter_map(|(protocol, text)| match text {
                    Value::String(text) => Some((protocol, text)),
                    _ => None,
                })
                .collect();
            let default = texts.get("default").cloned();
            Ok((default.ok_or_else(|| refused("No default entry in JSON message body"))?, texts))
        }
        Some(_) => Err(errors::invalid("MessageStructure")),
    }
}

/// Checks the subject: ASCII without control characters, not too long, beginning with a letter, digit or sign.
pub fn check_subject(subject: Option<&str>) -> Result<(), SnsError> {
    let is_valid = |subject: &str| {
        !subject.is_empty()
            && subject.chars().count() <= limits::SUBJECT
            && !subject.chars().any(char::is_control)
            && !subject.starts_with(' ')
    };
    match subject {
        Some(subject) if !is_valid(subject) => Err(errors::invalid("Subject")),
        _ => Ok(()),
    }
}

/// The bytes that count.
pub fn size(message: &str, attributes: Option<&Map<String, MessageAttributeValue>>) -> usize {
    let of = |(name, value): (&String, &MessageAttributeValue)| {
        let text = value.string_value.as_ref().map_or(0, String::len);
        name.len() + value.data_type.len() + text + value.binary_value.as_ref().map_or(0, |bytes| bytes.len())
    };
    message.len() + attributes.into_iter().flatten().map(of).sum::<usize>()
}

/// Checks the attributes; `path` leads to them in the request.
pub fn check_attributes(
    attributes: Option<&Map<String, MessageAttributeValue>>,
    path: &str,
) -> Result<(), SnsError> {
    for (name, value) in attributes.into_iter().flatten() {
        check_name(name)?;
        if value.data_type.is_empty() {
            return Err(errors::missing(&format!("{path}.{name}.member.dataType")));
        }
        check_value(name, value)?;
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), SnsError> {
    let refuse = |sentence: String| Err(errors::value(sentence));
    if name.len() > limits::ATTRIBUTE_NAME {
        return refuse(format!(
            "Length of message attribute name must be less than {} bytes.",
            limits::ATTRIBUTE_NAME
        ));
    }
    if name.is_empty() {
        return refuse("Message attribute name can not be empty.".to_owned());
    }
    let is_known = |character: &char| character.is_ascii_alphanumeric() || "_-.".contains(*character);
    if let Some(other) = name.chars().find(|character| !is_known(character)) {
        return refuse(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or dots.",
            u32::from(other)
        ));
    }
    if name.ends_with('.') {
        return refuse("Invalid message attribute name ending with character '.' was found.".to_owned());
    }
    if name.starts_with('.') {
        return refuse("Invalid message attribute name starting with character '.' was found.".to_owned());
    }
    if name.contains("..") {
        return refuse("Message attribute name can not have successive '.' character.".to_owned());
    }
    Ok(())
}

const KINDS: [&str; 3] = ["Binary", "Number", "String"];

fn check_value(name: &str, value: &MessageAttributeValue) -> Result<(), SnsError> {
    let refuse = |sentence: String| Err(errors::value(format!("The message attribute '{name}' {sentence}")));
    let kind = value.data_type.split('.').next().unwrap_or_default();
    if !KINDS.contains(&kind) || value.data_type.len() == kind.len() + 1 {
        return refuse(
            "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
                .to_owned(),
        );
    }
    let (field, is_other) = match kind {
        "Binary" => ("Binary", value.binary_value.is_none() && value.string_value.is_some()),
        _ => ("String", value.string_value.is_none() && value.binary_value.is_some()),
    };
    if is_other {
        return refuse(format!("with type '{}' must use field '{field}'.", value.data_type));
    }
    let is_empty = match kind {
        "Binary" => value.binary_value.as_ref().is_none_or(|bytes| bytes.is_empty()),
        _ => value.string_value.as_ref().is_none_or(String::is_empty),
    };
    if is_empty {
        return refuse(format!(
            "must contain non-empty message attribute value for message attribute type '{}'.",
            value.data_type
        ));
    }
    let text = value.string_value.as_deref().unwrap_or_default();
    if kind == "Number" && text.parse::<f64>().is_err() {
        return Err(errors::value(format!("Could not cast message attribute '{name}' value to number.")));
    }
    if value.data_type == "String.Array" && !matches!(serde_json::from_str(text), Ok(Value::Array(_))) {
        return Err(errors::value(format!(
            "The message attribute '{name}' with type 'String.Array' must be a JSON array."
        )));
    }
    Ok(())
}
