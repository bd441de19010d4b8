//! `CreateFunctionUrlConfig` and its family.

use api_lambda::{
    CreateFunctionUrlConfig, CreateFunctionUrlConfigInput, CreateFunctionUrlConfigOutput,
    DeleteFunctionUrlConfig, DeleteFunctionUrlConfigInput, DeleteFunctionUrlConfigOutput,
    GetFunctionUrlConfig, GetFunctionUrlConfigInput, GetFunctionUrlConfigOutput, LambdaError,
    ListFunctionUrlConfigs, ListFunctionUrlConfigsInput, ListFunctionUrlConfigsOutput,
    UpdateFunctionUrlConfig, UpdateFunctionUrlConfigInput, UpdateFunctionUrlConfigOutput,
};
use kernel::{Context, Handler};
use store::ReadTx;

use crate::function::{FUNCTIONS, Function};
use crate::names::FunctionName;
use crate::url::{self, Rules, Target, URL_TARGETS, URLS, Url};
use crate::{Lambda, errors, paging, tenant};

const LIST: &str = "lambda.urls";

impl Handler<CreateFunctionUrlConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateFunctionUrlConfigInput,
    ) -> Result<CreateFunctionUrlConfigOutput, LambdaError> {
        let name = named(cx, &input.function_name, input.qualifier.as_deref())?;
        let now = cx.clock.now();
        let mut url = Url {
            id: cx.ids.base36(32),
            auth: input.auth_type,
            mode: input.invoke_mode.clone(),
            cors: input.cors.map(Rules::from),
            created: now,
            modified: now,
        };
        let target = Target {
            account: name.scope.account.to_string(),
            region: name.scope.region.to_string(),
            function: name.name.clone(),
            qualifier: name.key().to_owned(),
        };

        self.store
            .write(&name.scope, |tx| {
                let there = Function::find(tx, &name)?;
                let there = there.ok_or_else(|| errors::not_found("Function does not exist".to_owned()))?;
                tenant::refuse(&there, "Function URLs")?;
                let key = (name.name.as_str(), name.key());
                if tx.contains(&URLS, &key)? {
                    return Err(errors::conflict(format!(
                        "Failed to create function url config for [functionArn = {}]. Error message:  \
                         FunctionUrlConfig exists for this Lambda function",
                        name.arn()
                    )));
                }
                if let Some(chosen) = chosen_id(tx, &name)? {
                    url.id = chosen;
                }
                tx.put(&URL_TARGETS, url.id.as_str(), &target)?;
                Ok(tx.put(&URLS, &key, &url)?)
            })
            .await?;

        let described = url.describe(cx, &name);
        Ok(CreateFunctionUrlConfigOutput {
            function_url: described.function_url,
            function_arn: described.function_arn,
            auth_type: described.auth_type,
            cors: described.cors,
            creation_time: described.creation_time,
            invoke_mode: input.invoke_mode,
        })
    }
}

/// The id that a tag asks for, as `LocalStack` has it: people know their URLs before they make them. Nothing if it is no part
/// of a host's name, or another's already.
fn chosen_id(tx: &ReadTx<'_>, name: &FunctionName) -> Result<Option<String>, LambdaError> {
    let Some(function) = tx.get(&FUNCTIONS, &name.name)? else { return Ok(None) };
    let Some(tag) = function.tags.get("_custom_id_") else { return Ok(None) };
    let id = match name.qualifier.as_deref() {
        Some(qualifier) => format!("{tag}-{qualifier}").to_ascii_lowercase(),
        None => tag.to_ascii_lowercase(),
    };
    let is_label = !id.is_empty()
        && id.len() <= 63
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !id.starts_with('-')
        && !id.ends_with('-');
    let is_free = is_label && !tx.contains(&URL_TARGETS, id.as_str())?;
    if !is_free {
        tracing::warn!(%id, "the tag _custom_id_ asks for a URL that cannot be had");
    }
    Ok(is_free.then_some(id))
}

