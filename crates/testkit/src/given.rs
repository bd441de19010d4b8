//! An input with only the members that a case names: required ones that it leaves out are not sent at all.

use kernel::schema::{Member, Schema};
use kernel::shape::{ReadError, Reader, Shape, Writer};
use kernel::stream::{AnyEventStream, ByteStream};
use kernel::{Document, Timestamp};

/// A shape whose members are written only if they are named.
pub struct Given {
    /// The whole shape.
    pub shape: Box<dyn Shape>,
    /// The members to write.
    pub names: Vec<String>,
}

impl Shape for Given {
    fn schema(&self) -> &'static Schema {
        self.shape.schema()
    }

    fn write_members(&self, writer: &mut dyn Writer) {
        self.shape.write_members(&mut Filter { names: &self.names, writer });
    }

    fn read_member(&mut self, index: usize, reader: &mut dyn Reader) -> Result<(), ReadError> {
        self.shape.read_member(index, reader)
    }
}

struct Filter<'a> {
    names: &'a [String],
    writer: &'a mut dyn Writer,
}

/// Hands a call on if its member is named.
macro_rules! pass {
    ($($method:ident($($name:ident: $type:ty),*);)*) => {$(
        fn $method(&mut self, member: &'static Member, $($name: $type),*) {
            if self.names.iter().any(|name| name == member.name) {
                self.writer.$method(member, $($name),*);
            }
        }
    )*};
}

impl Writer for Filter<'_> {
    pass! {
        absent();
        blob(value: &[u8]);
        boolean(value: bool);
        document(value: &Document);
        events(value: &dyn AnyEventStream);
        float(value: f64);
        integer(value: i64);
        list(length: usize, each: &mut dyn FnMut(&mut dyn Writer));
        map(length: usize, each: &mut dyn FnMut(&mut dyn Writer));
        key(value: &str);
        stream(value: &ByteStream);
        string(value: &str);
        structure(value: &dyn Shape);
        timestamp(value: Timestamp);
    }
}
