//! Access points: rows of their account and region, found by their aliases and hosts from everywhere.

use api_s3control::{
    AccessPoint as Listed, NetworkOrigin, PublicAccessBlockConfiguration, Tag, VpcConfiguration,
};
use kernel::service::{Aliases, Named};
use kernel::{Fault, Scope};
use protocol::stored::Stored;
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::{S3control, errors, names};

/// Access points, by name.
pub static ACCESS_POINTS: Table<String, AccessPoint> = Table::regional("s3control.access-points");
/// The buckets that aliases stand for.
pub static ALIASES: Table<String, String> = Table::global("s3control.aliases");
/// The buckets of access points, by account, name and region.
pub static BUCKETS: Table<(String, String, String), String> =
    Table::global("s3control.access-points.buckets");
/// What accounts block of public access.
pub static BLOCKS: Table<String, Stored<PublicAccessBlockConfiguration>> =
    Table::account("s3control.public-access-blocks");

/// The only key of an account's block.
pub const BLOCK: &str = "";

/// An access point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessPoint {
    /// Its bucket.
    pub bucket: String,
    /// Whose the bucket is.
    pub bucket_account: String,
    /// The name that can be used as a bucket's.
    pub alias: String,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// The network it is for; nothing for the internet.
    pub vpc: Option<String>,
    /// What it blocks of public access.
    pub block: Stored<PublicAccessBlockConfiguration>,
    /// Who may use it.
    pub policy: Option<String>,
    /// Its tags.
    pub tags: Vec<Stored<Tag>>,
}

impl AccessPoint {
    /// From where it can be reached.
    pub fn origin(&self) -> NetworkOrigin {
        if self.vpc.is_some() { NetworkOrigin::Vpc } else { NetworkOrigin::Internet }
    }

    /// The network it is for.
    pub fn network(&self) -> Option<VpcConfiguration> {
        self.vpc.clone().map(|vpc_id| VpcConfiguration { vpc_id })
    }

    /// The access point as lists have it.
    pub fn listed(self, scope: &Scope, name: String) -> Listed {
        Listed {
            network_origin: self.origin(),
            vpc_configuration: self.network(),
            access_point_arn: Some(names::arn(scope, &name)),
            name,
            bucket: self.bucket,
            alias: Some(self.alias),
            bucket_account_id: Some(self.bucket_account),
            ..Default::default()
        }
    }
}

/// The access point, which must be there.
pub fn find(tx: &ReadTx<'_>, name: &str) -> Result<AccessPoint, Fault> {
    tx.get(&ACCESS_POINTS, name)?.ok_or_else(|| errors::no_such_access_point(name))
}

impl Aliases for S3control {
    /// Aliases are names like those of buckets; `NAME-ACCOUNT.s3-accesspoint.REGION` is how clients spell an ARN.
    fn resolve(&self, named: Named<'_>) -> Result<Option<String>, Fault> {
        if named.service != "s3" || named.label != "Bucket" {
            return Ok(None);
        }
        if named.value.ends_with(names::ALIAS_END) {
            return self.store.read(&Scope::default(), |tx| tx.get(&ALIASES, named.value));
        }
        let Some((_, region)) = named.host.split_once(".s3-accesspoint.") else { return Ok(None) };
        let Some((name, account)) = named.value.rsplit_once('-') else { return Ok(None) };
        let region = region.split('.').next().unwrap_or_default();
        self.store.read(&Scope::default(), |tx| tx.get(&BUCKETS, &(account, name, region)))
    }
}
