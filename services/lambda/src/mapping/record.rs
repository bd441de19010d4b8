//! Records as functions get them.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>

use api_dynamodbstreams::Record;
use api_sqs::{Message, MessageAttributeValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Arn, Fault};
use protocol::formats::json_writer;
use serde_json::{Map, Value, json};

/// A message of a queue.
pub fn of_message(message: &Message, queue: &Arn) -> Value {
    let attributes: Map<String, Value> = message
        .message_attributes
        .iter()
        .flatten()
        .map(|(name, value)| (name.clone(), of_attribute(value)))
        .collect();
    let mut record = json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": message.attributes.iter().flatten().map(|(name, value)| (name.clone(), value.clone().into())).collect::<Map<String, Value>>(),
        "messageAttributes": attributes,
        "md5OfBody": message.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.to_string(),
        "awsRegion": queue.region,
    });
    if let Some(digest) = &message.md5_of_message_attributes {
        record["md5OfMessageAttributes"] = digest.clone().into();
    }
    record
}

fn of_attribute(value: &MessageAttributeValue) -> Value {
    let mut attribute = json!({
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value.data_type,
    });
    if let Some(text) = &value.string_value {
        attribute["stringValue"] = text.clone().into();
    }
    if let Some(bytes) = &value.binary_value {
        attribute["binaryValue"] = STANDARD.encode(bytes).into();
    }
    attribute
}

/// A record of a table's stream.
pub fn of_change(record: &Record, stream: &Arn) -> Result<Value, Fault> {
    let mut record: Value = serde_json::from_slice(&json_writer::object(record)).map_err(Fault::internal)?;
    record["eventSourceARN"] = stream.to_string().into();
    // Functions get it with a point, as Java writes doubles.
    if let Some(seconds) = record["dynamodb"]["ApproximateCreationDateTime"].as_f64() {
        record["dynamodb"]["ApproximateCreationDateTime"] = seconds.into();
    }
    Ok(record)
}
