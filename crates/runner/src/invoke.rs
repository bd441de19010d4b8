//! One invocation: an environment, an event, an answer or a failure, and the log around it.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::{Interval, MissedTickBehavior};

use crate::environment::Environment;
use crate::extensions::Reason;
use crate::interpreters::Kind;
use crate::logs::{LogBook, LogPlace};
use crate::outcome::failure::Failure;
use crate::outcome::report::{self, Report};
use crate::process::Ending;
use crate::runner::Inner;
use crate::runtime_api::{Delivery, Event};
use crate::telemetry::Hub;
use crate::{FunctionError, FunctionSpec, Invocation, Outcome, RunnerError, launch};

/// How often a busy environment's memory is looked at. In real time: memory fills in real time.
const MEMORY_CHECK: Duration = Duration::from_millis(20);

/// How a call to the process ended.
pub(crate) enum Reply {
    Answer(Bytes),
    Failed(Failure),
    /// The process had ended before it got the event, so another one may get it.
    NeverStarted,
}

/// What ended the wait for the process to become ready.
pub(crate) enum Ready {
    Yes,
    TimedOut,
    Failed(Failure),
}

/// Runs one event to its end.
pub(crate) async fn invoke(
    inner: Arc<Inner>,
    spec: FunctionSpec,
    invocation: Invocation,
) -> Result<Outcome, RunnerError> {
    while let Some(environment) = inner.pool.take(&spec.arn, &spec.revision, inner.clock.now()) {
        let call = Call::new(&inner, &spec, &invocation, environment);
        if let Some(outcome) = call.run().await {
            return Ok(outcome);
        }
    }
    // Apart, so that what is kept for a warm one stays small.
    Box::pin(cold(&inner, &spec, &invocation)).await
}

/// Starts an environment before there is an event for it; false if it does not become ready.
pub(crate) async fn warm(inner: Arc<Inner>, spec: FunctionSpec) -> Result<bool, RunnerError> {
    let permit = inner.pool.permit()?;
    let environment = Environment::start(&inner, &spec, permit).await?;
    let invocation = Invocation::default();
    let mut call = Call::new(&inner, &spec, &invocation, environment);
    let is_ready = matches!(call.ready(inner.settings.init_timeout).await, Ready::Yes);
    let mut environment = call.environment;
    if is_ready {
        inner.pool.put(environment, inner.clock.now());
    } else {
        environment.break_down(Reason::Failure).await;
        environment.dismiss(Reason::Failure);
    }
    Ok(is_ready)
}

/// Starts an environment for the event.
async fn cold(
    inner: &Arc<Inner>,
    spec: &FunctionSpec,
    invocation: &Invocation,
) -> Result<Outcome, RunnerError> {
    let mut permit = Some(inner.pool.permit()?);
    if let Some(outcome) = refuse_entrypoint(inner, spec, invocation)? {
        return Ok(outcome);
    }
    // A process that is slow to start is started over, and then has the function's time, as on AWS.
    let debugged = inner.debugged.port(spec).map(|_| spec.timeout);
    for limit in [debugged.unwrap_or(inner.settings.init_timeout), spec.timeout] {
        let permit = permit.take().map_or_else(|| inner.pool.permit(), Ok)?;
        let environment = Environment::start(inner, spec, permit).await?;
        let mut call = Call::new(inner, spec, invocation, environment);
        match call.ready(limit).await {
            Ready::Yes => match call.run().await {
                Some(outcome) => return Ok(outcome),
                None => continue,
            },
            Ready::Failed(failure) => return Ok(call.never_ran(failure, Reason::Failure).await),
            Ready::TimedOut if limit == spec.timeout => {
                let failure = Failure::timed_out(&invocation.request_id, inner.clock.now(), spec.timeout);
                return Ok(call.never_ran(failure, Reason::Timeout).await);
            }
            Ready::TimedOut => call.say_init_timed_out().await,
        }
    }
    Err(RunnerError::CannotStart("its process ended again and again before it took the event".to_owned()))
}

