//! Reading queues: long polls, batches, and what becomes of messages.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>

use std::sync::Arc;
use std::time::Duration;

use api_sqs::{
    DeleteMessageBatch, DeleteMessageBatchInput, DeleteMessageBatchRequestEntry, Message,
    MessageSystemAttributeName, ReceiveMessage, ReceiveMessageInput,
};
use kernel::{Arn, Context, Fault};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::filter::Filters;
use super::invocation::{Outcome, invoke};
use super::manager::Stop;
use super::{Mapping, record};
use crate::lineage;

/// Batches of one queue at once where nothing was said.
const CONCURRENCY: usize = 10;
/// Seconds of a long poll.
const POLL: i32 = 20;
/// Messages of one receive.
const RECEIVE: i32 = 10;
/// So many bytes of messages fill a batch, whatever its size: events have a limit.
const BATCH_BYTES: usize = 5 << 20;
/// The pause after a failure to receive.
const PAUSE: Duration = Duration::from_secs(5);

/// AWS's URL of a queue.
pub fn url(arn: &Arn) -> String {
    format!("https://sqs.{}.amazonaws.com/{}/{}", arn.region, arn.account, arn.resource)
}

/// Reads a queue until it is told to stop.
pub async fn poll(cx: Context, queue: Arn, mapping: Arc<Mapping>, mut stop: Stop) {
    let configuration = &mapping.configuration.0;
    let most = configuration.scaling_config.as_ref().and_then(|scaling| scaling.maximum_concurrency);
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(CONCURRENCY);
    let places = Arc::new(Semaphore::new(most));
    let filters = Arc::new(Filters::parse(configuration.filter_criteria.as_ref()).unwrap_or_default());
    loop {
        let gathered = async {
            // A place first: what is received and waits for one would become visible again.
            let place = places.clone().acquire_owned().await.map_err(Fault::internal)?;
            Ok::<_, Fault>((gather(&cx, &queue, &mapping).await?, place))
        };
        let gathered = tokio::select! {
            gathered = gathered => gathered,
            _ = stop.changed() => return,
        };
        match gathered {
            Ok((messages, _)) if messages.is_empty() => {}
            Ok((messages, place)) => {
                let batch = Batch {
                    cx: cx.clone(),
                    queue: queue.clone(),
                    mapping: mapping.clone(),
                    filters: filters.clone(),
                    _place: place,
                };
                tokio::spawn(batch.hand_over(messages));
            }
            Err(fault) => {
                tracing::warn!(queue = %queue, %fault, "a queue cannot be read for its function");
                tokio::select! {
                    () = cx.clock.sleep(PAUSE) => {}
                    _ = stop.changed() => return,
                }
            }
        }
    }
}

/// Messages of one batch: as many as there are at once, or come within the window.
async fn gather(cx: &Context, queue: &Arn, mapping: &Mapping) -> Result<Vec<Message>, Fault> {
    let configuration = &mapping.configuration.0;
    let size = usize::try_from(configuration.batch_size.unwrap_or(10)).unwrap_or(10);
    let window = u64::try_from(configuration.maximum_batching_window_in_seconds.unwrap_or(0)).unwrap_or(0);
    let mut messages = receive(cx, queue, size, POLL).await?;
    if messages.is_empty() || window == 0 {
        return Ok(messages);
    }
    let until = cx.clock.now() + Duration::from_secs(window);
    while messages.len() < size && bytes(&messages) < BATCH_BYTES {
        let left = (until.as_millisecond() - cx.clock.millis() + 999) / 1000;
        if left <= 0 {
            break;
        }
        let wait = i32::try_from(left).unwrap_or(POLL).min(POLL);
        messages.extend(receive(cx, queue, size - messages.len(), wait).await?);
    }
    Ok(messages)
}

fn trace(message: &Message) -> Option<&str> {
    let attributes = message.attributes.as_ref()?;
    attributes.get("AWSTraceHeader").map(String::as_str).filter(|trace| lineage::depth(trace) > 0)
}

fn bytes(messages: &[Message]) -> usize {
    messages.iter().map(|message| message.body.as_ref().map_or(0, String::len)).sum()
}

async fn receive(cx: &Context, queue: &Arn, most: usize, wait: i32) -> Result<Vec<Message>, Fault> {
    let input = ReceiveMessageInput {
        queue_url: url(queue),
        message_system_attribute_names: Some(vec![MessageSystemAttributeName::All]),
        message_attribute_names: Some(vec!["All".to_owned()]),
        max_number_of_messages: Some(i32::try_from(most).unwrap_or(RECEIVE).clamp(1, RECEIVE)),
        wait_time_seconds: Some(wait),
        ..ReceiveMessageInput::default()
    };
    let there = cx.in_scope(queue.scope(&cx.scope));
    Ok(there.call::<ReceiveMessage>(input).await?.messages.unwrap_or_default())
}

/// A batch on its way to the function.
struct Batch {
    cx: Context,
    queue: Arn,
    mapping: Arc<Mapping>,
    filters: Arc<Filters>,
    _place: OwnedSemaphorePermit,
}

impl Batch {
    async fn hand_over(self, messages: Vec<Message>) {
        if let Err(fault) = self.process(messages).await {
            tracing::warn!(queue = %self.queue, %fault, "a batch of messages could not be handed over");
        }
    }

    /// Invokes the function; what is done with is deleted, the rest becomes visible again in its time.
    async fn process(&self, messages: Vec<Message>) -> Result<(), Fault> {
        let records = messages.into_iter().map(|message| {
            let record = record::of_message(&message, &self.queue);
            (message, record)
        });
        let (wanted, unwanted): (Vec<_>, Vec<_>) = records.partition(|(_, record)| self.filters.pass(record));
        // What the function does not want is never seen again.
        self.delete(unwanted.into_iter().map(|(message, _)| message).collect()).await?;
        if wanted.is_empty() {
            return Ok(());
        }
        let (messages, records): (Vec<Message>, Vec<Value>) = wanted.into_iter().unzip();
        let reports = self.mapping.reports_failures();
        let event = json!({ "Records": records });
        // The message that has gone round in a circle most often tells for its batch.
        let trace = messages.iter().filter_map(trace).max_by_key(|trace| lineage::depth(trace));
        match invoke(&self.cx, self.mapping.function(), &event, reports, trace).await?.0 {
            Outcome::Done => self.delete(messages).await,
            Outcome::Failed(ids, _) => {
                let is_known = |id: &String| messages.iter().any(|one| one.message_id.as_ref() == Some(id));
                // No ids, or one that is none: nothing is known to be done.
                if ids.is_empty() || !ids.iter().all(is_known) {
                    return Ok(());
                }
                let is_done = |one: &Message| one.message_id.as_ref().is_none_or(|id| !ids.contains(id));
                self.delete(messages.into_iter().filter(is_done).collect()).await
            }
            Outcome::Error(_) => Ok(()),
        }
    }

    async fn delete(&self, messages: Vec<Message>) -> Result<(), Fault> {
        let there = self.cx.in_scope(self.queue.scope(&self.cx.scope));
        for batch in messages.chunks(10) {
            let entries = batch.iter().enumerate().map(|(at, message)| DeleteMessageBatchRequestEntry {
                id: at.to_string(),
                receipt_handle: message.receipt_handle.clone().unwrap_or_default(),
            });
            let input = DeleteMessageBatchInput { queue_url: url(&self.queue), entries: entries.collect() };
            there.call::<DeleteMessageBatch>(input).await?;
        }
        Ok(())
    }
}
