//! JSON out of the schema walk.

use kernel::schema::{Kind, Location, Member, TimestampFormat};
use kernel::shape::{Shape, Writer};
use kernel::stream::{AnyEventStream, ByteStream};
use kernel::{Document, Timestamp};

use super::text;

/// Writes JSON into a buffer.
pub struct JsonWriter {
    out: Vec<u8>,
    frames: Vec<Frame>,
    body_only: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Frame {
    kind: FrameKind,
    first: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    List,
    Map,
    Structure,
}

/// A structure as a JSON object, all members.
pub fn object(shape: &dyn Shape) -> Vec<u8> {
    write(shape, false)
}

/// A structure as a JSON object, only the members that stand in an HTTP body.
pub fn body(shape: &dyn Shape) -> Vec<u8> {
    write(shape, true)
}

fn write(shape: &dyn Shape, body_only: bool) -> Vec<u8> {
    let mut writer = JsonWriter { out: Vec::with_capacity(256), frames: Vec::with_capacity(8), body_only };
    writer.open(FrameKind::Structure, b'{');
    shape.write_members(&mut writer);
    writer.close(b'}');
    writer.out
}

impl JsonWriter {
    /// Writes what stands before a value; false when the member has no place in this body.
    fn begin(&mut self, member: &'static Member) -> bool {
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else { return true };
        match frame.kind {
            FrameKind::Map => return true,
            FrameKind::Structure if depth == 1 && self.body_only && member.location != Location::Body => {
                return false;
            }
            FrameKind::List | FrameKind::Structure => {}
        }
        if !std::mem::replace(&mut frame.first, false) {
            self.out.push(b',');
        }
        if frame.kind == FrameKind::Structure {
            self.out.push(b'"');
            self.out.extend_from_slice(member.wire.as_bytes());
            self.out.extend_from_slice(b"\":");
        }
        true
    }

    fn open(&mut self, kind: FrameKind, bracket: u8) {
        self.frames.push(Frame { kind, first: true });
        self.out.push(bracket);
    }

    fn close(&mut self, bracket: u8) {
        self.frames.pop();
        self.out.push(bracket);
    }

    fn text(&mut self, text: &str) {
        // Writing to a vector cannot fail.
        let _ = serde_json::to_writer(&mut self.out, text);
    }
}

impl Writer for JsonWriter {
    fn absent(&mut self, member: &'static Member) {
        let in_structure = self.frames.last().is_some_and(|frame| frame.kind == FrameKind::Structure);
        if !in_structure && self.begin(member) {
            self.out.extend_from_slice(b"null");
        }
    }

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        if self.begin(member) {
            self.text(&text::base64(value));
        }
    }

    fn boolean(&mut self, member: &'static Member, value: bool) {
        if self.begin(member) {
            self.out.extend_from_slice(if value { b"true" } else { b"false" });
        }
    }

    fn document(&mut self, member: &'static Member, value: &Document) {
        if self.begin(member) {
            let _ = serde_json::to_writer(&mut self.out, value);
        }
    }

    fn events(&mut self, _: &'static Member, _: &dyn AnyEventStream) {}

    fn float(&mut self, member: &'static Member, value: f64) {
        if !self.begin(member) {
            return;
        }
        if !value.is_finite() {
            self.text(&text::float(value));
        } else if member.target.kind == Kind::Float {
            #[allow(clippy::cast_possible_truncation, reason = "the value came from an f32")]
            let _ = serde_json::to_writer(&mut self.out, &(value as f32));
        } else {
            let _ = serde_json::to_writer(&mut self.out, &value);
        }
    }

    fn integer(&mut self, member: &'static Member, value: i64) {
        if self.begin(member) {
            let _ = serde_json::to_writer(&mut self.out, &value);
        }
    }

    fn list(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        if self.begin(member) {
            self.open(FrameKind::List, b'[');
            each(self);
            self.close(b']');
        }
    }

    fn map(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        if self.begin(member) {
            self.open(FrameKind::Map, b'{');
            each(self);
            self.close(b'}');
        }
    }

    fn key(&mut self, _: &'static Member, key: &str) {
        if let Some(frame) = self.frames.last_mut()
            && !std::mem::replace(&mut frame.first, false)
        {
            self.out.push(b',');
        }
        self.text(key);
        self.out.push(b':');
    }

    fn stream(&mut self, _: &'static Member, _: &ByteStream) {}

    fn string(&mut self, member: &'static Member, value: &str) {
        if self.begin(member) {
            self.text(value);
        }
    }

    fn structure(&mut self, member: &'static Member, value: &dyn Shape) {
        if self.begin(member) {
            self.open(FrameKind::Structure, b'{');
            value.write_members(self);
            self.close(b'}');
        }
    }

    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        if !self.begin(member) {
            return;
        }
        match member.timestamp_or(TimestampFormat::EpochSeconds) {
            TimestampFormat::EpochSeconds => {
                self.out.extend_from_slice(text::epoch_seconds(value).as_bytes())
            }
            format => self.text(&text::timestamp(value, format)),
        }
    }
}