/// Code that brings its own program must have one.
fn refuse_entrypoint(
    inner: &Inner,
    spec: &FunctionSpec,
    invocation: &Invocation,
) -> Result<Option<Outcome>, RunnerError> {
    let sentence = match Kind::of_function(spec)? {
        Kind::Provided => launch::invalid_entrypoint(spec).map(str::to_owned),
        Kind::Image => launch::unfit_image(spec),
        kind => launch::unfit_handler(spec, kind),
    };
    let Some(sentence) = sentence else { return Ok(None) };
    let mut failure = Failure::invalid_entrypoint(&invocation.request_id, &sentence);
    if let (Some(container), Some(log)) = (&spec.container, &mut failure.log) {
        log.insert_str(0, &container.launch_error(&sentence));
    }
    let stream = crate::environment::log_stream(inner, spec);
    let mut book = LogBook::new(inner.sink.clone(), inner.clock.clone(), LogPlace::of(spec), stream);
    book.begin(&report::start(spec, &invocation.request_id, inner.clock.now()));
    let figures = Figures { duration: Duration::ZERO, init: None, max_memory_mb: 0 };
    Ok(Some(conclude(&mut book, spec, invocation, Reply::Failed(failure), figures, None)))
}

pub(crate) struct Figures {
    pub duration: Duration,
    pub init: Option<Duration>,
    pub max_memory_mb: u64,
}

/// An event in an environment.
pub(crate) struct Call<'a> {
    pub inner: &'a Arc<Inner>,
    pub spec: &'a FunctionSpec,
    pub invocation: &'a Invocation,
    pub environment: Environment,
    pub init: Option<Duration>,
}

impl<'a> Call<'a> {
    fn new(
        inner: &'a Arc<Inner>,
        spec: &'a FunctionSpec,
        invocation: &'a Invocation,
        environment: Environment,
    ) -> Self {
        Self { inner, spec, invocation, environment, init: None }
    }

    /// Waits until a new process asks for work, and its extensions for events.
    async fn ready(&mut self, limit: Duration) -> Ready {
        let ready = self.wait_until_ready(limit).await;
        self.init = Some(self.environment.age());
        self.tell_init(&ready);
        ready
    }

    async fn wait_until_ready(&mut self, limit: Duration) -> Ready {
        let clock = self.inner.clock.clone();
        let timeout = clock.sleep(limit);
        tokio::pin!(timeout);
        let extensions = self.environment.extensions.clone();
        let mut seen = extensions.watch();
        let mut is_up = false;
        loop {
            extensions.start_runtime_if_due();
            if is_up && (!extensions.is_any() || extensions.are_ready()) {
                return Ready::Yes;
            }
            tokio::select! {
                biased;
                Some(event) = self.environment.events.recv() => match event {
                    Event::Ready => {
                        is_up = true;
                        extensions.close_registration();
                        self.tell_init_runtime_done("success");
                    }
                    Event::InitError { payload, error_type } | Event::Error { payload, error_type } => {
                        return Ready::Failed(Failure::posted(payload, error_type));
                    }
                    Event::Subscribed { api, name, categories, is_new } => {
                        self.tell_subscribed(api, &name, &categories, is_new);
                    }
                    Event::Response(_) | Event::TooLarge => {}
                },
                ending = ended(&mut self.environment.ended) => {
                    let told = extensions.told_failure();
                    return Ready::Failed(Failure::exited(&self.invocation.request_id, ending, told));
                }
                crash = extensions.crashed(), if extensions.is_any() => {
                    return Ready::Failed(self.crashed(&crash));
                }
                () = &mut timeout => return Ready::TimedOut,
                () = extensions.change(&mut seen) => {}
            }
        }
    }

