//! `TagResource`, `UntagResource`, `ListTagsOfResource`: the tags of a table.

use api_dynamodb::{
    DynamodbError, ListTagsOfResource, ListTagsOfResourceInput, ListTagsOfResourceOutput, Tag, TagResource,
    TagResourceInput, TagResourceOutput, UntagResource, UntagResourceInput, UntagResourceOutput,
};
use kernel::{Arn, Context, Fault, Handler, Map, Scope};
use store::ReadTx;

use crate::table::{TABLES, TAGS};
use crate::{Dynamodb, errors, limits};

impl Handler<TagResource> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: TagResourceInput,
    ) -> Result<TagResourceOutput, DynamodbError> {
        let (scope, name) = locate(cx, &input.resource_arn)?;

        self.store
            .write(&scope, |tx| {
                let mut tags = tags(tx, &name, &input.resource_arn)?;
                tags.extend(input.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
                if tags.len() > limits::TAGS {
                    return Err(errors::validation("Tag count exceeds the limit of 50"));
                }
                Ok(tx.put(&TAGS, &name, &tags)?)
            })
            .await?;

        Ok(TagResourceOutput {})
    }
}

impl Handler<UntagResource> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: UntagResourceInput,
    ) -> Result<UntagResourceOutput, DynamodbError> {
        let (scope, name) = locate(cx, &input.resource_arn)?;

        self.store
            .write(&scope, |tx| {
                let mut tags = tags(tx, &name, &input.resource_arn)?;
                tags.retain(|key, _| !input.tag_keys.contains(key));
                Ok::<_, DynamodbError>(tx.put(&TAGS, &name, &tags)?)
            })
            .await?;

        Ok(UntagResourceOutput {})
    }
}

impl Handler<ListTagsOfResource> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: ListTagsOfResourceInput,
    ) -> Result<ListTagsOfResourceOutput, DynamodbError> {
        let (scope, name) = locate(cx, &input.resource_arn)?;

        let tags = self.store.read(&scope, |tx| tags(tx, &name, &input.resource_arn))?;

        let tags = tags.into_iter().map(|(key, value)| Tag { key, value });
        // A table has at most 50 tags, so one page has them all.
        Ok(ListTagsOfResourceOutput { tags: Some(tags.collect()), next_token: None })
    }
}

fn locate(cx: &Context, arn: &str) -> Result<(Scope, String), DynamodbError> {
    let parsed = Arn::parse(arn).and_then(|parsed| {
        let name = parsed.resource.strip_prefix("table/")?.to_owned();
        Some((parsed.scope(&cx.scope), name))
    });
    parsed.ok_or_else(|| {
        errors::validation(format!("Invalid TableArn: Invalid ResourceArn provided as input {arn}"))
    })
}

fn tags(tx: &ReadTx<'_>, name: &str, arn: &str) -> Result<Map<String, String>, DynamodbError> {
    if !tx.contains(&TABLES, name)? {
        return Err(errors::no_such_arn(arn));
    }
    let tags: Result<_, Fault> = tx.get(&TAGS, name);
    Ok(tags?.unwrap_or_default())
}
