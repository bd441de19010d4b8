//! Buckets: one row for everybody, and one in the list of their owner.

use kernel::{AccountId, Fault, Region, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::errors;

/// All buckets of the world.
pub static BUCKETS: Table<String, Bucket> = Table::global("s3.buckets");
/// The buckets of each account.
pub static OWNED: Table<String, Bucket> = Table::account("s3.buckets.owned");

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
}

impl Bucket {
    /// When it was made, to the second: S3 tells no more.
    pub fn created(&self) -> Timestamp {
        Timestamp::from_second(self.created.div_euclid(1000)).unwrap_or_default()
    }

    /// Where its owner's list is.
    pub fn home(&self) -> Scope {
        Scope { account: self.account.clone(), region: self.region.clone() }
    }
}

/// The bucket, which must be there and belong to whom the caller expects.
pub fn find(tx: &ReadTx<'_>, name: &str, expected_owner: Option<&str>) -> Result<Bucket, Fault> {
    let bucket = tx.get(&BUCKETS, name)?.ok_or_else(|| errors::no_such_bucket(name))?;
    match expected_owner {
        Some(owner) if owner != bucket.account.as_str() => Err(errors::access_denied()),
        _ => Ok(bucket),
    }
}
