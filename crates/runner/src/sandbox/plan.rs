//! Which folders a function sees, as the steps that put them in place.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::process::{Gid, Resource, Uid};
use rustix::thread::CapabilitySet;

use super::{LAYERS_ROOT, RUNTIME_FOLDER, TASK_ROOT, filter};
use crate::image::NETWORK_FILES;
use crate::process::Step;

/// For programs that need no folder beyond the system's.
pub(crate) const INTERPRETER_FREE: Option<&Path> = None;

/// The system's folders that programs need, shown read-only. Homes, `/srv`, `/var` and `/opt` are not among them.
const SYSTEM: [&str; 9] = ["bin", "etc", "lib", "lib32", "lib64", "libx32", "nix", "sbin", "usr"];
/// Where `/etc/resolv.conf` often points.
const RESOLVER: &str = "/run/systemd/resolve";
const DEVICES: [&str; 5] = ["full", "null", "random", "urandom", "zero"];
/// AWS's user of functions, `sbx_user1051`.
const USER: u32 = 993;
const GROUP: u32 = 990;

/// Whom functions are where we are root: nobody's number, from a range that distributions leave free.
///
/// Source: <https://systemd.io/UIDS-GIDS/>
const NOBODY: u32 = 60_993;

/// What a function may have of each resource, softly and hard, as a function there reads it.
const LIMITS: [(Resource, Option<u64>, Option<u64>); 4] = [
    (Resource::Core, Some(10_737_418_240), Some(10_737_418_240)),
    (Resource::Memlock, Some(65_536), Some(65_536)),
    (Resource::Nofile, Some(1024), Some(1024)),
    (Resource::Stack, Some(8_388_608), None),
];
/// Processes and threads, read there as well.
const PROCESSES: Option<u64> = Some(742);

/// Whether the kernel counts processes for each user namespace, as Linux does since 5.14: before, the limit would count
/// all processes of the user who runs us.
fn counts_by_namespace() -> bool {
    let name = rustix::system::uname();
    let mut parts = name.release().to_str().unwrap_or_default().split(['.', '-']);
    let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    (number(), number()) >= (5, 14)
}

/// How a function comes to be a user without rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Users {
    /// We may do everything, and drop it.
    Dropped,
    /// We are that user ourselves, under another name in a namespace.
    Mapped,
}

impl Users {
    /// What this process may try, the safest first.
    pub fn candidates() -> Vec<Self> {
        let may = rustix::thread::capabilities(None).is_ok_and(|sets| {
            let needed = CapabilitySet::SYS_ADMIN | CapabilitySet::SETUID | CapabilitySet::SETGID;
            sets.effective.contains(needed)
        });
        if rustix::process::geteuid().is_root() && may {
            vec![Self::Dropped, Self::Mapped]
        } else {
            vec![Self::Mapped]
        }
    }

    /// Lets a function open again what we give it, as programs do that open `/dev/stdout`.
    pub fn give(self, file: impl AsFd) -> io::Result<()> {
        match self {
            Self::Dropped => {
                let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
                Ok(rustix::fs::fchown(file, Some(user), Some(group))?)
            }
            Self::Mapped => Ok(()),
        }
    }

    fn outside(self) -> (u32, u32) {
        match self {
            Self::Dropped => (NOBODY, NOBODY),
            Self::Mapped => (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw()),
        }
    }

    fn map(self) -> io::Result<Step> {
        let line = |inside: u32, outside: u32| text(Path::new(&format!("{inside} {outside} 1")));
        let (user, group) = self.outside();
        Ok(Step::MapUser { users: line(USER, user)?, groups: line(GROUP, group)? })
    }
}

