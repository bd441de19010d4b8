//! Checksums of bodies: what clients declare, in headers or trailers, and what is computed, stored and returned.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use api_s3::{ChecksumAlgorithm, ChecksumType};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use http::HeaderMap;
use kernel::Fault;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use crate::errors;

/// How a checksum is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// The polynomial of Ethernet.
    Crc32,
    /// Castagnoli's.
    Crc32c,
    /// NVME's, which S3 takes where nobody asks for another.
    Crc64nvme,
    /// Message digest 5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// Whether a checksum is of the whole object, or of its parts' checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Of the checksums of the parts, followed by their number.
    Composite,
    /// Of all bytes.
    FullObject,
}

/// A checksum as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// How it was computed.
    pub algorithm: Algorithm,
    /// What it is of.
    pub kind: Kind,
    /// As headers have it, in base64.
    pub value: String,
}

/// A checksum being computed.
pub enum Hasher {
    /// One of the cyclic redundancy checks.
    Crc(Algorithm, crc_fast::Digest),
    /// Message digest 5.
    Md5(Md5),
    /// SHA-1.
    Sha1(Sha1),
    /// SHA-256.
    Sha256(Sha256),
    /// SHA-512.
    Sha512(Sha512),
}

/// What a request says of its body's checksum.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The algorithm; S3's own choice without one.
    pub algorithm: Option<Algorithm>,
    /// The value, where it stands in a header.
    pub value: Option<String>,
    /// Whether the value comes in a trailer.
    pub in_trailer: bool,
}

impl Algorithm {
    const ALL: [Self; 7] =
        [Self::Crc32, Self::Crc32c, Self::Crc64nvme, Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512];

    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64nvme => "CRC64NVME",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// The header that carries its values.
    pub fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64nvme => "x-amz-checksum-crc64nvme",
            Self::Md5 => "x-amz-checksum-md5",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Sha512 => "x-amz-checksum-sha512",
        }
    }

    /// As the API's enum.
    pub fn modelled(self) -> ChecksumAlgorithm {
        self.name().into()
    }

    /// The algorithm a client names.
    pub fn parse(name: &ChecksumAlgorithm) -> Result<Self, Fault> {
        let name = name.as_str();
        if let Some(found) = Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(name)) {
            return Ok(found);
        }
        if ChecksumAlgorithm::VALUES.contains(&name) {
            return Err(errors::not_emulated(&format!("{name} checksums")));
        }
        let message = "Checksum algorithm provided is unsupported. Please try again with any of the valid types: \
                       [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]";
        Err(errors::invalid_request(message))
    }

    /// The checksums that can be put together from those of the parts.
    pub fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64nvme => Some(CrcAlgorithm::Crc64Nvme),
            _ => None,
        }
    }

    /// How many bytes a value has.
    pub fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64nvme => 8,
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl Kind {
    /// As the API's enum.
    pub fn modelled(self) -> ChecksumType {
        match self {
            Self::Composite => ChecksumType::Composite,
            Self::FullObject => ChecksumType::FullObject,
        }
    }
}

impl Hasher {
    /// Starts.
    pub fn new(algorithm: Algorithm) -> Self {
        match (algorithm.crc(), algorithm) {
            (Some(crc), _) => Self::Crc(algorithm, crc_fast::Digest::new(crc)),
            (None, Algorithm::Sha1) => Self::Sha1(Sha1::new()),
            (None, Algorithm::Sha256) => Self::Sha256(Sha256::new()),
            (None, Algorithm::Sha512) => Self::Sha512(Sha512::new()),
            (None, _) => Self::Md5(Md5::new()),
        }
    }

    /// Takes more bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(_, crc) => crc.update(bytes),
            Self::Md5(md5) => md5.update(bytes),
            Self::Sha1(sha1) => sha1.update(bytes),
            Self::Sha256(sha256) => sha256.update(bytes),
            Self::Sha512(sha512) => sha512.update(bytes),
        }
    }

    /// The value, in base64.
    pub fn finish(self) -> String {
        match self {
            Self::Crc(algorithm, crc) => crc_value(algorithm, crc.finalize()),
            Self::Md5(md5) => STANDARD.encode(md5.finalize()),
            Self::Sha1(sha1) => STANDARD.encode(sha1.finalize()),
            Self::Sha256(sha256) => STANDARD.encode(sha256.finalize()),
            Self::Sha512(sha512) => STANDARD.encode(sha512.finalize()),
        }
    }
}

/// A redundancy check's number, as headers have it.
pub fn crc_value(algorithm: Algorithm, crc: u64) -> String {
    STANDARD.encode(&crc.to_be_bytes()[8 - algorithm.length()..])
}

/// The bytes of a value; nothing when it is none of that algorithm.
pub fn bytes(algorithm: Algorithm, value: &str) -> Option<Vec<u8>> {
    STANDARD.decode(value).ok().filter(|bytes| bytes.len() == algorithm.length())
}

impl Declared {
    /// What the members of an input and the request's headers say; `values` is each algorithm's member.
    pub fn of(
        values: [(Algorithm, &Option<String>); 7],
        named: Option<&ChecksumAlgorithm>,
        headers: &HeaderMap,
    ) -> Result<Self, Fault> {
        let mut given = values.into_iter().filter_map(|(one, value)| Some((one, value.as_ref()?)));
        let value = given.next();
        if given.next().is_some() {
            let message =
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
            return Err(errors::invalid_request(message));
        }
        let named = named.map(Algorithm::parse).transpose()?;
        if let Some((algorithm, value)) = value {
            return Self::in_header(algorithm, value, named);
        }
        if let Some(algorithm) = trailer(headers)? {
            return Ok(Self { algorithm: Some(algorithm), value: None, in_trailer: true });
        }
        if named.is_some() && headers.contains_key("x-amz-sdk-checksum-algorithm") {
            let message = "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or \
                           x-amz-trailer headers were found.";
            return Err(errors::invalid_request(message));
        }
        Ok(Self { algorithm: named, value: None, in_trailer: false })
    }

