//! What a browser is told once its form's file is stored.

use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderValue, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use protocol::formats::xml_writer::XmlWriter;
use protocol::message::set_header;
use protocol::{Body, Response};

use super::Form;
use crate::address;

/// What stays as it is in the path of a location.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The answer that the form asks for.
pub struct Wanted {
    bucket: String,
    key: String,
    location: String,
    redirect: Option<String>,
    status: StatusCode,
}

impl Wanted {
    /// What the form's fields say.
    pub fn of(form: &Form, host: &str) -> Self {
        let redirect = form.field("success_action_redirect").or_else(|| form.field("redirect"));
        // AWS takes a URL that it cannot interpret for none.
        let is_url =
            |text: &&str| text.parse::<Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some());
        let status = match form.field("success_action_status") {
            Some("200") => StatusCode::OK,
            Some("201") => StatusCode::CREATED,
            _ => StatusCode::NO_CONTENT,
        };
        let key = utf8_percent_encode(form.key(), PATH);
        Self {
            bucket: form.bucket.clone(),
            key: form.key().to_owned(),
            location: format!("{}{key}", address::of_bucket(host, &form.bucket)),
            redirect: redirect.filter(is_url).map(str::to_owned),
            status,
        }
    }

    /// Makes the answer of `PutObject` the form's.
    pub fn answer(self, mut answer: Response) -> Response {
        let etag =
            answer.headers().get(ETAG).and_then(|etag| etag.to_str().ok()).unwrap_or_default().to_owned();
        if let Some(redirect) = &self.redirect {
            *answer.status_mut() = StatusCode::SEE_OTHER;
            set_header(answer.headers_mut(), LOCATION.as_str(), &self.redirected(redirect, &etag));
            return answer;
        }
        *answer.status_mut() = self.status;
        set_header(answer.headers_mut(), LOCATION.as_str(), &self.location);
        if self.status == StatusCode::CREATED {
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            *answer.body_mut() = Body::Whole(self.document(&etag).into());
        }
        answer
    }

    fn redirected(&self, redirect: &str, etag: &str) -> String {
        let mark = if redirect.contains('?') { '&' } else { '?' };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("bucket", &self.bucket).append_pair("key", &self.key).append_pair("etag", etag);
        format!("{redirect}{mark}{}", query.finish())
    }

    fn document(&self, etag: &str) -> Vec<u8> {
        let mut writer = XmlWriter::new(false);
        writer.declaration();
        writer.open("PostResponse", Vec::new());
        writer.element("Location", &self.location);
        writer.element("Bucket", &self.bucket);
        writer.element("Key", &self.key);
        writer.element("ETag", etag);
        writer.close("PostResponse");
        writer.finish()
    }
}
