//! Errors: `<ErrorResponse><Error><Type>…`.

use kernel::Fault;
use kernel::schema::ServiceSchema;

use crate::formats::xml_writer::XmlWriter;
use crate::message::{Response, response, set_header};

/// Writes a fault.
pub fn encode(service: &'static ServiceSchema, fault: &Fault, request_id: &str) -> Response {
    let mut writer = XmlWriter::new(false);
    writer.declaration();
    let namespace = (!service.xml_namespace.is_empty()).then(|| ("xmlns".to_owned(), service.xml_namespace));
    writer.open("ErrorResponse", namespace.into_iter().collect());
    element(&mut writer, fault);
    writer.element("RequestId", request_id);
    writer.close("ErrorResponse");
    let mut response = response(fault.status(), "text/xml", writer.finish());
    set_header(response.headers_mut(), "x-amzn-requestid", request_id);
    for (name, value) in fault.headers() {
        set_header(response.headers_mut(), name, value);
    }
    response
}

/// The `Error` element.
pub fn element(writer: &mut XmlWriter, fault: &Fault) {
    writer.open("Error", Vec::new());
    writer.element("Type", if fault.is_sender() { "Sender" } else { "Receiver" });
    writer.element("Code", fault.code_in_query());
    writer.element("Message", fault.message_in_query());
    if let Some(shape) = fault.shape() {
        writer.error_members(shape);
    }
    for (name, value) in fault.fields() {
        writer.element(name, value);
    }
    writer.close("Error");
}
