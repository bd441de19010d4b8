//! Cuts output into lines, keeps the tail of an invocation, and hands batches to the sink.

use std::collections::VecDeque;
use std::sync::Arc;

use kernel::{Clock, Timestamp};

use super::{LogPlace, LogSink};
use crate::telemetry::{Category, Hub};

/// CloudWatch Logs takes no longer event.
const LINE_LIMIT: usize = 256 * 1024;
/// What `LogType: Tail` answers.
const TAIL_LIMIT: usize = 4 * 1024;
/// A batch goes out when it has reached this size.
const BATCH_LIMIT: usize = 128 * 1024;

/// The log of one environment.
pub(crate) struct LogBook {
    sink: Arc<dyn LogSink>,
    clock: Clock,
    place: LogPlace,
    stream: String,
    /// The line that has no end yet.
    partial: Vec<u8>,
    batch: Vec<(Timestamp, String)>,
    batch_bytes: usize,
    tail: VecDeque<u8>,
    /// Who hears of lines besides, and whose they are.
    tap: Option<(Arc<Hub>, Category)>,
    /// Whether the tail has what goes before the next invocation.
    has_preamble: bool,
    /// Whether what comes is the platform's, which is told otherwise.
    is_platform: bool,
}

impl LogBook {
    pub fn new(sink: Arc<dyn LogSink>, clock: Clock, place: LogPlace, stream: String) -> Self {
        Self {
            sink,
            clock,
            place,
            stream,
            partial: Vec::new(),
            batch: Vec::new(),
            batch_bytes: 0,
            tail: VecDeque::new(),
            tap: None,
            has_preamble: false,
            is_platform: false,
        }
    }

    /// Has lines told to extensions as well.
    pub fn tapped(mut self, hub: Arc<Hub>, category: Category) -> Self {
        self.tap = Some((hub, category));
        self
    }

    /// A book on the same stream, for another pipe.
    pub fn sibling(&self) -> Self {
        Self::new(self.sink.clone(), self.clock.clone(), self.place.clone(), self.stream.clone())
    }

    /// The clock's time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The stream's name.
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// Begins a new invocation, whose tail is its own.
    pub fn begin(&mut self, start_line: &str) {
        self.end_line();
        if !std::mem::take(&mut self.has_preamble) {
            self.tail.clear();
        }
        self.append_platform(start_line);
    }

    /// Takes what the platform says of extensions: the tail of the first invocation begins with it.
    pub fn append_preamble(&mut self, text: &str) {
        self.end_line();
        if !std::mem::replace(&mut self.has_preamble, true) {
            self.tail.clear();
        }
        self.append_platform(text);
    }

    /// Takes what the platform says.
    pub fn append_platform(&mut self, text: &str) {
        self.is_platform = true;
        self.append(text.as_bytes());
        self.is_platform = false;
    }

    /// Takes output as it comes.
    pub fn append(&mut self, bytes: &[u8]) {
        self.keep_tail(bytes);
        let now = self.clock.now();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.extend_line(now, &rest[..end]);
            self.take_line(now);
            rest = &rest[end + 1..];
        }
        self.extend_line(now, rest);
    }

    /// Ends a line that has no end, and hands over what has gathered.
    pub fn finish(&mut self) {
        self.end_line();
        self.flush();
    }

    /// Hands over what has gathered.
    pub fn flush(&mut self) {
        if !self.batch.is_empty() {
            self.batch_bytes = 0;
            self.sink.log(&self.place, &self.stream, std::mem::take(&mut self.batch));
        }
    }

    /// The last 4 KB of this invocation.
    pub fn tail(&self) -> Vec<u8> {
        let (front, back) = self.tail.as_slices();
        [front, back].concat()
    }

    fn keep_tail(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(TAIL_LIMIT)..];
        let excess = (self.tail.len() + bytes.len()).saturating_sub(TAIL_LIMIT);
        self.tail.drain(..excess);
        self.tail.extend(bytes);
    }

    /// Ends the line that is open, if one is.
    pub fn end_line(&mut self) {
        if !self.partial.is_empty() {
            self.keep_tail(b"\n");
            self.take_line(self.clock.now());
        }
    }

    /// Adds to the open line; what is too long for one event goes into the next.
    fn extend_line(&mut self, now: Timestamp, mut bytes: &[u8]) {
        while self.partial.len() + bytes.len() > LINE_LIMIT {
            let room = LINE_LIMIT - self.partial.len();
            self.partial.extend_from_slice(&bytes[..room]);
            bytes = &bytes[room..];
            self.take_line(now);
        }
        self.partial.extend_from_slice(bytes);
    }

    fn take_line(&mut self, now: Timestamp) {
        let line = String::from_utf8_lossy(&self.partial).into_owned();
        self.partial.clear();
        // CloudWatch Logs takes no empty events.
        if line.is_empty() {
            return;
        }
        if let Some((hub, category)) = self.tap.as_ref().filter(|_| !self.is_platform) {
            hub.line(*category, now, &line);
        }
        self.batch_bytes += line.len();
        self.batch.push((now, line));
        if self.batch_bytes >= BATCH_LIMIT {
            self.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Seen(Mutex<Vec<String>>);

    impl LogSink for Seen {
        fn log(&self, _: &LogPlace, _: &str, events: Vec<(Timestamp, String)>) {
            self.0.lock().unwrap().extend(events.into_iter().map(|event| event.1));
        }
    }

    fn book() -> (Arc<Seen>, LogBook) {
        let seen = Arc::new(Seen::default());
        (
            seen.clone(),
            LogBook::new(
                seen,
                Clock::real(),
                LogPlace { account: String::new(), region: String::new(), group: "group".to_owned() },
                "stream".into(),
            ),
        )
    }

    #[test]
    fn lines_are_joined_and_the_last_needs_no_end() {
        let (seen, mut book) = book();
        for part in ["one", " line\ntwo", "\n\nthree"] {
            book.append(part.as_bytes());
        }
        book.finish();
        assert_eq!(*seen.0.lock().unwrap(), ["one line", "two", "three"]);
    }

    #[test]
    fn long_lines_are_cut_and_the_tail_is_the_last_4_kb() {
        let (seen, mut book) = book();
        book.append(&vec![b'x'; LINE_LIMIT * 2 + 5]);
        book.append(b"\nlast\n");
        book.finish();
        let lengths: Vec<_> = seen.0.lock().unwrap().iter().map(String::len).collect();
        assert_eq!(lengths, [LINE_LIMIT, LINE_LIMIT, 5, 4]);
        assert_eq!(book.tail().len(), TAIL_LIMIT);
        assert!(book.tail().ends_with(b"xx\nlast\n"));
    }
}
