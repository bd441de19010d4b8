//! What follows from an invocation of a durable function: its execution ends, waits, or is invoked again.

use api_lambda::{EventType, ExecutionStatus, LambdaError};
use jiff::SignedDuration;
use kernel::{Bytes, Context, Fault, Timestamp};
use serde::Deserialize;
use store::WriteTx;

use super::event::Detail;
use super::execution::Execution;
use super::invocation::{Begun, Step};
use super::outcome::{Outcome, Problem};
use super::{OPERATIONS, Reference};
use crate::limits;

/// What a function answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    status: String,
    result: Option<String>,
    error: Option<Problem>,
}

/// What follows from an answer, or from there being none.
pub fn end(
    cx: &Context,
    tx: &mut WriteTx<'_>,
    reference: &Reference,
    begun: &Begun,
    ran: &Result<runner::Outcome, LambdaError>,
) -> Result<Step, Fault> {
    let now = cx.clock.now();
    let Some(mut execution) = Execution::of(tx, reference)? else { return Ok(Step::Wait) };
    if execution.invocation.as_ref() != Some(&begun.id) {
        return Ok(Step::Wait);
    }
    execution.invocation = None;
    if matches!(ran, Err(LambdaError::TooManyRequestsException(_))) && !execution.is_closed() {
        return again(tx, &mut execution, begun, Some(now + SignedDuration::from_secs(1)));
    }
    let problem = match ran {
        Ok(outcome) => outcome.function_error.map(|_| of_payload(&outcome.payload)),
        Err(error) => Some(of_fault(error)),
    };
    let detail = Detail {
        moment: execution.invoked,
        id: Some(begun.id.clone()),
        error: problem.clone(),
        ..Detail::default()
    };
    execution.record(tx, now, EventType::InvocationCompleted, None, detail)?;
    if execution.is_closed() {
        execution.put(tx)?;
        return Ok(Step::Wait);
    }
    match (ran, problem) {
        (Err(LambdaError::ResourceNotFoundException(_)), Some(problem)) => {
            fail(tx, now, &mut execution, problem)
        }
        (Ok(outcome), None) => take(tx, now, &mut execution, begun, &outcome.payload),
        (_, problem) => retry(tx, now, &mut execution, begun, problem.unwrap_or_default()),
    }
}

/// Takes what a function has answered.
fn take(
    tx: &mut WriteTx<'_>,
    now: Timestamp,
    execution: &mut Execution,
    begun: &Begun,
    payload: &Bytes,
) -> Result<Step, Fault> {
    let invalid = |text: String| Problem::new("InvalidParameterValueException", text);
    let answer: Answer = match serde_json::from_slice(payload) {
        Ok(answer) => answer,
        Err(error) => {
            return fail(tx, now, execution, invalid(format!("Invalid invocation output: {error}")));
        }
    };
    let most = execution.longest_result();
    match (answer.status.as_str(), answer.result, answer.error) {
        ("SUCCEEDED", _, Some(_)) => {
            fail(tx, now, execution, invalid("Cannot provide an Error for SUCCEEDED status.".to_owned()))
        }
        ("FAILED", Some(_), _) => {
            fail(tx, now, execution, invalid("Cannot provide a Result for FAILED status.".to_owned()))
        }
        ("SUCCEEDED", Some(result), None) if result.len() > most => {
            let message =
                format!("Execution output payload size must be less than or equal to {most} bytes.");
            let problem = Problem { message: Some(message), ..Problem::default() };
            fail(tx, now, execution, problem)
        }
        ("SUCCEEDED", result, None) => {
            execution.close(tx, now, ExecutionStatus::Succeeded, Outcome { result, error: None })?;
            Ok(Step::Wait)
        }
        ("FAILED", None, error) => {
            execution.close(tx, now, ExecutionStatus::Failed, Outcome { result: None, error })?;
            Ok(Step::Wait)
        }
        ("PENDING", ..) => pend(tx, now, execution, begun),
        (status, ..) => {
            fail(tx, now, execution, invalid(format!("Invalid invocation output: status {status}")))
        }
    }
}

