//! Notifications: what happened to which object, told to those whom the bucket's owner named.
//!
//! What is told is decided, and written into the outbox, in the transaction in which it happens: no crash loses it.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>

mod record;

use std::sync::Arc;
use std::time::Duration;

use api_s3::{NotificationConfiguration, NotificationConfigurationFilter};
use http::HeaderMap;

use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{AccountId, Context, Fault, Region, RequestInfo, Scope};
use serde::{Deserialize, Serialize};
use store::WriteTx;

use crate::bucket::Bucket;
use crate::mount;
use crate::object::Object;
use crate::setting::NOTIFICATION;
use crate::version::Spot;

/// The header that names a trace.
const TRACE: &str = "x-amzn-trace-id";
/// How long a restore seems to take.
const RESTORE_TIME: Duration = Duration::from_millis(200);
/// The kind of these events in the outbox.
const KIND: &str = "s3.notification";

/// What may happen to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    AclPut,
    CreatedComplete,
    CreatedCopy,
    CreatedPost,
    CreatedPut,
    ExpiredDelete,
    ExpiredMarker,
    RemovedDelete,
    RemovedMarker,
    ReplicationFailed,
    RestoreCompleted,
    RestoreExpired,
    RestorePosted,
    TaggingDelete,
    TaggingPut,
    Transitioned,
}

/// Something to tell somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Notice {
    /// Whom: the ARN of a queue, topic, function or event bus.
    target: String,
    /// The configuration that asks for it.
    configuration: String,
    event: Event,
    /// Milliseconds since 1970.
    time: i64,
    region: Region,
    bucket: String,
    owner: AccountId,
    /// Whose request it was; nobody's where S3 itself did it.
    requester: Option<AccountId>,
    source: String,
    request: String,
    /// The trace that the request belongs to.
    trace: Option<String>,
    key: String,
    size: u64,
    etag: String,
    version: Option<String>,
    sequencer: String,
    /// Of archived objects: their class, and until when they can be read.
    restore: Option<(String, Option<i64>)>,
}

impl Event {
    /// As configurations name it, without `s3:`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AclPut => "ObjectAcl:Put",
            Self::CreatedComplete => "ObjectCreated:CompleteMultipartUpload",
            Self::CreatedCopy => "ObjectCreated:Copy",
            Self::CreatedPost => "ObjectCreated:Post",
            Self::CreatedPut => "ObjectCreated:Put",
            Self::ExpiredDelete => "LifecycleExpiration:Delete",
            Self::ExpiredMarker => "LifecycleExpiration:DeleteMarkerCreated",
            Self::RemovedDelete => "ObjectRemoved:Delete",
            Self::RemovedMarker => "ObjectRemoved:DeleteMarkerCreated",
            Self::ReplicationFailed => "Replication:OperationFailedReplication",
            Self::RestoreCompleted => "ObjectRestore:Completed",
            Self::RestoreExpired => "ObjectRestore:Delete",
            Self::RestorePosted => "ObjectRestore:Post",
            Self::TaggingDelete => "ObjectTagging:Delete",
            Self::TaggingPut => "ObjectTagging:Put",
            Self::Transitioned => "LifecycleTransition",
        }
    }

    /// Whether a name of a configuration, which may end with an asterisk, means it.
    fn is_meant(self, name: &str) -> bool {
        let name = name.strip_prefix("s3:").unwrap_or(name);
        match name.strip_suffix('*') {
            Some(start) => self.name().starts_with(start) || format!("{}:", self.name()).starts_with(start),
            None => self.name() == name,
        }
    }

    /// Whether S3 does it by itself.
    fn is_own(self) -> bool {
        matches!(
            self,
            Self::ExpiredDelete
                | Self::ExpiredMarker
                | Self::ReplicationFailed
                | Self::RestoreCompleted
                | Self::RestoreExpired
                | Self::Transitioned
        )
    }
}

