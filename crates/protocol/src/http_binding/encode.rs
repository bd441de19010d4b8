//! Members of an answer that stand outside its body, and the body's payload.

use http::HeaderMap;
use kernel::schema::{Kind, Location, Member, TimestampFormat};
use kernel::shape::{Shape, Writer};
use kernel::stream::{AnyEventStream, AnyEvents, ByteStream};
use kernel::{Document, Timestamp};

use crate::formats::{header_text, text};
use crate::message::{Body, set_header, set_header_bytes};

/// All of an answer but its ordinary body members.
pub struct Outer {
    /// Headers of bound members.
    pub headers: HeaderMap,
    /// The status code, if a member sets it.
    pub status: Option<u16>,
    /// The payload, if a member is the whole body.
    pub payload: Option<Payload>,
    /// Whether any member stands in the body.
    pub has_body_members: bool,
    prefix: Option<&'static str>,
    key: String,
    list: Option<Vec<String>>,
}

/// A member that is the whole body.
pub enum Payload {
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// Text as it is.
    Text(String),
    /// An open JSON value.
    Document(Vec<u8>),
    /// A structure, written by the body format under this member's name.
    Structure(&'static Member, Vec<u8>),
    /// A stream of bytes.
    Stream(Body),
    /// A stream of events.
    Events(AnyEvents),
}

/// Walks the output once for everything outside the body; `structure` writes a payload structure.
pub fn encode(output: &dyn Shape, structure: &dyn Fn(&'static Member, &dyn Shape) -> Vec<u8>) -> Outer {
    let mut outer = Outer {
        headers: HeaderMap::new(),
        status: None,
        payload: None,
        has_body_members: false,
        prefix: None,
        key: String::new(),
        list: None,
    };
    outer.has_body_members = output.schema().members.iter().any(|member| {
        member.location == Location::Body && !matches!(member.target.kind, Kind::Stream | Kind::EventStream)
    });
    let mut walk = Walk { outer, structure };
    output.write_members(&mut walk);
    walk.outer
}

struct Walk<'a> {
    outer: Outer,
    structure: &'a dyn Fn(&'static Member, &dyn Shape) -> Vec<u8>,
}

impl Walk<'_> {
    fn text(&mut self, member: &'static Member, value: &str) {
        if let Some(list) = &mut self.outer.list {
            list.push(value.to_owned());
            return;
        }
        if let Some(prefix) = self.outer.prefix {
            let name = format!("{prefix}{}", self.outer.key);
            set_header(&mut self.outer.headers, &name, &header_text::encode_words(value));
            return;
        }
        match member.location {
            Location::Header => {
                set_header_bytes(&mut self.outer.headers, member.wire, &header_text::write(value))
            }
            Location::Payload => self.outer.payload = Some(Payload::Text(value.to_owned())),
            _ => {}
        }
    }
}

impl Writer for Walk<'_> {
    fn absent(&mut self, _: &'static Member) {}

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        if member.location == Location::Payload {
            self.outer.payload = Some(Payload::Bytes(value.to_vec()));
        } else {
            self.text(member, &text::base64(value));
        }
    }

    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.text(member, if value { "true" } else { "false" });
    }

    fn document(&mut self, member: &'static Member, value: &Document) {
        if member.location == Location::Payload {
            self.outer.payload = Some(Payload::Document(value.to_string().into_bytes()));
        }
    }

    fn events(&mut self, _: &'static Member, value: &dyn AnyEventStream) {
        self.outer.payload = Some(Payload::Events(value.take_any()));
    }

    fn float(&mut self, member: &'static Member, value: f64) {
        self.text(member, &text::float(value));
    }

    fn integer(&mut self, member: &'static Member, value: i64) {
        if member.location == Location::StatusCode {
            self.outer.status = u16::try_from(value).ok();
        } else if member.location != Location::Body {
            self.text(member, &value.to_string());
        }
    }

    fn list(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        if member.location == Location::Header {
            self.outer.list = Some(Vec::new());
            each(self);
            let values = self.outer.list.take().unwrap_or_default();
            if !values.is_empty() {
                self.text(member, &values.join(","));
            }
        }
    }

    fn map(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        if member.location == Location::Headers {
            self.outer.prefix = Some(member.wire);
            each(self);
            self.outer.prefix = None;
        }
    }

    fn key(&mut self, _: &'static Member, key: &str) {
        key.clone_into(&mut self.outer.key);
    }

    fn stream(&mut self, _: &'static Member, value: &ByteStream) {
        self.outer.payload = Some(Payload::Stream(Body::Streaming(value.take(), value.length())));
    }

    fn string(&mut self, member: &'static Member, value: &str) {
        if member.json_value {
            self.text(member, &text::base64(value.as_bytes()));
        } else {
            self.text(member, value);
        }
    }

    fn structure(&mut self, member: &'static Member, value: &dyn Shape) {
        if member.location == Location::Payload {
            self.outer.payload = Some(Payload::Structure(member, (self.structure)(member, value)));
        }
    }

    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        if member.location == Location::Header {
            self.text(member, &text::timestamp(value, member.timestamp_or(TimestampFormat::HttpDate)));
        }
    }
}
