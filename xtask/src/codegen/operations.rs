//! One unit type per operation.

use std::fmt::Write;

use super::errors::enum_name;
use super::model::Model;
use super::names::static_name;

/// `operations.rs` of one service.
pub fn write(model: &Model) -> String {
    let error = enum_name(model);
    let mut out = String::from(
        "//! The operations of the API, one type each.\n\nuse kernel::schema::{OperationSchema, ServiceSchema};\n\
         use kernel::Operation;\nuse crate::schemas;\n\n",
    );
    for operation in model.operations.keys() {
        let name = type_of(model, operation);
        let shape = |key| model.operation_shape(operation, key).unwrap_or_default();
        let _ = writeln!(
            out,
            "#[derive(Clone, Copy, Debug)]\npub struct {name};\n\nimpl Operation for {name} {{\n\
             const SERVICE: &'static ServiceSchema = &schemas::SERVICE_MODEL;\n\
             const SCHEMA: &'static OperationSchema = &schemas::OPERATION_{};\n\
             type Input = crate::types::{};\ntype Output = crate::types::{};\ntype Error = crate::errors::{error};\n}}\n",
            static_name(operation),
            shape("input"),
            shape("output"),
        );
    }
    out
}

/// The unit type of an operation: its name, unless a shape has it already.
fn type_of(model: &Model, operation: &str) -> String {
    if model.shapes.contains_key(operation) { format!("{operation}Operation") } else { operation.to_owned() }
}