/// What differs from function to function.
pub(crate) struct Plan<'a> {
    /// How it comes to be who it is.
    pub users: Users,
    /// The unpacked code.
    pub code: &'a Path,
    /// What layers bring.
    pub layers: Option<&'a Path>,
    /// Our bootstraps.
    pub runtime: &'a Path,
    /// What else is shown, and where.
    pub more: Vec<(&'a Path, PathBuf)>,
    /// A container image's root, in place of the system's folders, code, layers and bootstraps.
    pub image: Option<&'a Path>,
    /// The runner's folder, which must not be seen.
    pub root: &'a Path,
    /// The interpreter's folder, if it lies outside the system's.
    pub interpreter: Option<&'a Path>,
    /// The size of `/tmp`.
    pub ephemeral_mb: u32,
}

impl Plan<'_> {
    /// The steps, in order.
    pub fn steps(&self) -> io::Result<Vec<Step>> {
        let at = self.root.join("sandbox");
        fs::create_dir_all(&at)?;
        let mut view = View { root: at, steps: Vec::new(), users: self.users };
        if let Some(image) = self.image {
            view.image(image, self.runtime)?;
            view.finish(self.ephemeral_mb)?;
            return Ok(view.steps);
        }
        view.start()?;
        view.steps.push(Step::Tmpfs { at: text(&view.root)?, options: c"mode=755,size=1m".into() });
        for name in SYSTEM {
            view.system(Path::new("/").join(name).as_path())?;
        }
        if Path::new(RESOLVER).is_dir() {
            view.show(Path::new(RESOLVER), Path::new(RESOLVER))?;
        }
        if let Some(interpreter) = self.interpreter {
            view.show(interpreter, interpreter)?;
        }
        view.devices()?;
        view.show(self.code, Path::new(TASK_ROOT))?;
        view.show(self.runtime, Path::new(RUNTIME_FOLDER))?;
        view.user(self.runtime)?;
        match self.layers {
            Some(layers) => view.show(layers, Path::new(LAYERS_ROOT))?,
            None => view.folders(Path::new(LAYERS_ROOT))?,
        }
        for (from, at) in &self.more {
            view.show(from, at)?;
        }
        view.folders(Path::new("/tmp"))?;
        self.hide_data(&mut view)?;
        view.finish(self.ephemeral_mb)?;
        Ok(view.steps)
    }

    /// Only when the data lies below a folder that is shown, such as `/usr/local/var`.
    fn hide_data(&self, view: &mut View) -> io::Result<()> {
        let data = self.root.parent().unwrap_or(self.root);
        let shown = SYSTEM
            .iter()
            .any(|name| data.starts_with(Path::new("/").join(name)) && data.components().count() > 2);
        if shown || self.interpreter.is_some_and(|interpreter| data.starts_with(interpreter)) {
            let at = view.inside(data)?;
            view.steps.push(Step::Tmpfs { at, options: c"mode=755,size=4k".into() });
        }
        Ok(())
    }
}

/// The new root while it is being furnished.
struct View {
    root: PathBuf,
    steps: Vec<Step>,
    users: Users,
}

impl View {
    fn start(&mut self) -> io::Result<()> {
        if self.users == Users::Mapped {
            self.steps.push(self.users.map()?);
        }
        self.steps.push(Step::OwnMounts);
        Ok(())
    }

    /// An image as it is, with this machine's devices and names of hosts. The places for them were made when it was
    /// unpacked.
    fn image(&mut self, image: &Path, runtime: &Path) -> io::Result<()> {
        self.start()?;
        self.steps.push(Step::Bind { from: text(image)?, at: text(&self.root)? });
        let devices =
            Step::Tmpfs { at: self.inside(Path::new("/dev"))?, options: c"mode=755,size=64k".into() };
        self.steps.push(devices);
        self.devices()?;
        for name in NETWORK_FILES {
            let file = Path::new("/").join(name);
            let own = runtime.join(file.file_name().unwrap_or_default());
            if let Some(from) = [&own, &file].into_iter().find(|path| path.is_file()) {
                let bind = Step::Bind { from: text(from)?, at: self.inside(&file)? };
                self.steps.push(bind);
            }
        }
        Ok(())
    }

