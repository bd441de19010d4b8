//! Table names, index names and their ARNs.

use api_dynamodb::DynamodbError;
use kernel::{Arn, Context, Scope};

use crate::{errors, limits};

/// The scope and name of a table that a caller names by name or ARN.
pub fn locate(cx: &Context, name_or_arn: &str) -> Result<(Scope, String), DynamodbError> {
    if !name_or_arn.starts_with("arn:") {
        if !is_valid(name_or_arn) {
            return Err(errors::invalid_name());
        }
        return Ok((cx.scope.clone(), name_or_arn.to_owned()));
    }
    let invalid = || errors::validation(format!("Invalid table ARN: {name_or_arn}"));
    let arn = Arn::parse(name_or_arn).ok_or_else(invalid)?;
    let name = arn.resource.strip_prefix("table/").ok_or_else(invalid)?;
    Ok((arn.scope(&cx.scope), name.to_owned()))
}

/// Whether a table or index can have the name.
pub fn is_valid(name: &str) -> bool {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (limits::NAME.0..=limits::NAME.1).contains(&name.len()) && name.bytes().all(is_valid)
}

/// The ARN of a table.
pub fn table_arn(scope: &Scope, table: &str) -> String {
    Arn::new("dynamodb", scope, format!("table/{table}")).to_string()
}

/// The ARN of an index.
pub fn index_arn(scope: &Scope, table: &str, index: &str) -> String {
    Arn::new("dynamodb", scope, format!("table/{table}/index/{index}")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_letters_digits_and_three_signs() {
        assert!(is_valid("My-table_1.x"));
        for name in ["ab", "a b c", "ta/ble", &"x".repeat(256)] {
            assert!(!is_valid(name), "{name}");
        }
    }
}
