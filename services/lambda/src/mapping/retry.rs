//! A batch of a stream's records until it is done with: handed over, tried again, halved, or given up.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html>

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api_dynamodbstreams::Record;
use kernel::{Arn, Context, Fault};
use serde_json::{Value, json};

use super::Mapping;
use super::discard::{self, Discarded};
use super::invocation::{Failure, Outcome, invoke};
use super::shards::number;
use super::window::Window;

/// Streams keep records so long; nothing is tried again after that.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// The longest pause between tries.
const LONGEST: Duration = Duration::from_secs(60);

/// Where records come from and go.
pub struct Lane<'a> {
    pub cx: &'a Context,
    pub mapping: &'a Mapping,
    pub stream: &'a Arn,
    pub shard: &'a str,
    /// The window that records are gathered in, if they are.
    pub window: Option<&'a Mutex<Window>>,
}

type Pair = (Record, Value);

impl Lane<'_> {
    /// Hands records over until they are done with; answers whether all succeeded.
    pub async fn run(&self, records: &[Pair]) -> Result<bool, Fault> {
        // Halves that are still to do, the first last.
        let mut left = vec![records];
        let mut succeeded = true;
        while let Some(batch) = left.pop() {
            match self.batch(batch).await? {
                Done::All => {}
                Done::GivenUp => succeeded = false,
                Done::Halve(from) => {
                    let rest = &batch[from..];
                    let (first, second) = rest.split_at(rest.len().div_ceil(2));
                    left.push(second);
                    left.push(first);
                    succeeded = false;
                }
            }
        }
        Ok(succeeded)
    }

    async fn batch(&self, mut batch: &[Pair]) -> Result<Done, Fault> {
        let configuration = &self.mapping.configuration.0;
        let start = batch;
        let mut attempts = 0;
        loop {
            let records: Vec<Value> = batch.iter().map(|(_, printed)| printed.clone()).collect();
            let reports = self.mapping.reports_failures();
            let event = match self.window {
                Some(window) => locked(window).event(&records, self.stream, self.shard),
                None => json!({ "Records": records }),
            };
            let (outcome, answer) = invoke(self.cx, self.mapping.function(), &event, reports, None).await?;
            if let (Some(window), Outcome::Done | Outcome::Failed(..)) = (self.window, &outcome) {
                locked(window).keep(&answer);
            }
            let failure = match outcome {
                Outcome::Done => return Ok(Done::All),
                Outcome::Error(failure) => failure,
                Outcome::Failed(ids, version) => {
                    // Everything before the first that failed is done.
                    let is_failed =
                        |(record, _): &Pair| number(Some(record)).is_some_and(|own| ids.contains(&own));
                    let from = batch.iter().position(is_failed).unwrap_or(0);
                    batch = &batch[from..];
                    Failure { status: 200, function_error: None, version, is_throttled: false }
                }
            };
            if !failure.is_throttled {
                attempts += 1;
            }
            let reason = self.reason_to_give_up(batch, attempts);
            if let Some(reason) = reason {
                self.give_up(batch, &failure, reason, attempts).await?;
                return Ok(Done::GivenUp);
            }
            if configuration.bisect_batch_on_function_error == Some(true)
                && batch.len() > 1
                && !failure.is_throttled
            {
                return Ok(Done::Halve(start.len() - batch.len()));
            }
            let pause = Duration::from_secs(1 << attempts.clamp(1, 7) >> 1).min(LONGEST);
            self.cx.clock.sleep(pause).await;
        }
    }

    fn reason_to_give_up(&self, batch: &[Pair], attempts: i32) -> Option<&'static str> {
        let configuration = &self.mapping.configuration.0;
        let retries = configuration.maximum_retry_attempts.unwrap_or(-1);
        if retries >= 0 && attempts > retries {
            return Some("RetryAttemptsExhausted");
        }
        let most = configuration.maximum_record_age_in_seconds.unwrap_or(-1);
        let most = u64::try_from(most).map_or(KEPT, Duration::from_secs).min(KEPT);
        let written = discard::arrival(batch.first().map(|(record, _)| record));
        // The end of a window has no records.
        let arrived = written.or_else(|| self.window.map(|window| locked(window).end))?;
        let age = self.cx.clock.now().duration_since(arrived);
        (age.as_secs() > i64::try_from(most.as_secs()).unwrap_or(i64::MAX)).then_some("RecordAgeExceeded")
    }

    async fn give_up(
        &self,
        batch: &[Pair],
        failure: &Failure,
        reason: &'static str,
        attempts: i32,
    ) -> Result<(), Fault> {
        let destination = self.mapping.configuration.0.destination_config.as_ref();
        let destination = destination.and_then(|config| config.on_failure.as_ref()?.destination.clone());
        let Some(destination) = destination else { return Ok(()) };
        let records: Vec<&Record> = batch.iter().map(|(record, _)| record).collect();
        let about = Discarded {
            records: &records,
            reason,
            attempts,
            failure,
            mapping: self.mapping,
            stream: self.stream,
            shard: self.shard,
        };
        let printed: Vec<&Value> = batch.iter().map(|(_, printed)| printed).collect();
        about.send(self.cx, &destination, &printed).await
    }
}

fn locked(window: &Mutex<Window>) -> MutexGuard<'_, Window> {
    window.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Done {
    All,
    GivenUp,
    /// The rest from there is to be tried in halves.
    Halve(usize),
}
