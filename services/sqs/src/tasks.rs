//! Move tasks: messages of a dead-letter queue go back to where they came from, or to another queue.
//!
//! Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html>

use api_sqs::SqsError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Context, Fault};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{ReadTx, Table, WriteTx};

use crate::message::{self, At, Body};
use crate::queue::{Place, QUEUES, Queue};
use crate::shelf::Shelf;
use crate::{arrival, errors, names, receive};

/// Tasks by the source's name, when they were started in milliseconds since 1970, and their id.
pub static TASKS: Table<Key, Task> = Table::regional("sqs.tasks");

/// What finds a task.
pub type Key = (String, i64, String);

/// How many tasks of a queue are remembered.
pub const REMEMBERED: usize = 10;
/// How many messages go in one transaction.
const BATCH: i64 = 100;
/// Why a task fails whose messages have nowhere to go.
const NO_QUEUE: &str = "AWS.SimpleQueueService.NonExistentQueue";
/// Why a task without a destination fails at a message that never was in another queue.
const NO_SOURCE: &str = "CouldNotDetermineMessageSource";

/// A task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// The destination's ARN, unless messages go back to their sources.
    pub destination: Option<String>,
    /// How many messages it moves in a second, if it was told.
    pub rate: Option<i64>,
    /// How many it has moved.
    pub moved: i64,
    /// How many there were when it started.
    pub to_move: i64,
    /// How it is.
    pub status: Status,
    /// Why it failed.
    pub failure: Option<String>,
}

/// How a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It moves messages.
    Running,
    /// It has moved all.
    Completed,
    /// It was told to end.
    Cancelled,
    /// It cannot go on.
    Failed,
}

impl Status {
    /// As AWS writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }
}

/// What one step of a task did.
#[derive(Default)]
pub struct Step {
    /// When the next is due, in milliseconds since 1970, unless the task has ended.
    pub next: Option<i64>,
    /// The queues that got messages.
    pub moved_to: Vec<Place>,
}

/// The handle of a task.
pub fn handle(id: &str, source: &str) -> String {
    STANDARD.encode(json!({ "taskId": id, "sourceArn": source }).to_string())
}

/// The task's id and its source's ARN.
pub fn parse_handle(handle: &str) -> Result<(String, String), SqsError> {
    let read = || -> Option<(String, String)> {
        let value: Value = serde_json::from_slice(&STANDARD.decode(handle).ok()?).ok()?;
        Some((value["taskId"].as_str()?.to_owned(), value["sourceArn"].as_str()?.to_owned()))
    };
    read().ok_or_else(|| errors::bad_move("Value for parameter TaskHandle is invalid."))
}

/// Moves as many messages as are due.
pub fn step(tx: &mut WriteTx<'_>, shelf: &mut Shelf, key: &Key, cx: &Context) -> Result<Step, SqsError> {
    let Some(mut task) = tx.get(&TASKS, key)?.filter(|task| task.status == Status::Running) else {
        return Ok(Step::default());
    };
    let now = cx.clock.millis();
    let allowed =
        task.rate.map_or(BATCH, |rate| (now - key.1) * rate / 1000 + 1 - task.moved).clamp(0, BATCH);
    let mut step = Step::default();
    let ended = match usize::try_from(allowed) {
        Ok(0) | Err(_) => None,
        Ok(most) => advance(tx, shelf, (&key.0, &mut task), most, &mut step.moved_to, cx)?,
    };
    match ended {
        None => step.next = Some(task.rate.map_or(now, |rate| key.1 + (task.moved * 1000 + rate - 1) / rate)),
        Some(Ok(())) => task.status = Status::Completed,
        Some(Err(reason)) => {
            task.status = Status::Failed;
            task.failure = Some(reason.to_owned());
        }
    }
    tx.put(&TASKS, key, &task)?;
    Ok(step)
}

/// Moves some messages; tells whether, and how, the task ends with it.
fn advance(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    (source, task): (&str, &mut Task),
    most: usize,
    moved_to: &mut Vec<Place>,
    cx: &Context,
) -> Result<Option<Result<(), &'static str>>, SqsError> {
    let Some(queue) = tx.get(&QUEUES, source)? else { return Ok(Some(Err(NO_QUEUE))) };
    let found = receive::visible(tx, shelf, &queue, most, cx.clock.millis())?;
    if found.is_empty() {
        return Ok(Some(Ok(())));
    }
    for (at, body) in found {
        let Some(arn) = task.destination.clone().or_else(|| body.dead_letter_source.clone()) else {
            shelf.forget(&[queue.id]);
            return Ok(Some(Err(NO_SOURCE)));
        };
        let Some((place, destination)) = find(tx, &arn)? else {
            shelf.forget(&[queue.id]);
            return Ok(Some(Err(NO_QUEUE)));
        };
        move_one(tx, shelf, (&queue, &at), body, &destination, cx)?;
        task.moved += 1;
        if !moved_to.contains(&place) {
            moved_to.push(place);
        }
    }
    Ok(None)
}

/// A redriven message is a new one: it has an id of its own and is kept as long as any other.
fn move_one(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    (source, at): (&Queue, &At),
    body: Body,
    destination: &Queue,
    cx: &Context,
) -> Result<(), Fault> {
    let now = cx.clock.millis();
    arrival::remove(tx, shelf, source, at, now)?;
    message::went(tx, source.id, 1)?;
    let body = Body { id: cx.ids.uuid(), sent: now, dead_letter_source: None, ..body };
    let number = arrival::add(tx, shelf, destination, &body, None, now)?;
    message::came(tx, destination.id, 1, number)
}

/// The queue of an ARN, if it is there.
pub fn find(tx: &WriteTx<'_>, arn: &str) -> Result<Option<(Place, Queue)>, Fault> {
    let Some((scope, name)) = names::parse_arn(arn, tx.scope()) else { return Ok(None) };
    let read: &ReadTx<'_> = tx;
    let queue = read.in_scope(&scope).get(&QUEUES, &name)?;
    Ok(queue.map(|queue| ((scope, name), queue)))
}
