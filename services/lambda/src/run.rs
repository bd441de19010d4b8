//! Running a function once, for whoever asks.

use std::time::Duration;

use api_lambda::LambdaError;
use kernel::{Bytes, Context};
use runner::{FunctionSpec, Invocation, Outcome, RunnerError};

use crate::function::Function;
use crate::names::FunctionName;
use crate::{Lambda, errors};

impl Lambda {
    /// Runs a function and waits for its answer.
    pub(crate) async fn run(
        &self,
        cx: &Context,
        name: &FunctionName,
        function: Function,
        request_id: &str,
        payload: Bytes,
        client_context: Option<String>,
    ) -> Result<Outcome, LambdaError> {
        let there = cx.in_scope(name.scope.clone());
        let spec = self.spec(&there, name, function).await?;
        let invocation = Invocation {
            request_id: request_id.to_owned(),
            payload,
            client_context,
            trace_header: cx
                .request
                .headers
                .get("x-amzn-trace-id")
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            invoked_arn: name.arn(),
        };
        self.runner.invoke(&spec, invocation).await.map_err(|error| match error {
            RunnerError::TooManyEnvironments(_) => errors::too_many_requests(),
            error => errors::cannot_run(error.to_string()),
        })
    }

    async fn spec(
        &self,
        cx: &Context,
        name: &FunctionName,
        function: Function,
    ) -> Result<FunctionSpec, LambdaError> {
        let code = self.unpacked(&function.code).await?;
        let log_group = function.log_group(&name.name);
        let configuration = function.configuration;
        let unsigned = |value: i32| u32::try_from(value).unwrap_or_default();
        Ok(FunctionSpec {
            arn: name.plain_arn(),
            name: name.name.clone(),
            version: "$LATEST".to_owned(),
            revision: function.revision,
            runtime: configuration.runtime.to_string(),
            handler: configuration.handler,
            code,
            environment: configuration.environment.into_iter().flatten().collect(),
            timeout: Duration::from_secs(u64::from(unsigned(configuration.timeout))),
            memory_mb: unsigned(configuration.memory),
            ephemeral_mb: unsigned(configuration.ephemeral),
            region: cx.scope.region.to_string(),
            account: cx.scope.account.to_string(),
            log_group,
            credentials: self.credentials.of(cx, &configuration.role, &name.name).await,
        })
    }
}
