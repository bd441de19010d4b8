//! Keys have no parts: expressions cannot lead into them.

use api_dynamodb::DynamodbError;

use crate::errors;
use crate::expression::Path;
use crate::table::Table;

/// Looks at paths until one leads into a key.
pub struct Scalars<'t> {
    table: &'t Table,
    wrong: Option<String>,
}

impl<'t> Scalars<'t> {
    /// The keys of a table and of its indexes.
    pub fn of(table: &'t Table) -> Self {
        Self { table, wrong: None }
    }

    /// Looks at a path.
    pub fn see(&mut self, path: &Path<'_>) {
        if self.wrong.is_some() || !path.is_nested() {
            return;
        }
        let is_index_key = || self.table.indexes.iter().any(|index| index.key.has(path.head));
        if self.table.key.has(path.head) {
            self.wrong = Some(format!("Key: {}", path.head));
        } else if is_index_key() {
            self.wrong = Some(format!("IndexKey: {}", path.head));
        }
    }

    /// Refuses the first path that leads into a key.
    pub fn check(self) -> Result<(), DynamodbError> {
        match self.wrong {
            Some(key) => Err(errors::validation(format!(
                "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: {key}"
            ))),
            None => Ok(()),
        }
    }
}
