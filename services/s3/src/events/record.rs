//! A notice as its receiver gets it: S3's record, or EventBridge's event.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>

use kernel::{Bytes, Timestamp};
use serde::Serialize;

use super::{Event, Notice};
use crate::names;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Records<'a> {
    records: [Record<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'static str,
    event_source: &'static str,
    aws_region: &'a str,
    event_time: String,
    event_name: &'static str,
    user_identity: Identity,
    request_parameters: Parameters<'a>,
    response_elements: Elements<'a>,
    s3: What<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    glacier_event_data: Option<Glacier<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    principal_id: String,
}

#[derive(Serialize)]
struct Parameters<'a> {
    #[serde(rename = "sourceIPAddress")]
    source: &'a str,
}

#[derive(Serialize)]
struct Elements<'a> {
    #[serde(rename = "x-amz-request-id")]
    request: &'a str,
    #[serde(rename = "x-amz-id-2")]
    host: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct What<'a> {
    #[serde(rename = "s3SchemaVersion")]
    schema: &'static str,
    configuration_id: &'a str,
    bucket: BucketTold<'a>,
    object: ObjectTold<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BucketTold<'a> {
    name: &'a str,
    owner_identity: Identity,
    arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectTold<'a> {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e_tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequencer: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Glacier<'a> {
    restore_event_data: Restored<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Restored<'a> {
    lifecycle_restoration_expiry_time: String,
    lifecycle_restore_storage_class: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Detail<'a> {
    version: &'static str,
    bucket: Named<'a>,
    object: DetailObject<'a>,
    request_id: &'a str,
    requester: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restore_expiry_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_storage_class: Option<&'a str>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct DetailObject<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequencer: Option<&'a str>,
}

/// An event for EventBridge, as `PutEvents` takes it.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct BusEvent<'a> {
    version: &'static str,
    id: &'a str,
    detail_type: &'static str,
    source: &'static str,
    account: &'a str,
    time: String,
    region: &'a str,
    resources: [String; 1],
    detail: Detail<'a>,
}

/// What the target gets.
pub fn of(notice: &Notice) -> Bytes {
    let text = if notice.target.starts_with("arn:aws:events:") {
        serde_json::to_vec(&bus_event(notice))
    } else {
        serde_json::to_vec(&Records { records: [record(notice)] })
    };
    // Plain structs with text keys always serialise.
    text.unwrap_or_default().into()
}

fn record(notice: &Notice) -> Record<'_> {
    let identity = match &notice.requester {
        Some(account) => format!("AWS:{}", names::user_id(account)),
        None => format!("AmazonCustomer:{}", principal(notice.owner.as_str())),
    };
    Record {
        event_version: version(notice.event),
        event_source: "aws:s3",
        aws_region: notice.region.as_str(),
        event_time: time(notice.time),
        event_name: notice.event.name(),
        user_identity: Identity { principal_id: identity },
        request_parameters: Parameters { source: &notice.source },
        response_elements: Elements { request: &notice.request, host: names::host_id(&notice.request) },
        s3: What {
            schema: "1.0",
            configuration_id: &notice.configuration,
            bucket: BucketTold {
                name: &notice.bucket,
                owner_identity: Identity { principal_id: principal(notice.owner.as_str()) },
                arn: format!("arn:aws:s3:::{}", notice.bucket),
            },
            object: ObjectTold {
                key: names::url_encoded(&notice.key),
                size: size(notice),
                e_tag: etag(notice),
                version_id: notice.version.as_deref(),
                sequencer: sequencer(notice),
            },
        },
        glacier_event_data: glacier(notice),
    }
}

fn bus_event(notice: &Notice) -> BusEvent<'_> {
    let restored = notice.restore.as_ref();
    let (reason, deletion) = reason(notice);
    let is_restore =
        matches!(notice.event, Event::RestorePosted | Event::RestoreCompleted | Event::RestoreExpired);
    let requester = match &notice.requester {
        Some(account) => account.to_string(),
        None => "s3.amazonaws.com".to_owned(),
    };
    BusEvent {
        version: "0",
        id: &notice.request,
        detail_type: detail_type(notice.event),
        source: "aws.s3",
        account: notice.owner.as_str(),
        time: time(notice.time),
        region: notice.region.as_str(),
        resources: [format!("arn:aws:s3:::{}", notice.bucket)],
        detail: Detail {
            version: "0",
            bucket: Named { name: &notice.bucket },
            object: DetailObject {
                key: &notice.key,
                size: size(notice),
                etag: etag(notice),
                version_id: notice.version.as_deref(),
                sequencer: sequencer(notice).filter(|_| !is_restore),
            },
            request_id: &notice.request,
            requester,
            source_ip_address: notice.requester.as_ref().map(|_| notice.source.as_str()),
            reason,
            deletion_type: deletion,
            restore_expiry_time: restored
                .and_then(|(_, until)| *until)
                .filter(|_| notice.event == Event::RestoreCompleted)
                .map(time),
            source_storage_class: restored.filter(|_| is_restore).map(|(class, _)| class.as_str()),
        },
    }
}

