//! From bytes to a typed, valid input, or the fault in the service's words.

use kernel::Fault;
use kernel::schema::ProtocolKind;
use kernel::service::{AnyHandler, Verdict};
use kernel::shape::{ReadError, ReadErrorKind, Shape};
use kernel::validation::{self, Problem};
use protocol::{WireRequest, validate};

use crate::route::Target;
use crate::serve::Stop;

/// Decodes and validates.
pub fn decode(
    target: &Target,
    handler: &dyn AnyHandler,
    wire: &mut WireRequest,
) -> Result<Box<dyn Shape>, Stop> {
    let mut input = handler.new_input();
    let read = protocol::of(target.protocol).decode(target.operation, wire, input.as_mut());
    let missing = read.map_err(|error| Stop::Fault(target.clone(), unreadable(target, &error)))?;
    let problems = validate::check(input.as_ref(), &missing);
    if problems.is_empty() {
        return Ok(input);
    }
    match target.service.dialect.invalid(target.operation, &problems) {
        Verdict::Accept => Ok(input),
        Verdict::Refuse(fault) => Err(Stop::Fault(target.clone(), fault)),
        Verdict::Common => Err(Stop::Fault(target.clone(), invalid(target.protocol, &problems))),
    }
}

/// The fault for a body that cannot be read.
pub fn unreadable(target: &Target, error: &ReadError) -> Fault {
    if let Some(fault) = target.service.dialect.unreadable(target.operation, error) {
        return fault;
    }
    match target.protocol {
        ProtocolKind::AwsJson10
        | ProtocolKind::AwsJson11
        | ProtocolKind::RpcV2Cbor
        | ProtocolKind::RestJson => {
            let message = match error.kind {
                ReadErrorKind::Syntax => String::new(),
                _ => error.message.clone(),
            };
            Fault::client("SerializationException", message)
        }
        ProtocolKind::Query | ProtocolKind::Ec2Query => {
            Fault::client("MalformedInput", error.message.clone())
        }
        ProtocolKind::RestXml => Fault::client(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
        ),
    }
}

fn invalid(protocol: ProtocolKind, problems: &[Problem]) -> Fault {
    let message = validation::message(problems);
    match protocol {
        ProtocolKind::Query | ProtocolKind::Ec2Query => Fault::client("ValidationError", message),
        _ => Fault::client("ValidationException", message),
    }
}
