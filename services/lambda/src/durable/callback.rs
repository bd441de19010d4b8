//! Callbacks: operations that others complete, by an id that they were given.

use api_lambda::{LambdaError, OperationStatus};
use kernel::{Context, Fault};
use store::WriteTx;

use super::apply::later;
use super::execution::Execution;
use super::operation::Operation;
use super::outcome::Outcome;
use super::{Reference, token};
use crate::{Lambda, errors};

impl Lambda {
    /// Completes a callback.
    pub(crate) async fn call_back(
        &self,
        cx: &Context,
        id: &str,
        status: OperationStatus,
        outcome: Outcome,
    ) -> Result<(), LambdaError> {
        let now = cx.clock.now();
        let complete = |tx: &mut WriteTx<'_>| {
            let (reference, mut execution, _) = find(tx, id)?;
            let operation = reference.operation.as_deref().unwrap_or_default();
            execution.complete(tx, now, operation, status.clone(), outcome.clone())?;
            Ok(execution.put(tx)?)
        };
        self.store.write(&cx.scope, complete).await
    }

    /// Puts off the timeout for want of heartbeats.
    pub(crate) async fn beat(&self, cx: &Context, id: &str) -> Result<(), LambdaError> {
        let now = cx.clock.now();
        let beat = |tx: &mut WriteTx<'_>| {
            let (_, mut execution, mut operation) = find(tx, id)?;
            if let Some(callback) = &mut operation.callback {
                callback.beat = callback.heartbeat.map(|seconds| later(now, seconds));
            }
            execution.keep(tx, &mut operation)?;
            Ok(execution.put(tx)?)
        };
        self.store.write(&cx.scope, beat).await
    }
}

/// A callback that waits. One that is over, or whose execution is, is refused as AWS describes the error.
fn find(tx: &WriteTx<'_>, id: &str) -> Result<(Reference, Execution, Operation), LambdaError> {
    let reference = token::parse_callback(id).ok_or_else(|| errors::refused("Invalid callback id."))?;
    let execution = Execution::of(tx, &reference)?.ok_or_else(errors::no_such_callback)?;
    let operation = execution.operation(tx, reference.operation.as_deref().unwrap_or_default())?;
    let operation = operation.filter(|operation| operation.callback.is_some());
    let operation = operation.ok_or_else(errors::no_such_callback)?;
    if execution.is_closed() || operation.is_closed() {
        return Err(errors::callback_over());
    }
    Ok::<_, LambdaError>((reference, execution, operation))
}

/// A result as text.
pub fn text(result: Option<kernel::Bytes>) -> Result<Option<String>, Fault> {
    let text = result.map(|bytes| String::from_utf8(bytes.to_vec())).transpose();
    text.map_err(|_| Fault::client("InvalidParameterValueException", "Result is no UTF-8 text."))
}
