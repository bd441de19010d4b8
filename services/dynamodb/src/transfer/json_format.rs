//! Items as DynamoDB JSON, one a line.

use api_dynamodb::{AttributeValue, PutRequest};
use kernel::Fault;
use protocol::formats::{json_reader, json_writer};
use serde_json::{Map, Value};

use super::source::Parsed;
use crate::item::Attributes;

/// One line: an item, or the parts of a change.
pub fn line(item: &Attributes, is_full: bool) -> Result<Vec<u8>, Fault> {
    let mut line = if is_full {
        object(item)
    } else {
        let mut parts = Map::new();
        for (name, part) in item {
            let AttributeValue::M(part) = part else { continue };
            let written: Value = serde_json::from_slice(&object(part)).map_err(Fault::internal)?;
            let part = written.get("Item").cloned().unwrap_or_default();
            parts.insert(name.clone(), part);
        }
        serde_json::to_vec(&parts).map_err(Fault::internal)?
    };
    line.push(b'\n');
    Ok(line)
}

fn object(item: &Attributes) -> Vec<u8> {
    json_writer::object(&PutRequest { item: item.clone() })
}

/// The items of a file.
pub fn parse(bytes: &[u8]) -> Parsed {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let one = |line: &[u8]| {
        let mut request = PutRequest::default();
        match json_reader::read(line, false, &mut request) {
            Ok(missing) if missing.is_empty() => Ok(request.item),
            Ok(_) => Err("Line has no Item".to_owned()),
            Err(error) => Err(error.message),
        }
    };
    Parsed { items: lines.map(one).collect(), broken: None }
}