    fn in_header(algorithm: Algorithm, value: &str, named: Option<Algorithm>) -> Result<Self, Fault> {
        if bytes(algorithm, value).is_none() {
            let message = format!("Value for {} header is invalid.", algorithm.header());
            return Err(errors::invalid_request(message));
        }
        if named.is_some_and(|named| named != algorithm) {
            let message = "Value for x-amz-sdk-checksum-algorithm header is invalid.";
            return Err(errors::invalid_request(message));
        }
        Ok(Self { algorithm: Some(algorithm), value: Some(value.to_owned()), in_trailer: false })
    }

    /// Checks what was computed; `trailers` came after the body.
    pub fn check(&self, checksum: &Checksum, trailers: Option<&HeaderMap>) -> Result<(), Fault> {
        let header = checksum.algorithm.header();
        let trailed = trailers.filter(|_| self.in_trailer).and_then(|trailers| trailers.get(header));
        if self.in_trailer && trailed.is_none() {
            return Err(Fault::client(
                "MalformedTrailerError",
                "The request contained trailing data that was not \
                well-formed or did not conform to our published schema.",
            ));
        }
        let trailed = trailed.map(|value| value.to_str().unwrap_or_default());
        if let Some(value) = trailed.filter(|value| bytes(checksum.algorithm, value).is_none()) {
            let _ = value;
            return Err(errors::invalid_request(format!("Value for {header} trailing header is invalid.")));
        }
        match self.value.as_deref().or(trailed) {
            Some(value) if value != checksum.value => Err(errors::bad_checksum(checksum.algorithm.name())),
            _ => Ok(()),
        }
    }
}

/// The algorithm of the checksum that the trailers are announced to have.
fn trailer(headers: &HeaderMap) -> Result<Option<Algorithm>, Fault> {
    let Some(names) = headers.get("x-amz-trailer").and_then(|names| names.to_str().ok()) else {
        return Ok(None);
    };
    let Some(name) = names.split(',').map(str::trim).find(|name| name.starts_with("x-amz-checksum-")) else {
        return Ok(None);
    };
    let found = Algorithm::ALL.into_iter().find(|one| one.header().eq_ignore_ascii_case(name));
    let unknown =
        || errors::invalid_request("The value specified in the x-amz-trailer header is not supported");
    found.map(Some).ok_or_else(unknown)
}

/// Checksum members of an input, and what its headers say of trailers.
macro_rules! declared {
    ($input:ident, $named:expr, $cx:expr) => {{
        $crate::refuse::refuse!($input:
            checksum_xxhash64 => "XXHASH64 checksums",
            checksum_xxhash3 => "XXHASH3 checksums",
            checksum_xxhash128 => "XXHASH128 checksums",
        );
        $crate::checksum::Declared::of(
            [
                ($crate::checksum::Algorithm::Crc32, &$input.checksum_crc32),
                ($crate::checksum::Algorithm::Crc32c, &$input.checksum_crc32c),
                ($crate::checksum::Algorithm::Crc64nvme, &$input.checksum_crc64nvme),
                ($crate::checksum::Algorithm::Md5, &$input.checksum_md5),
                ($crate::checksum::Algorithm::Sha1, &$input.checksum_sha1),
                ($crate::checksum::Algorithm::Sha256, &$input.checksum_sha256),
                ($crate::checksum::Algorithm::Sha512, &$input.checksum_sha512),
            ],
            $named,
            &$cx.request.headers,
        )?
    }};
}

/// Writes a checksum into its member of an output.
macro_rules! tell_value {
    ($output:expr, $checksum:expr) => {{
        let checksum: &$crate::checksum::Checksum = $checksum;
        let member = match checksum.algorithm {
            $crate::checksum::Algorithm::Crc32 => &mut $output.checksum_crc32,
            $crate::checksum::Algorithm::Crc32c => &mut $output.checksum_crc32c,
            $crate::checksum::Algorithm::Crc64nvme => &mut $output.checksum_crc64nvme,
            $crate::checksum::Algorithm::Md5 => &mut $output.checksum_md5,
            $crate::checksum::Algorithm::Sha1 => &mut $output.checksum_sha1,
            $crate::checksum::Algorithm::Sha256 => &mut $output.checksum_sha256,
            $crate::checksum::Algorithm::Sha512 => &mut $output.checksum_sha512,
        };
        *member = Some(checksum.value.clone());
    }};
}

/// Writes a checksum and its type into an output.
macro_rules! tell {
    ($output:expr, $checksum:expr) => {{
        $crate::checksum::tell_value!($output, $checksum);
        $output.checksum_type = Some($checksum.kind.modelled());
    }};
}

pub(crate) use {declared, tell, tell_value};

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the catalogue of CRCs, and the digests of the RFCs, of `123456789`.
    #[test]
    fn values_are_those_of_the_standards() {
        let value = |algorithm| {
            let mut hasher = Hasher::new(algorithm);
            hasher.update(b"1234");
            hasher.update(b"56789");
            crate::names::hex(&bytes(algorithm, &hasher.finish()).unwrap())
        };
        assert_eq!(value(Algorithm::Crc32), "cbf43926");
        assert_eq!(value(Algorithm::Crc32c), "e3069283");
        assert_eq!(value(Algorithm::Crc64nvme), "ae8b14860a799888");
        assert_eq!(value(Algorithm::Md5), "25f9e794323b453885f5181f1b624d0b");
        assert_eq!(value(Algorithm::Sha1), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
    }
}
