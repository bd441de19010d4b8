//! Members of a request that stand outside its body, and the body's payload.

use std::borrow::Cow;
use std::collections::HashMap;

use kernel::schema::{Kind, Location, Member};
use kernel::shape::{ReadError, ReadErrorKind, Reader, Shape};
use kernel::stream::ByteStream;
use kernel::{Bytes, Document, Timestamp};

use crate::formats::{header_text, json_reader, text};
use crate::message::WireRequest;
use kernel::validation::Missing;

use crate::validate::{self, Path};

/// The body format of a REST protocol.
pub trait BodyFormat {
    /// Reads the members of `into` from the body: all of what a payload member is, or those of an input that stand in
    /// the body.
    ///
    /// # Errors
    /// Broken bytes or values.
    fn read(
        &self,
        body: &[u8],
        payload: Option<&'static Member>,
        into: &mut dyn Shape,
    ) -> Result<Vec<Missing>, ReadError>;
}

/// Reads a request: bound members one by one, the rest from the body.
///
/// # Errors
/// The first value that cannot be read.
pub fn decode(
    format: &dyn BodyFormat,
    request: &mut WireRequest,
    input: &mut dyn Shape,
) -> Result<Vec<Missing>, ReadError> {
    let schema = input.schema();
    let mut missing = Vec::new();
    let mut has_body_members = false;
    let parameters = Parameters::of(request);
    for (index, member) in schema.members.iter().enumerate() {
        let values = match member.location {
            Location::Uri => request
                .labels
                .iter()
                .find(|(name, _)| *name == member.wire)
                .map(|(_, value)| vec![value.clone()]),
            Location::Header => header(request, member),
            Location::QueryString => parameters.values(member),
            Location::Headers => {
                let entries = prefixed(request, member.wire);
                if !entries.is_empty() {
                    input.read_member(index, &mut EntriesReader { entries: &entries })?;
                }
                continue;
            }
            Location::QueryParameters => {
                let entries = parameters.others(schema.members);
                if !entries.is_empty() {
                    input.read_member(index, &mut EntriesReader { entries: &entries })?;
                }
                continue;
            }
            Location::Payload => {
                payload(format, request, input, index, member, &mut missing)?;
                continue;
            }
            _ if member.target.kind == Kind::Stream => {
                payload(format, request, input, index, member, &mut missing)?;
                continue;
            }
            _ => {
                has_body_members = true;
                continue;
            }
        };
        let mut path = Path::default();
        path.push(member);
        match values {
            Some(values) => {
                let read = input.read_member(index, &mut TextReader { values: &values });
                read.map_err(|error| path.locate(error))?;
            }
            None if member.required => missing.push(validate::missing(&path)),
            None => {}
        }
    }
    if has_body_members {
        missing.extend(format.read(request.body.whole(), None, input)?);
    }
    Ok(missing)
}

fn header(request: &WireRequest, member: &Member) -> Option<Vec<String>> {
    let values = request.headers.get_all(member.wire);
    let values: Vec<String> = values.iter().map(|value| header_text::read(value.as_bytes())).collect();
    if values.is_empty() {
        return None;
    }
    if member.target.kind == Kind::List {
        let parts = values.iter().flat_map(|value| value.split(','));
        return Some(parts.map(|part| part.trim().to_owned()).collect());
    }
    // An empty number or date is as good as none: some clients send empty headers.
    let is_text = matches!(member.target.kind, Kind::String | Kind::Blob);
    (is_text || !values[0].is_empty()).then_some(values)
}

fn prefixed(request: &WireRequest, prefix: &str) -> Vec<(String, String)> {
    let mut entries: Vec<(String, String)> = Vec::new();
    for (name, value) in &request.headers {
        let Some(key) = name.as_str().strip_prefix(&prefix.to_ascii_lowercase()) else { continue };
        let value = header_text::read(value.as_bytes());
        let value = header_text::decode_words(&value).into_owned();
        match entries.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => *known = format!("{known},{value}"),
            None => entries.push((key.to_owned(), value)),
        }
    }
    entries
}

