//! Keys with dots between them: where values lie in an event.

use api_logs::LogsError;
use serde_json::{Map, Value};

/// How deep keys may be nested.
const DEEPEST: usize = 3;

/// The fields of an event.
pub type Fields = Map<String, Value>;

/// A key, and those that it is nested in before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// Reads a key such as `outer.inner`.
    pub fn parse(text: &str) -> Result<Self, LogsError> {
        let parts: Vec<_> = text.split('.').map(str::to_owned).collect();
        if parts.iter().any(String::is_empty) {
            return Err(super::invalid(format!("{text:?} is not a key")));
        }
        if parts.len() > DEEPEST {
            return Err(super::invalid(format!(
                "the key {text:?} is nested more than {DEEPEST} levels deep"
            )));
        }
        Ok(Self(parts))
    }

    /// Whether it is a key of that name, not nested in others.
    pub fn is(&self, name: &str) -> bool {
        matches!(self.0.as_slice(), [only] if only == name)
    }

    /// The key's own name, and the objects it is in.
    fn split(&self) -> (&str, &[String]) {
        match self.0.split_last() {
            Some((last, outer)) => (last, outer),
            None => ("", &[]),
        }
    }

    /// The value there.
    pub fn get<'f>(&self, fields: &'f Fields) -> Option<&'f Value> {
        let (last, outer) = self.split();
        let inner = outer.iter().try_fold(fields, |fields, name| fields.get(name)?.as_object())?;
        inner.get(last)
    }

    /// The value there, to be changed.
    pub fn get_mut<'f>(&self, fields: &'f mut Fields) -> Option<&'f mut Value> {
        let (last, outer) = self.split();
        let inner = outer.iter().try_fold(fields, |fields, name| fields.get_mut(name)?.as_object_mut())?;
        inner.get_mut(last)
    }

    /// Puts a value there; one that is there already stays, unless it is to be overwritten.
    pub fn set(&self, fields: &mut Fields, value: Value, overwrite: bool) {
        let (last, outer) = self.split();
        let inner = outer.iter().try_fold(fields, |fields, name| {
            fields.entry(name).or_insert_with(|| Value::Object(Map::new())).as_object_mut()
        });
        // Below a value that is no object nothing can be put.
        let Some(inner) = inner else { return };
        if overwrite || !inner.contains_key(last) {
            inner.insert(last.to_owned(), value);
        }
    }

    /// Moves or copies a value there; into an object it goes under the name it had.
    pub fn receive(&self, fields: &mut Fields, value: Value, from: &Self, overwrite: bool) {
        if let Some(Value::Object(object)) = self.get_mut(fields)
            && !overwrite
        {
            let name = from.split().0;
            if !object.contains_key(name) {
                object.insert(name.to_owned(), value);
            }
            return;
        }
        self.set(fields, value, overwrite);
    }

    /// Whether a value could be put there without one being overwritten.
    pub fn is_free(&self, fields: &Fields) -> bool {
        self.get(fields).is_none_or(Value::is_object)
    }

    /// Takes the value away.
    pub fn remove(&self, fields: &mut Fields) -> Option<Value> {
        let (last, outer) = self.split();
        let inner = outer.iter().try_fold(fields, |fields, name| fields.get_mut(name)?.as_object_mut())?;
        inner.shift_remove(last)
    }
}

/// Puts fields among others, at the root or below a key.
pub fn merge(into: &mut Fields, new: Fields, below: Option<&Path>, overwrite: bool) {
    let Some(path) = below else {
        for (name, value) in new {
            if overwrite || !into.contains_key(&name) {
                into.insert(name, value);
            }
        }
        return;
    };
    match path.get_mut(into) {
        Some(Value::Object(object)) => merge(object, new, None, overwrite),
        _ => path.set(into, Value::Object(new), true),
    }
}
