//! `PutObjectTagging`, `GetObjectTagging` and `DeleteObjectTagging`.

use api_s3::{
    DeleteObjectTagging, DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTagging,
    GetObjectTaggingInput, GetObjectTaggingOutput, PutObjectTagging, PutObjectTaggingInput,
    PutObjectTaggingOutput, S3Error,
};
use kernel::{Context, Fault, Handler, Map};

use crate::events::{self, Event};
use crate::version::{self, Spot};
use crate::{S3, bucket, errors, replication, tags};

impl Handler<PutObjectTagging> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutObjectTaggingInput,
    ) -> Result<PutObjectTaggingOutput, S3Error> {
        let tags = tags::of_document(&input.tagging)?;
        let spot = Spot { bucket: &input.bucket, key: &input.key };
        let version = (input.version_id.as_deref(), input.expected_bucket_owner.as_deref());
        let version_id = self.set_tags(cx, spot, version, (tags, Event::TaggingPut)).await?;
        Ok(PutObjectTaggingOutput { version_id })
    }
}

impl Handler<DeleteObjectTagging> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteObjectTaggingInput,
    ) -> Result<DeleteObjectTaggingOutput, S3Error> {
        let spot = Spot { bucket: &input.bucket, key: &input.key };
        let version = (input.version_id.as_deref(), input.expected_bucket_owner.as_deref());
        let version_id = self.set_tags(cx, spot, version, (Map::new(), Event::TaggingDelete)).await?;
        Ok(DeleteObjectTaggingOutput { version_id })
    }
}

impl Handler<GetObjectTagging> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetObjectTaggingInput,
    ) -> Result<GetObjectTaggingOutput, S3Error> {
        let spot = Spot { bucket: &input.bucket, key: &input.key };
        let (bucket, object) = self.store.read(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
            let found = version::find_owning(tx, &bucket, spot, input.version_id.as_deref(), "GET");
            // Here alone, AWS puts the bucket before the key.
            let object = found.map_err(|fault| match fault.code() {
                "NoSuchKey" => errors::no_such_key(&format!("{}/{}", input.bucket, input.key)),
                _ => fault,
            })?;
            Ok::<_, Fault>((bucket, object))
        })?;
        Ok(GetObjectTaggingOutput {
            version_id: object.told_version(&bucket),
            tag_set: tags::told(&object.about.tags),
        })
    }
}

impl S3 {
    async fn set_tags(
        &self,
        cx: &Context,
        spot: Spot<'_>,
        (version, expected_owner): (Option<&str>, Option<&str>),
        (tags, event): (Map<String, String>, Event),
    ) -> Result<Option<String>, Fault> {
        let method = if event == Event::TaggingPut { "PUT" } else { "DELETE" };
        let written = self.store.write(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, spot.bucket, expected_owner)?;
            let mut object = version::find_owning(tx, &bucket, spot, version, method)?;
            object.about.tags.clone_from(&tags);
            version::rewrite(tx, spot, &object)?;
            replication::order(tx, &bucket, spot, &object)?;
            events::emit(tx, cx, &bucket, spot, &object, event)?;
            Ok(object.told_version(&bucket))
        });
        written.await
    }
}