    /// Gives the event to the process and waits for the outcome; none if the process had ended before.
    async fn run(mut self) -> Option<Outcome> {
        let start = report::start(self.spec, &self.invocation.request_id, self.inner.clock.now());
        self.environment.logs.book().begin(&start);
        let started = Instant::now();
        let is_attended = self.environment.extensions.is_any();
        let trace = is_attended.then(|| self.tell_start());
        self.environment.api.deliver(self.delivery());
        let reply = self.reply().await;
        self.environment.api.close_stream();
        let duration = started.elapsed();
        if duration < MEMORY_CHECK {
            self.environment.measure_briefly();
        } else {
            self.environment.measure();
        }
        if matches!(reply, Reply::NeverStarted) {
            self.environment.dismiss(Reason::Failure);
            return None;
        }
        if let Some(trace) = trace {
            return Some(self.attended(reply, started, trace));
        }
        // A process that is still there after a failure of its own is used again, as on AWS.
        Some(self.finish(reply, duration))
    }

    /// The outcome of an event whose process never became ready.
    async fn never_ran(mut self, failure: Failure, reason: Reason) -> Outcome {
        self.environment.measure();
        self.environment.retired.store(true, std::sync::atomic::Ordering::Release);
        self.environment.break_down(reason).await;
        let start = report::start(self.spec, &self.invocation.request_id, self.inner.clock.now());
        self.environment.logs.drained().append_platform(&start);
        let duration = self.init.take().unwrap_or_default();
        self.finish(Reply::Failed(failure), duration)
    }

    async fn say_init_timed_out(mut self) {
        self.environment.break_down(Reason::Timeout).await;
        let limit = self.inner.settings.init_timeout.as_secs_f64() * 1000.0;
        let line = format!("INIT_REPORT Init Duration: {limit:.2} ms\tPhase: init\tStatus: timeout\n");
        self.environment.logs.drained().append_platform(&line);
        self.environment.dismiss(Reason::Timeout);
    }

    fn finish(self, reply: Reply, duration: Duration) -> Outcome {
        let max_memory_mb = self.environment.peak_kb.div_ceil(1024);
        let figures = Figures { duration, init: self.init, max_memory_mb };
        let extensions = &self.environment.extensions;
        let hub = extensions.is_any().then_some(&*extensions.telemetry);
        let mut book = self.environment.logs.drained();
        let outcome = conclude(&mut book, self.spec, self.invocation, reply, figures, hub);
        drop(book);
        match self.environment.broken {
            Some(reason) => self.environment.dismiss(reason),
            None => self.inner.pool.put(self.environment, self.inner.clock.now()),
        }
        outcome
    }

    async fn reply(&mut self) -> Reply {
        let clock = self.inner.clock.clone();
        let timeout = clock.sleep(self.spec.timeout);
        tokio::pin!(timeout);
        let mut check = memory_check();
        let extensions = self.environment.extensions.clone();
        let is_attended = extensions.is_any();
        loop {
            tokio::select! {
                biased;
                Some(event) = self.environment.events.recv() => if let Some(reply) = reply_of(event) {
                    return reply;
                },
                ending = ended(&mut self.environment.ended) => return self.gone(ending),
                crash = extensions.crashed(), if is_attended => {
                    self.environment.break_down(Reason::Failure).await;
                    return Reply::Failed(self.crashed(&crash));
                }
                () = &mut timeout => return self.time_out().await,
                _ = check.tick() => if self.environment.measure() > u64::from(self.spec.memory_mb) * 1024 {
                    self.environment.break_down(Reason::Failure).await;
                    return Reply::Failed(Failure::out_of_memory(&self.invocation.request_id));
                },
            }
        }
    }

    fn gone(&mut self, ending: Ending) -> Reply {
        // The answer may have come just before the end.
        while let Ok(event) = self.environment.events.try_recv() {
            if let Some(reply) = reply_of(event) {
                return reply;
            }
        }
        if !self.environment.api.taken() {
            return Reply::NeverStarted;
        }
        let extensions = &self.environment.extensions;
        self.environment.broken = extensions.is_any().then_some(Reason::Failure);
        Reply::Failed(Failure::exited(&self.invocation.request_id, ending, extensions.told_failure()))
    }

