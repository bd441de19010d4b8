//! `RestoreObject`: makes an archived object readable for some days.
//!
//! AWS takes minutes to hours; here the copy is there at once, and both events are told.

use api_s3::{RestoreObject, RestoreObjectInput, RestoreObjectOutput, RestoreRequest, S3Error};
use kernel::{Context, Fault, Handler};

use crate::bucket::{BUCKETS, Bucket};
use crate::events::{self, Event};
use crate::lifecycle;
use crate::version::{self, Spot};
use crate::{S3, bucket, errors};

impl Handler<RestoreObject> for S3 {
    async fn handle(&self, cx: &Context, input: RestoreObjectInput) -> Result<RestoreObjectOutput, S3Error> {
        let days = days(input.restore_request.as_ref())?;
        let spot = Spot { bucket: &input.bucket, key: &input.key };
        let now = cx.clock.millis();
        let written = self.store.write(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
            let mut object = version::find_owning(tx, &bucket, spot, input.version_id.as_deref(), "POST")?;
            if object.archive().is_none() {
                let class = object.about.storage_class.as_ref().map_or("STANDARD", |class| class.as_str());
                let message = "Restore is not allowed for the object's current storage class";
                return Err(Fault::new("InvalidObjectState", 403, message).field("StorageClass", class));
            }
            let was_there = object.restored_until.is_some_and(|until| until > now);
            object.restored_until = Some(lifecycle::midnight_after(now, days));
            version::rewrite(tx, spot, &object)?;
            if !bucket.restores {
                tx.put(&BUCKETS, &*input.bucket, &Bucket { restores: true, ..bucket.clone() })?;
            }
            if !was_there {
                events::emit(tx, cx, &bucket, spot, &object, Event::RestorePosted)?;
                events::emit(tx, cx, &bucket, spot, &object, Event::RestoreCompleted)?;
            }
            Ok(was_there)
        });
        let was_there = written.await?;
        Ok(RestoreObjectOutput {
            status_code: Some(if was_there { 200 } else { 202 }),
            ..RestoreObjectOutput::default()
        })
    }
}

fn days(request: Option<&RestoreRequest>) -> Result<i64, Fault> {
    let request = request.ok_or_else(errors::missing_body)?;
    if request.select_parameters.is_some() || request.r#type.is_some() || request.output_location.is_some() {
        return Err(errors::not_emulated("S3 Select on archived objects"));
    }
    match request.days {
        Some(days) if days >= 1 => Ok(i64::from(days)),
        _ => Err(errors::malformed_xml()),
    }
}
