//! The grammar of statements.

use api_dynamodb::AttributeValue;

use super::ast::{Delete, Expression, Insert, Location, Returning, Select, Statement, Update};
use super::lexer::{Kind, Place};
use super::parser::{Parsed, Parser, Problem, refused, syntax};

impl Parser<'_, '_> {
    /// A statement.
    pub fn statement(&mut self) -> Parsed<Statement> {
        if self.take_word("select") {
            Ok(Statement::Select(self.select()?))
        } else if self.take_words("insert", "into") {
            Ok(Statement::Insert(self.insert()?))
        } else if self.take_word("update") {
            Ok(Statement::Update(self.update()?))
        } else if self.take_word("delete") {
            Ok(Statement::Delete(self.delete()?))
        } else if self.peek().is_word("exists") && self.second().is("(") {
            self.exists()
        } else if self.peek().is_word("insert") {
            syntax("Unexpected keyword")
        } else {
            syntax("Expected data manipulation")
        }
    }

    fn exists(&mut self) -> Parsed<Statement> {
        let place = self.peek().place;
        match self.expression(0)? {
            Expression::Call(_, mut operands) => match operands.pop() {
                Some(Expression::Select(select)) if operands.is_empty() => Ok(Statement::Exists(*select)),
                _ => refused(format!("Unexpected expression at {place}")),
            },
            _ => refused(format!("Unexpected expression at {place}")),
        }
    }

    /// A query, behind `SELECT`.
    pub fn select(&mut self) -> Parsed<Select> {
        for word in ["distinct", "value"] {
            if self.peek().is_word(word) {
                return refused(unsupported(word, self.peek().place));
            }
        }
        let columns = self.columns()?;
        if !self.take_word("from") {
            return syntax("Expected FROM after SELECT list");
        }
        let (table, index) = self.source()?;
        let condition = self.condition()?;
        let order = if self.take_word("order") { self.order()? } else { Vec::new() };
        for word in ["group", "having", "limit", "let"] {
            if self.peek().is_word(word) {
                return refused(unsupported(word, self.peek().place));
            }
        }
        Ok(Select { columns, table, index, condition, order })
    }

    fn columns(&mut self) -> Parsed<Option<Vec<Location>>> {
        if self.peek().is_word("from") {
            // The reference parser takes this for a statement of its own.
            return syntax("Expected data manipulation");
        }
        if self.take("*") {
            return match self.peek().is(",") {
                true => syntax(
                    "Other expressions may not be present in the select list when '*' is used without dot notation.",
                ),
                false => Ok(None),
            };
        }
        self.several(Self::column).map(Some)
    }

    fn column(&mut self) -> Parsed<Location> {
        let place = self.peek().place;
        let location = match self.expression(0)? {
            Expression::Location(location) => location,
            Expression::Call(name, _) if name == "size" => {
                return Err(Problem::NotEmulated("functions in a PartiQL projection"));
            }
            Expression::Call(name, _) => return refused(format!("Unsupported function: {name}")),
            _ => return refused(format!("Unexpected projection at {place}")),
        };
        self.no_alias()?;
        Ok(location)
    }

    fn no_alias(&self) -> Parsed<()> {
        let token = self.peek();
        if token.is_word("as") || token.is_word("at") || token.is_word("by") || token.is_name() {
            return refused(format!("Aliasing is not supported at {}", token.place));
        }
        Ok(())
    }

    /// The table and index of `FROM`.
    fn source(&mut self) -> Parsed<(String, Option<String>)> {
        if !self.peek().is_name() {
            return match self.peek().kind {
                Kind::Keyword => syntax("Unexpected keyword"),
                Kind::End => syntax("Unexpected term"),
                _ => refused("Unexpected from source"),
            };
        }
        let place = self.peek().place;
        let (location, step) = self.path()?;
        self.no_alias()?;
        let joins = ["join", "inner", "left", "right", "full", "outer", "cross"];
        if self.peek().is(",") || joins.iter().any(|word| self.peek().is_word(word)) {
            return refused("Unexpected from source");
        }
        match location.rest.as_slice() {
            [] => Ok((location.head, None)),
            [super::ast::Part::Name(index)] => Ok((location.head, Some(index.clone()))),
            _ => refused(format!("Unexpected path component at {}", step.unwrap_or(place))),
        }
    }

