//! What becomes of objects with time: `PutBucketLifecycleConfiguration`, `GetBucketLifecycleConfiguration`,
//! `DeleteBucketLifecycle`.

use api_s3::{
    BucketLifecycleConfiguration, DeleteBucketLifecycle, DeleteBucketLifecycleInput,
    DeleteBucketLifecycleOutput, GetBucketLifecycleConfiguration, GetBucketLifecycleConfigurationInput,
    GetBucketLifecycleConfigurationOutput, PutBucketLifecycleConfiguration,
    PutBucketLifecycleConfigurationInput, PutBucketLifecycleConfigurationOutput, S3Error,
    TransitionDefaultMinimumObjectSize,
};
use kernel::{Context, Fault, Handler};

use crate::bucket::find;
use crate::setting::{LIFECYCLE, TRANSITIONS, well_formed};
use crate::{S3, errors, lifecycle_rules};

const COMMON: TransitionDefaultMinimumObjectSize = TransitionDefaultMinimumObjectSize::AllStorageClasses128k;

impl Handler<PutBucketLifecycleConfiguration> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketLifecycleConfigurationInput,
    ) -> Result<PutBucketLifecycleConfigurationOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let size = input.transition_default_minimum_object_size.unwrap_or(COMMON);
        if let TransitionDefaultMinimumObjectSize::Unknown(size) = &size {
            let message = format!("Invalid TransitionDefaultMinimumObjectSize found: {size}");
            return Err(errors::invalid_request(message).into());
        }
        let asked = input.lifecycle_configuration.ok_or_else(errors::missing_body)?;
        let mut rules = asked.rules.clone();
        for rule in rules.iter_mut().filter(|rule| rule.id.as_ref().is_none_or(String::is_empty)) {
            rule.id = Some(cx.ids.base62(48));
        }
        let named = BucketLifecycleConfiguration { rules };

        let answer =
            PutBucketLifecycleConfigurationOutput { transition_default_minimum_object_size: Some(size) };
        let written = self.store.write(&cx.scope, |tx| {
            let bucket = find(tx, name, owner)?;
            well_formed(&asked)?;
            lifecycle_rules::check(&asked.rules)?;
            TRANSITIONS.put(tx, name, &bucket, &answer)?;
            LIFECYCLE.put(tx, name, &find(tx, name, owner)?, &named)
        });
        written.await?;
        self.rules_changed.notify_one();

        Ok(answer)
    }
}

impl Handler<GetBucketLifecycleConfiguration> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketLifecycleConfigurationInput,
    ) -> Result<GetBucketLifecycleConfigurationOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let (set, size) = self.store.read(&cx.scope, |tx| {
            let bucket = find(tx, name, owner)?;
            Ok::<_, Fault>((LIFECYCLE.of(tx, name, &bucket)?, TRANSITIONS.of(tx, name, &bucket)?))
        })?;
        let set = set.ok_or_else(|| errors::settings::no_lifecycle(name))?;

        Ok(GetBucketLifecycleConfigurationOutput {
            rules: Some(set.rules),
            transition_default_minimum_object_size: size
                .and_then(|size| size.transition_default_minimum_object_size)
                .or(Some(COMMON)),
        })
    }
}

impl Handler<DeleteBucketLifecycle> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteBucketLifecycleInput,
    ) -> Result<DeleteBucketLifecycleOutput, S3Error> {
        self.unset(cx, &LIFECYCLE, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
        Ok(DeleteBucketLifecycleOutput {})
    }
}
