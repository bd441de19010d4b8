//! `CheckpointDurableExecution`: a durable function tells what it does, and learns what has happened meanwhile.

use api_lambda::{
    CheckpointDurableExecution, CheckpointDurableExecutionInput, CheckpointDurableExecutionOutput,
    CheckpointUpdatedExecutionState, ExecutionStatus, LambdaError,
};
use kernel::{Context, Fault, Handler, Timestamp};
use store::WriteTx;

use crate::durable::execution::{Checkpoint, Execution, Named};
use crate::durable::{token, update};
use crate::{Lambda, errors};

impl Handler<CheckpointDurableExecution> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: CheckpointDurableExecutionInput,
    ) -> Result<CheckpointDurableExecutionOutput, LambdaError> {
        let named = Named::parse(cx, &input.durable_execution_arn).ok_or_else(errors::invalid_checkpoint)?;
        let now = cx.clock.now();
        let answer = self
            .store
            .write(&named.scope, |tx| {
                let mut execution = named.find(tx)?.ok_or_else(errors::invalid_checkpoint)?;
                if let Some(last) = repeated(&execution, &input) {
                    return answer(tx, &execution, last.next.clone(), &last.operations);
                }
                require_turn(&execution, &input.checkpoint_token)?;
                take(tx, now, &mut execution, &input)
            })
            .await?;

        self.durable.tell(&named.id);
        Ok(answer)
    }
}

/// The checkpoint that the caller did not get an answer to. Its client token is good for as long as no other is taken.
fn repeated<'a>(execution: &'a Execution, input: &CheckpointDurableExecutionInput) -> Option<&'a Checkpoint> {
    let client = input.client_token.as_ref()?;
    execution.last.as_ref().filter(|last| last.client == *client && last.given == input.checkpoint_token)
}

/// Only the invocation that runs may write, and only from where it is.
pub fn require_turn(execution: &Execution, given: &str) -> Result<(), LambdaError> {
    let running = execution.invocation.as_ref().filter(|_| !execution.is_closed());
    let expected =
        running.map(|invocation| token::checkpoint(&execution.id, invocation, execution.checkpoint));
    match expected.as_deref() == Some(given) {
        true => Ok(()),
        false => Err(errors::invalid_checkpoint()),
    }
}

fn take(
    tx: &mut WriteTx<'_>,
    now: Timestamp,
    execution: &mut Execution,
    input: &CheckpointDurableExecutionInput,
) -> Result<CheckpointDurableExecutionOutput, LambdaError> {
    let updates = input.updates.as_deref().unwrap_or_default();
    let scope = tx.scope().clone();
    update::check(tx, &scope, execution, updates)?;
    for update in updates {
        execution.apply(tx, now, update)?;
    }
    if execution.is_closed() {
        return answer(tx, execution, None, &[]);
    }
    // Without a token the function knows that it is to end: it is paused, or its operations are told again.
    if execution.status != ExecutionStatus::Running {
        execution.interrupt(tx, now)?;
        execution.put(tx)?;
        return answer(tx, execution, None, &[]);
    }
    execution.fire(tx, now)?;
    let mut told: Vec<String> = updates.iter().map(|update| update.id.clone()).collect();
    told.append(&mut execution.unseen);
    execution.checkpoint += 1;
    let invocation = execution.invocation.clone().unwrap_or_default();
    let next = Some(token::checkpoint(&execution.id, &invocation, execution.checkpoint));
    let answered = answer(tx, execution, next.clone(), &told)?;
    execution.last = input.client_token.clone().map(|client| Checkpoint {
        client,
        given: input.checkpoint_token.clone(),
        next,
        operations: told,
    });
    execution.put(tx)?;
    Ok(answered)
}

/// The operations in the order in which they were started, each once.
fn answer(
    tx: &WriteTx<'_>,
    execution: &Execution,
    next: Option<String>,
    operations: &[String],
) -> Result<CheckpointDurableExecutionOutput, LambdaError> {
    let found = operations.iter().filter_map(|id| execution.operation(tx, id).transpose());
    let mut found = found.collect::<Result<Vec<_>, Fault>>()?;
    found.sort_by_key(|operation| operation.place);
    found.dedup_by_key(|operation| operation.place);
    let operations = Some(found.iter().map(|operation| operation.describe()).collect());
    Ok(CheckpointDurableExecutionOutput {
        checkpoint_token: next,
        new_execution_state: CheckpointUpdatedExecutionState { operations, next_marker: None },
    })
}
