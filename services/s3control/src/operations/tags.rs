//! Tags by ARN, of buckets and access points: `TagResource`, `UntagResource`, `ListTagsForResource`.

use std::collections::HashSet;

use api_s3::{
    DeleteBucketTagging, DeleteBucketTaggingInput, GetBucketTagging, GetBucketTaggingInput, PutBucketTagging,
    PutBucketTaggingInput, Tag as BucketTag, Tagging,
};
use api_s3control::{
    ListTagsForResource, ListTagsForResourceInput, ListTagsForResourceOutput, S3controlError, Tag,
    TagResource, TagResourceInput, TagResourceOutput, UntagResource, UntagResourceInput, UntagResourceOutput,
};
use kernel::{Arn, Context, Fault, Handler};
use protocol::stored::Stored;

use crate::access_point::{ACCESS_POINTS, AccessPoint, find};
use crate::{S3control, check_account, errors};

/// What tags can be of.
enum Resource {
    Bucket(String),
    AccessPoint(String),
}

impl Handler<TagResource> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: TagResourceInput,
    ) -> Result<TagResourceOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        let resource = resource(&input.resource_arn)?;
        let mut tags = self.tags(cx, &resource).await?;
        check(&input.tags)?;
        for tag in input.tags {
            match tags.iter_mut().find(|old| old.key == tag.key) {
                Some(old) => *old = tag,
                None => tags.push(tag),
            }
        }
        self.set_tags(cx, &resource, tags).await?;
        Ok(TagResourceOutput {})
    }
}

impl Handler<UntagResource> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: UntagResourceInput,
    ) -> Result<UntagResourceOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        let resource = resource(&input.resource_arn)?;
        let mut tags = self.tags(cx, &resource).await?;
        tags.retain(|tag| !input.tag_keys.contains(&tag.key));
        self.set_tags(cx, &resource, tags).await?;
        Ok(UntagResourceOutput {})
    }
}

impl Handler<ListTagsForResource> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: ListTagsForResourceInput,
    ) -> Result<ListTagsForResourceOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        let tags = self.tags(cx, &resource(&input.resource_arn)?).await?;
        Ok(ListTagsForResourceOutput { tags: Some(tags) })
    }
}

impl S3control {
    async fn tags(&self, cx: &Context, resource: &Resource) -> Result<Vec<Tag>, Fault> {
        match resource {
            Resource::Bucket(bucket) => {
                let input = GetBucketTaggingInput { bucket: bucket.clone(), ..Default::default() };
                match cx.call::<GetBucketTagging>(input).await {
                    Ok(output) => {
                        let tags = output.tag_set.into_iter();
                        Ok(tags.map(|tag| Tag { key: tag.key, value: tag.value }).collect())
                    }
                    Err(fault) if fault.code() == "NoSuchTagSet" => Ok(Vec::new()),
                    Err(fault) if fault.code() == "NoSuchBucket" => Err(errors::no_such_resource()),
                    Err(fault) => Err(fault),
                }
            }
            Resource::AccessPoint(name) => {
                let point = self.store.read(&cx.scope, |tx| tx.get(&ACCESS_POINTS, name.as_str()))?;
                let point = point.ok_or_else(errors::no_such_resource)?;
                Ok(point.tags.into_iter().map(|tag| tag.0).collect())
            }
        }
    }

    async fn set_tags(&self, cx: &Context, resource: &Resource, tags: Vec<Tag>) -> Result<(), Fault> {
        match resource {
            Resource::Bucket(bucket) if tags.is_empty() => {
                let input = DeleteBucketTaggingInput { bucket: bucket.clone(), ..Default::default() };
                cx.call::<DeleteBucketTagging>(input).await.map(drop)
            }
            Resource::Bucket(bucket) => {
                let tag_set = tags.into_iter().map(|tag| BucketTag { key: tag.key, value: tag.value });
                let tagging = Tagging { tag_set: tag_set.collect() };
                let input = PutBucketTaggingInput { bucket: bucket.clone(), tagging, ..Default::default() };
                cx.call::<PutBucketTagging>(input).await.map(drop)
            }
            Resource::AccessPoint(name) => {
                let tags: Vec<_> = tags.into_iter().map(Stored).collect();
                let written = self.store.write(&cx.scope, |tx| {
                    let point = find(tx, name)?;
                    tx.put(&ACCESS_POINTS, name.as_str(), &AccessPoint { tags: tags.clone(), ..point })
                });
                written.await
            }
        }
    }
}

fn resource(arn: &str) -> Result<Resource, Fault> {
    let arn = Arn::parse(arn).filter(|arn| arn.service == "s3").ok_or_else(errors::no_such_resource)?;
    Ok(match arn.resource.strip_prefix("accesspoint/") {
        Some(name) => Resource::AccessPoint(name.to_owned()),
        None => Resource::Bucket(arn.resource),
    })
}

/// Tags that a resource may have.
pub fn check(tags: &[Tag]) -> Result<(), Fault> {
    let mut keys = HashSet::new();
    if tags.iter().any(|tag| tag.key.starts_with("aws:")) {
        let message = "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. \
                       Remove \"aws:\" from your tag keys and try again.";
        return Err(errors::invalid_tag(message));
    }
    if !tags.iter().all(|tag| keys.insert(tag.key.as_str())) {
        let message =
            "There are duplicate tag keys in your request. Remove the duplicate tag keys and try again.";
        return Err(errors::invalid_tag(message));
    }
    let fits = |text: &str, most: usize| text.chars().count() <= most && text.chars().all(is_allowed);
    if tags.iter().all(|tag| !tag.key.is_empty() && fits(&tag.key, 128) && fits(&tag.value, 256)) {
        return Ok(());
    }
    Err(errors::invalid_tag(
        "This request contains a tag key or value that isn't valid. Valid characters include the following: \
         [a-zA-Z+-=._:/]. Tag keys can contain up to 128 characters. Tag values can contain up to 256 characters.",
    ))
}

fn is_allowed(letter: char) -> bool {
    letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
}
