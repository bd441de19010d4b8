//! One look at the front of a queue: what can be received now, and when the next can.

use kernel::{Fault, Timestamp};
use store::WriteTx;

use crate::arrival;
use crate::errors;
use crate::limits;
use crate::message::{self, At, Body, DELAYED, LINES, MESSAGES, STATES, State};
use crate::queue::{self, Queue};
use crate::redrive;
use crate::shelf::Shelf;

/// What a receive asks for.
#[derive(Clone, Copy)]
pub struct Ask {
    /// At most so many messages.
    pub most: usize,
    /// For how many seconds they are hidden then.
    pub visibility: i64,
    /// When it asks.
    pub now: Timestamp,
}

/// A message that was received.
pub struct Received {
    /// Which it is.
    pub at: At,
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
    pub moved_to: Vec<queue::Place>,
    /// Whether it met only messages that had to go: there may be others behind them.
    pub was_in_vain: bool,
}

/// A message at the front, and what is to become of it.
struct Found {
    at: At,
    body: Body,
    state: Option<State>,
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Received,
    Expired,
    Dead,
}

/// How a look judges messages.
struct Judge<'a> {
    queue: &'a Queue,
    most: usize,
    now: i64,
    has_dead_letter_queue: bool,
}

/// Receives up to `most` messages and hides each.
pub fn look(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    (name, queue): (&str, &Queue),
    ask: Ask,
) -> Result<Look, api_sqs::SqsError> {
    let now = ask.now.as_millisecond();
    let index = shelf.index(tx, queue)?;
    index.pass(now);
    let room = limits::IN_FLIGHT.saturating_sub(index.in_flight());
    if room == 0 {
        shelf.keep();
        // A full FIFO queue says nothing.
        return if queue.fifo.is_some() { Ok(Look::default()) } else { Err(errors::too_many_in_flight()) };
    }
    let dead = redrive::dead_letter_queue(tx, queue)?;
    let judge = Judge { queue, most: ask.most.min(room), now, has_dead_letter_queue: dead.is_some() };
    let found = match queue.fifo {
        Some(_) => judge.groups(tx, shelf)?,
        None => judge.front(tx, shelf)?,
    };
    let mut look = Look::default();
    let mut gone = 0;
    for found in found {
        let Found { at, mut body, state, fate } = found;
        if fate == Fate::Received {
            let state = hide(tx, shelf, queue, &at, state.as_ref(), ask)?;
            look.messages.push(Received { at, body, state });
            continue;
        }
        gone += u64::from(arrival::remove(tx, shelf, queue, &at, now)?);
        if let Some((place, dead)) = dead.as_ref().filter(|_| fate == Fate::Dead) {
            body.dead_letter_source = Some(crate::names::arn(tx.scope(), name));
            arrival::bury(tx, shelf, dead, &body, &state.unwrap_or_default(), now)?;
            look.moved_to.push(place.clone());
        }
    }
    message::went(tx, queue.id, gone)?;
    look.was_in_vain = gone > 0 && look.messages.is_empty();
    look.next = shelf.index(tx, queue)?.next(now);
    Ok(look)
}

/// Messages that could be received, to be taken off; too old ones go.
pub fn visible(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    queue: &Queue,
    most: usize,
    now: i64,
) -> Result<Vec<(At, Body)>, Fault> {
    shelf.index(tx, queue)?.pass(now);
    let judge = Judge { queue, most, now, has_dead_letter_queue: false };
    let mut visible = Vec::new();
    loop {
        let found = if queue.fifo.is_some() { judge.groups(tx, shelf)? } else { judge.front(tx, shelf)? };
        let is_end = found.is_empty();
        for Found { at, body, fate, .. } in found {
            if fate == Fate::Received {
                visible.push((at, body));
            } else if arrival::remove(tx, shelf, queue, &at, now)? {
                message::went(tx, queue.id, 1)?;
            }
        }
        if is_end || !visible.is_empty() {
            return Ok(visible);
        }
    }
}

