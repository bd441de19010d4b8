//! JSON into the schema walk, over serde_json's tokens.

use std::cell::RefCell;
use std::fmt;

use kernel::schema::{Kind, Location, Member};
use kernel::shape::{ReadError, ReadErrorKind, Reader, Shape};
use kernel::stream::ByteStream;
use kernel::{Bytes, Document, Timestamp};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text;
use kernel::validation::Missing;

use crate::validate::{self, Path};

/// What the whole walk shares.
struct Walk {
    path: RefCell<Path>,
    missing: RefCell<Vec<Missing>>,
    error: RefCell<Option<ReadError>>,
    body_only: bool,
}

/// Reads a JSON object into a structure and lists the required members it lacks.
///
/// With `body_only`, the input's members that stand elsewhere in the HTTP message are left alone.
///
/// # Errors
/// Broken JSON, or the first value that cannot be read, with its path.
pub fn read(body: &[u8], body_only: bool, input: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
    let walk =
        Walk { path: RefCell::default(), missing: RefCell::default(), error: RefCell::default(), body_only };
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let result = (&mut deserializer)
        .deserialize_any(Structure { walk: &walk, shape: input, depth: 0 })
        .and_then(|()| deserializer.end());
    match (walk.error.into_inner(), result) {
        (Some(error), _) => Err(error),
        (None, Ok(())) => Ok(walk.missing.into_inner()),
        (None, Err(error)) => Err(ReadError::new(ReadErrorKind::Syntax, error.to_string())),
    }
}

/// Reads an open JSON value.
///
/// # Errors
/// Broken JSON.
pub fn read_document(body: &[u8]) -> Result<Document, ReadError> {
    serde_json::from_slice(body).map_err(|error| ReadError::new(ReadErrorKind::Syntax, error.to_string()))
}

impl Walk {
    /// Remembers our error, which serde cannot carry, and stops serde with another.
    fn fail<E: Error>(&self, error: ReadError) -> E {
        let mut slot = self.error.borrow_mut();
        if slot.is_none() {
            *slot = Some(self.path.borrow().locate(error));
        }
        E::custom("stopped")
    }

    /// Our error for serde's: the remembered one, or a syntax error.
    fn recover(&self, error: &impl fmt::Display) -> ReadError {
        self.error
            .borrow()
            .clone()
            .unwrap_or_else(|| ReadError::new(ReadErrorKind::Syntax, error.to_string()))
    }

    fn require(&self, shape: &dyn Shape, seen: u128) {
        for (index, member) in shape.schema().members.iter().enumerate() {
            if member.required && (index >= 128 || seen & (1 << index) == 0) {
                let mut path = self.path.borrow_mut();
                path.push(member);
                self.missing.borrow_mut().push(validate::missing(&path));
                path.pop();
            }
        }
    }
}

/// What stood where something else was expected, in the words of AWS's JSON parser.
fn found(token: &'static str, wanted: Kind) -> ReadError {
    let wanted = match wanted {
        Kind::Blob => "Blob",
        Kind::Boolean => "Boolean",
        Kind::Byte => "Byte",
        Kind::Double => "Double",
        Kind::Float => "Float",
        Kind::Integer => "Integer",
        Kind::Long => "Long",
        Kind::Short => "Short",
        Kind::Timestamp => "Timestamp",
        _ => "String",
    };
    let message = match token {
        "START_OBJECT" | "START_ARRAY" => "Start of structure or map found where not expected.".to_owned(),
        token => format!("{token} can not be converted to {} {wanted}", article(wanted)),
    };
    ReadError::new(ReadErrorKind::Type, message)
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" }
}

/// A scalar as JSON has it.
enum Scalar {
    Text(String),
    Float(f64),
    Integer(i64),
    Boolean(bool),
}

struct ScalarVisitor<'w> {
    walk: &'w Walk,
    wanted: Kind,
}

