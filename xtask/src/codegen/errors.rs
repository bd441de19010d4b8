//! The service's error enum: one variant per modelled error, and `Other` for what AWS answers but does not model.

use std::fmt::Write;

use serde_json::Value;

use super::model::{Model, flag};
use super::names::{field_name, static_name, type_name};

/// `errors.rs` of one service.
pub fn write(model: &Model) -> String {
    let name = enum_name(model);
    let errors: Vec<_> = model.shapes.keys().filter(|name| flag(model.shape(name), "exception")).collect();
    let mut out = String::from(
        "//! The errors of the API.\n\nuse kernel::Fault;\n#[allow(unused_imports)]\nuse kernel::schema::ErrorSchema;\n",
    );
    if !errors.is_empty() {
        out.push_str("use crate::types::*;\n");
    }
    let _ = writeln!(
        out,
        "\n/// What operations answer instead of their output.\n#[derive(Clone, Debug)]\npub enum {name} {{"
    );
    for error in &errors {
        let _ = writeln!(out, "{error}(Box<{error}>),");
    }
    let _ = writeln!(out, "/// An error that the model does not list.\nOther(Fault),\n}}\n\nimpl {name} {{");
    for error in &errors {
        constructor(model, error, &mut out);
    }
    out.push_str("}\n\n");
    for error in &errors {
        schema(model, error, &mut out);
    }
    conversions(model, &name, &errors, &mut out);
    out
}

/// The name of a service's error enum, such as `SqsError`.
pub fn enum_name(model: &Model) -> String {
    format!("{}Error", type_name(&super::names::variant_name(&model.name)))
}

/// The member that carries the sentence.
fn message<'a>(model: &'a Model, error: &str) -> &'a str {
    let members = model.members(error);
    members.iter().find(|(name, _)| name.eq_ignore_ascii_case("message")).map_or("message", |(name, _)| *name)
}

fn constructor(model: &Model, error: &str, out: &mut String) {
    let member = message(model, error);
    let field = field_name(member);
    let value = if model.is_required(error, member) { "message.into()" } else { "Some(message.into())" };
    let rest = if model.members(error).len() > 1 { ", ..Default::default()" } else { "" };
    let function = field_name(error);
    let _ = writeln!(
        out,
        "/// `{error}` with this message.\npub fn {function}(message: impl Into<String>) -> Self {{\n\
         Self::{error}(Box::new({error} {{ {field}: {value}{rest} }}))\n}}\n"
    );
}

fn schema(model: &Model, error: &str, out: &mut String) {
    let shape = model.shape(error);
    let details = &shape["error"];
    let name = shape["modelName"].as_str().unwrap_or(error);
    let text = |value: &Value, default: &str| value.as_str().unwrap_or(default).to_owned();
    let code = text(&details["code"], name);
    let query = text(&details["queryCode"], &code);
    let query_message = details["queryMessage"].as_str();
    let fault = flag(shape, "fault");
    let status = details["httpStatusCode"].as_u64().unwrap_or(if fault { 500 } else { 400 });
    let sender = details["senderFault"].as_bool().unwrap_or(!fault && status < 500);
    let _ = writeln!(
        out,
        "static {}: ErrorSchema = ErrorSchema {{ name: {name:?}, code: {code:?}, query_code: {query:?}, query_message: {query_message:?}, status: {status}, sender: {sender} }};",
        static_name(error)
    );
}

fn conversions(model: &Model, name: &str, errors: &[&String], out: &mut String) {
    let _ = writeln!(
        out,
        "\nimpl From<Fault> for {name} {{ fn from(fault: Fault) -> Self {{ Self::Other(fault) }} }}\n\n\
         impl From<{name}> for Fault {{\nfn from(error: {name}) -> Self {{\nmatch error {{"
    );
    for error in errors {
        let member = message(model, error);
        let field = field_name(member);
        let text = if model.is_required(error, member) {
            format!("error.{field}.clone()")
        } else {
            format!("error.{field}.clone().unwrap_or_default()")
        };
        let _ = writeln!(
            out,
            "{name}::{error}(error) => Self::modelled(&{}, {text}, std::sync::Arc::new(*error)),",
            static_name(error)
        );
    }
    let _ = writeln!(
        out,
        "{name}::Other(fault) => fault,\n}}\n}}\n}}\n\nimpl std::fmt::Display for {name} {{\n\
         fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{ Fault::from(self.clone()).fmt(f) }}\n}}\n\n\
         impl std::error::Error for {name} {{}}"
    );
}
