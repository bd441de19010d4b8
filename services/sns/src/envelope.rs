//! The JSON that receivers get, in the form and order in which AWS writes it.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>

use std::io;

use kernel::Timestamp;
use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Map, Value, json};

use crate::message::Message;
use crate::signing::Key;

/// What a message is about besides itself.
#[derive(Clone, Copy)]
pub struct Ends<'a> {
    /// The topic's ARN.
    pub topic: &'a str,
    /// The subscription's ARN.
    pub subscription: &'a str,
    /// Where links lead, such as `http://localhost:4566`.
    pub base: &'a str,
}

/// A signature, with what it takes to check it.
#[derive(Clone, Debug)]
pub struct Signed {
    version: String,
    signature: String,
    certificate: String,
}

/// What asks an endpoint to confirm that it wants messages, or no more of them.
pub struct Confirmation<'a> {
    /// Its id.
    pub id: &'a str,
    /// Milliseconds since 1970.
    pub time: i64,
    /// What confirms.
    pub token: &'a str,
    /// Whether a subscription has ended.
    pub is_end: bool,
}

/// A time as AWS writes it, in milliseconds.
pub fn time(millis: i64) -> String {
    let at = Timestamp::from_millisecond(millis).unwrap_or_default();
    format!("{at:.3}")
}

/// Signs a message, in the words it has for a protocol.
pub fn sign(key: &Key, version: &str, message: &Message, text: &str, topic: &str, base: &str) -> Signed {
    let time = time(message.time);
    let mut parts = vec![("Message", text), ("MessageId", &message.id)];
    if let Some(subject) = &message.subject {
        parts.push(("Subject", subject));
    }
    parts.extend([("Timestamp", time.as_str()), ("TopicArn", topic), ("Type", "Notification")]);
    signed(key, version, &parts, base)
}

fn signed(key: &Key, version: &str, parts: &[(&str, &str)], base: &str) -> Signed {
    let text: String = parts.iter().map(|(name, value)| format!("{name}\n{value}\n")).collect();
    Signed {
        version: version.to_owned(),
        signature: key.sign(version, &text),
        certificate: format!("{base}/_aws/sns/SimpleNotificationService-{}.pem", key.name),
    }
}

fn add_signature(envelope: &mut Map<String, Value>, signed: &Signed, url: &str) {
    envelope.insert("SignatureVersion".to_owned(), signed.version.clone().into());
    envelope.insert("Signature".to_owned(), signed.signature.clone().into());
    envelope.insert(url.to_owned(), signed.certificate.clone().into());
}

fn unsubscribe(ends: Ends<'_>) -> String {
    format!("{}/?Action=Unsubscribe&SubscriptionArn={}", ends.base, ends.subscription)
}

fn attributes(message: &Message) -> Value {
    let of = |attribute: &crate::message::Attribute| json!({ "Type": attribute.kind, "Value": attribute.printed() });
    Value::Object(message.attributes.iter().map(|(name, attribute)| (name.clone(), of(attribute))).collect())
}

/// A notification, as queues and HTTP endpoints get it.
pub fn notification(message: &Message, text: &str, ends: Ends<'_>, signed: Option<&Signed>) -> String {
    let mut envelope = Map::new();
    let mut add = |name: &str, value: Value| drop(envelope.insert(name.to_owned(), value));
    add("Type", "Notification".into());
    add("MessageId", message.id.clone().into());
    if let Some(sequence) = &message.sequence {
        add("SequenceNumber", sequence.clone().into());
    }
    add("TopicArn", ends.topic.into());
    if let Some(subject) = &message.subject {
        add("Subject", subject.clone().into());
    }
    add("Message", text.into());
    add("Timestamp", time(message.time).into());
    if message.is_replayed {
        add("Replayed", true.into());
    }
    if let Some(signed) = signed {
        add_signature(&mut envelope, signed, "SigningCertURL");
    }
    envelope.insert("UnsubscribeURL".to_owned(), unsubscribe(ends).into());
    if !message.attributes.is_empty() {
        envelope.insert("MessageAttributes".to_owned(), attributes(message));
    }
    printed(&Value::Object(envelope))
}

/// An event, as functions get it.
pub fn event(message: &Message, text: &str, ends: Ends<'_>, signed: &Signed) -> Vec<u8> {
    let event = json!({
        "Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": ends.subscription,
            "Sns": {
                "Type": "Notification",
                "MessageId": message.id,
                "TopicArn": ends.topic,
                "Subject": message.subject,
                "Message": text,
                "Timestamp": time(message.time),
                "SignatureVersion": signed.version,
                "Signature": signed.signature,
                "SigningCertUrl": signed.certificate,
                "UnsubscribeUrl": unsubscribe(ends),
                "MessageAttributes": attributes(message),
            },
        }],
    });
    event.to_string().into_bytes()
}

/// What asks an endpoint for its confirmation.
pub fn confirmation(of: &Confirmation<'_>, ends: Ends<'_>, key: &Key, version: &str) -> String {
    let (kind, text) = if of.is_end {
        let text = format!(
            "You have chosen to deactivate subscription {}.\nTo cancel this operation and restore the subscription, \
             visit the SubscribeURL included in this message.",
            ends.subscription
        );
        ("UnsubscribeConfirmation", text)
    } else {
        let text = format!(
            "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL \
             included in this message.",
            ends.topic
        );
        ("SubscriptionConfirmation", text)
    };
    let url = format!("{}/?Action=ConfirmSubscription&TopicArn={}&Token={}", ends.base, ends.topic, of.token);
    let at = time(of.time);
    let parts = [
        ("Message", text.as_str()),
        ("MessageId", of.id),
        ("SubscribeURL", &url),
        ("Timestamp", &at),
        ("Token", of.token),
        ("TopicArn", ends.topic),
        ("Type", kind),
    ];
    let signed = signed(key, version, &parts, ends.base);
    let order = ["Type", "MessageId", "Token", "TopicArn", "Message", "SubscribeURL", "Timestamp"];
    let mut envelope = Map::new();
    for name in order {
        let value = parts.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        envelope.insert(name.to_owned(), value.into());
    }
    add_signature(&mut envelope, &signed, "SigningCertURL");
    printed(&Value::Object(envelope))
}

/// Text in AWS's layout: members of the envelope on lines of their own, blanks around colons.
fn printed(value: &Value) -> String {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Layout::default());
    // Values of JSON always serialise.
    let _ = value.serialize(&mut serializer);
    String::from_utf8(text).unwrap_or_default()
}

/// Lines down to the second level, none below.
#[derive(Default)]
struct Layout {
    depth: usize,
}

impl Layout {
    fn line<W: io::Write + ?Sized>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(b"  "))
    }
}

impl Formatter for Layout {
    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.depth < 2 {
            self.line(writer)?;
        }
        writer.write_all(b"}")
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth <= 2 { self.line(writer) } else { Ok(()) }
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(if self.depth <= 2 { b" : " } else { b":" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_that_of_aws() {
        let value =
            json!({"Type": "Notification", "MessageAttributes": {"a": {"Type": "String", "Value": "x"}}});
        let wanted = "{\n  \"Type\" : \"Notification\",\n  \"MessageAttributes\" : {\n    \"a\" : {\"Type\":\"String\",\"Value\":\"x\"}\n  }\n}";
        assert_eq!(printed(&value), wanted);
    }

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(time(1_767_355_200_000), "2026-01-02T12:00:00.000Z");
    }
}
