//! One line of an access log.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html>

use http::HeaderMap;
use kernel::exchange::Exchange;
use kernel::{Context, Timestamp};

use super::label;
use crate::bucket::Bucket;
use crate::names;

/// The line for an exchange.
pub fn of(cx: &Context, name: &str, bucket: &Bucket, exchange: &Exchange) -> String {
    let request = &cx.request;
    let began = Timestamp::from_millisecond(exchange.began).unwrap_or_default();
    let took = cx.clock.millis().saturating_sub(exchange.began).to_string();
    let text = |headers: &HeaderMap, name: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let (signature, auth) = signed(&request.headers, &request.query);
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    let uri = format!("{} {}{query} HTTP/1.1", exchange.method, request.path);
    let fields = [
        names::canonical_id(&bucket.account),
        name.to_owned(),
        format!("[{}]", began.strftime("%d/%b/%Y:%H:%M:%S +0000")),
        or_dash(Some(request.source.clone()).filter(|source| !source.is_empty())),
        requester(cx),
        request.id.clone(),
        operation(exchange),
        or_dash(label(&exchange.labels, "Key").map(names::in_path)),
        quoted(Some(uri)),
        exchange.status.as_str().to_owned(),
        or_dash(exchange.error.clone()),
        or_dash(exchange.sent.filter(|sent| *sent > 0).map(|sent| sent.to_string())),
        // The length of a form is not that of its file.
        or_dash(object_size(exchange, &request.headers).filter(|_| !request.is_form)),
        took.clone(),
        took,
        quoted(text(&request.headers, "referer")),
        quoted(text(&request.headers, "user-agent")),
        or_dash(text(&exchange.headers, "x-amz-version-id")),
        names::host_id(&request.id),
        signature.to_owned(),
        // There is no TLS here.
        "-".to_owned(),
        auth.to_owned(),
        or_dash(Some(request.host.clone()).filter(|host| !host.is_empty())),
        "-".to_owned(),
        "-".to_owned(),
        "-".to_owned(),
    ];
    fields.join(" ")
}

fn or_dash(value: Option<String>) -> String {
    value.unwrap_or_else(|| "-".to_owned())
}

fn quoted(value: Option<String>) -> String {
    format!("\"{}\"", or_dash(value.map(|value| value.replace('"', "\\x22"))))
}

fn requester(cx: &Context) -> String {
    if cx.caller.access_key.is_empty() { "-".to_owned() } else { names::canonical_id(&cx.scope.account) }
}

/// How the request was signed, and where the signature stands.
fn signed(headers: &HeaderMap, query: &str) -> (&'static str, &'static str) {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    match header {
        Some(header) if header.starts_with("AWS4-") => ("SigV4", "AuthHeader"),
        Some(_) => ("SigV2", "AuthHeader"),
        None if query.contains("X-Amz-Signature=") => ("SigV4", "QueryString"),
        None if query.contains("Signature=") => ("SigV2", "QueryString"),
        None => ("-", "-"),
    }
}

/// The size of the object that is read or written.
fn object_size(exchange: &Exchange, asked: &HeaderMap) -> Option<String> {
    let text = |headers: &HeaderMap, name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
    match exchange.operation {
        "GetObject" | "HeadObject" if exchange.status.is_success() => {
            let range = text(&exchange.headers, "content-range");
            let total = range.and_then(|range| Some(range.rsplit_once('/')?.1.to_owned()));
            total.or_else(|| text(&exchange.headers, "content-length"))
        }
        "PutObject" | "UploadPart" => {
            text(asked, "x-amz-decoded-content-length").or_else(|| text(asked, "content-length"))
        }
        _ => None,
    }
}

/// `REST.METHOD.RESOURCE`, in words that are older than the API's.
fn operation(exchange: &Exchange) -> String {
    let resource = match exchange.operation {
        "CopyObject" => return "REST.COPY.OBJECT".to_owned(),
        "UploadPartCopy" => return "REST.COPY.PART".to_owned(),
        "DeleteObjects" => return "REST.POST.MULTI_OBJECT_DELETE".to_owned(),
        "AbortMultipartUpload" | "CompleteMultipartUpload" | "ListParts" => "UPLOAD".to_owned(),
        "CreateMultipartUpload" | "ListMultipartUploads" => "UPLOADS".to_owned(),
        "UploadPart" => "PART".to_owned(),
        "CreateBucket" | "DeleteBucket" | "HeadBucket" | "ListObjects" | "ListObjectsV2" => {
            "BUCKET".to_owned()
        }
        "DeleteObject" | "GetObject" | "HeadObject" | "PutObject" => "OBJECT".to_owned(),
        "GetBucketLogging" | "PutBucketLogging" => "LOGGING_STATUS".to_owned(),
        "ListObjectVersions" => "BUCKETVERSIONS".to_owned(),
        "DeleteBucketPolicy" | "GetBucketPolicy" | "PutBucketPolicy" => "BUCKETPOLICY".to_owned(),
        "GetObjectAcl" | "GetBucketAcl" | "PutObjectAcl" | "PutBucketAcl" => "ACL".to_owned(),
        other => resource(other),
    };
    format!("REST.{}.{resource}", exchange.method)
}

/// The rest follows from the operation's name: `GetBucketRequestPayment` is of `REQUEST_PAYMENT`.
fn resource(operation: &str) -> String {
    let noun = operation.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    let noun = noun.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
    let noun = noun.strip_prefix("Bucket").unwrap_or(noun);
    let noun = noun.strip_suffix("Configuration").unwrap_or(noun);
    let mut words = String::with_capacity(noun.len() + 4);
    for letter in noun.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.push(letter.to_ascii_uppercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_have_words_of_their_own() {
        assert_eq!(resource("GetBucketRequestPayment"), "REQUEST_PAYMENT");
        assert_eq!(resource("PutObjectTagging"), "OBJECT_TAGGING");
        assert_eq!(resource("GetBucketCors"), "CORS");
        assert_eq!(resource("PutBucketNotificationConfiguration"), "NOTIFICATION");
    }
}
