//! The runner itself: what services call.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use kernel::{Clock, Ids};
use tokio::sync::OnceCell;

use crate::debug::Debugged;
use crate::interpreters::{Interpreter, Interpreters};
use crate::logs::LogSink;
use crate::pool::Pool;
use crate::process::Spawner;
use crate::sandbox::{Sandbox, Users};
use crate::{
    CodeDir, FunctionSpec, Image, ImageError, Invocation, Outcome, RunnerError, RunnerSettings, RuntimeInfo,
    SandboxStatus, Sdk, UnpackError, ZipSource, code, extensions, image, invoke, launch,
};

/// Runs functions. Clones are the same runner.
#[derive(Clone)]
pub struct Runner(Arc<Inner>);

pub(crate) struct Inner {
    pub settings: RunnerSettings,
    /// The runner's folder, absolute.
    pub root: PathBuf,
    pub clock: Clock,
    pub ids: Ids,
    pub sink: Arc<dyn LogSink>,
    pub pool: Pool,
    pub spawner: Spawner,
    interpreters: Arc<Interpreters>,
    sandbox: Sandbox,
    runtime_folder: OnceCell<PathBuf>,
    sdk: OnceLock<Sdk>,
    pub debugged: Debugged,
    reaping: AtomicBool,
}

impl Runner {
    /// A runner that has not started anything yet, and looks for nothing before it must.
    pub fn new(settings: RunnerSettings, clock: Clock, ids: Ids, sink: Arc<dyn LogSink>) -> Self {
        Self(Arc::new(Inner {
            root: std::path::absolute(&settings.root).unwrap_or_else(|_| settings.root.clone()),
            pool: Pool::new(settings.max_environments),
            debugged: Debugged::new(&settings.debug),
            settings,
            clock,
            ids,
            sink,
            spawner: Spawner::default(),
            interpreters: Arc::default(),
            sandbox: Sandbox::default(),
            runtime_folder: OnceCell::new(),
            sdk: OnceLock::new(),
            reaping: AtomicBool::new(false),
        }))
    }

    /// Runs a function for one event, in an idle environment of the same revision or in a new one.
    ///
    /// As on AWS, the function goes on when the caller does not wait for it.
    pub async fn invoke(
        &self,
        function: &FunctionSpec,
        invocation: Invocation,
    ) -> Result<Outcome, RunnerError> {
        self.0.start_reaping();
        let (inner, mut function) = (self.0.clone(), function.clone());
        let task = tokio::spawn(async move {
            let _turn = inner.debugged.turn(&mut function).await;
            invoke::invoke(inner.clone(), function, invocation).await
        });
        task.await.unwrap_or_else(|error| Err(RunnerError::CannotStart(error.to_string())))
    }

    /// Starts an environment before there is an event for it; false if its code does not become ready.
    pub async fn warm(&self, function: &FunctionSpec) -> Result<bool, RunnerError> {
        self.0.start_reaping();
        let task = tokio::spawn(invoke::warm(self.0.clone(), function.clone()));
        task.await.unwrap_or_else(|error| Err(RunnerError::CannotStart(error.to_string())))
    }

    /// Unpacks an archive of at most `limit` bytes, unless the same one has been unpacked before.
    pub async fn unpack(&self, zip: ZipSource, limit: u64) -> Result<CodeDir, UnpackError> {
        let root = self.0.root.clone();
        let task = tokio::task::spawn_blocking(move || code::unpack(&root, &zip, limit));
        task.await.unwrap_or_else(|error| Err(UnpackError::Disk(io::Error::other(error))))
    }

    /// Unpacks archives over each other, as layers are, into at most `limit` bytes.
    pub async fn overlay(&self, zips: Vec<ZipSource>, limit: u64) -> Result<CodeDir, UnpackError> {
        let root = self.0.root.clone();
        let task = tokio::task::spawn_blocking(move || code::overlay(&root, &zips, limit));
        task.await.unwrap_or_else(|error| Err(UnpackError::Disk(io::Error::other(error))))
    }

    /// Whether code may be run where it lies on this machine. Looks at the disk.
    pub fn lets_run(&self, path: &Path) -> bool {
        self.0.settings.lets_run(path)
    }

    /// Code in a folder of this machine, to be run where it lies. Looks at the disk.
    ///
    /// # Errors
    /// If there is no such folder, or code may not be run from there.
    pub fn folder(&self, path: &Path) -> io::Result<CodeDir> {
        if !self.0.settings.lets_run(path) {
            return Err(io::Error::other("code may not be run from there (see FOGBANK_LAMBDA_FOLDERS)"));
        }
        CodeDir::of_folder(path)
    }

