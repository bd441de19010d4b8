//! The sentences AWS prints, with the elements it adds to them.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

pub mod settings;

use kernel::Fault;

use crate::limits;

/// A request that names what is not the caller's.
pub fn access_denied() -> Fault {
    Fault::new("AccessDenied", 403, "Access Denied")
}

/// ACLs on objects of a bucket that has none, as all buckets unless asked otherwise.
pub fn acl_not_supported() -> Fault {
    Fault::client("AccessControlListNotSupported", "The bucket does not allow ACLs")
}

/// A version that Object Lock protects.
pub fn locked() -> Fault {
    Fault::new("AccessDenied", 403, "Access Denied because object protected by object lock.")
}

/// A bucket without Object Lock.
pub fn no_object_lock() -> Fault {
    invalid_request("Bucket is missing Object Lock Configuration")
}

/// A version that is a delete marker: there is nothing to read or change.
pub fn delete_marker(method: &'static str) -> Fault {
    let message = "The specified method is not allowed against this resource.";
    Fault::new("MethodNotAllowed", 405, message)
        .field("Method", method)
        .field("ResourceType", "DeleteMarker")
        .header("allow", "DELETE")
}

/// What is no id of a version.
pub fn invalid_version(id: &str) -> Fault {
    invalid_argument("Invalid version id specified", "versionId", id)
}

/// No version of that id.
pub fn no_such_version(key: &str, id: &str) -> Fault {
    Fault::new("NoSuchVersion", 404, "The specified version does not exist.")
        .field("Key", key)
        .field("VersionId", id)
}

/// A digest that the body does not have.
pub fn bad_checksum(algorithm: &str) -> Fault {
    let message = format!("The {algorithm} you specified did not match the calculated checksum.");
    Fault::client("BadDigest", message)
}

/// An MD5 that the body does not have.
pub fn bad_digest(expected: &str, calculated: &str) -> Fault {
    Fault::client("BadDigest", "The Content-MD5 you specified did not match what we received.")
        .field("ExpectedDigest", expected)
        .field("CalculatedDigest", calculated)
}

/// The bucket is somebody else's.
pub fn bucket_already_exists(bucket: &str) -> Fault {
    let message = "The requested bucket name is not available. The bucket namespace is shared by all users of \
                   the system. Please select a different name and try again.";
    Fault::new("BucketAlreadyExists", 409, message).field("BucketName", bucket)
}

/// The bucket is the caller's.
pub fn bucket_already_owned_by_you(bucket: &str) -> Fault {
    let message = "Your previous request to create the named bucket succeeded and you already own it.";
    Fault::new("BucketAlreadyOwnedByYou", 409, message).field("BucketName", bucket)
}

/// A bucket with objects cannot be deleted.
pub fn bucket_not_empty(bucket: &str) -> Fault {
    let message = "The bucket you tried to delete is not empty";
    Fault::new("BucketNotEmpty", 409, message).field("BucketName", bucket)
}

/// A bucket with versions or markers cannot be deleted.
pub fn versions_left(bucket: &str) -> Fault {
    let message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
    Fault::new("BucketNotEmpty", 409, message).field("BucketName", bucket)
}

/// A write with Object Lock whose body nobody vouches for.
pub fn unchecked_lock() -> Fault {
    let message = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock \
                   parameters";
    invalid_request(message)
}

/// A write that others have overtaken.
pub fn conflict(condition: &'static str, key: &str) -> Fault {
    let message =
        "The conditional request cannot succeed due to a conflicting operation against this resource.";
    Fault::new("ConditionalRequestConflict", 409, message).field("Condition", condition).field("Key", key)
}

/// A copy of an object onto itself that changes nothing.
pub fn copy_onto_itself() -> Fault {
    let message = "This copy request is illegal because it is trying to copy an object to itself without changing \
                   the object's metadata, storage class, website redirect location or encryption attributes.";
    invalid_request(message)
}

