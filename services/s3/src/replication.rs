//! Replication: which objects are copied where, and the copying, from the outbox.
//!
//! A copy keeps its version, so that copies that come out of order still end up in order.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html>

use api_s3::{
    DeleteMarkerReplicationStatus, OwnerOverride, ReplicationConfiguration, ReplicationRule,
    ReplicationRuleFilter, ReplicationRuleStatus, SseKmsEncryptedObjectsStatus, StorageClass, Tag,
};
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{AccountId, Context, Fault, Region, Scope};
use serde::{Deserialize, Serialize};
use store::WriteTx;

use crate::bucket::{self, BUCKETS, Bucket, Versioning};
use crate::content::{self, Content};
use crate::encryption::{self, Encryption};
use crate::events::{self, Event};
use crate::object::{Object, Replication};
use crate::setting::REPLICATION;
use crate::version::{self, Spot};
use crate::{S3, errors};

/// The kind of these events in the outbox.
const KIND: &str = "s3.replication";

/// A copy to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Order {
    bucket: String,
    key: String,
    version: String,
    account: AccountId,
    region: Region,
    /// The bucket that the copy goes to.
    target: String,
    storage_class: Option<StorageClass>,
    /// Whether the copy belongs to the owner of that bucket.
    gives_away: bool,
}

/// Orders the copies that the bucket's rules ask for of a new version, and says so in its row.
pub fn order(tx: &mut WriteTx<'_>, bucket: &Bucket, spot: Spot<'_>, object: &Object) -> Result<(), Fault> {
    let is_copy = object.replication == Some(Replication::Replica);
    let (false, Some(version)) = (is_copy, &object.version_id) else { return Ok(()) };
    let Some(configuration) = REPLICATION.of(tx, spot.bucket, bucket)? else { return Ok(()) };
    let rules = chosen(&configuration, spot.key, object);
    let mut awaited = object.awaited.clone();
    for rule in &rules {
        let destination = &rule.destination;
        let translation = destination.access_control_translation.as_ref();
        let order = Order {
            bucket: spot.bucket.to_owned(),
            key: spot.key.to_owned(),
            version: version.clone(),
            account: bucket.account.clone(),
            region: bucket.region.clone(),
            target: destination.bucket.rsplit(':').next().unwrap_or_default().to_owned(),
            storage_class: destination.storage_class.clone(),
            gives_away: translation.is_some_and(|one| one.owner == OwnerOverride::Destination),
        };
        tx.emit(KIND, &order)?;
        if !awaited.contains(&order.target) {
            awaited.push(order.target);
        }
    }
    if rules.is_empty() || object.is_marker() {
        return Ok(());
    }
    let pending = Object { replication: Some(Replication::Pending), awaited, ..object.clone() };
    version::rewrite(tx, spot, &pending)
}

/// The rules that ask for copies of a version: of those with one target, the one of highest priority.
fn chosen<'a>(
    configuration: &'a ReplicationConfiguration,
    key: &str,
    object: &Object,
) -> Vec<&'a ReplicationRule> {
    let mut rules: Vec<&ReplicationRule> =
        configuration.rules.iter().filter(|rule| asks_for(rule, key, object)).collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.priority.unwrap_or(0)));
    let mut targets: Vec<&str> = Vec::new();
    rules.retain(|rule| {
        let is_new = !targets.contains(&rule.destination.bucket.as_str());
        targets.push(&rule.destination.bucket);
        is_new
    });
    rules
}

fn asks_for(rule: &ReplicationRule, key: &str, object: &Object) -> bool {
    if rule.status != ReplicationRuleStatus::Enabled || !passes(rule, key, object) {
        return false;
    }
    if object.is_marker() {
        let asked = rule.delete_marker_replication.as_ref().and_then(|one| one.status.as_ref());
        // Rules of the first version, which have no filter, copy markers.
        return rule.filter.is_none() || asked == Some(&DeleteMarkerReplicationStatus::Enabled);
    }
    let criteria = rule.source_selection_criteria.as_ref();
    let takes_kms = criteria
        .and_then(|criteria| criteria.sse_kms_encrypted_objects.as_ref())
        .is_some_and(|kms| kms.status == SseKmsEncryptedObjectsStatus::Enabled);
    takes_kms || !matches!(object.about.encryption, Some(Encryption::Kms { .. }))
}

