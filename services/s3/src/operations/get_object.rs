//! `GetObject` and `HeadObject`: an object, a range or a part of it, if the conditions hold.

use std::ops::Range;

use api_s3::{
    ChecksumMode, GetObject, GetObjectInput, GetObjectOutput, HeadObject, HeadObjectInput, HeadObjectOutput,
    ObjectLockLegalHoldStatus, ReplicationStatus, S3Error,
};
use kernel::{Context, Fault, Handler, Timestamp};
use store::ReadTx;

use crate::checksum::{Checksum, Kind, tell};
use crate::conditions::reading;
use crate::content::{self, Content, PartBody};
use crate::encryption::{self, Encryption, tell_encryption};
use crate::object::{DEFAULT_TYPE, Object, Place, Replication};
use crate::overrides::overrides;
use crate::read::{Opened, Wanted};
use crate::version::{self, Spot};
use crate::{S3, bucket, errors, lifecycle, limits, names, range};

/// What of an object is asked for.
struct Selected {
    /// The bytes; all of them without.
    range: Option<Range<u64>>,
    /// Of how many parts the object is, where a part is asked for.
    parts: Option<usize>,
    /// The checksum of the bytes, where there is one.
    checksum: Option<Checksum>,
}

/// An answer of these members, which `GetObject` and `HeadObject` share.
macro_rules! described {
    ($output:ident, $input:ident, $cx:ident, $bucket:ident, $object:ident, $selected:ident, $key:ident) => {{
        let whole = 0..$object.size;
        let bytes = $selected.range.as_ref().unwrap_or(&whole);
        let about = &$object.about;
        let mut output = $output {
            accept_ranges: Some("bytes".to_owned()),
            last_modified: Some($object.modified()),
            content_length: i64::try_from(bytes.end - bytes.start).ok(),
            etag: Some(names::quoted(&$object.etag)),
            cache_control: $input.response_cache_control.or_else(|| about.cache_control.clone()),
            content_disposition: $input
                .response_content_disposition
                .or_else(|| about.content_disposition.clone()),
            content_encoding: $input.response_content_encoding.or_else(|| about.content_encoding.clone()),
            content_language: $input.response_content_language.or_else(|| about.content_language.clone()),
            content_range: $selected.range.as_ref().map(|range| range::header(range, $object.size)),
            content_type: Some($input.response_content_type.unwrap_or_else(|| content_type(&$object))),
            expires: $input
                .response_expires
                .map(|expires| expires.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
                .or_else(|| about.expires.clone()),
            metadata: Some(about.metadata.clone()).filter(|metadata| !metadata.is_empty()),
            storage_class: about.storage_class.clone(),
            version_id: $object.told_version(&$bucket),
            request_charged: $bucket.charged($cx),
            website_redirect_location: about.website_redirect.clone(),
            restore: restore(&$object),
            replication_status: $object.replication.map(replication_status),
            tag_count: i32::try_from(about.tags.len()).ok().filter(|count| *count > 0),
            object_lock_mode: about.lock.retention.map(|retention| retention.mode.modelled()),
            object_lock_retain_until_date: about.lock.retention.map(|retention| retention.until()),
            object_lock_legal_hold_status: about.lock.hold.map(hold_status),
            parts_count: $selected.parts.and_then(|parts| i32::try_from(parts).ok()),
            ..Default::default()
        };
        tell_encryption!(output, about.encryption.as_ref(), $key.as_ref());
        if let Some(checksum) = &$selected.checksum
            && is_enabled($input.checksum_mode.as_ref())
        {
            tell!(output, checksum);
        }
        output
    }};
}

impl Handler<GetObject> for S3 {
    async fn handle(&self, cx: &Context, input: GetObjectInput) -> Result<GetObjectOutput, S3Error> {
        limits::key(&input.key)?;
        let key = encryption::reader_key!(input);
        overrides!(input);
        let conditions = reading!(input);
        let wanted = Wanted {
            bucket: &input.bucket,
            key: &input.key,
            version: input.version_id.as_deref(),
            expected_owner: input.expected_bucket_owner.as_deref(),
        };

        let opened = self.open(cx, &wanted, |object, parts| {
            Encryption::check(object.about.encryption.as_ref(), key.as_ref())?;
            conditions.check(object, cx.clock.now())?;
            object.check_readable(cx.clock.millis())?;
            let selected = select(object, parts, input.range.as_deref(), input.part_number)?;
            Ok((selected.range.clone(), selected))
        });
        let Opened { bucket, object, chosen, body } = opened.await?;
        let expiration = match &input.version_id {
            None => lifecycle::expiration(self, cx, &bucket, wanted.spot(), &object)?,
            Some(_) => None,
        };

        let mut output = described!(GetObjectOutput, input, cx, bucket, object, chosen, key);
        output.expiration = expiration;
        output.body = body;
        Ok(output)
    }
}

impl Handler<HeadObject> for S3 {
    async fn handle(&self, cx: &Context, input: HeadObjectInput) -> Result<HeadObjectOutput, S3Error> {
        limits::key(&input.key)?;
        let key = encryption::reader_key!(input);
        overrides!(input);
        let expected = input.expected_bucket_owner.as_deref();
        let spot = Spot { bucket: &input.bucket, key: &input.key };

        let (bucket, object, content) = self.store.read(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, expected)?;
            let object = version::find(tx, &bucket, spot, input.version_id.as_deref())?;
            let content = parts_of(tx, &input, &object)?;
            Ok::<_, Fault>((bucket, object, content))
        })?;
        Encryption::check(object.about.encryption.as_ref(), key.as_ref())?;
        reading!(input).check(&object, cx.clock.now())?;
        let parts = content.as_ref().and_then(Content::parts);
        let selected = select(&object, parts, input.range.as_deref(), input.part_number)?;
        let expiration = match &input.version_id {
            None => lifecycle::expiration(self, cx, &bucket, spot, &object)?,
            Some(_) => None,
        };

        let mut output = described!(HeadObjectOutput, input, cx, bucket, object, selected, key);
        output.expiration = expiration;
        Ok(output)
    }
}

