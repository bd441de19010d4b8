//! Starting executions, and waiting for them.

use api_lambda::{EventType, ExecutionStatus, LambdaError, OperationStatus, OperationType};
use kernel::{Bytes, Context, Fault, Timestamp};
use runner::FunctionError;
use sha2::{Digest, Sha256};
use store::WriteTx;

use super::apply::later;
use super::event::Detail;
use super::execution::Execution;
use super::operation::Operation;
use super::outcome::{Outcome, Problem};
use super::{EXECUTIONS, NAMES, OUTCOMES, Reference, timer};
use crate::function::{Durability, Function};
use crate::names::FunctionName;
use crate::{Lambda, errors, limits};

/// An execution that is to start.
pub struct Start<'a> {
    /// The function as the caller named it.
    pub name: &'a FunctionName,
    /// The function.
    pub function: &'a Function,
    /// The execution's name, if it was given one.
    pub execution: Option<String>,
    /// The event.
    pub payload: Bytes,
    /// Whether nobody waits for it.
    pub is_async: bool,
    /// The operation that starts it.
    pub parent: Option<Reference>,
    /// The trace it belongs to.
    pub trace: Option<String>,
}

impl<'a> Start<'a> {
    /// One that is waited for and has no name.
    pub fn of(name: &'a FunctionName, function: &'a Function, payload: Bytes, trace: Option<String>) -> Self {
        Self { name, function, execution: None, payload, is_async: false, parent: None, trace }
    }
}

impl Lambda {
    /// Starts an execution. One that has that name already is answered instead, if it was started with the same payload.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html>
    pub(crate) async fn start(&self, cx: &Context, start: Start<'_>) -> Result<Execution, LambdaError> {
        let name = start.name;
        if name.qualifier.is_none() {
            return Err(errors::unqualified());
        }
        let Some(durability) = &start.function.configuration.durable else {
            return Err(errors::not_durable());
        };
        if !start.is_async && start.parent.is_none() && durability.timeout > limits::SYNCHRONOUS_SECONDS {
            return Err(errors::too_long_to_wait());
        }
        // Callers see milliseconds, and ask for executions by them.
        let millis = Timestamp::from_millisecond(cx.clock.now().as_millisecond());
        let now = millis.map_err(Fault::internal)?;
        let payload = String::from_utf8(start.payload.to_vec())
            .map_err(|error| errors::not_json(&error.to_string()))?;
        let execution = new(cx, now, &start, durability);
        self.store.write(&name.scope, |tx| begin(tx, now, execution.clone(), &start, &payload)).await
    }

    /// Starts an execution and waits for its end.
    pub(crate) async fn start_and_wait(
        &self,
        cx: &Context,
        start: Start<'_>,
    ) -> Result<(Execution, runner::Outcome), LambdaError> {
        let scope = start.name.scope.clone();
        let started = self.start(cx, start).await?;
        let until = later(cx.clock.now(), limits::SYNCHRONOUS_SECONDS);
        let watch = self.durable.watch(&started.id);
        let key = (started.function.as_str(), started.id.as_str());
        loop {
            let notified = watch.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            let read = self.store.read(&scope, |tx| {
                let outcome = tx.get(&OUTCOMES, started.id.as_str())?;
                Ok::<_, Fault>((tx.get(&EXECUTIONS, &key)?, outcome))
            })?;
            match read {
                (Some(execution), Some(outcome)) if execution.is_closed() => {
                    return Ok((execution, answer(outcome)));
                }
                (None, _) => return Err(errors::no_such_execution()),
                _ => {}
            }
            tokio::select! {
                () = notified => {}
                () = cx.clock.sleep_until(until) => return Ok((started, timed_out())),
            }
        }
    }
}

fn new(cx: &Context, now: Timestamp, start: &Start<'_>, durability: &Durability) -> Execution {
    let id = in_order(now, &cx.ids.uuid());
    Execution {
        function: start.name.name.clone(),
        version: start.function.version.clone(),
        name: start.execution.clone().unwrap_or_else(|| cx.ids.uuid()),
        id,
        digest: Sha256::digest(&start.payload).to_vec(),
        status: ExecutionStatus::Running,
        started: now,
        ended: None,
        timeout: durability.timeout,
        retention: durability.retention,
        deadline: later(now, durability.timeout),
        is_async: start.is_async,
        trace: start.trace.clone(),
        parent: start.parent.clone(),
        checkpoint: 0,
        last: None,
        invocation: None,
        invoked: None,
        is_wanted: false,
        failures: 0,
        idle: 0,
        unseen: Vec::new(),
        operations: 0,
        events: 0,
        bytes: start.payload.len(),
        pause: None,
        resumed: None,
    }
}

/// An id whose first digits are the time, so that executions are kept in the order in which they were started.
fn in_order(now: Timestamp, id: &str) -> String {
    let millis = format!("{:012x}", now.as_millisecond());
    format!("{}-{}{}", &millis[..8], &millis[8..], &id[13..])
}

