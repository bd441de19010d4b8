//! `TagResource`, `UntagResource` and `ListTags`: of functions and code signing configurations.

use api_lambda::{
    LambdaError, ListTags, ListTagsInput, ListTagsOutput, TagResource, TagResourceInput, TagResourceOutput,
    UntagResource, UntagResourceInput, UntagResourceOutput,
};
use kernel::{Context, Handler};
use store::{ReadTx, WriteTx};

use crate::function::{FUNCTIONS, Function};
use crate::names::FunctionName;
use crate::{Lambda, errors, limits};

impl Handler<TagResource> for Lambda {
    async fn handle(&self, cx: &Context, input: TagResourceInput) -> Result<TagResourceOutput, LambdaError> {
        if input.tags.is_empty() {
            return Err(errors::invalid("An error occurred and the request cannot be processed."));
        }
        let name = named(cx, &input.resource)?;

        self.store
            .write(&name.scope, |tx| {
                let mut function = tagged(tx, &name)?;
                function.tags.extend(input.tags.clone());
                if function.tags.len() > limits::TAGS {
                    return Err(errors::invalid("Number of tags exceeds resource tag limit."));
                }
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
        let name = named(cx, &input.resource)?;

        self.store
            .write(&name.scope, |tx| {
                let mut function = tagged(tx, &name)?;
                function.tags.retain(|key, _| !input.tag_keys.contains(key));
                save(cx, tx, &name, function)
            })
            .await?;

        Ok(UntagResourceOutput {})
    }
}

impl Handler<ListTags> for Lambda {
    async fn handle(&self, cx: &Context, input: ListTagsInput) -> Result<ListTagsOutput, LambdaError> {
        let name = named(cx, &input.resource)?;

        let function = self.store.read(&name.scope, |tx| tagged(tx, &name))?;

        Ok(ListTagsOutput { tags: Some(function.tags) })
    }
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
        "event-source-mapping" => Err(errors::not_found(format!("Event source mapping not found: {arn}"))),
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
