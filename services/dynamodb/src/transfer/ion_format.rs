//! Items as Amazon Ion, one a line.
//!
//! Ion has no sets: lists that are sets say so in an annotation. Numbers are decimals.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html>

use api_dynamodb::AttributeValue;
use ion_rs::v1_0::Text;
use ion_rs::{Decimal, Element, IonType, List, Sequence, Struct, TextFormat, Value};
use kernel::Fault;

use super::ion_depth;
use super::source::Parsed;
use crate::item::Attributes;

/// The annotations of sets.
const SETS: [&str; 3] = ["$dynamodb_SS", "$dynamodb_NS", "$dynamodb_BS"];

/// One line: an item, or the parts of a change.
pub fn line(item: &Attributes, is_full: bool) -> Result<Vec<u8>, Fault> {
    let name = if is_full { "Item" } else { "Record" };
    let whole = Element::from(Struct::builder().with_field(name, structure(item)?).build());
    let text = whole.encode_as(Text.with_format(TextFormat::Compact)).map_err(Fault::internal)?;
    // Each line is a document of its own, which begins with the version of Ion.
    let text = text.trim().trim_start_matches("$ion_1_0").trim_start();
    Ok(format!("$ion_1_0 {text}\n").into_bytes())
}

fn structure(attributes: &Attributes) -> Result<Struct, Fault> {
    let mut fields = Vec::with_capacity(attributes.len());
    for (name, value) in attributes {
        fields.push((name.as_str(), element(value)?));
    }
    Ok(Struct::builder().with_fields(fields).build())
}

fn element(value: &AttributeValue) -> Result<Element, Fault> {
    let set = |members: Vec<Element>, annotation: &str| {
        Element::from(List::from(Sequence::new(members))).with_annotations([annotation])
    };
    Ok(match value {
        AttributeValue::S(text) => Element::string(text.as_str()),
        AttributeValue::N(text) => decimal(text)?,
        AttributeValue::B(bytes) => Element::blob(bytes.as_ref()),
        AttributeValue::Bool(value) => Element::from(*value),
        AttributeValue::Null(_) | AttributeValue::Unknown => Element::null(IonType::Null),
        AttributeValue::Ss(all) => {
            set(all.iter().map(|text| Element::string(text.as_str())).collect(), SETS[0])
        }
        AttributeValue::Ns(all) => {
            set(all.iter().map(|text| decimal(text)).collect::<Result<_, _>>()?, SETS[1])
        }
        AttributeValue::Bs(all) => {
            set(all.iter().map(|bytes| Element::blob(bytes.as_ref())).collect(), SETS[2])
        }
        AttributeValue::L(all) => {
            let all = all.iter().map(element).collect::<Result<Vec<_>, _>>()?;
            Element::from(List::from(Sequence::new(all)))
        }
        AttributeValue::M(map) => Element::from(structure(map)?),
    })
}

/// A number has at most 38 digits, which 128 bits hold.
fn decimal(text: &str) -> Result<Element, Fault> {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let coefficient: i128 = format!("{whole}{fraction}").parse().map_err(Fault::internal)?;
    let power: i64 = power.parse().map_err(Fault::internal)?;
    let fraction = i64::try_from(fraction.len()).map_err(Fault::internal)?;
    Ok(Element::from(Decimal::new(coefficient, power - fraction)))
}

/// The items of a file.
pub fn parse(bytes: &[u8]) -> Parsed {
    let mut parsed = Parsed::default();
    if let Some(problem) = ion_depth::refuses(bytes) {
        return Parsed { broken: Some(problem.to_owned()), ..parsed };
    }
    let elements = match Element::iter(bytes) {
        Ok(elements) => elements,
        Err(error) => return Parsed { broken: Some(error.to_string()), ..parsed },
    };
    for element in elements {
        match element {
            Ok(element) => parsed.items.push(item(&element)),
            Err(error) => return Parsed { broken: Some(error.to_string()), ..parsed },
        }
    }
    parsed
}

fn item(element: &Element) -> Result<Attributes, String> {
    let item = element.as_struct().and_then(|line| line.get("Item")).and_then(Element::as_struct);
    attributes(item.ok_or("Line has no Item")?)
}

fn attributes(fields: &Struct) -> Result<Attributes, String> {
    let one = |(name, element): (&ion_rs::Symbol, &Element)| {
        Ok((name.text().ok_or("a field has no name")?.to_owned(), value(element)?))
    };
    fields.fields().map(one).collect()
}

fn value(element: &Element) -> Result<AttributeValue, String> {
    Ok(match element.value() {
        Value::Null(_) => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(*value),
        Value::Int(_) | Value::Decimal(_) | Value::Float(_) => AttributeValue::N(number(element)?),
        Value::String(text) => AttributeValue::S(text.text().to_owned()),
        Value::Symbol(symbol) => AttributeValue::S(symbol.text().unwrap_or_default().to_owned()),
        Value::Timestamp(time) => AttributeValue::S(time.to_string()),
        Value::Blob(bytes) | Value::Clob(bytes) => AttributeValue::B(bytes.as_ref().to_vec().into()),
        Value::Struct(fields) => AttributeValue::M(attributes(fields)?),
        Value::List(all) | Value::SExp(all) => return list(element.annotations().first(), all),
    })
}

fn number(element: &Element) -> Result<String, String> {
    match element.value() {
        Value::Int(number) => Ok(number.to_string()),
        Value::Decimal(number) => Ok(format!("{}E{}", number.coefficient(), number.exponent())),
        Value::Float(number) => Ok(number.to_string()),
        _ => Err("a member of a number set is no number".to_owned()),
    }
}

fn list(annotation: Option<&str>, all: &Sequence) -> Result<AttributeValue, String> {
    let is_set = |at: usize| annotation == Some(SETS[at]);
    if is_set(0) {
        let text = |member: &Element| member.as_text().map(str::to_owned);
        let all: Option<_> = all.iter().map(text).collect();
        return Ok(AttributeValue::Ss(all.ok_or("a member of a string set is no string")?));
    }
    if is_set(1) {
        return Ok(AttributeValue::Ns(all.iter().map(number).collect::<Result<_, _>>()?));
    }
    if is_set(2) {
        let bytes = |member: &Element| member.as_lob().map(|bytes| bytes.to_vec().into());
        let all: Option<_> = all.iter().map(bytes).collect();
        return Ok(AttributeValue::Bs(all.ok_or("a member of a binary set is not binary")?));
    }
    Ok(AttributeValue::L(all.iter().map(value).collect::<Result<_, _>>()?))
}
