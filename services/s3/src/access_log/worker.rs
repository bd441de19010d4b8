//! Makes objects of lines.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>

use std::sync::atomic::Ordering;
use std::time::Duration;

use api_s3::{
    BucketLogsPermission, LoggingEnabled, PartitionDateSource, PutObject, PutObjectInput, TargetGrant,
};
use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{ByteStream, Context, Fault, Timestamp};

use super::{AccessLog, LINES, Line};
use crate::bucket::{BUCKETS, Bucket};
use crate::setting::LOGGING;

/// How long lines wait for others: AWS takes hours.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most lines of an object.
const MOST: usize = 10_000;

type Key = (String, i64, String);

impl Worker for AccessLog {
    fn name(&self) -> &'static str {
        "s3 access logs"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            loop {
                // Said before looking: a line that comes meanwhile wakes this worker.
                self.idle.store(true, Ordering::SeqCst);
                let oldest = self.store.read(&cx.scope, |tx| oldest(&mut tx.keys(&LINES)))?;
                let Some((bucket, began)) = oldest else { return Ok(Next::WhenWoken) };
                self.idle.store(false, Ordering::SeqCst);
                let due = Timestamp::from_millisecond(began).unwrap_or_default() + PATIENCE;
                if due > cx.clock.now() {
                    return Ok(Next::At(due));
                }
                self.deliver(cx, &bucket).await?;
            }
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.written.notified())
    }
}

/// The bucket that has waited longest, and since when.
fn oldest(keys: &mut dyn Iterator<Item = Result<Key, Fault>>) -> Result<Option<(String, i64)>, Fault> {
    let mut oldest: Option<(String, i64)> = None;
    for key in keys {
        let (bucket, began, _) = key?;
        if oldest.as_ref().is_none_or(|(_, known)| began < *known) {
            oldest = Some((bucket, began));
        }
    }
    Ok(oldest)
}

impl AccessLog {
    async fn deliver(&self, cx: &Context, name: &str) -> Result<(), Fault> {
        let (bucket, logging, lines) = self.store.read(&cx.scope, |tx| {
            let bucket = tx.get(&BUCKETS, name)?;
            let logging = match &bucket {
                Some(bucket) => LOGGING.of(tx, name, bucket)?.and_then(|set| set.logging_enabled),
                None => None,
            };
            let lines: Vec<(Key, Line)> =
                tx.prefix(&LINES, &(name,)).take(MOST).collect::<Result<_, Fault>>()?;
            Ok::<_, Fault>((bucket, logging, lines))
        })?;
        let lines = one_object(lines, logging.as_ref());
        // What nobody wants to read any more is dropped.
        if let (Some(bucket), Some(logging), Some(first)) = (bucket, logging, lines.first()) {
            let key = key(cx, name, &bucket, &logging, first.0.1);
            let text: String = lines.iter().map(|(_, line)| format!("{}\n", line.text)).collect();
            let there = cx.in_scope(bucket.home()).on_behalf_of("logging.s3.amazonaws.com");
            let written = there.call::<PutObject>(object(&logging, key, text)).await;
            if let Err(fault) = written {
                tracing::warn!(bucket = name, %fault, "an access log cannot be delivered");
            }
        }
        let deleted = self.store.write(&cx.scope, |tx| {
            lines.iter().try_for_each(|(key, _)| {
                tx.delete(&LINES, &(key.0.as_str(), key.1, key.2.as_str())).map(drop)
            })
        });
        deleted.await
    }
}

/// The lines that share an object: of one day, where keys tell the day of the event.
fn one_object(mut lines: Vec<(Key, Line)>, logging: Option<&LoggingEnabled>) -> Vec<(Key, Line)> {
    let day = |line: &(Key, Line)| line.0.1.div_euclid(86_400_000);
    if logging.is_some_and(by_event)
        && let Some(first) = lines.first().map(day)
    {
        lines.retain(|line| day(line) == first);
    }
    lines
}

fn by_event(logging: &LoggingEnabled) -> bool {
    let format = logging.target_object_key_format.as_ref();
    let partitioned = format.and_then(|format| format.partitioned_prefix.as_ref());
    partitioned.is_some_and(|prefix| prefix.partition_date_source == Some(PartitionDateSource::EventTime))
}

fn key(cx: &Context, name: &str, bucket: &Bucket, logging: &LoggingEnabled, event: i64) -> String {
    let (prefix, unique) = (&logging.target_prefix, cx.ids.base36_upper(16));
    let format = logging.target_object_key_format.as_ref();
    let now = cx.clock.now();
    if format.is_none_or(|format| format.partitioned_prefix.is_none()) {
        return format!("{prefix}{}-{unique}", now.strftime("%Y-%m-%d-%H-%M-%S"));
    }
    let (day, time) = if by_event(logging) {
        let event = Timestamp::from_millisecond(event).unwrap_or_default();
        (event, event.strftime("%Y-%m-%d-00-00-00").to_string())
    } else {
        (now, now.strftime("%Y-%m-%d-%H-%M-%S").to_string())
    };
    let (account, region, day) = (&bucket.account, &bucket.region, day.strftime("%Y/%m/%d"));
    format!("{prefix}{account}/{region}/{name}/{day}/{time}-{unique}")
}

fn object(logging: &LoggingEnabled, key: String, text: String) -> PutObjectInput {
    let granted = |permission: BucketLogsPermission| {
        let grants = logging.target_grants.iter().flatten();
        let grantees: Vec<String> = grants
            .filter(|grant| grant.permission.as_ref() == Some(&permission))
            .filter_map(grantee)
            .collect();
        (!grantees.is_empty()).then(|| grantees.join(", "))
    };
    PutObjectInput {
        bucket: logging.target_bucket.clone(),
        key,
        body: ByteStream::from_bytes(text.into()),
        content_type: Some("text/plain".to_owned()),
        grant_full_control: granted(BucketLogsPermission::FullControl),
        grant_read: granted(BucketLogsPermission::Read),
        ..Default::default()
    }
}

/// A grantee as headers have it.
fn grantee(grant: &TargetGrant) -> Option<String> {
    let grantee = grant.grantee.as_ref()?;
    let (id, uri) = (grantee.id.as_ref(), grantee.uri.as_ref());
    id.map(|id| format!("id=\"{id}\"")).or_else(|| uri.map(|uri| format!("uri=\"{uri}\"")))
}
