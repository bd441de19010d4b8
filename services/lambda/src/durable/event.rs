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
use super::execution::{Execution, Problem};
use super::operation::Operation;

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
        let truncated = Some(!with_data);
        let Detail { text, error, seconds, count, moment, id, version, arn, stops_clock } = self.detail;
        let text = text.filter(|_| with_data);
        let result = || EventResult { payload: text.clone(), truncated };
        let error_of = |error: Option<Problem>| EventError {
            payload: error.as_ref().filter(|_| with_data).map(Problem::describe),
            truncated,
        };
        let has_error = error.is_some();
        let failed = error_of(error);
        let retries = || RetryDetails { current_attempt: count, next_attempt_delay_seconds: seconds };
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
        match self.kind {
            EventType::ExecutionStarted => {
                let input = EventInput { payload: text, truncated };
                let execution_timeout = seconds.unwrap_or_default();
                event.execution_started_details = Some(ExecutionStartedDetails { input, execution_timeout });
            }
            EventType::ExecutionSucceeded => {
                event.execution_succeeded_details = Some(ExecutionSucceededDetails { result: result() });
            }
            EventType::ExecutionFailed => {
                event.execution_failed_details = Some(ExecutionFailedDetails { error: failed });
            }
            EventType::ExecutionTimedOut => {
                event.execution_timed_out_details = Some(ExecutionTimedOutDetails { error: Some(failed) });
            }
            EventType::ExecutionStopped => {
                event.execution_stopped_details = Some(ExecutionStoppedDetails { error: failed });
            }
            EventType::ContextStarted => event.context_started_details = Some(ContextStartedDetails {}),
            EventType::ContextSucceeded => {
                event.context_succeeded_details = Some(ContextSucceededDetails { result: result() });
            }
            EventType::ContextFailed => {
                event.context_failed_details = Some(ContextFailedDetails { error: failed });
            }
            EventType::WaitStarted => {
                event.wait_started_details = Some(WaitStartedDetails {
                    duration: seconds.unwrap_or_default(),
                    scheduled_end_timestamp: moment.unwrap_or(self.at),
                });
            }
            EventType::WaitSucceeded => {
                event.wait_succeeded_details = Some(WaitSucceededDetails { duration: seconds });
            }
            EventType::WaitCancelled => {
                let error = has_error.then_some(failed);
                event.wait_cancelled_details = Some(WaitCancelledDetails { error });
            }
            EventType::StepStarted => event.step_started_details = Some(StepStartedDetails {}),
            EventType::StepSucceeded => {
                event.step_succeeded_details =
                    Some(StepSucceededDetails { result: result(), retry_details: retries() });
            }
            EventType::StepFailed => {
                event.step_failed_details =
                    Some(StepFailedDetails { error: failed, retry_details: retries() });
            }
            EventType::ChainedInvokeStarted => {
                event.chained_invoke_started_details = Some(ChainedInvokeStartedDetails {
                    function_name: id.unwrap_or_default(),
                    tenant_id: None,
                    input: Some(EventInput { payload: text, truncated }),
                    executed_version: version,
                    durable_execution_arn: arn,
                });
            }
            EventType::ChainedInvokeSucceeded => {
                event.chained_invoke_succeeded_details =
                    Some(ChainedInvokeSucceededDetails { result: result() });
            }
            EventType::ChainedInvokeFailed => {
                event.chained_invoke_failed_details = Some(ChainedInvokeFailedDetails { error: failed });
            }
            EventType::ChainedInvokeTimedOut => {
                event.chained_invoke_timed_out_details = Some(ChainedInvokeTimedOutDetails { error: failed });
            }
            EventType::ChainedInvokeStopped => {
                event.chained_invoke_stopped_details = Some(ChainedInvokeStoppedDetails { error: failed });
            }
            EventType::CallbackStarted => {
                event.callback_started_details = Some(CallbackStartedDetails {
                    callback_id: id.unwrap_or_default(),
                    heartbeat_timeout: count,
                    timeout: seconds,
                });
            }
            EventType::CallbackSucceeded => {
                event.callback_succeeded_details = Some(CallbackSucceededDetails { result: result() });
            }
            EventType::CallbackFailed => {
                event.callback_failed_details = Some(CallbackFailedDetails { error: failed });
            }
            EventType::CallbackTimedOut => {
                event.callback_timed_out_details = Some(CallbackTimedOutDetails { error: failed });
            }
            EventType::InvocationCompleted => {
                event.invocation_completed_details = Some(InvocationCompletedDetails {
                    start_timestamp: moment.unwrap_or(self.at),
                    end_timestamp: self.at,
                    request_id: id.unwrap_or_default(),
                    error: has_error.then_some(failed),
                });
            }
            EventType::ExecutionPaused => {
                event.execution_paused_details = Some(ExecutionPausedDetails {
                    pause_request_timestamp: moment.unwrap_or(self.at),
                    reason: Some(EventPauseReason { payload: text, truncated }),
                    execution_timeout_paused: stops_clock,
                });
            }
            EventType::ExecutionResumed => {
                event.execution_resumed_details = Some(ExecutionResumedDetails {
                    resume_request_timestamp: moment.unwrap_or(self.at),
                    reason: Some(EventResumeReason { payload: text, truncated }),
                });
            }
            _ => {}
        }
        event
    }
}
