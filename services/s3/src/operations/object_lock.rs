//! Locks for new versions: `PutObjectLockConfiguration`, `GetObjectLockConfiguration`.

use api_s3::{
    GetObjectLockConfiguration, GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput,
    ObjectLockConfiguration, ObjectLockEnabled, PutObjectLockConfiguration, PutObjectLockConfigurationInput,
    PutObjectLockConfigurationOutput, S3Error,
};
use kernel::{Context, Handler};

use crate::bucket::{Bucket, Versioning, find};
use crate::setting::{OBJECT_LOCK, well_formed};
use crate::{S3, errors, object_lock};

impl Handler<PutObjectLockConfiguration> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutObjectLockConfigurationInput,
    ) -> Result<PutObjectLockConfigurationOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let asked = input.object_lock_configuration.ok_or_else(errors::missing_body)?;

        let written = self.store.write(&cx.scope, |tx| {
            let bucket = find(tx, name, owner)?;
            well_formed(&asked)?;
            object_lock::check(&asked)?;
            if bucket.versioning != Some(Versioning::Enabled) {
                let message =
                    "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
                return Err(errors::settings::invalid_bucket_state(message));
            }
            OBJECT_LOCK.put(tx, name, &Bucket { object_lock: true, ..bucket }, &asked)
        });
        written.await?;

        Ok(PutObjectLockConfigurationOutput { request_charged: None })
    }
}

impl Handler<GetObjectLockConfiguration> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetObjectLockConfigurationInput,
    ) -> Result<GetObjectLockConfigurationOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let (bucket, set) = self.store.read(&cx.scope, |tx| {
            let bucket = find(tx, name, owner)?;
            let set = OBJECT_LOCK.of(tx, name, &bucket)?;
            Ok::<_, kernel::Fault>((bucket, set))
        })?;
        if !bucket.object_lock {
            return Err(errors::settings::no_object_lock(name).into());
        }

        let enabled = Some(ObjectLockEnabled::Enabled);
        let bare = || ObjectLockConfiguration { object_lock_enabled: enabled, rule: None };
        Ok(GetObjectLockConfigurationOutput { object_lock_configuration: Some(set.unwrap_or_else(bare)) })
    }
}
