//! Functions that wait for a debugger before their code is loaded, one environment at a time, without time running out.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::FunctionSpec;
use crate::interpreters::Language;

/// How long somebody may look at a function that stands still.
const PATIENCE: Duration = Duration::from_secs(3600);

/// The functions to debug, by name.
#[derive(Default)]
pub(crate) struct Debugged(HashMap<String, (u16, Arc<Mutex<()>>)>);

impl Debugged {
    pub fn new(functions: &[(String, u16)]) -> Self {
        Self(functions.iter().map(|(name, port)| (name.clone(), (*port, Arc::default()))).collect())
    }

    /// The port on which a function's environment waits. Those that are started ahead of events never do.
    pub fn port(&self, spec: &FunctionSpec) -> Option<u16> {
        self.0.get(&spec.name).filter(|_| !spec.is_provisioned).map(|(port, _)| *port)
    }

    /// Waits until no other invocation of the function runs, for two environments cannot share a port.
    pub async fn turn(&self, spec: &mut FunctionSpec) -> Option<OwnedMutexGuard<()>> {
        self.port(spec)?;
        let (_, turn) = self.0.get(&spec.name)?;
        spec.timeout = PATIENCE;
        Some(turn.clone().lock_owned().await)
    }
}

/// What an interpreter is told, before its program.
pub(crate) fn arguments(language: Language, port: u16) -> Option<OsString> {
    match language {
        Language::Node => Some(format!("--inspect-brk=127.0.0.1:{port}").into()),
        Language::Java => Some(
            format!("-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:{port}").into(),
        ),
        Language::Python | Language::Ruby | Language::Dotnet => None,
    }
}

/// The variables that tell our bootstrap, Ruby's `debug`, and programs of the function's own.
pub(crate) fn variables(language: Option<Language>, port: u16) -> Vec<(&'static str, String)> {
    let mut all = vec![("FOGBANK_DEBUG_PORT", port.to_string())];
    if language == Some(Language::Ruby) {
        all.push(("RUBYOPT", "-rdebug/open".to_owned()));
        all.push(("RUBY_DEBUG_HOST", "127.0.0.1".to_owned()));
        all.push(("RUBY_DEBUG_PORT", port.to_string()));
    }
    all
}
