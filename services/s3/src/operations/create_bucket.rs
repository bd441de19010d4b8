//! `CreateBucket`: takes a name that nobody in the world has.

use api_s3::{
    BucketCannedACL, BucketLocationConstraint, BucketNamespace, CreateBucket, CreateBucketConfiguration,
    CreateBucketInput, CreateBucketOutput, ObjectOwnership, S3Error,
};
use kernel::{Context, Fault, Handler, Region};

use crate::bucket::{BUCKETS, Bucket, OWNED, Owned};
use crate::{S3, errors, names};

impl Handler<CreateBucket> for S3 {
    async fn handle(&self, cx: &Context, input: CreateBucketInput) -> Result<CreateBucketOutput, S3Error> {
        names::bucket(&input.bucket)?;
        refuse(&input)?;
        let (region, constraint) =
            place(cx.scope.region.as_str(), input.create_bucket_configuration.as_ref())?;

        let name = &input.bucket;
        let bucket = Bucket {
            account: cx.scope.account.clone(),
            region,
            constraint,
            created: cx.clock.millis(),
            versioning: None,
            object_lock: false,
            ownership: None,
            settings: 0,
        };
        let written = self.store.write(&cx.scope, |tx| match tx.get(&BUCKETS, name)? {
            Some(old) => taken(&old, &bucket, name),
            None => {
                tx.put(&BUCKETS, name, &bucket)?;
                tx.put(&OWNED, name, &Owned { region: bucket.region.clone(), created: bucket.created })
            }
        });
        written.await?;

        let location = match bucket.region.as_str() {
            "us-east-1" => format!("/{name}"),
            _ => names::address(&cx.request.host, name),
        };
        Ok(CreateBucketOutput { location: Some(location), bucket_arn: Some(format!("arn:aws:s3:::{name}")) })
    }
}

/// Making one's own bucket again does nothing in the oldest region and is an error in all others.
fn taken(old: &Bucket, new: &Bucket, name: &str) -> Result<(), Fault> {
    if old.account != new.account {
        return Err(errors::bucket_already_exists(name));
    }
    if old.region != new.region || new.region != Region::default() {
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

fn refuse(input: &CreateBucketInput) -> Result<(), Fault> {
    let grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write,
        &input.grant_write_acp,
    ];
    let is_private = matches!(input.acl, None | Some(BucketCannedACL::Private));
    match &input.object_ownership {
        None | Some(ObjectOwnership::BucketOwnerEnforced)
            if !is_private || grants.iter().any(|grant| grant.is_some()) =>
        {
            return Err(errors::invalid_bucket_acl());
        }
        None | Some(ObjectOwnership::BucketOwnerEnforced) => {}
        Some(ObjectOwnership::Unknown(_)) => return Err(errors::malformed_xml()),
        Some(_) => return Err(errors::not_emulated("ACLs")),
    }
    if input.object_lock_enabled_for_bucket == Some(true) {
        return Err(errors::not_emulated("Object Lock"));
    }
    if !matches!(input.bucket_namespace, None | Some(BucketNamespace::Global)) {
        return Err(errors::not_emulated("account-regional bucket namespaces"));
    }
    let Some(configuration) = &input.create_bucket_configuration else { return Ok(()) };
    if configuration.bucket.is_some() || configuration.location.is_some() {
        return Err(errors::not_emulated("directory buckets"));
    }
    if configuration.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        return Err(errors::not_emulated("bucket tags"));
    }
    Ok(())
}
