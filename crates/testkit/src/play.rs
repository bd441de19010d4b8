//! Plays case files: each over every protocol the service speaks, on an emulator of its own.

use std::path::Path;

use kernel::schema::ProtocolKind;
use kernel::{Clock, Ids, Service};

use crate::case::{self, Answer, Step};
use crate::client::{self, Failure};
use crate::emulator::Emulator;
use crate::given::Given;
use crate::matching::{self, Bindings};
use crate::values;

/// Plays every `*.case` in a folder against the first of the services; panics with all that differs.
pub fn play(folder: impl AsRef<Path>, services: impl Fn(&Clock, &Ids) -> Vec<Service>) {
    let mut files: Vec<_> =
        std::fs::read_dir(folder.as_ref()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    files.sort();
    assert!(!files.is_empty(), "there is no case in {}", folder.as_ref().display());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut differences = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let schema = services(&Clock::real(), &Ids::random())[0].schema;
        for protocol in schema.protocols {
            let emulator = runtime.block_on(Emulator::start(&services));
            if let Err(difference) = play_one(&emulator, schema.name, *protocol, &text) {
                differences.push(format!("{} over {protocol:?}: {difference}", path.display()));
            }
        }
    }
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

fn play_one(emulator: &Emulator, service: &str, protocol: ProtocolKind, text: &str) -> Result<(), String> {
    let mut bindings = Bindings::new();
    let service = emulator.calls.service(service).ok_or("no such service")?.clone();
    for step in case::parse(text) {
        let (line, operation, input, answer) = match step {
            Step::Advance(time) => {
                emulator.clock.advance(time);
                continue;
            }
            Step::Call { line, operation, input, answer } => (line, operation, input, answer),
        };
        // Operations that the service under test does not have are those of the services beside it.
        let mut services = std::iter::once(&service).chain(emulator.calls.services());
        let (service, handler) = services
            .find_map(|service| Some((service, service.handler(&operation)?)))
            .ok_or(format!("line {line}: nobody answers {operation}"))?;
        let mut shape = handler.new_input();
        let input = matching::fill(&input, &bindings);
        values::read(&input, shape.as_mut());
        let names = input.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let given = Given { shape, names };
        let sent = client::send(emulator.address, service.schema, handler.schema(), protocol, &given);
        let status = sent.status;
        let found = client::decode(handler.schema(), protocol, sent, handler.new_output());
        compare(&answer, status, found, protocol, &mut bindings)
            .map_err(|error| format!("line {line}: {error}"))?;
    }
    Ok(())
}

fn compare(
    expected: &Answer,
    status: u16,
    found: Result<serde_json::Value, Failure>,
    protocol: ProtocolKind,
    bindings: &mut Bindings,
) -> Result<(), String> {
    match (expected, found) {
        (Answer::Output(wanted, output), Ok(found)) if *wanted == status => {
            matching::matches(output, &found, bindings, "output")
        }
        (Answer::Error(wanted, (code, message), in_query), Err(failure)) if *wanted == status => {
            let is_query = matches!(protocol, ProtocolKind::Query | ProtocolKind::Ec2Query);
            let code = in_query.0.as_ref().filter(|_| is_query).unwrap_or(code);
            let message = in_query.1.as_ref().filter(|_| is_query).or(message.as_ref());
            if failure.code != *code {
                return Err(format!("expected {code}, found {failure:?}"));
            }
            match message {
                Some(message) if *message != failure.message => {
                    Err(format!("expected {message:?}, found {:?}", failure.message))
                }
                _ => Ok(()),
            }
        }
        (expected, found) => Err(format!("expected {expected:?}, found {status} {found:?}")),
    }
}
