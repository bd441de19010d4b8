//! `PutObject`: stores a body under a key, at once and whole.

use api_s3::{PutObject, PutObjectInput, PutObjectOutput, S3Error};
use kernel::{Context, Handler};

use crate::bucket::enter;
use crate::checksum::{declared, tell};
use crate::commit::Writing;
use crate::encryption::{customer_key, tell_encryption};
use crate::events::Event;
use crate::object::about;
use crate::receive::{Expected, receive};
use crate::refuse::refuse;
use crate::version::Spot;
use crate::{S3, conditions, errors, lifecycle, limits, names};

impl Handler<PutObject> for S3 {
    async fn handle(&self, cx: &Context, mut input: PutObjectInput) -> Result<PutObjectOutput, S3Error> {
        limits::key(&input.key)?;
        refuse!(input: write_offset_bytes => "appending to objects",);
        conditions::check_writing(input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let about = about!(input);
        let key = customer_key!(input);
        let about = about.with_customer_key(cx, key.as_ref());
        let checksum = declared!(input, input.checksum_algorithm.as_ref(), cx);
        let is_checked = input.content_md5.is_some() || checksum.algorithm.is_some();
        if !about.lock.is_open() && !is_checked {
            return Err(errors::unchecked_lock().into());
        }

        // A bucket that is not there is said before a large body is taken; the commit looks again.
        if input.body.length().is_none_or(|length| length > limits::INLINE_BYTES as u64) {
            let expected = input.expected_bucket_owner.as_deref();
            self.store.read(&cx.scope, |tx| enter(tx, cx, &input.bucket, expected))?;
        }
        let expected = Expected { md5: input.content_md5.take(), checksum, stored: None };
        let received = receive(self.store.blobs(), &input.body, &expected).await?;

        let writing = Writing {
            spot: Spot { bucket: &input.bucket, key: &input.key },
            expected_owner: input.expected_bucket_owner.as_deref(),
            if_match: input.if_match.as_deref(),
            if_none_match: input.if_none_match.as_deref(),
            event: if cx.request.is_form { Event::CreatedPost } else { Event::CreatedPut },
        };
        let written = self.commit(cx, &writing, received, about).await?;

        let mut output = PutObjectOutput {
            etag: Some(names::quoted(&written.object.etag)),
            version_id: written.object.version_id.clone(),
            request_charged: written.bucket.charged(cx),
            expiration: lifecycle::expiration(self, cx, &written.bucket, writing.spot, &written.object)?,
            ..Default::default()
        };
        tell_encryption!(output, written.object.about.encryption.as_ref(), key.as_ref());
        if let Some(checksum) = &written.object.checksum {
            tell!(output, checksum);
        }
        Ok(output)
    }
}
