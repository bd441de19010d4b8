//! What a checkpoint may say: updates are checked as a whole before any is applied.
//!
//! The service's own rules are not documented; these, and their words, are those by which AWS's testing library for
//! durable executions stands in for it.

use std::collections::HashMap;

use api_lambda::{LambdaError, OperationAction, OperationStatus, OperationType, OperationUpdate};
use kernel::Scope;
use store::ReadTx;

use super::execution::Execution;
use super::operation::Operation;
use super::outcome::Problem;
use crate::errors::refused;
use crate::limits;

/// Refuses updates that the state of the execution, or one of them, does not allow.
pub fn check(
    tx: &ReadTx<'_>,
    scope: &Scope,
    execution: &Execution,
    updates: &[OperationUpdate],
) -> Result<(), LambdaError> {
    one_end(updates)?;
    let mut started: HashMap<&str, &OperationUpdate> = HashMap::new();
    let mut last: HashMap<&str, &OperationUpdate> = HashMap::new();
    for update in updates {
        if last.get(update.id.as_str()).is_some_and(|last| !may_follow(last, update)) {
            return Err(refused("Cannot checkpoint multiple operations with the same ID."));
        }
        if let Some(parent) = &update.parent_id {
            let kind = match started.get(parent.as_str()) {
                Some(update) => Some(update.r#type.clone()),
                None => execution.operation(tx, parent)?.map(|operation| operation.kind),
            };
            if kind != Some(OperationType::Context) {
                return Err(refused("Invalid parent operation id."));
            }
        }
        if update.action == OperationAction::Start {
            started.insert(&update.id, update);
        }
        last.insert(&update.id, update);
    }
    for update in updates {
        let current = execution.operation(tx, &update.id)?;
        same(current.as_ref(), update)?;
        sizes(execution, update)?;
        known(update)?;
        transition(scope, current.as_ref(), update)?;
    }
    Ok(())
}

/// An execution ends once, and last.
fn one_end(updates: &[OperationUpdate]) -> Result<(), LambdaError> {
    let is_end = |update: &&OperationUpdate| update.r#type == OperationType::Execution;
    if updates.iter().filter(is_end).count() > 1 {
        return Err(refused("Cannot checkpoint multiple EXECUTION updates."));
    }
    match updates.iter().position(|update| is_end(&update)) {
        Some(place) if place + 1 < updates.len() => {
            Err(refused("EXECUTION checkpoint must be the last update."))
        }
        _ => Ok(()),
    }
}

/// A step or a context may start and end in one checkpoint; nothing else comes twice.
fn may_follow(last: &OperationUpdate, update: &OperationUpdate) -> bool {
    matches!(last.r#type, OperationType::Step | OperationType::Context)
        && last.action == OperationAction::Start
        && update.action != OperationAction::Start
}

fn same(current: Option<&Operation>, update: &OperationUpdate) -> Result<(), LambdaError> {
    let Some(current) = current else { return Ok(()) };
    let differs = |given: &Option<String>, kept: &Option<String>| given.is_some() && given != kept;
    let what = if current.kind != update.r#type {
        "operation type"
    } else if differs(&update.sub_type, &current.sub_type) {
        "operation subtype"
    } else if differs(&update.name, &current.name) {
        "operation name"
    } else if differs(&update.parent_id, &current.parent) {
        "parent operation id"
    } else {
        return Ok(());
    };
    Err(refused(format!("Inconsistent {what}.")))
}

fn sizes(execution: &Execution, update: &OperationUpdate) -> Result<(), LambdaError> {
    Problem::given(update.error.clone())?;
    let Some(payload) = &update.payload else { return Ok(()) };
    let is_end = update.r#type == OperationType::Execution;
    let most = if is_end { execution.longest_result() } else { limits::OPERATION_PAYLOAD };
    if payload.len() <= most {
        return Ok(());
    }
    let what = match update.r#type {
        OperationType::Execution => "Execution output".to_owned(),
        OperationType::ChainedInvoke => "CHAINED_INVOKE input".to_owned(),
        _ => update.r#type.to_string(),
    };
    Err(refused(format!("{what} payload size must be less than or equal to {most} bytes.")))
}

