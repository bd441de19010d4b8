//! One look at the front of a queue: what can be received now, and when the next can.

use kernel::{Arn, Fault, Scope, Timestamp};
use store::WriteTx;

use crate::message::{self, BODIES, Body, ORDER, STATES, State};
use crate::names;
use crate::queue::{QUEUES, Queue};

/// A message that was received.
pub struct Received {
    /// Its number in the queue.
    pub number: u64,
    /// What was sent.
    pub body: Body,
    /// What became of it.
    pub state: State,
}

/// What one look found.
#[derive(Default)]
pub struct Look {
    /// The messages received.
    pub messages: Vec<Received>,
    /// When the next hidden message can be received, in milliseconds since 1970.
    pub next: Option<i64>,
    /// The dead-letter queues that got messages.
    pub moved_to: Vec<(Scope, String)>,
}

/// Receives up to `most` messages and hides each for `visibility` seconds.
pub fn look(
    tx: &mut WriteTx<'_>,
    name: &str,
    queue: &Queue,
    most: usize,
    visibility: i64,
    now: Timestamp,
) -> Result<Look, Fault> {
    let mut look = Look::default();
    let millis = now.as_millisecond();
    let oldest = millis - queue.retention * 1000;
    let mut due = Vec::new();
    for entry in tx.prefix(&ORDER, &(name,)).keys() {
        let (_, visible_at, number) = entry?;
        if visible_at > millis {
            look.next = Some(visible_at);
            break;
        }
        due.push(number);
        // Some of the front may be too old or go to a dead-letter queue: look at a few more than asked for.
        if due.len() >= most + 64 {
            break;
        }
    }
    for number in due {
        if look.messages.len() == most {
            break;
        }
        let key = (name, number);
        let Some(body) = tx.get(&BODIES, &key)? else { continue };
        let state = message::state(tx, name, number, &body)?;
        if body.sent <= oldest {
            message::remove(tx, name, number)?;
            continue;
        }
        if let Some(dead) = dead_letter(tx, queue, &state)? {
            message::remove(tx, name, number)?;
            let source = names::arn(tx.scope(), name);
            let body = Body { dead_letter_source: Some(source), visible_at: millis, ..body };
            message::add(
                &mut tx.in_scope(&dead.0),
                &dead.1,
                &body,
                Some(State { visible_at: millis, ..state }),
            )?;
            look.moved_to.push(dead);
            continue;
        }
        let state = hide(tx, name, number, state, visibility, now)?;
        look.messages.push(Received { number, body, state });
    }
    Ok(look)
}

/// Where a message goes that was received as often as it may be, if there is such a queue.
fn dead_letter(tx: &mut WriteTx<'_>, queue: &Queue, state: &State) -> Result<Option<(Scope, String)>, Fault> {
    let Some(redrive) = queue.redrive.as_ref().filter(|redrive| state.received >= redrive.max_receive_count)
    else {
        return Ok(None);
    };
    let Some(arn) = Arn::parse(&redrive.target) else { return Ok(None) };
    let scope = arn.scope(tx.scope());
    let is_there = tx.in_scope(&scope).contains(&QUEUES, &arn.resource)?;
    Ok(is_there.then_some((scope, arn.resource)))
}

fn hide(
    tx: &mut WriteTx<'_>,
    name: &str,
    number: u64,
    state: State,
    visibility: i64,
    now: Timestamp,
) -> Result<State, Fault> {
    tx.delete(&ORDER, &(name, state.visible_at, number))?;
    let state = State {
        visible_at: message::after(now, visibility),
        received: state.received + 1,
        first_received: state.first_received.or(Some(now.as_millisecond())),
    };
    tx.put(&ORDER, &(name, state.visible_at, number), &())?;
    tx.put(&STATES, &(name, number), &state)?;
    Ok(state)
}
