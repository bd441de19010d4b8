//! Names: buckets, copy sources, entity tags, owners, and how listings encode keys.

use std::net::Ipv4Addr;

use api_s3::{Initiator, Owner};
use kernel::{AccountId, Arn, Fault};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::errors;

const RESERVED_STARTS: [&str; 3] = ["amzn-s3-demo-", "sthree-", "xn--"];
const RESERVED_ENDS: [&str; 5] = ["--ol-s3", "--table-s3", "--x-s3", "-s3alias", ".mrap"];

/// A bucket name by AWS's rules.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub fn bucket(name: &str) -> Result<(), Fault> {
    let is_edge =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = name.as_bytes();
    let valid = (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| is_edge(Some(byte)) || matches!(byte, b'.' | b'-'))
        && is_edge(bytes.first())
        && is_edge(bytes.last())
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !RESERVED_STARTS.iter().any(|start| name.starts_with(start))
        && !RESERVED_ENDS.iter().any(|end| name.ends_with(end));
    if valid { Ok(()) } else { Err(errors::invalid_bucket_name(name)) }
}

/// The ARN of a bucket.
pub fn arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

/// What stands between an access point and its region in the host by which clients spell its ARN.
pub const ACCESS_POINT: &str = ".s3-accesspoint.";

/// Bucket, key and version of a copy source: `/bucket/key?versionId=…`, percent-encoded or not. An access point's ARN
/// gives its host in the place of a bucket.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
pub fn copy_source(source: &str) -> Result<(String, String, Option<String>), Fault> {
    let invalid = |message: &str| errors::invalid_argument(message, "x-amz-copy-source", source);
    let (path, version) = match source.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version.to_owned())),
        None => (source, None),
    };
    // A whole address stands for its path.
    let path = match path.split_once("://") {
        Some(("http" | "https", rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        _ => path,
    };
    // A plus sign stands for a space, as in forms.
    let path = path.trim_start_matches('/').replace('+', " ");
    let path = percent_decode_str(&path).decode_utf8();
    let path = path.map_err(|_| invalid("Invalid copy source encoding."))?;
    if let Some(arn) = Arn::parse(&path) {
        let parts = arn.resource.strip_prefix("accesspoint/").and_then(|rest| rest.split_once("/object/"));
        let Some((name, key)) = parts.filter(|(name, key)| !name.is_empty() && !key.is_empty()) else {
            return Err(invalid("Invalid copy source object key"));
        };
        let host = format!("{name}-{}{ACCESS_POINT}{}", arn.account, arn.region);
        return Ok((host, key.to_owned(), version));
    }
    let parts = path.split_once('/').filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty());
    let Some((bucket, key)) = parts else {
        let (message, header) = ("Invalid copy source object key", "x-amz-copy-source");
        return Err(errors::invalid_argument(message, header, header));
    };
    Ok((bucket.to_owned(), key.to_owned(), version))
}

/// An entity tag as headers have it.
pub fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// An entity tag without its quotes.
pub fn unquoted(etag: &str) -> &str {
    etag.trim().trim_matches('"')
}

