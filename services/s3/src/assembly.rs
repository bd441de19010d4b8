//! An object put together of its parts: entity tag and checksum follow from theirs, without reading a byte.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>

use api_s3::{ChecksumType, CompletedPart};
use kernel::Fault;
use md5::{Digest, Md5};
use store::ReadTx;

use crate::checksum::{self, Algorithm, Checksum, Hasher, Kind};
use crate::content::PartBody;
use crate::names::{hex, unhex, unquoted};
use crate::upload::{Part, UPLOAD_PARTS, Upload};
use crate::{errors, limits};

/// A part as the client lists it.
#[derive(Debug)]
pub struct Asked {
    /// Its number.
    pub number: u32,
    etag: String,
    checksums: Vec<(Algorithm, String)>,
}

/// What the parts make.
#[derive(Debug)]
pub struct Assembly {
    /// All bytes.
    pub size: u64,
    /// The entity tag, without quotes.
    pub etag: String,
    /// The checksum of the upload's kind.
    pub checksum: Checksum,
    /// The parts.
    pub parts: Vec<PartBody>,
}

impl Asked {
    /// Reads one entry of the list.
    pub fn of(part: &CompletedPart) -> Result<Self, Fault> {
        let (Some(number), Some(etag)) = (part.part_number, &part.etag) else {
            return Err(errors::malformed_xml());
        };
        let values = [
            (Algorithm::Crc32, &part.checksum_crc32),
            (Algorithm::Crc32c, &part.checksum_crc32c),
            (Algorithm::Crc64nvme, &part.checksum_crc64nvme),
            (Algorithm::Md5, &part.checksum_md5),
            (Algorithm::Sha1, &part.checksum_sha1),
            (Algorithm::Sha256, &part.checksum_sha256),
            (Algorithm::Sha512, &part.checksum_sha512),
        ];
        let checksums = values.into_iter().filter_map(|(one, value)| Some((one, value.clone()?))).collect();
        Ok(Self { number: limits::part_number(number)?, etag: unquoted(etag).to_owned(), checksums })
    }

    /// Whether this is the part that was uploaded.
    fn check(&self, part: &Part, upload: &Upload, id: &str) -> Result<(), Fault> {
        let invalid = || errors::invalid_part(&self.etag, self.number as i32, id);
        if self.etag != part.etag {
            return Err(invalid());
        }
        let given = self.checksums.iter().find(|(one, _)| *one == part.checksum.algorithm);
        match (given, upload.checksum) {
            (Some((_, value)), _) if *value != part.checksum.value => Err(invalid()),
            // Checksums of parts are for uploads that were started with one, and of that kind.
            (_, None) if !self.checksums.is_empty() => Err(invalid()),
            (None, Some(_)) if let Some((other, _)) = self.checksums.first() => {
                Err(errors::bad_part_checksum(&other.name().to_ascii_lowercase(), self.number))
            }
            (None, Some((algorithm, Kind::Composite))) => Err(errors::invalid_request(format!(
                "The upload was created using a {} checksum. The complete request must include the checksum for \
                 each part. It was missing for part {} in the request.",
                algorithm.name().to_ascii_lowercase(),
                self.number
            ))),
            _ => Ok(()),
        }
    }
}

impl Assembly {
    /// Finds the parts and puts them together.
    pub fn of(tx: &ReadTx<'_>, upload: &Upload, id: &str, asked: &[Asked]) -> Result<Self, Fault> {
        if asked.windows(2).any(|pair| pair[0].number >= pair[1].number) {
            return Err(errors::invalid_part_order(id));
        }
        let (algorithm, kind) = upload.checksum.unwrap_or((Algorithm::Crc64nvme, Kind::FullObject));
        let mut parts = Vec::with_capacity(asked.len());
        let mut size = 0;
        for (at, one) in asked.iter().enumerate() {
            let part = tx.get(&UPLOAD_PARTS, &(id, one.number))?;
            let part = part.ok_or_else(|| errors::invalid_part(&one.etag, one.number as i32, id))?;
            one.check(&part, upload, id)?;
            if part.blob.length < limits::PART_BYTES && at + 1 < asked.len() {
                return Err(errors::entity_too_small(&part.etag, one.number, part.blob.length));
            }
            size += part.blob.length;
            parts.push(PartBody { number: one.number, blob: part.blob, checksum: Some(part.checksum) });
        }
        let etag = etag(asked);
        let value = match (kind, algorithm.crc()) {
            (Kind::FullObject, Some(_)) => combined(algorithm, &parts),
            _ => composed(algorithm, &parts),
        };
        Ok(Self { size, etag, checksum: Checksum { algorithm, kind, value }, parts })
    }

    /// Checks what the client says of the whole.
    pub fn check(&self, declared: Option<&str>, has_kind: bool, size: Option<i64>) -> Result<(), Fault> {
        if let Some(size) = size.filter(|size| u64::try_from(*size).ok() != Some(self.size)) {
            return Err(errors::invalid_request(format!(
                "The provided 'x-amz-mp-object-size' header value {size} does not match what was computed: {}",
                self.size
            )));
        }
        // A value of the whole counts only together with its type.
        let untyped = !has_kind && self.checksum.kind == Kind::FullObject;
        match declared {
            Some(value) if untyped || value != self.checksum.value => {
                Err(errors::bad_checksum(&self.checksum.algorithm.name().to_ascii_lowercase()))
            }
            _ => Ok(()),
        }
    }
}

/// The entity tag of an object of these parts.
pub fn etag(asked: &[Asked]) -> String {
    let mut tags = Md5::new();
    asked.iter().for_each(|part| tags.update(unhex(&part.etag)));
    format!("{}-{}", hex(&tags.finalize()), asked.len())
}

/// The type of checksum that a request names is that of the upload.
pub fn check_kind(upload: &Upload, asked: Option<&ChecksumType>) -> Result<(), Fault> {
    let kind = upload.checksum.map(|(_, kind)| kind.modelled());
    if asked.is_none() || asked == kind.as_ref() {
        return Ok(());
    }
    let name = kind.as_ref().map_or("null", ChecksumType::as_str);
    Err(errors::invalid_request(format!(
        "The upload was created using the {name} checksum mode. The complete request must use the same checksum mode."
    )))
}

/// The check of all bytes, of those of the parts.
fn combined(algorithm: Algorithm, parts: &[PartBody]) -> String {
    let Some(crc) = algorithm.crc() else { return String::new() };
    let whole = parts.iter().fold(0, |whole, part| {
        let bytes = part_bytes(algorithm, part);
        let number = bytes.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        crc_fast::checksum_combine(crc, whole, number, part.blob.length)
    });
    checksum::crc_value(algorithm, whole)
}

/// The checksum of the parts' checksums, with their number.
fn composed(algorithm: Algorithm, parts: &[PartBody]) -> String {
    let mut hasher = Hasher::new(algorithm);
    for part in parts {
        hasher.update(&part_bytes(algorithm, part));
    }
    format!("{}-{}", hasher.finish(), parts.len())
}

fn part_bytes(algorithm: Algorithm, part: &PartBody) -> Vec<u8> {
    let value = part.checksum.as_ref().map_or("", |checksum| &checksum.value);
    checksum::bytes(algorithm, value).unwrap_or_default()
}
