//! The service as callers see it, through the handlers alone.
#![allow(missing_docs, clippy::new_without_default, clippy::unwrap_used, reason = "tests")]

mod fifo;
mod model;
mod moves;
mod polls;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use api_sqs::*;
use kernel::context::RequestInfo;
use kernel::{Calls, Clock, Context, Fault, Ids, Map, Operation, Scope, Timestamp};
use service_sqs::Options;
use store::Store;

/// An emulator of its own, at a standing clock.
pub struct Emulator {
    pub cx: Context,
    pub store: Store,
    options: Options,
}

impl Emulator {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let noon = Timestamp::from_second(1_800_000_000).unwrap();
        let (clock, ids) = (Clock::frozen_at(noon), Ids::seeded(1));
        let store = Store::memory(clock.clone(), ids.clone());
        let (caller, request) = Default::default();
        let cx = Context { scope: Scope::default(), caller, request, clock, ids, calls: Calls::default() };
        let mut emulator = Self { cx, store, options };
        emulator.restart();
        emulator
    }

    /// What only the process knew is gone.
    pub fn restart(&mut self) {
        self.cx.calls = Calls::default();
        self.cx.calls.register(vec![service_sqs::service(&self.store, self.options)]);
    }

    /// The caller uses that host.
    pub fn at_host(&self, host: &str) -> Context {
        let request = RequestInfo { host: host.to_owned(), ..RequestInfo::default() };
        Context { request: Arc::new(request), ..self.cx.clone() }
    }

    pub async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, Fault> {
        self.cx.call::<O>(input).await
    }

    /// Lets time pass, and whatever is due happen.
    pub async fn pass(&self, seconds: u64) {
        self.cx.clock.advance(Duration::from_secs(seconds));
        self.work().await;
    }

    pub async fn work(&self) {
        for worker in &self.cx.calls.service("sqs").unwrap().workers {
            worker.run(&self.cx).await.unwrap();
        }
    }

    pub async fn queue<const N: usize>(&self, name: &str, attributes: [(&str, &str); N]) -> String {
        let input = CreateQueueInput {
            queue_name: name.to_owned(),
            attributes: Some(map(attributes)),
            ..CreateQueueInput::default()
        };
        self.call::<CreateQueue>(input).await.unwrap().queue_url.unwrap()
    }

    pub async fn send(&self, queue: &str, body: &str) -> SendMessageOutput {
        let input =
            SendMessageInput { queue_url: queue.into(), message_body: body.into(), ..Default::default() };
        self.call::<SendMessage>(input).await.unwrap()
    }

    pub async fn send_to_group(&self, queue: &str, group: &str, body: &str) -> SendMessageOutput {
        let input = SendMessageInput {
            queue_url: queue.into(),
            message_body: body.into(),
            message_group_id: Some(group.into()),
            ..Default::default()
        };
        self.call::<SendMessage>(input).await.unwrap()
    }

    pub async fn receive(&self, queue: &str, most: i32, visibility: i32) -> Vec<Message> {
        let input = ReceiveMessageInput {
            queue_url: queue.into(),
            max_number_of_messages: Some(most),
            visibility_timeout: Some(visibility),
            message_system_attribute_names: Some(vec![MessageSystemAttributeName::All]),
            ..Default::default()
        };
        self.call::<ReceiveMessage>(input).await.unwrap().messages.unwrap_or_default()
    }

    pub async fn delete(&self, queue: &str, message: &Message) -> Result<DeleteMessageOutput, Fault> {
        let receipt_handle = message.receipt_handle.clone().unwrap();
        self.call::<DeleteMessage>(DeleteMessageInput { queue_url: queue.into(), receipt_handle }).await
    }

    pub async fn hide(&self, queue: &str, message: &Message, seconds: i32) -> Result<(), Fault> {
        let input = ChangeMessageVisibilityInput {
            queue_url: queue.into(),
            receipt_handle: message.receipt_handle.clone().unwrap(),
            visibility_timeout: seconds,
        };
        self.call::<ChangeMessageVisibility>(input).await.map(drop)
    }

    /// How many can be received, are in flight, are delayed.
    pub async fn counts(&self, queue: &str) -> [usize; 3] {
        let names = ["", "NotVisible", "Delayed"].map(|name| format!("ApproximateNumberOfMessages{name}"));
        let input = GetQueueAttributesInput {
            queue_url: queue.into(),
            attribute_names: Some(vec![QueueAttributeName::All]),
        };
        let attributes = self.call::<GetQueueAttributes>(input).await.unwrap().attributes.unwrap();
        names.map(|name| attributes[&name].parse().unwrap())
    }
}

pub fn map<const N: usize>(pairs: [(&str, &str); N]) -> Map<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

pub fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_deref().unwrap()).collect()
}

/// The code and sentence of an error.
pub fn refusal<T>(result: Result<T, Fault>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(fault) => format!("{}: {}", fault.code_in_query(), fault.message()),
    }
}
