//! The history of an execution.

use api_lambda::{
    CallbackFailedDetails, CallbackStartedDetails, CallbackSucceededDetails, CallbackTimedOutDetails,
    ChainedInvokeFailedDetails, ChainedInvokeStartedDetails, ChainedInvokeStoppedDetails,
    ChainedInvokeSucceededDetails, ChainedInvokeTimedOutDetails, ContextFailedDetails, ContextStartedDetails,
    ContextSucceededDetails, EventError, EventInput, EventPauseReason, EventResult, EventResumeReason,
    EventType, ExecutionFailedDetails, ExecutionPausedDetails, ExecutionResumedDetails,
    ExecutionStartedDetails, ExecutionStoppedDetails, ExecutionSucceededDetails, ExecutionTimedOutDetails,
    InvocationCompletedDetails, RetryDetails, StepFailedDetails, StepStartedDetails, StepSucceededDetails,
    WaitCancelledDetails, WaitStartedDetails, WaitSucceededDetails,
};
use kernel::{Fault, Timestamp};
use serde::{Deserialize, Serialize};
use store::WriteTx;

use super::EVENTS;
use super::execution::Execution;
use super::operation::Operation;
use super::outcome::Problem;

/// Something that happened to an execution.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub kind: EventType,
    /// When.
    pub at: Timestamp,
    /// The operation.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The context it belongs to.
    pub parent: Option<String>,
    /// What it is, more closely.
    pub sub_type: Option<String>,
    /// What else is to be told.
    pub detail: Detail,
}

/// What else is to be told of an event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Detail {
    /// An input, a result or a reason.
    pub text: Option<String>,
    /// An error.
    pub error: Option<Problem>,
    /// Seconds: a timeout, a duration, a delay.
    pub seconds: Option<i32>,
    /// Seconds of a heartbeat, or attempts.
    pub count: Option<i32>,
    /// The end of a wait, the start of an invocation, the request of a pause.
    pub moment: Option<Timestamp>,
    /// The id of a callback or of a request, the name of a function.
    pub id: Option<String>,
    /// The version of a function that was invoked.
    pub version: Option<String>,
    /// The ARN of an execution that was started.
    pub arn: Option<String>,
    /// The tenant of a function that was invoked.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Whether a pause stops the clock.
    pub stops_clock: bool,
}

impl Detail {
    /// With a text.
    pub fn text(text: Option<String>) -> Self {
        Self { text, ..Self::default() }
    }

    /// With an error.
    pub fn error(error: Option<Problem>) -> Self {
        Self { error, ..Self::default() }
    }
}

impl Execution {
    /// Writes an event of the execution or one of its operations.
    pub fn record(
        &mut self,
        tx: &mut WriteTx<'_>,
        at: Timestamp,
        kind: EventType,
        operation: Option<&Operation>,
        detail: Detail,
    ) -> Result<(), Fault> {
        let event = Event {
            kind,
            at,
            id: operation.map(|operation| operation.id.clone()),
            name: operation.and_then(|operation| operation.name.clone()),
            parent: operation.and_then(|operation| operation.parent.clone()),
            sub_type: operation.and_then(|operation| operation.sub_type.clone()),
            detail,
        };
        self.events += 1;
        tx.put(&EVENTS, &(self.id.as_str(), self.events), &event)
    }
}

impl Event {
    /// The event as callers see it. Without data, payloads are left out, and it is said that they are.
    pub fn describe(self, number: u64, with_data: bool) -> api_lambda::Event {
        let mut event = api_lambda::Event {
            event_type: Some(self.kind.clone()),
            sub_type: self.sub_type,
            event_id: i32::try_from(number).ok(),
            id: self.id,
            name: self.name,
            event_timestamp: Some(self.at),
            parent_id: self.parent,
            ..api_lambda::Event::default()
        };
        let told = Told { kind: self.kind, at: self.at, detail: self.detail, with_data };
        told.of_execution(&mut event);
        told.of_context(&mut event);
        told.of_wait(&mut event);
        told.of_step(&mut event);
        told.of_chain(&mut event);
        told.of_callback(&mut event);
        told.of_pause(&mut event);
        event
    }
}

/// The details of an event, each of its family.
struct Told {
    kind: EventType,
    at: Timestamp,
    detail: Detail,
    with_data: bool,
}

impl Told {
    fn truncated(&self) -> Option<bool> {
        Some(!self.with_data)
    }

    fn text(&self) -> Option<String> {
        self.detail.text.clone().filter(|_| self.with_data)
    }

    fn input(&self) -> EventInput {
        EventInput { payload: self.text(), truncated: self.truncated() }
    }

    fn result(&self) -> EventResult {
        EventResult { payload: self.text(), truncated: self.truncated() }
    }

    fn error(&self) -> EventError {
        let error = self.detail.error.as_ref().filter(|_| self.with_data);
        EventError { payload: error.map(Problem::describe), truncated: self.truncated() }
    }

    fn moment(&self) -> Timestamp {
        self.detail.moment.unwrap_or(self.at)
    }