/// Whether a copy of an archived object can be read, and until when.
fn restore(object: &Object) -> Option<String> {
    let until = Timestamp::from_millisecond(object.restored_until?).ok()?;
    let date = until.strftime("%a, %d %b %Y %H:%M:%S GMT");
    Some(format!("ongoing-request=\"false\", expiry-date=\"{date}\""))
}

fn hold_status(hold: bool) -> ObjectLockLegalHoldStatus {
    if hold { ObjectLockLegalHoldStatus::On } else { ObjectLockLegalHoldStatus::Off }
}

fn replication_status(replication: Replication) -> ReplicationStatus {
    match replication {
        Replication::Pending => ReplicationStatus::Pending,
        Replication::Completed => ReplicationStatus::Completed,
        Replication::Failed => ReplicationStatus::Failed,
        Replication::Replica => ReplicationStatus::Replica,
    }
}

/// The parts of an object, where they matter.
fn parts_of(tx: &ReadTx<'_>, input: &HeadObjectInput, object: &Object) -> Result<Option<Content>, Fault> {
    let wanted = input.part_number.is_some() && object.place == Place::Parts;
    let spot = Spot { bucket: &input.bucket, key: &input.key };
    wanted.then(|| content::load(tx, spot, object)).transpose()
}

/// The bytes that a range or a part number asks for.
fn select(
    object: &Object,
    parts: Option<&[PartBody]>,
    header: Option<&str>,
    number: Option<i32>,
) -> Result<Selected, Fault> {
    let Some(number) = number else {
        let range = range::of(header, object.size)?;
        // A checksum is of the whole, so it says nothing of a range.
        let is_whole = range.as_ref().is_none_or(|range| range.end - range.start == object.size);
        let checksum = object.checksum.clone().filter(|_| is_whole);
        return Ok(Selected { range, parts: None, checksum });
    };
    if header.is_some() {
        return Err(errors::invalid_request(
            "Cannot specify both Range header and partNumber query parameter",
        ));
    }
    let at = limits::part_number(number)? as usize - 1;
    let count = parts.map_or(1, <[PartBody]>::len);
    if at >= count {
        return Err(errors::invalid_part_number(number, count));
    }
    let Some(parts) = parts else {
        let range = (object.size > 0).then_some(0..object.size);
        return Ok(Selected { range, parts: None, checksum: object.checksum.clone() });
    };
    let start: u64 = parts[..at].iter().map(|part| part.blob.length).sum();
    // A checksum of parts is told with that of the part; one of all bytes says nothing of a part.
    let own = |whole: &Checksum| {
        if whole.kind == Kind::FullObject {
            return (count == 1).then(|| whole.clone());
        }
        let value = parts[at].checksum.as_ref()?.value.clone();
        Some(Checksum { value, ..whole.clone() })
    };
    let checksum = object.checksum.as_ref().and_then(own);
    Ok(Selected { range: Some(start..start + parts[at].blob.length), parts: Some(count), checksum })
}

/// Values are taken in any case, unlike those of other headers.
fn is_enabled(mode: Option<&ChecksumMode>) -> bool {
    mode.is_some_and(|mode| mode.as_str().eq_ignore_ascii_case("ENABLED"))
}

fn content_type(object: &Object) -> String {
    object.about.content_type.clone().unwrap_or_else(|| DEFAULT_TYPE.to_owned())
}
