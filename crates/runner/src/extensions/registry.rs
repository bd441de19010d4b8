//! All extensions of an environment together.

use bytes::Bytes;

use super::agent::{Agent, Refusal, State};
use super::{Next, external};

/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>
pub(super) const MOST: usize = 10;

/// How an external extension ended although nobody had told it to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Crash {
    /// `Extension.Crash`, or what it had told of before.
    pub error_type: &'static str,
    /// The sentence about its process.
    pub sentence: String,
}

/// The extensions, and what is true of all of them.
pub(super) struct Registry {
    agents: Vec<Agent>,
    /// Whether one may still register.
    pub is_open: bool,
    /// Whether they are told to end, so that an end is none to wonder about.
    pub is_closing: bool,
    /// The first failure one has told of.
    pub fatal: Option<&'static str>,
    pub crash: Option<Crash>,
}

impl Registry {
    /// With the external ones, in the order in which they are started.
    pub fn new(agents: Vec<Agent>) -> Self {
        let mut registry = Self { agents, is_open: true, is_closing: false, fatal: None, crash: None };
        if let Some(agent) = registry.agents.get_mut(MOST) {
            agent.state = State::LaunchError;
            agent.error_type = Some("TooManyExtensions".to_owned());
            registry.crash = Some(Crash {
                error_type: "Extension.LaunchError",
                sentence: "maximum number of extensions reached".to_owned(),
            });
        }
        registry
    }

    pub fn find(&self, id: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == id)
    }

    /// Registers the external extension of that name, or an internal one.
    pub fn register(
        &mut self,
        name: &str,
        events: &[String],
        new_id: impl FnOnce() -> String,
    ) -> Result<String, Refusal> {
        if let Some(agent) = self.agents.iter_mut().find(|agent| agent.is_external && agent.name == name) {
            let events = events.iter().map(|event| agent.event(event)).collect::<Result<_, _>>()?;
            agent.register(events)?;
            return Ok(agent.id.clone());
        }
        let mut agent = Agent::internal(new_id(), name.to_owned());
        let events = events.iter().map(|event| agent.event(event)).collect::<Result<_, _>>()?;
        self.admit(name)?;
        agent.register(events)?;
        let id = agent.id.clone();
        self.agents.push(agent);
        Ok(id)
    }

    /// Whether one more internal extension may register.
    fn admit(&self, name: &str) -> Result<(), Refusal> {
        if !self.is_open {
            let closed = "Extension registration closed already";
            return Err(Refusal::new("Extension.RegistrationClosed", closed));
        }
        if self.agents.iter().any(|agent| agent.name == name) {
            let taken = "Extension with this name already registered";
            return Err(Refusal::new("Extension.InvalidExtensionState", taken));
        }
        if self.agents.len() >= MOST {
            let full = format!("Extension limit ({MOST}) reached");
            return Err(Refusal::new("Extension.TooManyExtensions", full));
        }
        Ok(())
    }

    pub fn next(&mut self, id: &str) -> Result<Next, Refusal> {
        let unknown =
            || Refusal::new("Extension.UnknownExtensionIdentifier", format!("Unknown extension {id}"));
        self.agents.iter_mut().find(|agent| agent.id == id).ok_or_else(unknown)?.next()
    }

    pub fn fail(&mut self, id: &str, to: State, error_type: &str) -> Result<(), Refusal> {
        let unknown = "Unknown Lambda-Extension-Identifier";
        let unknown = || Refusal::new("Extension.UnknownExtensionIdentifier", unknown);
        self.agents.iter_mut().find(|agent| agent.id == id).ok_or_else(unknown)?.fail(to, error_type)?;
        let fatal = if to == State::InitError { "Extension.InitError" } else { "Extension.ExitError" };
        self.fatal.get_or_insert(fatal);
        Ok(())
    }

    /// The process of the external extension with that number has ended.
    pub fn process_ended(&mut self, number: usize, status: i32) {
        let Some(agent) = self.agents.get_mut(number) else { return };
        agent.has_ended = true;
        if self.is_closing {
            agent.state = State::Exited;
            return;
        }
        if let Some((error_type, sentence)) =
            external::launch_failure(status, &agent.name).filter(|_| agent.state == State::Started)
        {
            agent.state = State::LaunchError;
            agent.error_type = Some(error_type.to_owned());
            self.crash.get_or_insert(Crash { error_type: "Extension.LaunchError", sentence });
            return;
        }
        let error_type = self.fatal.unwrap_or("Extension.Crash");
        self.crash.get_or_insert(Crash { error_type, sentence: external::ending(status) });
    }

    pub fn are_external_registered(&self) -> bool {
        self.agents.iter().all(|agent| !agent.is_external || agent.state != State::Started)
    }

    pub fn are_ready(&self) -> bool {
        self.agents.iter().all(|agent| agent.state == State::Ready)
    }

    /// Whether nobody works on an event.
    pub fn is_idle(&self) -> bool {
        let takes_part = |agent: &&Agent| agent.events.contains(&"INVOKE");
        self.agents.iter().filter(takes_part).all(|agent| agent.state == State::Ready)
    }

    pub fn deliver(&mut self, kind: &str, event: &Bytes) {
        self.agents
            .iter_mut()
            .filter(|agent| agent.events.contains(&kind))
            .for_each(|agent| agent.deliver(event));
    }

    pub fn has_external(&self) -> bool {
        self.agents.iter().any(|agent| agent.is_external)
    }

    pub fn has_internal(&self) -> bool {
        self.agents.iter().any(|agent| !agent.is_external)
    }

    /// Whether all who are told of the end have ended.
    pub fn is_gone(&self) -> bool {
        self.agents.iter().all(|agent| agent.has_ended || !agent.events.contains(&"SHUTDOWN"))
    }

    pub fn states(&self) -> Vec<(String, &'static str, Vec<&'static str>, Option<String>)> {
        let told = |agent: &Agent| {
            (agent.name.clone(), agent.state.name(), agent.events.clone(), agent.error_type.clone())
        };
        self.agents.iter().map(told).collect()
    }
}
