//! The service as callers see it, through the handlers alone, beside others that note what they are sent.
#![allow(missing_docs, clippy::new_without_default, clippy::unwrap_used, reason = "tests")]

mod behind;
mod live_tail;
mod policies;
mod time;
mod transformers;

use std::sync::{Arc, Mutex};

use api_cloudwatch::{CloudwatchError, PutMetricData, PutMetricDataInput, PutMetricDataOutput};
use api_kinesis::{
    DescribeStreamSummary, DescribeStreamSummaryInput, DescribeStreamSummaryOutput, KinesisError, PutRecord,
    PutRecordInput, PutRecordOutput,
};
use api_logs::*;
use kernel::work::Consumed;
use kernel::{Calls, Clock, Context, Fault, Handler, Ids, Operation, Scope, Service, Timestamp};
use store::Store;

/// 2026-01-02T12:00:00Z.
pub const NOON: i64 = 1_767_355_200_000;

/// What other services were sent.
#[derive(Default)]
pub struct Sent {
    pub records: Mutex<Vec<PutRecordInput>>,
    pub metrics: Mutex<Vec<PutMetricDataInput>>,
    pub is_down: std::sync::atomic::AtomicBool,
}

impl Handler<PutRecord> for Sent {
    async fn handle(&self, _: &Context, input: PutRecordInput) -> Result<PutRecordOutput, KinesisError> {
        if self.is_down.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(KinesisError::provisioned_throughput_exceeded_exception("slow down"));
        }
        self.records.lock().unwrap().push(input);
        Ok(PutRecordOutput::default())
    }
}

impl Handler<DescribeStreamSummary> for Sent {
    async fn handle(
        &self,
        _: &Context,
        input: DescribeStreamSummaryInput,
    ) -> Result<DescribeStreamSummaryOutput, KinesisError> {
        match input.stream_arn {
            Some(arn) if arn.ends_with("/none") => {
                Err(KinesisError::resource_not_found_exception("no such stream"))
            }
            _ => Ok(DescribeStreamSummaryOutput::default()),
        }
    }
}

impl Handler<PutMetricData> for Sent {
    async fn handle(
        &self,
        _: &Context,
        input: PutMetricDataInput,
    ) -> Result<PutMetricDataOutput, CloudwatchError> {
        self.metrics.lock().unwrap().push(input);
        Ok(PutMetricDataOutput {})
    }
}

/// An emulator of its own, at a standing clock.
pub struct Emulator {
    pub cx: Context,
    pub sent: Arc<Sent>,
    store: Store,
}

impl Emulator {
    pub fn new() -> Self {
        let clock = Clock::frozen_at(Timestamp::from_millisecond(NOON).unwrap());
        let ids = Ids::seeded(1);
        let store = Store::memory(clock.clone(), ids.clone());
        let (calls, sent) = (Calls::default(), Arc::new(Sent::default()));
        calls.register(vec![
            service_logs::service(&store),
            service_s3::service(&store, Vec::new()),
            Service::new(&api_kinesis::SERVICE)
                .with(sent.clone())
                .on::<DescribeStreamSummary>()
                .on::<PutRecord>()
                .build(),
            Service::new(&api_cloudwatch::SERVICE).with(sent.clone()).on::<PutMetricData>().build(),
        ]);
        let (caller, request) = Default::default();
        Self { cx: Context { scope: Scope::default(), caller, request, clock, ids, calls }, sent, store }
    }

    pub async fn call<O: Operation>(&self, input: O::Input) -> O::Output {
        self.cx.call::<O>(input).await.unwrap()
    }

    /// An emulator with the group `/app` and the stream `one`.
    pub async fn with_stream() -> Self {
        let emulator = Self::new();
        let group = CreateLogGroupInput { log_group_name: "/app".to_owned(), ..Default::default() };
        emulator.call::<CreateLogGroup>(group).await;
        let stream =
            CreateLogStreamInput { log_group_name: "/app".to_owned(), log_stream_name: "one".to_owned() };
        emulator.call::<CreateLogStream>(stream).await;
        emulator
    }

    /// Puts messages, one a millisecond from now on.
    pub async fn put(&self, messages: &[&str]) {
        let now = self.cx.clock.millis();
        let events = (now..)
            .zip(messages)
            .map(|(timestamp, message)| InputLogEvent { timestamp, message: (*message).to_owned() });
        let input = PutLogEventsInput {
            log_group_name: "/app".to_owned(),
            log_stream_name: "one".to_owned(),
            log_events: events.collect(),
            ..Default::default()
        };
        self.call::<PutLogEvents>(input).await;
    }

    /// The messages that are there.
    pub async fn messages(&self) -> Vec<String> {
        let input = FilterLogEventsInput { log_group_name: Some("/app".to_owned()), ..Default::default() };
        let found = self.call::<FilterLogEvents>(input).await.events.unwrap();
        found.into_iter().map(|event| event.message.unwrap()).collect()
    }

    fn logs(&self) -> Arc<Service> {
        self.cx.calls.service("logs").unwrap().clone()
    }

    /// Lets time pass, and whatever is due happen.
    pub async fn pass(&self, time: std::time::Duration) {
        self.cx.clock.advance(time);
        for worker in &self.logs().workers {
            worker.run(&self.cx).await.unwrap();
        }
    }

    /// Lets the consumers have the events that wait; those that fail wait on.
    pub async fn deliver(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for event in self.store.outbox().pending(None, 100).unwrap() {
            for consumer in self.logs().consumers.iter().filter(|consumer| consumer.kind() == event.kind) {
                match consumer.consume(&self.cx.in_scope(event.scope.clone()), event.payload(), 1).await {
                    Consumed::Failed(fault) => faults.push(fault),
                    _ => self.store.outbox().done(&[event.seq]).await.unwrap(),
                }
            }
        }
        faults
    }
}
