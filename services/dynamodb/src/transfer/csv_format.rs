//! Items as comma-separated values: attributes of keys have their types, all others are strings.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html>

use api_dynamodb::{AttributeValue, CsvOptions};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use csv::{ReaderBuilder, StringRecord};

use super::source::Parsed;
use crate::item::Attributes;
use crate::key::Scalar;
use crate::table::Table;

/// The items of a file.
pub fn parse(bytes: &[u8], table: &Table, options: Option<&CsvOptions>) -> Parsed {
    let delimiter = options.and_then(|options| options.delimiter.as_ref()?.bytes().next());
    let given = options.and_then(|options| options.header_list.clone());
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .has_headers(given.is_none())
        .flexible(true)
        .from_reader(bytes);
    let names = match (given, reader.headers()) {
        (Some(given), _) => given,
        (None, Ok(first)) => first.iter().map(str::to_owned).collect(),
        (None, Err(error)) => return Parsed { broken: Some(error.to_string()), ..Parsed::default() },
    };
    let mut parsed = Parsed::default();
    for record in reader.records() {
        match record {
            Ok(record) => parsed.items.push(item(&names, &record, table)),
            Err(error) => return Parsed { broken: Some(error.to_string()), ..parsed },
        }
    }
    parsed
}

fn item(names: &[String], record: &StringRecord, table: &Table) -> Result<Attributes, String> {
    if record.len() != names.len() {
        return Err(format!("Line has {} values for {} names", record.len(), names.len()));
    }
    let one = |(name, text): (&String, &str)| Ok((name.clone(), value(name, text, table)?));
    names.iter().zip(record).map(one).collect()
}

fn value(name: &str, text: &str, table: &Table) -> Result<AttributeValue, String> {
    let attribute = table.definitions.iter().find(|attribute| attribute.name == name);
    Ok(match attribute.map(|attribute| attribute.kind) {
        None | Some(Scalar::S) => AttributeValue::S(text.to_owned()),
        Some(Scalar::N) => AttributeValue::N(text.trim().to_owned()),
        Some(Scalar::B) => {
            AttributeValue::B(STANDARD.decode(text).map_err(|error| error.to_string())?.into())
        }
    })
}