/// The second id of a request, which follows from the first.
pub fn host_id(request_id: &str) -> String {
    protocol::rest_xml::host_id(request_id)
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

/// The bytes of hexadecimal digits; what are none count as zero.
pub fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map_or(0, |digit| digit as u8);
    text.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// The 64 digits by which S3 knows an account.
pub fn canonical_id(account: &AccountId) -> String {
    hex(&Sha256::digest(format!("canonical user of {account}")))
}

/// The id by which records know who made a request of an account.
pub fn user_id(account: &AccountId) -> String {
    let digest = hex(&Sha256::digest(format!("user of {account}")));
    format!("AIDA{}", digest[..17].to_ascii_uppercase())
}

/// The account as owner. AWS gives display names no more since November 2025.
pub fn owner(account: &AccountId) -> Owner {
    Owner { display_name: None, id: Some(canonical_id(account)) }
}

/// The account as the one who started an upload.
pub fn initiator(account: &AccountId) -> Initiator {
    Initiator { display_name: Some("root".to_owned()), id: Some(format!("arn:aws:iam::{account}:root")) }
}

/// The region that a host of S3 names, such as `bucket.s3.eu-west-1.amazonaws.com`.
pub fn region_of_host(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let behind = match name.rfind(".s3.") {
        Some(at) => &name[at + 4..],
        None => name.strip_prefix("s3.")?,
    };
    let label = behind.split('.').next()?;
    let mut parts = label.rsplit('-');
    let is_numbered = parts.next().is_some_and(|last| last.len() == 1 && last.as_bytes()[0].is_ascii_digit());
    (is_numbered && parts.count() >= 2).then_some(label)
}

/// The address of a bucket: a virtual host where the client's host can have one, else a path.
pub fn address(host: &str, bucket: &str) -> String {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    match host.strip_prefix(&format!("{bucket}.s3.")).or_else(|| host.strip_prefix("s3.")) {
        Some(rest) => format!("http://{bucket}.s3.{rest}/"),
        None if name == "localhost" || name.ends_with(".localstack.cloud") => {
            format!("http://{bucket}.s3.{host}/")
        }
        None => format!("http://{host}/{bucket}/"),
    }
}

/// What stands in a path as it is.
const KEPT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'!')
    .remove(b'*')
    .remove(b'(')
    .remove(b')')
    .remove(b'\'');

/// A key as paths have it.
pub fn in_path(key: &str) -> String {
    utf8_percent_encode(key, &KEPT).to_string()
}

/// Text in a listing with `encoding-type=url`: slashes stay, spaces become plus signs.
pub fn url_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'-' | b'.' | b'_' | b'*' | b'/' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_follow_the_rules() {
        for name in ["abc", "my.bucket-1", "0ab", &"a".repeat(63), "1.2.3", "a-.b"] {
            assert!(bucket(name).is_ok(), "{name}");
        }
        let long = "a".repeat(64);
        for name in [
            "",
            "ab",
            &long,
            "Abc",
            "a_b",
            "-abc",
            "abc-",
            ".abc",
            "a..b",
            "192.168.5.4",
            "xn--abc",
            "abc-s3alias",
            "abc--x-s3",
            "bücket",
            "a b c",
            "sthree-a",
        ] {
            assert_eq!(bucket(name).unwrap_err().code(), "InvalidBucketName", "{name}");
        }
    }

    #[test]
    fn copy_sources_are_taken_apart() {
        let parts =
            |source: &str| copy_source(source).map(|(bucket, key, version)| (bucket + "|" + &key, version));
        assert_eq!(parts("/b/a%20b/c%2Fd").unwrap(), ("b|a b/c/d".to_owned(), None));
        assert_eq!(parts("b/k+%2B?versionId=v1").unwrap(), ("b|k +".to_owned(), Some("v1".to_owned())));
        assert_eq!(parts("http://127.0.0.1:4566/b/k").unwrap(), ("b|k".to_owned(), None));
        let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/point/object/a/b";
        let host = "point-111122223333.s3-accesspoint.eu-west-1|a/b".to_owned();
        assert_eq!(parts(point).unwrap(), (host.clone(), None));
        assert_eq!(parts(&point.replace(':', "%3A").replace('/', "%2F")).unwrap(), (host, None));
        assert_eq!(parts("arn:aws:s3:::bucket/key").unwrap_err().code(), "InvalidArgument");
        assert_eq!(parts("b//k").unwrap(), ("b|/k".to_owned(), None));
        assert_eq!(parts("b").unwrap_err().code(), "InvalidArgument");
        assert_eq!(parts("b/").unwrap_err().code(), "InvalidArgument");
    }

    #[test]
    fn hosts_may_name_a_region() {
        assert_eq!(region_of_host("bucket.s3.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        assert_eq!(region_of_host("s3.us-gov-east-1.localhost:4566"), Some("us-gov-east-1"));
        for host in
            ["s3.amazonaws.com", "b.s3.localhost.localstack.cloud:4566", "localhost:4566", "127.0.0.1", ""]
        {
            assert_eq!(region_of_host(host), None, "{host}");
        }
    }

    #[test]
    fn listings_encode_as_aws_documents() {
        assert_eq!(url_encoded("test_file(3).png"), "test_file%283%29.png");
        assert_eq!(url_encoded("a b/ü"), "a+b/%C3%BC");
    }
}
