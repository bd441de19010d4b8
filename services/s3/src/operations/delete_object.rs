//! `DeleteObject` and `DeleteObjects`: what is not there is deleted too; what keeps versions gets a marker.

use api_s3::{
    DeleteObject, DeleteObjectInput, DeleteObjectOutput, DeleteObjects, DeleteObjectsInput,
    DeleteObjectsOutput, DeletedObject, Error, ObjectIdentifier, S3Error,
};
use kernel::{Context, Fault, Handler};
use store::WriteTx;

use crate::bucket::Bucket;
use crate::events::{self, Event};
use crate::object::{OBJECTS, Object};
use crate::refuse::refuse;
use crate::version::{self, Spot};
use crate::{S3, bucket, conditions, errors, limits, replication, upload};

/// What is to go.
struct Deletion<'a> {
    spot: Spot<'a>,
    version: Option<&'a str>,
    if_match: Option<&'a str>,
    bypass: bool,
}

/// What went, or came in its place.
#[derive(Debug, Default)]
pub struct Deleted {
    /// The version that went, or the marker that came.
    pub version: Option<String>,
    /// Whether that is a marker.
    pub is_marker: bool,
}

impl Handler<DeleteObject> for S3 {
    async fn handle(&self, cx: &Context, input: DeleteObjectInput) -> Result<DeleteObjectOutput, S3Error> {
        limits::key(&input.key)?;
        refuse!(input:
            if_match_last_modified_time => "conditions of directory buckets",
            if_match_size => "conditions of directory buckets",
        );
        let expected = input.expected_bucket_owner.as_deref();
        let deletion = Deletion {
            spot: Spot { bucket: &input.bucket, key: &input.key },
            version: input.version_id.as_deref(),
            if_match: input.if_match.as_deref(),
            bypass: input.bypass_governance_retention == Some(true),
        };

        let deleted = self.store.write(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, expected)?;
            check_bypass(&bucket, input.bypass_governance_retention)?;
            Ok::<_, Fault>((bucket.charged(cx), delete(tx, cx, &bucket, &deletion)?))
        });
        let (request_charged, deleted) = deleted.await?;
        self.mirror(cx, deletion.spot).await;

        Ok(DeleteObjectOutput {
            delete_marker: deleted.is_marker.then_some(true),
            version_id: deleted.version,
            request_charged,
        })
    }
}

impl Handler<DeleteObjects> for S3 {
    async fn handle(&self, cx: &Context, input: DeleteObjectsInput) -> Result<DeleteObjectsOutput, S3Error> {
        let objects = &input.delete.objects;
        if objects.is_empty() || objects.len() > limits::DELETED_AT_ONCE {
            return Err(errors::malformed_xml().into());
        }
        let expected = input.expected_bucket_owner.as_deref();

        let (request_charged, deleted, failed) = self
            .store
            .write(&cx.scope, |tx| {
                let bucket = bucket::enter(tx, cx, &input.bucket, expected)?;
                check_bypass(&bucket, input.bypass_governance_retention)?;
                let (mut deleted, mut failed) = (Vec::new(), Vec::new());
                for object in objects {
                    match delete_one(tx, cx, &bucket, &input, object) {
                        Ok(done) => deleted.push(told(object, done)),
                        Err(fault) if fault.status() >= 500 => return Err(fault),
                        Err(fault) => failed.push(told_failure(object, &fault)),
                    }
                }
                Ok((bucket.charged(cx), deleted, failed))
            })
            .await?;

        for object in objects {
            self.mirror(cx, Spot { bucket: &input.bucket, key: &object.key }).await;
        }
        let is_quiet = input.delete.quiet == Some(true);
        Ok(DeleteObjectsOutput {
            deleted: Some(deleted).filter(|deleted| !is_quiet && !deleted.is_empty()),
            errors: Some(failed).filter(|failed| !failed.is_empty()),
            request_charged,
        })
    }
}

fn delete_one(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    bucket: &Bucket,
    input: &DeleteObjectsInput,
    object: &ObjectIdentifier,
) -> Result<Deleted, Fault> {
    limits::key(&object.key)?;
    let deletion = Deletion {
        spot: Spot { bucket: &input.bucket, key: &object.key },
        version: object.version_id.as_deref().filter(|id| !id.is_empty()),
        if_match: object.etag.as_deref(),
        bypass: input.bypass_governance_retention == Some(true),
    };
    // Ids that are none are told as versions that are not there.
    let named = deletion.version.map(|id| version::named(tx, deletion.spot, id));
    if let (Some(Err(_) | Ok(None)), Some(id)) = (named, deletion.version)
        && id != "null"
    {
        return Err(errors::no_such_version(&object.key, id));
    }
    delete(tx, cx, bucket, &deletion)
}

