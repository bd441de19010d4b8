//! One execution environment: a process, its end of the Runtime API, its log, its extensions.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kernel::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

use crate::extensions::{self, Extensions, Orders, Reason};
use crate::interpreters::{Interpreter, Kind, Language};
use crate::logs::{LogBook, LogPipe, LogPlace};
use crate::outcome::report;
use crate::process::{Ending, Memory, Process, Program};
use crate::runner::Inner;
use crate::runtime_api::{Event, RuntimeApi};
use crate::sandbox::{self, Plan};
use crate::telemetry::Category;
use crate::variables::{Place, variables};
use crate::{CodeDir, Container, Credentials, FunctionSpec, RunnerError, Sdk, java, launch, sdk};

/// A running environment. Dropping it ends its processes.
pub(crate) struct Environment {
    pub arn: String,
    pub revision: String,
    pub api: RuntimeApi,
    pub events: mpsc::UnboundedReceiver<Event>,
    pub logs: LogPipe,
    /// What external extensions print.
    _extension_logs: Option<LogPipe>,
    pub extensions: Arc<Extensions>,
    /// Told once the process has ended and everything of it is gone; where extensions outlive it, once it has ended.
    pub ended: watch::Receiver<Option<Ending>>,
    pub process: Arc<Process>,
    /// When the process was started, until the first invocation has counted it.
    pub started: Instant,
    pub idle_since: Timestamp,
    /// Set when its function has changed: it is not used again.
    pub retired: Arc<AtomicBool>,
    pub peak_kb: u64,
    limit_kb: u64,
    /// The only process, if there was but one when all were looked for.
    program: Option<i32>,
    /// Kept, lest they are removed.
    _code: (CodeDir, Option<CodeDir>),
    /// When it has to give way to another, because its credentials end.
    expires: Option<Timestamp>,
    /// Why it cannot go on, where extensions are to be told first.
    pub broken: Option<Reason>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Environment {
    /// Starts a process for that function.
    pub async fn start(
        inner: &Arc<Inner>,
        spec: &FunctionSpec,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, RunnerError> {
        let started = Instant::now();
        let kind = Kind::of_function(spec)?;
        let interpreter = match kind {
            Kind::Image => None,
            _ => inner.interpreter(&spec.runtime).await?,
        };
        let cannot = |error: io::Error| RunnerError::CannotStart(error.to_string());
        let names = match &spec.container {
            Some(container) if has_shell(container) => container.image.extensions(),
            Some(_) => Vec::new(),
            None => extensions::external(spec.layers.as_ref().map(CodeDir::path)),
        };
        let extensions = Arc::new(Extensions::new(inner.clock.clone(), inner.ids.clone(), spec, &names));
        let (api, events) = RuntimeApi::listen(extensions.clone()).await.map_err(cannot)?;
        let stream = log_stream(inner, spec);
        let (reading, writing) = output_pipe().map_err(cannot)?;
        let book = LogBook::new(inner.sink.clone(), inner.clock.clone(), LogPlace::of(spec), stream);
        let mut book = book.tapped(extensions.telemetry.clone(), Category::Function);
        let version = launch::version_name(&spec.runtime, kind);
        // AWS names no runtime where the image brings its own.
        if kind != Kind::Image {
            book.append_platform(&report::init_start(spec, &version, inner.clock.now()));
        }
        extensions.telemetry.platform("platform.initStart", report::init_start_record(spec, &version));

        let number = inner.pool.next_number();
        let isolated = inner.is_isolated().await;
        if kind == Kind::Image && !isolated {
            return Err(RunnerError::NoSandboxForImages);
        }
        if isolated {
            inner.users().give(&writing).map_err(cannot)?;
        }
        let credentials = spec.credentials.issue().await;
        let home = Home {
            inner,
            credentials: &credentials,
            spec,
            kind,
            interpreter: interpreter.as_ref(),
            number,
            isolated,
            extensions: &names,
        };
        let mut program = home.program(&api, book.stream(), writing).await.map_err(cannot)?;
        let extension_logs = match names.is_empty() {
            true => None,
            false => Some(home.attend(&extensions, &mut program, &book).map_err(cannot)?),
        };
        let process = Arc::new(inner.spawner.spawn(program).await.map_err(cannot)?);
        let logs = LogPipe::new(reading, book).map_err(cannot)?;
        let retired = inner.pool.register(number, &spec.arn, &process, &extensions)?;
        watch_end(inner, process.clone(), number, home.scratch(), extensions.clone());
        Ok(Self {
            arn: spec.arn.clone(),
            revision: spec.revision.clone(),
            api,
            events,
            logs,
            _extension_logs: extension_logs,
            ended: extensions.ended.subscribe(),
            extensions,
            process,
            started,
            idle_since: inner.clock.now(),
            retired,
            peak_kb: 0,
            _code: (spec.code.clone(), spec.layers.clone()),
            expires: credentials.expires,
            limit_kb: u64::from(spec.memory_mb) * 1024,
            program: None,
            broken: None,
            permit: Some(permit),
        })
    }

    /// Whether its processes are still there.
    pub fn is_alive(&self) -> bool {
        self.ended.borrow().is_none() && !self.extensions.has_crashed()
    }

    /// Whether it may take another event of this configuration.
    pub fn serves(&self, revision: &str, now: Timestamp) -> bool {
        let has_rights = self.expires.is_none_or(|expires| expires > now);
        has_rights && self.revision == revision && self.is_alive() && !self.retired.load(Ordering::Acquire)
    }

    /// Ends it, in the background where there are extensions, which are told first.
    pub fn dismiss(mut self, reason: Reason) {
        if !self.extensions.is_any() {
            return;
        }
        // It takes nobody's place while it ends.
        drop(self.permit.take());
        tokio::spawn(async move {
            self.extensions.shut_down(&self.process, reason).await;
            drop(self);
        });
    }

    /// It cannot go on: without extensions, it ends now.
    pub async fn break_down(&mut self, reason: Reason) {
        if self.extensions.is_any() {
            self.broken = Some(reason);
        } else {
            self.end().await;
        }
    }

    /// Ends the process and waits until it is gone.
    pub async fn end(&mut self) -> Ending {
        self.process.kill();
        self.ending().await
    }

    /// Waits for the end of the process.
    pub async fn ending(&mut self) -> Ending {
        match self.ended.wait_for(Option::is_some).await {
            Ok(ending) => ending.unwrap_or(Ending::Signalled(libc::SIGKILL)),
            Err(_) => Ending::Signalled(libc::SIGKILL),
        }
    }

    /// Looks how much memory is in use; answers what is held now, in kilobytes.
    pub fn measure(&mut self) -> u64 {
        let memory = self.process.memory(self.limit_kb);
        self.program = memory.only;
        self.peak_kb = self.peak_kb.max(memory.peak_kb);
        memory.now_kb
    }

    /// As that, but without looking for new processes, which costs more than the invocation did: for those so short that
    /// nobody has looked meanwhile.
    pub fn measure_briefly(&mut self) {
        match self.program {
            Some(program) => self.peak_kb = self.peak_kb.max(Memory::of_one(program).peak_kb),
            None => drop(self.measure()),
        }
    }

    /// The time since the process was started.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.process.kill();
    }
}

/// Everything a process is made of.
struct Home<'a> {
    inner: &'a Arc<Inner>,
    credentials: &'a Credentials,
    spec: &'a FunctionSpec,
    kind: Kind,
    interpreter: Option<&'a Interpreter>,
    number: u64,
    isolated: bool,
    extensions: &'a [String],
}

