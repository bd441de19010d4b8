//! Executions that nobody waited for and that did not succeed: their events go to the function's dead-letter target. AWS
//! tells no destinations of executions.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html>

use std::sync::Arc;

use api_lambda::LambdaError;
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Bytes, Context, Fault};

use super::execution::Execution;
use super::{OUTCOMES, Reference};
use crate::Lambda;
use crate::dead_letter::{self, Dead};
use crate::function::Function;
use crate::names::FunctionName;

/// The kind of our events in the outbox.
pub const KIND: &str = "lambda.durable.letter";

/// Takes failed executions from the outbox.
pub struct Letters(pub Arc<Lambda>);

impl Consumer for Letters {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            let letter = store::decode_event::<Reference>(payload).and_then(|of| self.letter(cx, &of));
            match letter {
                Ok(Some((target, dead))) => {
                    // As with other asynchronous invocations, what the target refuses is dropped.
                    if let Err(fault) = dead_letter::bring(cx, &target, dead).await {
                        tracing::warn!(target_arn = target, %fault, "a dead-letter target refused an event");
                    }
                    Consumed::Done
                }
                Ok(None) => Consumed::Done,
                Err(fault) => Consumed::Failed(fault),
            }
        })
    }
}

impl Letters {
    fn letter(&self, cx: &Context, of: &Reference) -> Result<Option<(String, Dead)>, Fault> {
        self.0
            .store
            .read(&cx.scope, |tx| {
                let Some(execution) = Execution::of(tx, of)? else { return Ok(None) };
                let name = FunctionName::of(&cx.scope, &execution.function).with(&execution.version);
                let found = Function::find(tx, &name)?;
                let target = found.and_then(|function| function.configuration.dead_letter);
                let Some(target) = target else { return Ok(None) };
                let input = execution.operation(tx, &execution.id)?.and_then(|operation| operation.input);
                let error = tx.get(&OUTCOMES, execution.id.as_str())?.and_then(|outcome| outcome.error);
                let dead = Dead {
                    request_id: execution.id,
                    payload: Bytes::from(input.unwrap_or_default()),
                    code: 200,
                    message: error.and_then(|error| error.message).unwrap_or_default(),
                };
                Ok::<_, LambdaError>(Some((target, dead)))
            })
            .map_err(Fault::from)
    }
}
