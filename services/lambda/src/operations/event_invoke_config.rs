//! `PutFunctionEventInvokeConfig` and its family: what becomes of asynchronous events.

use api_lambda::{
    DeleteFunctionEventInvokeConfig, DeleteFunctionEventInvokeConfigInput,
    DeleteFunctionEventInvokeConfigOutput, DestinationConfig, FunctionEventInvokeConfig,
    GetFunctionEventInvokeConfig, GetFunctionEventInvokeConfigInput, LambdaError,
    ListFunctionEventInvokeConfigs, ListFunctionEventInvokeConfigsInput,
    ListFunctionEventInvokeConfigsOutput, PutFunctionEventInvokeConfig, PutFunctionEventInvokeConfigInput,
    UpdateFunctionEventInvokeConfig, UpdateFunctionEventInvokeConfigInput,
};
use kernel::{Arn, Context, Handler};

use crate::function::Function;
use crate::invoke_config::{INVOKE_CONFIGS, InvokeConfig};
use crate::names::FunctionName;
use crate::{Lambda, errors, paging};

const LIST: &str = "lambda.invoke_configs";

/// What a request says.
struct Asked {
    name: FunctionName,
    retries: Option<i32>,
    age: Option<i32>,
    destinations: Option<DestinationConfig>,
}

impl Handler<PutFunctionEventInvokeConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PutFunctionEventInvokeConfigInput,
    ) -> Result<FunctionEventInvokeConfig, LambdaError> {
        let asked = Asked {
            name: FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?,
            retries: input.maximum_retry_attempts,
            age: input.maximum_event_age_in_seconds,
            destinations: input.destination_config,
        };
        self.set_invoke_config(cx, &asked, true).await
    }
}

impl Handler<UpdateFunctionEventInvokeConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateFunctionEventInvokeConfigInput,
    ) -> Result<FunctionEventInvokeConfig, LambdaError> {
        let asked = Asked {
            name: FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?,
            retries: input.maximum_retry_attempts,
            age: input.maximum_event_age_in_seconds,
            destinations: input.destination_config,
        };
        self.set_invoke_config(cx, &asked, false).await
    }
}

impl Handler<GetFunctionEventInvokeConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetFunctionEventInvokeConfigInput,
    ) -> Result<FunctionEventInvokeConfig, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        let key = (name.name.as_str(), name.key());
        let config = self.store.read(&name.scope, |tx| tx.get(&INVOKE_CONFIGS, &key))?;

        Ok(config.ok_or_else(|| missing(&name))?.describe(&name))
    }
}

impl Handler<DeleteFunctionEventInvokeConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteFunctionEventInvokeConfigInput,
    ) -> Result<DeleteFunctionEventInvokeConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        self.store
            .write(&name.scope, |tx| {
                let key = (name.name.as_str(), name.key());
                if !tx.contains(&INVOKE_CONFIGS, &key)? {
                    return Err(missing(&name));
                }
                tx.delete(&INVOKE_CONFIGS, &key)?;
                Ok(())
            })
            .await?;

        Ok(DeleteFunctionEventInvokeConfigOutput {})
    }
}

impl Handler<ListFunctionEventInvokeConfigs> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListFunctionEventInvokeConfigsInput,
    ) -> Result<ListFunctionEventInvokeConfigsOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?;

        let page = self.store.read(&name.scope, |tx| {
            require(Function::find(tx, &name.plain())?)?;
            let rows = tx.prefix(&INVOKE_CONFIGS, &(name.name.as_str(),));
            paging::cut(rows, LIST, input.marker.as_deref(), input.max_items, |(key, _)| key.1.clone())
        })?;

        let describe = |((_, qualifier), config): &((String, String), InvokeConfig)| {
            config.describe(&name.with(qualifier))
        };
        Ok(ListFunctionEventInvokeConfigsOutput {
            function_event_invoke_configs: Some(page.items.iter().map(describe).collect()),
            next_marker: page.next,
        })
    }
}

