//! An error on its way to a caller, whatever service and protocol it belongs to.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::schema::ErrorSchema;
use crate::shape::Shape;

/// What went wrong, in AWS's terms: a code, a sentence, a status.
///
/// Services with a modelled error use their generated error enum, which turns into a fault; codes that AWS
/// answers but does not model are faults from the start.
#[derive(Clone)]
pub struct Fault(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: Cow<'static, str>,
    query_code: Cow<'static, str>,
    query_message: Option<&'static str>,
    status: u16,
    sender: bool,
    message: String,
    reason: Option<String>,
    fields: Vec<(Cow<'static, str>, String)>,
    headers: Vec<(&'static str, String)>,
    shape: Option<Arc<dyn Shape>>,
}

impl Fault {
    /// A fault with that code, HTTP status and sentence. Statuses below 500 blame the sender.
    pub fn new(code: impl Into<Cow<'static, str>>, status: u16, message: impl Into<String>) -> Self {
        let code = code.into();
        Self(Box::new(Inner {
            query_code: code.clone(),
            query_message: None,
            code,
            status,
            sender: status < 500,
            message: message.into(),
            reason: None,
            fields: Vec::new(),
            headers: Vec::new(),
            shape: None,
        }))
    }

    /// A fault of the client: status 400.
    pub fn client(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(code, 400, message)
    }

    /// Something of ours failed. The reason is logged by whoever sees it, not told to the caller.
    pub fn internal(reason: impl fmt::Display) -> Self {
        let message = "The request processing has failed because of an unknown error, exception or failure.";
        let mut fault = Self::new("InternalFailure", 500, message);
        fault.0.reason = Some(reason.to_string());
        fault
    }

    /// The fault of a modelled error.
    pub fn modelled(schema: &ErrorSchema, message: String, shape: Arc<dyn Shape>) -> Self {
        let mut fault = Self::new(schema.code, schema.status, message);
        fault.0.query_code = schema.query_code.into();
        fault.0.query_message = schema.query_message;
        fault.0.sender = schema.sender;
        fault.0.shape = Some(shape);
        fault
    }

    /// The fault with another code in the query protocol.
    pub fn query_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.0.query_code = code.into();
        self
    }

    /// The fault with one more element beside code and message, such as S3's `BucketName`.
    pub fn field(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.0.fields.push((name.into(), value.into()));
        self
    }

    /// The fault with one more response header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    /// The code, as JSON and XML protocols write it.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The code in the query protocol.
    pub fn code_in_query(&self) -> &str {
        &self.0.query_code
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// Whether the same call may succeed later: the server failed, and not because it lacks the operation.
    pub fn may_pass(&self) -> bool {
        self.0.status >= 500 && self.0.status != 501
    }

    /// Whether the sender is at fault.
    pub fn is_sender(&self) -> bool {
        self.0.sender
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The sentence in the query protocol.
    pub fn message_in_query(&self) -> &str {
        self.0.query_message.unwrap_or(&self.0.message)
    }

    /// Why something of ours failed: for logs, never for callers.
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Elements beside code and message.
    pub fn fields(&self) -> &[(Cow<'static, str>, String)] {
        &self.0.fields
    }

    /// Response headers.
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.0.headers
    }

    /// The modelled error, with its members.
    pub fn shape(&self) -> Option<&dyn Shape> {
        self.0.shape.as_deref()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.reason.as_deref().unwrap_or(&self.0.message))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({} {self})", self.0.status)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_our_failures_is_for_logs_alone() {
        let fault = Fault::internal("/secret/path: disk full");
        assert!(!fault.message().contains("secret"));
        assert_eq!(fault.to_string(), "InternalFailure: /secret/path: disk full");
    }
}
