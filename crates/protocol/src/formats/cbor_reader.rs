//! CBOR into the schema walk.
//!
//! The body is first read into a tree of values, with bounds on depth and size, and the tree is walked: a CBOR
//! client may send members in any order and lengths in two ways, and the tree hides that.

use ciborium_ll::{Decoder, Header, simple};
use kernel::schema::{Kind, Member};
use kernel::shape::{ReadError, ReadErrorKind, Reader, Shape};
use kernel::stream::ByteStream;
use kernel::{Bytes, Document, Timestamp};

use super::text;
use kernel::validation::Missing;

use crate::validate::{self, Path};

/// The depth at which AWS's own parsers give up.
const MAX_DEPTH: usize = 128;

/// A CBOR value.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Null,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

/// Reads a CBOR map into a structure and lists the required members it lacks.
///
/// # Errors
/// Broken CBOR, or the first value that cannot be read, with its path.
pub fn read(body: &[u8], input: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
    let root = if body.is_empty() { Value::Map(Vec::new()) } else { parse(body)? };
    let (mut path, mut missing) = (Path::default(), Vec::new());
    let mut reader = CborReader { value: &root, path: &mut path, missing: &mut missing };
    reader.read_members(input)?;
    Ok(missing)
}

/// Reads an open CBOR value; byte strings have no form there and become null.
///
/// # Errors
/// Broken CBOR.
pub fn document(body: &[u8]) -> Result<Document, ReadError> {
    Ok(to_document(&parse(body)?))
}

fn parse(body: &[u8]) -> Result<Value, ReadError> {
    let mut decoder = Decoder::from(body);
    let header = decoder.pull().map_err(|_| broken())?;
    let value = value(&mut decoder, header, 0)?;
    if decoder.offset() != body.len() {
        return Err(broken());
    }
    Ok(value)
}

fn broken() -> ReadError {
    ReadError::new(ReadErrorKind::Syntax, "The request body is not valid CBOR")
}

type Input<'b> = Decoder<&'b [u8]>;

fn value(decoder: &mut Input<'_>, header: Header, depth: usize) -> Result<Value, ReadError> {
    if depth > MAX_DEPTH {
        return Err(broken());
    }
    match header {
        Header::Positive(value) => Ok(Value::Integer(value.into())),
        Header::Negative(value) => Ok(Value::Integer(-1 - i128::from(value))),
        Header::Float(value) => Ok(Value::Float(value)),
        Header::Simple(simple::FALSE) => Ok(Value::Boolean(false)),
        Header::Simple(simple::TRUE) => Ok(Value::Boolean(true)),
        Header::Simple(_) => Ok(Value::Null),
        Header::Tag(_) => {
            let header = decoder.pull().map_err(|_| broken())?;
            value(decoder, header, depth + 1)
        }
        Header::Bytes(length) => bytes(decoder, length).map(Value::Bytes),
        Header::Text(length) => text(decoder, length).map(Value::Text),
        Header::Array(length) => list(decoder, length, depth),
        Header::Map(length) => map(decoder, length, depth),
        Header::Break => Err(broken()),
    }
}

/// The header of a container's next item, or nothing at its end.
fn next(decoder: &mut Input<'_>, left: &mut Option<usize>) -> Result<Option<Header>, ReadError> {
    match left {
        Some(0) => return Ok(None),
        Some(left) => *left -= 1,
        None => {}
    }
    match decoder.pull().map_err(|_| broken())? {
        Header::Break if left.is_none() => Ok(None),
        header => Ok(Some(header)),
    }
}

fn list(decoder: &mut Input<'_>, mut length: Option<usize>, depth: usize) -> Result<Value, ReadError> {
    let mut values = Vec::new();
    while let Some(header) = next(decoder, &mut length)? {
        values.push(value(decoder, header, depth + 1)?);
    }
    Ok(Value::List(values))
}

fn map(decoder: &mut Input<'_>, mut length: Option<usize>, depth: usize) -> Result<Value, ReadError> {
    let mut entries = Vec::new();
    while let Some(header) = next(decoder, &mut length)? {
        let Header::Text(key) = header else { return Err(broken()) };
        let key = text(decoder, key)?;
        let header = decoder.pull().map_err(|_| broken())?;
        entries.push((key, value(decoder, header, depth + 1)?));
    }
    Ok(Value::Map(entries))
}

fn bytes(decoder: &mut Input<'_>, length: Option<usize>) -> Result<Vec<u8>, ReadError> {
    let mut whole = Vec::new();
    let mut buffer = [0; 4096];
    let mut segments = decoder.bytes(length);
    while let Some(mut segment) = segments.pull().map_err(|_| broken())? {
        while let Some(chunk) = segment.pull(&mut buffer).map_err(|_| broken())? {
            whole.extend_from_slice(chunk);
        }
    }
    Ok(whole)
}

fn text(decoder: &mut Input<'_>, length: Option<usize>) -> Result<String, ReadError> {
    let mut whole = String::new();
    let mut buffer = [0; 4096];
    let mut segments = decoder.text(length);
    while let Some(mut segment) = segments.pull().map_err(|_| broken())? {
        while let Some(chunk) = segment.pull(&mut buffer).map_err(|_| broken())? {
            whole.push_str(chunk);
        }
    }
    Ok(whole)
}

