//! The grammar of lists, sets and maps.

use api_dynamodb::AttributeValue;

use super::ast::Expression;
use super::parser::{Parsed, Parser, Problem, refused, syntax};
use crate::item::Attributes;
use crate::value;

impl Parser<'_, '_> {
    /// What stands in brackets of any kind.
    pub fn group(&mut self) -> Parsed<Expression> {
        if self.take("(") {
            if self.peek().is(")") {
                return syntax("Expression group cannot be empty");
            }
            let mut group = self.several(|parser| parser.expression(0))?;
            self.expect(")", "RIGHT_PAREN")?;
            return match group.pop() {
                Some(only) if group.is_empty() => Ok(only),
                last => folded(group.into_iter().chain(last).collect(), list),
            };
        }
        if self.take("[") {
            return folded(self.elements("]", "RIGHT_BRACKET")?, list);
        }
        if self.take("<<") {
            return folded(self.elements(">>", "RIGHT_DOUBLE_ANGLE_BRACKET")?, set);
        }
        if self.take("{") {
            return self.map();
        }
        syntax("Unexpected term")
    }

    fn elements(&mut self, end: &str, name: &str) -> Parsed<Vec<Expression>> {
        if self.take(end) {
            return Ok(Vec::new());
        }
        let elements = self.several(|parser| parser.expression(0))?;
        self.expect(end, name)?;
        Ok(elements)
    }

    fn map(&mut self) -> Parsed<Expression> {
        if self.take("}") {
            return Ok(Expression::Value(AttributeValue::M(Attributes::new())));
        }
        let place = self.peek().place;
        let members = self.several(|parser| {
            let name = parser.expression(0)?;
            parser.expect(":", "COLON")?;
            Ok((name, parser.expression(0)?))
        })?;
        self.expect("}", "RIGHT_CURLY")?;
        let mut map = Attributes::with_capacity(members.len());
        for (name, member) in members {
            match (name, member) {
                (Expression::Value(AttributeValue::S(name)), Expression::Value(member)) => {
                    if map.insert(name, member).is_some() {
                        return refused(format!("Map contains duplicate keys at {place}"));
                    }
                }
                (Expression::Value(AttributeValue::S(_)), _) => return Ok(Expression::Unfolded),
                _ => return refused(format!("Unexpected expression at {place}")),
            }
        }
        normal(AttributeValue::M(map))
    }
}

/// A literal with its numbers as AWS prints them, if it is one that DynamoDB can hold.
pub fn normal(mut literal: AttributeValue) -> Parsed<Expression> {
    value::normalise(&mut literal).map_err(Problem::Refused)?;
    Ok(Expression::Value(literal))
}

/// A literal of literals; with anything else among them it is none.
fn folded(
    elements: Vec<Expression>,
    make: fn(Vec<AttributeValue>) -> Parsed<AttributeValue>,
) -> Parsed<Expression> {
    let literal = |element| match element {
        Expression::Value(value) => Some(value),
        _ => None,
    };
    match elements.into_iter().map(literal).collect::<Option<Vec<_>>>() {
        Some(values) => normal(make(values)?),
        None => Ok(Expression::Unfolded),
    }
}

#[allow(clippy::unnecessary_wraps, reason = "as sets are made, which can fail")]
fn list(values: Vec<AttributeValue>) -> Parsed<AttributeValue> {
    Ok(AttributeValue::L(values))
}

/// The set of `<<…>>`: all its members have one type.
fn set(values: Vec<AttributeValue>) -> Parsed<AttributeValue> {
    let (mut texts, mut numbers, mut blobs) = (Vec::new(), Vec::new(), Vec::new());
    let count = values.len();
    for value in values {
        match value {
            AttributeValue::S(text) => texts.push(text),
            AttributeValue::N(number) => numbers.push(number),
            AttributeValue::B(blob) => blobs.push(blob),
            _ => {}
        }
    }
    if texts.len() == count {
        Ok(AttributeValue::Ss(texts))
    } else if numbers.len() == count {
        Ok(AttributeValue::Ns(numbers))
    } else if blobs.len() == count {
        Ok(AttributeValue::Bs(blobs))
    } else {
        refused("One or more parameter values were invalid: Set must contain values of the same scalar type")
    }
}
