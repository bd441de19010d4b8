//! Reads what an environment's processes print, so that they never block for long.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::unix::pipe::Receiver;
use tokio::task::JoinHandle;

use super::LogBook;

/// The pipe holds this much at most, so more than that was printed after the answer.
const DRAIN_LIMIT: usize = 64 * 1024;

/// The reading end of an environment's output, with its log.
pub(crate) struct LogPipe {
    shared: Arc<Shared>,
    reader: JoinHandle<()>,
}

struct Shared {
    pipe: Receiver,
    book: Mutex<LogBook>,
}

impl LogPipe {
    /// Starts to read. The descriptor must not block.
    pub fn new(reading: OwnedFd, book: LogBook) -> io::Result<Self> {
        let shared = Arc::new(Shared { pipe: Receiver::from_owned_fd(reading)?, book: Mutex::new(book) });
        let reader = tokio::spawn(read(shared.clone()));
        Ok(Self { shared, reader })
    }

    /// The log, with everything in it that was printed until now.
    pub fn drained(&self) -> MutexGuard<'_, LogBook> {
        let mut book = self.book();
        let mut buffer = [0; 16 * 1024];
        let mut total = 0;
        // Past tokio: its readiness lags behind the pipe.
        while total < DRAIN_LIMIT
            && let Ok(count @ 1..) = rustix::io::read(&self.shared.pipe, &mut buffer)
        {
            book.append(&buffer[..count]);
            total += count;
        }
        book
    }

    /// The log.
    pub fn book(&self) -> MutexGuard<'_, LogBook> {
        self.shared.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LogPipe {
    fn drop(&mut self) {
        self.reader.abort();
        self.drained().finish();
    }
}

async fn read(shared: Arc<Shared>) {
    let mut buffer = vec![0; 64 * 1024];
    while shared.pipe.readable().await.is_ok() && shared.take(&mut buffer) {
        // A process that prints without end must not keep this thread to itself.
        tokio::task::yield_now().await;
    }
}

impl Shared {
    /// Reads once; false when nobody can write any more.
    fn take(&self, buffer: &mut [u8]) -> bool {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        match self.pipe.try_read(buffer) {
            Ok(count @ 1..) => book.append(&buffer[..count]),
            // Nothing left for now: what has gathered goes out.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => book.flush(),
            _ => return false,
        }
        true
    }
}
