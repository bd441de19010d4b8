//! The canonical form of a request, which both sides sign.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::credential::parameter;

/// What stays as it is: unreserved characters.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// What is signed of a request.
pub struct Signing<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as it came, percent-encoded.
    pub path: &'a str,
    /// The query string as it came.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The signed headers' names, as listed.
    pub signed: &'a [String],
    /// The payload's hash, or what stands for it.
    pub payload: &'a str,
    /// Whether the path is encoded once only, as for S3.
    pub is_s3: bool,
}

impl Signing<'_> {
    /// The canonical request.
    pub fn canonical(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.method, self.path(), self.query());
        for name in self.signed {
            let mut values: Vec<_> =
                self.headers.get_all(name.as_str()).iter().map(|value| folded(value.as_bytes())).collect();
            // Signers that move headers into a presigned URL may still list them as headers.
            if values.is_empty() && self.is_s3 {
                values.extend(parameter(self.query, name).map(|value| folded(value.as_bytes())));
            }
            text.push_str(&format!("{name}:{}\n", values.join(",")));
        }
        text.push_str(&format!("\n{}\n{}", self.signed.join(";"), self.payload));
        text
    }

    /// S3 signs the path as it is sent; the others encode what is sent once more.
    fn path(&self) -> String {
        let path = if self.path.is_empty() { "/" } else { self.path };
        if self.is_s3 {
            let decoded: Vec<u8> = percent_decode_str(path).collect();
            return encode_bytes(&decoded, PATH);
        }
        utf8_percent_encode(path, PATH).to_string()
    }

    fn query(&self) -> String {
        let decode = |text: &str| -> Vec<u8> { percent_decode_str(text).collect() };
        let mut pairs: Vec<(String, String)> = self
            .query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(key, value)| {
                (encode_bytes(&decode(key), UNRESERVED), encode_bytes(&decode(value), UNRESERVED))
            })
            .filter(|(key, _)| key != "X-Amz-Signature")
            .collect();
        pairs.sort();
        let pairs: Vec<_> = pairs.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
        pairs.join("&")
    }
}

fn encode_bytes(bytes: &[u8], set: &'static AsciiSet) -> String {
    percent_encoding::percent_encode(bytes, set).to_string()
}

/// A header's value with runs of spaces folded into one.
fn folded(value: &[u8]) -> String {
    String::from_utf8_lossy(value).split_whitespace().collect::<Vec<_>>().join(" ")
}
