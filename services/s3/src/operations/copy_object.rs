//! `CopyObject`: a new object of an old one's body, with its description or another.

use api_s3::{
    CopyObject, CopyObjectInput, CopyObjectOutput, CopyObjectResult, MetadataDirective, S3Error,
    ServerSideEncryption,
};
use kernel::{Context, Fault, Handler};

use crate::bucket::find;
use crate::checksum::{Algorithm, Declared, tell};
use crate::commit::Writing;
use crate::conditions::copying;
use crate::object::{About, about};
use crate::read::Wanted;
use crate::receive::{Expected, receive};
use crate::refuse::{refuse, refuse_extras};
use crate::{S3, conditions, errors, limits, names};

impl Handler<CopyObject> for S3 {
    async fn handle(&self, cx: &Context, mut input: CopyObjectInput) -> Result<CopyObjectOutput, S3Error> {
        limits::key(&input.key)?;
        refuse_extras!(input);
        refuse!(input:
            copy_source_sse_customer_key => "encryption with customer-provided keys",
            annotation_directive => "annotations",
        );
        conditions::check_writing(input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let asked = input.checksum_algorithm.as_ref().map(Algorithm::parse).transpose()?;
        let (bucket, key, version) = names::copy_source(&input.copy_source)?;
        let keeps = keeps_description(&input)?;
        let changes = !keeps || input.storage_class.is_some() || input.server_side_encryption.is_some();
        let about = about!(input);

        let target = input.expected_bucket_owner.as_deref();
        self.store.read(&cx.scope, |tx| find(tx, &input.bucket, target))?;
        let wanted = Wanted {
            bucket: &bucket,
            key: &key,
            version: version.as_deref(),
            expected_owner: input.expected_source_bucket_owner.as_deref(),
        };
        let opened = self.open(cx, &wanted, |object, _| {
            copying!(input).check_source(object, cx.clock.now())?;
            object.check_readable()?;
            if !changes && bucket == input.bucket && key == input.key {
                return Err(errors::copy_onto_itself());
            }
            Ok((None, ()))
        });
        let (source, (), body) = opened.await?;

        let algorithm = asked.or_else(|| source.checksum.as_ref().map(|checksum| checksum.algorithm));
        let checksum = Declared { algorithm, ..Declared::default() };
        let received =
            receive(self.store.blobs(), &body, &Expected { checksum, ..Expected::default() }).await?;
        let writing = Writing {
            bucket: &input.bucket,
            key: &input.key,
            expected_owner: target,
            if_match: input.if_match.as_deref(),
            if_none_match: input.if_none_match.as_deref(),
        };
        // The storage class is never the source's.
        let about = if keeps { About { storage_class: about.storage_class, ..source.about } } else { about };
        let object = self.commit(cx, &writing, received, about).await?;

        let mut result = CopyObjectResult {
            etag: Some(names::quoted(&object.etag)),
            last_modified: Some(object.modified()),
            ..Default::default()
        };
        if let Some(checksum) = &object.checksum {
            tell!(result, checksum);
        }
        Ok(CopyObjectOutput {
            copy_object_result: Some(result),
            copy_source_version_id: source.version_id,
            server_side_encryption: Some(ServerSideEncryption::Aes256),
            ..Default::default()
        })
    }
}

/// Whether the copy is described as its source is.
fn keeps_description(input: &CopyObjectInput) -> Result<bool, Fault> {
    match &input.metadata_directive {
        None | Some(MetadataDirective::Copy) => Ok(true),
        Some(MetadataDirective::Replace) => Ok(false),
        Some(MetadataDirective::Unknown(value)) => {
            Err(errors::invalid_argument("Unknown metadata directive.", "x-amz-metadata-directive", value))
        }
    }
}
