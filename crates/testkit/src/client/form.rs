//! Query requests out of the schema walk.

use kernel::schema::{Kind, Member, TimestampFormat};
use kernel::shape::{Shape, Writer};
use kernel::stream::{AnyEventStream, ByteStream};
use kernel::{Document, Timestamp};
use protocol::formats::text;

/// A shape as form parameters.
pub fn parameters(input: &dyn Shape, is_ec2: bool) -> Vec<(String, String)> {
    let mut writer = FormWriter { pairs: Vec::new(), path: Vec::new(), numbered: Vec::new(), is_ec2 };
    input.write_members(&mut writer);
    writer.pairs
}

/// What numbers the values of a list or map.
struct Numbered {
    prefix: String,
    count: usize,
    /// Maps: the name under which values stand.
    value: Option<&'static str>,
}

struct FormWriter {
    pairs: Vec<(String, String)>,
    path: Vec<String>,
    numbered: Vec<Option<Numbered>>,
    is_ec2: bool,
}

impl FormWriter {
    fn name(&self, member: &'static Member) -> String {
        let name = member.query_name.or(member.xml_name).unwrap_or(member.wire).to_owned();
        if self.is_ec2 { name[..1].to_ascii_uppercase() + &name[1..] } else { name }
    }

    /// The whole name of the value that comes next.
    fn place(&mut self, member: &'static Member) -> String {
        match self.numbered.last_mut() {
            Some(Some(numbered)) => {
                if numbered.value.is_none() {
                    numbered.count += 1;
                }
                let suffix = numbered.value.map(|name| format!(".{name}")).unwrap_or_default();
                format!("{}.{}{suffix}", numbered.prefix, numbered.count)
            }
            _ => {
                let mut parts = self.path.clone();
                parts.push(self.name(member));
                parts.join(".")
            }
        }
    }

    fn put(&mut self, member: &'static Member, value: String) {
        let name = self.place(member);
        self.pairs.push((name, value));
    }

    fn within(&mut self, path: String, numbered: Option<Numbered>, each: &mut dyn FnMut(&mut dyn Writer)) {
        let outer = std::mem::replace(&mut self.path, vec![path]);
        self.numbered.push(numbered);
        each(self);
        self.numbered.pop();
        self.path = outer;
    }
}

/// A flattened list is numbered under its element's name, where it has one.
fn flat(place: &str, member: &'static Member) -> String {
    let element = member.target.members[0].wire;
    if element == "member" || member.target.kind == Kind::Map {
        return place.to_owned();
    }
    match place.rsplit_once('.') {
        Some((front, _)) => format!("{front}.{element}"),
        None => element.to_owned(),
    }
}

impl Writer for FormWriter {
    fn absent(&mut self, _: &'static Member) {}
    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        self.put(member, text::base64(value));
    }
    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.put(member, value.to_string());
    }
    fn document(&mut self, _: &'static Member, _: &Document) {}
    fn events(&mut self, _: &'static Member, _: &dyn AnyEventStream) {}
    fn float(&mut self, member: &'static Member, value: f64) {
        self.put(member, text::float(value));
    }
    fn integer(&mut self, member: &'static Member, value: i64) {
        self.put(member, value.to_string());
    }
    fn list(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        let place = self.place(member);
        let prefix = match (self.is_ec2, member.flattened) {
            (true, _) => place.clone(),
            (false, true) => flat(&place, member),
            (false, false) => format!("{place}.{}", member.target.members[0].wire),
        };
        self.within(place, Some(Numbered { prefix, count: 0, value: None }), each);
    }
    fn map(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        let place = self.place(member);
        let prefix = if member.flattened { place.clone() } else { format!("{place}.entry") };
        let value = Some(member.target.members[1].wire);
        self.within(place, Some(Numbered { prefix, count: 0, value }), each);
    }
    fn key(&mut self, member: &'static Member, key: &str) {
        if let Some(Some(numbered)) = self.numbered.last_mut() {
            numbered.count += 1;
            let name = format!("{}.{}.{}", numbered.prefix, numbered.count, member.wire);
            self.pairs.push((name, key.to_owned()));
        }
    }
    fn stream(&mut self, _: &'static Member, _: &ByteStream) {}
    fn string(&mut self, member: &'static Member, value: &str) {
        self.put(member, value.to_owned());
    }
    fn structure(&mut self, member: &'static Member, value: &dyn Shape) {
        let place = self.place(member);
        self.within(place, None, &mut |writer| value.write_members(writer));
    }
    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        self.put(member, text::timestamp(value, member.timestamp_or(TimestampFormat::DateTime)));
    }
}
