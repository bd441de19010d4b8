//! Processes of this machine: started in the way a sandbox needs, ended as a group.

mod memory;
mod spawn;
mod spawner;
mod steps;

pub(crate) use memory::Memory;
pub(crate) use spawn::Program;
pub(crate) use spawner::Spawner;
pub(crate) use steps::Step;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With that status.
    Exited(i32),
    /// By that signal.
    Signalled(i32),
}

/// A process that leads its own group.
pub(crate) struct Process {
    pid: Pid,
    pidfd: OwnedFd,
    /// Whether it is an init that runs the program as its child and passes on its status.
    supervised: bool,
    /// Once reaped, its number may belong to somebody else.
    reaped: Mutex<bool>,
}

impl Process {
    fn new(pid: Pid, supervised: bool) -> io::Result<Self> {
        let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
        Ok(Self { pid, pidfd, supervised, reaped: Mutex::new(false) })
    }

    /// Ends the whole group now.
    pub fn kill(&self) {
        let reaped = self.reaped.lock().unwrap_or_else(PoisonError::into_inner);
        if !*reaped {
            self.kill_group();
        }
    }

    /// Asks the program to end.
    pub fn terminate(&self) {
        let reaped = self.reaped.lock().unwrap_or_else(PoisonError::into_inner);
        let own = self.pid.as_raw_nonzero().get();
        let _ = match memory::children(own).first().filter(|_| self.supervised) {
            _ if *reaped => return,
            // An init does not pass signals on. The program is the child it has had for longest.
            Some(child) => Pid::from_raw(*child).map(signal_child).unwrap_or(Ok(())),
            None => rustix::process::pidfd_send_signal(&self.pidfd, Signal::TERM),
        };
    }

    /// What its programs use.
    pub fn memory(&self, limit_kb: u64) -> Memory {
        Memory::of(self.pid.as_raw_nonzero().get(), self.supervised, limit_kb)
    }

    /// Waits for the end, takes the rest of the group along, and reaps.
    pub async fn ended(&self) -> io::Result<Ending> {
        let pidfd = watched(self.pidfd.try_clone()?)?;
        let _ready = pidfd.readable().await?;
        self.reap()
    }

    /// Blocks until the process has ended.
    pub fn reap(&self) -> io::Result<Ending> {
        let exited = WaitIdOptions::EXITED;
        rustix::process::waitid(WaitId::PidFd(self.pidfd.as_fd()), exited | WaitIdOptions::NOWAIT)?;
        let mut reaped = self.reaped.lock().unwrap_or_else(PoisonError::into_inner);
        // The number is still ours until it is reaped.
        self.kill_group();
        *reaped = true;
        let status = rustix::process::waitid(WaitId::PidFd(self.pidfd.as_fd()), exited)?;
        Ok(self.ending(status.as_ref().and_then(|status| status.exit_status()), status.as_ref()))
    }

    fn ending(&self, exit: Option<i32>, status: Option<&rustix::process::WaitIdStatus>) -> Ending {
        match exit {
            // A shell tells of a signal in this way.
            Some(status @ 129..=192) if self.supervised => Ending::Signalled(status - 128),
            Some(status) => Ending::Exited(status),
            None => Ending::Signalled(status.and_then(|status| status.terminating_signal()).unwrap_or(9)),
        }
    }

    fn kill_group(&self) {
        let _ = rustix::process::kill_process_group(self.pid, Signal::KILL);
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
    }
}

/// The number may be somebody else's by now only if the init has reaped it, which it does just before it ends itself.
fn signal_child(child: Pid) -> rustix::io::Result<()> {
    let pidfd = rustix::process::pidfd_open(child, PidfdFlags::empty())?;
    rustix::process::pidfd_send_signal(&pidfd, Signal::TERM)
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[allow(unsafe_code, reason = "tokio has no safe way to wait for a pidfd")]
fn watched(pidfd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an owned descriptor stays the same and open for as long as the value lives.
    unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) }.map_err(io::Error::from)
}
