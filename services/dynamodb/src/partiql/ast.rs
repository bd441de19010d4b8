//! Statements as trees.

use api_dynamodb::AttributeValue;

use crate::item::Attributes;

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `DELETE FROM`.
    Delete(Delete),
    /// `EXISTS(SELECT …)`, the condition check of transactions.
    Exists(Select),
    /// `INSERT INTO`.
    Insert(Insert),
    /// `SELECT`.
    Select(Select),
    /// `UPDATE`.
    Update(Update),
}

impl Statement {
    /// The table, as the statement names it.
    pub fn table(&self) -> &str {
        match self {
            Self::Delete(delete) => &delete.table,
            Self::Exists(select) | Self::Select(select) => &select.table,
            Self::Insert(insert) => &insert.table,
            Self::Update(update) => &update.table,
        }
    }
}

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// What to answer of each item; nothing for all of it.
    pub columns: Option<Vec<Location>>,
    /// The table.
    pub table: String,
    /// The index, if one is read instead of the table.
    pub index: Option<String>,
    /// `WHERE`.
    pub condition: Option<Expression>,
    /// `ORDER BY`: attributes, and whether the order is turned.
    pub order: Vec<(String, bool)>,
}

/// A new item.
#[derive(Clone, Debug, PartialEq)]
pub struct Insert {
    /// The table.
    pub table: String,
    /// The item.
    pub item: Attributes,
}

/// A change of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The table.
    pub table: String,
    /// `SET`: what becomes what.
    pub sets: Vec<(Location, Expression)>,
    /// `REMOVE`.
    pub removes: Vec<Location>,
    /// `WHERE`.
    pub condition: Option<Expression>,
    /// `RETURNING`.
    pub returning: Option<Returning>,
}

/// The removal of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// The table.
    pub table: String,
    /// `WHERE`.
    pub condition: Option<Expression>,
    /// `RETURNING`.
    pub returning: Option<Returning>,
}

/// What a write answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returning {
    /// Whether all attributes, not the changed ones alone.
    pub is_all: bool,
    /// Whether as they are after the write.
    pub is_new: bool,
}

/// An attribute or the way into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The attribute.
    pub head: String,
    /// The way on.
    pub rest: Vec<Part>,
}

/// One step of the way into an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// An entry of a map.
    Name(String),
    /// An element of a list.
    Index(usize),
}

/// What stands in conditions and assignments.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// Two, joined by an operator.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// The first lies between the two others.
    Between(Box<Expression>, Box<Expression>, Box<Expression>),
    /// A function, its name in small letters.
    Call(String, Vec<Expression>),
    /// The first is one of the others.
    In(Box<Expression>, Vec<Expression>),
    /// It is `MISSING`.
    IsMissing(Box<Expression>),
    /// It is `NULL`.
    IsNull(Box<Expression>),
    /// What the item has there.
    Location(Location),
    /// `MISSING` where a value stands.
    Missing,
    /// The other does not hold.
    Not(Box<Expression>),
    /// A query within.
    Select(Box<Select>),
    /// A literal or a parameter.
    Value(AttributeValue),
    /// A list, set or map that has more than literals.
    Unfolded,
}

/// What joins two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `AND`.
    And,
    /// `=`, `<` and so on.
    Compare(crate::expression::Comparison),
    /// `-`.
    Minus,
    /// `OR`.
    Or,
    /// `+`.
    Plus,
}
