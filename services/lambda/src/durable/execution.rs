//! An execution: its row, its ARN, and how callers see it.

use api_lambda::{
    DurableConfig, ExecutionStatus, GetDurableExecutionOutput, LambdaError, PauseDetails, TraceHeader,
};
use kernel::{Arn, Context, Fault, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, WriteTx};

use super::operation::Operation;
use super::outcome::{Outcome, Problem};
use super::{EXECUTIONS, OPERATIONS, PLACES, Reference, invocation};
use crate::errors;
use crate::names::function_arn;

/// An execution. What may be long stands in other rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Execution {
    /// The function.
    pub function: String,
    /// The version that all invocations run.
    pub version: String,
    /// The name, unique among the function's executions.
    pub name: String,
    /// The last part of the ARN.
    pub id: String,
    /// The SHA-256 of the payload it was started with.
    pub digest: Vec<u8>,
    /// How far it is.
    pub status: ExecutionStatus,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Seconds it may take.
    pub timeout: i32,
    /// Days it is kept after its end.
    pub retention: i32,
    /// When it times out, pauses included.
    pub deadline: Timestamp,
    /// Whether nobody waits for it.
    pub is_async: bool,
    /// The trace it belongs to.
    pub trace: Option<String>,
    /// The operation that started it.
    pub parent: Option<Reference>,
    /// The number of the checkpoint that is next.
    pub checkpoint: u64,
    /// The last checkpoint, which may be repeated.
    pub last: Option<Checkpoint>,
    /// The invocation that runs.
    pub invocation: Option<String>,
    /// When it was begun.
    pub invoked: Option<Timestamp>,
    /// Whether an invocation waits in the outbox.
    pub is_wanted: bool,
    /// Invocations in a row that failed.
    pub failures: u32,
    /// Invocations in a row that waited for nothing.
    pub idle: u32,
    /// Operations that the function does not know to have changed.
    pub unseen: Vec<String>,
    /// The number of the next operation.
    pub operations: u64,
    /// The number of the last event.
    pub events: u64,
    /// Bytes of all payloads together.
    pub bytes: usize,
    /// The pause it is in, or on the way to.
    pub pause: Option<Pause>,
    /// The client token of the resumption that ended the last pause.
    pub resumed: Option<String>,
}

/// A checkpoint that was taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The client's token.
    pub client: String,
    /// The token it was taken with.
    pub given: String,
    /// The token that was answered.
    pub next: Option<String>,
    /// The operations that were answered.
    pub operations: Vec<String>,
}

/// A pause.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pause {
    /// When it was asked for.
    pub requested: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// Whether the time does not count.
    pub stops_clock: bool,
    /// The client's token.
    pub client: Option<String>,
    /// Whether it has kept an invocation from going on.
    pub has_interrupted: bool,
    /// The deadline without it.
    pub deadline: Timestamp,
}

/// What an ARN of an execution names.
#[derive(Clone, Debug)]
pub struct Named {
    /// Account and region.
    pub scope: Scope,
    /// The function.
    pub function: String,
    /// The version.
    pub version: String,
    /// The execution's name.
    pub name: String,
    /// The execution's id.
    pub id: String,
}

impl Named {
    /// Parses `arn:…:function:<name>:<version>/durable-execution/<name>/<id>`.
    pub fn parse(cx: &Context, text: &str) -> Option<Self> {
        let arn = Arn::parse(text)?;
        let (function, rest) = arn.resource.strip_prefix("function:")?.split_once(':')?;
        let mut parts = rest.split('/');
        let (version, what) = (parts.next()?, parts.next()?);
        let (name, id) = (parts.next()?, parts.next()?);
        (what == "durable-execution").then(|| Self {
            scope: arn.scope(&cx.scope),
            function: function.to_owned(),
            version: version.to_owned(),
            name: name.to_owned(),
            id: id.to_owned(),
        })
    }

    /// The execution, if it is there.
    pub fn find(&self, tx: &ReadTx<'_>) -> Result<Option<Execution>, Fault> {
        let found = tx.get(&EXECUTIONS, &(self.function.as_str(), self.id.as_str()))?;
        Ok(found.filter(|execution| execution.name == self.name && execution.version == self.version))
    }

    /// The execution.
    pub fn get(&self, tx: &ReadTx<'_>) -> Result<Execution, LambdaError> {
        self.find(tx)?.ok_or_else(errors::no_such_execution)
    }
}

