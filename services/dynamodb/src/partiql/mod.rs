//! PartiQL for DynamoDB: a statement is parsed to a tree, the tree compiled to the conditions and updates that the other
//! operations use, and those are run.
//!
//! The parser is our own. `partiql-parser` reads queries but none of the statements that change items, and `sqlparser`
//! knows neither `VALUE {…}`, `<<…>>`, `SET … SET … REMOVE …` nor `RETURNING ALL OLD *`. The syntax errors that people
//! saw of AWS are those of PartiQL's first reference parser, so its grammar, its order of checks and its sentences are
//! followed here: <https://github.com/partiql/partiql-lang-kotlin> (Apache-2.0).
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html>

mod ast;
mod compile;
mod cursor;
mod expression;
mod keys;
mod lexer;
mod literal;
mod parser;
mod read;
mod set_value;
mod statement;
pub mod transaction;
mod write;

use api_dynamodb::{AttributeValue, DynamodbError};

pub use ast::Statement;
pub use compile::Selection;
pub use cursor::Mark;
pub use read::Request;
pub use write::Write;

use crate::{errors, value};

/// Parses a statement with its parameters.
pub fn parse(text: &str, parameters: Option<&mut Vec<AttributeValue>>) -> Result<Statement, DynamodbError> {
    let parameters: &mut [AttributeValue] = parameters.map_or(&mut [], Vec::as_mut_slice);
    for parameter in parameters.iter_mut() {
        value::normalise(parameter).map_err(errors::validation)?;
    }
    parser::parse(text, parameters).map_err(DynamodbError::from)
}

/// Whether the text is a statement. Fuzzers and tests call this with texts of any kind.
///
/// # Panics
///
/// When the text is a statement that is another, or none, with its blanks changed: an error of the parser.
pub fn accepts(text: &str) -> bool {
    let parameters = vec![AttributeValue::S("a".to_owned()); text.matches('?').count()];
    let parse = |text: &str| parser::parse(text, &parameters).ok();
    let tree = parse(text);
    if tree.is_some() {
        assert_eq!(lexer::spaced(text).as_deref().and_then(parse), tree, "{text}");
    }
    tree.is_some()
}
