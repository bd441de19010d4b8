//! Patch operations: one value at a path.

use api_apigateway::{ApigatewayError, Op, PatchOperation};

use crate::errors;

/// One change, taken apart.
pub struct Change<'a> {
    /// The path's parts.
    pub parts: Vec<String>,
    /// The new value; nothing where it is removed.
    pub value: Option<&'a str>,
    /// Whether the value takes the place of what is at the path.
    pub replaces: bool,
    path: &'a str,
}

impl Change<'_> {
    /// The refusal of a path that nothing changes.
    pub fn refuse(&self, known: &str) -> ApigatewayError {
        errors::invalid_patch(self.path, known)
    }
}

/// The changes of a request, in order.
pub fn changes(operations: Option<&Vec<PatchOperation>>) -> Result<Vec<Change<'_>>, ApigatewayError> {
    operations.into_iter().flatten().map(change).collect()
}

fn change(operation: &PatchOperation) -> Result<Change<'_>, ApigatewayError> {
    let path = operation.path.as_deref().unwrap_or_default();
    // Slashes within a name come as `~1`, tildes as `~0`.
    let part = |part: &str| part.replace("~1", "/").replace("~0", "~");
    let parts = path.trim_start_matches('/').split('/').map(part).collect();
    let value = operation.value.as_deref().unwrap_or_default();
    match operation.op {
        Some(Op::Add) => Ok(Change { parts, value: Some(value), replaces: false, path }),
        Some(Op::Replace) => Ok(Change { parts, value: Some(value), replaces: true, path }),
        Some(Op::Remove) => Ok(Change { parts, value: None, replaces: false, path }),
        _ => Err(errors::bad_request("Invalid patch operation specified. Must be 'add'|'remove'|'replace'")),
    }
}