impl Lambda {
    async fn set_invoke_config(
        &self,
        cx: &Context,
        asked: &Asked,
        is_new: bool,
    ) -> Result<FunctionEventInvokeConfig, LambdaError> {
        let name = &asked.name;
        if asked.retries.is_none() && asked.age.is_none() && asked.destinations.is_none() {
            return Err(errors::invalid(
                "You must specify at least one of error handling or destination setting.",
            ));
        }
        let config = self
            .store
            .write(&name.scope, |tx| {
                require(Function::find(tx, name)?)?;
                if let Some(destinations) = &asked.destinations {
                    check(tx, name, destinations)?;
                }
                let key = (name.name.as_str(), name.key());
                let known = tx.get(&INVOKE_CONFIGS, &key)?;
                let before = match (known, is_new) {
                    (_, true) => InvokeConfig::default(),
                    (Some(known), false) => known,
                    (None, false) => return Err(missing(name)),
                };
                let config = changed(before, asked, cx);
                tx.put(&INVOKE_CONFIGS, &key, &config)?;
                Ok(config)
            })
            .await?;
        Ok(config.describe(name))
    }
}

fn changed(before: InvokeConfig, asked: &Asked, cx: &Context) -> InvokeConfig {
    let mut config = InvokeConfig {
        modified: cx.clock.now(),
        retries: asked.retries.or(before.retries),
        age: asked.age.or(before.age),
        ..before
    };
    if let Some(destinations) = &asked.destinations {
        let given = |target: &Option<String>| target.clone().filter(|target| !target.is_empty());
        if let Some(success) = &destinations.on_success {
            config.on_success = given(&success.destination);
        }
        if let Some(failure) = &destinations.on_failure {
            config.on_failure = given(&failure.destination);
        }
    }
    config
}

fn missing(name: &FunctionName) -> LambdaError {
    errors::no_invoke_config(&name.with(name.key()).arn())
}

fn require(function: Option<Function>) -> Result<(), LambdaError> {
    match function {
        Some(_) => Ok(()),
        None => Err(errors::not_found("The function doesn't exist.".to_owned())),
    }
}

/// Refuses destinations that take no records.
fn check(
    tx: &store::ReadTx<'_>,
    name: &FunctionName,
    destinations: &DestinationConfig,
) -> Result<(), LambdaError> {
    let success = destinations.on_success.as_ref().and_then(|target| target.destination.as_deref());
    let failure = destinations.on_failure.as_ref().and_then(|target| target.destination.as_deref());
    for target in [success, failure].into_iter().flatten().filter(|target| !target.is_empty()) {
        let arn = Arn::parse(target);
        match arn.as_ref().map(|arn| arn.service.as_str()) {
            Some("lambda") => check_function(tx, name, target)?,
            Some("sqs" | "sns" | "events") => {}
            // A bucket takes what failed and nothing else.
            Some("s3") if Some(target) != success => {}
            _ => {
                let side = |kind: &str, target: Option<&str>| {
                    target.map_or("null".to_owned(), |target| format!("{kind}(destination={target})"))
                };
                return Err(errors::invalid(format!(
                    "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
                    side("OnSuccess", success),
                    side("OnFailure", failure)
                )));
            }
        }
    }
    Ok(())
}

fn check_function(tx: &store::ReadTx<'_>, name: &FunctionName, target: &str) -> Result<(), LambdaError> {
    let Some(arn) = Arn::parse(target) else { return Ok(()) };
    let rest = arn.resource.strip_prefix("function:").unwrap_or(&arn.resource);
    let (other, qualifier) = rest.split_once(':').map_or((rest, None), |(name, own)| (name, Some(own)));
    let other = FunctionName {
        scope: arn.scope(&name.scope),
        name: other.to_owned(),
        qualifier: qualifier.map(str::to_owned),
    };
    if other.plain() == name.plain() {
        return Err(errors::invalid("You can't specify the function as a destination for itself."));
    }
    match Function::find(&tx.in_scope(&other.scope), &other)? {
        Some(_) => Ok(()),
        None => Err(errors::invalid(format!("The destination ARN {target} is invalid."))),
    }
}
