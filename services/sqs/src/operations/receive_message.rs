//! `ReceiveMessage`: hands out messages and hides them, waiting for some if asked to.

use api_sqs::{
    Message, MessageSystemAttributeName, ReceiveMessage, ReceiveMessageInput, ReceiveMessageOutput, SqsError,
};
use kernel::{Context, Handler, Map, Scope, Timestamp};

use crate::queue::{QUEUES, Queue};
use crate::receive::{self, Look, Received};
use crate::{Sqs, digest, errors, limits, message, names};

impl Handler<ReceiveMessage> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: ReceiveMessageInput,
    ) -> Result<ReceiveMessageOutput, SqsError> {
        let most = input.max_number_of_messages.unwrap_or(1);
        if !limits::RECEIVE.contains(&most) {
            return Err(errors::too_many_messages(most));
        }
        let visibility = limits::within("VisibilityTimeout", input.visibility_timeout, limits::VISIBILITY)?;
        let wait = limits::within("WaitTimeSeconds", input.wait_time_seconds, limits::WAIT)?;
        let (scope, name) = names::locate(cx, &input.queue_url)?;
        let most = usize::try_from(most).unwrap_or(1);

        let queue: Queue = self.store.read(&scope, |tx| Queue::get(tx, &name))?;
        let deadline = message::after(cx.clock.now(), wait.unwrap_or(queue.wait));
        let found = self.wait_for(cx, &scope, &name, most, visibility, deadline).await?;

        let arn = names::arn(&scope, &name);
        let messages: Vec<_> = found.into_iter().map(|received| answer(cx, &input, &arn, received)).collect();
        Ok(ReceiveMessageOutput { messages: (!messages.is_empty()).then_some(messages) })
    }
}

impl Sqs {
    /// Looks, and looks again when a message arrives or becomes visible, until the deadline.
    async fn wait_for(
        &self,
        cx: &Context,
        scope: &Scope,
        name: &str,
        most: usize,
        visibility: Option<i64>,
        deadline: i64,
    ) -> Result<Vec<Received>, SqsError> {
        loop {
            // Registered before the look, so that no message slips in between.
            let arrival = (cx.clock.millis() < deadline).then(|| self.waiting.of(scope, name));
            let arrived = arrival.as_deref().map(tokio::sync::Notify::notified);
            let mut arrived = std::pin::pin!(arrived);
            if let Some(arrived) = arrived.as_mut().as_pin_mut() {
                arrived.enable();
            }
            let look = self.look(cx, scope, name, most, visibility).await?;
            let Some(arrived) = arrived.as_mut().as_pin_mut().filter(|_| look.messages.is_empty()) else {
                return Ok(look.messages);
            };
            let until = look.next.map_or(deadline, |next| next.min(deadline));
            let until = Timestamp::from_millisecond(until).unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = arrived => {}
                () = cx.clock.sleep_until(until) => {}
            }
        }
    }

    async fn look(
        &self,
        cx: &Context,
        scope: &Scope,
        name: &str,
        most: usize,
        visibility: Option<i64>,
    ) -> Result<Look, SqsError> {
        let look = self
            .store
            .write(scope, |tx| {
                let queue: Queue = tx.get(&QUEUES, name)?.ok_or_else(errors::no_such_queue)?;
                let hidden = visibility.unwrap_or(queue.visibility);
                Ok::<_, SqsError>(receive::look(tx, name, &queue, most, hidden, cx.clock.now())?)
            })
            .await?;
        look.moved_to.iter().for_each(|(scope, queue)| self.waiting.wake(scope, queue));
        Ok(look)
    }
}

/// A message as its receiver sees it.
fn answer(cx: &Context, input: &ReceiveMessageInput, arn: &str, received: Received) -> Message {
    let Received { number, body, state } = received;
    let system = system_attributes(input, &body, &state);
    let wanted = input.message_attribute_names.as_deref().unwrap_or_default();
    let attributes: Map<_, _> = body
        .attributes
        .into_iter()
        .filter(|(name, _)| wanted.iter().any(|pattern| matches(pattern, name)))
        .map(|(name, value)| (name, value.into()))
        .collect();
    Message {
        message_id: Some(body.id),
        receipt_handle: Some(message::handle(cx, arn, number, state.received)),
        md5_of_body: Some(digest::body(&body.text)),
        body: Some(body.text),
        attributes: (!system.is_empty()).then_some(system),
        md5_of_message_attributes: digest::of_attributes(Some(&attributes)),
        message_attributes: (!attributes.is_empty()).then_some(attributes),
    }
}

/// `All` and `.*` are every name, `foo.*` and `foo.` those that begin so.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern {
        "All" | "*" | ".*" => true,
        _ => match pattern.strip_suffix(".*") {
            Some(start) => name.starts_with(start),
            None => pattern == name,
        },
    }
}

fn system_attributes(
    input: &ReceiveMessageInput,
    body: &message::Body,
    state: &message::State,
) -> Map<String, String> {
    let newer = input.message_system_attribute_names.iter().flatten().map(MessageSystemAttributeName::as_str);
    let older = input.attribute_names.iter().flatten().map(api_sqs::QueueAttributeName::as_str);
    let wanted: Vec<&str> = newer.chain(older).collect();
    let all = [
        ("SenderId", Some(body.sender.clone())),
        ("SentTimestamp", Some(body.sent.to_string())),
        ("ApproximateReceiveCount", Some(state.received.to_string())),
        ("ApproximateFirstReceiveTimestamp", state.first_received.map(|at| at.to_string())),
        ("AWSTraceHeader", body.trace.clone()),
        ("DeadLetterQueueSourceArn", body.dead_letter_source.clone()),
    ];
    all.into_iter()
        .filter(|(name, _)| wanted.contains(&"All") || wanted.contains(name))
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}
