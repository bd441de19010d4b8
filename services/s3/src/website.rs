//! Buckets as websites: `http://BUCKET.s3-website-REGION.amazonaws.com/`, and the same under our own domains.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html>

mod page;
mod routing;

use api_s3::{GetObject, GetObjectInput, GetObjectOutput, WebsiteConfiguration};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use kernel::cross_origin::{CrossOrigin, CrossOriginHead, Ruling};
use kernel::edge::{Edge, EdgeHead, EdgeRequest, EdgeResponse};
use kernel::schema::ProtocolKind;
use kernel::service::Boxed;
use kernel::{ByteStream, Context, Fault, Operation, Shape};
use percent_encoding::percent_decode_str;
use protocol::{Body, RequestBody, Response, WireRequest};

use crate::bucket::{Bucket, find};
use crate::setting::WEBSITE;
use crate::{S3, errors, names};

/// The domains under which all hosts are ours.
const DOMAINS: [&str; 4] =
    [".localhost.localstack.cloud", ".localhost.fogbank.cloud", ".amazonaws.com", ".localhost"];

/// A request for a page.
struct Asked<'a> {
    bucket: &'a str,
    /// The key as the path has it, without an index document.
    key: String,
    headers: &'a HeaderMap,
}

impl Edge for S3 {
    fn claims(&self, head: EdgeHead<'_>) -> bool {
        bucket(head.host).is_some()
    }

    fn serve<'a>(&'a self, cx: &'a Context, request: EdgeRequest) -> Boxed<'a, EdgeResponse> {
        Box::pin(async move {
            let name = bucket(&request.host).unwrap_or_default();
            let (result, headers) = match self.page_ruling(name, &request) {
                Err(fault) | Ok(Ruling::Refuse(fault)) => (Err(fault), HeaderMap::new()),
                Ok(Ruling::Allow(headers)) if request.method == Method::OPTIONS => {
                    (Ok(page::empty(StatusCode::OK)), headers)
                }
                Ok(Ruling::Allow(headers)) => (self.show(cx, name, &request).await, headers),
                Ok(Ruling::Silent | Ruling::Unread) => {
                    (self.show(cx, name, &request).await, HeaderMap::new())
                }
            };
            let mut answer = result.unwrap_or_else(|fault| page::of(&fault, None, &cx.request.id));
            page::identify(&mut answer, &cx.request.id);
            answer.headers.extend(headers);
            answer
        })
    }
}

/// The bucket that a website's host names.
fn bucket(host: &str) -> Option<&str> {
    let (bucket, rest) = host.split_once(".s3-website")?;
    let is_ours = rest.starts_with(['.', '-']) && DOMAINS.iter().any(|domain| rest.ends_with(domain));
    (is_ours && !bucket.is_empty()).then_some(bucket)
}

impl S3 {
    /// What the bucket says to pages of other sites.
    fn page_ruling(&self, bucket: &str, request: &EdgeRequest) -> Result<Ruling, Fault> {
        let path = format!("/{bucket}{}", request.path);
        let (method, headers) = (&request.method, &request.headers);
        if !headers.contains_key(http::header::ORIGIN) && method != Method::OPTIONS {
            return Ok(Ruling::Silent);
        }
        self.ruling(CrossOriginHead { method, path: &path, headers, trusted: false })
    }

    async fn show(&self, cx: &Context, name: &str, request: &EdgeRequest) -> Result<EdgeResponse, Fault> {
        let (bucket, website) = self.website(cx, name)?;
        if request.method != Method::GET && request.method != Method::HEAD {
            let message = "The specified method is not allowed against this resource.";
            return Err(Fault::new("MethodNotAllowed", 405, message)
                .field("Method", request.method.as_str())
                .field("ResourceType", "OBJECT"));
        }
        if let Some(everything) = &website.redirect_all_requests_to {
            return Ok(page::redirect(301, &routing::everything(everything, &request.path, &request.query)));
        }
        let key = percent_decode_str(request.path.trim_start_matches('/')).decode_utf8_lossy().into_owned();
        if let Some(redirect) = routing::before(&website, &key, &cx.request.host) {
            return Ok(page::redirect(redirect.code, &redirect.location));
        }

        let cx = &cx.in_scope(bucket.home());
        let asked = Asked { bucket: name, key, headers: &request.headers };
        match self.document(cx, &asked, &website).await {
            Ok(answer) => Ok(answer),
            Err(fault) if fault.status() < 400 => Err(fault),
            Err(fault) => Ok(self.failure(cx, &asked, &website, &fault).await),
        }
    }

    fn website(&self, cx: &Context, name: &str) -> Result<(Bucket, WebsiteConfiguration), Fault> {
        self.store.read(&cx.scope, |tx| {
            let bucket = find(tx, name, None)?;
            let website = WEBSITE.of(tx, name, &bucket)?;
            Ok((bucket, website.ok_or_else(|| errors::settings::no_website(name))?))
        })
    }