impl<'de> Visitor<'de> for ScalarVisitor<'_> {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Boolean(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
        #[allow(clippy::cast_precision_loss, reason = "beyond 64 signed bits only the magnitude matters")]
        Ok(i64::try_from(value).map_or(Scalar::Float(value as f64), Scalar::Integer))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float(value))
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }
    fn visit_string<E: Error>(self, value: String) -> Result<Scalar, E> {
        Ok(Scalar::Text(value))
    }
    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Scalar, A::Error> {
        Err(self.walk.fail(found("START_OBJECT", self.wanted)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Scalar, A::Error> {
        Err(self.walk.fail(found("START_ARRAY", self.wanted)))
    }
}

/// Stands before one value.
struct ValueReader<'w, D> {
    walk: &'w Walk,
    /// Nothing once the value is consumed, or where it was null.
    value: Option<D>,
    depth: usize,
}

impl<'de, D: Deserializer<'de>> ValueReader<'_, D> {
    fn take(&mut self) -> Result<D, ReadError> {
        self.value.take().ok_or_else(|| ReadError::new(ReadErrorKind::Type, "Unexpected null value"))
    }

    fn scalar(&mut self, member: &'static Member) -> Result<Scalar, ReadError> {
        let visitor = ScalarVisitor { walk: self.walk, wanted: member.target.kind };
        self.take()?.deserialize_any(visitor).map_err(|error| self.walk.recover(&error))
    }

    fn text(&mut self, member: &'static Member) -> Result<String, ReadError> {
        match self.scalar(member)? {
            Scalar::Text(text) => Ok(text),
            other => Err(found(other.token(), member.target.kind)),
        }
    }
}

impl Scalar {
    fn token(&self) -> &'static str {
        match self {
            Self::Text(_) => "STRING_VALUE",
            Self::Float(_) => "DECIMAL_VALUE",
            Self::Integer(_) => "NUMBER_VALUE",
            Self::Boolean(true) => "TRUE_VALUE",
            Self::Boolean(false) => "FALSE_VALUE",
        }
    }
}

impl<'de, D: Deserializer<'de>> Reader for ValueReader<'_, D> {
    fn null(&mut self) -> Result<bool, ReadError> {
        Ok(self.value.is_none())
    }

    fn blob(&mut self, member: &'static Member) -> Result<Bytes, ReadError> {
        text::parse_base64(&self.text(member)?)
    }

    fn boolean(&mut self, member: &'static Member) -> Result<bool, ReadError> {
        match self.scalar(member)? {
            Scalar::Boolean(value) => Ok(value),
            Scalar::Text(text) => {
                text::parse_boolean(&text).map_err(|_| found("STRING_VALUE", member.target.kind))
            }
            other => Err(found(other.token(), member.target.kind)),
        }
    }

    fn document(&mut self, _: &'static Member) -> Result<Document, ReadError> {
        use serde::Deserialize;
        Document::deserialize(self.take()?).map_err(|error| self.walk.recover(&error))
    }

    #[allow(clippy::cast_precision_loss, reason = "JSON has one kind of number")]
    fn float(&mut self, member: &'static Member) -> Result<f64, ReadError> {
        match self.scalar(member)? {
            Scalar::Float(value) => Ok(value),
            Scalar::Integer(value) => Ok(value as f64),
            Scalar::Text(text) => {
                text::parse_float(&text).map_err(|_| found("STRING_VALUE", member.target.kind))
            }
            other @ Scalar::Boolean(_) => Err(found(other.token(), member.target.kind)),
        }
    }

    fn integer(&mut self, member: &'static Member) -> Result<i64, ReadError> {
        match self.scalar(member)? {
            Scalar::Integer(value) => text::fit(member, value),
            #[allow(clippy::cast_possible_truncation, reason = "whole numbers within 2^53 only")]
            Scalar::Float(value) if value == value.trunc() && value.abs() < 9e15 => {
                text::fit(member, value as i64)
            }
            other => Err(found(other.token(), member.target.kind)),
        }
    }

    fn list(
        &mut self,
        _: &'static Member,
        each: &mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let list = List { walk: self.walk, each, depth: self.depth };
        self.take()?.deserialize_any(list).map_err(|error| self.walk.recover(&error))
    }

    fn map(
        &mut self,
        _: &'static Member,
        each: &mut dyn FnMut(String, &mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let entries = Entries { walk: self.walk, each, depth: self.depth };
        self.take()?.deserialize_any(entries).map_err(|error| self.walk.recover(&error))
    }

    fn stream(&mut self, _: &'static Member) -> Result<ByteStream, ReadError> {
        Ok(ByteStream::default())
    }

    fn string(&mut self, member: &'static Member) -> Result<String, ReadError> {
        self.text(member)
    }

    fn structure(&mut self, _: &'static Member, into: &mut dyn Shape) -> Result<(), ReadError> {
        let structure = Structure { walk: self.walk, shape: into, depth: self.depth };
        self.take()?.deserialize_any(structure).map_err(|error| self.walk.recover(&error))
    }

    fn timestamp(&mut self, member: &'static Member) -> Result<Timestamp, ReadError> {
        #[allow(clippy::cast_precision_loss, reason = "JSON has one kind of number")]
        let seconds = match self.scalar(member)? {
            Scalar::Text(text) => return text::parse_timestamp(&text),
            Scalar::Integer(value) => value as f64,
            Scalar::Float(value) => value,
            other @ Scalar::Boolean(_) => return Err(found(other.token(), member.target.kind)),
        };
        text::from_seconds(seconds).ok_or_else(|| {
            ReadError::new(ReadErrorKind::Value, format!("{seconds} is not a valid timestamp"))
        })
    }
}