/// Stands before one value.
struct CborReader<'a> {
    value: &'a Value,
    path: &'a mut Path,
    missing: &'a mut Vec<Missing>,
}

impl CborReader<'_> {
    fn wrong<T>(&self, member: &Member) -> Result<T, ReadError> {
        let message = format!("{} is not of type {:?}", member.name, member.target.kind);
        Err(ReadError::new(ReadErrorKind::Type, message))
    }

    fn read_members(&mut self, into: &mut dyn Shape) -> Result<(), ReadError> {
        let Value::Map(entries) = self.value else {
            return Err(ReadError::new(ReadErrorKind::Type, "a map was expected"));
        };
        let schema = into.schema();
        let mut count = 0;
        for (index, member) in schema.members.iter().enumerate() {
            let value = entries.iter().rev().find(|(key, value)| key == member.wire && *value != Value::Null);
            self.path.push(member);
            if let Some((_, value)) = value {
                count += 1;
                let mut reader = CborReader { value, path: self.path, missing: self.missing };
                let read = into.read_member(index, &mut reader);
                read.map_err(|error| self.path.locate(error))?;
            } else if member.required {
                self.missing.push(validate::missing(self.path));
            }
            self.path.pop();
        }
        if schema.kind == Kind::Union && count != 1 {
            return Err(ReadError::new(ReadErrorKind::Value, "exactly one member of a union must be set"));
        }
        Ok(())
    }
}

impl Reader for CborReader<'_> {
    fn null(&mut self) -> Result<bool, ReadError> {
        Ok(*self.value == Value::Null)
    }

    fn blob(&mut self, member: &'static Member) -> Result<Bytes, ReadError> {
        match self.value {
            Value::Bytes(bytes) => Ok(Bytes::copy_from_slice(bytes)),
            _ => self.wrong(member),
        }
    }

    fn boolean(&mut self, member: &'static Member) -> Result<bool, ReadError> {
        match self.value {
            Value::Boolean(value) => Ok(*value),
            _ => self.wrong(member),
        }
    }

    fn document(&mut self, _: &'static Member) -> Result<Document, ReadError> {
        Ok(to_document(self.value))
    }

    #[allow(clippy::cast_precision_loss, reason = "CBOR clients write whole floats as integers")]
    fn float(&mut self, member: &'static Member) -> Result<f64, ReadError> {
        match self.value {
            Value::Float(value) => Ok(*value),
            Value::Integer(value) => Ok(*value as f64),
            _ => self.wrong(member),
        }
    }

    fn integer(&mut self, member: &'static Member) -> Result<i64, ReadError> {
        match self.value {
            Value::Integer(value) => match i64::try_from(*value) {
                Ok(value) => text::fit(member, value),
                Err(_) => self.wrong(member),
            },
            #[allow(clippy::cast_possible_truncation, reason = "whole numbers within 2^53 only")]
            Value::Float(value) if value.trunc() == *value && value.abs() < 9e15 => {
                text::fit(member, *value as i64)
            }
            _ => self.wrong(member),
        }
    }

    fn list(
        &mut self,
        member: &'static Member,
        each: &mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let Value::List(values) = self.value else { return self.wrong(member) };
        for (index, value) in values.iter().enumerate().filter(|(_, value)| **value != Value::Null) {
            self.path.push_index(index);
            let read = each(&mut CborReader { value, path: self.path, missing: self.missing });
            read.map_err(|error| self.path.locate(error))?;
            self.path.pop();
        }
        Ok(())
    }

    fn map(
        &mut self,
        member: &'static Member,
        each: &mut dyn FnMut(String, &mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let Value::Map(entries) = self.value else { return self.wrong(member) };
        for (key, value) in entries.iter().filter(|(_, value)| *value != Value::Null) {
            self.path.push_key(key);
            let read = each(key.clone(), &mut CborReader { value, path: self.path, missing: self.missing });
            read.map_err(|error| self.path.locate(error))?;
            self.path.pop();
        }
        Ok(())
    }

    fn stream(&mut self, _: &'static Member) -> Result<ByteStream, ReadError> {
        Ok(ByteStream::default())
    }

    fn string(&mut self, member: &'static Member) -> Result<String, ReadError> {
        match self.value {
            Value::Text(text) => Ok(text.clone()),
            _ => self.wrong(member),
        }
    }

    fn structure(&mut self, _: &'static Member, into: &mut dyn Shape) -> Result<(), ReadError> {
        self.read_members(into)
    }

    fn timestamp(&mut self, member: &'static Member) -> Result<Timestamp, ReadError> {
        let seconds = self.float(member)?;
        match text::from_seconds(seconds) {
            Some(timestamp) => Ok(timestamp),
            None => self.wrong(member),
        }
    }
}

fn to_document(value: &Value) -> Document {
    match value {
        Value::Null | Value::Bytes(_) => Document::Null,
        Value::Boolean(value) => (*value).into(),
        Value::Integer(value) => i64::try_from(*value).map_or(Document::Null, Document::from),
        Value::Float(value) => (*value).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(values) => values.iter().map(to_document).collect(),
        Value::Map(entries) => {
            Document::Object(entries.iter().map(|(key, value)| (key.clone(), to_document(value))).collect())
        }
    }
}
