//! The grammar of expressions: operators by their precedence, and what stands between them.

use api_dynamodb::AttributeValue;

use super::ast::{Expression, Operator};
use super::lexer::Kind;
use super::literal::normal;
use super::parser::{Parsed, Parser, Problem, refused, syntax};
use crate::expression::Comparison;
use crate::limits;

const OR: u8 = 10;
const AND: u8 = 20;
const NOT: u8 = 30;
const EQUAL: u8 = 40;
const COMPARE: u8 = 50;
const ADD: u8 = 60;
const MULTIPLY: u8 = 70;

/// Keywords that are names of functions.
const FUNCTIONS: [&str; 16] = [
    "exists",
    "size",
    "count",
    "avg",
    "max",
    "min",
    "sum",
    "substring",
    "char_length",
    "character_length",
    "octet_length",
    "bit_length",
    "upper",
    "lower",
    "nullif",
    "coalesce",
];

/// What comes between two expressions.
#[derive(Clone, Copy)]
enum Infix {
    Between,
    In,
    Is,
    Join(Operator),
    Unsupported,
}

impl Parser<'_, '_> {
    /// An expression whose operators bind closer than `precedence`.
    pub fn expression(&mut self, precedence: u8) -> Parsed<Expression> {
        self.deeper(|parser| {
            let mut left = parser.unary()?;
            while let Some((infix, negated, binds)) = parser.infix()
                && binds > precedence
            {
                left = parser.joined(left, infix, binds)?;
                if negated {
                    left = Expression::Not(Box::new(left));
                }
            }
            Ok(left)
        })
    }

    /// The operator that comes next, whether `NOT` stands before it, and how close it binds.
    fn infix(&self) -> Option<(Infix, bool, u8)> {
        let negated = self.peek().is_word("not");
        let token = if negated { self.second() } else { self.peek() };
        let compare = |comparison| Infix::Join(Operator::Compare(comparison));
        let (infix, binds) = match (token.kind, token.text.to_ascii_lowercase().as_str()) {
            (Kind::WordOperator, "between") => (Infix::Between, COMPARE),
            (Kind::WordOperator, "like") => (Infix::Unsupported, COMPARE),
            (Kind::WordOperator, "in") => (Infix::In, EQUAL),
            _ if negated => return None,
            (Kind::WordOperator, "is") => (Infix::Is, EQUAL),
            (Kind::WordOperator, "or") => (Infix::Join(Operator::Or), OR),
            (Kind::WordOperator, "and") => (Infix::Join(Operator::And), AND),
            (Kind::Operator, "=") => (compare(Comparison::Equal), EQUAL),
            (Kind::Operator, "<>" | "!=") => (compare(Comparison::NotEqual), EQUAL),
            (Kind::Operator, "<") => (compare(Comparison::Less), COMPARE),
            (Kind::Operator, "<=") => (compare(Comparison::LessOrEqual), COMPARE),
            (Kind::Operator, ">") => (compare(Comparison::Greater), COMPARE),
            (Kind::Operator, ">=") => (compare(Comparison::GreaterOrEqual), COMPARE),
            (Kind::Operator, "+") => (Infix::Join(Operator::Plus), ADD),
            (Kind::Operator, "-") => (Infix::Join(Operator::Minus), ADD),
            (Kind::Operator, "||") => (Infix::Unsupported, ADD),
            (Kind::Operator, "/" | "%") | (Kind::Symbol, "*") => (Infix::Unsupported, MULTIPLY),
            _ => return None,
        };
        Some((infix, negated, binds))
    }

    fn joined(&mut self, left: Expression, infix: Infix, binds: u8) -> Parsed<Expression> {
        self.take_word("not");
        let token = self.next();
        self.operators += 1;
        if self.operators > limits::OPERATORS {
            let count = self.operators;
            return refused(format!("The expression contains too many operators; operator count: {count}"));
        }
        let left = Box::new(left);
        match infix {
            Infix::Join(_) | Infix::Between | Infix::Unsupported if self.peek().kind == Kind::End => {
                syntax("Missing right-hand side expression of infix operator")
            }
            Infix::Join(operator) => {
                let right = self.expression(binds)?;
                Ok(Expression::Binary(operator, left, Box::new(right)))
            }
            Infix::Between => self.between(left),
            Infix::In => self.choices(left),
            Infix::Is => self.is(left),
            Infix::Unsupported => refused(format!(
                "Unsupported operator: {} at {}",
                token.text.to_ascii_uppercase(),
                token.place
            )),
        }
    }

    fn between(&mut self, left: Box<Expression>) -> Parsed<Expression> {
        let low = self.expression(COMPARE)?;
        if !self.take_word("and") {
            return syntax("Expected AND keyword");
        }
        if self.peek().kind == Kind::End {
            return syntax("Expected expression after AND");
        }
        let high = self.expression(COMPARE)?;
        Ok(Expression::Between(left, Box::new(low), Box::new(high)))
    }

