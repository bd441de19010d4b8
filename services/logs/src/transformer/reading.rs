//! Processors as callers give them.

use api_logs::{
    AddKeyEntry, CopyValueEntry, FlattenedElement, LogsError, MoveKeyEntry, Processor as Given,
    RenameKeyEntry, SplitStringEntry, TypeConverterEntry,
};
use serde_json::Value;

use super::date::Converter;
use super::grok::Grok;
use super::invalid;
use super::mutators::{ListToMap, Substitution};
use super::parsers::{Csv, KeyValue};
use super::path::Path;
use super::processor::{Parser, Processor, Source};
use super::vended::Vendor;
use crate::errors;

/// What stands for the whole message.
const MESSAGE: &str = "@message";

/// A processor, if it is of a type.
type Found = Option<Result<Processor, LogsError>>;

/// Reads a processor: exactly one member is set.
pub fn read(given: &Given) -> Result<Processor, LogsError> {
    let [parsers, vended, keys, values] = [parser(given), vended(given), keys(given), values(given)];
    let mut set = parsers.into_iter().chain(vended).chain(keys).chain(values).flatten();
    let first =
        set.next().ok_or_else(|| invalid("a processor is empty, or of a type that does not exist"))?;
    if set.next().is_some() {
        return Err(invalid("a processor has more than one type"));
    }
    first
}

fn parser(given: &Given) -> Vec<Found> {
    let path = Option::as_deref;
    vec![
        given
            .parse_json
            .as_ref()
            .map(|one| parse(Parser::Json, path(&one.source), path(&one.destination), true)),
        given
            .grok
            .as_ref()
            .map(|one| parse(Parser::Grok(Grok::new(&one.r#match)?), path(&one.source), None, true)),
        given
            .csv
            .as_ref()
            .map(|one| parse(Parser::Csv(Csv::new(one)?), path(&one.source), path(&one.destination), true)),
        given.parse_key_value.as_ref().map(|one| {
            let parser = Parser::KeyValue(KeyValue::new(one));
            parse(parser, path(&one.source), path(&one.destination), one.overwrite_if_exists == Some(true))
        }),
    ]
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

fn vended(given: &Given) -> Vec<Found> {
    let of = |vendor: Vendor, source: Option<&str>| {
        if source.is_some_and(|source| source != MESSAGE) {
            return Err(invalid("a processor of vended logs takes no source but @message"));
        }
        parse(Parser::Vended(vendor), None, None, true)
    };
    vec![
        given.parse_cloudfront.as_ref().map(|one| of(Vendor::Cloudfront, one.source.as_deref())),
        given.parse_postgres.as_ref().map(|one| of(Vendor::Postgres, one.source.as_deref())),
        given.parse_route53.as_ref().map(|one| of(Vendor::Route53, one.source.as_deref())),
        given.parse_vpc.as_ref().map(|one| of(Vendor::Vpc, one.source.as_deref())),
        given.parse_waf.as_ref().map(|one| of(Vendor::Waf, one.source.as_deref())),
        given.parse_to_ocsf.as_ref().map(|_| Err(errors::not_emulated("the processor parseToOCSF"))),
    ]
}

fn paths(keys: &[String]) -> Result<Vec<Path>, LogsError> {
    keys.iter().map(|key| Path::parse(key)).collect()
}

/// Every entry of a list, read.
fn each<E, T>(entries: &[E], read: impl Fn(&E) -> Result<T, LogsError>) -> Result<Vec<T>, LogsError> {
    entries.iter().map(read).collect()
}

fn keys(given: &Given) -> Vec<Found> {
    let is_set = |given: Option<bool>| given == Some(true);
    let add = |one: &AddKeyEntry| {
        Ok((Path::parse(&one.key)?, Value::from(one.value.as_str()), is_set(one.overwrite_if_exists)))
    };
    let copy = |one: &CopyValueEntry| {
        Ok((source(&one.source)?, Path::parse(&one.target)?, is_set(one.overwrite_if_exists)))
    };
    let shift = |one: &MoveKeyEntry| {
        Ok((Path::parse(&one.source)?, Path::parse(&one.target)?, is_set(one.overwrite_if_exists)))
    };
    let rename = |one: &RenameKeyEntry| {
        Ok((Path::parse(&one.key)?, Path::parse(&one.rename_to)?, is_set(one.overwrite_if_exists)))
    };
    vec![
        given.add_keys.as_ref().map(|one| each(&one.entries, add).map(Processor::Add)),
        given.copy_value.as_ref().map(|one| each(&one.entries, copy).map(Processor::Copy)),
        given.delete_keys.as_ref().map(|one| paths(&one.with_keys).map(Processor::Delete)),
        given.move_keys.as_ref().map(|one| each(&one.entries, shift).map(Processor::Move)),
        given.rename_keys.as_ref().map(|one| each(&one.entries, rename).map(Processor::Rename)),
        given.list_to_map.as_ref().map(|one| list_to_map(one).map(Processor::ListToMap)),
    ]
}

fn values(given: &Given) -> Vec<Found> {
    let strings = |keys: &[String], change: fn(&str) -> Value| Ok(Processor::Strings(paths(keys)?, change));
    let split = |one: &SplitStringEntry| Ok((Path::parse(&one.source)?, one.delimiter.clone()));
    let convert = |one: &TypeConverterEntry| Ok((Path::parse(&one.key)?, one.r#type.clone()));
    vec![
        given
            .lower_case_string
            .as_ref()
            .map(|one| strings(&one.with_keys, |text| text.to_lowercase().into())),
        given
            .upper_case_string
            .as_ref()
            .map(|one| strings(&one.with_keys, |text| text.to_uppercase().into())),
        given.trim_string.as_ref().map(|one| strings(&one.with_keys, |text| text.trim().into())),
        given.split_string.as_ref().map(|one| each(&one.entries, split).map(Processor::Split)),
        given
            .substitute_string
            .as_ref()
            .map(|one| each(&one.entries, Substitution::new).map(Processor::Substitute)),
        given.type_converter.as_ref().map(|one| each(&one.entries, convert).map(Processor::Convert)),
        given.date_time_converter.as_ref().map(|one| Converter::new(one).map(Processor::Date)),
    ]
}

fn source(text: &str) -> Result<Source, LogsError> {
    match text {
        "@logGroupName" | "@logGroupStream" | "@accountId" | "@regionName" => {
            Ok(Source::Origin(text.to_owned()))
        }
        _ => Path::parse(text).map(Source::Field),
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
