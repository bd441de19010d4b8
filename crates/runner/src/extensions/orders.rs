//! The socket between us and the init that runs external extensions.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::JoinHandle;

use super::Extensions;
use crate::process::Ending;

/// Our end. Dropping it ends what is left.
pub(crate) struct Orders {
    stream: OwnedWriteHalf,
    has_started: AtomicBool,
    reader: JoinHandle<()>,
}

impl Orders {
    /// A new socket: our end, and the one for the init. What the init tells goes to `extensions`.
    pub fn pair(extensions: &Arc<Extensions>) -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let (reading, stream) = UnixStream::from_std(ours)?.into_split();
        let reader = tokio::spawn(listen(reading, Arc::downgrade(extensions)));
        Ok((Self { stream, has_started: AtomicBool::new(false), reader }, theirs.into()))
    }

    /// Has the runtime started, once.
    pub fn start_runtime(&self) {
        if !self.has_started.swap(true, Ordering::AcqRel) {
            self.give("go\n");
        }
    }

    /// Whether the runtime was started.
    pub fn has_started(&self) -> bool {
        self.has_started.load(Ordering::Acquire)
    }

    /// Sends the runtime a signal.
    pub fn signal(&self, name: &str) {
        self.give(&format!("{name}\n"));
    }

    /// A few bytes, for which there is always room.
    fn give(&self, order: &str) {
        let _ = self.stream.try_write(order.as_bytes());
    }
}

impl Drop for Orders {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Hears how processes end.
async fn listen(reading: OwnedReadHalf, extensions: Weak<Extensions>) {
    let mut lines = BufReader::new(reading).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Some(extensions) = extensions.upgrade() else { return };
        let Some((who, Ok(status))) = line.split_once(' ').map(|(who, status)| (who, status.parse())) else {
            continue;
        };
        match who.parse() {
            Ok(number) => extensions.process_ended(number, status),
            Err(_) => extensions.runtime_ended(ending(status)),
        }
    }
}

fn ending(status: i32) -> Ending {
    match status {
        129..=192 => Ending::Signalled(status - 128),
        _ => Ending::Exited(status),
    }
}