fn glacier(notice: &Notice) -> Option<Glacier<'_>> {
    let (class, until) = notice.restore.as_ref().filter(|_| notice.event == Event::RestoreCompleted)?;
    Some(Glacier {
        restore_event_data: Restored {
            lifecycle_restoration_expiry_time: time((*until)?),
            lifecycle_restore_storage_class: class,
        },
    })
}

/// Later kinds of events came with later versions of the record.
fn version(event: Event) -> &'static str {
    match event {
        Event::ReplicationFailed => "2.2",
        Event::AclPut
        | Event::ExpiredDelete
        | Event::ExpiredMarker
        | Event::TaggingDelete
        | Event::TaggingPut
        | Event::Transitioned => "2.3",
        _ => "2.1",
    }
}

fn detail_type(event: Event) -> &'static str {
    match event {
        Event::AclPut => "Object ACL Updated",
        Event::CreatedComplete | Event::CreatedCopy | Event::CreatedPost | Event::CreatedPut => {
            "Object Created"
        }
        Event::ExpiredDelete | Event::ExpiredMarker | Event::RemovedDelete | Event::RemovedMarker => {
            "Object Deleted"
        }
        Event::ReplicationFailed => "Object Replication Failed",
        Event::RestoreCompleted => "Object Restore Completed",
        Event::RestoreExpired => "Object Restore Expired",
        Event::RestorePosted => "Object Restore Initiated",
        Event::TaggingDelete => "Object Tags Deleted",
        Event::TaggingPut => "Object Tags Added",
        Event::Transitioned => "Object Storage Class Changed",
    }
}

/// Why an object was created or deleted, and in which way deleted.
fn reason(notice: &Notice) -> (Option<&'static str>, Option<&'static str>) {
    match notice.event {
        Event::CreatedPut => (Some("PutObject"), None),
        Event::CreatedPost => (Some("POST Object"), None),
        Event::CreatedCopy => (Some("CopyObject"), None),
        Event::CreatedComplete => (Some("CompleteMultipartUpload"), None),
        Event::RemovedDelete => (Some("DeleteObject"), Some("Permanently Deleted")),
        Event::RemovedMarker => (Some("DeleteObject"), Some("Delete Marker Created")),
        Event::ExpiredDelete => (Some("Lifecycle Expiration"), Some("Permanently Deleted")),
        Event::ExpiredMarker => (Some("Lifecycle Expiration"), Some("Delete Marker Created")),
        _ => (None, None),
    }
}

fn size(notice: &Notice) -> Option<u64> {
    let has_size = !matches!(
        notice.event,
        Event::AclPut
            | Event::TaggingPut
            | Event::TaggingDelete
            | Event::RemovedDelete
            | Event::RemovedMarker
            | Event::ExpiredDelete
            | Event::ExpiredMarker
    );
    has_size.then_some(notice.size)
}

/// Markers have the tag of nothing at all.
fn etag(notice: &Notice) -> Option<&str> {
    match notice.event {
        Event::RemovedDelete | Event::ExpiredDelete => None,
        Event::RemovedMarker | Event::ExpiredMarker => Some("d41d8cd98f00b204e9800998ecf8427e"),
        _ => Some(&notice.etag),
    }
}

fn sequencer(notice: &Notice) -> Option<&str> {
    let is_told = !matches!(notice.event, Event::AclPut | Event::TaggingPut | Event::TaggingDelete);
    is_told.then_some(&*notice.sequencer)
}

fn time(millis: i64) -> String {
    let time = Timestamp::from_millisecond(millis).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// The id of an account's root, as records have it.
fn principal(account: &str) -> String {
    format!("A{}", &names::canonical_id(&account.into())[..13].to_ascii_uppercase())
}