    /// The object of that key, or the index document of that folder.
    async fn document(
        &self,
        cx: &Context,
        asked: &Asked<'_>,
        website: &WebsiteConfiguration,
    ) -> Result<EdgeResponse, Fault> {
        let suffix = website.index_document.as_ref().map_or("", |index| index.suffix.as_str());
        let is_folder = asked.key.is_empty() || asked.key.ends_with('/');
        let key = if is_folder { format!("{}{suffix}", asked.key) } else { asked.key.clone() };
        let fault = match object(cx, asked.bucket, &key, asked.headers).await {
            Ok(output) => return Ok(answer(&output, &cx.request.id, None)),
            Err(fault) => fault,
        };
        // Whoever forgot the slash of a folder is told.
        if !is_folder && fault.code() == "NoSuchKey" {
            let index = format!("{key}/{suffix}");
            if object(cx, asked.bucket, &index, &HeaderMap::new()).await.is_ok() {
                let mut answer = page::redirect(302, &format!("/{}/", names::in_path(&key)));
                page::error_headers(&mut answer.headers, "Found", "Resource Found");
                return Ok(answer);
            }
        }
        Err(fault)
    }

    /// What is shown instead: where a rule leads, the bucket's own page, or S3's.
    async fn failure(
        &self,
        cx: &Context,
        asked: &Asked<'_>,
        website: &WebsiteConfiguration,
        fault: &Fault,
    ) -> EdgeResponse {
        if let Some(redirect) = routing::after(website, &asked.key, fault.status(), &cx.request.host) {
            return page::redirect(redirect.code, &redirect.location);
        }
        let own = website.error_document.as_ref().filter(|_| (400..500).contains(&fault.status()));
        let Some(own) = own else { return page::of(fault, None, &cx.request.id) };
        match object(cx, asked.bucket, &own.key, &HeaderMap::new()).await {
            Ok(output) => {
                let mut answer = answer(&output, &cx.request.id, Some(fault.status()));
                page::error_headers(&mut answer.headers, fault.code(), fault.message());
                answer
            }
            Err(second) => page::of(fault, Some(&second), &cx.request.id),
        }
    }
}

/// Reads an object with the conditions and the range that the headers ask for.
async fn object(
    cx: &Context,
    bucket: &str,
    key: &str,
    headers: &HeaderMap,
) -> Result<GetObjectOutput, Fault> {
    let mut input = GetObjectInput::default();
    let mut request = WireRequest {
        method: Method::GET,
        path: String::new(),
        sent_path: String::new(),
        query: String::new(),
        headers: HeaderMap::new(),
        labels: Vec::new(),
        body: RequestBody::Whole(kernel::Bytes::new()),
    };
    for name in ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "range"] {
        if let Some(value) = headers.get(name) {
            request.headers.insert(name, value.clone());
        }
    }
    let decoded = protocol::of(ProtocolKind::RestXml).decode(GetObject::SCHEMA, &mut request, &mut input);
    decoded.map_err(|error| errors::invalid_request(error.message))?;
    input.bucket = bucket.to_owned();
    input.key = key.to_owned();
    cx.call::<GetObject>(input).await
}

/// The object as a page, or where it leads.
fn answer(output: &GetObjectOutput, id: &str, status: Option<u16>) -> EdgeResponse {
    if let Some(location) = &output.website_redirect_location {
        return page::redirect(301, location);
    }
    let protocol = protocol::of(ProtocolKind::RestXml);
    let output: &dyn Shape = output;
    let response: Response = protocol.encode(&api_s3::SERVICE, GetObject::SCHEMA, output, id);
    let (parts, body) = response.into_parts();
    let mut headers = parts.headers;
    headers.entry(http::header::CONTENT_TYPE).or_insert(HeaderValue::from_static("binary/octet-stream"));
    let body = match body {
        Body::Whole(bytes) => ByteStream::from_bytes(bytes),
        Body::Streaming(chunks, length) => ByteStream::new(chunks, length),
    };
    let status = status.map_or(parts.status, protocol::message::status_code);
    EdgeResponse { status, headers, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_websites_name_a_bucket() {
        for host in [
            "my.site.s3-website.localhost.localstack.cloud",
            "my.site.s3-website.localhost",
            "my.site.s3-website-eu-west-1.amazonaws.com",
            "my.site.s3-website.eu-central-1.amazonaws.com",
        ] {
            assert_eq!(bucket(host), Some("my.site"), "{host}");
        }
        for host in
            ["s3-website.localhost", "b.s3-websites.localhost", "b.s3.localhost", "b.s3-website.example.org"]
        {
            assert_eq!(bucket(host), None, "{host}");
        }
    }
}