/// A visitor's refusal of everything that is neither an object nor an array.
macro_rules! refuse_scalars {
    ($message:literal) => {
        refuse_scalars!($message, visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
    };
    ($message:literal, $($visit:ident: $type:ty),*) => {
        $(fn $visit<E: Error>(self, _: $type) -> Result<(), E> {
            Err(self.walk.fail(ReadError::new(ReadErrorKind::Type, $message)))
        })*
    };
}

/// Visits an object as a structure.
struct Structure<'w, 's> {
    walk: &'w Walk,
    shape: &'s mut dyn Shape,
    depth: usize,
}

impl<'de> Visitor<'de> for Structure<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let schema = self.shape.schema();
        let mut seen = 0_u128;
        let mut count = 0;
        while let Some(key) = map.next_key::<Key<'de>>()? {
            let found = schema.member_by_wire(&key.0);
            let here = |member: &Member| {
                !(self.walk.body_only && self.depth == 0 && member.location != Location::Body)
            };
            let Some((index, member)) = found.filter(|(_, member)| here(member)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            self.walk.path.borrow_mut().push(member);
            let field = Field {
                walk: self.walk,
                depth: self.depth + 1,
                read: &mut |reader| self.shape.read_member(index, reader),
            };
            let present = map.next_value_seed(field)?;
            self.walk.path.borrow_mut().pop();
            if present {
                count += 1;
                seen |= 1_u128.checked_shl(index as u32).unwrap_or(0);
            }
        }
        if schema.kind == Kind::Union && count != 1 {
            let message = if count == 0 { "union is empty" } else { "union has more than one member set" };
            return Err(self.walk.fail(ReadError::new(ReadErrorKind::Value, message)));
        }
        if !(self.walk.body_only && self.depth == 0) {
            self.walk.require(self.shape, seen);
        } else {
            let elsewhere = schema.members.iter().enumerate().take(128);
            let elsewhere = elsewhere.filter(|(_, member)| member.location != Location::Body);
            let seen = elsewhere.fold(seen, |seen, (index, _)| seen | 1 << index);
            self.walk.require(self.shape, seen);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.walk.fail(ReadError::new(
            ReadErrorKind::Type,
            "Unrecognized collection type class java.util.ArrayList",
        )))
    }
    refuse_scalars!("Unexpected value type in payload");
}

/// Visits an array.
struct List<'w, 'e> {
    walk: &'w Walk,
    each: &'e mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    depth: usize,
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for index in 0.. {
            self.walk.path.borrow_mut().push_index(index);
            let field = Field { walk: self.walk, depth: self.depth + 1, read: &mut *self.each };
            let more = list.next_element_seed(field)?.is_some();
            self.walk.path.borrow_mut().pop();
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self
            .walk
            .fail(ReadError::new(ReadErrorKind::Type, "Start of structure or map found where not expected.")))
    }
    refuse_scalars!("Unexpected field type");
}

/// Visits an object as a map.
struct Entries<'w, 'e> {
    walk: &'w Walk,
    each: &'e mut dyn FnMut(String, &mut dyn Reader) -> Result<(), ReadError>,
    depth: usize,
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key<'de>>()? {
            self.walk.path.borrow_mut().push_key(&key.0);
            let mut key = Some(key.0.into_owned());
            let read = &mut |reader: &mut dyn Reader| (self.each)(key.take().unwrap_or_default(), reader);
            map.next_value_seed(Field { walk: self.walk, depth: self.depth + 1, read })?;
            self.walk.path.borrow_mut().pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.walk.fail(ReadError::new(
            ReadErrorKind::Type,
            "Unrecognized collection type class java.util.ArrayList",
        )))
    }
    refuse_scalars!("Unexpected field type");
}

/// Reads one value by `read`; true unless it was null. Nulls are as good as absent, also in lists and maps.
struct Field<'w, 'r> {
    walk: &'w Walk,
    read: &'r mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Field<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Field<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_none<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let mut reader = ValueReader { walk: self.walk, value: Some(deserializer), depth: self.depth };
        (self.read)(&mut reader).map_err(|error| self.walk.fail::<D::Error>(error))?;
        Ok(true)
    }
}

/// A key, borrowed from the body where it has no escapes.
struct Key<'de>(std::borrow::Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(key.into()))
            }
            fn visit_str<E: Error>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(key.to_owned().into()))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}
