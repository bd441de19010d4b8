//! What owners set for their buckets, kept as the API has it.

use std::marker::PhantomData;

use api_s3::{
    AbacStatus, AccelerateConfiguration, AccessControlPolicy, AnalyticsConfiguration,
    BucketLifecycleConfiguration, BucketLoggingStatus, CORSConfiguration, GetBucketPolicyOutput,
    IntelligentTieringConfiguration, InventoryConfiguration, MetricsConfiguration, NotificationConfiguration,
    ObjectLockConfiguration, PublicAccessBlockConfiguration, PutBucketLifecycleConfigurationOutput,
    ReplicationConfiguration, RequestPaymentConfiguration, ServerSideEncryptionConfiguration, Tagging,
    WebsiteConfiguration,
};
use bytes::Bytes;
use kernel::shape::Shape;
use kernel::validation::Problem;
use kernel::{Context, Fault};
use protocol::{stored, validate};
use store::{ReadTx, Table, WriteTx};

use crate::bucket::{BUCKETS, Bucket, find};
use crate::{S3, errors};

/// All of them as CBOR, by bucket, name of the setting, and id where a bucket has many of a name.
static SETTINGS: Table<(String, String, String), Bytes> = Table::global("s3.buckets.settings");

/// A setting that a bucket has once or not at all. Bits in the bucket's row say which, so that requests which nothing
/// concerns read nothing more.
pub struct Setting<T> {
    name: &'static str,
    bit: u32,
    shape: PhantomData<fn() -> T>,
}

/// A setting that a bucket has many of, each with an id.
pub struct Settings<T> {
    name: &'static str,
    shape: PhantomData<fn() -> T>,
}

/// Whether tags of buckets decide on access.
pub static ABAC: Setting<AbacStatus> = Setting::new("abac", 0);
/// Transfer acceleration.
pub static ACCELERATE: Setting<AccelerateConfiguration> = Setting::new("accelerate", 1);
pub static ACL: Setting<AccessControlPolicy> = Setting::new("acl", 2);
pub static CORS: Setting<CORSConfiguration> = Setting::new("cors", 3);
pub static ENCRYPTION: Setting<ServerSideEncryptionConfiguration> = Setting::new("encryption", 4);
pub static LIFECYCLE: Setting<BucketLifecycleConfiguration> = Setting::new("lifecycle", 5);
pub static LOGGING: Setting<BucketLoggingStatus> = Setting::new("logging", 6);
pub static NOTIFICATION: Setting<NotificationConfiguration> = Setting::new("notification", 7);
pub static OBJECT_LOCK: Setting<ObjectLockConfiguration> = Setting::new("object-lock", 8);
pub static PAYMENT: Setting<RequestPaymentConfiguration> = Setting::new("request-payment", 9);
/// The policy, as its owner wrote it.
pub static POLICY: Setting<GetBucketPolicyOutput> = Setting::new("policy", 15);
pub static PUBLIC_ACCESS: Setting<PublicAccessBlockConfiguration> = Setting::new("public-access-block", 10);
pub static REPLICATION: Setting<ReplicationConfiguration> = Setting::new("replication", 11);
pub static TAGGING: Setting<Tagging> = Setting::new("tagging", 12);
/// The smallest object that changes its storage class by the lifecycle, where it is not the common one.
pub static TRANSITIONS: Setting<PutBucketLifecycleConfigurationOutput> = Setting::new("transitions", 14);
pub static WEBSITE: Setting<WebsiteConfiguration> = Setting::new("website", 13);

pub static ANALYTICS: Settings<AnalyticsConfiguration> = Settings::new("analytics");
pub static INVENTORY: Settings<InventoryConfiguration> = Settings::new("inventory");
pub static METRICS: Settings<MetricsConfiguration> = Settings::new("metrics");
pub static TIERING: Settings<IntelligentTieringConfiguration> = Settings::new("intelligent-tiering");

impl<T: Shape + Default + Clone> Setting<T> {
    const fn new(name: &'static str, place: u32) -> Self {
        Self { name, bit: 1 << place, shape: PhantomData }
    }

    /// Whether the bucket has it.
    pub fn is_set(&self, bucket: &Bucket) -> bool {
        bucket.settings & self.bit != 0
    }

    /// The bucket's, if it has one.
    pub fn of(&self, tx: &ReadTx<'_>, name: &str, bucket: &Bucket) -> Result<Option<T>, Fault> {
        if self.is_set(bucket) { get(tx, name, self.name, "") } else { Ok(None) }
    }

    /// Gives the bucket this one. Writes the bucket's row as it is given.
    pub fn put(&self, tx: &mut WriteTx<'_>, name: &str, bucket: &Bucket, value: &T) -> Result<(), Fault> {
        put(tx, name, self.name, "", value)?;
        tx.put(&BUCKETS, name, &Bucket { settings: bucket.settings | self.bit, ..bucket.clone() })
    }