impl Execution {
    /// The execution that an event is about.
    pub fn of(tx: &ReadTx<'_>, reference: &Reference) -> Result<Option<Self>, Fault> {
        tx.get(&EXECUTIONS, &reference.key())
    }

    /// What events say of it.
    pub fn reference(&self) -> Reference {
        Reference { function: self.function.clone(), id: self.id.clone(), operation: None }
    }

    /// What events say of one of its operations.
    pub fn reference_to(&self, operation: &str) -> Reference {
        Reference { operation: Some(operation.to_owned()), ..self.reference() }
    }

    /// The ARN.
    pub fn arn(&self, scope: &Scope) -> String {
        format!("{}/durable-execution/{}/{}", self.function_arn(scope), self.name, self.id)
    }

    /// The ARN of the version that it runs.
    pub fn function_arn(&self, scope: &Scope) -> String {
        format!("{}:{}", function_arn(scope, &self.function), self.version)
    }

    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        self.ended.is_some()
    }

    /// Writes the row.
    pub fn put(&self, tx: &mut WriteTx<'_>) -> Result<(), Fault> {
        tx.put(&EXECUTIONS, &(self.function.as_str(), self.id.as_str()), self)
    }

    /// One of its operations.
    pub fn operation(&self, tx: &ReadTx<'_>, id: &str) -> Result<Option<Operation>, Fault> {
        match tx.get(&PLACES, &(self.id.as_str(), id))? {
            Some(place) => tx.get(&OPERATIONS, &(self.id.as_str(), place)),
            None => Ok(None),
        }
    }

    /// Writes an operation; a new one gets its place.
    pub fn keep(&mut self, tx: &mut WriteTx<'_>, operation: &mut Operation) -> Result<(), Fault> {
        let place = match operation.place {
            Some(place) => place,
            None => {
                let place = self.operations;
                self.operations += 1;
                tx.put(&PLACES, &(self.id.as_str(), operation.id.as_str()), &place)?;
                operation.place = Some(place);
                place
            }
        };
        tx.put(&OPERATIONS, &(self.id.as_str(), place), operation)
    }

    /// Something has happened that the function does not know. It is invoked, unless it runs already or is paused.
    pub fn wake(&mut self, tx: &mut WriteTx<'_>, operation: &str) -> Result<(), Fault> {
        if !self.unseen.iter().any(|unseen| unseen == operation) {
            self.unseen.push(operation.to_owned());
        }
        if self.invocation.is_none() { self.want(tx) } else { Ok(()) }
    }

    /// Has the function be invoked.
    pub fn want(&mut self, tx: &mut WriteTx<'_>) -> Result<(), Fault> {
        if self.status != ExecutionStatus::Running || self.is_wanted {
            return Ok(());
        }
        self.is_wanted = true;
        tx.emit(invocation::KIND, &self.reference())
    }

    /// The execution as callers see it.
    pub fn describe(
        &self,
        scope: &Scope,
        data: Option<(Option<String>, Outcome)>,
    ) -> GetDurableExecutionOutput {
        let is_included = data.is_some();
        let (input, outcome) = data.unwrap_or_default();
        let pause = self.pause.as_ref().filter(|_| !self.is_closed());
        GetDurableExecutionOutput {
            durable_execution_arn: self.arn(scope),
            durable_execution_name: self.name.clone(),
            function_arn: self.function_arn(scope),
            input_payload: input,
            result: outcome.result,
            error: outcome.error.as_ref().map(Problem::describe),
            start_timestamp: self.started,
            status: self.status.clone(),
            end_timestamp: self.ended,
            version: Some(self.version.clone()),
            trace_header: self.trace.clone().map(|header| TraceHeader { x_amzn_trace_id: Some(header) }),
            execution_data_included: Some(is_included),
            durable_config: Some(DurableConfig {
                kms_key_arn: None,
                retention_period_in_days: Some(self.retention),
                execution_timeout: Some(self.timeout),
            }),
            pause_details: pause.map(|pause| PauseDetails {
                pause_request_timestamp: pause.requested,
                reason: pause.reason.clone().filter(|_| is_included),
                execution_timeout_paused: pause.stops_clock,
            }),
            expected_execution_timeout_timestamp: (!self.is_closed()).then_some(self.deadline),
        }
    }
}
