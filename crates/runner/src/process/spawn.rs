//! Starts one process with `clone`, as `posix_spawn` would, plus namespaces and the steps that fill them.
#![allow(unsafe_code, reason = "a child between clone and exec cannot be had otherwise")]

use std::ffi::{CString, c_char};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use nix::sched::CloneFlags;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::{Process, Step};

const STACK: usize = 256 * 1024;
/// The highest signal number of Linux.
const SIGNALS: i32 = 64;

/// A process to be.
pub(crate) struct Program {
    /// The file and its arguments, the first of which names it.
    pub arguments: Vec<CString>,
    /// `NAME=value` each; nothing else is inherited.
    pub variables: Vec<CString>,
    /// Where it starts, as seen after the steps.
    pub folder: CString,
    /// The steps into a sandbox; none means no sandbox.
    pub steps: Vec<Step>,
    /// Takes standard output, and error unless that has a place of its own.
    pub output: OwnedFd,
    /// Takes standard error.
    pub errors: Option<OwnedFd>,
    /// The standard input, which is empty otherwise.
    pub input: Option<OwnedFd>,
    /// Whether it is an init that runs the programs.
    pub supervised: bool,
}

/// Where a child that fails leaves the reason, in memory it shares with us.
#[derive(Default)]
struct Trouble {
    errno: AtomicI32,
    step: AtomicUsize,
}

impl Program {
    /// Starts it. The calling thread waits until the program has been executed; when this thread ends, it dies.
    pub fn spawn(&self) -> io::Result<Process> {
        let arguments = pointers(&self.arguments);
        let variables = pointers(&self.variables);
        let silence = std::fs::File::open("/dev/null")?;
        let trouble = Trouble::default();
        let mut stack = vec![0; STACK];
        let mut flags = CloneFlags::CLONE_VM | CloneFlags::CLONE_VFORK;
        if !self.steps.is_empty() {
            flags |= CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC;
        }
        // Whoever may do without has the rest made first, and other users last.
        if matches!(self.steps.first(), Some(Step::MapUser { .. })) {
            flags |= CloneFlags::CLONE_NEWUSER;
        }
        let child = Box::new(|| self.become_program(&arguments, &variables, &silence, &trouble));
        // SAFETY: the child runs on its own stack while this thread stands still, touches only memory prepared
        // above, makes nothing but system calls, and ends in exec or exit.
        let pid = unsafe { nix::sched::clone(child, &mut stack, flags, Some(libc::SIGCHLD)) }?;
        let pid = Pid::from_raw(pid.as_raw()).ok_or(io::ErrorKind::NotFound)?;
        match trouble.errno.load(Ordering::Acquire) {
            0 => Process::new(pid, self.supervised),
            errno => {
                rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED)?;
                Err(self.explain(errno, trouble.step.load(Ordering::Acquire)))
            }
        }
    }

    /// Runs in the child.
    fn become_program(
        &self,
        arguments: &[*const c_char],
        variables: &[*const c_char],
        silence: &std::fs::File,
        trouble: &Trouble,
    ) -> isize {
        let outcome = self.prepare(silence, &trouble.step).map(|()| {
            // SAFETY: both lists end in null and point at strings that outlive the call.
            unsafe { libc::execve(arguments[0], arguments.as_ptr(), variables.as_ptr()) };
            // SAFETY: the address of this thread's errno is always valid.
            unsafe { *libc::__errno_location() }
        });
        let errno = outcome.unwrap_or_else(rustix::io::Errno::raw_os_error);
        trouble.errno.store(errno, Ordering::Release);
        127
    }

    fn prepare(&self, silence: &std::fs::File, step: &AtomicUsize) -> rustix::io::Result<()> {
        forget_signal_handlers();
        rustix::process::setsid()?;
        rustix::stdio::dup2_stdin(self.input.as_ref().map_or(silence.as_fd(), AsFd::as_fd))?;
        rustix::stdio::dup2_stdout(self.output.as_fd())?;
        rustix::stdio::dup2_stderr(self.errors.as_ref().unwrap_or(&self.output).as_fd())?;
        close_the_rest();
        for each in &self.steps {
            each.perform()?;
            step.fetch_add(1, Ordering::Relaxed);
        }
        rustix::process::chdir(&self.folder)?;
        rustix::thread::set_no_new_privs(true)?;
        // An init with a socket sees there that we are gone and ends its children too, which without a namespace would
        // outlive it.
        if self.input.is_none() || !self.steps.is_empty() {
            // Last, for a change of user would undo it.
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        }
        unblock_signals();
        Ok(())
    }

    fn explain(&self, errno: i32, step: usize) -> io::Error {
        let error = io::Error::from_raw_os_error(errno);
        match self.steps.get(step) {
            Some(step) => io::Error::new(error.kind(), format!("{step:?}: {error}")),
            None => io::Error::new(error.kind(), format!("{}: {error}", self.arguments[0].to_string_lossy())),
        }
    }
}

fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
}

/// The server's handlers must not run in the child, and what it ignores (SIGPIPE) programs expect to work.
fn forget_signal_handlers() {
    for signal in 1..=SIGNALS {
        // SAFETY: sets the default action in the child's own table; numbers that cannot be set are refused.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// The spawning thread blocks all signals; the program starts with none blocked.
fn unblock_signals() {
    // SAFETY: the set is initialised by `sigemptyset` before it is read.
    unsafe {
        let mut none = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Whatever the server has open without close-on-exec stays with the server.
fn close_the_rest() {
    // SAFETY: marks descriptors of the child's own table; kernels before 5.11 refuse, and then Rust's own
    // close-on-exec has to do.
    unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
}