impl Handler<UpdateFunctionUrlConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateFunctionUrlConfigInput,
    ) -> Result<UpdateFunctionUrlConfigOutput, LambdaError> {
        let name = named(cx, &input.function_name, input.qualifier.as_deref())?;

        let url = self
            .store
            .write(&name.scope, |tx| {
                let key = (name.name.as_str(), name.key());
                let there = Function::find(tx, &name)?;
                there.ok_or_else(|| errors::not_found("Function does not exist".to_owned()))?;
                let mut url = tx.get(&URLS, &key)?.ok_or_else(errors::no_such_resource)?;
                url.auth = input.auth_type.clone().unwrap_or(url.auth);
                url.mode = input.invoke_mode.clone().or(url.mode);
                url.cors = input.cors.clone().map(Rules::from).or(url.cors);
                url.modified = cx.clock.now();
                tx.put(&URLS, &key, &url)?;
                Ok::<_, LambdaError>(url)
            })
            .await?;

        let described = url.describe(cx, &name);
        Ok(UpdateFunctionUrlConfigOutput {
            function_url: described.function_url,
            function_arn: described.function_arn,
            auth_type: described.auth_type,
            cors: described.cors,
            creation_time: described.creation_time,
            last_modified_time: described.last_modified_time,
            invoke_mode: url.mode,
        })
    }
}

impl Handler<GetFunctionUrlConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetFunctionUrlConfigInput,
    ) -> Result<GetFunctionUrlConfigOutput, LambdaError> {
        let name = named(cx, &input.function_name, input.qualifier.as_deref())?;

        let key = (name.name.as_str(), name.key());
        let url = self.store.read(&name.scope, |tx| tx.get(&URLS, &key))?;

        let described = url.ok_or_else(errors::no_such_resource)?.describe(cx, &name);
        Ok(GetFunctionUrlConfigOutput {
            function_url: described.function_url,
            function_arn: described.function_arn,
            auth_type: described.auth_type,
            cors: described.cors,
            creation_time: described.creation_time,
            last_modified_time: described.last_modified_time,
            invoke_mode: described.invoke_mode,
        })
    }
}

impl Handler<DeleteFunctionUrlConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteFunctionUrlConfigInput,
    ) -> Result<DeleteFunctionUrlConfigOutput, LambdaError> {
        let name = named(cx, &input.function_name, input.qualifier.as_deref())?;

        self.store
            .write(&name.scope, |tx| {
                if !tx.contains(&URLS, &(name.name.as_str(), name.key()))? {
                    return Err(errors::no_such_resource());
                }
                Ok(url::forget(tx, &name.name, Some(name.key()))?)
            })
            .await?;

        Ok(DeleteFunctionUrlConfigOutput {})
    }
}

impl Handler<ListFunctionUrlConfigs> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListFunctionUrlConfigsInput,
    ) -> Result<ListFunctionUrlConfigsOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?;

        let page = self.store.read(&name.scope, |tx| {
            let there = Function::find(tx, &name.plain())?;
            there.ok_or_else(|| errors::not_found("Function does not exist".to_owned()))?;
            let rows = tx.prefix(&URLS, &(name.name.as_str(),));
            paging::cut(rows, LIST, input.marker.as_deref(), input.max_items, |(key, _)| key.1.clone())
        })?;

        let describe = |((_, qualifier), url): &((String, String), Url)| {
            let is_plain = qualifier == crate::function::LATEST;
            url.describe(cx, &if is_plain { name.plain() } else { name.with(qualifier) })
        };
        let configs = page.items.iter().map(describe).collect();
        Ok(ListFunctionUrlConfigsOutput { function_url_configs: configs, next_marker: page.next })
    }
}

/// Only functions and aliases have URLs.
fn named(cx: &Context, text: &str, qualifier: Option<&str>) -> Result<FunctionName, LambdaError> {
    let name = FunctionName::parse(cx, text, qualifier)?;
    match name.qualifier.as_deref() {
        Some(number) if number == "$LATEST" || number.bytes().all(|byte| byte.is_ascii_digit()) => {
            let pattern = "Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)";
            Err(errors::breaks(number, "qualifier", pattern))
        }
        _ => Ok(name),
    }
}
