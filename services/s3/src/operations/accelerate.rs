//! Transfer acceleration: `PutBucketAccelerateConfiguration`, `GetBucketAccelerateConfiguration`.

use api_s3::{
    GetBucketAccelerateConfiguration, GetBucketAccelerateConfigurationInput,
    GetBucketAccelerateConfigurationOutput, PutBucketAccelerateConfiguration,
    PutBucketAccelerateConfigurationInput, PutBucketAccelerateConfigurationOutput, S3Error,
};
use kernel::{Context, Handler};

use crate::setting::{ACCELERATE, well_formed};
use crate::{S3, errors};

impl Handler<PutBucketAccelerateConfiguration> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketAccelerateConfigurationInput,
    ) -> Result<PutBucketAccelerateConfigurationOutput, S3Error> {
        let bucket = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        if input.bucket.contains('.') {
            let message =
                "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names";
            return Err(errors::invalid_request(message).into());
        }
        well_formed(&input.accelerate_configuration)?;
        if input.accelerate_configuration.status.is_none() {
            return Err(errors::malformed_xml().into());
        }
        self.set(cx, &ACCELERATE, bucket, &input.accelerate_configuration, |_, _| Ok(())).await?;
        Ok(PutBucketAccelerateConfigurationOutput {})
    }
}

impl Handler<GetBucketAccelerateConfiguration> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketAccelerateConfigurationInput,
    ) -> Result<GetBucketAccelerateConfigurationOutput, S3Error> {
        let set = self.setting(cx, &ACCELERATE, &input.bucket, input.expected_bucket_owner.as_deref())?;
        Ok(GetBucketAccelerateConfigurationOutput {
            status: set.and_then(|set| set.status),
            request_charged: None,
        })
    }
}
