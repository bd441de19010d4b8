//! XML out of the schema walk.

use kernel::schema::{Kind, Location, Member, TimestampFormat, XmlNamespace};
use kernel::shape::{Shape, Writer};
use kernel::stream::{AnyEventStream, ByteStream};
use kernel::{Document, Timestamp};
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::text;

/// Writes elements into a buffer.
pub struct XmlWriter {
    out: quick_xml::Writer<Vec<u8>>,
    /// Names of the elements that a list or map writes next; the innermost last.
    names: Vec<Names>,
    body_only: bool,
    /// Whether dates always have milliseconds; without, only where there are any.
    milliseconds: bool,
    /// Whether the members are an error's, whose message is written by then.
    error: bool,
    depth: usize,
    /// The outermost lists, where they come after all else.
    lists: Option<Vec<u8>>,
    /// How much was written when the last element was opened, as long as nothing followed.
    opened_at: usize,
}

/// How the values inside a container are named.
enum Names {
    /// Each member has its own name.
    Own,
    /// Every element has this name.
    Element(String),
    /// Map entries: each key opens an entry of this name, which the value closes.
    Entry(String),
}

/// A document whose root is `name`, holding the body members of `shape`.
pub fn document(name: &str, namespace: &str, shape: &dyn Shape) -> Vec<u8> {
    let mut writer = XmlWriter::new(true);
    writer.declaration();
    writer.root(name, namespace, shape);
    writer.finish()
}

impl XmlWriter {
    /// A writer into an empty buffer; with `body_only`, members elsewhere in the HTTP message are left out.
    pub fn new(body_only: bool) -> Self {
        let out = quick_xml::Writer::new(Vec::with_capacity(512));
        Self {
            out,
            names: vec![Names::Own],
            body_only,
            milliseconds: body_only,
            error: false,
            depth: 0,
            lists: None,
            opened_at: 0,
        }
    }

    /// The writer, with milliseconds in every date.
    pub fn milliseconds(mut self) -> Self {
        self.milliseconds = true;
        self
    }

    /// The writer, with the outermost lists after all else. So S3 writes answers, and AWS's older clients for Java, which
    /// hand on objects while they read, count on it: they must know the bucket before its objects come.
    pub fn lists_last(mut self) -> Self {
        self.lists = Some(Vec::new());
        self
    }

    /// The XML declaration.
    pub fn declaration(&mut self) {
        self.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        self.out.get_mut().push(b'\n');
    }

    /// An element with the shape's members inside.
    pub fn root(&mut self, name: &str, namespace: &str, shape: &dyn Shape) {
        let namespace = (!namespace.is_empty()).then_some(namespace);
        self.open(name, namespace.map(|uri| ("xmlns".to_owned(), uri)).into_iter().collect());
        self.members(shape);
        self.close(name);
    }

    /// The shape's members.
    pub fn members(&mut self, shape: &dyn Shape) {
        shape.write_members(self);
        if let Some(lists) = &mut self.lists {
            self.out.get_mut().append(lists);
        }
    }

    /// An error's members beside its message, as far as they stand in the body.
    pub fn error_members(&mut self, shape: &dyn Shape) {
        self.error = true;
        shape.write_members(self);
        self.error = false;
    }

    /// Opens an element with these attributes. One that stays empty closes itself.
    pub fn open(&mut self, name: &str, attributes: Vec<(String, &str)>) {
        let mut start = BytesStart::new(name);
        for (key, value) in &attributes {
            start.push_attribute((key.as_str(), *value));
        }
        self.event(Event::Start(start));
        self.opened_at = self.length();
    }

    /// Closes an element.
    pub fn close(&mut self, name: &str) {
        if self.length() == self.opened_at {
            let out = self.out.get_mut();
            out.pop();
            out.extend_from_slice(b"/>");
        } else {
            self.event(Event::End(BytesEnd::new(name)));
        }
        self.opened_at = 0;
    }

    /// An element that holds text.
    pub fn element(&mut self, name: &str, value: &str) {
        self.open(name, Vec::new());
        self.text(value);
        self.close(name);
    }

    /// How many bytes are written so far.
    pub fn length(&self) -> usize {
        self.out.get_ref().len()
    }

    /// Gives the element `name`, written after `at`, the service's namespace; an absent element becomes empty.
    pub fn add_namespace(&mut self, at: usize, name: &str, namespace: &str) {
        if self.length() == at {
            self.event(Event::Empty(BytesStart::new(name)));
        }
        let place = at + 1 + name.len();
        let attribute = format!(" xmlns=\"{namespace}\"");
        self.out.get_mut().splice(place..place, attribute.into_bytes());
    }

    /// The bytes written.
    pub fn finish(self) -> Vec<u8> {
        self.out.into_inner()
    }

    /// Escaped text, a carriage return too: bare, it would reach the reader as a line feed.
    fn text(&mut self, value: &str) {
        self.event(Event::Text(BytesText::new(value)));
    }

    fn event(&mut self, event: Event<'_>) {
        // Writing to a vector cannot fail.
        let _ = self.out.write_event(event);
    }

    /// The name of the element a value gets, or nothing when it has no place here.
    fn name(&self, member: &'static Member) -> Option<String> {
        match self.names.last() {
            Some(Names::Element(name)) => Some(name.clone()),
            Some(Names::Entry(_)) => Some(member.wire.to_owned()),
            _ if self.body_only && self.depth == 0 && member.location != Location::Body => None,
            _ if self.error && self.depth == 0 && !is_error_member(member) => None,
            _ => Some(member.xml_name.unwrap_or(member.wire).to_owned()),
        }
    }

