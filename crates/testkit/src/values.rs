//! Shapes from JSON values and back, by the model's names, whatever the protocol.

use kernel::schema::{Kind, Member};
use kernel::shape::{ReadError, ReadErrorKind, Reader, Shape, Writer};
use kernel::stream::{AnyEventStream, ByteStream};
use kernel::{Bytes, Document, Timestamp};
use protocol::formats::text;
use serde_json::{Map, Value, json};

/// Reads a value into a shape.
pub fn read(value: &Value, into: &mut dyn Shape) {
    let Some(members) = value.as_object() else { panic!("{value} is not an object") };
    for (name, value) in members {
        let found = into.schema().member_by_name(name);
        let (index, _) = found.unwrap_or_else(|| panic!("{:?} has no member `{name}`", into.schema()));
        into.read_member(index, &mut ValueReader(value)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// A shape as a value: only the members that are set.
pub fn write(shape: &dyn Shape) -> Value {
    let mut writer = ValueWriter { open: vec![Open::Object(Map::new(), None)] };
    shape.write_members(&mut writer);
    writer.close()
}

struct ValueReader<'v>(&'v Value);

impl ValueReader<'_> {
    fn wrong<T>(&self) -> Result<T, ReadError> {
        Err(ReadError::new(ReadErrorKind::Type, format!("{} is of another type", self.0)))
    }
}

impl Reader for ValueReader<'_> {
    fn null(&mut self) -> Result<bool, ReadError> {
        Ok(self.0.is_null())
    }
    fn blob(&mut self, _: &'static Member) -> Result<Bytes, ReadError> {
        self.0.as_str().map_or_else(|| self.wrong(), |text| Ok(Bytes::copy_from_slice(text.as_bytes())))
    }
    fn boolean(&mut self, _: &'static Member) -> Result<bool, ReadError> {
        self.0.as_bool().map_or_else(|| self.wrong(), Ok)
    }
    fn document(&mut self, _: &'static Member) -> Result<Document, ReadError> {
        Ok(self.0.clone())
    }
    fn float(&mut self, _: &'static Member) -> Result<f64, ReadError> {
        self.0.as_f64().map_or_else(|| self.wrong(), Ok)
    }
    fn integer(&mut self, _: &'static Member) -> Result<i64, ReadError> {
        self.0.as_i64().map_or_else(|| self.wrong(), Ok)
    }
    fn list(
        &mut self,
        _: &'static Member,
        each: &mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.0.as_array().into_iter().flatten().try_for_each(|value| each(&mut ValueReader(value)))
    }
    fn map(
        &mut self,
        _: &'static Member,
        each: &mut dyn FnMut(String, &mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut entries = self.0.as_object().into_iter().flatten();
        entries.try_for_each(|(key, value)| each(key.clone(), &mut ValueReader(value)))
    }
    fn stream(&mut self, member: &'static Member) -> Result<ByteStream, ReadError> {
        self.blob(member).map(ByteStream::from_bytes)
    }
    fn string(&mut self, _: &'static Member) -> Result<String, ReadError> {
        self.0.as_str().map_or_else(|| self.wrong(), |text| Ok(text.to_owned()))
    }
    fn structure(&mut self, _: &'static Member, into: &mut dyn Shape) -> Result<(), ReadError> {
        read(self.0, into);
        Ok(())
    }
    fn timestamp(&mut self, _: &'static Member) -> Result<Timestamp, ReadError> {
        match self.0 {
            Value::String(text) => text::parse_timestamp(text),
            other => text::parse_timestamp(&other.to_string()),
        }
    }
}

enum Open {
    Object(Map<String, Value>, Option<String>),
    List(Vec<Value>),
}

struct ValueWriter {
    open: Vec<Open>,
}

impl ValueWriter {
    fn close(&mut self) -> Value {
        match self.open.pop() {
            Some(Open::Object(members, _)) => members.into(),
            Some(Open::List(values)) => values.into(),
            None => Value::Null,
        }
    }

    fn put(&mut self, member: &'static Member, value: Value) {
        match self.open.last_mut() {
            Some(Open::Object(members, key)) => {
                members.insert(key.take().unwrap_or_else(|| member.name.to_owned()), value);
            }
            Some(Open::List(values)) => values.push(value),
            None => {}
        }
    }

    fn nested(&mut self, member: &'static Member, open: Open, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.open.push(open);
        each(self);
        let value = self.close();
        self.put(member, value);
    }
}

impl Writer for ValueWriter {
    fn absent(&mut self, _: &'static Member) {}
    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        self.put(member, String::from_utf8_lossy(value).into());
    }
    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.put(member, value.into());
    }
    fn document(&mut self, member: &'static Member, value: &Document) {
        self.put(member, value.clone());
    }
    fn events(&mut self, _: &'static Member, _: &dyn AnyEventStream) {}
    fn float(&mut self, member: &'static Member, value: f64) {
        self.put(member, json!(value));
    }
    fn integer(&mut self, member: &'static Member, value: i64) {
        self.put(member, value.into());
    }
    fn list(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.nested(member, Open::List(Vec::new()), each);
    }
    fn map(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.nested(member, Open::Object(Map::new(), None), each);
    }
    fn key(&mut self, _: &'static Member, name: &str) {
        if let Some(Open::Object(_, key)) = self.open.last_mut() {
            *key = Some(name.to_owned());
        }
    }
    fn stream(&mut self, _: &'static Member, _: &ByteStream) {}
    fn string(&mut self, member: &'static Member, value: &str) {
        self.put(member, value.into());
    }
    fn structure(&mut self, member: &'static Member, value: &dyn Shape) {
        debug_assert!(member.target.kind != Kind::String);
        self.nested(member, Open::Object(Map::new(), None), &mut |writer| value.write_members(writer));
    }
    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        self.put(member, json!(value.as_millisecond() as f64 / 1000.0));
    }
}
