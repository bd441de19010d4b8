//! Answers of every protocol.

use http::Method;
use kernel::schema::{Location, OperationSchema, ProtocolKind};
use kernel::shape::Shape;
use protocol::formats::tree::{self, Members};
use protocol::formats::xml_reader::{self, XmlNode};
use protocol::formats::{cbor_reader, json_reader};
use protocol::{Labels, RequestBody, WireRequest};
use serde_json::Value;

use super::Answer;
use crate::values;

/// An error as its protocol writes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// The code.
    pub code: String,
    /// The message.
    pub message: String,
}

/// The output as a value by the model's names, or the error.
pub fn decode(
    operation: &'static OperationSchema,
    protocol: ProtocolKind,
    answer: Answer,
    mut output: Box<dyn Shape>,
) -> Result<Value, Failure> {
    if answer.status >= 300 {
        return Err(failure(protocol, &answer));
    }
    let body = answer.body.as_slice();
    match protocol {
        ProtocolKind::AwsJson10 | ProtocolKind::AwsJson11 if !body.is_empty() => {
            json_reader::read(body, false, output.as_mut()).unwrap();
        }
        ProtocolKind::RpcV2Cbor if !body.is_empty() => {
            cbor_reader::read(body, output.as_mut()).unwrap();
        }
        ProtocolKind::Query | ProtocolKind::Ec2Query => {
            let document = xml_reader::parse(body).unwrap();
            let root = document.root_element();
            let result = root.children().find(|node| node.tag_name().name() == operation.result_wrapper);
            tree::read(XmlNode::Element(result.unwrap_or(root)), Members::All, output.as_mut()).unwrap();
        }
        ProtocolKind::RestJson | ProtocolKind::RestXml => rest(protocol, answer, output.as_mut()),
        _ => {}
    }
    Ok(values::write(output.as_ref()))
}

/// Bound members are read as a server reads a request's.
fn rest(protocol: ProtocolKind, answer: Answer, output: &mut dyn Shape) {
    let status = answer.status;
    let mut wire = WireRequest {
        method: Method::GET,
        path: String::new(),
        sent_path: String::new(),
        query: String::new(),
        headers: answer.headers,
        labels: Labels::new(),
        body: RequestBody::Whole(answer.body.into()),
    };
    let operation = OperationSchema::new("Answer");
    let operation: &'static OperationSchema = Box::leak(Box::new(operation));
    protocol::of(protocol).decode(operation, &mut wire, output).unwrap();
    let bound = output.schema().members.iter().position(|member| member.location == Location::StatusCode);
    if let Some(index) = bound {
        let name = output.schema().members[index].name;
        values::read(&serde_json::json!({ name: status }), output);
    }
}

fn failure(protocol: ProtocolKind, answer: &Answer) -> Failure {
    if matches!(protocol, ProtocolKind::Query | ProtocolKind::Ec2Query | ProtocolKind::RestXml) {
        let document = xml_reader::parse(&answer.body).unwrap();
        let text = |name: &str| {
            let node = document.descendants().find(|node| node.tag_name().name() == name);
            node.and_then(|node| node.text()).unwrap_or_default().to_owned()
        };
        return Failure { code: text("Code"), message: text("Message") };
    }
    let body: Value = match protocol {
        ProtocolKind::RpcV2Cbor => cbor_error(&answer.body),
        _ => serde_json::from_slice(&answer.body).unwrap_or_default(),
    };
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let header =
        answer.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let code = header.or_else(|| text("__type")).unwrap_or_default();
    Failure {
        code: code.rsplit('#').next().unwrap_or_default().to_owned(),
        message: text("message").or_else(|| text("Message")).unwrap_or_default(),
    }
}

/// The two texts every CBOR error has, found without a schema.
fn cbor_error(body: &[u8]) -> Value {
    cbor_reader::document(body).unwrap()
}
