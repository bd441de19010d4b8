//! `Value` for scalars, lists, maps and options.

use indexmap::IndexMap;

use crate::schema::Member;
use crate::shape::{ReadError, Reader, Value, Writer};
use crate::stream::{ByteStream, EventStream};
use crate::{Bytes, Document, Timestamp};

macro_rules! scalar {
    ($($type:ty: $method:ident, |$value:ident| $to:expr, |$read:ident| $from:expr;)*) => {$(
        impl Value for $type {
            fn write(&self, member: &'static Member, writer: &mut dyn Writer) {
                let $value = self;
                writer.$method(member, $to);
            }
            #[allow(clippy::cast_possible_truncation, reason = "readers check the range by the schema's kind")]
            fn read(&mut self, member: &'static Member, reader: &mut dyn Reader) -> Result<(), ReadError> {
                let $read = reader.$method(member)?;
                *self = $from;
                Ok(())
            }
        }
    )*};
}

scalar! {
    Bytes: blob, |value| value, |read| read;
    Document: document, |value| value, |read| read;
    String: string, |value| value, |read| read;
    Timestamp: timestamp, |value| *value, |read| read;
    bool: boolean, |value| *value, |read| read;
    f32: float, |value| f64::from(*value), |read| read as f32;
    f64: float, |value| *value, |read| read;
    i16: integer, |value| i64::from(*value), |read| read as i16;
    i32: integer, |value| i64::from(*value), |read| read as i32;
    i64: integer, |value| *value, |read| read;
    i8: integer, |value| i64::from(*value), |read| read as i8;
}

impl<T: Value> Value for Option<T> {
    fn write(&self, member: &'static Member, writer: &mut dyn Writer) {
        match self {
            Some(value) => value.write(member, writer),
            None => writer.absent(member),
        }
    }

    fn read(&mut self, member: &'static Member, reader: &mut dyn Reader) -> Result<(), ReadError> {
        if reader.null()? {
            *self = None;
            return Ok(());
        }
        self.insert(T::default()).read(member, reader)
    }
}

impl<T: Value> Value for Box<T> {
    fn write(&self, member: &'static Member, writer: &mut dyn Writer) {
        (**self).write(member, writer);
    }

    fn read(&mut self, member: &'static Member, reader: &mut dyn Reader) -> Result<(), ReadError> {
        (**self).read(member, reader)
    }
}

impl<T: Value> Value for Vec<T> {
    fn write(&self, member: &'static Member, writer: &mut dyn Writer) {
        let element = &member.target.members[0];
        writer.list(member, self.len(), &mut |writer| {
            for value in self {
                value.write(element, writer);
            }
        });
    }

    fn read(&mut self, member: &'static Member, reader: &mut dyn Reader) -> Result<(), ReadError> {
        let element = &member.target.members[0];
        self.clear();
        reader.list(member, &mut |reader| {
            let mut value = T::default();
            value.read(element, reader)?;
            self.push(value);
            Ok(())
        })
    }
}

/// A type that stands as a map's key: text or an open enum.
pub trait MapKey: std::hash::Hash + Eq {
    /// The key as AWS writes it.
    fn as_key(&self) -> &str;
    /// The key read from the wire.
    fn from_key(text: String) -> Self;
}

impl MapKey for String {
    fn as_key(&self) -> &str {
        self
    }
    fn from_key(text: String) -> Self {
        text
    }
}

impl<K: MapKey, T: Value> Value for IndexMap<K, T> {
    fn write(&self, member: &'static Member, writer: &mut dyn Writer) {
        let [key_member, value_member] = member.target.members else { return };
        writer.map(member, self.len(), &mut |writer| {
            for (key, value) in self {
                writer.key(key_member, key.as_key());
                value.write(value_member, writer);
            }
        });
    }

    fn read(&mut self, member: &'static Member, reader: &mut dyn Reader) -> Result<(), ReadError> {
        let value_member = &member.target.members[1];
        self.clear();
        reader.map(member, &mut |key, reader| {
            let mut value = T::default();
            value.read(value_member, reader)?;
            self.insert(K::from_key(key), value);
            Ok(())
        })
    }
}

impl Value for ByteStream {
    fn write(&self, member: &'static Member, writer: &mut dyn Writer) {
        writer.stream(member, self);
    }

    fn read(&mut self, member: &'static Member, reader: &mut dyn Reader) -> Result<(), ReadError> {
        *self = reader.stream(member)?;
        Ok(())
    }
}

impl<T: crate::shape::Shape> Value for EventStream<T> {
    fn write(&self, member: &'static Member, writer: &mut dyn Writer) {
        writer.events(member, self);
    }

    fn read(&mut self, _: &'static Member, _: &mut dyn Reader) -> Result<(), ReadError> {
        Ok(())
    }
}
