//! The formats that protocols share: readers and writers over the schema walk.

pub mod cbor_reader;
pub mod cbor_writer;
pub mod form_reader;
pub mod header_text;
pub mod json_reader;
pub mod json_writer;
pub mod text;
pub mod tree;
pub mod xml_reader;
pub mod xml_writer;
