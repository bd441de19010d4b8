//! Rows: any serde type, kept as MessagePack with named fields.

use kernel::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a table holds. Fields added later carry `#[serde(default)]`, so rows written before stay readable.
///
/// Byte strings are compact as `Bytes`; a `Vec<u8>` is kept as a list of numbers, half as large again.
pub trait Row: Serialize + DeserializeOwned {}

impl<T: Serialize + DeserializeOwned> Row for T {}

/// Appends the row's bytes.
pub(crate) fn encode(row: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> Result<(), Fault> {
    rmp_serde::encode::write_named(out, row).map_err(Fault::internal)
}

/// Reads a row from its bytes.
pub(crate) fn decode<R: DeserializeOwned>(bytes: &[u8]) -> Result<R, Fault> {
    rmp_serde::from_slice(bytes).map_err(Fault::internal)
}
