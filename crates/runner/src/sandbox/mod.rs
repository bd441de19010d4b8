//! The view of the machine that a function gets where the kernel allows it: AWS's folders and little else.

mod filter;
mod plan;

pub(crate) use plan::{INTERPRETER_FREE, Plan, Users};

use std::ffi::CString;
use std::path::Path;
use std::sync::OnceLock;

use crate::process::{Ending, Program, Spawner};
use crate::settings::SandboxMode;

/// Where the code lies inside.
pub(crate) const TASK_ROOT: &str = "/var/task";
/// Where layers lie inside.
pub(crate) const LAYERS_ROOT: &str = "/opt";
/// Where our bootstraps lie inside.
pub(crate) const RUNTIME_FOLDER: &str = "/var/runtime";

/// The shell that is the first process.
pub(crate) const SHELL: &str = "/bin/sh";

/// A shell as the first process of the namespace: it reaps orphans, and as the program is not the first, signals
/// do to it what they do anywhere. What the shell says about the program's death is not the program's output.
const INIT: &str = r#"exec 3>&2 2>/dev/null; "$@" 2>&3 3>&-; exit $?"#;

/// Whether functions are isolated from this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SandboxStatus {
    /// Own files, processes and users; read-only but for `/tmp`.
    Full,
    /// Not isolated, and why.
    None(String),
}

/// Finds out, once, what the kernel allows.
#[derive(Default)]
pub(crate) struct Sandbox(OnceLock<(SandboxStatus, Users)>);

impl Sandbox {
    /// What is known so far, without trying.
    pub fn known(&self) -> Option<&SandboxStatus> {
        self.0.get().map(|(status, _)| status)
    }

    /// How functions come to be users without rights, once it was tried.
    pub fn users(&self) -> Users {
        self.0.get().map_or(Users::Mapped, |(_, users)| *users)
    }

    /// Tries it at the first call, which blocks for some milliseconds; warns once if there is no sandbox.
    pub fn status(&self, mode: SandboxMode, root: &Path, spawner: &Spawner) -> &SandboxStatus {
        let (status, _) = self.0.get_or_init(|| {
            if mode == SandboxMode::Off {
                return (SandboxStatus::None("it is switched off".to_owned()), Users::Mapped);
            }
            let mut reason = String::new();
            for users in Users::candidates() {
                match attempt(root, spawner, users) {
                    Ok(()) => return (SandboxStatus::Full, users),
                    Err(why) => reason = why,
                }
            }
            tracing::warn!(%reason, "functions run without a sandbox: they can read this machine's files");
            (SandboxStatus::None(reason), Users::Mapped)
        });
        status
    }
}

/// The arguments that run a program below an init.
pub(crate) fn supervised(program: Vec<CString>) -> Vec<CString> {
    let text = |text: &str| CString::new(text).unwrap_or_default();
    [text(SHELL), text("-c"), text(INIT), text("init")].into_iter().chain(program).collect()
}

/// Runs `true` in a sandbox.
fn attempt(root: &Path, spawner: &Spawner, users: Users) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let plan = Plan {
        users,
        code: root,
        layers: None,
        runtime: root,
        image: None,
        more: Vec::new(),
        root,
        interpreter: INTERPRETER_FREE,
        ephemeral_mb: 1,
    };
    let (_, output) =
        rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(|e| told(e.into()))?;
    let program = Program {
        arguments: supervised(vec![c"/bin/sh".into(), c"-c".into(), c"exit 0".into()]),
        variables: vec![c"PATH=/usr/bin:/bin".into()],
        folder: c"/var/task".into(),
        steps: plan.steps().map_err(told)?,
        supervised: true,
        output,
        errors: None,
        input: None,
    };
    let process = spawner.spawn_and_block(program).map_err(told)?;
    match process.reap().map_err(told)? {
        Ending::Exited(0) => Ok(()),
        other => Err(format!("a trial process ended with {other:?}")),
    }
}
