//! Invocations of a durable function: again and again, until its execution ends or waits.

use std::sync::Arc;

use api_lambda::{ExecutionStatus, LambdaError};
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Context, Fault, Timestamp};
use store::WriteTx;

use super::execution::Execution;
use super::{Reference, answer, envelope, token};
use crate::function::Function;
use crate::names::FunctionName;
use crate::run::Request;
use crate::{Lambda, limits};

/// The kind of our events in the outbox.
pub const KIND: &str = "lambda.durable.invoke";

/// Takes invocations from the outbox.
pub struct Invocations(pub Arc<Lambda>);

/// What follows from an invocation.
#[derive(Debug)]
pub enum Step {
    /// Nothing, until something wakes the execution.
    Wait,
    /// Another invocation, at that instant or at once.
    Again(Option<Timestamp>),
}

/// An invocation that has been begun.
pub struct Begun {
    /// The id of the invocation.
    pub id: String,
    /// The operations that the function is told to have changed.
    pub updated: Vec<String>,
    arn: String,
    token: String,
    execution: Execution,
}

impl Consumer for Invocations {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            let reference: Reference = match store::decode_event(payload) {
                Ok(reference) => reference,
                Err(fault) => return Consumed::Failed(fault),
            };
            loop {
                match self.once(cx, &reference).await {
                    Ok(Step::Again(None)) => {}
                    Ok(Step::Again(Some(at))) => return Consumed::RetryAt(at),
                    Ok(Step::Wait) => return Consumed::Done,
                    Err(fault) => return Consumed::Failed(fault),
                }
            }
        })
    }
}

/// Whether an invocation runs is known as long as it does, however it ends.
struct Running<'a>(&'a Lambda, &'a str);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.durable.running().remove(self.1);
    }
}

impl Invocations {
    async fn once(&self, cx: &Context, reference: &Reference) -> Result<Step, Fault> {
        let id = cx.ids.uuid();
        self.0.durable.running().insert(id.clone());
        let _running = Running(&self.0, &id);
        let Some(begun) = self.begin(cx, reference, &id).await? else { return Ok(Step::Wait) };
        let ran = self.run(cx, &begun).await;
        let ended = self.0.store.write(&cx.scope, |tx| answer::end(cx, tx, reference, &begun, &ran)).await?;
        self.0.durable.tell(&reference.id);
        Ok(ended)
    }

    /// Takes the execution's only place for an invocation, if there is something to do for it.
    async fn begin(&self, cx: &Context, reference: &Reference, id: &str) -> Result<Option<Begun>, Fault> {
        let running = |other: &String| self.0.durable.running().contains(other);
        let begin = |tx: &mut WriteTx<'_>| {
            let Some(mut execution) = Execution::of(tx, reference)? else { return Ok(None) };
            let is_lost = execution.invocation.as_ref().is_some_and(|other| !running(other));
            if execution.is_closed() || execution.invocation.is_some() && !is_lost {
                return Ok(None);
            }
            if execution.status != ExecutionStatus::Running {
                // It was paused while an invocation ran that ended with the process, or before this one began.
                execution.invocation = None;
                if is_lost || std::mem::take(&mut execution.is_wanted) {
                    execution.interrupt(tx, cx.clock.now())?;
                }
                execution.put(tx)?;
                return Ok(None);
            }
            if !execution.is_wanted && !is_lost {
                return Ok(None);
            }
            execution.is_wanted = false;
            execution.invocation = Some(id.to_owned());
            execution.invoked = Some(cx.clock.now());
            execution.checkpoint += 1;
            let updated = std::mem::take(&mut execution.unseen);
            execution.put(tx)?;
            let token = token::checkpoint(&execution.id, id, execution.checkpoint);
            let arn = execution.arn(&cx.scope);
            Ok::<_, Fault>(Some(Begun { id: id.to_owned(), arn, token, updated, execution }))
        };
        self.0.store.write(&cx.scope, begin).await
    }

    async fn run(&self, cx: &Context, begun: &Begun) -> Result<runner::Outcome, LambdaError> {
        let execution = &begun.execution;
        let name = FunctionName {
            scope: cx.scope.clone(),
            name: execution.function.clone(),
            qualifier: Some(execution.version.clone()),
        };
        let (function, page) = self.0.store.read(&cx.scope, |tx| {
            let page = envelope::page(tx, execution, None, limits::STATE_PAGE)?;
            Ok::<_, LambdaError>((Function::get(tx, &name)?, page))
        })?;
        let payload = envelope::of(&begun.arn, &begun.token, &page, &begun.updated);
        let request = Request { trace_header: execution.trace.clone(), ..Request::of(payload) };
        self.0.invoke(cx, &name, function, &begun.id, request).await
    }
}
