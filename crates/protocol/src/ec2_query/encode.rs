//! Answers: the request id first, then the output's members.

use kernel::schema::{OperationSchema, ServiceSchema};
use kernel::shape::Shape;

use crate::formats::xml_writer::XmlWriter;
use crate::message::{Response, response, set_header};

/// Writes the output.
pub fn encode(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    output: &dyn Shape,
    request_id: &str,
) -> Response {
    let mut writer = XmlWriter::new(false).milliseconds();
    writer.declaration();
    let root = format!("{}Response", operation.name);
    writer.open(&root, vec![("xmlns".to_owned(), service.xml_namespace)]);
    writer.element("requestId", request_id);
    if operation.result_wrapper.is_empty() {
        writer.element("return", "true");
    }
    output.write_members(&mut writer);
    writer.close(&root);
    let mut response = response(operation.status, "text/xml;charset=UTF-8", writer.finish());
    set_header(response.headers_mut(), "x-amzn-requestid", request_id);
    response
}
