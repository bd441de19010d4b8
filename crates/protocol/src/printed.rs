//! Values as AWS's validation messages print them: `[a, b]`, `{k=v}`, `Name(member=value)`.

use kernel::schema::Member;
use kernel::shape::{Shape, Writer};
use kernel::stream::{AnyEventStream, ByteStream};
use kernel::{Document, Timestamp};

use crate::formats::text;

/// Prints a list's or map's content between brackets.
pub fn printed(brackets: (char, char), each: &mut dyn FnMut(&mut dyn Writer)) -> String {
    let mut printer = Printer { out: String::new(), named: false, after_key: false, first: true };
    printer.inside(brackets, false, each);
    printer.out
}

struct Printer {
    out: String,
    /// Whether values are members, with their names.
    named: bool,
    after_key: bool,
    first: bool,
}

impl Printer {
    fn begin(&mut self, member: &'static Member) {
        if std::mem::take(&mut self.after_key) {
            return;
        }
        if !std::mem::replace(&mut self.first, false) {
            self.out.push_str(", ");
        }
        if self.named {
            self.out.push_str(&crate::validate::decapitalised(member.name));
            self.out.push('=');
        }
    }

    fn inside(&mut self, brackets: (char, char), named: bool, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.out.push(brackets.0);
        let outer = (std::mem::replace(&mut self.named, named), std::mem::replace(&mut self.first, true));
        each(self);
        (self.named, self.first) = outer;
        self.out.push(brackets.1);
    }

    fn value(&mut self, member: &'static Member, text: &str) {
        self.begin(member);
        self.out.push_str(text);
    }
}

impl Writer for Printer {
    fn absent(&mut self, member: &'static Member) {
        self.value(member, "null");
    }
    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        self.value(member, &format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", value.len()));
    }
    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.value(member, &value.to_string());
    }
    fn document(&mut self, member: &'static Member, value: &Document) {
        self.value(member, &value.to_string());
    }
    fn events(&mut self, _: &'static Member, _: &dyn AnyEventStream) {}
    fn float(&mut self, member: &'static Member, value: f64) {
        self.value(member, &text::float(value));
    }
    fn integer(&mut self, member: &'static Member, value: i64) {
        self.value(member, &value.to_string());
    }
    fn list(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.begin(member);
        self.inside(('[', ']'), false, each);
    }
    fn map(&mut self, member: &'static Member, _: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.begin(member);
        self.inside(('{', '}'), false, each);
    }
    fn key(&mut self, member: &'static Member, key: &str) {
        self.value(member, &format!("{key}="));
        self.after_key = true;
    }
    fn stream(&mut self, _: &'static Member, _: &ByteStream) {}
    fn string(&mut self, member: &'static Member, value: &str) {
        self.value(member, value);
    }
    fn structure(&mut self, member: &'static Member, value: &dyn Shape) {
        self.value(member, member.target.name);
        self.inside(('(', ')'), true, &mut |writer| value.write_members(writer));
    }
    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        self.value(member, &value.to_string());
    }
}