/// Tells those whom the bucket names of what happened.
pub fn emit(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    bucket: &Bucket,
    spot: Spot<'_>,
    object: &Object,
    event: Event,
) -> Result<(), Fault> {
    mount::follow(tx, bucket, spot)?;
    let Some(configuration) = NOTIFICATION.of(tx, spot.bucket, bucket)? else { return Ok(()) };
    let targets = targets(&configuration, bucket, spot.key, event);
    let time = cx.clock.millis();
    let trace = cx.request.headers.get(TRACE).and_then(|trace| trace.to_str().ok());
    for (target, configuration) in targets {
        let notice = Notice {
            target,
            configuration,
            event,
            time,
            region: bucket.region.clone(),
            bucket: spot.bucket.to_owned(),
            owner: bucket.account.clone(),
            requester: (!event.is_own()).then(|| cx.scope.account.clone()),
            source: if event.is_own() { "s3.amazonaws.com".to_owned() } else { cx.request.source.clone() },
            request: cx.request.id.clone(),
            trace: trace.map(str::to_owned),
            key: spot.key.to_owned(),
            size: object.size,
            etag: object.etag.clone(),
            version: object.version_id.clone(),
            sequencer: format!("{:014X}{:04X}", time.unsigned_abs() << 4, cx.ids.below(1 << 16)),
            restore: object.archive().map(|class| (class.as_str().to_owned(), object.restored_until)),
        };
        tx.emit(KIND, &notice)?;
    }
    Ok(())
}

/// The ARNs of those who are to be told, with the configurations that ask for it.
fn targets(
    configuration: &NotificationConfiguration,
    bucket: &Bucket,
    key: &str,
    event: Event,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut add = |arn: &str, id: &Option<String>, events: &[api_s3::Event], filter| {
        if events.iter().any(|name| event.is_meant(name.as_str())) && passes(filter, key) {
            found.push((arn.to_owned(), id.clone().unwrap_or_default()));
        }
    };
    for one in configuration.topic_configurations.iter().flatten() {
        add(&one.topic_arn, &one.id, &one.events, one.filter.as_ref());
    }
    for one in configuration.queue_configurations.iter().flatten() {
        add(&one.queue_arn, &one.id, &one.events, one.filter.as_ref());
    }
    for one in configuration.lambda_function_configurations.iter().flatten() {
        add(&one.lambda_function_arn, &one.id, &one.events, one.filter.as_ref());
    }
    if configuration.event_bridge_configuration.is_some() {
        let Scope { account, region } = bucket.home();
        found.push((format!("arn:aws:events:{region}:{account}:event-bus/default"), String::new()));
    }
    found
}

/// Whether a key begins and ends as a filter asks.
fn passes(filter: Option<&NotificationConfigurationFilter>, key: &str) -> bool {
    let rules = filter.and_then(|filter| filter.key.as_ref()).and_then(|key| key.filter_rules.as_ref());
    rules.into_iter().flatten().all(|rule| {
        let value = rule.value.as_deref().unwrap_or_default();
        match &rule.name {
            Some(name) if name.as_str().eq_ignore_ascii_case("suffix") => key.ends_with(value),
            _ => key.starts_with(value),
        }
    })
}

/// Takes what there is to tell from the outbox.
pub struct Teller;

impl Consumer for Teller {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            let notice: Notice = match store::decode_event(payload) {
                Ok(notice) => notice,
                Err(fault) => return Consumed::Failed(fault),
            };
            // A restore takes its time: its end is not told before its start.
            if notice.event == Event::RestoreCompleted && attempt == 1 {
                return Consumed::RetryAt(cx.clock.now() + RESTORE_TIME);
            }
            let home = Scope { account: notice.owner.clone(), region: notice.region.clone() };
            let mut headers = HeaderMap::new();
            if let Some(trace) = notice.trace.as_deref().and_then(|trace| trace.parse().ok()) {
                headers.insert(TRACE, trace);
            }
            let request = RequestInfo { id: notice.request.clone(), headers, ..RequestInfo::default() };
            let there = Context { request: Arc::new(request), ..cx.in_scope(home) };
            let there = there.on_behalf_of("s3.amazonaws.com");
            // Of a service that is not emulated nobody can hear.
            let service = notice.target.split(':').nth(2).unwrap_or_default();
            if there.calls.service(service).is_none() {
                return Consumed::Done;
            }
            Consumed::of(background::deliver(&there, &notice.target, record::of(&notice)).await)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_configurations_mean_events() {
        assert!(Event::CreatedPut.is_meant("s3:ObjectCreated:*"));
        assert!(Event::CreatedPut.is_meant("s3:ObjectCreated:Put"));
        assert!(!Event::CreatedPut.is_meant("s3:ObjectCreated:Copy"));
        assert!(!Event::RemovedDelete.is_meant("s3:ObjectCreated:*"));
        assert!(Event::Transitioned.is_meant("s3:LifecycleTransition"));
        assert!(Event::ExpiredMarker.is_meant("s3:LifecycleExpiration:*"));
    }
}
