//! CBOR out of the schema walk.

use ciborium_ll::{Encoder, Header, simple};
use kernel::schema::Member;
use kernel::shape::{Shape, Writer};
use kernel::stream::{AnyEventStream, ByteStream};
use kernel::{Document, Timestamp};

/// The tag of a time in seconds since 1970.
const EPOCH_TIME: u64 = 1;

/// Writes CBOR into a buffer. Containers have no length: how many members are set shows only on the way.
pub struct CborWriter {
    out: Vec<u8>,
    frames: Vec<FrameKind>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    List,
    Map,
    Structure,
}

/// A structure as a CBOR map.
pub fn object(shape: &dyn Shape) -> Vec<u8> {
    let mut writer = CborWriter { out: Vec::with_capacity(256), frames: Vec::new() };
    writer.container(FrameKind::Structure, &mut |writer| shape.write_members(writer));
    writer.finish()
}

/// An error as a CBOR map: its name in `__type`, then its members, or its message and fields where it is not modelled.
pub fn error(name: &str, fault: &kernel::Fault) -> Vec<u8> {
    let mut writer = CborWriter { out: Vec::with_capacity(256), frames: vec![FrameKind::Structure] };
    writer.push(Header::Map(None));
    writer.text("__type");
    writer.text(name);
    match fault.shape() {
        Some(shape) => shape.write_members(&mut writer),
        None => {
            if !fault.fields().iter().any(|(name, _)| name == "Message") {
                writer.text("message");
                writer.text(fault.message());
            }
            for (name, value) in fault.fields() {
                writer.text(name);
                writer.text(value);
            }
        }
    }
    writer.push(Header::Break);
    writer.finish()
}

impl CborWriter {
    /// The bytes written.
    fn finish(self) -> Vec<u8> {
        self.out
    }

    fn push(&mut self, header: Header) {
        // Writing to a vector cannot fail.
        let _ = Encoder::from(&mut self.out).push(header);
    }

    fn text(&mut self, text: &str) {
        let _ = Encoder::from(&mut self.out).text(text, None);
    }

    /// Writes the name that stands before a structure's value.
    fn begin(&mut self, member: &'static Member) {
        if self.frames.last() == Some(&FrameKind::Structure) {
            self.text(member.wire);
        }
    }

    fn container(&mut self, kind: FrameKind, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.push(if kind == FrameKind::List { Header::Array(None) } else { Header::Map(None) });
        self.frames.push(kind);
        each(self);
        self.frames.pop();
        self.push(Header::Break);
    }

    fn number(&mut self, value: i64) {
        // CBOR writes a negative number as the complement of its magnitude.
        let bits = u64::try_from(value);
        self.push(bits.map_or_else(|_| Header::Negative(!value as u64), Header::Positive));
    }

    fn value(&mut self, value: &Document) {
        match value {
            Document::Null => self.push(Header::Simple(simple::NULL)),
            Document::Bool(value) => {
                self.push(Header::Simple(if *value { simple::TRUE } else { simple::FALSE }))
            }
            Document::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(value), _) => self.number(value),
                (None, value) => self.push(Header::Float(value.unwrap_or_default())),
            },
            Document::String(text) => self.text(text),
            Document::Array(values) => {
                self.push(Header::Array(Some(values.len())));
                values.iter().for_each(|value| self.value(value));
            }
            Document::Object(entries) => {
                self.push(Header::Map(Some(entries.len())));
                for (key, value) in entries {
                    self.text(key);
                    self.value(value);
                }
            }
        }
    }
}

impl Writer for CborWriter {
    fn absent(&mut self, _: &'static Member) {
        if self.frames.last() != Some(&FrameKind::Structure) {
            self.push(Header::Simple(simple::NULL));
        }
    }

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        self.begin(member);
        let _ = Encoder::from(&mut self.out).bytes(value, None);
    }

    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.begin(member);
        self.push(Header::Simple(if value { simple::TRUE } else { simple::FALSE }));
    }

    fn document(&mut self, member: &'static Member, value: &Document) {
        self.begin(member);
        self.value(value);
    }

    fn events(&mut self, _: &'static Member, _: &dyn AnyEventStream) {}

    fn float(&mut self, member: &'static Member, value: f64) {
        self.begin(member);
        self.push(Header::Float(value));
    }

    fn integer(&mut self, member: &'static Member, value: i64) {
        self.begin(member);
        self.number(value);
    }

    fn list(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.begin(member);
        self.container(FrameKind::List, each);
    }

    fn map(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.begin(member);
        self.container(FrameKind::Map, each);
    }

    fn key(&mut self, _: &'static Member, key: &str) {
        self.text(key);
    }

    fn stream(&mut self, _: &'static Member, _: &ByteStream) {}

    fn string(&mut self, member: &'static Member, value: &str) {
        self.begin(member);
        self.text(value);
    }

    fn structure(&mut self, member: &'static Member, value: &dyn Shape) {
        self.begin(member);
        self.container(FrameKind::Structure, &mut |writer| value.write_members(writer));
    }

    #[allow(clippy::cast_precision_loss, reason = "milliseconds of any date fit 53 bits")]
    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        self.begin(member);
        self.push(Header::Tag(EPOCH_TIME));
        self.push(Header::Float(value.as_millisecond() as f64 / 1000.0));
    }
}
