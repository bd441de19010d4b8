//! What a new process does to its own view of the machine, one system call after the other.
//!
//! The steps run between clone and exec in memory shared with the server, where nothing may allocate or lock.
//! So they are plain data, prepared beforehand.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, Result};
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};
use rustix::process::{Gid, Resource, Rlimit, Uid};
use rustix::thread::UnshareFlags;
use seccompiler::BpfProgram;

/// One change to the view.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Becomes a user without rights, of a group that has none.
    BecomeUser { user: u32, group: u32 },
    /// Leaves the users' namespace for a new one.
    OwnUsers,
    /// Maps the user outside to one without rights inside.
    MapUser { users: CString, groups: CString },
    /// Keeps later mounts from being seen outside.
    OwnMounts,
    /// Makes a folder unless it is there.
    Folder(CString),
    /// Makes an empty file.
    File(CString),
    /// Makes a symbolic link.
    Link { target: CString, at: CString },
    /// Shows a folder or file in another place.
    Bind { from: CString, at: CString },
    /// Mounts a file system in memory.
    Tmpfs { at: CString, options: CString },
    /// Mounts the processes of the own namespace.
    Proc(CString),
    /// Makes everything below read-only.
    ReadOnly(CString),
    /// Makes a folder the root and forgets the old one.
    Enter(CString),
    /// Limits a resource, softly and hard; nothing is no limit.
    Limit(Resource, Option<u64>, Option<u64>),
    /// Has system calls refused from now on.
    Filter(Arc<BpfProgram>),
}

impl Step {
    /// Does it. Async-signal-safe.
    pub fn perform(&self) -> Result<()> {
        let guarded = MountFlags::NOSUID | MountFlags::NODEV;
        match self {
            Self::BecomeUser { user, group } => become_user(Uid::from_raw(*user), Gid::from_raw(*group)),
            Self::OwnUsers => own_users(),
            Self::MapUser { users, groups } => {
                write(c"/proc/self/setgroups", c"deny")?;
                write(c"/proc/self/gid_map", groups)?;
                write(c"/proc/self/uid_map", users)
            }
            Self::OwnMounts => {
                let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
                rustix::mount::mount_change(c"/", private)
            }
            Self::Folder(at) => match rustix::fs::mkdir(at, Mode::from_raw_mode(0o755)) {
                Err(Errno::EXIST) => Ok(()),
                other => other,
            },
            Self::File(at) => {
                let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC;
                rustix::fs::open(at, flags, Mode::from_raw_mode(0o644)).map(drop)
            }
            Self::Link { target, at } => rustix::fs::symlink(target, at),
            Self::Bind { from, at } => rustix::mount::mount_bind_recursive(from, at),
            Self::Tmpfs { at, options } => {
                rustix::mount::mount(c"tmpfs", at, c"tmpfs", guarded, options.as_c_str())
            }
            Self::Proc(at) => {
                rustix::mount::mount(c"proc", at, c"proc", guarded | MountFlags::NOEXEC, None::<&CStr>)
            }
            Self::ReadOnly(at) => read_only(at),
            Self::Enter(at) => {
                rustix::process::chdir(at)?;
                rustix::process::pivot_root(c".", c".")?;
                rustix::mount::unmount(c".", UnmountFlags::DETACH)
            }
            Self::Limit(resource, soft, hard) => {
                rustix::process::setrlimit(*resource, Rlimit { current: *soft, maximum: *hard })
            }
            Self::Filter(program) => {
                rustix::thread::set_no_new_privs(true)?;
                // Two system calls: the program was compiled beforehand.
                seccompiler::apply_filter(program).map_err(|_| Errno::NOSYS)
            }
        }
    }
}

/// One thread's calls, where those of the C library would reach for the server's others.
fn become_user(user: Uid, group: Gid) -> Result<()> {
    rustix::thread::set_thread_groups(&[])?;
    rustix::thread::set_thread_res_gid(group, group, group)?;
    rustix::thread::set_thread_res_uid(user, user, user)?;
    // Who changes users loses what `/proc` has of it, and needs that for the map of users.
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::Dumpable)
}

#[allow(
    unsafe_code,
    reason = "the wrapper is unsafe for flags that close descriptors, and this is not one of them"
)]
fn own_users() -> Result<()> {
    // SAFETY: makes a namespace for a process of one thread, which shares no table of descriptors.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWUSER) }
}

fn write(path: &CStr, text: &CStr) -> Result<()> {
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::io::write(&file, text.to_bytes()).map(drop)
}

#[allow(unsafe_code, reason = "no safe wrapper knows mount_setattr, the only call that works recursively")]
fn read_only(at: &CStr) -> Result<()> {
    let attributes = libc::mount_attr {
        attr_set: libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: the path ends in a zero, and the structure lives across the call with its true size.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            at.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const attributes,
            size_of_val(&attributes),
        )
    };
    if answer == 0 {
        Ok(())
    } else {
        Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL))
    }
}
