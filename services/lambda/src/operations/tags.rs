//! `TagResource`, `UntagResource` and `ListTags`: of functions, code signing configurations and event source mappings.

use api_lambda::{
    LambdaError, ListTags, ListTagsInput, ListTagsOutput, TagResource, TagResourceInput, TagResourceOutput,
    UntagResource, UntagResourceInput, UntagResourceOutput,
};
use kernel::tags::Tags;
use kernel::{Arn, Context, Handler};
use store::{ReadTx, WriteTx};

use crate::function::{FUNCTIONS, Function};
use crate::mapping::MAPPINGS;
use crate::names::FunctionName;
use crate::{Lambda, errors, limits};

impl Handler<TagResource> for Lambda {
    async fn handle(&self, cx: &Context, input: TagResourceInput) -> Result<TagResourceOutput, LambdaError> {
        if input.tags.is_empty() {
            return Err(errors::invalid("An error occurred and the request cannot be processed."));
        }
        let add = |tags: &mut Tags| {
            tags.extend(input.tags.clone());
            if tags.len() > limits::TAGS {
                return Err(errors::invalid("Number of tags exceeds resource tag limit."));
            }
            Ok(())
        };
        if let Some(id) = mapping_id(cx, &input.resource) {
            self.store.write(&cx.scope, |tx| change_mapping(tx, &id, &input.resource, add)).await?;
            return Ok(TagResourceOutput {});
        }
        let name = named(cx, &input.resource)?;

        self.store
            .write(&name.scope, |tx| {
                let mut function = tagged(tx, &name)?;
                add(&mut function.tags)?;
                save(cx, tx, &name, function)
            })
            .await?;

        Ok(TagResourceOutput {})
    }
}

impl Handler<UntagResource> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UntagResourceInput,
    ) -> Result<UntagResourceOutput, LambdaError> {
        let take = |tags: &mut Tags| {
            tags.retain(|key, _| !input.tag_keys.contains(key));
            Ok(())
        };
        if let Some(id) = mapping_id(cx, &input.resource) {
            self.store.write(&cx.scope, |tx| change_mapping(tx, &id, &input.resource, take)).await?;
            return Ok(UntagResourceOutput {});
        }
        let name = named(cx, &input.resource)?;

        self.store
            .write(&name.scope, |tx| {
                let mut function = tagged(tx, &name)?;
                take(&mut function.tags)?;
                save(cx, tx, &name, function)
            })
            .await?;

        Ok(UntagResourceOutput {})
    }
}

impl Handler<ListTags> for Lambda {
    async fn handle(&self, cx: &Context, input: ListTagsInput) -> Result<ListTagsOutput, LambdaError> {
        if let Some(id) = mapping_id(cx, &input.resource) {
            let mapping = self.store.read(&cx.scope, |tx| tx.get(&MAPPINGS, &id))?;
            let mapping = mapping.ok_or_else(|| no_mapping(&input.resource))?;
            return Ok(ListTagsOutput { tags: Some(mapping.tags) });
        }
        let name = named(cx, &input.resource)?;

        let function = self.store.read(&name.scope, |tx| tagged(tx, &name))?;

        Ok(ListTagsOutput { tags: Some(function.tags) })
    }
}

/// The id of an event source mapping of the caller's region, if an ARN is of one.
fn mapping_id(cx: &Context, arn: &str) -> Option<String> {
    let arn = Arn::parse(arn).filter(|arn| arn.scope(&cx.scope) == cx.scope)?;
    arn.resource.strip_prefix("event-source-mapping:").map(str::to_owned)
}

fn change_mapping(
    tx: &mut WriteTx<'_>,
    id: &str,
    arn: &str,
    change: impl Fn(&mut Tags) -> Result<(), LambdaError>,
) -> Result<(), LambdaError> {
    let mut mapping = tx.get(&MAPPINGS, id)?.ok_or_else(|| no_mapping(arn))?;
    change(&mut mapping.tags)?;
    Ok(tx.put(&MAPPINGS, id, &mapping)?)
}

fn no_mapping(arn: &str) -> LambdaError {
    errors::not_found(format!("Event source mapping not found: {arn}"))
}

/// The function of an ARN; AWS has tags on other things too.
fn named(cx: &Context, arn: &str) -> Result<FunctionName, LambdaError> {
    let kind = arn.split(':').nth(5).unwrap_or_default();
    match kind {
        "function" => {
            let name = FunctionName::parse(cx, arn, None)?;
            match name.qualifier {
                None => Ok(name),
                Some(_) => Err(errors::invalid(
                    "Tags on function aliases and versions are not supported. Please specify a function ARN.",
                )),
            }
        }
        "event-source-mapping" => Err(no_mapping(arn)),
        "capacity-provider" => Err(errors::not_found(format!("Capacity provider not found: {arn}"))),
        _ => Err(errors::not_emulated("tags on layers and code signing configurations")),
    }
}

fn tagged(tx: &ReadTx<'_>, name: &FunctionName) -> Result<Function, LambdaError> {
    Function::get(tx, name)
}

fn save(
    cx: &Context,
    tx: &mut WriteTx<'_>,
    name: &FunctionName,
    function: Function,
) -> Result<(), LambdaError> {
    let function = Function { revision: cx.ids.uuid(), ..function };
    Ok(tx.put(&FUNCTIONS, &name.name, &function)?)
}
