//! The grammar of updates.

use api_dynamodb::AttributeValue;

use super::function::FUNCTIONS;
use super::lexer::Kind;
use super::parser::Parser;
use super::path::Path;
use super::problems::Rank;
use super::update::{SetValue, Update};

const SECTIONS: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

impl<'a> Parser<'_, 'a> {
    /// The sections of an update, each at most once.
    pub fn update(&mut self) -> Result<Update<'a>, String> {
        let mut update = Update::default();
        let mut seen = Vec::with_capacity(SECTIONS.len());
        loop {
            let token = self.peek();
            let Some(section) = SECTIONS.into_iter().find(|section| token.is_word(section)) else {
                return Err(self.syntax_error());
            };
            self.next();
            if seen.contains(&section) {
                self.problems.note(Rank::Section, || {
                    format!("The \"{section}\" section can only be used once in an update expression;")
                });
            }
            seen.push(section);
            self.section(section, &mut update)?;
            if self.peek().kind == Kind::End {
                return Ok(update);
            }
        }
    }

    fn section(&mut self, section: &'static str, update: &mut Update<'a>) -> Result<(), String> {
        loop {
            self.count();
            let path = self.path()?;
            self.check_clash(&path, update.paths());
            match section {
                "SET" => {
                    self.expect("=")?;
                    let value = self.set_value()?;
                    update.sets.push((path, value));
                }
                "REMOVE" => update.removes.push(path),
                _ => self.change(section, path, update)?,
            }
            if !self.take(",") {
                return Ok(());
            }
        }
    }

    /// `ADD` takes numbers and sets, `DELETE` sets alone.
    fn change(
        &mut self,
        section: &'static str,
        path: Path<'a>,
        update: &mut Update<'a>,
    ) -> Result<(), String> {
        let value = self.value()?;
        let (changes, is_add) = match section {
            "ADD" => (&mut update.adds, true),
            _ => (&mut update.deletes, false),
        };
        let kind = match value {
            AttributeValue::N(_) if is_add => None,
            AttributeValue::Ss(_)
            | AttributeValue::Ns(_)
            | AttributeValue::Bs(_)
            | AttributeValue::Unknown => None,
            AttributeValue::S(_) => Some("STRING"),
            AttributeValue::N(_) => Some("NUMBER"),
            AttributeValue::B(_) => Some("BINARY"),
            AttributeValue::Null(_) => Some("NULL"),
            AttributeValue::Bool(_) => Some("BOOLEAN"),
            AttributeValue::L(_) => Some("LIST"),
            AttributeValue::M(_) => Some("MAP"),
        };
        changes.push((path, value));
        if let Some(kind) = kind {
            self.problems.note(Rank::Operands, || {
                format!(
                    "Incorrect operand type for operator or function; operator: {section}, operand type: {kind}, \
                     typeSet: ALLOWED_FOR_{section}_OPERAND"
                )
            });
        }
        Ok(())
    }

    fn set_value(&mut self) -> Result<SetValue<'a>, String> {
        let left = self.set_operand()?;
        let token = self.peek();
        if !token.is("+") && !token.is("-") {
            return Ok(left);
        }
        self.next();
        self.count();
        let right = self.set_operand()?;
        for operand in [&left, &right] {
            if let Some(kind) = operand.kind().filter(|kind| *kind != "N") {
                self.wrong_type(token.text, kind);
            }
        }
        let (left, right) = (Box::new(left), Box::new(right));
        Ok(if token.is("+") { SetValue::Plus(left, right) } else { SetValue::Minus(left, right) })
    }

    fn set_operand(&mut self) -> Result<SetValue<'a>, String> {
        self.deeper(Self::set_innermost)
    }

    fn set_innermost(&mut self) -> Result<SetValue<'a>, String> {
        if self.take("(") {
            let value = self.set_value()?;
            self.expect(")")?;
            return Ok(value);
        }
        if self.is_function() {
            return self.set_function();
        }
        Ok(match self.peek().kind {
            Kind::Value => SetValue::Value(self.value()?),
            _ => SetValue::Path(self.path()?),
        })
    }

    fn set_function(&mut self) -> Result<SetValue<'a>, String> {
        self.count();
        let name = self.next().text;
        self.expect("(")?;
        let mut operands = vec![self.set_operand()?];
        while self.take(",") {
            operands.push(self.set_operand()?);
        }
        self.expect(")")?;
        let count = operands.len();
        let mut operands = operands.into_iter();
        match (name, operands.next(), operands.next(), count) {
            ("if_not_exists", Some(SetValue::Path(path)), Some(other), 2) => {
                return Ok(SetValue::IfNotExists(path, Box::new(other)));
            }
            ("if_not_exists", _, _, 2) => self.problems.note(Rank::Types, || {
                format!("Operator or function requires a document path; operator or function: {name}")
            }),
            ("list_append", Some(one), Some(two), 2) => {
                if let Some(kind) = [&one, &two].into_iter().find_map(|one| one.kind().filter(|kind| *kind != "L")) {
                    self.wrong_type(name, kind);
                }
                return Ok(SetValue::ListAppend(Box::new(one), Box::new(two)));
            }
            ("if_not_exists" | "list_append", ..) => self.problems.note(Rank::Operands, || {
                format!(
                    "Incorrect number of operands for operator or function; operator or function: {name}, number of \
                     operands: {count}"
                )
            }),
            _ => self.problems.note(Rank::Unknown, || match name {
                name if FUNCTIONS.contains(&name) => {
                    format!("The function is not allowed in an update expression; function: {name}")
                }
                _ => format!("Invalid function name; function: {name}"),
            }),
        }
        Ok(SetValue::Path(Path::attribute("")))
    }
}
