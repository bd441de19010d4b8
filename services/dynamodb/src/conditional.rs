//! What a write depends on: a condition, and what to answer when it does not hold.

use api_dynamodb::{
    ConditionalOperator, DynamodbError, ExpectedAttributeValue, ReturnValuesOnConditionCheckFailure,
};
use kernel::Map;

use crate::expression::{Compiler, Condition, Styles};
use crate::item::{Attributes, Item};
use crate::scalars::Scalars;
use crate::table::Table;
use crate::{errors, legacy};

/// The parameters of a write that make its condition.
pub struct Given<'a> {
    /// `ConditionExpression`.
    pub condition: Option<&'a String>,
    /// `Expected`.
    pub expected: Option<&'a Map<String, ExpectedAttributeValue>>,
    /// `ConditionalOperator`.
    pub operator: Option<&'a ConditionalOperator>,
    /// `ExpressionAttributeNames`.
    pub names: Option<&'a Map<String, String>>,
    /// `ExpressionAttributeValues`.
    pub values: Option<&'a Attributes>,
}

/// A write's condition.
pub struct Guard<'a> {
    condition: Option<Condition<'a>>,
    returns_item: bool,
}

impl<'a> Given<'a> {
    /// Checks that the parameters are all expressions or none.
    pub fn check_styles(&self) -> Result<(), DynamodbError> {
        Styles {
            expressions: &[("ConditionExpression", self.condition.is_some())],
            others: &[
                ("Expected", self.expected.is_some()),
                ("ConditionalOperator", self.operator.is_some()),
            ],
            names: self.names.is_some(),
            values: self.values.is_some(),
        }
        .check()
    }

    /// Compiles the condition of a put or delete.
    pub fn guard(
        &self,
        on_failure: Option<&ReturnValuesOnConditionCheckFailure>,
    ) -> Result<Guard<'a>, DynamodbError> {
        let mut compiler = Compiler::new(self.names, self.values);
        let guard = self.guard_with(&mut compiler, on_failure)?;
        compiler.finish()?;
        Ok(guard)
    }

    /// Compiles the condition with the names and values that another expression shares.
    pub fn guard_with(
        &self,
        compiler: &mut Compiler<'a>,
        on_failure: Option<&ReturnValuesOnConditionCheckFailure>,
    ) -> Result<Guard<'a>, DynamodbError> {
        let condition = match (self.condition, self.expected) {
            (Some(text), _) => Some(compiler.condition("ConditionExpression", text)?),
            (None, Some(expected)) => legacy::expected(expected, self.operator)?,
            (None, None) => {
                legacy::check_operator(self.operator, None)?;
                None
            }
        };
        let returns_item = on_failure == Some(&ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(Guard { condition, returns_item })
    }
}

impl<'a> Guard<'a> {
    /// The guard that a condition makes.
    pub fn new(
        condition: Option<Condition<'a>>,
        on_failure: Option<&ReturnValuesOnConditionCheckFailure>,
    ) -> Self {
        Self { condition, returns_item: on_failure == Some(&ReturnValuesOnConditionCheckFailure::AllOld) }
    }
}

impl Guard<'_> {
    /// Checks that the condition does not lead into keys.
    pub fn check_scalars(&self, table: &Table) -> Result<(), DynamodbError> {
        let mut scalars = Scalars::of(table);
        self.condition.iter().for_each(|condition| condition.paths(&mut |path| scalars.see(path)));
        scalars.check()
    }

    /// Checks the condition against the item before the write.
    pub fn check(&self, item: Option<&Item>) -> Result<(), DynamodbError> {
        let nothing = Attributes::new();
        let attributes = item.map_or(&nothing, |item| &item.0);
        if self.condition.as_ref().is_none_or(|condition| condition.holds(attributes)) {
            return Ok(());
        }
        let returned = item.filter(|_| self.returns_item);
        Err(errors::condition_failed(returned.map(|item| item.0.clone())))
    }
}
