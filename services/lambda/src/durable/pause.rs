//! Pauses: while an execution is paused its function is not invoked, and what it waits for still comes.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/durable-pause-resume.html>

use api_lambda::{EventType, ExecutionStatus, LambdaError};
use jiff::SignedDuration;
use kernel::{Fault, Timestamp};
use store::WriteTx;

use super::event::Detail;
use super::execution::{Execution, Pause};
use super::timer;
use crate::errors;

/// Days after which an execution times out even where pauses do not count.
const LONGEST: i64 = 366;

impl Execution {
    /// Pauses it, at once or at its function's next checkpoint.
    pub fn pause(
        &mut self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        mut pause: Pause,
    ) -> Result<(), LambdaError> {
        match &self.pause {
            Some(before) if before.client.is_some() && before.client == pause.client => return Ok(()),
            _ if self.status == ExecutionStatus::Running => {}
            _ => return Err(errors::not_in_status("paused", &self.status)),
        }
        if pause.stops_clock {
            let last = SignedDuration::from_hours(24 * LONGEST);
            self.deadline = self.started.checked_add(last).unwrap_or(Timestamp::MAX);
        }
        // An invocation that waits in the outbox is begun by the resumption.
        pause.has_interrupted = std::mem::take(&mut self.is_wanted);
        self.pause = Some(pause);
        self.resumed = None;
        self.status = ExecutionStatus::Pausing;
        if self.invocation.is_none() {
            self.halt(tx, now)?;
        }
        Ok(())
    }

    /// The invocation that was to end first has ended, or has come to a checkpoint: it is owed another.
    pub fn interrupt(&mut self, tx: &mut WriteTx<'_>, now: Timestamp) -> Result<(), Fault> {
        if let Some(pause) = &mut self.pause {
            pause.has_interrupted = true;
        }
        self.halt(tx, now)
    }

    /// No invocation runs any more: one that is to be paused is paused.
    pub fn halt(&mut self, tx: &mut WriteTx<'_>, now: Timestamp) -> Result<(), Fault> {
        if self.status != ExecutionStatus::Pausing {
            return Ok(());
        }
        self.status = ExecutionStatus::Paused;
        let detail = match &self.pause {
            Some(pause) => Detail {
                text: pause.reason.clone(),
                moment: Some(pause.requested),
                stops_clock: pause.stops_clock,
                ..Detail::default()
            },
            None => Detail::default(),
        };
        self.record(tx, now, EventType::ExecutionPaused, None, detail)
    }

    /// Ends a pause, or the way to it.
    pub fn resume(
        &mut self,
        tx: &mut WriteTx<'_>,
        now: Timestamp,
        client: Option<String>,
        reason: Option<String>,
    ) -> Result<(), LambdaError> {
        if self.resumed.is_some() && self.resumed == client {
            return Ok(());
        }
        let has_halted = self.status == ExecutionStatus::Paused;
        let Some(pause) = self.pause.take().filter(|_| has_halted || self.status == ExecutionStatus::Pausing)
        else {
            return Err(errors::not_in_status("resumed", &self.status));
        };
        self.status = ExecutionStatus::Running;
        self.resumed = client;
        if pause.stops_clock {
            let paused = now.duration_since(pause.requested);
            let extended = pause.deadline.checked_add(paused).unwrap_or(Timestamp::MAX);
            self.deadline = self.deadline.min(extended);
            tx.emit(timer::KIND, &timer::Timer::of(self.reference()))?;
        }
        if has_halted {
            let detail = Detail { moment: Some(now), ..Detail::text(reason) };
            self.record(tx, now, EventType::ExecutionResumed, None, detail)?;
        }
        let is_owed = pause.has_interrupted || !self.unseen.is_empty();
        if is_owed && self.invocation.is_none() {
            self.want(tx)?;
        }
        Ok(())
    }
}
