//! The walk between typed values and any wire format: shapes write themselves and are read member by member.

use std::any::Any;
use std::fmt;

use crate::schema::{Member, Schema};
use crate::stream::{AnyEventStream, ByteStream};
use crate::{Bytes, Document, Timestamp};

/// A structure or union of a service's API.
pub trait Shape: Any + Send + Sync {
    /// Its static description.
    fn schema(&self) -> &'static Schema;

    /// Writes every member that is set, in the model's order.
    fn write_members(&self, writer: &mut dyn Writer);

    /// Reads the value of the member at `index` of the schema.
    ///
    /// # Errors
    /// What the reader finds wrong with the value.
    fn read_member(&mut self, index: usize, reader: &mut dyn Reader) -> Result<(), ReadError>;
}

/// A value that can be a member: scalars, lists, maps, enums, structures.
pub trait Value: Default {
    /// Writes the value as `member`; an absent one writes nothing.
    fn write(&self, member: &'static Member, writer: &mut dyn Writer);

    /// Replaces the value by what the reader has.
    ///
    /// # Errors
    /// What the reader finds wrong with the value.
    fn read(&mut self, member: &'static Member, reader: &mut dyn Reader) -> Result<(), ReadError>;
}

/// Where values go: a codec, the validator, a header map.
///
/// Every call carries the member that is being written: of a structure, or a list's or map's own.
pub trait Writer {
    /// An absent element of a sparse list or map; nothing in structures.
    fn absent(&mut self, member: &'static Member);
    /// Bytes.
    fn blob(&mut self, member: &'static Member, value: &[u8]);
    /// True or false.
    fn boolean(&mut self, member: &'static Member, value: bool);
    /// An open value.
    fn document(&mut self, member: &'static Member, value: &Document);
    /// An event stream, which protocols take out of the value.
    fn events(&mut self, member: &'static Member, value: &dyn AnyEventStream);
    /// A floating point number; the schema's kind tells its width.
    fn float(&mut self, member: &'static Member, value: f64);
    /// An integer; the schema's kind tells its width.
    fn integer(&mut self, member: &'static Member, value: i64);
    /// A list: `each` writes the elements as `member.target.members[0]`.
    fn list(&mut self, member: &'static Member, length: usize, each: &mut dyn FnMut(&mut dyn Writer));
    /// A map: `each` writes pairs, each as `key` followed by the value as `member.target.members[1]`.
    fn map(&mut self, member: &'static Member, length: usize, each: &mut dyn FnMut(&mut dyn Writer));
    /// The key of the map entry whose value comes next.
    fn key(&mut self, member: &'static Member, key: &str);
    /// A stream of bytes, which protocols take out of the value.
    fn stream(&mut self, member: &'static Member, value: &ByteStream);
    /// Text.
    fn string(&mut self, member: &'static Member, value: &str);
    /// A structure or union.
    fn structure(&mut self, member: &'static Member, value: &dyn Shape);
    /// An instant.
    fn timestamp(&mut self, member: &'static Member, value: Timestamp);
}

/// Where values come from: a codec standing before one value.
pub trait Reader {
    /// Consumes the value if it is null.
    ///
    /// # Errors
    /// Broken input.
    fn null(&mut self) -> Result<bool, ReadError>;
    /// Bytes.
    ///
    /// # Errors
    /// The value is not of that kind.
    fn blob(&mut self, member: &'static Member) -> Result<Bytes, ReadError>;
    /// True or false.
    ///
    /// # Errors
    /// The value is not of that kind.
    fn boolean(&mut self, member: &'static Member) -> Result<bool, ReadError>;
    /// An open value.
    ///
    /// # Errors
    /// The value is broken.
    fn document(&mut self, member: &'static Member) -> Result<Document, ReadError>;
    /// A floating point number.
    ///
    /// # Errors
    /// The value is not of that kind.
    fn float(&mut self, member: &'static Member) -> Result<f64, ReadError>;
    /// An integer that fits the schema's kind.
    ///
    /// # Errors
    /// The value is not of that kind.
    fn integer(&mut self, member: &'static Member) -> Result<i64, ReadError>;
    /// A list: `each` is called before every element.
    ///
    /// # Errors
    /// The value is not of that kind.
    fn list(
        &mut self,
        member: &'static Member,
        each: &mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError>;
    /// A map: `each` is called with every key, before its value.
    ///
    /// # Errors
    /// The value is not of that kind.
    fn map(
        &mut self,
        member: &'static Member,
        each: &mut dyn FnMut(String, &mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError>;
    /// The request's streaming body.
    ///
    /// # Errors
    /// There is none here.
    fn stream(&mut self, member: &'static Member) -> Result<ByteStream, ReadError>;
    /// Text.
    ///
    /// # Errors
    /// The value is not of that kind.
    fn string(&mut self, member: &'static Member) -> Result<String, ReadError>;
    /// A structure or union, read into `into` member by member.
    ///
    /// # Errors
    /// The value is not of that kind.
    fn structure(&mut self, member: &'static Member, into: &mut dyn Shape) -> Result<(), ReadError>;
    /// An instant.
    ///
    /// # Errors
    /// The value is not of that kind.
    fn timestamp(&mut self, member: &'static Member) -> Result<Timestamp, ReadError>;
}

/// Why a value could not be read; protocols turn it into the family's own error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// What went wrong, as a class that protocols word differently.
    pub kind: ReadErrorKind,
    /// A sentence, in the words of the wire format.
    pub message: String,
    /// The path of model names to the value, such as `item.price.N`.
    pub path: String,
}

/// The classes of read errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// The body is not of the format at all.
    Syntax,
    /// A value of another type stands there.
    Type,
    /// The type is right but the value cannot be read (base64, number range, date).
    Value,
}

impl ReadError {
    /// An error of that kind; the codec adds the path.
    pub fn new(kind: ReadErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), path: String::new() }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

/// Declares a structure that walks itself over its schema; every field has its index there.
#[macro_export]
macro_rules! structure {
    ($(#[$meta:meta])* $name:ident: $schema:path { $($index:literal $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        pub struct $name {
            $(pub $field: $type,)*
        }

        impl $crate::shape::Shape for $name {
            fn schema(&self) -> &'static $crate::schema::Schema {
                &$schema
            }
            #[allow(unused_variables, reason = "some structures have no member")]
            fn write_members(&self, writer: &mut dyn $crate::shape::Writer) {
                $($crate::shape::Value::write(&self.$field, &$schema.members[$index], writer);)*
            }
            #[allow(unused_variables, reason = "some structures have no member")]
            fn read_member(
                &mut self,
                index: usize,
                reader: &mut dyn $crate::shape::Reader,
            ) -> Result<(), $crate::shape::ReadError> {
                match index {
                    $($index => $crate::shape::Value::read(&mut self.$field, &$schema.members[$index], reader),)*
                    _ => Ok(()),
                }
            }
        }

        $crate::structure_value!($name);
    };
}

/// Declares a union: one variant per member, and `Unknown` where no known member is set.
#[macro_export]
macro_rules! union {
    ($(#[$meta:meta])* $name:ident: $schema:path { $($index:literal $variant:ident: $type:ty,)* }) => {
        $(#[$meta])*
        pub enum $name {
            /// No member that this model knows.
            #[default]
            Unknown,
            $($variant($type),)*
        }

        impl $crate::shape::Shape for $name {
            fn schema(&self) -> &'static $crate::schema::Schema {
                &$schema
            }
            fn write_members(&self, writer: &mut dyn $crate::shape::Writer) {
                match self {
                    Self::Unknown => {}
                    $(Self::$variant(value) => {
                        $crate::shape::Value::write(value, &$schema.members[$index], writer);
                    })*
                }
            }
            fn read_member(
                &mut self,
                index: usize,
                reader: &mut dyn $crate::shape::Reader,
            ) -> Result<(), $crate::shape::ReadError> {
                match index {
                    $($index => {
                        let mut value = <$type>::default();
                        $crate::shape::Value::read(&mut value, &$schema.members[$index], reader)?;
                        *self = Self::$variant(value);
                    })*
                    _ => {}
                }
                Ok(())
            }
        }

        $crate::structure_value!($name);
    };
}

/// Makes [`Value`] of a structure or union: it goes through `Writer::structure` and `Reader::structure`.
#[macro_export]
macro_rules! structure_value {
    ($($name:ty),* $(,)?) => {$(
        impl $crate::shape::Value for $name {
            fn write(&self, member: &'static $crate::schema::Member, writer: &mut dyn $crate::shape::Writer) {
                writer.structure(member, self);
            }
            fn read(
                &mut self,
                member: &'static $crate::schema::Member,
                reader: &mut dyn $crate::shape::Reader,
            ) -> Result<(), $crate::shape::ReadError> {
                reader.structure(member, self)
            }
        }
    )*};
}

/// Declares an open enum: one variant per value AWS documents, and `Unknown` for every other.
#[macro_export]
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $variant,)*
            /// A value this model does not know.
            Unknown(Box<str>),
        }

        impl $name {
            /// Every value of the model.
            pub const VALUES: &'static [&'static str] = &[$($text),*];

            /// The value as AWS writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Unknown(other.into()),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Unknown("".into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::shape::Value for $name {
            fn write(&self, member: &'static $crate::schema::Member, writer: &mut dyn $crate::shape::Writer) {
                writer.string(member, self.as_str());
            }
            fn read(
                &mut self,
                member: &'static $crate::schema::Member,
                reader: &mut dyn $crate::shape::Reader,
            ) -> Result<(), $crate::shape::ReadError> {
                *self = Self::from(reader.string(member)?.as_str());
                Ok(())
            }
        }

        $crate::serde_as_text!($name);
    };
}

/// Stores an open enum as its text.
#[macro_export]
macro_rules! serde_as_text {
    ($name:ident) => {
        impl $crate::reexport::Serialize for $name {
            fn serialize<S: $crate::reexport::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::reexport::Deserialize<'de> for $name {
            fn deserialize<D: $crate::reexport::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                let text = <String as $crate::reexport::Deserialize>::deserialize(deserializer)?;
                Ok(Self::from(text.as_str()))
            }
        }
    };
}