fn begin(
    tx: &mut WriteTx<'_>,
    now: Timestamp,
    mut execution: Execution,
    start: &Start<'_>,
    payload: &str,
) -> Result<Execution, LambdaError> {
    let name = (execution.function.clone(), execution.name.clone());
    if let Some(id) = tx.get(&NAMES, &name)?
        && let Some(existing) = tx.get(&EXECUTIONS, &(name.0.as_str(), id.as_str()))?
    {
        return match existing.digest == execution.digest {
            true => Ok(existing),
            false => Err(errors::execution_exists(&execution.name)),
        };
    }
    if let Some(parent) = &start.parent
        && !adopt(tx, parent, &execution)?
    {
        return Ok(execution);
    }
    let mut operation = first(&execution, now, payload);
    execution.keep(tx, &mut operation)?;
    let detail = Detail { seconds: Some(execution.timeout), ..Detail::text(Some(payload.to_owned())) };
    execution.record(tx, now, EventType::ExecutionStarted, Some(&operation), detail)?;
    tx.put(&NAMES, &name, &execution.id)?;
    execution.want(tx)?;
    tx.emit(timer::KIND, &timer::Timer::of(execution.reference()))?;
    execution.put(tx)?;
    Ok(execution)
}

/// The operation that starts an execution knows it; one that has been started already, before a crash, is left alone.
fn adopt(tx: &mut WriteTx<'_>, reference: &Reference, child: &Execution) -> Result<bool, Fault> {
    let Some(mut parent) = Execution::of(tx, reference)? else { return Ok(false) };
    let id = reference.operation.as_deref().unwrap_or_default();
    let Some(mut operation) = parent.operation(tx, id)?.filter(Operation::is_pending) else {
        return Ok(false);
    };
    let Some(chain) = operation.chain.as_mut().filter(|chain| chain.child.is_none()) else {
        return Ok(false);
    };
    chain.child = Some(child.id.clone());
    parent.keep(tx, &mut operation)?;
    parent.chained(tx, id, child)?;
    parent.put(tx)?;
    Ok(true)
}

impl Execution {
    /// The event of an invocation of another function tells what was started for it, once that is known.
    fn chained(&self, tx: &mut WriteTx<'_>, operation: &str, child: &Self) -> Result<(), Fault> {
        let is_it = |event: &super::event::Event| {
            event.kind == EventType::ChainedInvokeStarted && event.id.as_deref() == Some(operation)
        };
        let rows = tx.prefix(&super::EVENTS, &(self.id.as_str(),));
        let found = rows.filter_map(Result::ok).find(|(_, event)| is_it(event));
        let Some((key, mut event)) = found else { return Ok(()) };
        event.detail.version = Some(child.version.clone());
        event.detail.arn = Some(child.arn(tx.scope()));
        tx.put(&super::EVENTS, &key, &event)
    }
}

/// The operation that every execution begins with: itself. Its id is the execution's.
fn first(execution: &Execution, now: Timestamp, payload: &str) -> Operation {
    Operation {
        id: execution.id.clone(),
        place: None,
        parent: None,
        name: Some(execution.name.clone()),
        kind: OperationType::Execution,
        sub_type: None,
        status: OperationStatus::Started,
        started: now,
        ended: None,
        attempt: 0,
        due: None,
        input: Some(payload.to_owned()),
        result: None,
        error: None,
        replays_children: false,
        callback: None,
        chain: None,
    }
}

/// What a caller who waits is answered. AWS does not say how it writes errors of executions: they are written here as those
/// of all functions are.
fn answer(outcome: Outcome) -> runner::Outcome {
    match outcome.error {
        None => runner::Outcome::told(outcome.result.unwrap_or_default().into(), None),
        Some(Problem { message, kind, trace, .. }) => {
            let payload = serde_json::json!({
                "errorMessage": message.unwrap_or_default(),
                "errorType": kind.unwrap_or_else(|| "Error".to_owned()),
                "stackTrace": trace.unwrap_or_default(),
            });
            runner::Outcome::told(payload.to_string().into(), Some(FunctionError::Unhandled))
        }
    }
}

fn timed_out() -> runner::Outcome {
    let seconds = limits::SYNCHRONOUS_SECONDS;
    let message = format!("The execution has not ended after {seconds} seconds. It goes on.");
    let payload = serde_json::json!({ "errorMessage": message, "errorType": "Sandbox.Timedout" });
    runner::Outcome::told(payload.to_string().into(), Some(FunctionError::Unhandled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_the_order_of_starts() {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        let id = |millis| in_order(at(millis), "ffffffff-ffff-4fff-8fff-ffffffffffff");
        assert_eq!(id(0x0123_4567_89ab), "01234567-89ab-4fff-8fff-ffffffffffff");
        assert!(id(1_800_000_000_000) < id(1_800_000_000_001));
    }
}
