//! Path parts, and the function that an integration's URI names.

use api_apigateway::ApigatewayError;

use crate::errors;

/// Checks a new resource's part of the path.
pub fn check_path_part(part: &str) -> Result<(), ApigatewayError> {
    let is_plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte))
    };
    let inner = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
    let is_valid = match inner {
        Some(inner) => is_plain(inner.strip_suffix('+').unwrap_or(inner)),
        None => is_plain(part),
    };
    if is_valid {
        return Ok(());
    }
    Err(errors::bad_request(
        "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning \
         and the end.",
    ))
}

/// The path of a child.
pub fn join(parent: &str, part: &str) -> String {
    format!("{}/{part}", parent.trim_end_matches('/'))
}

/// The function's ARN in `arn:aws:apigateway:region:lambda:path/2015-03-31/functions/<arn>/invocations`.
pub fn function_of(uri: &str) -> Option<&str> {
    uri.split_once("/functions/")?.1.strip_suffix("/invocations")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_parts_are_checked() {
        for part in ["items", "{id}", "{proxy+}", "a.b-c_d:e"] {
            assert!(check_path_part(part).is_ok(), "{part}");
        }
        for part in ["", "{", "{}", "{+}", "a/b", "{a}b", "ä"] {
            assert!(check_path_part(part).is_err(), "{part}");
        }
    }

    #[test]
    fn functions_are_read_out_of_uris() {
        let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations";
        assert_eq!(function_of(uri), Some("arn:aws:lambda:us-east-1:000000000000:function:f"));
        assert_eq!(function_of("http://example.org"), None);
    }
}
