//! `CopyObject`: a new object of an old one's body, with its description or another.

use api_s3::{
    CopyObject, CopyObjectInput, CopyObjectOutput, CopyObjectResult, MetadataDirective, S3Error,
    TaggingDirective,
};
use kernel::{Context, Fault, Handler};

use crate::bucket::enter;
use crate::checksum::{Algorithm, Declared, tell};
use crate::commit::{Committed, Writing};
use crate::conditions::copying;
use crate::encryption::{CustomerKey, Encryption, customer_key, tell_encryption};
use crate::events::Event;
use crate::object::{About, Object, about};
use crate::read::{Opened, Wanted, source_bucket};
use crate::receive::{Expected, receive};
use crate::refuse::refuse;
use crate::setting::ENCRYPTION;
use crate::version::Spot;
use crate::{S3, conditions, errors, lifecycle, limits, names};

impl Handler<CopyObject> for S3 {
    async fn handle(&self, cx: &Context, mut input: CopyObjectInput) -> Result<CopyObjectOutput, S3Error> {
        limits::key(&input.key)?;
        refuse!(input: annotation_directive => "annotations",);
        conditions::check_writing(input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let asked = input.checksum_algorithm.as_ref().map(Algorithm::parse).transpose()?;
        let (bucket, key, version) = names::copy_source(&input.copy_source)?;
        let bucket = source_bucket(cx, bucket)?;
        let (keeps, keeps_tags) = (keeps_description(&input)?, keeps_tags(&input)?);
        let changes = changes(&input, keeps);
        let about = about!(input);
        let (customer, source_key) = (customer_key!(input), source_key(&input)?);
        let about = about.with_customer_key(cx, customer.as_ref());

        let target = input.expected_bucket_owner.as_deref();
        let home = self.store.read(&cx.scope, |tx| enter(tx, cx, &input.bucket, target))?;
        let wanted = Wanted {
            bucket: &bucket,
            key: &key,
            version: version.as_deref(),
            expected_owner: input.expected_source_bucket_owner.as_deref(),
        };
        let in_place = bucket == input.bucket && key == input.key;
        let opened = self.open(cx, &wanted, |object, _| {
            Encryption::check(object.about.encryption.as_ref(), source_key.as_ref())?;
            copying!(input).check_source(object, cx.clock.now())?;
            object.check_readable(cx.clock.millis())?;
            limits::copied(object.size)?;
            // An old version made the current one again is a change, and so is a default of the bucket's.
            let is_old = version.is_some() || home.versioning.is_some() && would_be_other(&home, object);
            let changes = changes || is_old || ENCRYPTION.is_set(&home) || object.archive().is_some();
            if in_place && !changes {
                return Err(errors::copy_onto_itself());
            }
            Ok((None, ()))
        });
        let Opened { object: source, body, .. } = opened.await?;

        let algorithm = asked.or_else(|| source.checksum.as_ref().map(|checksum| checksum.algorithm));
        let checksum = Declared { algorithm, ..Declared::default() };
        let received =
            receive(self.store.blobs(), &body, &Expected { checksum, ..Expected::default() }).await?;
        let writing = Writing {
            spot: Spot { bucket: &input.bucket, key: &input.key },
            expected_owner: target,
            if_match: input.if_match.as_deref(),
            if_none_match: input.if_none_match.as_deref(),
            event: Event::CreatedCopy,
        };
        let source_version = source.version_id.clone();
        let written = self.commit(cx, &writing, received, merged(source, about, keeps, keeps_tags)).await?;
        let mut output = told(&written, source_version, customer.as_ref());
        output.request_charged = written.bucket.charged(cx);
        output.expiration = lifecycle::expiration(self, cx, &written.bucket, writing.spot, &written.object)?;
        Ok(output)
    }
}

fn told(
    Committed { bucket, object }: &Committed,
    source_version: Option<String>,
    customer: Option<&CustomerKey>,
) -> CopyObjectOutput {
    let mut result = CopyObjectResult {
        etag: Some(names::quoted(&object.etag)),
        last_modified: Some(object.modified()),
        ..Default::default()
    };
    if let Some(checksum) = &object.checksum {
        tell!(result, checksum);
    }
    let mut output = CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: source_version,
        version_id: object.told_version(bucket),
        ..Default::default()
    };
    tell_encryption!(output, object.about.encryption.as_ref(), customer);
    output
}

/// The description of the copy. Storage class, encryption, lock and access are never the source's.
fn merged(source: Object, asked: About, keeps: bool, keeps_tags: bool) -> About {
    let tags = if keeps_tags { source.about.tags } else { asked.tags };
    if !keeps {
        return About { tags, ..asked };
    }
    About {
        tags,
        storage_class: asked.storage_class,
        website_redirect: asked.website_redirect,
        encryption: asked.encryption,
        lock: asked.lock,
        acl: asked.acl,
        ..source.about
    }
}

/// Whether a copy onto itself would change anything.
fn changes(input: &CopyObjectInput, keeps_description: bool) -> bool {
    !keeps_description
        || input.storage_class.is_some()
        || input.server_side_encryption.is_some()
        || input.sse_customer_key.is_some()
        || input.website_redirect_location.is_some()
}

/// Whether the copy of the latest version would not take its place: `null` after a named one, or the other way round.
fn would_be_other(home: &crate::bucket::Bucket, source: &Object) -> bool {
    let makes_null = home.versioning == Some(crate::bucket::Versioning::Suspended);
    makes_null != source.version_id.is_none()
}

/// The client's key of the source.
fn source_key(input: &CopyObjectInput) -> Result<Option<CustomerKey>, Fault> {
    CustomerKey::of(
        input.copy_source_sse_customer_algorithm.as_deref(),
        input.copy_source_sse_customer_key.as_deref(),
        input.copy_source_sse_customer_key_md5.as_deref(),
    )
}

/// Whether the copy has the tags of its source.
fn keeps_tags(input: &CopyObjectInput) -> Result<bool, Fault> {
    match &input.tagging_directive {
        None | Some(TaggingDirective::Copy) => Ok(true),
        Some(TaggingDirective::Replace) => Ok(false),
        Some(TaggingDirective::Unknown(value)) => {
            Err(errors::invalid_argument("Unknown tagging directive.", "x-amz-tagging-directive", value))
        }
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
