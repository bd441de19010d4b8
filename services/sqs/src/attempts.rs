//! Receives with an attempt id: asked again within five minutes, they give the same messages.
//!
//! Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>

use api_sqs::SqsError;
use kernel::Fault;
use store::WriteTx;

use crate::deduplication::{self, Attempt};
use crate::message::{self, STATES, State};
use crate::queue::Queue;
use crate::receive::{self, Ask, Look, Received};
use crate::shelf::Shelf;
use crate::{arrival, errors, limits};

/// Looks as that attempt did, if none of its messages has changed since, or for new messages.
pub fn look(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    (name, queue): (&str, &Queue),
    ask: Ask,
    id: &str,
) -> Result<Look, SqsError> {
    const PARAMETER: &str = "ReceiveRequestAttemptId";
    if queue.fifo.is_none() {
        return Err(errors::wrong_queue_type(id, PARAMETER));
    }
    if !limits::is_message_id(id) {
        return Err(errors::invalid_message_id(id, PARAMETER));
    }
    let now = ask.now.as_millisecond();
    if let Some(attempt) = deduplication::attempt(tx, queue, id, now)?
        && let Some(messages) = again(tx, shelf, queue, &attempt, ask)?
    {
        return Ok(Look { messages, ..Look::default() });
    }
    let look = receive::look(tx, shelf, (name, queue), ask)?;
    if !look.messages.is_empty() {
        let messages = look
            .messages
            .iter()
            .map(|Received { at, state, .. }| (at.number, at.group.clone(), state.received));
        let attempt = Attempt { at: now, messages: messages.collect() };
        deduplication::remember_attempt(tx, queue, id, &attempt)?;
    }
    Ok(look)
}

/// The messages of an attempt, hidden anew; nothing if one is deleted, visible or was received by others.
fn again(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    queue: &Queue,
    attempt: &Attempt,
    ask: Ask,
) -> Result<Option<Vec<Received>>, Fault> {
    let now = ask.now.as_millisecond();
    let mut found = Vec::new();
    for (at, received) in attempt.messages() {
        let state = tx.get(&STATES, &(queue.id, at.number))?;
        let state = state.filter(|state| state.received == received && state.visible_at > now);
        match (message::body(tx, queue.id, &at)?, state) {
            (Some(body), Some(state)) => found.push(Received { at, body, state }),
            _ => return Ok(None),
        }
    }
    for Received { at, state, .. } in &mut found {
        let after = State { visible_at: message::after(ask.now, ask.visibility), ..state.clone() };
        arrival::change(tx, shelf, queue, at, (Some(state), &after), now)?;
        *state = after;
    }
    Ok(Some(found))
}
