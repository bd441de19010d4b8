//! Who pays for requests: `PutBucketRequestPayment`, `GetBucketRequestPayment`.

use api_s3::{
    GetBucketRequestPayment, GetBucketRequestPaymentInput, GetBucketRequestPaymentOutput, Payer,
    PutBucketRequestPayment, PutBucketRequestPaymentInput, PutBucketRequestPaymentOutput, S3Error,
};
use kernel::{Context, Handler};

use crate::S3;
use crate::setting::PAYMENT;

impl Handler<PutBucketRequestPayment> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketRequestPaymentInput,
    ) -> Result<PutBucketRequestPaymentOutput, S3Error> {
        let bucket = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let asked = &input.request_payment_configuration;
        // Kept only where requesters pay, so that requests to all other buckets read nothing of it.
        if asked.payer == Payer::BucketOwner {
            self.unset(cx, &PAYMENT, bucket.0, bucket.1).await?;
        } else {
            self.set(cx, &PAYMENT, bucket, asked, |_, _| Ok(())).await?;
        }
        Ok(PutBucketRequestPaymentOutput {})
    }
}

impl Handler<GetBucketRequestPayment> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketRequestPaymentInput,
    ) -> Result<GetBucketRequestPaymentOutput, S3Error> {
        let set = self.setting(cx, &PAYMENT, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let payer = set.map_or(Payer::BucketOwner, |set| set.payer);
        Ok(GetBucketRequestPaymentOutput { payer: Some(payer) })
    }
}
