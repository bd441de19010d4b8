//! Exports to S3: one compressed object per stream, written behind the request.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html>

use std::io::Write;
use std::sync::Arc;

use api_logs::{ExportTask, ExportTaskExecutionInfo, ExportTaskStatus, ExportTaskStatusCode};
use api_s3::{PutObject, PutObjectInput};
use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Bytes, Context, Fault, Timestamp};
use serde::{Deserialize, Serialize};
use store::Table;

use crate::Logs;
use crate::event::EVENTS;
use crate::stream::STREAMS;

/// Exports by id.
pub static EXPORTS: Table<String, Row> = Table::regional("logs.exports");

/// The kind of events in the outbox.
pub const KIND: &str = "logs.export";

/// Bytes of one object before it is compressed.
const OBJECT: usize = 64 << 20;

/// How many events are read in one go.
const BATCH: usize = 10_000;

/// An export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// What the caller calls it.
    pub name: Option<String>,
    /// The group.
    pub group: String,
    /// Of which streams.
    pub stream_prefix: Option<String>,
    /// From then on, in milliseconds since 1970.
    pub from: i64,
    /// To then.
    pub to: i64,
    /// The bucket.
    pub bucket: String,
    /// What keys begin with.
    pub prefix: String,
    /// Where it stands.
    pub status: ExportTaskStatusCode,
    /// What went wrong.
    pub message: Option<String>,
    /// When it was asked for.
    pub created: i64,
    /// When it ended.
    pub completed: Option<i64>,
}

impl Row {
    /// Whether it is still to be done.
    pub fn is_open(&self) -> bool {
        matches!(self.status, ExportTaskStatusCode::Pending | ExportTaskStatusCode::Running)
    }

    /// The export as callers see it.
    pub fn describe(self, id: String) -> ExportTask {
        ExportTask {
            task_id: Some(id),
            task_name: self.name,
            log_group_name: Some(self.group),
            from: Some(self.from),
            to: Some(self.to),
            destination: Some(self.bucket),
            destination_prefix: Some(self.prefix),
            status: Some(ExportTaskStatus { code: Some(self.status), message: self.message }),
            execution_info: Some(ExportTaskExecutionInfo {
                creation_time: Some(self.created),
                completion_time: self.completed,
            }),
        }
    }
}

/// Does exports.
pub struct Exporter(pub Arc<Logs>);

impl Consumer for Exporter {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            match self.0.export(cx, payload).await {
                Ok(()) => Consumed::Done,
                Err(fault) => Consumed::Failed(fault),
            }
        })
    }
}

impl Logs {
    async fn export(&self, cx: &Context, payload: &[u8]) -> Result<(), Fault> {
        let id: String = store::decode_event(payload)?;
        let Some(row) = self.step(cx, &id, ExportTaskStatusCode::Running, None).await? else { return Ok(()) };
        let written = self.write_objects(&cx.on_behalf_of("logs.amazonaws.com"), &id, &row).await;
        let (status, message) = match written {
            Ok(()) => (ExportTaskStatusCode::Completed, "Completed successfully".to_owned()),
            Err(fault) => (ExportTaskStatusCode::Failed, fault.message().to_owned()),
        };
        self.step(cx, &id, status, Some(message)).await.map(drop)
    }

    /// Moves an export on, unless it has ended in the meantime.
    async fn step(
        &self,
        cx: &Context,
        id: &str,
        status: ExportTaskStatusCode,
        message: Option<String>,
    ) -> Result<Option<Row>, Fault> {
        let now = cx.clock.millis();
        self.store
            .write(&cx.scope, |tx| {
                let Some(mut row) = tx.get(&EXPORTS, id)?.filter(Row::is_open) else { return Ok(None) };
                row.status = status.clone();
                row.message.clone_from(&message);
                row.completed = message.is_some().then_some(now);
                tx.put(&EXPORTS, id, &row)?;
                Ok(Some(row))
            })
            .await
    }

    async fn write_objects(&self, cx: &Context, id: &str, row: &Row) -> Result<(), Fault> {
        let test = Bytes::from_static(b"Permission Check Successful");
        put(cx, row, format!("{}/aws-logs-write-test", row.prefix), test).await?;
        let prefix = row.stream_prefix.as_deref().unwrap_or_default();
        let streams: Vec<String> = self.store.read(&cx.scope, |tx| {
            let keys = tx.starting_with(&STREAMS, &(row.group.as_str(), prefix)).keys();
            keys.map(|key| key.map(|(_, name)| name)).collect::<Result<_, Fault>>()
        })?;
        for stream in streams {
            self.write_stream(cx, id, row, &stream).await?;
        }
        Ok(())
    }

    /// Writes the events of a stream, in as many objects as they need.
    async fn write_stream(&self, cx: &Context, id: &str, row: &Row, stream: &str) -> Result<(), Fault> {
        let key = |time: i64, number: u64| (row.group.clone(), stream.to_owned(), time, number);
        let (mut start, end) = (key(row.from, 0), key(row.to, u64::MAX));
        let (mut object, mut text) = (0, String::new());
        loop {
            let events: Vec<_> = self.store.read(&cx.scope, |tx| {
                let rows = tx.range(&EVENTS, start.clone()..=end.clone().max(start.clone()));
                rows.take(BATCH).collect::<Result<_, Fault>>()
            })?;
            for (place, event) in &events {
                let at = Timestamp::from_millisecond(place.2).map_err(Fault::internal)?;
                text.push_str(&format!("{at:.3} {}\n", event.message));
            }
            let is_last = events.len() < BATCH;
            if !text.is_empty() && (is_last || text.len() > OBJECT) {
                let name = format!("{}/{id}/{}/{object:06}.gz", row.prefix, stream.replace('/', "-"));
                put(cx, row, name, compressed(&text)?).await?;
                (object, text) = (object + 1, String::new());
            }
            match events.last() {
                Some((last, _)) if !is_last => start = key(last.2, last.3 + 1),
                _ => return Ok(()),
            }
        }
    }
}

fn compressed(text: &str) -> Result<Bytes, Fault> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).map_err(Fault::internal)?;
    Ok(encoder.finish().map_err(Fault::internal)?.into())
}

async fn put(cx: &Context, row: &Row, key: String, body: Bytes) -> Result<(), Fault> {
    let input =
        PutObjectInput { bucket: row.bucket.clone(), key, body: body.into(), ..PutObjectInput::default() };
    cx.call::<PutObject>(input).await.map(drop)
}