    /// The table of a write.
    fn target(&mut self) -> Parsed<String> {
        let (location, step) = self.simple_path()?;
        self.no_alias()?;
        match step {
            None => Ok(location.head),
            Some(place) => refused(format!("Unexpected path component at {place}")),
        }
    }

    fn condition(&mut self) -> Parsed<Option<Expression>> {
        if self.take_word("where") { self.expression(0).map(Some) } else { Ok(None) }
    }

    fn order(&mut self) -> Parsed<Vec<(String, bool)>> {
        if !self.take_word("by") {
            return syntax("Expected BY");
        }
        self.several(|parser| {
            let place = parser.peek().place;
            let Expression::Location(Location { head, rest }) = parser.expression(0)? else {
                return refused(format!("Unexpected expression in ORDER BY clause at {place}"));
            };
            if !rest.is_empty() {
                return refused(format!("Unexpected path component at {place}"));
            }
            let is_backward = parser.take_word("desc");
            if !is_backward {
                parser.take_word("asc");
            }
            Ok((head, is_backward))
        })
    }

    fn insert(&mut self) -> Parsed<Insert> {
        let table = self.target()?;
        if !self.take_word("value") {
            let place = self.peek().place;
            self.expression(0)?;
            return refused(format!("Unexpected expression at {place}"));
        }
        let place = self.peek().place;
        let item = match self.expression(0)? {
            Expression::Value(AttributeValue::M(item)) => item,
            _ => return refused(format!("Unexpected expression at {place}")),
        };
        for word in ["at", "on", "returning"] {
            if self.peek().is_word(word) {
                return refused(unsupported(word, self.peek().place));
            }
        }
        Ok(Insert { table, item })
    }

    fn update(&mut self) -> Parsed<Update> {
        let table = self.target()?;
        let (mut sets, mut removes) = (Vec::new(), Vec::new());
        loop {
            if self.take_word("set") {
                sets.extend(self.several(Self::assignment)?);
            } else if self.take_word("remove") {
                removes.push(self.simple_path()?.0);
            } else {
                break;
            }
        }
        if sets.is_empty() && removes.is_empty() {
            return syntax("Expected data manipulation");
        }
        let condition = self.condition()?;
        Ok(Update { table, sets, removes, condition, returning: self.returning()? })
    }

    fn assignment(&mut self) -> Parsed<(Location, Expression)> {
        let (location, _) = self.simple_path()?;
        if !self.take("=") {
            return syntax("Expected '='");
        }
        Ok((location, self.expression(0)?))
    }

    fn delete(&mut self) -> Parsed<Delete> {
        if !self.take_word("from") {
            return syntax("Expected FROM after DELETE");
        }
        let table = self.target()?;
        let condition = self.condition()?;
        Ok(Delete { table, condition, returning: self.returning()? })
    }

    fn returning(&mut self) -> Parsed<Option<Returning>> {
        if !self.take_word("returning") {
            return Ok(None);
        }
        let kinds = [("all", "old"), ("all", "new"), ("modified", "old"), ("modified", "new")];
        let Some((which, when)) = kinds.into_iter().find(|(which, when)| self.take_words(which, when)) else {
            return syntax("Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element.");
        };
        let place = self.peek().place;
        if !self.take("*") {
            self.expression(0)?;
            return refused(format!("Unexpected expression in RETURNING clause at {place}"));
        }
        if self.peek().is(",") {
            return refused(format!("Unexpected expression in RETURNING clause at {}", self.second().place));
        }
        Ok(Some(Returning { is_all: which == "all", is_new: when == "new" }))
    }
}

fn unsupported(word: &str, place: Place) -> String {
    format!("Unsupported clause: {} at {place}", word.to_ascii_uppercase())
}
