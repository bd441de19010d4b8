//! Errors: an `Error` element, alone for S3 and within `ErrorResponse` for the others.

use kernel::Fault;
use kernel::schema::ServiceSchema;

use super::encode::{host_id, request_ids};
use crate::formats::xml_writer::XmlWriter;
use crate::message::{Response, response, set_header};
use crate::query::error::element;

/// Writes a fault.
pub fn encode(service: &'static ServiceSchema, fault: &Fault, request_id: &str) -> Response {
    let mut writer = XmlWriter::new(false);
    writer.declaration();
    if service.bare_errors {
        bare(&mut writer, fault, request_id);
    } else {
        writer.open("ErrorResponse", vec![("xmlns".to_owned(), service.xml_namespace)]);
        // S3's kin writes S3's errors, only wrapped.
        if service.signing_name == "s3" {
            writer.open("Error", Vec::new());
            members(&mut writer, fault);
            writer.close("Error");
            ids(&mut writer, request_id);
        } else {
            element(&mut writer, fault);
            writer.element("RequestId", request_id);
        }
        writer.close("ErrorResponse");
    }
    let mut response = response(fault.status(), "application/xml", writer.finish());
    if matches!(fault.status(), 204 | 304) {
        *response.body_mut() = crate::Body::empty();
    }
    request_ids(&mut response, service, request_id);
    for (name, value) in fault.headers() {
        set_header(response.headers_mut(), name, value);
    }
    response
}

fn bare(writer: &mut XmlWriter, fault: &Fault, request_id: &str) {
    writer.open("Error", Vec::new());
    members(writer, fault);
    ids(writer, request_id);
    writer.close("Error");
}

fn members(writer: &mut XmlWriter, fault: &Fault) {
    // What other services call an internal failure has a name and words of its own here.
    let (code, message) = match fault.code() {
        "InternalFailure" => ("InternalError", "We encountered an internal error. Please try again."),
        code => (code, fault.message()),
    };
    writer.element("Code", code);
    writer.element("Message", message);
    if let Some(shape) = fault.shape() {
        writer.error_members(shape);
    }
    for (name, value) in fault.fields() {
        writer.element(name, value);
    }
}

fn ids(writer: &mut XmlWriter, request_id: &str) {
    writer.element("RequestId", request_id);
    writer.element("HostId", &host_id(request_id));
}
