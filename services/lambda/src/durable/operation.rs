//! An operation of an execution: a step, a wait, a callback, an invocation of another function, a context.

use api_lambda::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ExecutionDetails, OperationStatus, OperationType,
    StepDetails, WaitDetails,
};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::outcome::Problem;

/// An operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// Its id, which the function gave it.
    pub id: String,
    /// Its place among the operations of the execution; nothing until it is kept.
    pub place: Option<u64>,
    /// The context it belongs to.
    pub parent: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What it is.
    pub kind: OperationType,
    /// What it is, more closely.
    pub sub_type: Option<String>,
    /// How far it is.
    pub status: OperationStatus,
    /// When it was started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The attempts of a step that have ended.
    pub attempt: i32,
    /// When a wait ends, or a step is tried again.
    pub due: Option<Timestamp>,
    /// What an execution was started with.
    pub input: Option<String>,
    /// What came of it.
    pub result: Option<String>,
    /// What went wrong.
    pub error: Option<Problem>,
    /// Whether a context is entered again when the function is.
    pub replays_children: bool,
    /// What is special to callbacks.
    pub callback: Option<Callback>,
    /// What is special to invocations of other functions.
    pub chain: Option<Chain>,
}

/// What is special to callbacks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Callback {
    /// The id by which others complete it.
    pub id: String,
    /// When it times out.
    pub deadline: Option<Timestamp>,
    /// Seconds between heartbeats.
    pub heartbeat: Option<i32>,
    /// When the next heartbeat is missed.
    pub beat: Option<Timestamp>,
}

/// What is special to invocations of other functions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chain {
    /// The function, as the caller named it.
    pub function: String,
    /// The payload.
    pub payload: Option<String>,
    /// The trace it belongs to, if it is not the caller's.
    pub trace: Option<String>,
    /// The tenant it is for.
    #[serde(default)]
    pub tenant_id: Option<String>,
    /// The id of the execution that was started for it.
    pub child: Option<String>,
}

impl Operation {
    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        self.ended.is_some()
    }

    /// Whether something else than the function will change it.
    pub fn is_pending(&self) -> bool {
        match self.kind {
            OperationType::Step => self.status == OperationStatus::Pending,
            OperationType::Wait | OperationType::Callback | OperationType::ChainedInvoke => {
                self.status == OperationStatus::Started
            }
            _ => false,
        }
    }

    /// The bytes of its payloads.
    pub fn len(&self) -> usize {
        let texts = [&self.input, &self.result].into_iter().flatten().map(String::len).sum::<usize>();
        let sent = self.chain.as_ref().and_then(|chain| chain.payload.as_ref()).map_or(0, String::len);
        texts + sent + self.error.as_ref().map_or(0, Problem::len)
    }

    /// As the API shows it.
    pub fn describe(&self) -> api_lambda::Operation {
        let is = |kind: OperationType| self.kind == kind;
        let (result, error) = (self.result.clone(), self.error.as_ref().map(Problem::describe));
        let mut operation = api_lambda::Operation {
            id: self.id.clone(),
            parent_id: self.parent.clone(),
            name: self.name.clone(),
            r#type: self.kind.clone(),
            sub_type: self.sub_type.clone(),
            start_timestamp: self.started,
            end_timestamp: self.ended,
            status: self.status.clone(),
            execution_details: is(OperationType::Execution)
                .then(|| ExecutionDetails { input_payload: self.input.clone() }),
            wait_details: is(OperationType::Wait)
                .then_some(WaitDetails { scheduled_end_timestamp: self.due }),
            ..api_lambda::Operation::default()
        };
        match self.kind {
            OperationType::Context => {
                let replay_children = self.replays_children.then_some(true);
                operation.context_details = Some(ContextDetails { replay_children, result, error });
            }
            OperationType::Step => {
                operation.step_details = Some(StepDetails {
                    attempt: Some(self.attempt),
                    next_attempt_timestamp: self.due.filter(|_| self.is_pending()),
                    result,
                    error,
                });
            }
            OperationType::Callback => {
                let callback_id = self.callback.as_ref().map(|callback| callback.id.clone());
                operation.callback_details = Some(CallbackDetails { callback_id, result, error });
            }
            OperationType::ChainedInvoke => {
                operation.chained_invoke_details = Some(ChainedInvokeDetails { result, error });
            }
            _ => {}
        }
        operation
    }

    /// As a function finds it in its event. Moments are milliseconds there: AWS's SDK for Python takes nothing else, and
    /// that for JavaScript takes them too.
    pub fn to_json(&self) -> Value {
        let mut json = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                json.insert(name.to_owned(), value);
            }
        };
        let moment = |at: Option<Timestamp>| at.map(|at| json!(at.as_millisecond()));
        let text = |text: &Option<String>| text.clone().map(Value::String);
        set("Id", Some(json!(self.id)));
        set("ParentId", text(&self.parent));
        set("Name", text(&self.name));
        set("Type", Some(json!(self.kind.as_str())));
        set("SubType", text(&self.sub_type));
        set("StartTimestamp", moment(Some(self.started)));
        set("EndTimestamp", moment(self.ended));
        set("Status", Some(json!(self.status.as_str())));
        let (name, details) = self.details();
        set(name, Some(Value::Object(details)));
        Value::Object(json)
    }

    fn details(&self) -> (&'static str, Map<String, Value>) {
        let moment = |at: Option<Timestamp>| at.map(|at| json!(at.as_millisecond()));
        let text = |text: &Option<String>| text.clone().map(Value::String);
        let id = self.callback.as_ref().map(|callback| json!(callback.id));
        let (name, own) = match self.kind {
            OperationType::Execution => ("ExecutionDetails", vec![("InputPayload", text(&self.input))]),
            OperationType::Wait => ("WaitDetails", vec![("ScheduledEndTimestamp", moment(self.due))]),
            OperationType::Callback => ("CallbackDetails", vec![("CallbackId", id)]),
            OperationType::ChainedInvoke => ("ChainedInvokeDetails", Vec::new()),
            OperationType::Step => {
                let next = moment(self.due.filter(|_| self.is_pending()));
                ("StepDetails", vec![("Attempt", Some(json!(self.attempt))), ("NextAttemptTimestamp", next)])
            }
            _ => {
                let replays = self.replays_children.then_some(Value::Bool(true));
                ("ContextDetails", vec![("ReplayChildren", replays)])
            }
        };
        let error = self.error.as_ref().and_then(|error| serde_json::to_value(error).ok());
        let ends = [("Result", text(&self.result)), ("Error", error)];
        let all = own.into_iter().chain(ends);
        (name, all.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
    }
}