    /// The choices of `IN`: in parentheses, or one list.
    fn choices(&mut self, left: Box<Expression>) -> Parsed<Expression> {
        if self.peek().kind == Kind::End {
            return syntax("Missing right-hand side expression of infix operator");
        }
        let place = self.peek().place;
        let choices = if self.take("(") {
            let choices = self.several(|parser| parser.expression(0))?;
            self.expect(")", "RIGHT_PAREN")?;
            choices
        } else {
            let values = match self.expression(EQUAL)? {
                Expression::Value(AttributeValue::L(values)) => values,
                Expression::Value(AttributeValue::Ss(set)) => {
                    set.into_iter().map(AttributeValue::S).collect()
                }
                Expression::Value(AttributeValue::Ns(set)) => {
                    set.into_iter().map(AttributeValue::N).collect()
                }
                Expression::Value(AttributeValue::Bs(set)) => {
                    set.into_iter().map(AttributeValue::B).collect()
                }
                _ => return refused(format!("Unexpected expression in IN clause at {place}")),
            };
            values.into_iter().map(Expression::Value).collect()
        };
        if choices.len() > limits::CHOICES {
            let count = choices.len();
            return refused(format!(
                "The IN operator is provided with too many operands; number of operands: {count}"
            ));
        }
        Ok(Expression::In(left, choices))
    }

    fn is(&mut self, left: Box<Expression>) -> Parsed<Expression> {
        let negated = self.take_word("not");
        let test = if self.take_word("missing") {
            Expression::IsMissing(left)
        } else if self.take_word("null") {
            Expression::IsNull(left)
        } else if self.peek().kind == Kind::Keyword {
            return Err(Problem::NotEmulated("IS with a type of PartiQL"));
        } else {
            return syntax("Expected type name");
        };
        Ok(if negated { Expression::Not(Box::new(test)) } else { test })
    }

    fn unary(&mut self) -> Parsed<Expression> {
        if self.take_word("not") {
            let operand = self.expression(NOT)?;
            return Ok(Expression::Not(Box::new(operand)));
        }
        let is_negative = self.peek().is("-");
        if !is_negative && !self.peek().is("+") {
            return self.term();
        }
        let place = self.next().place;
        match self.deeper(Self::unary)? {
            Expression::Value(AttributeValue::N(number)) => {
                let number = match number.strip_prefix('-') {
                    _ if !is_negative || number == "0" => number,
                    Some(positive) => positive.to_owned(),
                    None => format!("-{number}"),
                };
                Ok(Expression::Value(AttributeValue::N(number)))
            }
            _ => refused(format!("Unexpected expression at {place}")),
        }
    }

    fn term(&mut self) -> Parsed<Expression> {
        let token = self.peek().clone();
        let is_call = self.second().is("(");
        match token.kind {
            Kind::Identifier | Kind::Quoted if is_call => self.call(),
            Kind::Identifier | Kind::Quoted => Ok(Expression::Location(self.path()?.0)),
            Kind::Parameter => {
                self.next();
                Ok(Expression::Value(self.parameter()))
            }
            Kind::Text => {
                self.next();
                Ok(Expression::Value(AttributeValue::S(token.text.into_owned())))
            }
            Kind::Number => {
                self.next();
                normal(AttributeValue::N(token.text.into_owned()))
            }
            Kind::Keyword => self.keyword(),
            Kind::Symbol => self.group(),
            Kind::Operator | Kind::WordOperator => syntax("Unexpected operator"),
            Kind::Particle | Kind::End => syntax("Unexpected term"),
        }
    }

    fn keyword(&mut self) -> Parsed<Expression> {
        let word = self.peek().text.to_ascii_lowercase();
        if FUNCTIONS.contains(&word.as_str()) && self.second().is("(") {
            return self.call();
        }
        let literal = match word.as_str() {
            "true" => Expression::Value(AttributeValue::Bool(true)),
            "false" => Expression::Value(AttributeValue::Bool(false)),
            "null" => Expression::Value(AttributeValue::Null(true)),
            "missing" => Expression::Missing,
            "select" => {
                self.next();
                return Ok(Expression::Select(Box::new(self.select()?)));
            }
            _ => return syntax("Unexpected keyword"),
        };
        self.next();
        Ok(literal)
    }

    fn call(&mut self) -> Parsed<Expression> {
        let name = self.next().text.to_ascii_lowercase();
        self.next();
        if self.peek().is("*") && name == "count" {
            self.next();
            self.expect(")", "RIGHT_PAREN")?;
            return Ok(Expression::Call(name, Vec::new()));
        }
        if self.peek().is("*") {
            return syntax(format!("{name}(*) is not allowed"));
        }
        if self.take(")") {
            return Ok(Expression::Call(name, Vec::new()));
        }
        let operands = self.several(|parser| parser.expression(0))?;
        self.expect(")", "RIGHT_PAREN")?;
        Ok(Expression::Call(name, operands))
    }
}