fn delete(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    bucket: &Bucket,
    deletion: &Deletion<'_>,
) -> Result<Deleted, Fault> {
    let spot = deletion.spot;
    let old = tx.get(&OBJECTS, &(spot.bucket, spot.key))?;
    // `*` asks for any object at all.
    let tag = deletion.if_match.filter(|tag| *tag != "*" || old.is_none());
    conditions::check_replaced(spot.key, old.as_ref(), tag, None)?;
    match deletion.version {
        Some(id) => delete_version(tx, cx, bucket, deletion, id),
        None => delete_latest(tx, cx, bucket, spot),
    }
}

/// Deletes a key: its object goes, or a marker comes on top.
pub fn delete_latest(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    bucket: &Bucket,
    spot: Spot<'_>,
) -> Result<Deleted, Fault> {
    let old = tx.get(&OBJECTS, &(spot.bucket, spot.key))?;
    match bucket.versioning {
        None => {
            // Who deletes what is not there is told of, too.
            let Some(old) = old else {
                let nothing = Object::marker(cx.clock.millis());
                events::emit(tx, cx, bucket, spot, &nothing, Event::RemovedDelete)?;
                return Ok(Deleted::default());
            };
            upload::tell_of_deletion(tx, spot.bucket, spot.key)?;
            version::remove(tx, spot, &old)?;
            events::emit(tx, cx, bucket, spot, &old, Event::RemovedDelete)?;
            Ok(Deleted::default())
        }
        Some(_) => mark(tx, cx, bucket, spot, (old, Event::RemovedMarker)),
    }
}

fn delete_version(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    bucket: &Bucket,
    deletion: &Deletion<'_>,
    id: &str,
) -> Result<Deleted, Fault> {
    let spot = deletion.spot;
    let gone = Deleted { version: Some(id.to_owned()), is_marker: false };
    let Some(object) = version::named(tx, spot, id)? else { return Ok(gone) };
    object.about.lock.check_removal(cx.clock.millis(), deletion.bypass)?;
    upload::tell_of_deletion(tx, spot.bucket, spot.key)?;
    version::remove(tx, spot, &object)?;
    events::emit(tx, cx, bucket, spot, &object, Event::RemovedDelete)?;
    Ok(Deleted { is_marker: object.is_marker(), ..gone })
}

/// Puts a marker on top of the versions; `old` is the current object.
pub fn mark(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    bucket: &Bucket,
    spot: Spot<'_>,
    (old, event): (Option<Object>, Event),
) -> Result<Deleted, Fault> {
    upload::tell_of_deletion(tx, spot.bucket, spot.key)?;
    let marker = Object::marker(cx.clock.millis());
    let marker = version::install(tx, bucket, spot, marker, None, (old, &cx.ids))?;
    replication::order(tx, bucket, spot, &marker)?;
    events::emit(tx, cx, bucket, spot, &marker, event)?;
    Ok(Deleted { version: marker.told_version(bucket), is_marker: true })
}

/// Only versions of buckets with Object Lock are retained, so elsewhere there is nothing to go around.
pub fn check_bypass(bucket: &Bucket, asked: Option<bool>) -> Result<(), Fault> {
    let header = "x-amz-bypass-governance-retention";
    let message = format!("{header} is only applicable to Object Lock enabled buckets.");
    match asked {
        Some(_) if !bucket.object_lock => {
            Err(Fault::client("InvalidArgument", message).field("ArgumentName", header))
        }
        _ => Ok(()),
    }
}

fn told(object: &ObjectIdentifier, deleted: Deleted) -> DeletedObject {
    DeletedObject {
        key: Some(object.key.clone()),
        version_id: object.version_id.clone().filter(|id| !id.is_empty()),
        delete_marker: deleted.is_marker.then_some(true),
        delete_marker_version_id: deleted.version.filter(|_| deleted.is_marker),
    }
}

fn told_failure(object: &ObjectIdentifier, fault: &Fault) -> Error {
    Error {
        key: Some(object.key.clone()),
        version_id: object.version_id.clone(),
        code: Some(fault.code().to_owned()),
        message: Some(fault.message().to_owned()),
    }
}
