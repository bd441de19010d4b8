//! Event streams: each event is a framed message with headers and a payload.
//!
//! Source: <https://smithy.io/2.0/aws/amazon-eventstream.html>

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use futures_util::{StreamExt, stream};
use kernel::schema::{Kind, Location, Member};
use kernel::shape::{Shape, Writer};
use kernel::stream::{AnyEventStream, AnyEvents, ByteStream};
use kernel::{Bytes, Document, Timestamp};

use crate::formats::{cbor_writer, json_writer, xml_writer};
use crate::message::{Body, Response};

/// How a protocol writes the payload of an event that is a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadFormat {
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// CBOR.
    Cbor,
}

/// The response that streams these events; RPC protocols send the output's other members first.
pub fn response(events: AnyEvents, format: PayloadFormat, initial: Option<Vec<u8>>) -> Response {
    let first = initial.map(|payload| {
        let headers = headers("event", "initial-response", content_type(format));
        frame(Message::new_from_parts(headers, Bytes::from(payload)))
    });
    let frames = events.map(move |event| Ok(encode(event.as_ref(), format)));
    let chunks = stream::iter(first.map(Ok)).chain(frames);
    let mut response = http::Response::new(Body::Streaming(Box::pin(chunks), None));
    let value = http::HeaderValue::from_static("application/vnd.amazon.eventstream");
    response.headers_mut().insert(http::header::CONTENT_TYPE, value);
    response
}

/// The frame of one event: `event` is the union, with one member set.
pub fn encode(event: &dyn Shape, format: PayloadFormat) -> Bytes {
    let mut walk = Walk { format, message: None };
    event.write_members(&mut walk);
    frame(walk.message.unwrap_or_else(|| Message::new(Bytes::new())))
}

fn frame(message: Message) -> Bytes {
    let mut out = Vec::new();
    // Only headers or payloads beyond the format's limits fail; ours are far below.
    let _ = write_message_to(&message, &mut out);
    out.into()
}

fn headers(kind: &'static str, name: &'static str, content_type: &'static str) -> Vec<Header> {
    let kind_header = if kind == "exception" { ":exception-type" } else { ":event-type" };
    let mut headers = vec![
        Header::new(":message-type", HeaderValue::String(kind.into())),
        Header::new(kind_header, HeaderValue::String(name.into())),
    ];
    if !content_type.is_empty() {
        headers.push(Header::new(":content-type", HeaderValue::String(content_type.into())));
    }
    headers
}

fn content_type(format: PayloadFormat) -> &'static str {
    match format {
        PayloadFormat::Json => "application/json",
        PayloadFormat::Xml => "text/xml",
        PayloadFormat::Cbor => "application/cbor",
    }
}

/// Walks the union: its one member is the event.
struct Walk {
    format: PayloadFormat,
    message: Option<Message>,
}

/// Walks an event: members that are headers, and the one that is the payload.
#[derive(Default)]
struct EventParts {
    headers: Vec<Header>,
    payload: Option<(Vec<u8>, &'static str)>,
    format: Option<PayloadFormat>,
}

impl Writer for Walk {
    fn structure(&mut self, member: &'static Member, value: &dyn Shape) {
        let mut parts = EventParts { format: Some(self.format), ..EventParts::default() };
        value.write_members(&mut parts);
        let is_error = value.schema().members.iter().any(|inner| inner.name.eq_ignore_ascii_case("message"))
            && member.target.name.ends_with("Exception");
        let has_body = value.schema().members.iter().any(|inner| inner.location == Location::Body);
        let (payload, content_type) = match parts.payload {
            Some(payload) => payload,
            None if has_body => (write(self.format, value), content_type(self.format)),
            None => (Vec::new(), ""),
        };
        let kind = if is_error { "exception" } else { "event" };
        let mut all = headers(kind, member.wire, content_type);
        all.append(&mut parts.headers);
        self.message = Some(Message::new_from_parts(all, Bytes::from(payload)));
    }

    fn absent(&mut self, _: &'static Member) {}
    fn blob(&mut self, _: &'static Member, _: &[u8]) {}
    fn boolean(&mut self, _: &'static Member, _: bool) {}
    fn document(&mut self, _: &'static Member, _: &Document) {}
    fn events(&mut self, _: &'static Member, _: &dyn AnyEventStream) {}
    fn float(&mut self, _: &'static Member, _: f64) {}
    fn integer(&mut self, _: &'static Member, _: i64) {}
    fn list(&mut self, _: &'static Member, _: usize, _: &mut dyn FnMut(&mut dyn Writer)) {}
    fn map(&mut self, _: &'static Member, _: usize, _: &mut dyn FnMut(&mut dyn Writer)) {}
    fn key(&mut self, _: &'static Member, _: &str) {}
    fn stream(&mut self, _: &'static Member, _: &ByteStream) {}
    fn string(&mut self, _: &'static Member, _: &str) {}
    fn timestamp(&mut self, _: &'static Member, _: Timestamp) {}
}

fn write(format: PayloadFormat, shape: &dyn Shape) -> Vec<u8> {
    match format {
        PayloadFormat::Json => json_writer::body(shape),
        PayloadFormat::Cbor => cbor_writer::object(shape),
        PayloadFormat::Xml => xml_writer::document(shape.schema().name, "", shape),
    }
}

impl EventParts {
    fn header(&mut self, member: &'static Member, value: HeaderValue) {
        if member.location == Location::EventHeader {
            self.headers.push(Header::new(member.wire, value));
        }
    }
}

impl Writer for EventParts {
    fn absent(&mut self, _: &'static Member) {}
    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        if member.location == Location::EventPayload {
            self.payload = Some((value.to_vec(), "application/octet-stream"));
        } else {
            self.header(member, HeaderValue::ByteArray(Bytes::copy_from_slice(value)));
        }
    }
    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.header(member, HeaderValue::Bool(value));
    }
    fn document(&mut self, _: &'static Member, _: &Document) {}
    fn events(&mut self, _: &'static Member, _: &dyn AnyEventStream) {}
    fn float(&mut self, _: &'static Member, _: f64) {}
    #[allow(clippy::cast_possible_truncation, reason = "the member's kind bounds the value")]
    fn integer(&mut self, member: &'static Member, value: i64) {
        let value = match member.target.kind {
            Kind::Byte => HeaderValue::Byte(value as i8),
            Kind::Short => HeaderValue::Int16(value as i16),
            Kind::Integer => HeaderValue::Int32(value as i32),
            _ => HeaderValue::Int64(value),
        };
        self.header(member, value);
    }
    fn list(&mut self, _: &'static Member, _: usize, _: &mut dyn FnMut(&mut dyn Writer)) {}
    fn map(&mut self, _: &'static Member, _: usize, _: &mut dyn FnMut(&mut dyn Writer)) {}
    fn key(&mut self, _: &'static Member, _: &str) {}
    fn stream(&mut self, _: &'static Member, _: &ByteStream) {}
    fn string(&mut self, member: &'static Member, value: &str) {
        if member.location == Location::EventPayload {
            self.payload = Some((value.as_bytes().to_vec(), "text/plain"));
        } else {
            self.header(member, HeaderValue::String(value.to_owned().into()));
        }
    }
    fn structure(&mut self, member: &'static Member, value: &dyn Shape) {
        if member.location == Location::EventPayload {
            let format = self.format.unwrap_or(PayloadFormat::Json);
            self.payload = Some((write(format, value), content_type(format)));
        }
    }
    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        let instant = aws_smithy_types::DateTime::from_millis(value.as_millisecond());
        self.header(member, HeaderValue::Timestamp(instant));
    }
}
