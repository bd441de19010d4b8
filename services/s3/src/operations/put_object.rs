//! `PutObject`: stores a body under a key, at once and whole.

use api_s3::{PutObject, PutObjectInput, PutObjectOutput, S3Error, ServerSideEncryption};
use kernel::{Context, Handler};

use crate::bucket::find;
use crate::checksum::{declared, tell};
use crate::commit::Writing;
use crate::object::about;
use crate::receive::{Expected, receive};
use crate::refuse::{refuse, refuse_extras};
use crate::{S3, conditions, limits, names};

impl Handler<PutObject> for S3 {
    async fn handle(&self, cx: &Context, mut input: PutObjectInput) -> Result<PutObjectOutput, S3Error> {
        limits::key(&input.key)?;
        refuse_extras!(input);
        refuse!(input: write_offset_bytes => "appending to objects",);
        conditions::check_writing(input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let about = about!(input);
        let checksum = declared!(input, input.checksum_algorithm.as_ref(), cx);

        // A bucket that is not there is said before a large body is taken; the commit looks again.
        if input.body.length().is_none_or(|length| length > limits::INLINE_BYTES as u64) {
            let expected = input.expected_bucket_owner.as_deref();
            self.store.read(&cx.scope, |tx| find(tx, &input.bucket, expected))?;
        }
        let expected = Expected { md5: input.content_md5.take(), checksum, stored: None };
        let received = receive(self.store.blobs(), &input.body, &expected).await?;

        let writing = Writing {
            bucket: &input.bucket,
            key: &input.key,
            expected_owner: input.expected_bucket_owner.as_deref(),
            if_match: input.if_match.as_deref(),
            if_none_match: input.if_none_match.as_deref(),
        };
        let object = self.commit(cx, &writing, received, about).await?;

        let mut output = PutObjectOutput {
            etag: Some(names::quoted(&object.etag)),
            server_side_encryption: Some(ServerSideEncryption::Aes256),
            ..Default::default()
        };
        if let Some(checksum) = &object.checksum {
            tell!(output, checksum);
        }
        Ok(output)
    }
}
