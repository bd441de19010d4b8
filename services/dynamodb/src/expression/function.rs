//! The functions of conditions, and their operands' types.

use super::condition::{Condition, Operand};
use super::parser::{Node, Parser, What};
use super::path::Path;
use super::problems::Rank;
use crate::value;

/// The functions of conditions.
pub(super) const FUNCTIONS: [&str; 6] =
    ["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"];

const TYPES: [&str; 10] = ["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"];

/// Whether `attribute_type` knows the type.
pub fn is_type_name(name: &str) -> bool {
    TYPES.contains(&name)
}

impl<'a> Parser<'_, 'a> {
    pub(super) fn function(&mut self) -> Result<Node<'a>, String> {
        self.count();
        let name = self.next().text;
        self.expect("(")?;
        let mut operands = Vec::with_capacity(2);
        loop {
            let node = self.primary()?;
            operands.push(self.as_operand(node)?);
            if !self.take(",") {
                break;
            }
        }
        self.expect(")")?;
        if let [one, two] = operands.as_slice() {
            self.check_distinct(name, one, two);
        }
        let what = self.apply(name, operands);
        Ok(Node::new(what))
    }

    fn apply(&mut self, name: &'a str, operands: Vec<Operand<'a>>) -> What<'a> {
        let wanted = match name {
            "attribute_exists" | "attribute_not_exists" | "size" => 1,
            "attribute_type" | "begins_with" | "contains" => 2,
            _ => {
                let kind = self.kind;
                self.problems.note(Rank::Unknown, || match name {
                    "if_not_exists" | "list_append" => {
                        format!("The function is not allowed in a {kind}; function: {name}")
                    }
                    _ => format!("Invalid function name; function: {name}"),
                });
                return What::Function(Condition::never(), name);
            }
        };
        let count = operands.len();
        if count != wanted {
            self.problems.note(Rank::Operands, || {
                format!(
                    "Incorrect number of operands for operator or function; operator or function: {name}, number of \
                     operands: {count}"
                )
            });
            return What::Function(Condition::never(), name);
        }
        let mut operands = operands.into_iter();
        match (operands.next(), operands.next()) {
            (Some(one), None) => self.unary(name, one),
            (Some(one), Some(two)) => What::Function(self.binary(name, one, two), name),
            _ => What::Function(Condition::never(), name),
        }
    }

    fn unary(&mut self, name: &'a str, operand: Operand<'a>) -> What<'a> {
        if name == "size" {
            if let Some(kind @ ("N" | "BOOL" | "NULL")) = literal(&operand) {
                self.wrong_type(name, kind);
            }
            return What::Operand(Operand::Size(Box::new(operand)));
        }
        let Operand::Path(path) = operand else {
            self.problems.note(Rank::Types, || {
                format!("Operator or function requires a document path; operator or function: {name}")
            });
            return What::Function(Condition::never(), name);
        };
        What::Function(existence(name, path), name)
    }

    fn binary(&mut self, name: &str, one: Operand<'a>, two: Operand<'a>) -> Condition<'a> {
        match name {
            "begins_with" => {
                let types = [literal(&one), literal(&two)];
                if let Some(kind) = types.into_iter().flatten().find(|kind| !matches!(*kind, "S" | "B")) {
                    self.wrong_type(name, kind);
                }
                Condition::BeginsWith(one, two)
            }
            "contains" => Condition::Contains(one, two),
            _ => self.type_of(name, one, &two),
        }
    }

    fn type_of(&mut self, name: &str, operand: Operand<'a>, kind: &Operand<'a>) -> Condition<'a> {
        let Operand::Value(api_dynamodb::AttributeValue::S(kind)) = kind else {
            self.wrong_type(name, literal(kind).unwrap_or("{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"));
            return Condition::never();
        };
        if !is_type_name(kind) {
            self.problems.note(Rank::Types, || {
                let types = TYPES.join(",");
                format!("Invalid attribute type name found; type: {kind}, valid types: {{{types}}}")
            });
        }
        Condition::Type(operand, kind)
    }

    pub(super) fn wrong_type(&mut self, name: &str, kind: &str) {
        self.problems.note(Rank::Types, || {
            format!(
                "Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}"
            )
        });
    }
}

fn existence<'a>(name: &str, path: Path<'a>) -> Condition<'a> {
    let exists = Condition::Exists(path);
    if name == "attribute_exists" { exists } else { Condition::Not(Box::new(exists)) }
}

/// The type of an operand that is known before there is an item.
pub(super) fn literal(operand: &Operand<'_>) -> Option<&'static str> {
    match operand {
        Operand::Value(value) => Some(value::type_name(value)).filter(|name| !name.is_empty()),
        Operand::Size(_) => Some("N"),
        Operand::Path(_) => None,
    }
}
