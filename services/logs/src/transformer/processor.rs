//! Single processors, applied to an event.

use api_logs::Type;
use serde_json::Value;

use super::date::Converter;
use super::grok::Grok;
use super::mutators::{self, ListToMap, Substitution};
use super::parsers::{self, Csv, KeyValue};
use super::path::{Fields, Path, merge};
use super::vended::Vendor;

/// Where an event is: what `copyValue` can copy besides its fields.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Names of what there is, and its values.
    pub values: Vec<(&'static str, String)>,
}

/// What a parser makes of a text.
#[derive(Debug)]
pub enum Parser {
    /// `parseJSON`.
    Json,
    /// `grok`.
    Grok(Grok),
    /// `csv`.
    Csv(Csv),
    /// `parseKeyValue`.
    KeyValue(KeyValue),
    /// One for a service of AWS.
    Vended(Vendor),
}

/// A processor.
#[derive(Debug)]
pub enum Processor {
    /// Makes fields of a text: the message, where no key is named.
    Parse { parser: Parser, source: Option<Path>, target: Option<Path>, overwrite: bool },
    /// `addKeys`.
    Add(Vec<(Path, Value, bool)>),
    /// `copyValue`.
    Copy(Vec<(Source, Path, bool)>),
    /// `deleteKeys`.
    Delete(Vec<Path>),
    /// `moveKeys`.
    Move(Vec<(Path, Path, bool)>),
    /// `renameKeys`.
    Rename(Vec<(Path, Path, bool)>),
    /// `listToMap`.
    ListToMap(ListToMap),
    /// `lowerCaseString`, `upperCaseString`, `trimString`.
    Strings(Vec<Path>, fn(&str) -> Value),
    /// `splitString`.
    Split(Vec<(Path, String)>),
    /// `substituteString`.
    Substitute(Vec<Substitution>),
    /// `typeConverter`.
    Convert(Vec<(Path, Type)>),
    /// `dateTimeConverter`.
    Date(Converter),
}

/// What `copyValue` copies.
#[derive(Debug)]
pub enum Source {
    /// A field.
    Field(Path),
    /// Where the event is.
    Origin(String),
}

impl Processor {
    /// Whether it is a parser.
    pub fn is_parser(&self) -> bool {
        matches!(self, Self::Parse { .. })
    }

    /// Whether it is for what a service of AWS writes.
    pub fn is_vended(&self) -> bool {
        matches!(self, Self::Parse { parser: Parser::Vended(_), .. })
    }

    /// Whether it reads the whole message.
    pub fn reads_message(&self) -> bool {
        matches!(self, Self::Parse { source: None, .. })
    }

    /// Changes an event; tells what went wrong.
    pub fn apply(&self, message: &str, origin: &Origin, fields: &mut Fields) -> Result<(), String> {
        match self {
            Self::Parse { parser, source, target, overwrite } => {
                let text = match source {
                    None => message,
                    Some(path) => path.get(fields).and_then(Value::as_str).ok_or_else(|| {
                        format!("{}: the field to be parsed is not a string in the event", parser.name())
                    })?,
                };
                let found = parser.parse(text)?;
                merge(fields, found, target.as_ref(), *overwrite);
            }
            Self::Add(all) => {
                all.iter().for_each(|(path, value, overwrite)| path.set(fields, value.clone(), *overwrite));
            }
            Self::Copy(all) => {
                for (source, target, overwrite) in all {
                    if let Some(value) = source.value(origin, fields) {
                        target.set(fields, value, *overwrite);
                    }
                }
            }
            Self::Delete(all) => all.iter().for_each(|path| drop(path.remove(fields))),
            Self::Move(all) => {
                for (source, target, overwrite) in all {
                    if (*overwrite || target.is_free(fields))
                        && let Some(value) = source.remove(fields)
                    {
                        target.receive(fields, value, source, *overwrite);
                    }
                }
            }
            Self::Rename(all) => {
                for (source, target, overwrite) in all {
                    if (*overwrite || target.get(fields).is_none())
                        && let Some(value) = source.remove(fields)
                    {
                        target.set(fields, value, true);
                    }
                }
            }
            Self::ListToMap(list) => list.apply(fields),
            Self::Strings(keys, change) => mutators::strings(fields, keys, change),
            Self::Split(all) => {
                for (key, delimiter) in all {
                    mutators::strings(fields, std::slice::from_ref(key), |text| {
                        text.split(delimiter.as_str()).map(Value::from).collect()
                    });
                }
            }
            Self::Substitute(all) => {
                for Substitution { source, from, to } in all {
                    mutators::strings(fields, std::slice::from_ref(source), |text| {
                        from.replace_all(text, to.as_str()).into_owned().into()
                    });
                }
            }
            Self::Convert(all) => {
                for (key, to) in all {
                    if let Some(value) = key.get_mut(fields) {
                        *value = mutators::convert(value, to)?;
                    }
                }
            }
            Self::Date(converter) => {
                if let Some(value) = converter.source.get(fields) {
                    let text = value.as_str().ok_or("dateTimeConverter: the date is not a string")?;
                    let date = converter.convert(text)?;
                    converter.target.set(fields, date.into(), true);
                }
            }
        }
        Ok(())
    }
}

impl Source {
    fn value(&self, origin: &Origin, fields: &Fields) -> Option<Value> {
        match self {
            Self::Field(path) => path.get(fields).cloned(),
            Self::Origin(name) => {
                let found = origin.values.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.as_str().into())
            }
        }
    }
}

impl Parser {
    fn name(&self) -> &'static str {
        match self {
            Self::Json => "parseJSON",
            Self::Grok(_) => "grok",
            Self::Csv(_) => "csv",
            Self::KeyValue(_) => "parseKeyValue",
            Self::Vended(_) => "the parser",
        }
    }

    fn parse(&self, text: &str) -> Result<Fields, String> {
        match self {
            Self::Json => parsers::json(text),
            Self::Grok(grok) => grok.parse(text),
            Self::Csv(csv) => csv.parse(text),
            Self::KeyValue(pairs) => Ok(pairs.parse(text)),
            Self::Vended(vendor) => vendor.parse(text),
        }
    }
}