/// The query parameters, in order.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(request: &WireRequest) -> Self {
        if request.query.is_empty() {
            return Self(Vec::new());
        }
        Self(request.parameters().map(|(key, value)| (key.into_owned(), value.into_owned())).collect())
    }

    fn values(&self, member: &Member) -> Option<Vec<String>> {
        let values: Vec<_> =
            self.0.iter().filter(|(key, _)| key == member.wire).map(|(_, value)| value.clone()).collect();
        // An empty number or date is as good as none, as in headers.
        let is_text = matches!(member.target.kind, Kind::String | Kind::Blob | Kind::List);
        values.first().is_some_and(|first| is_text || !first.is_empty()).then_some(values)
    }

    fn others(&self, members: &[Member]) -> Vec<(String, String)> {
        let bound = |key: &str| {
            members.iter().any(|member| member.location == Location::QueryString && member.wire == key)
        };
        let mut grouped: HashMap<&str, ()> = HashMap::new();
        let mut entries = Vec::new();
        for (key, value) in &self.0 {
            if !bound(key) && grouped.insert(key, ()).is_none() {
                entries.push((key.clone(), value.clone()));
            }
        }
        entries
    }
}

fn payload(
    format: &dyn BodyFormat,
    request: &mut WireRequest,
    input: &mut dyn Shape,
    index: usize,
    member: &'static Member,
    missing: &mut Vec<Missing>,
) -> Result<(), ReadError> {
    let mut path = Path::default();
    path.push(member);
    let is_structure = matches!(member.target.kind, Kind::Structure | Kind::Union | Kind::Document);
    if member.target.kind != Kind::Stream && request.body.whole().is_empty() {
        if member.required {
            missing.push(validate::missing(&path));
        }
        return Ok(());
    }
    let mut reader = PayloadReader { format, request, missing: Vec::new() };
    let read = input.read_member(index, &mut reader);
    let found = std::mem::take(&mut reader.missing);
    missing.extend(found.into_iter().map(|inner| Missing {
        path: if is_structure { format!("{}.{}", path.text(), inner.path) } else { inner.path },
        name: inner.name,
    }));
    read.map_err(|mut error| {
        if is_structure && !error.path.is_empty() {
            error.path = format!("{}.{}", path.text(), error.path);
        }
        path.locate(error)
    })
}

/// Stands before the whole body.
struct PayloadReader<'a> {
    format: &'a dyn BodyFormat,
    request: &'a mut WireRequest,
    missing: Vec<Missing>,
}

fn misplaced<T>() -> Result<T, ReadError> {
    Err(ReadError::new(ReadErrorKind::Type, "a value of this kind cannot stand here"))
}

impl Reader for PayloadReader<'_> {
    fn null(&mut self) -> Result<bool, ReadError> {
        Ok(false)
    }
    fn blob(&mut self, _: &'static Member) -> Result<Bytes, ReadError> {
        Ok(self.request.body.take_bytes())
    }
    fn boolean(&mut self, _: &'static Member) -> Result<bool, ReadError> {
        misplaced()
    }
    fn document(&mut self, _: &'static Member) -> Result<Document, ReadError> {
        json_reader::read_document(self.request.body.whole())
    }
    fn float(&mut self, _: &'static Member) -> Result<f64, ReadError> {
        misplaced()
    }
    fn integer(&mut self, _: &'static Member) -> Result<i64, ReadError> {
        misplaced()
    }
    fn list(
        &mut self,
        _: &'static Member,
        _: &mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        misplaced()
    }
    fn map(
        &mut self,
        _: &'static Member,
        _: &mut dyn FnMut(String, &mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        misplaced()
    }
    fn stream(&mut self, _: &'static Member) -> Result<ByteStream, ReadError> {
        Ok(self.request.body.take_stream())
    }
    fn string(&mut self, _: &'static Member) -> Result<String, ReadError> {
        let bytes = self.request.body.take_bytes();
        let text = String::from_utf8(bytes.into());
        text.map_err(|_| ReadError::new(ReadErrorKind::Syntax, "the body is not UTF-8"))
    }
    fn structure(&mut self, member: &'static Member, into: &mut dyn Shape) -> Result<(), ReadError> {
        self.missing = self.format.read(self.request.body.whole(), Some(member), into)?;
        Ok(())
    }
    fn timestamp(&mut self, _: &'static Member) -> Result<Timestamp, ReadError> {
        misplaced()
    }
}