    fn scalar(&mut self, member: &'static Member, value: &str) {
        if member.attribute {
            return;
        }
        if let Some(name) = self.name(member) {
            self.open(&name, namespace(member.xml_namespace));
            self.text(value);
            self.close(&name);
            self.end_entry();
        }
    }

    /// Closes a map's entry after its value.
    fn end_entry(&mut self) {
        if let Some(Names::Entry(entry)) = self.names.last() {
            let entry = entry.clone();
            self.close(&entry);
        }
    }

    fn within(&mut self, names: Names, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.names.push(names);
        self.depth += 1;
        each(self);
        self.depth -= 1;
        self.names.pop();
    }
}

fn is_error_member(member: &Member) -> bool {
    member.location == Location::Body && !member.name.eq_ignore_ascii_case("message")
}

fn namespace(namespace: Option<XmlNamespace>) -> Vec<(String, &'static str)> {
    namespace
        .map(|XmlNamespace { prefix, uri }| match prefix {
            "" => ("xmlns".to_owned(), uri),
            prefix => (format!("xmlns:{prefix}"), uri),
        })
        .into_iter()
        .collect()
}

/// The element name of a list's values.
fn element_name(member: &'static Member, own: &str) -> String {
    let element = member.target.members.first().map_or("member", |element| element.wire);
    if member.flattened && element == "member" { own.to_owned() } else { element.to_owned() }
}

impl Writer for XmlWriter {
    fn absent(&mut self, _: &'static Member) {}

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        self.scalar(member, &text::base64(value));
    }

    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.scalar(member, if value { "true" } else { "false" });
    }

    fn document(&mut self, member: &'static Member, value: &Document) {
        self.scalar(member, &value.to_string());
    }

    fn events(&mut self, _: &'static Member, _: &dyn AnyEventStream) {}

    fn float(&mut self, member: &'static Member, value: f64) {
        self.scalar(member, &text::float(value));
    }

    fn integer(&mut self, member: &'static Member, value: i64) {
        self.scalar(member, &value.to_string());
    }

    fn list(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        let Some(name) = self.name(member) else { return };
        let element = element_name(member, &name);
        let start = self.length();
        if member.flattened {
            self.within(Names::Element(element), each);
        } else {
            self.open(&name, namespace(member.xml_namespace));
            self.within(Names::Element(element), each);
            self.close(&name);
            self.end_entry();
        }
        if let Some(lists) = self.lists.as_mut().filter(|_| self.depth == 0) {
            lists.append(&mut self.out.get_mut().split_off(start));
        }
    }

    fn map(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        let Some(name) = self.name(member) else { return };
        if member.flattened {
            return self.within(Names::Entry(name), each);
        }
        self.open(&name, namespace(member.xml_namespace));
        self.within(Names::Entry("entry".to_owned()), each);
        self.close(&name);
        self.end_entry();
    }

    fn key(&mut self, member: &'static Member, key: &str) {
        if let Some(Names::Entry(entry)) = self.names.last() {
            let entry = entry.clone();
            self.open(&entry, Vec::new());
            self.element(member.wire, key);
        }
    }

    fn stream(&mut self, _: &'static Member, _: &ByteStream) {}

    fn string(&mut self, member: &'static Member, value: &str) {
        self.scalar(member, value);
    }

    fn structure(&mut self, member: &'static Member, value: &dyn Shape) {
        let Some(name) = self.name(member) else { return };
        let mut attributes = namespace(member.xml_namespace.or(member.target.xml_namespace));
        let own = Attributes::of(value);
        attributes.extend(own.0.iter().map(|(name, value)| ((*name).to_owned(), value.as_str())));
        self.open(&name, attributes);
        self.within(Names::Own, &mut |writer| value.write_members(writer));
        self.close(&name);
        self.end_entry();
    }

    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        let text = match member.timestamp_or(TimestampFormat::DateTime) {
            TimestampFormat::DateTime if self.milliseconds => with_milliseconds(value),
            format => text::timestamp(value, format),
        };
        self.scalar(member, &text);
    }
}

/// S3 and its kin and EC2 always write milliseconds (`2026-01-02T03:04:05.000Z`), AWS query only where there are any.
fn with_milliseconds(value: Timestamp) -> String {
    format!("{}.{:03}Z", value.strftime("%Y-%m-%dT%H:%M:%S"), value.subsec_millisecond())
}

/// Collects the members that a structure writes as attributes.
struct Attributes(Vec<(&'static str, String)>);

impl Attributes {
    fn of(shape: &dyn Shape) -> Self {
        let mut attributes = Self(Vec::new());
        if shape.schema().members.iter().any(|member| member.attribute) {
            shape.write_members(&mut attributes);
        }
        attributes
    }
}

impl Writer for Attributes {
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
    fn string(&mut self, member: &'static Member, value: &str) {
        if member.attribute && member.target.kind == Kind::String {
            self.0.push((member.wire, value.to_owned()));
        }
    }
    fn structure(&mut self, _: &'static Member, _: &dyn Shape) {}
    fn timestamp(&mut self, _: &'static Member, _: Timestamp) {}
}