    async fn time_out(&mut self) -> Reply {
        self.environment.measure();
        self.environment.break_down(Reason::Timeout).await;
        let (now, timeout) = (self.inner.clock.now(), self.spec.timeout);
        Reply::Failed(Failure::timed_out(&self.invocation.request_id, now, timeout))
    }

    fn delivery(&self) -> Delivery {
        let invocation = self.invocation;
        let mut headers = HeaderMap::with_capacity(8);
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("content-type", "application/json");
        set("lambda-runtime-aws-request-id", &invocation.request_id);
        set("lambda-runtime-deadline-ms", &milliseconds_in(self.spec.timeout).to_string());
        set("lambda-runtime-invoked-function-arn", &invocation.invoked_arn);
        if let Some(trace) = &invocation.trace_header {
            set("lambda-runtime-trace-id", trace);
        }
        if let Some(context) = &invocation.client_context {
            set("lambda-runtime-client-context", context);
        }
        if let Some(tenant) = &invocation.tenant_id {
            set("lambda-runtime-aws-tenant-id", tenant);
        }
        Delivery {
            request_id: invocation.request_id.clone(),
            headers,
            payload: invocation.payload.clone(),
            stream: invocation.stream.clone(),
        }
    }
}

/// Writes the last lines and puts the outcome together.
pub(crate) fn conclude(
    book: &mut LogBook,
    spec: &FunctionSpec,
    invocation: &Invocation,
    reply: Reply,
    figures: Figures,
    telemetry: Option<&Hub>,
) -> Outcome {
    let (payload, failure) = match reply {
        Reply::Answer(payload) => (payload, None),
        Reply::Failed(failure) => (failure.payload.clone(), Some(failure)),
        Reply::NeverStarted => (Bytes::new(), None),
    };
    // Since August 2025, AWS bills the initialisation too.
    let billed = report::billed(figures.duration + figures.init.unwrap_or_default());
    let report = Report {
        request_id: &invocation.request_id,
        duration: figures.duration,
        billed,
        memory_mb: spec.memory_mb,
        max_memory_mb: figures.max_memory_mb,
        init: figures.init,
        failure: failure.as_ref(),
    };
    book.end_line();
    if let Some(text) = failure.as_ref().and_then(|failure| failure.log.as_ref()) {
        book.append_platform(text);
    }
    if let Some(hub) = telemetry {
        report.tell(hub);
    }
    let text = report.text(spec, book.now());
    book.append_platform(&text);
    book.finish();
    Outcome {
        payload,
        function_error: failure.map(|_| FunctionError::Unhandled),
        log_tail: book.tail(),
        log_stream: book.stream().to_owned(),
        duration: figures.duration,
        billed,
        init: figures.init,
        max_memory_mb: figures.max_memory_mb,
        rest: None,
    }
}

fn reply_of(event: Event) -> Option<Reply> {
    match event {
        Event::Ready | Event::Subscribed { .. } => None,
        Event::Response(payload) => Some(Reply::Answer(payload)),
        Event::TooLarge => Some(Reply::Failed(Failure::response_too_large())),
        Event::Error { payload, error_type } | Event::InitError { payload, error_type } => {
            Some(Reply::Failed(Failure::posted(payload, error_type)))
        }
    }
}

pub(crate) async fn ended(told: &mut tokio::sync::watch::Receiver<Option<Ending>>) -> Ending {
    told.wait_for(Option::is_some)
        .await
        .ok()
        .and_then(|ending| *ending)
        .unwrap_or(Ending::Signalled(libc::SIGKILL))
}

/// Ticks when memory is to be looked at.
pub(crate) fn memory_check() -> Interval {
    let mut check = tokio::time::interval_at(tokio::time::Instant::now() + MEMORY_CHECK, MEMORY_CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    check
}

/// The function compares the deadline with this machine's time, whatever our clock shows.
pub(crate) fn milliseconds_in(timeout: Duration) -> u128 {
    (SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + timeout).as_millis()
}