fn known(update: &OperationUpdate) -> Result<(), LambdaError> {
    use OperationAction::{Cancel, Fail, Retry, Start, Succeed};
    let allowed: &[OperationAction] = match update.r#type {
        OperationType::Step => &[Start, Fail, Retry, Succeed],
        OperationType::Context => &[Start, Fail, Succeed],
        OperationType::Wait => &[Start, Cancel],
        OperationType::Callback | OperationType::ChainedInvoke => &[Start],
        OperationType::Execution => &[Succeed, Fail],
        _ => return Err(refused("Unknown operation type.")),
    };
    if allowed.contains(&update.action) {
        return Ok(());
    }
    Err(refused("Invalid action for the given operation type."))
}

fn transition(
    scope: &Scope,
    current: Option<&Operation>,
    update: &OperationUpdate,
) -> Result<(), LambdaError> {
    let status = current.map(|current| &current.status);
    let is_running = matches!(status, None | Some(OperationStatus::Started | OperationStatus::Ready));
    let kind = &update.r#type;
    match (kind, &update.action) {
        (OperationType::Step, OperationAction::Start) => match status {
            None | Some(OperationStatus::Ready) => Ok(()),
            Some(_) => Err(refused("Invalid current STEP state to start.")),
        },
        (OperationType::Step, OperationAction::Retry) => retry(is_running, update),
        (OperationType::ChainedInvoke, OperationAction::Start) if current.is_none() => target(scope, update),
        (_, OperationAction::Start) if current.is_none() => Ok(()),
        (OperationType::ChainedInvoke, OperationAction::Start) => {
            Err(refused("Cannot start a CHAINED_INVOKE operation that already exists."))
        }
        (_, OperationAction::Start) => Err(refused(format!("Cannot start a {kind} that already exist."))),
        (OperationType::Wait, _) if status != Some(&OperationStatus::Started) => {
            Err(refused("Cannot cancel a WAIT that does not exist or has already completed."))
        }
        (OperationType::Step | OperationType::Context, _) if !is_running => {
            Err(refused(format!("Invalid current {kind} state to close.")))
        }
        (_, OperationAction::Fail) if update.payload.is_some() => {
            Err(refused("Cannot provide a Payload for FAIL action."))
        }
        (_, OperationAction::Succeed) if update.error.is_some() => {
            Err(refused("Cannot provide an Error for SUCCEED action."))
        }
        _ => Ok(()),
    }
}

fn retry(is_running: bool, update: &OperationUpdate) -> Result<(), LambdaError> {
    if !is_running {
        return Err(refused("Invalid current STEP state to re-attempt."));
    }
    if update.step_options.is_none() {
        return Err(refused("Invalid StepOptions for the given action."));
    }
    if update.error.is_some() && update.payload.is_some() {
        return Err(refused("Cannot provide both error and payload to RETRY a STEP."));
    }
    Ok(())
}

/// Functions that are invoked by functions are of the same account and region.
fn target(scope: &Scope, update: &OperationUpdate) -> Result<(), LambdaError> {
    let Some(options) = &update.chained_invoke_options else {
        return Err(refused("Update for CHAINED_INVOKE operation requires ChainedInvokeOptions."));
    };
    let parts: Vec<&str> = options.function_name.split(':').collect();
    let is_account = |part: &&&str| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit());
    let what = match parts.iter().find(is_account) {
        Some(account) if *account != scope.account.as_str() => "account",
        _ if parts[0] == "arn" && parts.get(3).is_some_and(|region| *region != scope.region.as_str()) => {
            "region"
        }
        _ => return Ok(()),
    };
    Err(refused(format!("Cannot start a CHAINED_INVOKE on a function in another {what}.")))
}