/// Stands before text from a label, header or query parameter; lists have several.
struct TextReader<'a> {
    values: &'a [String],
}

impl TextReader<'_> {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.values.first().map_or("", String::as_str))
    }
}

impl Reader for TextReader<'_> {
    fn null(&mut self) -> Result<bool, ReadError> {
        Ok(false)
    }
    fn blob(&mut self, _: &'static Member) -> Result<Bytes, ReadError> {
        text::parse_base64(&self.text())
    }
    fn boolean(&mut self, _: &'static Member) -> Result<bool, ReadError> {
        text::parse_boolean(&self.text())
    }
    fn document(&mut self, _: &'static Member) -> Result<Document, ReadError> {
        json_reader::read_document(self.text().as_bytes())
    }
    fn float(&mut self, _: &'static Member) -> Result<f64, ReadError> {
        text::parse_float(&self.text())
    }
    fn integer(&mut self, member: &'static Member) -> Result<i64, ReadError> {
        text::parse_integer(member, &self.text())
    }
    fn list(
        &mut self,
        _: &'static Member,
        each: &mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.values.chunks(1).try_for_each(|values| each(&mut TextReader { values }))
    }
    fn map(
        &mut self,
        _: &'static Member,
        _: &mut dyn FnMut(String, &mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        misplaced()
    }
    fn stream(&mut self, _: &'static Member) -> Result<ByteStream, ReadError> {
        misplaced()
    }
    fn string(&mut self, member: &'static Member) -> Result<String, ReadError> {
        if !member.json_value {
            return Ok(self.text().into_owned());
        }
        let decoded = text::parse_base64(&self.text())?;
        String::from_utf8(decoded.into()).map_err(|_| ReadError::new(ReadErrorKind::Value, "not UTF-8"))
    }
    fn structure(&mut self, _: &'static Member, _: &mut dyn Shape) -> Result<(), ReadError> {
        misplaced()
    }
    fn timestamp(&mut self, _: &'static Member) -> Result<Timestamp, ReadError> {
        text::parse_timestamp(&self.text())
    }
}

/// Stands before the headers of a prefix, or the parameters without a member of their own.
struct EntriesReader<'a> {
    entries: &'a [(String, String)],
}

impl Reader for EntriesReader<'_> {
    fn null(&mut self) -> Result<bool, ReadError> {
        Ok(false)
    }
    fn blob(&mut self, _: &'static Member) -> Result<Bytes, ReadError> {
        misplaced()
    }
    fn boolean(&mut self, _: &'static Member) -> Result<bool, ReadError> {
        misplaced()
    }
    fn document(&mut self, _: &'static Member) -> Result<Document, ReadError> {
        misplaced()
    }
    fn float(&mut self, _: &'static Member) -> Result<f64, ReadError> {
        misplaced()
    }
    fn integer(&mut self, _: &'static Member) -> Result<i64, ReadError> {
        misplaced()
    }
    fn list(
        &mut self,
        _: &'static Member,
        _: &mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        misplaced()
    }
    fn map(
        &mut self,
        _: &'static Member,
        each: &mut dyn FnMut(String, &mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.entries.iter().try_for_each(|(key, value)| {
            each(key.clone(), &mut TextReader { values: std::slice::from_ref(value) })
        })
    }
    fn stream(&mut self, _: &'static Member) -> Result<ByteStream, ReadError> {
        misplaced()
    }
    fn string(&mut self, _: &'static Member) -> Result<String, ReadError> {
        misplaced()
    }
    fn structure(&mut self, _: &'static Member, _: &mut dyn Shape) -> Result<(), ReadError> {
        misplaced()
    }
    fn timestamp(&mut self, _: &'static Member) -> Result<Timestamp, ReadError> {
        misplaced()
    }
}