fn passes(rule: &ReplicationRule, key: &str, object: &Object) -> bool {
    let starts = |prefix: &Option<String>| prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix));
    let has = |tag: &Tag| object.about.tags.get(&tag.key) == Some(&tag.value);
    let filtered = |filter: &ReplicationRuleFilter| {
        let all = filter.and.as_ref();
        starts(&filter.prefix)
            && filter.tag.as_ref().is_none_or(has)
            && all.is_none_or(|all| starts(&all.prefix) && all.tags.iter().flatten().all(has))
    };
    starts(&rule.prefix) && rule.filter.as_ref().is_none_or(filtered)
}

impl Consumer for S3 {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            let order: Order = match store::decode_event(payload) {
                Ok(order) => order,
                Err(fault) => return Consumed::Failed(fault),
            };
            let home = Scope { account: order.account.clone(), region: order.region.clone() };
            let cx = cx.in_scope(home).on_behalf_of("s3.amazonaws.com");
            let state = match self.replicate(&cx, &order).await {
                Ok(()) => Replication::Completed,
                Err(fault) if fault.status() >= 500 => return Consumed::Failed(fault),
                Err(_) => Replication::Failed,
            };
            match self.note(&cx, &order, state).await {
                Ok(()) => Consumed::Done,
                Err(fault) => Consumed::Failed(fault),
            }
        })
    }
}

impl S3 {
    async fn replicate(&self, cx: &Context, order: &Order) -> Result<(), Fault> {
        let spot = Spot { bucket: &order.bucket, key: &order.key };
        let found = self.store.read(&cx.scope, |tx| {
            let Some(object) = version::named(tx, spot, &order.version)? else { return Ok(None) };
            let content = (!object.is_marker()).then(|| content::load(tx, spot, &object)).transpose()?;
            Ok::<_, Fault>(Some((object, content)))
        })?;
        // Who deleted the version meanwhile wants no copy of it.
        let Some((object, content)) = found else { return Ok(()) };
        let content = match content {
            Some(content) => Some(content::copied(self.store.blobs(), content).await?),
            None => None,
        };
        let there = Spot { bucket: &order.target, key: &order.key };
        let written = self.store.write(&cx.scope, |tx| {
            let target = bucket::find(tx, &order.target, None)?;
            if target.versioning != Some(Versioning::Enabled) {
                return Err(errors::invalid_request("Destination bucket must have versioning enabled."));
            }
            let mut copy = Object {
                replication: Some(Replication::Replica),
                awaited: Vec::new(),
                owner: (!order.gives_away && target.account != order.account).then(|| order.account.clone()),
                place: content.as_ref().map_or_else(|| object.place.clone(), Content::place),
                ..object.clone()
            };
            if let Some(class) = &order.storage_class {
                copy.about.storage_class =
                    Some(class.clone()).filter(|class| *class != StorageClass::Standard);
            }
            if copy.about.encryption.is_none() {
                encryption::settle(tx, &order.target, &target, &mut copy.about.encryption)?;
            }
            let event = if copy.is_marker() { Event::RemovedMarker } else { Event::CreatedPut };
            if version::insert(tx, there, &copy, content.as_ref())? {
                events::emit(tx, cx, &target, there, &copy, event)?;
            }
            Ok(())
        });
        let written = written.await;
        if let (Err(_), Some(content)) = (&written, &content) {
            self.discard(content).await;
        }
        written
    }

    /// Writes into the source's row what became of a copy: all must be there before it counts as copied, and one that
    /// failed outweighs those that did not.
    async fn note(&self, cx: &Context, order: &Order, state: Replication) -> Result<(), Fault> {
        let spot = Spot { bucket: &order.bucket, key: &order.key };
        let noted = self.store.write(&cx.scope, |tx| {
            let Some(bucket) = tx.get(&BUCKETS, &order.bucket)? else { return Ok(()) };
            let Some(object) = version::named(tx, spot, &order.version)? else { return Ok(()) };
            if object.is_marker() {
                return Ok(());
            }
            let has_failed = object.replication == Some(Replication::Failed);
            let mut awaited = object.awaited.clone();
            awaited.retain(|target| *target != order.target);
            let replication = match state {
                _ if has_failed => Replication::Failed,
                Replication::Completed if !awaited.is_empty() => Replication::Pending,
                state => state,
            };
            let object = Object { replication: Some(replication), awaited, ..object };
            version::rewrite(tx, spot, &object)?;
            if has_failed || replication != Replication::Failed {
                return Ok(());
            }
            events::emit(tx, cx, &bucket, spot, &object, Event::ReplicationFailed)
        });
        noted.await
    }
}