/// A part that is too small to be followed by another.
pub fn entity_too_small(etag: &str, number: u32, size: u64) -> Fault {
    Fault::client("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        .field("ETag", etag)
        .field("MinSizeAllowed", limits::PART_BYTES.to_string())
        .field("PartNumber", number.to_string())
        .field("ProposedSize", size.to_string())
}

/// A body that is too big for one request.
pub fn entity_too_large(size: u64) -> Fault {
    Fault::client("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        .field("ProposedSize", size.to_string())
        .field("MaxSizeAllowed", limits::BODY_BYTES.to_string())
}

/// A constraint that is not the endpoint's region.
pub fn illegal_location_constraint(constraint: &str) -> Fault {
    let message = format!(
        "The {constraint} location constraint is incompatible for the region specific endpoint this request was \
         sent to."
    );
    Fault::client("IllegalLocationConstraintException", message)
}

/// A checksum that a part does not have.
pub fn bad_part_checksum(algorithm: &str, number: u32) -> Fault {
    let message = format!("The {algorithm} you specified for part {number} did not match what we received.");
    Fault::client("BadDigest", message)
}

/// A body that ended early.
pub fn incomplete_body() -> Fault {
    let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    Fault::client("IncompleteBody", message)
}

/// An argument that will not do.
pub fn invalid_argument(message: &str, name: &str, value: &str) -> Fault {
    Fault::client("InvalidArgument", message).field("ArgumentName", name).field("ArgumentValue", value)
}

/// ACLs on a new bucket that has none.
pub fn invalid_bucket_acl() -> Fault {
    let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    Fault::client("InvalidBucketAclWithObjectOwnership", message)
}

/// A bucket name that breaks the rules.
pub fn invalid_bucket_name(bucket: &str) -> Fault {
    Fault::client("InvalidBucketName", "The specified bucket is not valid.").field("BucketName", bucket)
}

/// A `Content-MD5` that is none.
pub fn invalid_digest(digest: &str) -> Fault {
    Fault::client("InvalidDigest", "The Content-MD5 you specified was invalid.").field("Content-MD5", digest)
}

/// A region that there is not.
pub fn invalid_location_constraint(constraint: &str) -> Fault {
    Fault::client("InvalidLocationConstraint", "The specified location-constraint is not valid")
        .field("LocationConstraint", constraint)
}

/// An archived object that was not restored.
pub fn invalid_object_state(storage_class: &str) -> Fault {
    Fault::new("InvalidObjectState", 403, "The operation is not valid for the object's storage class")
        .field("StorageClass", storage_class)
}

/// A part that was not uploaded, or has another entity tag.
pub fn invalid_part(etag: &str, number: i32, upload_id: &str) -> Fault {
    let message = "One or more of the specified parts could not be found.  The part may not have been uploaded, or \
                   the specified entity tag may not match the part's entity tag.";
    Fault::client("InvalidPart", message)
        .field("ETag", etag)
        .field("PartNumber", number.to_string())
        .field("UploadId", upload_id)
}

/// A part number behind the object's last part.
pub fn invalid_part_number(asked: i32, count: usize) -> Fault {
    Fault::new("InvalidPartNumber", 416, "The requested partnumber is not satisfiable")
        .field("ActualPartCount", count.to_string())
        .field("PartNumberRequested", asked.to_string())
}

/// Parts that do not ascend.
pub fn invalid_part_order(upload_id: &str) -> Fault {
    let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
    Fault::client("InvalidPartOrder", message).field("UploadId", upload_id)
}

/// A range that the object does not have.
pub fn invalid_range(size: u64, asked: &str) -> Fault {
    Fault::new("InvalidRange", 416, "The requested range is not satisfiable")
        .field("ActualObjectSize", size.to_string())
        .field("RangeRequested", asked)
}

/// A request that makes no sense.
pub fn invalid_request(message: impl Into<String>) -> Fault {
    Fault::client("InvalidRequest", message)
}

/// A storage class that there is not.
pub fn invalid_storage_class(class: &str) -> Fault {
    Fault::client("InvalidStorageClass", "The storage class you specified is not valid")
        .field("StorageClassRequested", class)
}

/// A tag that will not do.
pub fn invalid_tag(message: &str) -> Fault {
    Fault::client("InvalidTag", message)
}

/// A tag that is there twice.
pub fn repeated_tag(key: &str) -> Fault {
    invalid_tag("Cannot provide multiple Tags with the same key").field("TagKey", key)
}

/// A key beyond the limit.
pub fn key_too_long(size: usize) -> Fault {
    Fault::client("KeyTooLongError", "Your key is too long")
        .field("MaxSizeAllowed", limits::KEY_BYTES.to_string())
        .field("Size", size.to_string())
}

/// XML that is not what the operation takes.
pub fn malformed_xml() -> Fault {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    Fault::client("MalformedXML", message)
}

/// User metadata beyond the limit.
pub fn metadata_too_large(size: usize) -> Fault {
    Fault::client("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
        .field("MaxSizeAllowed", limits::METADATA_BYTES.to_string())
        .field("Size", size.to_string())
}

/// An operation that needs a body.
pub fn missing_body() -> Fault {
    Fault::client("MissingRequestBodyError", "Request Body is empty")
}

/// No bucket of that name.
pub fn no_such_bucket(bucket: &str) -> Fault {
    Fault::new("NoSuchBucket", 404, "The specified bucket does not exist").field("BucketName", bucket)
}

/// No object of that key.
pub fn no_such_key(key: &str) -> Fault {
    Fault::new("NoSuchKey", 404, "The specified key does not exist.").field("Key", key)
}

/// No upload of that id.
pub fn no_such_upload(upload_id: &str) -> Fault {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                   aborted or completed.";
    Fault::new("NoSuchUpload", 404, message).field("UploadId", upload_id)
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> Fault {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet."))
}

/// What AWS itself does not do.
pub fn not_implemented(header: &str, message: &str) -> Fault {
    Fault::new("NotImplemented", 501, "A header you provided implies functionality that is not implemented")
        .field("Header", header)
        .field("additionalMessage", message)
}

/// A condition for a read that makes the answer unnecessary.
pub fn not_modified() -> Fault {
    Fault::new("NotModified", 304, "Not Modified")
}

/// A bucket that is elsewhere than the host says.
pub fn permanent_redirect(bucket: &str, host: &str, named: &str, region: &str) -> Fault {
    let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send \
                   all future requests to this endpoint.";
    // The region stands behind the bucket, whose name may have the same words.
    let (front, back) = host.rsplit_once(named).unwrap_or((host, ""));
    Fault::new("PermanentRedirect", 301, message)
        .field("Endpoint", format!("{front}{region}{back}"))
        .field("Bucket", bucket)
        .header("x-amz-bucket-region", region)
}

/// A condition that does not hold.
pub fn precondition_failed(condition: &'static str) -> Fault {
    Fault::new("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold")
        .field("Condition", condition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_may_be_named_after_a_region() {
        let host = "logs-eu-west-1.s3.eu-west-1.amazonaws.com";
        let fault = permanent_redirect("logs-eu-west-1", host, "eu-west-1", "us-east-2");
        let endpoint =
            fault.fields().iter().find(|(name, _)| name == "Endpoint").map(|(_, value)| value.as_str());
        assert_eq!(endpoint, Some("logs-eu-west-1.s3.us-east-2.amazonaws.com"));
    }
}