    /// A folder of the system as it is: a link stays a link.
    fn system(&mut self, path: &Path) -> io::Result<()> {
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_symlink() => {
                let link = Step::Link { target: text(&fs::read_link(path)?)?, at: self.inside(path)? };
                self.steps.push(link);
                Ok(())
            }
            Ok(metadata) if metadata.is_dir() => self.show(path, path),
            _ => Ok(()),
        }
    }

    fn show(&mut self, from: &Path, at: &Path) -> io::Result<()> {
        if from.is_file() {
            self.folders(at.parent().unwrap_or(at))?;
            let file = Step::File(self.inside(at)?);
            self.steps.push(file);
        } else {
            self.folders(at)?;
        }
        let bind = Step::Bind { from: text(from)?, at: self.inside(at)? };
        self.steps.push(bind);
        Ok(())
    }

    /// The folder with those above it.
    fn folders(&mut self, at: &Path) -> io::Result<()> {
        let mut above: Vec<_> = at.ancestors().filter(|path| path.parent().is_some()).collect();
        above.reverse();
        for path in above {
            let folder = Step::Folder(self.inside(path)?);
            self.steps.push(folder);
        }
        Ok(())
    }

    fn devices(&mut self) -> io::Result<()> {
        self.folders(Path::new("/dev"))?;
        for name in DEVICES {
            let path = Path::new("/dev").join(name);
            let at = self.inside(&path)?;
            self.steps.push(Step::File(at.clone()));
            self.steps.push(Step::Bind { from: text(&path)?, at });
        }
        for (name, target) in
            [("fd", c"/proc/self/fd"), ("stdin", c"fd/0"), ("stdout", c"fd/1"), ("stderr", c"fd/2")]
        {
            let at = self.inside(&Path::new("/dev").join(name))?;
            self.steps.push(Step::Link { target: target.into(), at });
        }
        Ok(())
    }

    /// Names the user inside, for programs that ask who they are, and the host that telemetry is sent to.
    fn user(&mut self, runtime: &Path) -> io::Result<()> {
        for name in ["passwd", "hosts"] {
            let (names, at) = (runtime.join(name), Path::new("/etc").join(name));
            if names.is_file() && at.is_file() {
                let bind = Step::Bind { from: text(&names)?, at: self.inside(&at)? };
                self.steps.push(bind);
            }
        }
        Ok(())
    }

    fn finish(&mut self, ephemeral_mb: u32) -> io::Result<()> {
        self.folders(Path::new("/proc"))?;
        let processes = Step::Proc(self.inside(Path::new("/proc"))?);
        let read_only = Step::ReadOnly(text(&self.root)?);
        let options = text(Path::new(&format!("mode=1777,size={ephemeral_mb}m")))?;
        let scratch = Step::Tmpfs { at: self.inside(Path::new("/tmp"))?, options };
        let enter = Step::Enter(text(&self.root)?);
        match self.users {
            Users::Mapped => self.steps.extend([processes, read_only, scratch, enter]),
            // The map of users is written there.
            Users::Dropped => self.steps.extend([read_only, processes, scratch, enter]),
        }
        if self.users == Users::Dropped {
            let become_user = Step::BecomeUser { user: NOBODY, group: NOBODY };
            self.steps.extend([become_user, Step::OwnUsers, self.users.map()?]);
        }
        self.steps.extend(LIMITS.map(|(resource, soft, hard)| Step::Limit(resource, soft, hard)));
        if counts_by_namespace() {
            self.steps.push(Step::Limit(Resource::Nproc, PROCESSES, PROCESSES));
        }
        self.steps.extend(filter::program().map(Step::Filter));
        Ok(())
    }

    fn inside(&self, path: &Path) -> io::Result<CString> {
        text(&self.root.join(path.strip_prefix("/").unwrap_or(path)))
    }
}

fn text(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other)
}
