//! What AWS says of settings of buckets that are absent or will not do.

use kernel::Fault;

/// A bucket with access points cannot be deleted.
pub fn access_points_left(bucket: &str) -> Fault {
    let message = "The bucket that you're trying to delete has access points attached. Delete your access points \
                   before you delete the bucket.";
    Fault::client("BucketHasAccessPointsAttached", message).field("BucketName", bucket)
}

/// Permissions that no ACL has, or an ACL without an owner.
pub fn malformed_acl() -> Fault {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    Fault::client("MalformedACLError", message)
}

/// An ACL for everybody on a new bucket, which blocks such.
pub fn public_bucket_acl() -> Fault {
    let message = "Bucket cannot have public ACLs set with BlockPublicAccess enabled";
    Fault::client("InvalidBucketAclWithBlockPublicAccessError", message)
}

/// A policy that is none, or that does not fit its bucket.
pub fn malformed_policy(message: impl Into<String>) -> Fault {
    Fault::client("MalformedPolicy", message)
}

/// A policy beyond the limit.
pub fn policy_too_large() -> Fault {
    Fault::client("PolicyTooLarge", "Policy exceeds the maximum allowed document size.")
}

/// A request to change an ACL that says nothing of it.
pub fn missing_acl() -> Fault {
    Fault::client("MissingSecurityHeader", "Your request was missing a required header")
        .field("MissingHeaderName", "x-amz-acl")
}

/// A document where headers say it all.
pub fn unexpected_content() -> Fault {
    Fault::client("UnexpectedContent", "This request does not support content")
}

/// A bucket whose state forbids it.
pub fn invalid_bucket_state(message: &str) -> Fault {
    Fault::new("InvalidBucketState", 409, message)
}

/// An owner that cannot be an account.
pub fn invalid_expected_owner(owner: &str) -> Fault {
    let message =
        format!("The value of the expected bucket owner parameter must be an AWS Account ID... [{owner}]");
    Fault::client("InvalidBucketOwnerAWSAccountID", message)
}

/// Logs that would leave their region. AWS misspells the code.
pub fn cross_location_logging(source: &str, target: &str) -> Fault {
    let message = "Cross S3 location logging not allowed. ";
    let fault = Fault::new("CrossLocationLoggingProhibitted", 403, message);
    // The oldest region is not named.
    let fault = if source == "us-east-1" { fault } else { fault.field("SourceBucketLocation", source) };
    fault.field("TargetBucketLocation", target)
}

/// Logs for a bucket that is not there, or not the owner's.
pub fn invalid_log_target(message: &str, target: &str) -> Fault {
    Fault::client("InvalidTargetBucketForLogging", message).field("TargetBucket", target)
}

/// A configuration of an id that the bucket does not have.
pub fn no_such_configuration() -> Fault {
    Fault::new("NoSuchConfiguration", 404, "The specified configuration does not exist.")
}

/// A configuration whose document names another id than its request.
pub fn id_mismatch() -> Fault {
    Fault::client("IdMismatch", "Document ID does not match the specified configuration ID.")
}

/// A configuration too many.
pub fn too_many_configurations() -> Fault {
    let message = "You are attempting to create a new configuration but have already reached the 1,000-configuration \
                   limit.";
    Fault::client("TooManyConfigurations", message)
}

macro_rules! absent {
    ($($(#[$meta:meta])* $name:ident: $code:literal, $message:literal;)*) => {$(
        $(#[$meta])*
        pub fn $name(bucket: &str) -> Fault {
            Fault::new($code, 404, $message).field("BucketName", bucket)
        }
    )*};
}

absent! {
    /// A bucket without CORS rules.
    no_cors: "NoSuchCORSConfiguration", "The CORS configuration does not exist";
    /// A bucket without lifecycle rules.
    no_lifecycle: "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist";
    /// A bucket that locks nothing.
    no_object_lock: "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket";
    /// A bucket whose ownership controls were deleted.
    no_ownership: "OwnershipControlsNotFoundError", "The bucket ownership controls were not found";
    /// A bucket without a policy.
    no_policy: "NoSuchBucketPolicy", "The bucket policy does not exist";
    /// A bucket that blocks no public access.
    no_public_access_block: "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found";
    /// A bucket that replicates nothing.
    no_replication: "ReplicationConfigurationNotFoundError", "The replication configuration was not found";
    /// A bucket without tags.
    no_tags: "NoSuchTagSet", "The TagSet does not exist";
    /// A bucket that is no website.
    no_website: "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration";
}
