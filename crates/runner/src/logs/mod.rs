//! What functions print: from the pipe, in lines, to the sink and the tail of the answer.

mod lines;
mod pipe;

pub(crate) use lines::LogBook;
pub(crate) use pipe::LogPipe;

use kernel::Timestamp;

/// Where log lines go. Called in batches; a slow sink slows the function down rather than filling memory.
pub trait LogSink: Send + Sync {
    /// Takes some lines, one event each, in order.
    fn log(&self, group: &str, stream: &str, events: Vec<(Timestamp, String)>);
}
