//! Where the next page of a list begins.

use api_sns::SnsError;
use kernel::page;

use crate::errors;

/// The row behind which a token goes on; tokens of other lists are refused.
pub fn after(list: &str, token: Option<&str>) -> Result<Option<String>, SnsError> {
    token.map(|token| page::key(list, token).ok_or_else(|| errors::invalid("NextToken"))).transpose()
}
