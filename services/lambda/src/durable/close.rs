//! The end of an execution, and of what is waited for outside of it.

use api_lambda::{EventType, ExecutionStatus, OperationStatus, OperationType};
use kernel::{Fault, Timestamp};
use store::{Table, WriteTx};

use super::event::Detail;
use super::execution::Execution;
use super::operation::Operation;
use super::outcome::{Outcome, Problem};
use super::{DUE, EVENTS, EXECUTIONS, NAMES, OPERATIONS, OUTCOMES, PLACES, letter, timer};

impl Execution {
    /// Ends the execution. Who started it is told, and it is kept for its retention.
    pub fn close(
        &mut self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        status: ExecutionStatus,
        outcome: Outcome,
    ) -> Result<(), Fault> {
        let (ended, kind) = match status {
            ExecutionStatus::Succeeded => (OperationStatus::Succeeded, EventType::ExecutionSucceeded),
            ExecutionStatus::TimedOut => (OperationStatus::TimedOut, EventType::ExecutionTimedOut),
            ExecutionStatus::Stopped => (OperationStatus::Stopped, EventType::ExecutionStopped),
            _ => (OperationStatus::Failed, EventType::ExecutionFailed),
        };
        let own = self.id.clone();
        if let Some(mut operation) = self.operation(tx, &own)? {
            operation.status = ended.clone();
            operation.ended = Some(now);
            self.keep(tx, &mut operation)?;
            let detail =
                Detail { text: outcome.result.clone(), error: outcome.error.clone(), ..Detail::default() };
            self.record(tx, now, kind, Some(&operation), detail)?;
        }
        self.status = status;
        self.ended = Some(now);
        self.is_wanted = false;
        self.unseen.clear();
        tx.put(&OUTCOMES, self.id.as_str(), &outcome)?;
        tx.emit(timer::KIND, &timer::Timer::retention(self.reference()))?;
        if self.is_async && ended != OperationStatus::Succeeded {
            tx.emit(letter::KIND, &self.reference())?;
        }
        self.tell_parent(tx, now, &ended, outcome)?;
        self.put(tx)
    }

    fn tell_parent(
        &self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        status: &OperationStatus,
        outcome: Outcome,
    ) -> Result<(), Fault> {
        let Some(reference) = &self.parent else { return Ok(()) };
        let Some(mut parent) = Self::of(tx, reference)? else { return Ok(()) };
        let outcome = match status {
            OperationStatus::TimedOut => {
                let message = format!("CHAINED_INVOKE timed out after {} seconds.", self.timeout);
                let error = Problem::new("ChainedInvoke.Timeout", message);
                Outcome { result: None, error: Some(error) }
            }
            _ => outcome,
        };
        let operation = reference.operation.as_deref().unwrap_or_default();
        parent.complete(tx, now, operation, status.clone(), outcome)?;
        parent.put(tx)
    }

    /// Ends an operation from outside: a wait, a callback, an invocation of another function. False if it has ended
    /// already, or the execution has.
    pub fn complete(
        &mut self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        id: &str,
        status: OperationStatus,
        outcome: Outcome,
    ) -> Result<bool, Fault> {
        let Some(mut operation) = self.operation(tx, id)?.filter(Operation::is_pending) else {
            return Ok(false);
        };
        if self.is_closed() {
            return Ok(false);
        }
        let detail = Detail {
            text: outcome.result.clone(),
            error: outcome.error.clone(),
            seconds: duration(&operation),
            ..Detail::default()
        };
        self.bytes += outcome.result.as_ref().map_or(0, String::len);
        self.forget_due(tx, &operation)?;
        operation.status = status;
        operation.ended = Some(now);
        operation.result = outcome.result;
        operation.error = outcome.error;
        self.keep(tx, &mut operation)?;
        if let Some(kind) = ended(&operation.kind, &operation.status) {
            self.record(tx, now, kind, Some(&operation), detail)?;
        }
        self.wake(tx, id)?;
        Ok(true)
    }

    /// What has fallen due: waits end, steps are ready to be tried again.
    pub fn fire(&mut self, tx: &mut WriteTx<'_>, now: Timestamp) -> Result<(), Fault> {
        let due: Vec<String> = tx
            .prefix(&DUE, &(self.id.as_str(),))
            .keys()
            .take_while(|key| key.as_ref().map_or(true, |(_, due, _)| *due <= now))
            .map(|key| key.map(|(_, _, operation)| operation))
            .collect::<Result<_, Fault>>()?;
        for id in due {
            let Some(mut operation) = self.operation(tx, &id)? else { continue };
            if operation.kind == OperationType::Wait {
                self.complete(tx, now, &id, OperationStatus::Succeeded, Outcome::default())?;
                continue;
            }
            self.forget_due(tx, &operation)?;
            operation.status = OperationStatus::Ready;
            operation.due = None;
            self.keep(tx, &mut operation)?;
            self.wake(tx, &id)?;
        }
        Ok(())
    }

    /// Removes all that there is of it.
    pub fn remove(&self, tx: &mut WriteTx<'_>) -> Result<(), Fault> {
        let id = self.id.as_str();
        clear(tx, &OPERATIONS, id)?;
        clear(tx, &PLACES, id)?;
        clear(tx, &EVENTS, id)?;
        let due = tx.prefix(&DUE, &(id,)).keys().collect::<Result<Vec<_>, Fault>>()?;
        due.iter().try_for_each(|key| tx.delete(&DUE, key).map(drop))?;
        tx.delete(&OUTCOMES, id)?;
        tx.delete(&NAMES, &(self.function.as_str(), self.name.as_str()))?;
        tx.delete(&EXECUTIONS, &(self.function.as_str(), id)).map(drop)
    }
}

/// Removes the rows of an execution.
fn clear<K, R>(tx: &mut WriteTx<'_>, table: &Table<(String, K), R>, id: &str) -> Result<(), Fault>
where
    (String, K): store::Key<Parts = (String, K)> + store::KeyRef<Key = (String, K)>,
    K: store::Key,
    R: store::Row,
{
    let keys = tx.prefix(table, &(id,)).keys().collect::<Result<Vec<_>, Fault>>()?;
    keys.iter().try_for_each(|key| tx.delete(table, key).map(drop))
}

fn duration(operation: &Operation) -> Option<i32> {
    let due = operation.due.filter(|_| operation.kind == OperationType::Wait)?;
    i32::try_from(due.duration_since(operation.started).as_secs()).ok()
}

fn ended(kind: &OperationType, status: &OperationStatus) -> Option<EventType> {
    Some(match (kind, status) {
        (OperationType::Wait, _) => EventType::WaitSucceeded,
        (OperationType::Callback, OperationStatus::Succeeded) => EventType::CallbackSucceeded,
        (OperationType::Callback, OperationStatus::TimedOut) => EventType::CallbackTimedOut,
        (OperationType::Callback, _) => EventType::CallbackFailed,
        (OperationType::ChainedInvoke, OperationStatus::Succeeded) => EventType::ChainedInvokeSucceeded,
        (OperationType::ChainedInvoke, OperationStatus::TimedOut) => EventType::ChainedInvokeTimedOut,
        (OperationType::ChainedInvoke, OperationStatus::Stopped) => EventType::ChainedInvokeStopped,
        (OperationType::ChainedInvoke, _) => EventType::ChainedInvokeFailed,
        _ => return None,
    })
}