    /// Finds a container image for `amd64` or `arm64` and unpacks it, unless it has been unpacked before.
    ///
    /// # Errors
    /// If no image has that name, or it cannot be read.
    pub async fn image(&self, uri: &str, architecture: &str) -> Result<Image, ImageError> {
        let (inner, uri, architecture) = (self.0.clone(), uri.to_owned(), architecture.to_owned());
        let find = move || image::find(&inner.root, &inner.settings, &uri, &architecture);
        let task = tokio::task::spawn_blocking(find);
        task.await.unwrap_or_else(|error| Err(ImageError::Disk(io::Error::other(error))))
    }

    /// An image that has been unpacked before, by its digest in hexadecimal digits.
    pub async fn unpacked_image(&self, digest: &str) -> Option<Image> {
        let (root, digest) = (self.0.root.clone(), digest.to_owned());
        let task = tokio::task::spawn_blocking(move || image::unpacked_before(&root, &digest));
        task.await.unwrap_or_default()
    }

    /// Removes unpacked code and layers but for those of these names; images, too, where none is run yet.
    ///
    /// Nothing may be unpacked meanwhile.
    pub async fn sweep(&self, keep: HashSet<String>, with_images: bool) {
        let root = self.0.root.clone();
        let _ = tokio::task::spawn_blocking(move || code::sweep(&root, &keep, with_images)).await;
    }

    /// The function has changed or is gone: idle environments end now, busy ones after their answer.
    ///
    /// An ARN without a version means all versions.
    pub async fn retire(&self, function_arn: &str) {
        self.0.pool.retire(function_arn);
    }

    /// What this machine can run. The first call looks for interpreters and may take some milliseconds.
    pub fn runtimes(&self) -> Vec<RuntimeInfo> {
        self.0.interpreters.list()
    }

    /// Whether functions are isolated. The first call tries it out.
    pub fn sandbox_status(&self) -> SandboxStatus {
        self.0.try_sandbox().clone()
    }

    /// The SDKs that functions find without bringing them. The first call looks for them.
    pub fn sdk(&self) -> Sdk {
        self.0.sdk().clone()
    }

    /// Ends all processes and starts no more.
    pub async fn shutdown(&self) {
        self.0.pool.close().await;
    }
}

impl Inner {
    /// The interpreter of a runtime. Looking for it may run programs, so it happens elsewhere.
    pub async fn interpreter(&self, runtime: &str) -> Result<Option<Interpreter>, RunnerError> {
        let (interpreters, runtime) = (self.interpreters.clone(), runtime.to_owned());
        let task = tokio::task::spawn_blocking(move || interpreters.find(&runtime));
        task.await.unwrap_or_else(|error| Err(RunnerError::CannotStart(error.to_string())))
    }

    /// Whether functions are isolated, without holding up other work.
    pub async fn is_isolated(self: &Arc<Self>) -> bool {
        if let Some(known) = self.sandbox.known() {
            return *known == SandboxStatus::Full;
        }
        let inner = self.clone();
        let task = tokio::task::spawn_blocking(move || *inner.try_sandbox() == SandboxStatus::Full);
        task.await.unwrap_or(false)
    }

    /// How functions come to be users without rights.
    pub fn users(&self) -> Users {
        self.sandbox.users()
    }

    fn try_sandbox(&self) -> &SandboxStatus {
        self.sandbox.status(self.settings.sandbox, &self.root, &self.spawner)
    }

    /// Where our bootstraps lie.
    pub async fn runtime_folder(&self) -> io::Result<PathBuf> {
        let write = || async {
            let folder = launch::write_bootstraps(&self.root)?;
            extensions::write_hosts(&folder)?;
            Ok(folder)
        };
        self.runtime_folder.get_or_try_init(write).await.cloned()
    }

    /// The SDKs that functions find without bringing them.
    pub fn sdk(&self) -> &Sdk {
        self.sdk.get_or_init(|| Sdk::find(self.settings.sdk.as_deref()))
    }

    fn start_reaping(self: &Arc<Self>) {
        if !self.reaping.swap(true, Ordering::Relaxed) {
            tokio::spawn(reap(Arc::downgrade(self), self.clock.clone()));
        }
    }
}

/// Ends what has been idle for too long, for as long as there is a runner.
async fn reap(runner: Weak<Inner>, clock: Clock) {
    loop {
        let Some(inner) = runner.upgrade().filter(|inner| !inner.pool.is_closed()) else { return };
        let next = inner.pool.reap(clock.now(), inner.settings.keep_warm);
        tokio::select! {
            () = inner.pool.became_idle.notified(), if next.is_none() => {}
            () = clock.sleep_until(next.unwrap_or(kernel::Timestamp::MAX)), if next.is_some() => {}
        }
    }
}
