//! Retention and legal holds of versions.

use api_s3::{
    GetObjectLegalHold, GetObjectLegalHoldInput, GetObjectLegalHoldOutput, GetObjectRetention,
    GetObjectRetentionInput, GetObjectRetentionOutput, ObjectLockLegalHold, ObjectLockLegalHoldStatus,
    PutObjectLegalHold, PutObjectLegalHoldInput, PutObjectLegalHoldOutput, PutObjectRetention,
    PutObjectRetentionInput, PutObjectRetentionOutput, S3Error,
};
use kernel::{Context, Fault, Handler};

use crate::lock::Retention;
use crate::object::Object;
use crate::version::{self, Spot};
use crate::{S3, bucket, errors};

impl Handler<PutObjectRetention> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutObjectRetentionInput,
    ) -> Result<PutObjectRetentionOutput, S3Error> {
        let now = cx.clock.millis();
        let spot = Spot { bucket: &input.bucket, key: &input.key };
        let bypass = input.bypass_governance_retention == Some(true);
        let written = self.store.write(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
            let mut object = version::find_owning(tx, &bucket, spot, input.version_id.as_deref(), "PUT")?;
            if !bucket.object_lock {
                return Err(errors::no_object_lock());
            }
            let document = input.retention.as_ref().ok_or_else(errors::malformed_xml)?;
            let retention = Retention::of(document, now)?;
            object.about.lock.check_change(retention, now, bypass)?;
            object.about.lock.retention = retention;
            version::rewrite(tx, spot, &object)
        });
        written.await?;
        Ok(PutObjectRetentionOutput::default())
    }
}

impl Handler<GetObjectRetention> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetObjectRetentionInput,
    ) -> Result<GetObjectRetentionOutput, S3Error> {
        let spot = Spot { bucket: &input.bucket, key: &input.key };
        let version = (input.version_id.as_deref(), input.expected_bucket_owner.as_deref());
        let object = self.lockable(cx, spot, version)?;
        let retention = object.about.lock.retention.ok_or_else(never_set)?;
        Ok(GetObjectRetentionOutput { retention: Some(retention.modelled()) })
    }
}

impl Handler<PutObjectLegalHold> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutObjectLegalHoldInput,
    ) -> Result<PutObjectLegalHoldOutput, S3Error> {
        let spot = Spot { bucket: &input.bucket, key: &input.key };
        let hold = match input.legal_hold.as_ref().and_then(|hold| hold.status.as_ref()) {
            Some(ObjectLockLegalHoldStatus::On) => true,
            Some(ObjectLockLegalHoldStatus::Off) => false,
            _ => return Err(errors::malformed_xml().into()),
        };
        let written = self.store.write(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
            let mut object = version::find_owning(tx, &bucket, spot, input.version_id.as_deref(), "PUT")?;
            if !bucket.object_lock {
                return Err(errors::no_object_lock());
            }
            object.about.lock.hold = Some(hold);
            version::rewrite(tx, spot, &object)
        });
        written.await?;
        Ok(PutObjectLegalHoldOutput::default())
    }
}

impl Handler<GetObjectLegalHold> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetObjectLegalHoldInput,
    ) -> Result<GetObjectLegalHoldOutput, S3Error> {
        let spot = Spot { bucket: &input.bucket, key: &input.key };
        let version = (input.version_id.as_deref(), input.expected_bucket_owner.as_deref());
        let object = self.lockable(cx, spot, version)?;
        let hold = object.about.lock.hold.ok_or_else(never_set)?;
        let status = if hold { ObjectLockLegalHoldStatus::On } else { ObjectLockLegalHoldStatus::Off };
        Ok(GetObjectLegalHoldOutput { legal_hold: Some(ObjectLockLegalHold { status: Some(status) }) })
    }
}

impl S3 {
    /// A version of a bucket with Object Lock.
    fn lockable(
        &self,
        cx: &Context,
        spot: Spot<'_>,
        (version, expected_owner): (Option<&str>, Option<&str>),
    ) -> Result<Object, Fault> {
        self.store.read(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, spot.bucket, expected_owner)?;
            let object = version::find(tx, &bucket, spot, version)?;
            if bucket.object_lock { Ok(object) } else { Err(errors::no_object_lock()) }
        })
    }
}

fn never_set() -> Fault {
    let message = "The specified object does not have a ObjectLock configuration";
    Fault::new("NoSuchObjectLockConfiguration", 404, message)
}
