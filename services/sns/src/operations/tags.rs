//! `TagResource`, `UntagResource` and `ListTagsForResource`.

use api_sns::{
    ListTagsForResource, ListTagsForResourceInput, ListTagsForResourceOutput, SnsError, Tag, TagResource,
    TagResourceInput, TagResourceOutput, UntagResource, UntagResourceInput, UntagResourceOutput,
};
use kernel::{Context, Handler};

use crate::topic::TOPICS;
use crate::{Sns, errors, names, tagging};

impl Handler<TagResource> for Sns {
    async fn handle(&self, cx: &Context, input: TagResourceInput) -> Result<TagResourceOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.resource_arn, "ResourceArn")?;
        let new = tagging::new(&input.tags)?;
        self.store
            .write(&scope, |tx| {
                let mut topic = tx.get(&TOPICS, &name)?.ok_or_else(errors::no_resource)?;
                topic.tags.extend(new.clone());
                tagging::check(&topic.tags)?;
                Ok::<_, SnsError>(topic.put(tx, &name)?)
            })
            .await?;
        Ok(TagResourceOutput {})
    }
}

impl Handler<UntagResource> for Sns {
    async fn handle(&self, cx: &Context, input: UntagResourceInput) -> Result<UntagResourceOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.resource_arn, "ResourceArn")?;
        self.store
            .write(&scope, |tx| {
                let mut topic = tx.get(&TOPICS, &name)?.ok_or_else(errors::no_resource)?;
                topic.tags.retain(|key, _| !input.tag_keys.contains(key));
                Ok::<_, SnsError>(topic.put(tx, &name)?)
            })
            .await?;
        Ok(UntagResourceOutput {})
    }
}

impl Handler<ListTagsForResource> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: ListTagsForResourceInput,
    ) -> Result<ListTagsForResourceOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.resource_arn, "ResourceArn")?;
        let topic = self.store.read(&scope, |tx| tx.get(&TOPICS, &name))?.ok_or_else(errors::no_resource)?;
        let tags = topic.tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
        Ok(ListTagsForResourceOutput { tags: Some(tags) })
    }
}
