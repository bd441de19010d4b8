//! What to run: a function as configured, and one event for it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kernel::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use crate::{CodeDir, Container};

/// A function as configured, with everything its processes need to know.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// The ARN, with the version or alias that was asked for resolved.
    pub arn: String,
    /// The function's name.
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// Changes with code and configuration. An environment of another revision is not used again.
    pub revision: String,
    /// The runtime's name, such as `python3.12`; empty for a container image.
    pub runtime: String,
    /// The handler, such as `app.handler`.
    pub handler: String,
    /// The unpacked code; the image's root for a container image.
    pub code: CodeDir,
    /// The container image, if it comes as one.
    pub container: Option<Container>,
    /// Its layers, laid over each other, if it has any.
    pub layers: Option<CodeDir>,
    /// The variables its owner has set.
    pub environment: Vec<(String, String)>,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// How much memory its processes may use, in MB.
    pub memory_mb: u32,
    /// The size of `/tmp`, in MB.
    pub ephemeral_mb: u32,
    /// The region it lives in.
    pub region: String,
    /// The account it belongs to.
    pub account: String,
    /// Whether its environments are there before they are needed.
    pub is_provisioned: bool,
    /// Whether it belongs to a capacity provider.
    pub is_managed: bool,
    /// The levels of JSON logs; nothing for plain text.
    pub json_logs: Option<LogLevels>,
    /// Where its log goes.
    pub log_group: String,
    /// Of its role.
    pub credentials: Arc<dyn CredentialSource>,
}

impl FunctionSpec {
    /// What its environments are told about why they were started.
    pub(crate) fn initialization(&self) -> &'static str {
        match (self.is_managed, self.is_provisioned) {
            (true, _) => "lambda-managed-instances",
            (_, true) => "provisioned-concurrency",
            _ => "on-demand",
        }
    }
}

/// From which levels on JSON logs are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLevels {
    /// Of what the function logs: `TRACE` to `FATAL`.
    pub application: String,
    /// Of what the platform logs: `DEBUG`, `INFO` or `WARN`.
    pub system: String,
}

/// A part of an answer that is streamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamPart {
    /// What comes, told before anything else.
    ContentType(String),
    /// Some bytes.
    Data(Bytes),
}

/// Temporary credentials of a function's role.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_key: String,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: String,
    /// When they end, and with them the environment that has them.
    pub expires: Option<Timestamp>,
}

/// Gives out credentials: as on AWS, those of each environment are its own.
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// New credentials.
    fn issue(&self) -> Pin<Box<dyn Future<Output = Credentials> + Send + '_>>;
}

/// Always the same.
impl CredentialSource for Credentials {
    fn issue(&self) -> Pin<Box<dyn Future<Output = Credentials> + Send + '_>> {
        Box::pin(std::future::ready(self.clone()))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.access_key)
    }
}

/// One event on its way to a function.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// The request's id, a UUID.
    pub request_id: String,
    /// The event, as JSON.
    pub payload: Bytes,
    /// What a mobile client tells of itself, as JSON.
    pub client_context: Option<String>,
    /// The tenant whose event it is, where functions tell tenants apart.
    pub tenant_id: Option<String>,
    /// The `X-Amzn-Trace-Id` of the request.
    pub trace_header: Option<String>,
    /// The ARN as the caller wrote it.
    pub invoked_arn: String,
    /// Where an answer that the function streams goes while it comes; without it, such an answer is gathered.
    pub stream: Option<UnboundedSender<StreamPart>>,
}
