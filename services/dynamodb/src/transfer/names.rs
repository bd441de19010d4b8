//! How requests name tables, exports, imports and the pages of their lists.

use api_dynamodb::DynamodbError;
use kernel::{Arn, Context, Scope};

use crate::errors;

/// Bytes of which tokens of lists of imports are multiples, and the least there are: AWS's model wants 112 digits.
const TOKEN: (usize, usize) = (8, 56);

/// The table of an ARN.
pub fn table_of(cx: &Context, arn: &str) -> Result<(Scope, String), DynamodbError> {
    let parsed = Arn::parse(arn).and_then(|parsed| {
        let name = parsed.resource.strip_prefix("table/").filter(|name| !name.contains('/'))?.to_owned();
        Some((parsed.scope(&cx.scope), name))
    });
    parsed.ok_or_else(|| {
        errors::validation(format!("Invalid TableArn: Invalid ResourceArn provided as input {arn}"))
    })
}

/// The scope, table and id of an export or an import.
pub fn locate(cx: &Context, arn: &str, kind: &str) -> Option<(Scope, String, String)> {
    let parsed = Arn::parse(arn)?;
    let (table, id) = parsed.resource.strip_prefix("table/")?.split_once(&format!("/{kind}/"))?;
    Some((parsed.scope(&cx.scope), table.to_owned(), id.to_owned()))
}

/// Where a page of imports ended.
pub fn import_token(table: &str, id: &str) -> String {
    let text = format!("{table}/{id}");
    let length = text.len().max(TOKEN.1).next_multiple_of(TOKEN.0);
    base16ct::lower::encode_string(format!("{text:length$}").as_bytes())
}

/// Where the page before ended.
pub fn parse_import_token(token: &str) -> Option<(String, String)> {
    let (pairs, []) = token.as_bytes().as_chunks::<2>() else { return None };
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let text = String::from_utf8(pairs.iter().map(byte).collect::<Option<_>>()?).ok()?;
    let (table, id) = text.trim_end().split_once('/')?;
    Some((table.to_owned(), id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_imports_are_long_and_tell_where_to_go_on() {
        let token = import_token("things", "01-ab");
        assert!(token.len() >= 112 && token.len().is_multiple_of(16));
        assert_eq!(parse_import_token(&token), Some(("things".to_owned(), "01-ab".to_owned())));
        assert_eq!(parse_import_token("zz"), None);
    }
}
