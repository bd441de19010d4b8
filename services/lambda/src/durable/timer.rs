//! What follows from time alone. A timer is an event of the outbox that comes again until its moment, which stands in the
//! rows: what has been put off since is put off for the timer too.

use std::sync::Arc;

use api_lambda::{ExecutionStatus, OperationStatus, OperationType};
use jiff::SignedDuration;
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Context, Fault, Timestamp};
use serde::{Deserialize, Serialize};
use store::WriteTx;

use super::Reference;
use super::execution::Execution;
use super::outcome::{Outcome, Problem};
use crate::Lambda;

/// The kind of our events in the outbox.
pub const KIND: &str = "lambda.durable.timer";

/// What is to be looked at when its moment has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Timer {
    of: Reference,
    is_retention: bool,
}

impl Timer {
    /// Of an operation, or of the execution's timeout.
    pub fn of(of: Reference) -> Self {
        Self { of, is_retention: false }
    }

    /// Of the end of an execution's retention.
    pub fn retention(of: Reference) -> Self {
        Self { of, is_retention: true }
    }
}

/// Takes timers from the outbox.
pub struct Timers(pub Arc<Lambda>);

impl Consumer for Timers {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            match self.look(cx, payload).await {
                Ok(Some(at)) => Consumed::RetryAt(at),
                Ok(None) => Consumed::Done,
                Err(fault) => Consumed::Failed(fault),
            }
        })
    }
}

impl Timers {
    /// Does what is due; answers when there is more.
    async fn look(&self, cx: &Context, payload: &[u8]) -> Result<Option<Timestamp>, Fault> {
        let timer: Timer = store::decode_event(payload)?;
        let now = cx.clock.now();
        // Most are looked at when they are new, long before their moment: that takes no transaction.
        let due = self.0.store.read(&cx.scope, |tx| match Execution::of(tx, &timer.of)? {
            Some(execution) => moment(tx, &timer, &execution),
            None => Ok(None),
        })?;
        if due.is_none_or(|due| due > now) {
            return Ok(due);
        }
        let again = self.0.store.write(&cx.scope, |tx| {
            let Some(mut execution) = Execution::of(tx, &timer.of)? else { return Ok(None) };
            match moment(tx, &timer, &execution)? {
                Some(moment) if moment <= now => {}
                moment => return Ok(moment),
            }
            fire(tx, now, &timer, &mut execution)?;
            Ok::<_, Fault>(None)
        });
        let again = again.await?;
        self.0.durable.tell(&timer.of.id);
        Ok(again)
    }
}

/// When there is something to do.
fn moment(tx: &store::ReadTx<'_>, timer: &Timer, execution: &Execution) -> Result<Option<Timestamp>, Fault> {
    if timer.is_retention {
        let kept = SignedDuration::from_hours(24 * i64::from(execution.retention));
        return Ok(execution.ended.map(|ended| ended.checked_add(kept).unwrap_or(Timestamp::MAX)));
    }
    if execution.is_closed() {
        return Ok(None);
    }
    let Some(id) = &timer.of.operation else { return Ok(Some(execution.deadline)) };
    let operation = execution.operation(tx, id)?.filter(|operation| operation.is_pending());
    Ok(operation.and_then(|operation| match &operation.callback {
        Some(callback) => [callback.deadline, callback.beat].into_iter().flatten().min(),
        None => operation.due,
    }))
}

fn fire(tx: &mut WriteTx<'_>, now: Timestamp, timer: &Timer, execution: &mut Execution) -> Result<(), Fault> {
    if timer.is_retention {
        return execution.remove(tx);
    }
    let Some(id) = &timer.of.operation else {
        let message = format!("Execution timed out after {} seconds.", execution.timeout);
        let error = Problem { message: Some(message), ..Problem::default() };
        let outcome = Outcome { result: None, error: Some(error) };
        return execution.close(tx, now, ExecutionStatus::TimedOut, outcome);
    };
    let callback = match execution.operation(tx, id)? {
        Some(operation) if operation.kind == OperationType::Callback => operation.callback,
        _ => None,
    };
    match callback {
        Some(callback) => {
            let is_late = callback.deadline.is_some_and(|deadline| deadline <= now);
            let error = match is_late {
                true => Problem::new("Callback.Timeout", "Callback timed out"),
                false => Problem::new("Callback.Heartbeat", "Callback timed out on heartbeat"),
            };
            let outcome = Outcome { result: None, error: Some(error) };
            execution.complete(tx, now, id, OperationStatus::TimedOut, outcome)?;
        }
        None => execution.fire(tx, now)?,
    }
    execution.put(tx)
}
