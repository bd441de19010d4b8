//! `TagResource`, `UntagResource`, `ListTagsForResource`, and the older ones of groups alone.

use api_logs::{
    ListTagsForResource, ListTagsForResourceInput, ListTagsForResourceOutput, ListTagsLogGroup,
    ListTagsLogGroupInput, ListTagsLogGroupOutput, LogsError, TagLogGroup, TagLogGroupInput,
    TagLogGroupOutput, TagResource, TagResourceInput, TagResourceOutput, UntagLogGroup, UntagLogGroupInput,
    UntagLogGroupOutput, UntagResource, UntagResourceInput, UntagResourceOutput,
};
use kernel::tags::Tags;
use kernel::{Context, Handler};
use store::ReadTx;

use crate::Logs;
use crate::group::Group;
use crate::tags::{self, TAGS};

impl Logs {
    /// Changes the tags under a key that is found first.
    async fn change_tags(
        &self,
        cx: &Context,
        key: impl Fn(&ReadTx<'_>) -> Result<String, LogsError> + Send + Sync,
        change: impl Fn(&mut Tags) + Send + Sync,
    ) -> Result<(), LogsError> {
        self.store
            .write(&cx.scope, |tx| {
                let key = key(tx)?;
                let mut tags = tx.get(&TAGS, &key)?.unwrap_or_default();
                change(&mut tags);
                let tags = tags::checked(tags)?;
                Ok(tx.put(&TAGS, &key, &tags)?)
            })
            .await
    }
}

fn of_group(tx: &ReadTx<'_>, name: &str) -> Result<String, LogsError> {
    Group::require(tx, name)?;
    Ok(tags::of_group(name))
}

impl Handler<TagResource> for Logs {
    async fn handle(&self, cx: &Context, input: TagResourceInput) -> Result<TagResourceOutput, LogsError> {
        let change = |tags: &mut Tags| tags.extend(input.tags.clone());
        self.change_tags(cx, |tx| tags::key(tx, &input.resource_arn), change).await?;
        Ok(TagResourceOutput {})
    }
}

impl Handler<UntagResource> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: UntagResourceInput,
    ) -> Result<UntagResourceOutput, LogsError> {
        let change = |tags: &mut Tags| tags.retain(|key, _| !input.tag_keys.contains(key));
        self.change_tags(cx, |tx| tags::key(tx, &input.resource_arn), change).await?;
        Ok(UntagResourceOutput {})
    }
}

impl Handler<ListTagsForResource> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: ListTagsForResourceInput,
    ) -> Result<ListTagsForResourceOutput, LogsError> {
        let tags = self.store.read(&cx.scope, |tx| {
            let key = tags::key(tx, &input.resource_arn)?;
            Ok::<_, LogsError>(tx.get(&TAGS, &key)?.unwrap_or_default())
        })?;
        Ok(ListTagsForResourceOutput { tags: Some(tags) })
    }
}

impl Handler<TagLogGroup> for Logs {
    async fn handle(&self, cx: &Context, input: TagLogGroupInput) -> Result<TagLogGroupOutput, LogsError> {
        let change = |tags: &mut Tags| tags.extend(input.tags.clone());
        self.change_tags(cx, |tx| of_group(tx, &input.log_group_name), change).await?;
        Ok(TagLogGroupOutput {})
    }
}

impl Handler<UntagLogGroup> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: UntagLogGroupInput,
    ) -> Result<UntagLogGroupOutput, LogsError> {
        let change = |tags: &mut Tags| tags.retain(|key, _| !input.tags.contains(key));
        self.change_tags(cx, |tx| of_group(tx, &input.log_group_name), change).await?;
        Ok(UntagLogGroupOutput {})
    }
}

impl Handler<ListTagsLogGroup> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: ListTagsLogGroupInput,
    ) -> Result<ListTagsLogGroupOutput, LogsError> {
        let tags = self.store.read(&cx.scope, |tx| {
            let key = of_group(tx, &input.log_group_name)?;
            Ok::<_, LogsError>(tx.get(&TAGS, &key)?.unwrap_or_default())
        })?;
        Ok(ListTagsLogGroupOutput { tags: Some(tags) })
    }
}
