//! Who owns new objects: `PutBucketOwnershipControls`, `GetBucketOwnershipControls`, `DeleteBucketOwnershipControls`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>

use api_s3::{
    DeleteBucketOwnershipControls, DeleteBucketOwnershipControlsInput, DeleteBucketOwnershipControlsOutput,
    GetBucketOwnershipControls, GetBucketOwnershipControlsInput, GetBucketOwnershipControlsOutput,
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, PutBucketOwnershipControls,
    PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput, S3Error,
};
use kernel::{Context, Fault, Handler};

use crate::bucket::{BUCKETS, Bucket, Ownership, find};
use crate::setting::ACL;
use crate::{S3, errors, grants, names};

impl Handler<PutBucketOwnershipControls> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketOwnershipControlsInput,
    ) -> Result<PutBucketOwnershipControlsOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());

        let written = self.store.write(&cx.scope, |tx| {
            let bucket = find(tx, name, owner)?;
            let ownership = asked(&input.ownership_controls)?;
            if ownership == Ownership::BucketOwnerEnforced {
                let acl = ACL.of(tx, name, &bucket)?;
                let id = names::canonical_id(&bucket.account);
                if acl.is_some_and(|acl| !grants::are_owners_alone(&acl, &id)) {
                    let message =
                        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
                    return Err(Fault::client("InvalidBucketAclWithObjectOwnership", message));
                }
            }
            tx.put(&BUCKETS, name, &Bucket { ownership: Some(ownership), ..bucket })
        });
        written.await?;

        Ok(PutBucketOwnershipControlsOutput {})
    }
}

impl Handler<GetBucketOwnershipControls> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketOwnershipControlsInput,
    ) -> Result<GetBucketOwnershipControlsOutput, S3Error> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = self.store.read(&cx.scope, |tx| find(tx, &input.bucket, owner))?;

        let object_ownership = match bucket.ownership {
            None | Some(Ownership::BucketOwnerEnforced) => ObjectOwnership::BucketOwnerEnforced,
            Some(Ownership::BucketOwnerPreferred) => ObjectOwnership::BucketOwnerPreferred,
            Some(Ownership::ObjectWriter) => ObjectOwnership::ObjectWriter,
            Some(Ownership::Deleted) => return Err(errors::settings::no_ownership(&input.bucket).into()),
        };
        let rules = vec![OwnershipControlsRule { object_ownership }];
        Ok(GetBucketOwnershipControlsOutput { ownership_controls: Some(OwnershipControls { rules }) })
    }
}

impl Handler<DeleteBucketOwnershipControls> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteBucketOwnershipControlsInput,
    ) -> Result<DeleteBucketOwnershipControlsOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());

        let written = self.store.write(&cx.scope, |tx| {
            let bucket = find(tx, name, owner)?;
            tx.put(&BUCKETS, name, &Bucket { ownership: Some(Ownership::Deleted), ..bucket })
        });
        written.await?;

        Ok(DeleteBucketOwnershipControlsOutput {})
    }
}

fn asked(controls: &OwnershipControls) -> Result<Ownership, Fault> {
    match controls.rules.as_slice() {
        [rule] => Ownership::of(&rule.object_ownership).ok_or_else(errors::malformed_xml),
        _ => Err(errors::malformed_xml()),
    }
}
