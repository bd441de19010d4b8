//! `PutObjectAcl` and `GetObjectAcl`.

use api_s3::{
    GetObjectAcl, GetObjectAclInput, GetObjectAclOutput, Permission, PutObjectAcl, PutObjectAclInput,
    PutObjectAclOutput, S3Error,
};
use kernel::{Context, Fault, Handler};

use crate::acl::{self, Acl};
use crate::events::{self, Event};
use crate::version::{self, Spot};
use crate::{S3, bucket, names};

impl Handler<PutObjectAcl> for S3 {
    async fn handle(&self, cx: &Context, input: PutObjectAclInput) -> Result<PutObjectAclOutput, S3Error> {
        let asked = acl::asked(
            input.acl.as_ref(),
            &[
                (Permission::FullControl, &input.grant_full_control),
                (Permission::Read, &input.grant_read),
                (Permission::ReadAcp, &input.grant_read_acp),
                (Permission::Write, &input.grant_write),
                (Permission::WriteAcp, &input.grant_write_acp),
            ],
        )?;
        let acl = acl::one(asked, input.access_control_policy.as_ref())?;
        let spot = Spot { bucket: &input.bucket, key: &input.key };

        let blocked = self.blocked(cx, &input.bucket, Some(&acl)).await?;
        let written = self.store.write(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
            let mut object = version::find_owning(tx, &bucket, spot, input.version_id.as_deref(), "PUT")?;
            acl.check(tx, &input.bucket, &bucket, &blocked)?;
            let changes = object.about.acl.as_ref() != Some(&acl);
            object.about.acl = Some(acl.clone());
            version::rewrite(tx, spot, &object)?;
            if changes { events::emit(tx, cx, &bucket, spot, &object, Event::AclPut) } else { Ok(()) }
        });
        written.await?;
        Ok(PutObjectAclOutput::default())
    }
}

impl Handler<GetObjectAcl> for S3 {
    async fn handle(&self, cx: &Context, input: GetObjectAclInput) -> Result<GetObjectAclOutput, S3Error> {
        let spot = Spot { bucket: &input.bucket, key: &input.key };
        let (bucket, object) = self.store.read(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
            let object = version::find(tx, &bucket, spot, input.version_id.as_deref())?;
            Ok::<_, Fault>((bucket, object))
        })?;
        let (owner, bucket_owner) = (names::owner(object.owner(&bucket)), names::owner(&bucket.account));
        let acl = object.about.acl.as_ref().filter(|_| bucket.has_acls());
        Ok(GetObjectAclOutput {
            grants: Some(Acl::grants(acl, &owner, &bucket_owner)),
            owner: Some(owner),
            request_charged: bucket.charged(cx),
        })
    }
}
