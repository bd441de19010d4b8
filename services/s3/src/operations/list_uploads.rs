//! `ListMultipartUploads` and `ListParts`.

use api_s3::{
    ListMultipartUploads, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListParts, ListPartsInput,
    ListPartsOutput, MultipartUpload, Part as ToldPart, S3Error, StorageClass,
};
use kernel::{Context, Fault, Handler};

use super::list_objects::{Encoding, both};
use crate::bucket::{Bucket, enter};
use crate::checksum::tell_value;
use crate::listing::{self, Entry, Query, Start};
use crate::upload::{Part, UPLOAD_PARTS, UPLOADS, Upload};
use crate::{S3, errors, limits, names, upload};

impl Handler<ListMultipartUploads> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: ListMultipartUploadsInput,
    ) -> Result<ListMultipartUploadsOutput, S3Error> {
        let limit = limits::page(input.max_uploads, "max-uploads")?;
        let encoding = Encoding::of(input.encoding_type.as_ref())?;
        let (prefix, delimiter) = both(input.prefix.as_ref(), input.delimiter.as_ref());
        // An upload's id counts only within the key that goes with it.
        let key_marker = input.key_marker.as_deref().filter(|marker| !marker.is_empty());
        let after = key_marker.zip(input.upload_id_marker.as_deref().filter(|id| !id.is_empty()));
        let start = match after {
            Some((key, _)) => Start::From(key.to_owned()),
            None => Start::after_marker(key_marker, prefix, delimiter),
        };

        let query = Query { prefix, delimiter, start, limit };
        let expected = input.expected_bucket_owner.as_deref();
        let (bucket, listed) = self.store.read(&cx.scope, |tx| {
            let bucket = enter(tx, cx, &input.bucket, expected)?;
            if let Some((key, id)) = after
                && !tx.contains(&UPLOADS, &(&*input.bucket, key, id))?
            {
                return Err(errors::invalid_argument("Invalid uploadId marker", "upload-id-marker", id));
            }
            Ok((bucket, listing::uploads(tx, &input.bucket, &query, after)?))
        })?;

        // The last upload is told even when nothing follows; a prefix never is.
        let next = match listed.entries.last() {
            Some(Entry::Item(key, (id, _))) => (Some(encoding.text(key)), Some(id.clone())),
            _ => (None, None),
        };
        let is_truncated = listed.truncated;
        let (mut uploads, mut prefixes) = (Vec::new(), Vec::new());
        for entry in listed.entries {
            match entry {
                Entry::Item(key, (id, upload)) => {
                    uploads.push(told(&bucket, encoding.text(&key), id, &upload))
                }
                Entry::Prefix(prefix) => prefixes.push(encoding.prefix(prefix)),
            }
        }
        Ok(ListMultipartUploadsOutput {
            key_marker: Some(encoding.text(input.key_marker.as_deref().unwrap_or_default())),
            upload_id_marker: Some(
                input
                    .upload_id_marker
                    .filter(|_| input.key_marker.as_deref().is_some_and(|key| !key.is_empty()))
                    .unwrap_or_default(),
            ),
            next_key_marker: Some(next.0.unwrap_or_default()),
            next_upload_id_marker: Some(next.1.unwrap_or_default()),
            prefix: input.prefix.as_deref().map(|prefix| encoding.text(prefix)),
            delimiter: input
                .delimiter
                .as_deref()
                .filter(|text| !text.is_empty())
                .map(|text| encoding.text(text)),
            max_uploads: i32::try_from(limit).ok(),
            is_truncated: Some(is_truncated),
            uploads: Some(uploads).filter(|uploads| !uploads.is_empty()),
            common_prefixes: Some(prefixes).filter(|prefixes| !prefixes.is_empty()),
            encoding_type: input.encoding_type,
            bucket: Some(input.bucket),
            request_charged: bucket.charged(cx),
        })
    }
}

impl Handler<ListParts> for S3 {
    async fn handle(&self, cx: &Context, input: ListPartsInput) -> Result<ListPartsOutput, S3Error> {
        let limit = limits::page(input.max_parts, "max-parts")?;
        let marker = input.part_number_marker.and_then(|marker| u32::try_from(marker).ok()).unwrap_or(0);
        let id = input.upload_id.as_str();
        let expected = input.expected_bucket_owner.as_deref();

        let (bucket, upload, mut parts) = self.store.read(&cx.scope, |tx| {
            let bucket = enter(tx, cx, &input.bucket, expected)?;
            let upload = upload::find(tx, &input.bucket, &input.key, id)?;
            let rows = tx.prefix(&UPLOAD_PARTS, &(id,)).after(&(id, marker));
            let parts: Vec<_> = rows.take(limit + 1).collect::<Result<_, Fault>>()?;
            Ok::<_, Fault>((bucket, upload, parts))
        })?;

        let is_truncated = parts.len() > limit;
        parts.truncate(limit);
        let last = parts.last().map_or(0, |((_, number), _)| *number);
        let parts: Vec<_> =
            parts.iter().map(|((_, number), part)| told_part(*number, part, &upload)).collect();
        Ok(ListPartsOutput {
            part_number_marker: i32::try_from(marker).ok(),
            next_part_number_marker: i32::try_from(last).ok(),
            max_parts: i32::try_from(limit).ok(),
            is_truncated: Some(is_truncated),
            parts: Some(parts).filter(|parts| !parts.is_empty()),
            initiator: Some(names::initiator(&upload.initiator)),
            owner: Some(names::owner(&bucket.account)),
            storage_class: Some(upload.about.storage_class.unwrap_or(StorageClass::Standard)),
            checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm.modelled()),
            checksum_type: upload.checksum.map(|(_, kind)| kind.modelled()),
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            request_charged: bucket.charged(cx),
            ..Default::default()
        })
    }
}

fn told(bucket: &Bucket, key: String, id: String, upload: &Upload) -> MultipartUpload {
    MultipartUpload {
        upload_id: Some(id),
        key: Some(key),
        initiated: Some(upload.initiated()),
        storage_class: Some(upload.about.storage_class.clone().unwrap_or(StorageClass::Standard)),
        owner: Some(names::owner(&bucket.account)),
        initiator: Some(names::initiator(&upload.initiator)),
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm.modelled()),
        checksum_type: upload.checksum.map(|(_, kind)| kind.modelled()),
        version_id: None,
    }
}

fn told_part(number: u32, part: &Part, upload: &Upload) -> ToldPart {
    let mut told = ToldPart {
        part_number: i32::try_from(number).ok(),
        last_modified: Some(part.modified()),
        etag: Some(names::quoted(&part.etag)),
        size: i64::try_from(part.blob.length).ok(),
        ..Default::default()
    };
    if upload.checksum.is_some() {
        tell_value!(told, &part.checksum);
    }
    told
}
