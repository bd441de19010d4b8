//! Buckets: one row for everybody, and one in the list of their owner.

use api_s3::{ObjectOwnership, RequestCharged};
use kernel::{AccountId, Context, Fault, Region, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::setting::PAYMENT;
use crate::{errors, names};

/// All buckets of the world.
pub static BUCKETS: Table<String, Bucket> = Table::global("s3.buckets");
/// The buckets of each account.
pub static OWNED: Table<String, Owned> = Table::account("s3.buckets.owned");

/// A bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bucket {
    /// Whose it is.
    pub account: AccountId,
    /// Where it is.
    pub region: Region,
    /// The constraint it was made with, which for Ireland may be `EU`.
    pub constraint: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// Whether it keeps versions; nothing before anybody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versioning: Option<Versioning>,
    /// Whether its versions can be locked, which cannot be taken back.
    #[serde(default)]
    pub object_lock: bool,
    /// Who owns its objects, and whether it has ACLs; nothing for `BucketOwnerEnforced`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<Ownership>,
    /// Which of the [settings](crate::setting) it has.
    #[serde(default)]
    pub settings: u32,
    /// Whether it is a folder of the user's.
    #[serde(default)]
    pub mounted: bool,
    /// Whether anything in it was ever restored from an archive, so that restored copies must go some day.
    #[serde(default)]
    pub restores: bool,
}

/// A bucket in its owner's list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Owned {
    /// Where it is.
    pub region: Region,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
}

/// What a bucket does with the versions of its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    /// Keeps them.
    Enabled,
    /// Keeps those it has.
    Suspended,
}

/// Who owns objects that others write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ownership {
    /// The bucket's owner, if the writer says so.
    BucketOwnerPreferred,
    /// The writer.
    ObjectWriter,
    /// The bucket's owner, who was asked to say so; there are no ACLs.
    BucketOwnerEnforced,
    /// The writer: the controls were deleted.
    Deleted,
}

impl Ownership {
    /// The one of that name.
    pub fn of(name: &ObjectOwnership) -> Option<Self> {
        match name {
            ObjectOwnership::BucketOwnerPreferred => Some(Self::BucketOwnerPreferred),
            ObjectOwnership::ObjectWriter => Some(Self::ObjectWriter),
            ObjectOwnership::BucketOwnerEnforced => Some(Self::BucketOwnerEnforced),
            ObjectOwnership::Unknown(_) => None,
        }
    }
}

impl Owned {
    /// When it was made, to the second: S3 tells no more.
    pub fn created(&self) -> Timestamp {
        Timestamp::from_second(self.created.div_euclid(1000)).unwrap_or_default()
    }
}

impl Bucket {
    /// A bucket as nobody asked otherwise.
    pub fn new(home: &Scope, created: i64) -> Self {
        Self {
            account: home.account.clone(),
            region: home.region.clone(),
            constraint: None,
            created,
            versioning: None,
            object_lock: false,
            ownership: None,
            settings: 0,
            mounted: false,
            restores: false,
        }
    }

    /// Whether its objects have access control lists.
    pub fn has_acls(&self) -> bool {
        !matches!(self.ownership, None | Some(Ownership::BucketOwnerEnforced))
    }

    /// Whether the caller pays for a request that was let in.
    pub fn charged(&self, cx: &Context) -> Option<RequestCharged> {
        (PAYMENT.is_set(self) && cx.scope.account != self.account).then_some(RequestCharged::Requester)
    }

    /// Where its owner's list is.
    pub fn home(&self) -> Scope {
        Scope { account: self.account.clone(), region: self.region.clone() }
    }
}

/// The bucket, which must be there and belong to whom the caller expects.
pub fn find(tx: &ReadTx<'_>, name: &str, expected_owner: Option<&str>) -> Result<Bucket, Fault> {
    if let Some(owner) = expected_owner {
        check_account(owner)?;
    }
    let bucket = tx.get(&BUCKETS, name)?.ok_or_else(|| errors::no_such_bucket(name))?;
    match expected_owner {
        Some(owner) if owner != bucket.account.as_str() => Err(errors::access_denied()),
        _ => Ok(bucket),
    }
}

/// The bucket for a request on what it holds: it must be in the region that the host names, and who is no owner of a
/// bucket whose requesters pay must say that he will.
///
/// Sources: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingRouting.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html>
pub fn enter(
    tx: &ReadTx<'_>,
    cx: &Context,
    name: &str,
    expected_owner: Option<&str>,
) -> Result<Bucket, Fault> {
    let bucket = find(tx, name, expected_owner)?;
    if let Some(region) = names::region_of_host(&cx.request.host)
        && region != bucket.region.as_str()
    {
        return Err(errors::permanent_redirect(name, &cx.request.host, region, bucket.region.as_str()));
    }
    if PAYMENT.is_set(&bucket) && cx.scope.account != bucket.account {
        let agrees = cx.request.headers.get("x-amz-request-payer").is_some_and(|payer| payer == "requester");
        if !agrees {
            return Err(errors::access_denied());
        }
    }
    Ok(bucket)
}

/// An owner must at least be an account's number.
fn check_account(owner: &str) -> Result<(), Fault> {
    let is_account = owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
    if is_account { Ok(()) } else { Err(errors::settings::invalid_expected_owner(owner)) }
}
