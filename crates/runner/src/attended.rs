//! Invocations with extensions: the phases they take part in, and what they are told of them.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use kernel::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::environment::Environment;
use crate::extensions::{Crash, Reason};
use crate::invoke::{Call, Figures, Ready, Reply, conclude, ended, memory_check, milliseconds_in};
use crate::outcome::failure::Failure;
use crate::outcome::report;
use crate::runner::Inner;
use crate::runtime_api::Event;
use crate::telemetry::{Api, Category};
use crate::{FunctionError, FunctionSpec, Invocation, Outcome};

impl Call<'_> {
    /// An extension has ended by itself.
    pub fn crashed(&self, crash: &Crash) -> Failure {
        Failure::crashed(&self.invocation.request_id, crash.error_type, &crash.sentence)
    }

    /// The runtime has initialised itself.
    pub fn tell_init_runtime_done(&self, status: &str) {
        let extensions = &self.environment.extensions;
        if extensions.is_any() {
            let kind = self.spec.initialization();
            let record = json!({ "initializationType": kind, "phase": "init", "status": status });
            extensions.telemetry.platform("platform.initRuntimeDone", record);
        }
    }

    /// An extension has subscribed.
    pub fn tell_subscribed(&self, api: Api, name: &str, categories: &[Category], is_new: bool) {
        let state = if is_new { "Subscribed" } else { "Already subscribed" };
        let types: Vec<_> = categories.iter().map(|category| category.name()).collect();
        let titles: Vec<_> = categories.iter().map(|category| category.title()).collect();
        let record = json!({ "name": name, "state": state, "types": types });
        let text = report::subscription(self.spec, api, &record, &titles, self.inner.clock.now());
        self.environment.logs.drained().append_preamble(&text);
        let kind = match api {
            Api::Telemetry => "platform.telemetrySubscription",
            Api::Logs => "platform.logsSubscription",
        };
        self.environment.extensions.telemetry.platform(kind, record);
    }

    /// The initialisation is over, well or not.
    pub fn tell_init(&self, ready: &Ready) {
        let extensions = &self.environment.extensions;
        if extensions.is_any() {
            let status = match ready {
                Ready::Yes => "success",
                Ready::TimedOut => "timeout",
                Ready::Failed(_) => "error",
            };
            if status != "success" {
                self.tell_init_runtime_done(status);
            }
            self.tell_states();
            self.tell_init_report(status, ready);
        }
        extensions.telemetry.close();
    }

    fn tell_states(&self) {
        let mut book = self.environment.logs.drained();
        book.end_line();
        for (name, state, events, error_type) in self.environment.extensions.states() {
            let mut record = json!({ "name": name, "state": state, "events": events });
            if let Some(error_type) = error_type {
                record["errorType"] = json!(error_type);
            }
            book.append_preamble(&report::extension(self.spec, &record, self.inner.clock.now()));
            self.environment.extensions.telemetry.platform("platform.extension", record);
        }
    }

    fn tell_init_report(&self, status: &str, ready: &Ready) {
        let duration = self.init.unwrap_or_default();
        let mut record = json!({
            "initializationType": self.spec.initialization(),
            "phase": "init",
            "status": status,
            "metrics": { "durationMs": report::round(duration) },
        });
        if let Ready::Failed(failure) = ready {
            record["errorType"] = json!(failure.error_type);
            let text = report::init_report(self.spec, duration, &record, self.inner.clock.now());
            self.environment.logs.drained().append_platform(&text);
        }
        self.environment.extensions.telemetry.platform("platform.initReport", record);
    }

    /// An event is on its way: extensions get theirs. Answers the trace it belongs to.
    pub fn tell_start(&self) -> String {
        let extensions = &self.environment.extensions;
        let trace = extensions.trace(self.invocation);
        let record = json!({
            "requestId": self.invocation.request_id,
            "version": self.spec.version,
            "tracing": tracing_of(&trace),
        });
        extensions.telemetry.platform("platform.start", record);
        extensions.invoke(self.invocation, milliseconds_in(self.spec.timeout), &trace);
        trace
    }

    /// The caller gets the answer now; the environment is done only once its extensions are.
    pub fn attended(self, reply: Reply, started: Instant, trace: String) -> Outcome {
        let (payload, failure) = match reply {
            Reply::Answer(payload) => (payload, None),
            Reply::Failed(failure) => (failure.payload.clone(), Some(failure)),
            Reply::NeverStarted => (Bytes::new(), None),
        };
        let answered = Instant::now();
        let rest = Rest {
            inner: self.inner.clone(),
            spec: self.spec.clone(),
            invocation: Invocation { stream: None, payload: Bytes::new(), ..self.invocation.clone() },
            environment: self.environment,
            figures: Figures { duration: answered - started, init: self.init, max_memory_mb: 0 },
            produced_bytes: payload.len(),
            failure,
            trace,
            started,
            answered,
            answered_at: self.inner.clock.now(),
        };
        if rest.environment.broken.is_some() {
            return rest.conclude();
        }
        let (tell, told) = watch::channel(None);
        let outcome = Outcome { rest: Some(told), ..rest.outcome(payload) };
        tokio::spawn(rest.run(tell));
        outcome
    }
}