    fn of_execution(&self, event: &mut api_lambda::Event) {
        match self.kind {
            EventType::ExecutionStarted => {
                let execution_timeout = self.detail.seconds.unwrap_or_default();
                event.execution_started_details =
                    Some(ExecutionStartedDetails { input: self.input(), execution_timeout });
            }
            EventType::ExecutionSucceeded => {
                event.execution_succeeded_details = Some(ExecutionSucceededDetails { result: self.result() });
            }
            EventType::ExecutionFailed => {
                event.execution_failed_details = Some(ExecutionFailedDetails { error: self.error() });
            }
            EventType::ExecutionTimedOut => {
                event.execution_timed_out_details =
                    Some(ExecutionTimedOutDetails { error: Some(self.error()) });
            }
            EventType::ExecutionStopped => {
                event.execution_stopped_details = Some(ExecutionStoppedDetails { error: self.error() });
            }
            EventType::InvocationCompleted => {
                event.invocation_completed_details = Some(InvocationCompletedDetails {
                    start_timestamp: self.moment(),
                    end_timestamp: self.at,
                    request_id: self.detail.id.clone().unwrap_or_default(),
                    error: self.detail.error.is_some().then(|| self.error()),
                });
            }
            _ => {}
        }
    }

    fn of_context(&self, event: &mut api_lambda::Event) {
        match self.kind {
            EventType::ContextStarted => event.context_started_details = Some(ContextStartedDetails {}),
            EventType::ContextSucceeded => {
                event.context_succeeded_details = Some(ContextSucceededDetails { result: self.result() });
            }
            EventType::ContextFailed => {
                event.context_failed_details = Some(ContextFailedDetails { error: self.error() });
            }
            _ => {}
        }
    }

    fn of_wait(&self, event: &mut api_lambda::Event) {
        match self.kind {
            EventType::WaitStarted => {
                let duration = self.detail.seconds.unwrap_or_default();
                event.wait_started_details =
                    Some(WaitStartedDetails { duration, scheduled_end_timestamp: self.moment() });
            }
            EventType::WaitSucceeded => {
                event.wait_succeeded_details = Some(WaitSucceededDetails { duration: self.detail.seconds });
            }
            EventType::WaitCancelled => {
                event.wait_cancelled_details = Some(WaitCancelledDetails { error: None });
            }
            _ => {}
        }
    }

    fn of_step(&self, event: &mut api_lambda::Event) {
        let Detail { count, seconds, .. } = self.detail;
        let retry_details = RetryDetails { current_attempt: count, next_attempt_delay_seconds: seconds };
        match self.kind {
            EventType::StepStarted => event.step_started_details = Some(StepStartedDetails {}),
            EventType::StepSucceeded => {
                event.step_succeeded_details =
                    Some(StepSucceededDetails { result: self.result(), retry_details });
            }
            EventType::StepFailed => {
                event.step_failed_details = Some(StepFailedDetails { error: self.error(), retry_details });
            }
            _ => {}
        }
    }

    fn of_chain(&self, event: &mut api_lambda::Event) {
        match self.kind {
            EventType::ChainedInvokeStarted => {
                event.chained_invoke_started_details = Some(ChainedInvokeStartedDetails {
                    function_name: self.detail.id.clone().unwrap_or_default(),
                    tenant_id: self.detail.tenant.clone(),
                    input: Some(self.input()),
                    executed_version: self.detail.version.clone(),
                    durable_execution_arn: self.detail.arn.clone(),
                });
            }
            EventType::ChainedInvokeSucceeded => {
                event.chained_invoke_succeeded_details =
                    Some(ChainedInvokeSucceededDetails { result: self.result() });
            }
            EventType::ChainedInvokeFailed => {
                event.chained_invoke_failed_details =
                    Some(ChainedInvokeFailedDetails { error: self.error() });
            }
            EventType::ChainedInvokeTimedOut => {
                event.chained_invoke_timed_out_details =
                    Some(ChainedInvokeTimedOutDetails { error: self.error() });
            }
            EventType::ChainedInvokeStopped => {
                event.chained_invoke_stopped_details =
                    Some(ChainedInvokeStoppedDetails { error: self.error() });
            }
            _ => {}
        }
    }

    fn of_callback(&self, event: &mut api_lambda::Event) {
        match self.kind {
            EventType::CallbackStarted => {
                event.callback_started_details = Some(CallbackStartedDetails {
                    callback_id: self.detail.id.clone().unwrap_or_default(),
                    heartbeat_timeout: self.detail.count,
                    timeout: self.detail.seconds,
                });
            }
            EventType::CallbackSucceeded => {
                event.callback_succeeded_details = Some(CallbackSucceededDetails { result: self.result() });
            }
            EventType::CallbackFailed => {
                event.callback_failed_details = Some(CallbackFailedDetails { error: self.error() });
            }
            EventType::CallbackTimedOut => {
                event.callback_timed_out_details = Some(CallbackTimedOutDetails { error: self.error() });
            }
            _ => {}
        }
    }

    fn of_pause(&self, event: &mut api_lambda::Event) {
        let (payload, truncated) = (self.text(), self.truncated());
        match self.kind {
            EventType::ExecutionPaused => {
                event.execution_paused_details = Some(ExecutionPausedDetails {
                    pause_request_timestamp: self.moment(),
                    reason: Some(EventPauseReason { payload, truncated }),
                    execution_timeout_paused: self.detail.stops_clock,
                });
            }
            EventType::ExecutionResumed => {
                event.execution_resumed_details = Some(ExecutionResumedDetails {
                    resume_request_timestamp: self.moment(),
                    reason: Some(EventResumeReason { payload, truncated }),
                });
            }
            _ => {}
        }
    }
}
