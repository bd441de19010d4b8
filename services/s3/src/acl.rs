//! Access control lists of objects: what a request asks for, kept until both owners are known.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use api_s3::{
    AccessControlPolicy, Grant, Grantee, ObjectCannedACL, Owner, Permission, PublicAccessBlockConfiguration,
    Type,
};
use kernel::{Context, Fault};
use protocol::stored::Stored;
use serde::{Deserialize, Serialize};
use store::ReadTx;

use crate::bucket::{self, Bucket};
use crate::errors::settings::{malformed_acl, missing_acl};
use crate::grants::Header;
use crate::{S3, errors, grants, names, public_access};

/// The account that fetches images for EC2.
const EC2_BUNDLES: &str = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

/// A list, or the name of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Acl {
    /// One of AWS's own, whose grants follow from the owners.
    Canned(String),
    /// The grants themselves.
    Listed(Vec<Stored<Grant>>),
}

/// What the headers of a request ask for.
pub fn asked(canned: Option<&ObjectCannedACL>, headers: &[Header<'_>]) -> Result<Option<Acl>, Fault> {
    let granted = grants::of_headers(&Owner::default(), headers)?;
    match (canned, granted) {
        (Some(_), Some(_)) => {
            Err(errors::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed"))
        }
        (Some(ObjectCannedACL::Unknown(value)), _) => Err(errors::invalid_argument("", "x-amz-acl", value)),
        (Some(canned), _) => Ok(Some(Acl::Canned(canned.as_str().to_owned()))),
        (None, granted) => Ok(granted.map(listed)),
    }
}

/// The one list that a request brings: in its headers or in its body, not in both, not in neither.
pub fn one(asked: Option<Acl>, document: Option<&AccessControlPolicy>) -> Result<Acl, Fault> {
    match (asked, document) {
        (Some(_), Some(_)) => Err(errors::settings::unexpected_content()),
        (Some(asked), None) => Ok(asked),
        (None, Some(document)) => {
            let owner = document.owner.as_ref().ok_or_else(malformed_acl)?;
            grants::check(document, owner)?;
            Ok(listed(document.clone()))
        }
        (None, None) => Err(missing_acl()),
    }
}

fn listed(policy: AccessControlPolicy) -> Acl {
    Acl::Listed(policy.grants.unwrap_or_default().into_iter().map(Stored).collect())
}

impl S3 {
    /// What the account of a bucket blocks, where a list makes that matter.
    pub(crate) async fn blocked(
        &self,
        cx: &Context,
        bucket: &str,
        acl: Option<&Acl>,
    ) -> Result<PublicAccessBlockConfiguration, Fault> {
        if acl.is_none() {
            return Ok(PublicAccessBlockConfiguration::default());
        }
        let bucket = self.store.read(&cx.scope, |tx| bucket::find(tx, bucket, None))?;
        public_access::of_account(&cx.in_scope(bucket.home())).await
    }
}

impl Acl {
    /// The grants of a list.
    pub fn grants(acl: Option<&Self>, owner: &Owner, bucket_owner: &Owner) -> Vec<Grant> {
        let user = |id: Option<String>, permission| Grant {
            grantee: Some(Grantee { id, r#type: Type::CanonicalUser, ..Default::default() }),
            permission: Some(permission),
        };
        let canned = match acl {
            Some(Self::Listed(grants)) => return grants.iter().map(|grant| grant.0.clone()).collect(),
            Some(Self::Canned(canned)) => canned.as_str(),
            None => "private",
        };
        let policy = grants::canned(canned, owner).unwrap_or_else(|| grants::private(owner));
        let mut grants = policy.grants.unwrap_or_default();
        match canned {
            "aws-exec-read" => grants.push(user(Some(EC2_BUNDLES.to_owned()), Permission::Read)),
            "bucket-owner-read" if owner != bucket_owner => {
                grants.push(user(bucket_owner.id.clone(), Permission::Read));
            }
            "bucket-owner-full-control" if owner != bucket_owner => {
                grants.push(user(bucket_owner.id.clone(), Permission::FullControl));
            }
            _ => {}
        }
        grants
    }

    /// Whether the bucket takes such a list for an object; `account` is what the account blocks.
    pub fn check(
        &self,
        tx: &ReadTx<'_>,
        name: &str,
        bucket: &Bucket,
        account: &PublicAccessBlockConfiguration,
    ) -> Result<(), Fault> {
        let owner = names::owner(&bucket.account);
        let grants = Self::grants(Some(self), &owner, &owner);
        if !bucket.has_acls() {
            let is_private = grants.iter().all(|grant| {
                let id = grant.grantee.as_ref().and_then(|grantee| grantee.id.as_ref());
                id == owner.id.as_ref() && grant.permission == Some(Permission::FullControl)
            });
            let names_it = !matches!(self, Self::Canned(canned) if canned == "bucket-owner-read");
            return if is_private && names_it { Ok(()) } else { Err(errors::acl_not_supported()) };
        }
        let policy = AccessControlPolicy { grants: Some(grants), owner: None };
        if grants::are_public(&policy) { public_access::check_acl(tx, name, bucket, account) } else { Ok(()) }
    }
}