/// An invocation after its answer.
struct Rest {
    inner: Arc<Inner>,
    spec: FunctionSpec,
    /// Without its event, which is done with.
    invocation: Invocation,
    environment: Environment,
    figures: Figures,
    produced_bytes: usize,
    failure: Option<Failure>,
    trace: String,
    started: Instant,
    answered: Instant,
    answered_at: Timestamp,
}

impl Rest {
    /// What is known when the answer is there.
    fn outcome(&self, payload: Bytes) -> Outcome {
        let book = self.environment.logs.drained();
        Outcome {
            payload,
            function_error: self.failure.as_ref().map(|_| FunctionError::Unhandled),
            log_tail: book.tail(),
            log_stream: book.stream().to_owned(),
            duration: self.figures.duration,
            billed: report::billed(self.figures.duration + self.figures.init.unwrap_or_default()),
            init: self.figures.init,
            max_memory_mb: self.environment.peak_kb.div_ceil(1024),
            rest: None,
        }
    }

    /// Waits for the runtime and the extensions, and makes the environment idle.
    async fn run(mut self, tell: watch::Sender<Option<Vec<u8>>>) {
        self.wait().await;
        self.environment.measure();
        self.figures.duration = self.started.elapsed();
        let _ = tell.send(Some(self.conclude().log_tail));
    }

    async fn wait(&mut self) {
        let clock = self.inner.clock.clone();
        let late = clock.sleep(self.spec.timeout.saturating_sub(self.started.elapsed()));
        tokio::pin!(late);
        let mut check = memory_check();
        let extensions = self.environment.extensions.clone();
        let mut is_runtime_done = false;
        loop {
            tokio::select! {
                biased;
                Some(event) = self.environment.events.recv() => {
                    if matches!(event, Event::Ready) && !is_runtime_done {
                        is_runtime_done = true;
                        self.tell_runtime_done(if self.failure.is_some() { "error" } else { "success" });
                    }
                }
                _ = ended(&mut self.environment.ended) => break self.environment.broken = Some(Reason::Failure),
                _ = extensions.crashed() => break self.environment.broken = Some(Reason::Failure),
                () = extensions.idle(), if is_runtime_done => break,
                () = &mut late => {
                    let (id, now) = (&self.invocation.request_id, clock.now());
                    self.failure = Some(Failure::timed_out(id, now, self.spec.timeout));
                    break self.environment.broken = Some(Reason::Timeout);
                }
                _ = check.tick() => if self.environment.measure() > u64::from(self.spec.memory_mb) * 1024 {
                    self.failure = Some(Failure::out_of_memory(&self.invocation.request_id));
                    break self.environment.broken = Some(Reason::Failure);
                }
            }
        }
    }

    /// Writes the report, and keeps the environment or lets it go.
    fn conclude(mut self) -> Outcome {
        match self.environment.broken {
            Some(Reason::Timeout) => self.tell_runtime_done("timeout"),
            Some(_) => self.tell_runtime_done("failure"),
            None => {}
        }
        self.figures.max_memory_mb = self.environment.peak_kb.div_ceil(1024);
        let reply = match self.failure.take() {
            Some(failure) => Reply::Failed(failure),
            None => Reply::Answer(Bytes::new()),
        };
        let hub = self.environment.extensions.telemetry.clone();
        let mut book = self.environment.logs.drained();
        let outcome = conclude(&mut book, &self.spec, &self.invocation, reply, self.figures, Some(&hub));
        drop(book);
        match self.environment.broken {
            Some(reason) => self.environment.dismiss(reason),
            None => self.inner.pool.put(self.environment, self.inner.clock.now()),
        }
        outcome
    }

    fn tell_runtime_done(&self, status: &str) {
        let mut record = json!({
            "requestId": self.invocation.request_id,
            "status": status,
            "tracing": tracing_of(&self.trace),
            "metrics": {
                "durationMs": report::round(self.started.elapsed()),
                "producedBytes": self.produced_bytes,
            },
        });
        match self.environment.broken {
            None => record["spans"] = self.spans(),
            Some(_) => record["errorType"] = json!(self.failure.as_ref().map(|failure| &failure.error_type)),
        }
        self.environment.extensions.telemetry.platform("platform.runtimeDone", record);
    }

    /// How long the function took to answer, and the runtime to ask for more.
    fn spans(&self) -> Value {
        let latency = self.answered - self.started;
        let began = self.answered_at.saturating_sub(latency).unwrap_or(self.answered_at);
        let span = |name: &str, start: Timestamp, duration| {
            let start = start.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
            json!({ "name": name, "start": start, "durationMs": report::round(duration) })
        };
        json!([
            span("responseLatency", began, latency),
            span("responseDuration", self.answered_at, std::time::Duration::ZERO),
            span("runtimeOverhead", self.answered_at, self.answered.elapsed()),
        ])
    }
}

fn tracing_of(trace: &str) -> Value {
    json!({ "type": "X-Amzn-Trace-Id", "value": trace })
}
