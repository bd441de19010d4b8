//! How messages come into a queue, and how they leave it.

use kernel::Fault;
use store::{ReadTx, WriteTx};

use crate::message::{self, At, Body, DELAYED, GROUPS, LINES, MESSAGES, STATES, State};
use crate::queue::Queue;
use crate::shelf::Shelf;

/// Adds a message behind all others and tells its number. A state tells of receives elsewhere, or of a delay.
pub fn add(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    queue: &Queue,
    body: &Body,
    state: Option<&State>,
    now: i64,
) -> Result<u64, Fault> {
    shelf.index(tx, queue)?;
    let is_delayed = state.is_some_and(|state| state.received == 0);
    let mut number = shelf.number(now);
    let index = shelf.index(tx, queue)?;
    if let Some(group) = body.group.as_ref().filter(|_| queue.fifo.is_some()) {
        tx.put(&LINES, &(queue.id, group.as_str(), number), body)?;
        if index.groups.get(group).is_none() {
            tx.put(&GROUPS, &(queue.id, group.as_str()), &())?;
            index.groups.place(group, state.map_or(now, |state| state.visible_at.max(now)), number);
        }
    } else {
        number |= if is_delayed { DELAYED } else { 0 };
        tx.put(&MESSAGES, &(queue.id, number), body)?;
    }
    if let Some(state) = state {
        tx.put(&STATES, &(queue.id, number), state)?;
        index.hide(number, state);
        index.pass(now);
    }
    Ok(number)
}

/// Takes a message off, if it is there, and tells whether it was. The queue's count is the caller's to change.
pub fn remove(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    queue: &Queue,
    at: &At,
    now: i64,
) -> Result<bool, Fault> {
    let was_there = match &at.group {
        Some(group) => tx.delete(&LINES, &(queue.id, group.as_str(), at.number))?,
        None => tx.delete(&MESSAGES, &(queue.id, at.number))?,
    };
    if !was_there {
        return Ok(false);
    }
    let state = tx.get(&STATES, &(queue.id, at.number))?;
    if state.is_some() {
        tx.delete(&STATES, &(queue.id, at.number))?;
    }
    shelf.index(tx, queue)?.drop_message(at.number, state.as_ref());
    if let Some(group) = &at.group {
        move_up(tx, shelf, queue, group, at.number, now)?;
    }
    Ok(true)
}

/// After a message of a group is gone: the next is the first, unless one before it still is.
fn move_up(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    queue: &Queue,
    group: &str,
    gone: u64,
    now: i64,
) -> Result<(), Fault> {
    let front = shelf.index(tx, queue)?.groups.get(group).map_or(0, |group| group.front);
    if front != 0 && front != gone {
        return Ok(());
    }
    match first_of(tx, queue.id, group, front)? {
        Some(first) if first < gone => {}
        Some(first) => {
            let state = tx.get(&STATES, &(queue.id, first))?;
            let ready_at = state.map_or(now, |state| state.visible_at.max(now));
            shelf.index(tx, queue)?.groups.place(group, ready_at, first);
        }
        None => {
            tx.delete(&GROUPS, &(queue.id, group))?;
            shelf.index(tx, queue)?.groups.remove(group);
        }
    }
    Ok(())
}

/// The number of a group's first message, of those not before `front`.
fn first_of(tx: &ReadTx<'_>, id: u64, group: &str, front: u64) -> Result<Option<u64>, Fault> {
    let from = (id, group.to_owned(), front);
    let to = (id, group.to_owned(), u64::MAX);
    let key = tx.range(&LINES, from..=to).keys().next().transpose()?;
    Ok(key.map(|(_, _, number)| number))
}

/// Gives a message another state.
pub fn change(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    queue: &Queue,
    at: &At,
    (before, after): (Option<&State>, &State),
    now: i64,
) -> Result<(), Fault> {
    tx.put(&STATES, &(queue.id, at.number), after)?;
    let first = match &at.group {
        Some(group) => match shelf.index(tx, queue)?.groups.get(group).map_or(0, |group| group.front) {
            0 => first_of(tx, queue.id, group, 0)?,
            front => Some(front),
        },
        None => None,
    };
    let index = shelf.index(tx, queue)?;
    index.drop_message(at.number, before);
    index.hide(at.number, after);
    index.pass(now);
    if let Some(group) = at.group.as_deref().filter(|_| first == Some(at.number)) {
        index.groups.place(group, after.visible_at.max(now), at.number);
    }
    Ok(())
}

/// Moves a message to a dead-letter queue, which sees how often it was received.
pub fn bury(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    dead: &Queue,
    body: &Body,
    state: &State,
    now: i64,
) -> Result<(), Fault> {
    let state = State { visible_at: now, ..state.clone() };
    let number = add(tx, shelf, dead, body, Some(&state), now)?;
    message::came(tx, dead.id, 1, number)
}
