//! Single processors: read from what callers give, and applied to an event.

use api_logs::{FlattenedElement, LogsError, Processor as Given, Type};
use serde_json::Value;

use super::date::Converter;
use super::grok::Grok;
use super::invalid;
use super::mutators::{self, ListToMap, Substitution};
use super::parsers::{self, Csv, KeyValue};
use super::path::{Fields, Path, merge};
use super::vended::Vendor;
use crate::errors;

/// What stands for the whole message.
const MESSAGE: &str = "@message";

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

fn paths(keys: &[String]) -> Result<Vec<Path>, LogsError> {
    keys.iter().map(|key| Path::parse(key)).collect()
}

fn overwrites(given: Option<bool>) -> bool {
    given == Some(true)
}

fn parse(
    parser: Parser,
    source: Option<&str>,
    target: Option<&str>,
    overwrite: bool,
) -> Result<Processor, LogsError> {
    let source = source.filter(|source| *source != MESSAGE).map(Path::parse).transpose()?;
    let target = target.map(Path::parse).transpose()?;
    Ok(Processor::Parse { parser, source, target, overwrite })
}

fn vended(vendor: Vendor, source: Option<&str>) -> Result<Processor, LogsError> {
    if source.is_some_and(|source| source != MESSAGE) {
        return Err(invalid("a processor of vended logs takes no source but @message"));
    }
    parse(Parser::Vended(vendor), None, None, true)
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

    /// Reads what callers give: exactly one member is set.
    pub fn read(given: &Given) -> Result<Self, LogsError> {
        let given = given.clone();
        let all = [
            given
                .parse_json
                .map(|one| parse(Parser::Json, one.source.as_deref(), one.destination.as_deref(), true)),
            given
                .grok
                .map(|one| parse(Parser::Grok(Grok::new(&one.r#match)?), one.source.as_deref(), None, true)),
            given.csv.map(|one| {
                parse(Parser::Csv(Csv::new(&one)?), one.source.as_deref(), one.destination.as_deref(), true)
            }),
            given.parse_key_value.map(|one| {
                let parser = Parser::KeyValue(KeyValue::new(&one));
                let overwrite = overwrites(one.overwrite_if_exists);
                parse(parser, one.source.as_deref(), one.destination.as_deref(), overwrite)
            }),
            given.parse_cloudfront.map(|one| vended(Vendor::Cloudfront, one.source.as_deref())),
            given.parse_postgres.map(|one| vended(Vendor::Postgres, one.source.as_deref())),
            given.parse_route53.map(|one| vended(Vendor::Route53, one.source.as_deref())),
            given.parse_vpc.map(|one| vended(Vendor::Vpc, one.source.as_deref())),
            given.parse_waf.map(|one| vended(Vendor::Waf, one.source.as_deref())),
            given.parse_to_ocsf.map(|_| Err(errors::not_emulated("the processor parseToOCSF"))),
            given.add_keys.map(|one| {
                let read = |entry: &api_logs::AddKeyEntry| {
                    let overwrite = overwrites(entry.overwrite_if_exists);
                    Ok((Path::parse(&entry.key)?, Value::from(entry.value.as_str()), overwrite))
                };
                one.entries.iter().map(read).collect::<Result<_, LogsError>>().map(Self::Add)
            }),
            given.copy_value.map(|one| {
                let read = |entry: &api_logs::CopyValueEntry| {
                    let overwrite = overwrites(entry.overwrite_if_exists);
                    Ok((Source::read(&entry.source)?, Path::parse(&entry.target)?, overwrite))
                };
                one.entries.iter().map(read).collect::<Result<_, LogsError>>().map(Self::Copy)
            }),
            given.delete_keys.map(|one| paths(&one.with_keys).map(Self::Delete)),
            given.move_keys.map(|one| {
                let read = |entry: &api_logs::MoveKeyEntry| {
                    let overwrite = overwrites(entry.overwrite_if_exists);
                    Ok((Path::parse(&entry.source)?, Path::parse(&entry.target)?, overwrite))
                };
                one.entries.iter().map(read).collect::<Result<_, LogsError>>().map(Self::Move)
            }),
            given.rename_keys.map(|one| {
                let read = |entry: &api_logs::RenameKeyEntry| {
                    let overwrite = overwrites(entry.overwrite_if_exists);
                    Ok((Path::parse(&entry.key)?, Path::parse(&entry.rename_to)?, overwrite))
                };
                one.entries.iter().map(read).collect::<Result<_, LogsError>>().map(Self::Rename)
            }),
            given.list_to_map.map(|one| list_to_map(&one).map(Self::ListToMap)),
            given
                .lower_case_string
                .map(|one| Ok(Self::Strings(paths(&one.with_keys)?, |text| text.to_lowercase().into()))),
            given
                .upper_case_string
                .map(|one| Ok(Self::Strings(paths(&one.with_keys)?, |text| text.to_uppercase().into()))),
            given.trim_string.map(|one| Ok(Self::Strings(paths(&one.with_keys)?, |text| text.trim().into()))),
            given.split_string.map(|one| {
                let read = |entry: &api_logs::SplitStringEntry| {
                    Ok((Path::parse(&entry.source)?, entry.delimiter.clone()))
                };
                one.entries.iter().map(read).collect::<Result<_, LogsError>>().map(Self::Split)
            }),
            given.substitute_string.map(|one| {
                one.entries.iter().map(Substitution::new).collect::<Result<_, _>>().map(Self::Substitute)
            }),
            given.type_converter.map(|one| {
                let read = |entry: &api_logs::TypeConverterEntry| {
                    Ok((Path::parse(&entry.key)?, entry.r#type.clone()))
                };
                one.entries.iter().map(read).collect::<Result<_, LogsError>>().map(Self::Convert)
            }),
            given.date_time_converter.map(|one| Converter::new(&one).map(Self::Date)),
        ];
        let mut set = all.into_iter().flatten();
        let first = set.next().ok_or_else(|| invalid("a processor is empty"))?;
        if set.next().is_some() {
            return Err(invalid("a processor has more than one type"));
        }
        first
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
                if let Some(text) = converter.source.get(fields).and_then(Value::as_str) {
                    let date = converter.convert(text)?;
                    converter.target.set(fields, date.into(), true);
                }
            }
        }
        Ok(())
    }
}

impl Source {
    fn read(text: &str) -> Result<Self, LogsError> {
        match text {
            "@logGroupName" | "@logGroupStream" | "@accountId" | "@regionName" => {
                Ok(Self::Origin(text.to_owned()))
            }
            _ => Path::parse(text).map(Self::Field),
        }
    }

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

fn list_to_map(given: &api_logs::ListToMap) -> Result<ListToMap, LogsError> {
    let keep_last = match (given.flatten, &given.flattened_element) {
        (Some(true), Some(element)) => Some(*element == FlattenedElement::Last),
        (Some(true), None) => return Err(invalid("flattenedElement is needed where flatten is true")),
        _ => None,
    };
    Ok(ListToMap {
        source: Path::parse(&given.source)?,
        key: given.key.clone(),
        value_key: given.value_key.clone(),
        target: given.target.as_deref().map(Path::parse).transpose()?,
        keep_last,
    })
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
