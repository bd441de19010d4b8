//! Changes that go to data streams of Kinesis, through the outbox.

use api_dynamodb::{ApproximateCreationDateTimePrecision as Precision, StreamViewType};
use api_kinesis::{PutRecord, PutRecordInput};
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Arn, Context, Fault};
use md5::{Digest, Md5};
use protocol::formats::json_writer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::WriteTx;

use crate::change::Change;
use crate::stream::Record;
use crate::table::Table;

/// The kind of events in the outbox.
const KIND: &str = "dynamodb.kinesis";

/// A data stream that gets the changes of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The data stream's ARN.
    pub stream: String,
    /// Whether it gets them now, or got them once.
    pub is_active: bool,
    /// How exactly records tell the time, if that was ever said.
    pub precision: Option<Precision>,
}

/// A change for one data stream.
#[derive(Serialize, Deserialize)]
struct Sent {
    stream: String,
    precision: Option<Precision>,
    table: String,
    record: Record,
    number: u64,
}

/// Sends a change to the table's data streams, with the commit.
pub fn send(tx: &mut WriteTx<'_>, table: &Table, change: &Change<'_>, number: u64) -> Result<(), Fault> {
    for destination in table.kinesis.iter().filter(|destination| destination.is_active) {
        let Some(record) = Record::of(tx.now(), table, &StreamViewType::NewAndOldImages, change) else {
            continue;
        };
        let sent = Sent {
            stream: destination.stream.clone(),
            precision: destination.precision.clone(),
            table: table.name.clone(),
            record,
            number,
        };
        tx.emit(KIND, &sent)?;
    }
    Ok(())
}

/// Takes changes to Kinesis.
pub struct Sender;

impl Consumer for Sender {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            let put = async {
                let sent: Sent = store::decode_event(payload)?;
                let there = Arn::parse(&sent.stream).map_or(cx.scope.clone(), |arn| arn.scope(&cx.scope));
                cx.in_scope(there).call::<PutRecord>(input(cx, sent)?).await
            };
            Consumed::of(put.await)
        })
    }
}

/// The record as a recorded answer shows it.
fn input(cx: &Context, sent: Sent) -> Result<PutRecordInput, Fault> {
    let time = sent.record.time;
    let is_micro = sent.precision == Some(Precision::Microsecond);
    let instant = if is_micro { time.as_microsecond() } else { time.as_millisecond() };
    let keys = sent.record.keys.clone();
    let is_expiry = sent.record.is_expiry;
    let shown = sent.record.show(&cx.scope, &sent.stream, &StreamViewType::NewAndOldImages, sent.number);
    let mut change = Value::Object(serde_json::Map::new());
    change["ApproximateCreationDateTime"] = instant.into();
    if sent.precision.is_some() {
        let precision = if is_micro { "MICROSECOND" } else { "MILLISECOND" };
        change["ApproximateCreationDateTimePrecision"] = precision.into();
    }
    if let Some(record) = &shown.dynamodb {
        let written: Value = serde_json::from_slice(&json_writer::object(record)).map_err(Fault::internal)?;
        for name in ["Keys", "NewImage", "OldImage", "SizeBytes"] {
            if let Some(member) = written.get(name) {
                change[name] = member.clone();
            }
        }
    }
    let identity = json!({"principalId": "dynamodb.amazonaws.com", "type": "Service"});
    let data = json!({
        "awsRegion": shown.aws_region,
        "eventID": cx.ids.uuid(),
        "eventName": shown.event_name.as_ref().map(|name| name.as_str()),
        "userIdentity": is_expiry.then_some(identity),
        "recordFormat": "application/json",
        "tableName": sent.table,
        "dynamodb": change,
        "eventSource": "aws:dynamodb",
    });
    let mut digest = Md5::new();
    let mut bytes = Vec::new();
    crate::codec::encode(&keys.0, &mut bytes);
    digest.update(&bytes);
    let partition_key = digest.finalize().iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(PutRecordInput {
        stream_arn: Some(sent.stream),
        data: serde_json::to_vec(&data).map_err(Fault::internal)?.into(),
        partition_key: Some(partition_key),
        ..Default::default()
    })
}
