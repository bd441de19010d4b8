//! `CreateBucket`: takes a name that nobody in the world has.

use api_s3::{
    AccessControlPolicy, BucketLocationConstraint, BucketNamespace, CreateBucket, CreateBucketConfiguration,
    CreateBucketInput, CreateBucketOutput, ObjectOwnership, Permission, S3Error, Tagging,
};
use kernel::{Context, Fault, Handler, Region, Scope};

use crate::bucket::{BUCKETS, Bucket, OWNED, Owned, Ownership, Versioning, find};
use crate::setting::{ACL, PUBLIC_ACCESS, TAGGING};
use crate::{S3, bucket_tags, errors, grants, names, public_access};

impl Handler<CreateBucket> for S3 {
    async fn handle(&self, cx: &Context, input: CreateBucketInput) -> Result<CreateBucketOutput, S3Error> {
        names::bucket(&input.bucket)?;
        refuse(&input)?;
        let ownership = ownership(input.object_ownership.as_ref())?;
        let acl = acl(cx, &input, ownership)?;
        let (region, constraint) =
            place(cx.scope.region.as_str(), input.create_bucket_configuration.as_ref())?;

        let locks = input.object_lock_enabled_for_bucket == Some(true);
        let tags = input.create_bucket_configuration.and_then(|configuration| configuration.tags);
        let tags = Tagging { tag_set: tags.unwrap_or_default() };
        bucket_tags::check_new(&tags.tag_set)?;

        let name = &input.bucket;
        let bucket = Bucket {
            constraint,
            // Locks need versions.
            versioning: locks.then_some(Versioning::Enabled),
            object_lock: locks,
            ownership: Some(ownership),
            mounted: self.mounts.has(name),
            ..Bucket::new(&Scope { account: cx.scope.account.clone(), region }, cx.clock.millis())
        };
        let written = self.store.write(&cx.scope, |tx| match tx.get(&BUCKETS, name)? {
            Some(old) => taken(&old, &bucket, name, &tags),
            None => {
                tx.put(&OWNED, name, &Owned { region: bucket.region.clone(), created: bucket.created })?;
                PUBLIC_ACCESS.put(tx, name, &bucket, &public_access::all())?;
                if let Some(acl) = &acl {
                    ACL.put(tx, name, &find(tx, name, None)?, acl)?;
                }
                if !tags.tag_set.is_empty() {
                    TAGGING.put(tx, name, &find(tx, name, None)?, &tags)?;
                }
                Ok(())
            }
        });
        written.await?;

        let location = match bucket.region.as_str() {
            "us-east-1" => format!("/{name}"),
            _ => names::address(&cx.request.host, name),
        };
        Ok(CreateBucketOutput { location: Some(location), bucket_arn: Some(names::arn(name)) })
    }
}

/// Making one's own bucket again does nothing in the oldest region, unless with tags, and is an error in all others.
fn taken(old: &Bucket, new: &Bucket, name: &str, tags: &Tagging) -> Result<(), Fault> {
    if old.account != new.account {
        return Err(errors::bucket_already_exists(name));
    }
    if old.region != new.region || new.region != Region::default() || !tags.tag_set.is_empty() {
        return Err(errors::bucket_already_owned_by_you(name));
    }
    Ok(())
}

/// The region of the bucket: the endpoint's, or from the oldest one any.
fn place(
    endpoint: &str,
    configuration: Option<&CreateBucketConfiguration>,
) -> Result<(Region, Option<String>), Fault> {
    let constraint = configuration.and_then(|configuration| configuration.location_constraint.as_ref());
    match constraint.map(BucketLocationConstraint::as_str) {
        None if endpoint == "us-east-1" => Ok((endpoint.into(), None)),
        None => Err(errors::illegal_location_constraint("unspecified")),
        Some(constraint) if endpoint == "us-east-1" => {
            if !BucketLocationConstraint::VALUES.contains(&constraint) {
                return Err(errors::invalid_location_constraint(constraint));
            }
            let region = if constraint == "EU" { "eu-west-1" } else { constraint };
            Ok((region.into(), Some(constraint.to_owned())))
        }
        Some(constraint) if constraint == endpoint || (constraint, endpoint) == ("EU", "eu-west-1") => {
            Ok((endpoint.into(), Some(constraint.to_owned())))
        }
        Some(constraint) => Err(errors::illegal_location_constraint(constraint)),
    }
}

/// Who owns what others write; nobody but the bucket's owner unless asked otherwise.
fn ownership(asked: Option<&ObjectOwnership>) -> Result<Ownership, Fault> {
    let Some(asked) = asked else { return Ok(Ownership::BucketOwnerEnforced) };
    Ownership::of(asked).ok_or_else(|| {
        let message = format!("Invalid x-amz-object-ownership header: {asked}");
        Fault::client("InvalidArgument", message).field("ArgumentName", "x-amz-object-ownership")
    })
}

/// The ACL that the request asks for, if it says anything of one.
fn acl(
    cx: &Context,
    input: &CreateBucketInput,
    ownership: Ownership,
) -> Result<Option<AccessControlPolicy>, Fault> {
    let owner = names::owner(&cx.scope.account);
    let headers = [
        (Permission::FullControl, &input.grant_full_control),
        (Permission::Read, &input.grant_read),
        (Permission::ReadAcp, &input.grant_read_acp),
        (Permission::Write, &input.grant_write),
        (Permission::WriteAcp, &input.grant_write_acp),
    ];
    let canned = input.acl.as_ref().map(|acl| acl.as_str());
    let Some(asked) = grants::asked(&owner, canned, &headers)? else { return Ok(None) };
    if asked == grants::private(&owner) {
        return Ok(None);
    }
    if ownership == Ownership::BucketOwnerEnforced {
        return Err(errors::invalid_bucket_acl());
    }
    // New buckets block public access.
    if grants::are_public(&asked) {
        return Err(errors::settings::public_bucket_acl());
    }
    Ok(Some(asked))
}

fn refuse(input: &CreateBucketInput) -> Result<(), Fault> {
    if !matches!(input.bucket_namespace, None | Some(BucketNamespace::Global)) {
        return Err(errors::not_emulated("account-regional bucket namespaces"));
    }
    let Some(configuration) = &input.create_bucket_configuration else { return Ok(()) };
    if configuration.bucket.is_some() || configuration.location.is_some() {
        return Err(errors::not_emulated("directory buckets"));
    }
    Ok(())
}