impl Home<'_> {
    async fn program(
        &self,
        api: &RuntimeApi,
        stream: &str,
        output: std::os::fd::OwnedFd,
    ) -> io::Result<Program> {
        let real_runtime = self.inner.runtime_folder().await?;
        if let (Some(Language::Java), Some(interpreter)) = (self.kind.language(), self.interpreter) {
            let (runtime, interpreter) = (real_runtime.clone(), interpreter.clone());
            let compile = move || java::compile(&runtime, &interpreter);
            tokio::task::spawn_blocking(compile).await.map_err(io::Error::other)??;
        }
        let real_task = self.spec.code.path();
        let (task, runtime) = match self.isolated {
            true => (Path::new(sandbox::TASK_ROOT), Path::new(sandbox::RUNTIME_FOLDER)),
            false => (real_task, real_runtime.as_path()),
        };
        let real_layers = self.spec.layers.as_ref().map(CodeDir::path);
        let layers = match real_layers {
            Some(real) if !self.isolated => real,
            _ => Path::new(sandbox::LAYERS_ROOT),
        };
        let scratch = self.scratch();
        if let Some(scratch) = &scratch {
            fs::create_dir_all(scratch)?;
        }
        let links = real_runtime.join("sdk");
        if let (Some(sdk), false) = (self.sdk(), self.isolated) {
            sdk.link(&links)?;
        }
        let place = Place {
            sdk: if self.isolated { Path::new(sdk::PYTHON_FOLDER) } else { &links },
            node_modules: self.sdk().and_then(|sdk| sdk.node.as_deref()).filter(|_| !self.isolated),
            task_root: task,
            layers,
            runtime_folder: runtime,
            programs: self.interpreter.and_then(|interpreter| interpreter.program.parent()),
            scratch: scratch.as_deref(),
            log_stream: stream,
            api: api.address(),
            endpoint_url: &self.inner.settings.endpoint_url,
            credentials: self.credentials,
            debug_port: self.inner.debugged.port(self.spec),
        };
        let arguments = launch::arguments(self.spec, self.kind, self.interpreter, &place)?;
        let folder = self.spec.container.as_ref().map(Container::folder);
        let folder = folder.map_or_else(|| task.as_os_str().as_bytes().to_owned(), String::into_bytes);
        let has_init = self.isolated && self.spec.container.as_ref().is_none_or(has_shell);
        let arguments = match (self.extensions, has_init) {
            ([], true) => sandbox::supervised(arguments),
            ([], false) => arguments,
            (names, _) => extensions::supervised(arguments, layers, names)?,
        };
        Ok(Program {
            arguments,
            variables: variables(self.spec, self.kind, &place),
            folder: CString::new(folder).map_err(io::Error::other)?,
            steps: if self.isolated { self.plan(&real_runtime).steps()? } else { Vec::new() },
            output,
            errors: None,
            input: None,
            supervised: has_init || !self.extensions.is_empty(),
        })
    }

    fn plan<'b>(&'b self, runtime: &'b Path) -> Plan<'b> {
        Plan {
            users: self.inner.users(),
            code: self.spec.code.path(),
            layers: self.spec.layers.as_ref().map(CodeDir::path),
            runtime,
            image: self.spec.container.as_ref().map(|container| container.image.root()),
            more: self.sdk().map(|sdk| sdk.shown().collect()).unwrap_or_default(),
            root: &self.inner.root,
            interpreter: self.interpreter.and_then(|interpreter| interpreter.folder.as_deref()),
            ephemeral_mb: self.spec.ephemeral_mb,
        }
    }

    /// The SDKs, for the languages whose runtimes bring them.
    fn sdk(&self) -> Option<&Sdk> {
        let brings = matches!(self.kind.language(), Some(Language::Python | Language::Node));
        brings.then(|| self.inner.sdk())
    }

    /// Gives the init of external extensions its socket, and them a pipe for what they print.
    fn attend(
        &self,
        extensions: &Arc<Extensions>,
        program: &mut Program,
        book: &LogBook,
    ) -> io::Result<LogPipe> {
        let (orders, input) = Orders::pair(extensions)?;
        extensions.set_orders(orders);
        let (reading, writing) = output_pipe()?;
        if self.isolated {
            self.inner.users().give(&writing)?;
        }
        (program.input, program.errors) = (Some(input), Some(writing));
        LogPipe::new(reading, book.sibling().tapped(extensions.telemetry.clone(), Category::Extension))
    }

    /// In a sandbox, `/tmp` is its own and goes with it.
    fn scratch(&self) -> Option<PathBuf> {
        let name = format!("{}-{}", std::process::id(), self.number);
        (!self.isolated).then(|| self.inner.root.join("tmp").join(name))
    }
}