/// The function waits: for what has happened in the meantime not at all, for nothing only so often.
fn pend(
    tx: &mut WriteTx<'_>,
    now: Timestamp,
    execution: &mut Execution,
    begun: &Begun,
) -> Result<Step, Fault> {
    execution.failures = 0;
    if execution.status != ExecutionStatus::Running {
        execution.halt(tx, now)?;
        execution.put(tx)?;
        return Ok(Step::Wait);
    }
    execution.fire(tx, now)?;
    if !execution.unseen.is_empty() {
        return again(tx, execution, begun, None);
    }
    if is_pending(tx, execution)? {
        execution.idle = 0;
        execution.is_wanted = false;
        execution.put(tx)?;
        return Ok(Step::Wait);
    }
    execution.idle += 1;
    if execution.idle < limits::IDLE_INVOCATIONS {
        return again(tx, execution, begun, Some(now + limits::DURABLE_RETRY));
    }
    let message = "Cannot return PENDING status with no pending operations.";
    fail(tx, now, execution, Problem::new("InvalidParameterValueException", message))
}

fn is_pending(tx: &WriteTx<'_>, execution: &Execution) -> Result<bool, Fault> {
    for row in tx.prefix(&OPERATIONS, &(execution.id.as_str(),)) {
        if row?.1.is_pending() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Functions that fail are invoked again. AWS does not say how often: this is what its testing library does.
fn retry(
    tx: &mut WriteTx<'_>,
    now: Timestamp,
    execution: &mut Execution,
    begun: &Begun,
    problem: Problem,
) -> Result<Step, Fault> {
    execution.failures += 1;
    if execution.failures >= limits::DURABLE_ATTEMPTS {
        return fail(tx, now, execution, problem);
    }
    again(tx, execution, begun, Some(now + limits::DURABLE_RETRY))
}

fn again(
    tx: &mut WriteTx<'_>,
    execution: &mut Execution,
    begun: &Begun,
    at: Option<Timestamp>,
) -> Result<Step, Fault> {
    if execution.status != ExecutionStatus::Running {
        execution.interrupt(tx, tx.now())?;
        execution.put(tx)?;
        return Ok(Step::Wait);
    }
    // What the function was told in vain is told again.
    if at.is_some() {
        let known = std::mem::take(&mut execution.unseen);
        execution.unseen.clone_from(&begun.updated);
        execution.unseen.extend(known.into_iter().filter(|id| !begun.updated.contains(id)));
    }
    execution.is_wanted = true;
    execution.put(tx)?;
    Ok(Step::Again(at))
}

fn fail(
    tx: &mut WriteTx<'_>,
    now: Timestamp,
    execution: &mut Execution,
    problem: Problem,
) -> Result<Step, Fault> {
    let outcome = Outcome { result: None, error: Some(problem) };
    execution.close(tx, now, ExecutionStatus::Failed, outcome)?;
    Ok(Step::Wait)
}

/// What an error in a function's answer says.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Thrown {
    error_message: Option<String>,
    error_type: Option<String>,
    stack_trace: Option<serde_json::Value>,
    trace: Option<Vec<String>>,
}

/// A function's error as an execution has it.
pub fn of_payload(payload: &[u8]) -> Problem {
    let thrown: Thrown = serde_json::from_slice(payload).unwrap_or_default();
    let lines = thrown.stack_trace.and_then(|trace| serde_json::from_value(trace).ok());
    Problem {
        message: thrown.error_message,
        kind: thrown.error_type,
        data: None,
        trace: lines.or(thrown.trace).filter(|trace| !trace.is_empty()),
    }
}

/// An error of the API as an execution has it.
pub fn of_fault(error: &LambdaError) -> Problem {
    let fault = Fault::from(error.clone());
    Problem::new(fault.code(), fault.message())
}
