//! A shape of the API kept in a row: serde sees the bytes of its CBOR map. And shapes that people write as JSON texts.

use std::fmt;

use kernel::shape::{ReadError, Shape};
use kernel::validation::Problem;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::formats::{cbor_reader, cbor_writer, json_reader, json_writer};
use crate::validate;

/// Wraps a structure or union so that a row can hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored<T>(pub T);

impl<T: Shape> Serialize for Stored<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&bytes(&self.0))
    }
}

impl<'de, T: Shape + Default> Deserialize<'de> for Stored<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes<T>(std::marker::PhantomData<T>);
        impl<T: Shape + Default> Visitor<'_> for Bytes<T> {
            type Value = Stored<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Stored<T>, E> {
                read(bytes).map(Stored).map_err(E::custom)
            }
        }
        deserializer.deserialize_bytes(Bytes(std::marker::PhantomData))
    }
}

/// A shape as rows have it.
pub fn bytes<T: Shape>(value: &T) -> Vec<u8> {
    cbor_writer::object(value)
}

/// The shape that a row has.
pub fn read<T: Shape + Default>(bytes: &[u8]) -> Result<T, ReadError> {
    let mut value = T::default();
    cbor_reader::read(bytes, &mut value)?;
    Ok(value)
}

/// A shape as JSON, with the model's names.
pub fn json<T: Shape>(value: &T) -> String {
    String::from_utf8_lossy(&json_writer::object(value)).into_owned()
}

/// The shape that a JSON text is, and what it breaks of the model's constraints.
pub fn from_json<T: Shape + Default>(text: &str) -> Result<(T, Vec<Problem>), ReadError> {
    let mut value = T::default();
    let missing = json_reader::read(text.as_bytes(), false, &mut value)?;
    let problems = validate::check(&value, &missing);
    Ok((value, problems))
}