/// Our first process is a shell; an image without one runs its program as the first.
pub(crate) fn has_shell(container: &Container) -> bool {
    container.image.has(Path::new(sandbox::SHELL))
}

/// Cleans up after the process, whatever ended it.
fn watch_end(
    inner: &Arc<Inner>,
    process: Arc<Process>,
    number: u64,
    scratch: Option<PathBuf>,
    extensions: Arc<Extensions>,
) {
    let inner = inner.clone();
    tokio::spawn(async move {
        let ending = process.ended().await.unwrap_or(Ending::Signalled(libc::SIGKILL));
        if let Some(scratch) = scratch {
            let _ = tokio::fs::remove_dir_all(scratch).await;
        }
        inner.pool.forget(number);
        extensions.runtime_ended(ending);
    });
}

/// Standard output and error share one pipe, so that their order is kept. Only our end must not block.
fn output_pipe() -> io::Result<(std::os::fd::OwnedFd, std::os::fd::OwnedFd)> {
    let (reading, writing) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    rustix::fs::fcntl_setfl(&reading, rustix::fs::OFlags::NONBLOCK)?;
    Ok((reading, writing))
}

/// `2026/01/31/[$LATEST]` and 32 hexadecimal digits.
pub(crate) fn log_stream(inner: &Inner, spec: &FunctionSpec) -> String {
    let day = inner.clock.now().strftime("%Y/%m/%d").to_string();
    format!("{day}/[{}]{}", spec.version, inner.ids.hex(32))
}