    /// Takes it from the bucket. Writes the bucket's row as it is given.
    pub fn remove(&self, tx: &mut WriteTx<'_>, name: &str, bucket: &Bucket) -> Result<(), Fault> {
        tx.delete(&SETTINGS, &(name, self.name, ""))?;
        tx.put(&BUCKETS, name, &Bucket { settings: bucket.settings & !self.bit, ..bucket.clone() })
    }
}

impl<T: Shape + Default + Clone> Settings<T> {
    const fn new(name: &'static str) -> Self {
        Self { name, shape: PhantomData }
    }

    /// The kind's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The bucket's of that id.
    pub fn get(&self, tx: &ReadTx<'_>, bucket: &str, id: &str) -> Result<Option<T>, Fault> {
        get(tx, bucket, self.name, id)
    }

    /// Writes one.
    pub fn put(&self, tx: &mut WriteTx<'_>, bucket: &str, id: &str, value: &T) -> Result<(), Fault> {
        put(tx, bucket, self.name, id, value)
    }

    /// Removes one, and tells whether it was there.
    pub fn remove(&self, tx: &mut WriteTx<'_>, bucket: &str, id: &str) -> Result<bool, Fault> {
        tx.delete(&SETTINGS, &(bucket, self.name, id))
    }

    /// All of the bucket, by id.
    pub fn all(&self, tx: &ReadTx<'_>, bucket: &str) -> Result<Vec<(String, T)>, Fault> {
        tx.prefix(&SETTINGS, &(bucket, self.name))
            .map(|row| row.and_then(|((_, _, id), row)| Ok((id, read(&row)?))))
            .collect()
    }
}

/// Removes all settings of a bucket that is going.
pub fn remove_all(tx: &mut WriteTx<'_>, bucket: &str) -> Result<(), Fault> {
    let keys: Vec<_> = tx.prefix(&SETTINGS, &(bucket,)).keys().collect::<Result<_, Fault>>()?;
    keys.iter().try_for_each(|key| tx.delete(&SETTINGS, key).map(drop))
}

impl S3 {
    /// What the bucket has, if anything.
    pub fn setting<T: Shape + Default + Clone>(
        &self,
        cx: &Context,
        setting: &Setting<T>,
        bucket: &str,
        expected_owner: Option<&str>,
    ) -> Result<Option<T>, Fault> {
        self.store.read(&cx.scope, |tx| setting.of(tx, bucket, &find(tx, bucket, expected_owner)?))
    }

    /// Gives the bucket this one, if it is well-formed and the bucket agrees.
    pub async fn set<T: Shape + Default + Clone>(
        &self,
        cx: &Context,
        setting: &Setting<T>,
        (bucket, expected_owner): (&str, Option<&str>),
        value: &T,
        agrees: impl Fn(&ReadTx<'_>, &Bucket) -> Result<(), Fault> + Send + Sync,
    ) -> Result<(), Fault> {
        let written = self.store.write(&cx.scope, |tx| {
            let row = find(tx, bucket, expected_owner)?;
            well_formed(value)?;
            agrees(tx, &row)?;
            setting.put(tx, bucket, &row, value)
        });
        written.await
    }

    /// Takes it from the bucket, which need not have it.
    pub async fn unset<T: Shape + Default + Clone>(
        &self,
        cx: &Context,
        setting: &Setting<T>,
        bucket: &str,
        expected_owner: Option<&str>,
    ) -> Result<(), Fault> {
        let written = self.store.write(&cx.scope, |tx| {
            let row = find(tx, bucket, expected_owner)?;
            if setting.is_set(&row) { setting.remove(tx, bucket, &row) } else { Ok(()) }
        });
        written.await
    }
}

/// A document whose words are all AWS's: those of enums are part of its schema.
pub fn well_formed(value: &dyn Shape) -> Result<(), Fault> {
    let is_word = |problem: &Problem| problem.constraint.contains("enum value set");
    let wrong = validate::check(value, &[]).iter().any(is_word);
    if wrong { Err(errors::malformed_xml()) } else { Ok(()) }
}

fn get<T: Shape + Default>(tx: &ReadTx<'_>, bucket: &str, name: &str, id: &str) -> Result<Option<T>, Fault> {
    tx.get(&SETTINGS, &(bucket, name, id))?.map(|row| read(&row)).transpose()
}

fn put<T: Shape>(tx: &mut WriteTx<'_>, bucket: &str, name: &str, id: &str, value: &T) -> Result<(), Fault> {
    tx.put(&SETTINGS, &(bucket, name, id), &Bytes::from(stored::bytes(value)))
}

fn read<T: Shape + Default>(row: &Bytes) -> Result<T, Fault> {
    stored::read(row).map_err(|_| Fault::internal("a bucket's setting cannot be read"))
}
