//! Access control lists of buckets and objects: canned, by headers, by documents.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use api_s3::{AccessControlPolicy, Grant, Grantee, ObjectCannedACL, Permission, Type};
use kernel::Fault;
use protocol::stored::Stored;
use serde::{Deserialize, Serialize};
use store::ReadTx;

use crate::bucket::Bucket;
use crate::setting::PUBLIC_ACCESS;
use crate::{errors, names};

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
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

/// What the headers of a request ask for; `grants` is each header with its value.
pub fn asked<const N: usize>(
    canned: Option<&ObjectCannedACL>,
    grants: [(&'static str, Option<&str>); N],
) -> Result<Option<Acl>, Fault> {
    let has_grants = grants.iter().any(|(_, value)| value.is_some());
    match canned {
        Some(_) if has_grants => {
            Err(errors::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed"))
        }
        Some(ObjectCannedACL::Unknown(value)) => Err(errors::invalid_argument("", "x-amz-acl", value)),
        Some(canned) => Ok(Some(Acl::Canned(canned.as_str().to_owned()))),
        None if has_grants => {
            let mut list = Vec::new();
            for (header, value) in grants {
                for grantee in value.into_iter().flat_map(|value| grantees(header, value)) {
                    list.push(Stored(Grant {
                        grantee: Some(grantee?),
                        permission: Some(permission(header)),
                    }));
                }
            }
            Ok(Some(Acl::Listed(list)))
        }
        None => Ok(None),
    }
}

/// The list that a document has.
pub fn of_document(document: &AccessControlPolicy) -> Result<Acl, Fault> {
    let owner = document.owner.as_ref().and_then(|owner| owner.id.as_deref());
    let (Some(grants), Some(owner)) = (&document.grants, owner) else { return Err(malformed()) };
    check_id(owner, "CanonicalUser/ID")?;
    let mut list = Vec::new();
    for grant in grants {
        let (Some(grantee), Some(permission)) = (&grant.grantee, &grant.permission) else {
            return Err(malformed());
        };
        if matches!(permission, Permission::Unknown(_)) {
            return Err(malformed());
        }
        match (&grantee.r#type, &grantee.id, &grantee.uri) {
            (Type::CanonicalUser, Some(id), _) => check_id(id, "CanonicalUser/ID")?,
            (Type::Group, _, Some(uri)) => check_group(uri, "Group/URI")?,
            (Type::AmazonCustomerByEmail, ..) => return Err(unknown_address()),
            _ => return Err(malformed()),
        }
        let grantee = Grantee { display_name: None, ..grantee.clone() };
        list.push(Stored(Grant { grantee: Some(grantee), ..grant.clone() }));
    }
    Ok(Acl::Listed(list))
}

impl Acl {
    /// The grants of a list; `owner` and `bucket_owner` are the canonical ids of both owners.
    pub fn grants(acl: Option<&Self>, owner: &str, bucket_owner: &str) -> Vec<Grant> {
        let user = |id: &str, permission| Grant {
            grantee: Some(Grantee {
                display_name: None,
                email_address: None,
                id: Some(id.to_owned()),
                r#type: Type::CanonicalUser,
                uri: None,
            }),
            permission: Some(permission),
        };
        let group = |uri: &str, permission| Grant { grantee: Some(group(uri)), permission: Some(permission) };
        let canned = match acl {
            Some(Self::Listed(grants)) => return grants.iter().map(|grant| grant.0.clone()).collect(),
            Some(Self::Canned(canned)) => canned.as_str(),
            None => "private",
        };
        let mut grants = vec![user(owner, Permission::FullControl)];
        match canned {
            "public-read" => grants.push(group(ALL_USERS, Permission::Read)),
            "public-read-write" => {
                grants.push(group(ALL_USERS, Permission::Read));
                grants.push(group(ALL_USERS, Permission::Write));
            }
            "authenticated-read" => grants.push(group(AUTHENTICATED_USERS, Permission::Read)),
            "aws-exec-read" => grants.push(user(EC2_BUNDLES, Permission::Read)),
            "log-delivery-write" => {
                grants.push(group(LOG_DELIVERY, Permission::Write));
                grants.push(group(LOG_DELIVERY, Permission::ReadAcp));
            }
            "bucket-owner-read" if owner != bucket_owner => {
                grants.push(user(bucket_owner, Permission::Read));
            }
            "bucket-owner-full-control" if owner != bucket_owner => {
                grants.push(user(bucket_owner, Permission::FullControl));
            }
            _ => {}
        }
        grants
    }

    /// Whether everybody, or everybody with an account, is granted something.
    pub fn is_public(&self) -> bool {
        match self {
            Self::Canned(canned) => {
                matches!(canned.as_str(), "public-read" | "public-read-write" | "authenticated-read")
            }
            Self::Listed(grants) => grants.iter().any(|grant| {
                let uri = grant.0.grantee.as_ref().and_then(|grantee| grantee.uri.as_deref());
                matches!(uri, Some(ALL_USERS | AUTHENTICATED_USERS))
            }),
        }
    }

    /// Whether it says no more than what holds in buckets without lists.
    fn changes_nothing(&self, bucket_owner: &str) -> bool {
        match self {
            Self::Canned(canned) => matches!(canned.as_str(), "private" | "bucket-owner-full-control"),
            Self::Listed(grants) => grants.iter().all(|grant| {
                let id = grant.0.grantee.as_ref().and_then(|grantee| grantee.id.as_deref());
                id == Some(bucket_owner) && grant.0.permission == Some(Permission::FullControl)
            }),
        }
    }

    /// Whether the bucket takes such a list, for itself or for an object.
    pub fn check(&self, tx: &ReadTx<'_>, name: &str, bucket: &Bucket) -> Result<(), Fault> {
        if !bucket.has_acls() {
            let changes_nothing = self.changes_nothing(&names::canonical_id(&bucket.account));
            return if changes_nothing { Ok(()) } else { Err(errors::acl_not_supported()) };
        }
        let block = PUBLIC_ACCESS.of(tx, name, bucket)?;
        if self.is_public() && block.is_some_and(|block| block.block_public_acls == Some(true)) {
            return Err(errors::access_denied());
        }
        Ok(())
    }
}

/// A document that is no list.
pub fn malformed() -> Fault {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    Fault::client("MalformedACLError", message)
}

fn group(uri: &str) -> Grantee {
    Grantee {
        display_name: None,
        email_address: None,
        id: None,
        r#type: Type::Group,
        uri: Some(uri.to_owned()),
    }
}

/// Those whom a header names: `id="…", uri="…"`.
fn grantees(header: &'static str, value: &str) -> impl Iterator<Item = Result<Grantee, Fault>> {
    let unreadable = move || errors::invalid_argument("Argument format not recognized", header, value);
    value.split(',').map(move |one| {
        let (kind, name) = one.trim().split_once('=').ok_or_else(unreadable)?;
        let name = name.trim().trim_matches('"');
        match kind.trim() {
            "id" => {
                check_id(name, "id")?;
                Ok(Grantee { id: Some(name.to_owned()), r#type: Type::CanonicalUser, uri: None, ..group("") })
            }
            "uri" => {
                check_group(name, "uri")?;
                Ok(group(name))
            }
            "emailAddress" => Err(unknown_address()),
            _ => Err(unreadable()),
        }
    })
}

fn permission(header: &str) -> Permission {
    match header {
        "x-amz-grant-read" => Permission::Read,
        "x-amz-grant-read-acp" => Permission::ReadAcp,
        "x-amz-grant-write" => Permission::Write,
        "x-amz-grant-write-acp" => Permission::WriteAcp,
        _ => Permission::FullControl,
    }
}

/// Canonical ids are 64 hexadecimal digits.
fn check_id(id: &str, argument: &str) -> Result<(), Fault> {
    let is_one = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_one { Ok(()) } else { Err(errors::invalid_argument("Invalid id", argument, id)) }
}

fn check_group(uri: &str, argument: &str) -> Result<(), Fault> {
    match uri {
        ALL_USERS | AUTHENTICATED_USERS | LOG_DELIVERY => Ok(()),
        _ => Err(errors::invalid_argument("Invalid group uri", argument, uri)),
    }
}

/// No account is known by an address.
fn unknown_address() -> Fault {
    let message = "The e-mail address you provided does not match any account on record.";
    Fault::client("UnresolvableGrantByEmailAddress", message)
}

/// The one list that a request brings: in its headers or in its body, not in both, not in neither.
pub fn one(asked: Option<Acl>, document: Option<&AccessControlPolicy>) -> Result<Acl, Fault> {
    match (asked, document) {
        (Some(_), Some(_)) => {
            Err(Fault::client("UnexpectedContent", "This request does not support content"))
        }
        (Some(asked), None) => Ok(asked),
        (None, Some(document)) => of_document(document),
        (None, None) => {
            let message = "Your request was missing a required header";
            Err(Fault::client("MissingSecurityHeader", message).field("MissingHeaderName", "x-amz-acl"))
        }
    }
}
