//! `ReceiveMessage`: hands out messages and hides them, waiting for some if asked to.

use api_sqs::{ReceiveMessage, ReceiveMessageInput, ReceiveMessageOutput, SqsError};
use kernel::{Context, Handler, Timestamp};
use tokio::sync::Notify;

use crate::queue::{Place, Queue};
use crate::receive::{self, Ask, Look, Received};
use crate::{Sqs, attempts, errors, limits, message, names, shown};

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
        let request = Request {
            most: usize::try_from(most).unwrap_or(1),
            visibility: limits::within("VisibilityTimeout", input.visibility_timeout, limits::VISIBILITY)?,
            wait: limits::within("WaitTimeSeconds", input.wait_time_seconds, limits::WAIT)?,
            attempt: input.receive_request_attempt_id.as_deref(),
        };
        let place = names::locate(cx, &input.queue_url)?;

        let (id, found) = self.receive(cx, &place, &request).await?;

        let arn = names::arn(&place.0, &place.1);
        let messages: Vec<_> =
            found.into_iter().map(|received| shown::message(cx, &input, (&arn, id), received)).collect();
        Ok(ReceiveMessageOutput { messages: (!messages.is_empty()).then_some(messages) })
    }
}

/// What is asked for.
struct Request<'a> {
    most: usize,
    visibility: Option<i64>,
    wait: Option<i64>,
    attempt: Option<&'a str>,
}

impl Sqs {
    /// Looks, and looks again when a message arrives or becomes visible, until the wait is over.
    async fn receive(
        &self,
        cx: &Context,
        place: &Place,
        request: &Request<'_>,
    ) -> Result<(u64, Vec<Received>), SqsError> {
        let began = cx.clock.now();
        let (queue, look) = self.look(cx, place, request).await?;
        let deadline = message::after(began, request.wait.unwrap_or(queue.wait));
        if !look.messages.is_empty() || deadline <= cx.clock.millis() {
            return Ok((queue.id, look.messages));
        }
        let arrival = self.waiting.of(&place.0, &place.1);
        loop {
            // Registered before the look, so that no message slips in between.
            let mut arrived = std::pin::pin!(Notify::notified(&arrival));
            arrived.as_mut().enable();
            let (queue, look) = self.look(cx, place, request).await?;
            if !look.messages.is_empty() || deadline <= cx.clock.millis() {
                return Ok((queue.id, look.messages));
            }
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
        (scope, name): &Place,
        request: &Request<'_>,
    ) -> Result<(Queue, Look), SqsError> {
        loop {
            let (queue, look) = self
                .write(scope, |tx, shelf| {
                    let queue = Queue::get(tx, name)?;
                    let visibility = request.visibility.unwrap_or(queue.visibility);
                    let ask = Ask { most: request.most, visibility, now: cx.clock.now() };
                    let look = match request.attempt {
                        Some(id) => attempts::look(tx, shelf, (name, &queue), ask, id)?,
                        None => receive::look(tx, shelf, (name, &queue), ask)?,
                    };
                    Ok((queue, look))
                })
                .await?;
            self.waiting.wake_all(&look.moved_to);
            if !look.was_in_vain {
                return Ok((queue, look));
            }
        }
    }
}
