//! What functions print: from the pipe, in lines, to the sink and the tail of the answer.

mod lines;
mod pipe;

pub(crate) use lines::LogBook;
pub(crate) use pipe::LogPipe;

use kernel::Timestamp;

use crate::FunctionSpec;

/// Where log lines go. Called in batches; a slow sink slows the function down rather than filling memory.
pub trait LogSink: Send + Sync {
    /// Takes some lines, one event each, in order.
    fn log(&self, place: &LogPlace, stream: &str, events: Vec<(Timestamp, String)>);
}

/// The log group of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogPlace {
    /// The account it belongs to.
    pub account: String,
    /// The region it lives in.
    pub region: String,
    /// Its name.
    pub group: String,
}

impl LogPlace {
    /// Where a function logs.
    pub fn of(spec: &FunctionSpec) -> Self {
        Self { account: spec.account.clone(), region: spec.region.clone(), group: spec.log_group.clone() }
    }
}
