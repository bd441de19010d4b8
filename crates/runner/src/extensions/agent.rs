//! One extension: its states and what it may do in each, as AWS's own runtime interface has them.

use bytes::Bytes;
use tokio::sync::oneshot;

/// Where an extension stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its process is there.
    Started,
    /// It has registered.
    Registered,
    /// It waits for an event.
    Ready,
    /// It works on one.
    Running,
    /// It has said that it cannot start.
    InitError,
    /// It has said that it must end.
    ExitError,
    /// It has ended.
    Exited,
    /// It could not be started.
    LaunchError,
}

impl State {
    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::Registered => "Registered",
            Self::Ready => "Ready",
            Self::Running => "Running",
            Self::InitError => "InitError",
            Self::ExitError => "ExitError",
            Self::Exited => "Exited",
            Self::LaunchError => "LaunchError",
        }
    }
}

/// Why a call was refused: the error's type and its message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub error_type: &'static str,
    pub message: String,
}

impl Refusal {
    pub fn new(error_type: &'static str, message: impl Into<String>) -> Self {
        Self { error_type, message: message.into() }
    }

    /// The environment is going.
    pub fn closed() -> Self {
        Self::new("Extension.InvalidExtensionState", "The execution environment is shutting down")
    }
}

/// An extension.
pub(crate) struct Agent {
    pub id: String,
    pub name: String,
    pub is_external: bool,
    pub events: Vec<&'static str>,
    pub state: State,
    pub error_type: Option<String>,
    /// Whether its process has ended; only external ones have one.
    pub has_ended: bool,
    waiting: Option<oneshot::Sender<Bytes>>,
    pending: Option<Bytes>,
}

impl Agent {
    /// A file of `/opt/extensions`.
    pub fn external(id: String, name: String) -> Self {
        Self { is_external: true, ..Self::internal(id, name) }
    }

    /// A part of the runtime's process.
    pub fn internal(id: String, name: String) -> Self {
        Self {
            id,
            name,
            is_external: false,
            events: Vec::new(),
            state: State::Started,
            error_type: None,
            has_ended: false,
            waiting: None,
            pending: None,
        }
    }

    /// Which events it may register for.
    pub fn event(&self, name: &str) -> Result<&'static str, Refusal> {
        let refuse = |reason| Refusal::new("Extension.InvalidEventType", format!("{name}: {reason}"));
        match name {
            "INVOKE" => Ok("INVOKE"),
            "SHUTDOWN" if self.is_external => Ok("SHUTDOWN"),
            "SHUTDOWN" => Err(refuse("ShutdownEventNotSupportedForInternalExtension")),
            _ => Err(refuse("ErrorInvalidEventType")),
        }
    }

    /// Registers it for events.
    pub fn register(&mut self, events: Vec<&'static str>) -> Result<(), Refusal> {
        self.step(&[State::Started], State::Registered)?;
        self.events = events;
        Ok(())
    }

    /// It asks for an event.
    pub fn next(&mut self) -> Result<super::Next, Refusal> {
        self.step(&[State::Registered, State::Running], State::Ready)?;
        if let Some(event) = self.pending.take() {
            self.state = State::Running;
            return Ok(super::Next::Event(event));
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting = Some(sender);
        Ok(super::Next::Wait(receiver))
    }

    /// It says that it failed.
    pub fn fail(&mut self, to: State, error_type: &str) -> Result<(), Refusal> {
        let from: &[State] = match to {
            State::InitError => &[State::Registered, State::InitError],
            _ => &[State::Registered, State::Ready, State::Running, State::ExitError],
        };
        self.step(from, to)?;
        self.error_type.get_or_insert_with(|| error_type.to_owned());
        Ok(())
    }

    /// Gives it an event, now or at its next call.
    pub fn deliver(&mut self, event: &Bytes) {
        match self.waiting.take() {
            Some(waiting) if self.state == State::Ready => {
                self.state = State::Running;
                let _ = waiting.send(event.clone());
            }
            _ => self.pending = Some(event.clone()),
        }
    }

    fn step(&mut self, from: &[State], to: State) -> Result<(), Refusal> {
        if from.contains(&self.state) {
            self.state = to;
            return Ok(());
        }
        let (from, to) = (self.state.name(), to.name());
        let message = format!(
            "State transition from {from} to {to} failed for extension {}. Error: State transition is not allowed",
            self.name
        );
        Err(Refusal::new("Extension.InvalidExtensionState", message))
    }
}
