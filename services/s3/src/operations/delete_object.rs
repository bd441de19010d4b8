//! `DeleteObject` and `DeleteObjects`: what is not there is deleted too.

use api_s3::{
    DeleteObject, DeleteObjectInput, DeleteObjectOutput, DeleteObjects, DeleteObjectsInput,
    DeleteObjectsOutput, DeletedObject, Error, ObjectIdentifier, S3Error,
};
use kernel::{Context, Fault, Handler};
use store::WriteTx;

use crate::object::{OBJECTS, check_version};
use crate::refuse::refuse;
use crate::{S3, bucket, conditions, content, errors, limits, upload};

impl Handler<DeleteObject> for S3 {
    async fn handle(&self, cx: &Context, input: DeleteObjectInput) -> Result<DeleteObjectOutput, S3Error> {
        limits::key(&input.key)?;
        refuse!(input:
            if_match_last_modified_time => "conditions of directory buckets",
            if_match_size => "conditions of directory buckets",
        );
        check_version(input.version_id.as_deref())?;
        let expected = input.expected_bucket_owner.as_deref();

        let deleted = self.store.write(&cx.scope, |tx| {
            bucket::find(tx, &input.bucket, expected)?;
            check_bypass(input.bypass_governance_retention)?;
            delete(tx, &input.bucket, &input.key, input.if_match.as_deref())
        });
        deleted.await?;

        Ok(DeleteObjectOutput::default())
    }
}

impl Handler<DeleteObjects> for S3 {
    async fn handle(&self, cx: &Context, input: DeleteObjectsInput) -> Result<DeleteObjectsOutput, S3Error> {
        let objects = &input.delete.objects;
        if objects.is_empty() || objects.len() > limits::DELETED_AT_ONCE {
            return Err(errors::malformed_xml().into());
        }
        let expected = input.expected_bucket_owner.as_deref();

        let (deleted, failed) = self
            .store
            .write(&cx.scope, |tx| {
                bucket::find(tx, &input.bucket, expected)?;
                check_bypass(input.bypass_governance_retention)?;
                let (mut deleted, mut failed) = (Vec::new(), Vec::new());
                for object in objects {
                    match delete_one(tx, &input.bucket, object) {
                        Ok(()) => deleted.push(told(object)),
                        Err(fault) if fault.status() >= 500 => return Err(fault),
                        Err(fault) => failed.push(told_failure(object, &fault)),
                    }
                }
                Ok((deleted, failed))
            })
            .await?;

        let is_quiet = input.delete.quiet == Some(true);
        Ok(DeleteObjectsOutput {
            deleted: Some(deleted).filter(|deleted| !is_quiet && !deleted.is_empty()),
            errors: Some(failed).filter(|failed| !failed.is_empty()),
            request_charged: None,
        })
    }
}

fn delete_one(tx: &mut WriteTx<'_>, bucket: &str, object: &ObjectIdentifier) -> Result<(), Fault> {
    limits::key(&object.key)?;
    match object.version_id.as_deref() {
        None | Some("null") => {}
        Some(_) => {
            return Err(Fault::new("NoSuchVersion", 404, "The specified version does not exist."));
        }
    }
    delete(tx, bucket, &object.key, object.etag.as_deref())
}

fn delete(tx: &mut WriteTx<'_>, bucket: &str, key: &str, if_match: Option<&str>) -> Result<(), Fault> {
    let old = tx.get(&OBJECTS, &(bucket, key))?;
    // `*` asks for any object at all.
    let tag = if_match.filter(|tag| *tag != "*" || old.is_none());
    conditions::check_replaced(key, old.as_ref(), tag, None)?;
    let Some(old) = old else { return Ok(()) };
    upload::tell_of_deletion(tx, bucket, key)?;
    content::remove(tx, bucket, key, &old)
}

/// No bucket has Object Lock, so there is nothing to go around.
fn check_bypass(asked: Option<bool>) -> Result<(), Fault> {
    let header = "x-amz-bypass-governance-retention";
    let message = format!("{header} is only applicable to Object Lock enabled buckets.");
    match asked {
        None => Ok(()),
        Some(_) => Err(Fault::client("InvalidArgument", message).field("ArgumentName", header)),
    }
}

fn told(object: &ObjectIdentifier) -> DeletedObject {
    DeletedObject {
        key: Some(object.key.clone()),
        version_id: object.version_id.clone(),
        ..Default::default()
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
