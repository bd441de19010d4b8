//! Who may list and write a bucket by its ACL: `PutBucketAcl`, `GetBucketAcl`.

use api_s3::{
    AccessControlPolicy, GetBucketAcl, GetBucketAclInput, GetBucketAclOutput, Owner, Permission,
    PutBucketAcl, PutBucketAclInput, PutBucketAclOutput, S3Error,
};
use kernel::{Context, Fault, Handler};

use crate::bucket::find;
use crate::errors::settings::{malformed_acl, missing_acl};
use crate::setting::ACL;
use crate::{S3, errors, grants, names, public_access};

impl Handler<PutBucketAcl> for S3 {
    async fn handle(&self, cx: &Context, input: PutBucketAclInput) -> Result<PutBucketAclOutput, S3Error> {
        let (name, expected) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());

        let bucket = self.store.read(&cx.scope, |tx| find(tx, name, expected))?;
        let account = public_access::of_account(&cx.in_scope(bucket.home())).await?;

        let written = self.store.write(&cx.scope, |tx| {
            let bucket = find(tx, name, expected)?;
            let acl = asked(&input, &names::owner(&bucket.account))?;
            if !bucket.has_acls() {
                return Err(errors::acl_not_supported());
            }
            if grants::are_public(&acl) {
                public_access::check_acl(tx, name, &bucket, &account)?;
            }
            ACL.put(tx, name, &bucket, &acl)
        });
        written.await?;

        Ok(PutBucketAclOutput {})
    }
}

impl Handler<GetBucketAcl> for S3 {
    async fn handle(&self, cx: &Context, input: GetBucketAclInput) -> Result<GetBucketAclOutput, S3Error> {
        let (name, expected) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let acl = self.store.read(&cx.scope, |tx| {
            let bucket = find(tx, name, expected)?;
            let acl = ACL.of(tx, name, &bucket)?;
            Ok::<_, Fault>(acl.unwrap_or_else(|| grants::private(&names::owner(&bucket.account))))
        })?;

        Ok(GetBucketAclOutput { owner: acl.owner, grants: acl.grants })
    }
}

/// The list that the request asks for in one of three ways.
fn asked(input: &PutBucketAclInput, owner: &Owner) -> Result<AccessControlPolicy, Fault> {
    let headers = [
        (Permission::FullControl, &input.grant_full_control),
        (Permission::Read, &input.grant_read),
        (Permission::ReadAcp, &input.grant_read_acp),
        (Permission::Write, &input.grant_write),
        (Permission::WriteAcp, &input.grant_write_acp),
    ];
    let canned = input.acl.as_ref().map(|acl| acl.as_str());
    match (grants::asked(owner, canned, &headers)?, &input.access_control_policy) {
        (Some(_), Some(_)) => Err(errors::settings::unexpected_content()),
        (Some(asked), None) => Ok(asked),
        (None, Some(document)) => {
            if document.owner.is_none() {
                return Err(malformed_acl());
            }
            grants::check(document, owner)?;
            Ok(document.clone())
        }
        (None, None) => Err(missing_acl()),
    }
}
