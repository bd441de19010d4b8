//! Functions that durable functions invoke.

use std::sync::Arc;

use api_lambda::{EventType, LambdaError, OperationStatus, OperationUpdate};
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Bytes, Context, Fault, Timestamp};
use store::WriteTx;

use super::Reference;
use super::answer::{of_fault, of_payload};
use super::event::Detail;
use super::execution::Execution;
use super::operation::{Chain, Operation};
use super::outcome::{Outcome, Problem};
use super::start::Start;
use crate::alias;
use crate::function::Function;
use crate::names::FunctionName;
use crate::run::Request;
use crate::{Lambda, errors, limits};

/// The kind of our events in the outbox.
pub const KIND: &str = "lambda.durable.chain";

/// Takes invocations of other functions from the outbox.
pub struct Chains(pub Arc<Lambda>);

/// Has the function be invoked. One that is not there fails the operation at once.
pub fn begin(
    execution: &mut Execution,
    tx: &mut WriteTx<'_>,
    now: Timestamp,
    operation: &mut Operation,
    update: &OperationUpdate,
) -> Result<(), LambdaError> {
    let options = update.chained_invoke_options.clone().unwrap_or_default();
    let chain = Chain {
        function: options.function_name,
        payload: update.payload.clone(),
        trace: options.x_amzn_trace_id,
        tenant_id: options.tenant_id,
        child: None,
    };
    let detail = Detail {
        id: Some(chain.function.clone()),
        tenant: chain.tenant_id.clone(),
        text: chain.payload.clone(),
        ..Detail::default()
    };
    execution.record(tx, now, EventType::ChainedInvokeStarted, Some(operation), detail)?;
    let found = target(tx, &chain.function);
    operation.chain = Some(chain);
    if let Err(error) = found {
        operation.status = OperationStatus::Failed;
        operation.ended = Some(now);
        operation.error = Some(of_fault(&error));
        let detail = Detail::error(operation.error.clone());
        execution.record(tx, now, EventType::ChainedInvokeFailed, Some(operation), detail)?;
        return Ok(());
    }
    Ok(tx.emit(KIND, &execution.reference_to(&operation.id))?)
}

/// The function, as far as it can be told without drawing a version.
fn target(tx: &WriteTx<'_>, function: &str) -> Result<(FunctionName, Function), LambdaError> {
    let name = FunctionName::of(tx.scope(), function);
    let found =
        Function::get(tx, &name).map_err(|_| errors::no_such_function(&name.with(name.key()).arn()))?;
    if found.configuration.durable.is_some() && name.qualifier.is_none() {
        return Err(errors::unqualified());
    }
    Ok((name, found))
}

impl Consumer for Chains {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            let done = match store::decode_event::<Reference>(payload) {
                Ok(reference) => self.invoke(cx, &reference).await,
                Err(fault) => Err(fault),
            };
            done.map_or_else(Consumed::Failed, |()| Consumed::Done)
        })
    }
}

impl Chains {
    async fn invoke(&self, cx: &Context, reference: &Reference) -> Result<(), Fault> {
        let id = reference.operation.as_deref().unwrap_or_default();
        let read = self.0.store.read(&cx.scope, |tx| match Execution::of(tx, reference)? {
            Some(execution) => Ok(execution.operation(tx, id)?.map(|operation| (execution, operation))),
            None => Ok::<_, Fault>(None),
        })?;
        let Some((execution, operation)) = read.filter(|(_, operation)| operation.is_pending()) else {
            return Ok(());
        };
        let Some(chain) = operation.chain.filter(|chain| chain.child.is_none()) else { return Ok(()) };
        let ended = match self.run(cx, reference, &execution, &chain).await {
            Ok(None) => return Ok(()),
            Ok(Some(outcome)) => outcome,
            Err(error) => Outcome { result: None, error: Some(of_fault(&error)) },
        };
        let status = if ended.error.is_some() { OperationStatus::Failed } else { OperationStatus::Succeeded };
        self.0
            .store
            .write(&cx.scope, |tx| {
                let Some(mut execution) = Execution::of(tx, reference)? else { return Ok(()) };
                execution.complete(tx, cx.clock.now(), id, status.clone(), ended.clone())?;
                execution.put(tx)
            })
            .await
    }

    /// Runs the function, or starts its execution, whose end will be told.
    async fn run(
        &self,
        cx: &Context,
        reference: &Reference,
        execution: &Execution,
        chain: &Chain,
    ) -> Result<Option<Outcome>, LambdaError> {
        let name = FunctionName::of(&cx.scope, &chain.function);
        let (drawn, function) = self.0.store.read(&cx.scope, |tx| alias::target(cx, tx, &name))?;
        let payload = chain.payload.clone().unwrap_or_else(|| "{}".to_owned());
        let trace = chain.trace.clone().or_else(|| execution.trace.clone());
        if function.configuration.durable.is_some() {
            let parent = Some(reference.clone());
            let payload = Bytes::from(payload);
            let start = Start {
                name: &name,
                function: &function,
                execution: None,
                payload,
                is_async: false,
                parent,
                trace,
            };
            self.0.start(cx, start).await?;
            return Ok(None);
        }
        let tenant_id = chain.tenant_id.clone();
        let request = Request { tenant_id, trace_header: trace, ..Request::of(payload.into()) };
        let ran = self.0.invoke(cx, &drawn, function, &cx.ids.uuid(), request).await?;
        Ok(Some(outcome(&ran)))
    }
}

/// What a function without executions has answered.
fn outcome(ran: &runner::Outcome) -> Outcome {
    if ran.function_error.is_some() {
        return Outcome { result: None, error: Some(of_payload(&ran.payload)) };
    }
    let most = limits::OPERATION_PAYLOAD;
    let problem = |message: String| Problem { message: Some(message), ..Problem::default() };
    let read = match String::from_utf8(ran.payload.to_vec()) {
        Ok(result) if result.len() > most => Err(problem(format!(
            "CHAINED_INVOKE output payload size must be less than or equal to {most} bytes."
        ))),
        Ok(result) => Ok(result),
        Err(_) => Err(problem("CHAINED_INVOKE response could not be decoded as UTF-8.".to_owned())),
    };
    match read {
        Ok(result) => Outcome { result: Some(result).filter(|result| !result.is_empty()), error: None },
        Err(error) => Outcome { result: None, error: Some(error) },
    }
}
