//! Running a function once, for whoever asks.

use std::sync::Arc;
use std::time::Duration;

use api_lambda::{LambdaError, ThrottleReason};
use kernel::{Bytes, Context, Fault};
use runner::{FunctionSpec, Invocation, LogLevels, Outcome, RunnerError, StreamPart};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::credentials::RoleSessions;
use crate::durable::start::Start;
use crate::function::{FUNCTIONS, Function, LATEST};
use crate::names::FunctionName;
use crate::provisioned::Warmth;
use crate::turns::Turn;
use crate::{Lambda, errors, provisioned, tenant};

/// What comes with an invocation.
#[derive(Clone, Default)]
pub struct Request {
    /// The event.
    pub payload: Bytes,
    /// What a mobile client tells of itself.
    pub client_context: Option<String>,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// The trace, where it is not the caller's.
    pub trace_header: Option<String>,
}

impl Request {
    /// One that is an event alone.
    pub fn of(payload: Bytes) -> Self {
        Self { payload, ..Self::default() }
    }
}

impl Lambda {
    /// Runs a function, or an execution of a durable one, and waits for its answer.
    pub(crate) async fn run(
        &self,
        cx: &Context,
        name: &FunctionName,
        function: Function,
        request_id: &str,
        mut request: Request,
    ) -> Result<Outcome, LambdaError> {
        request.trace_header = request.trace_header.or_else(|| trace(cx, &function));
        if function.configuration.durable.is_some() {
            let start = Start::of(name, &function, request.payload, request.trace_header);
            return self.start_and_wait(cx, start).await.map(|(_, outcome)| outcome);
        }
        self.invoke(cx, name, function, request_id, request).await
    }

    /// Runs a function once.
    pub(crate) async fn invoke(
        &self,
        cx: &Context,
        name: &FunctionName,
        function: Function,
        request_id: &str,
        request: Request,
    ) -> Result<Outcome, LambdaError> {
        let (turn, spec, invocation) = self.prepare(cx, name, function, request_id, request).await?;
        let ran = match turn {
            // The function goes on when the caller does not wait for it, and its turn with it.
            Some(turn) => {
                let runner = self.runner.clone();
                let task = tokio::spawn(async move {
                    let _turn = turn;
                    runner.invoke(&spec, invocation).await
                });
                task.await.unwrap_or_else(|error| Err(RunnerError::CannotStart(error.to_string())))
            }
            None => self.runner.invoke(&spec, invocation).await,
        };
        ran.map_err(refuse)
    }

    /// Runs a function whose answer is passed on while it comes.
    pub(crate) async fn stream(
        &self,
        cx: &Context,
        name: &FunctionName,
        function: Function,
        request_id: &str,
        mut request: Request,
    ) -> Result<Streamed, LambdaError> {
        request.trace_header = trace(cx, &function);
        let (sender, parts) = mpsc::unbounded_channel();
        if function.configuration.durable.is_some() {
            let start = Start::of(name, &function, request.payload, request.trace_header);
            let (_, outcome) = self.start_and_wait(cx, start).await?;
            return Ok(Streamed { parts, outcome: tokio::spawn(async move { Ok(outcome) }) });
        }
        let (turn, spec, invocation) = self.prepare(cx, name, function, request_id, request).await?;
        let invocation = Invocation { stream: Some(sender), ..invocation };
        let runner = self.runner.clone();
        let outcome = tokio::spawn(async move {
            let _turn = turn;
            runner.invoke(&spec, invocation).await.map_err(refuse)
        });
        Ok(Streamed { parts, outcome })
    }

    async fn prepare(
        &self,
        cx: &Context,
        name: &FunctionName,
        function: Function,
        request_id: &str,
        request: Request,
    ) -> Result<(Option<Turn>, FunctionSpec, Invocation), LambdaError> {
        tenant::check(&function, request.tenant_id.as_deref())?;
        let trace_header = self.lineage(cx, name, request.trace_header)?;
        let there = cx.in_scope(name.scope.clone());
        let invocation = Invocation {
            request_id: request_id.to_owned(),
            payload: request.payload,
            client_context: request.client_context,
            tenant_id: request.tenant_id,
            trace_header: Some(trace_header),
            invoked_arn: name.arn(),
            stream: None,
        };
        if function.configuration.managed.is_some() {
            let turn = self.managed_turn(name, &function)?;
            return Ok((turn, self.spec(&there, name, function).await?, invocation));
        }
        if let Some(turn) = self.provisioned_turn(name, &function)? {
            return Ok((Some(turn), self.provisioned_spec(&there, name, function).await?, invocation));
        }
        let turn = self.turn(name, &function)?;
        let mut spec = self.spec(&there, name, function).await?;
        // What one tenant leaves behind in an environment is not for another.
        if let Some(tenant) = &invocation.tenant_id {
            spec.arn = format!("{}:tenant:{tenant}", spec.arn);
        }
        Ok((turn, spec, invocation))
    }