fn hide(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    queue: &Queue,
    at: &At,
    before: Option<&State>,
    ask: Ask,
) -> Result<State, Fault> {
    let now = ask.now.as_millisecond();
    let state = State {
        visible_at: message::after(ask.now, ask.visibility),
        received: before.map_or(0, |state| state.received) + 1,
        first_received: before.and_then(|state| state.first_received).or(Some(now)),
        last_received: now,
    };
    arrival::change(tx, shelf, queue, at, (before, &state), now)?;
    Ok(state)
}

impl Judge<'_> {
    /// Of messages that came back and of those never received, the oldest.
    fn front(&self, tx: &WriteTx<'_>, shelf: &mut Shelf) -> Result<Vec<Found>, Fault> {
        let id = self.queue.id;
        let index = shelf.index(tx, self.queue)?;
        let mut back = index.back.values().copied().peekable();
        let range = (std::ops::Bound::Excluded((id, index.cursor)), std::ops::Bound::Excluded((id, DELAYED)));
        let mut fresh = tx.range(&MESSAGES, range).peekable();
        let (mut found, mut taken, mut cursor) = (Vec::new(), 0, index.cursor);
        while taken < self.most && found.len() < self.most + limits::LOOKED_PAST {
            let next_fresh = match fresh.peek() {
                Some(Ok(((_, number), _))) => Some(*number),
                // A fault is taken below.
                Some(Err(_)) => Some(0),
                None => None,
            };
            let is_back = back
                .peek()
                .is_some_and(|number| next_fresh.is_none_or(|fresh| message::age(*number) < fresh));
            let entry = if is_back {
                let Some(number) = back.next() else { break };
                let at = At { number, group: None };
                match message::body(tx, id, &at)? {
                    Some(body) => (at, body, tx.get(&STATES, &(id, number))?),
                    None => continue,
                }
            } else {
                let Some(row) = fresh.next() else { break };
                let ((_, number), body) = row?;
                cursor = number;
                // Only before the index has met it: a message under way from before a restart.
                if tx.contains(&STATES, &(id, number))? {
                    continue;
                }
                (At { number, group: None }, body, None)
            };
            let judged = self.judge(entry);
            taken += usize::from(judged.fate == Fate::Received);
            found.push(judged);
        }
        drop((back, fresh));
        shelf.index(tx, self.queue)?.advance(cursor);
        Ok(found)
    }

    /// Of the groups whose turn it is, the messages up to the first that is hidden.
    fn groups(&self, tx: &WriteTx<'_>, shelf: &mut Shelf) -> Result<Vec<Found>, Fault> {
        let id = self.queue.id;
        let index = shelf.index(tx, self.queue)?;
        let mut found: Vec<Found> = Vec::new();
        let (mut taken, mut not_yet) = (0, Vec::new());
        for group in index.groups.ready(self.now) {
            if taken >= self.most || found.len() >= self.most + limits::LOOKED_PAST {
                break;
            }
            let front = index.groups.get(group).map_or(0, |group| group.front);
            let rows = tx.range(&LINES, (id, group.to_string(), front)..=(id, group.to_string(), u64::MAX));
            for (place, row) in rows.enumerate() {
                if taken >= self.most || found.len() >= self.most + limits::LOOKED_PAST {
                    break;
                }
                let ((_, group, number), body) = row?;
                let state = tx.get(&STATES, &(id, number))?;
                if let Some(state) = state.as_ref().filter(|state| state.visible_at > self.now) {
                    if place == 0 {
                        not_yet.push((group, state.visible_at, number));
                    }
                    break;
                }
                let judged = self.judge((At { number, group: Some(group) }, body, state));
                taken += usize::from(judged.fate == Fate::Received);
                found.push(judged);
            }
        }
        for (group, visible_at, number) in not_yet {
            index.groups.place(&group, visible_at, number);
        }
        Ok(found)
    }

    fn judge(&self, (at, body, state): (At, Body, Option<State>)) -> Found {
        let received = state.as_ref().map_or(0, |state| state.received);
        let most = self.queue.redrive.as_ref().map_or(u32::MAX, |redrive| redrive.max_receive_count);
        let fate = if body.sent + self.queue.retention * 1000 <= self.now {
            Fate::Expired
        } else if received >= most && self.has_dead_letter_queue {
            Fate::Dead
        } else {
            Fate::Received
        };
        Found { at, body, state, fate }
    }
}
