//! Errors: `<Response><Errors><Error>…`.

use kernel::Fault;

use crate::formats::xml_writer::XmlWriter;
use crate::message::{Response, response, set_header};

/// Writes a fault.
pub fn encode(fault: &Fault, request_id: &str) -> Response {
    let mut writer = XmlWriter::new(false);
    writer.declaration();
    for name in ["Response", "Errors", "Error"] {
        writer.open(name, Vec::new());
    }
    writer.element("Code", fault.code_in_query());
    writer.element("Message", fault.message());
    writer.close("Error");
    writer.close("Errors");
    writer.element("RequestID", request_id);
    writer.close("Response");
    let mut response = response(fault.status(), "text/xml;charset=UTF-8", writer.finish());
    set_header(response.headers_mut(), "x-amzn-requestid", request_id);
    for (name, value) in fault.headers() {
        set_header(response.headers_mut(), name, value);
    }
    response
}