    /// A place among the invocations that may run at once, where their number is limited.
    fn turn(&self, name: &FunctionName, function: &Function) -> Result<Option<Turn>, LambdaError> {
        let reserved = match function.version.as_str() {
            LATEST => function.reserved,
            _ => self
                .store
                .read(&name.scope, |tx| tx.get(&FUNCTIONS, &name.name))?
                .and_then(|function| function.reserved),
        };
        let Some(reserved) = reserved else { return Ok(None) };
        let provisioned = self.store.read(&name.scope, |tx| provisioned::total(tx, &name.name, None))?;
        // What versions have for themselves is not there for others.
        let most = usize::try_from(reserved - provisioned).unwrap_or_default();
        let refused = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
        self.turns.take(name.plain_arn(), most).map(Some).ok_or_else(|| errors::too_many_requests(refused))
    }

    /// A place among the environments that a version or an alias has for itself.
    fn provisioned_turn(
        &self,
        name: &FunctionName,
        function: &Function,
    ) -> Result<Option<Turn>, LambdaError> {
        if function.version == LATEST {
            return Ok(None);
        }
        let found = self.store.read(&name.scope, |tx| provisioned::of(tx, &name.name, &function.version))?;
        let take = |(qualifier, count): (String, i32)| {
            let arn = name.with(&qualifier).arn();
            let is_ready = self.warming.state(&arn) == Warmth::Ready;
            self.turns.take(arn, usize::try_from(count).ok().filter(|_| is_ready)?)
        };
        Ok(found.and_then(take))
    }

    /// As others, but its environments are not mixed with them.
    pub(crate) async fn provisioned_spec(
        &self,
        cx: &Context,
        name: &FunctionName,
        function: Function,
    ) -> Result<FunctionSpec, LambdaError> {
        let spec = self.spec(cx, name, function).await?;
        Ok(FunctionSpec { arn: format!("{}:provisioned", spec.arn), is_provisioned: true, ..spec })
    }

    /// What the runner needs to know.
    pub(crate) async fn spec(
        &self,
        cx: &Context,
        name: &FunctionName,
        function: Function,
    ) -> Result<FunctionSpec, LambdaError> {
        let container = self.container(&function).await?;
        let (code, revision) = match &container {
            Some(container) => (container.image.code(), function.edition.clone()),
            None => self.ready_code(&function).await?,
        };
        let layers = self.layers(&function.configuration.layers).await?;
        let log_group = function.log_group(&name.name);
        let configuration = function.configuration;
        let unsigned = |value: i32| u32::try_from(value).unwrap_or_default();
        Ok(FunctionSpec {
            arn: name.with(&function.version).arn(),
            name: name.name.clone(),
            version: function.version,
            revision,
            runtime: configuration.runtime.to_string(),
            handler: configuration.handler,
            code,
            container,
            layers,
            is_provisioned: false,
            is_managed: configuration.managed.is_some(),
            json_logs: configuration.json_logs.map(|(application, system)| LogLevels { application, system }),
            environment: configuration.environment.into_iter().flatten().collect(),
            timeout: Duration::from_secs(u64::from(unsigned(configuration.timeout))),
            memory_mb: unsigned(configuration.memory),
            ephemeral_mb: unsigned(configuration.ephemeral),
            region: cx.scope.region.to_string(),
            account: cx.scope.account.to_string(),
            log_group,
            credentials: Arc::new(RoleSessions {
                cx: cx.clone(),
                role: configuration.role,
                function: name.name.clone(),
            }),
        })
    }
}

/// An answer on its way: its parts, then how the function ended.
pub struct Streamed {
    /// What a streaming function has written; nothing of any other.
    pub parts: mpsc::UnboundedReceiver<StreamPart>,
    /// How it ended.
    pub outcome: JoinHandle<Result<Outcome, LambdaError>>,
}

impl Streamed {
    /// How the function ended, once all parts have come.
    pub async fn end(outcome: JoinHandle<Result<Outcome, LambdaError>>) -> Result<Outcome, LambdaError> {
        outcome.await.unwrap_or_else(|error| Err(Fault::internal(error).into()))
    }
}

fn refuse(error: RunnerError) -> LambdaError {
    match error {
        RunnerError::TooManyEnvironments(_) => {
            errors::too_many_requests(ThrottleReason::ConcurrentInvocationLimitExceeded)
        }
        error => errors::cannot_run(error.to_string()),
    }
}

/// The trace that an invocation belongs to: the caller's, or a new one where every invocation is traced.
pub fn trace(cx: &Context, function: &Function) -> Option<String> {
    let given = cx.request.headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok());
    given.map(str::to_owned).or_else(|| {
        let second = cx.clock.now().as_second();
        let new = || format!("Root=1-{second:08x}-{};Parent={};Sampled=1", cx.ids.hex(24), cx.ids.hex(16));
        function.configuration.traced.then(new)
    })
}
