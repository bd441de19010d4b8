//! Applying a checkpoint's updates.

use api_lambda::{
    EventType, ExecutionStatus, LambdaError, OperationAction, OperationStatus, OperationType, OperationUpdate,
};
use jiff::SignedDuration;
use kernel::{Fault, Timestamp};
use store::WriteTx;

use super::chain;
use super::event::Detail;
use super::execution::Execution;
use super::operation::{Callback, Operation};
use super::outcome::{Outcome, Problem};
use super::{DUE, timer, token};
use crate::errors;
use crate::limits;

/// A moment that many seconds later.
pub fn later(now: Timestamp, seconds: i32) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

impl Execution {
    /// Applies an update, which has been checked.
    pub fn apply(
        &mut self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        update: &OperationUpdate,
    ) -> Result<(), LambdaError> {
        if update.r#type == OperationType::Execution {
            return self.end(tx, now, update);
        }
        let current = self.operation(tx, &update.id)?;
        if current.is_none() && self.operations >= limits::OPERATIONS {
            let most = limits::OPERATIONS;
            return Err(errors::refused(format!("A durable execution has at most {most} operations.")));
        }
        let mut operation = current.unwrap_or_else(|| new(now, update));
        match (&update.r#type, &update.action) {
            (OperationType::Wait, OperationAction::Start) => {
                self.start_wait(tx, now, &mut operation, update)?
            }
            (OperationType::Callback, _) => self.start_callback(tx, now, &mut operation, update)?,
            (OperationType::ChainedInvoke, _) => chain::begin(self, tx, now, &mut operation, update)?,
            (_, OperationAction::Start) => {
                operation.status = OperationStatus::Started;
                operation.due = None;
                let kind = started(&operation.kind);
                self.record(tx, now, kind, Some(&operation), Detail::default())?;
            }
            (_, OperationAction::Retry) => self.retry(tx, now, &mut operation, update)?,
            (_, OperationAction::Cancel) => {
                self.forget_due(tx, &operation)?;
                operation.status = OperationStatus::Cancelled;
                operation.ended = Some(now);
                self.record(tx, now, EventType::WaitCancelled, Some(&operation), Detail::default())?;
            }
            _ => self.finish(tx, now, &mut operation, update)?,
        }
        // What has been written counts, also where something else has taken its place.
        self.bytes += update.payload.as_ref().map_or(0, String::len);
        self.bytes += update.error.clone().map_or(0, |error| Problem::from(error).len());
        if self.bytes > limits::EXECUTION_BYTES {
            let most = limits::EXECUTION_BYTES;
            return Err(errors::refused(format!("A durable execution keeps at most {most} bytes.")));
        }
        Ok(self.keep(tx, &mut operation)?)
    }

    /// The longest result it may have.
    pub fn longest_result(&self) -> usize {
        match self.is_async || self.parent.is_some() {
            true => limits::OPERATION_PAYLOAD,
            false => limits::LONGEST_RESULT,
        }
    }

    fn end(
        &mut self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        update: &OperationUpdate,
    ) -> Result<(), LambdaError> {
        let error = update.error.clone().map(Problem::from);
        let outcome = Outcome { result: update.payload.clone(), error };
        let status = match update.action {
            OperationAction::Succeed => ExecutionStatus::Succeeded,
            _ => ExecutionStatus::Failed,
        };
        Ok(self.close(tx, now, status, outcome)?)
    }

    fn start_wait(
        &mut self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        operation: &mut Operation,
        update: &OperationUpdate,
    ) -> Result<(), Fault> {
        let seconds = update.wait_options.as_ref().and_then(|options| options.wait_seconds).unwrap_or(1);
        let due = later(now, seconds);
        operation.due = Some(due);
        let detail = Detail { seconds: Some(seconds), moment: Some(due), ..Detail::default() };
        self.record(tx, now, EventType::WaitStarted, Some(operation), detail)?;
        self.fall_due(tx, operation, due)
    }

    fn start_callback(
        &mut self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        operation: &mut Operation,
        update: &OperationUpdate,
    ) -> Result<(), Fault> {
        let options = update.callback_options.clone().unwrap_or_default();
        let given = |seconds: Option<i32>| seconds.filter(|seconds| *seconds > 0);
        let (timeout, heartbeat) = (given(options.timeout_seconds), given(options.heartbeat_timeout_seconds));
        let reference = self.reference_to(&operation.id);
        let id = token::callback(&reference);
        let detail = Detail { id: Some(id.clone()), seconds: timeout, count: heartbeat, ..Detail::default() };
        operation.callback = Some(Callback {
            id,
            deadline: timeout.map(|seconds| later(now, seconds)),
            heartbeat,
            beat: heartbeat.map(|seconds| later(now, seconds)),
        });
        self.record(tx, now, EventType::CallbackStarted, Some(operation), detail)?;
        match timeout.or(heartbeat) {
            Some(_) => tx.emit(timer::KIND, &timer::Timer::of(reference)),
            None => Ok(()),
        }
    }

    fn retry(
        &mut self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        operation: &mut Operation,
        update: &OperationUpdate,
    ) -> Result<(), Fault> {
        let options = update.step_options.as_ref();
        let seconds = options.and_then(|options| options.next_attempt_delay_seconds).unwrap_or(1);
        let due = later(now, seconds);
        operation.attempt += 1;
        operation.status = OperationStatus::Pending;
        operation.due = Some(due);
        operation.result.clone_from(&update.payload);
        operation.error = update.error.clone().map(Problem::from);
        // A step that waits for a condition is tried again without having failed.
        let kind = if update.error.is_some() { EventType::StepFailed } else { EventType::StepSucceeded };
        let detail = Detail {
            text: operation.result.clone(),
            error: operation.error.clone(),
            seconds: Some(seconds),
            count: Some(operation.attempt),
            ..Detail::default()
        };
        self.record(tx, now, kind, Some(operation), detail)?;
        self.fall_due(tx, operation, due)
    }

    /// A step or a context ends. One that was never started starts now, and its history says so.
    fn finish(
        &mut self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        operation: &mut Operation,
        update: &OperationUpdate,
    ) -> Result<(), Fault> {
        if operation.place.is_none() {
            self.record(tx, now, started(&operation.kind), Some(operation), Detail::default())?;
        }
        let is_step = operation.kind == OperationType::Step;
        let has_failed = update.action == OperationAction::Fail;
        operation.attempt += i32::from(is_step);
        operation.due = None;
        operation.ended = Some(now);
        operation.result.clone_from(&update.payload);
        operation.error = update.error.clone().map(Problem::from);
        let options = update.context_options.as_ref();
        operation.replays_children = options.and_then(|options| options.replay_children).unwrap_or_default();
        operation.status = if has_failed { OperationStatus::Failed } else { OperationStatus::Succeeded };
        let kind = match (is_step, has_failed) {
            (true, true) => EventType::StepFailed,
            (true, false) => EventType::StepSucceeded,
            (false, true) => EventType::ContextFailed,
            (false, false) => EventType::ContextSucceeded,
        };
        let detail = Detail {
            text: operation.result.clone(),
            error: operation.error.clone(),
            count: is_step.then_some(operation.attempt),
            ..Detail::default()
        };
        self.record(tx, now, kind, Some(operation), detail)
    }

    fn fall_due(&mut self, tx: &mut WriteTx<'_>, operation: &Operation, due: Timestamp) -> Result<(), Fault> {
        tx.put(&DUE, &(self.id.as_str(), due, operation.id.as_str()), &true)?;
        tx.emit(timer::KIND, &timer::Timer::of(self.reference_to(&operation.id)))
    }

    /// It no longer waits for its moment.
    pub fn forget_due(&self, tx: &mut WriteTx<'_>, operation: &Operation) -> Result<(), Fault> {
        match operation.due {
            Some(due) => tx.delete(&DUE, &(self.id.as_str(), due, operation.id.as_str())).map(drop),
            None => Ok(()),
        }
    }
}

fn new(now: Timestamp, update: &OperationUpdate) -> Operation {
    Operation {
        id: update.id.clone(),
        place: None,
        parent: update.parent_id.clone(),
        name: update.name.clone(),
        kind: update.r#type.clone(),
        sub_type: update.sub_type.clone(),
        status: OperationStatus::Started,
        started: now,
        ended: None,
        attempt: 0,
        due: None,
        input: None,
        result: None,
        error: None,
        replays_children: false,
        callback: None,
        chain: None,
    }
}

fn started(kind: &OperationType) -> EventType {
    match kind {
        OperationType::Context => EventType::ContextStarted,
        _ => EventType::StepStarted,
    }
}
