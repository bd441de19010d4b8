//! Structures and unions: plain Rust types that walk themselves over their schema.

use std::fmt::Write;

use serde_json::Value;

use super::model::{Model, flag, target};
use super::names::{field_name, static_name, variant_name};

/// `types.rs` of one service.
pub fn write(model: &Model) -> String {
    let mut out = String::from(
        "//! Structures and unions of the API.\n\n#[allow(unused_imports)]\nuse crate::enums::*;\n\n",
    );
    for name in model.shapes.keys().filter(|name| model.kind(name) == "structure") {
        let _ = writeln!(
            out,
            "kernel::{}! {{\n    #[derive({})]\n    {name}: crate::schemas::{} {{",
            if model.is_union(name) { "union" } else { "structure" },
            derives(model, name),
            static_name(name),
        );
        for (index, (member, value)) in model.members(name).iter().enumerate() {
            let (field, kind) = field(model, name, member, value);
            let _ = writeln!(out, "        {index} {field}: {kind},");
        }
        out.push_str("    }\n}\n\n");
    }
    out
}

/// The name and type of a structure's field or a union's variant.
fn field(model: &Model, shape: &str, member: &str, value: &Value) -> (String, String) {
    if !model.is_union(shape) {
        return (field_name(member), field_type(model, shape, member, value));
    }
    let inner = rust_type(model, target(value));
    let inner = if model.is_recursive(shape, value) { format!("Box<{inner}>") } else { inner };
    (variant_name_of(member), inner)
}

/// The Rust type of a shape.
pub fn rust_type(model: &Model, name: &str) -> String {
    let shape = model.shape(name);
    match model.kind(name) {
        "structure" if flag(shape, "document") => "kernel::Document".to_owned(),
        "structure" if flag(shape, "eventstream") => format!("kernel::EventStream<{name}>"),
        "structure" => name.to_owned(),
        "list" => format!("Vec<{}>", element(model, &shape["member"])),
        "map" => {
            format!("kernel::Map<{}, {}>", "String", element(model, &shape["value"]))
        }
        "string" if !shape["enum"].is_null() => name.to_owned(),
        "string" | "character" => "String".to_owned(),
        "blob" => "kernel::Bytes".to_owned(),
        "boolean" => "bool".to_owned(),
        "byte" => "i8".to_owned(),
        "short" => "i16".to_owned(),
        "integer" => "i32".to_owned(),
        "long" | "bigint" => "i64".to_owned(),
        "float" => "f32".to_owned(),
        "double" | "bigdecimal" => "f64".to_owned(),
        "timestamp" => "kernel::Timestamp".to_owned(),
        other => panic!("{name} is of an unknown type {other}"),
    }
}

fn element(model: &Model, member: &Value) -> String {
    rust_type(model, target(member))
}

/// The type of a structure's field.
fn field_type(model: &Model, shape: &str, name: &str, member: &Value) -> String {
    if model.is_stream(member) {
        return "kernel::ByteStream".to_owned();
    }
    let plain = rust_type(model, target(member));
    if plain.starts_with("kernel::EventStream") {
        return plain;
    }
    let plain = if model.is_recursive(shape, member) { format!("Box<{plain}>") } else { plain };
    if model.is_required(shape, name) { plain } else { format!("Option<{plain}>") }
}

fn derives(model: &Model, name: &str) -> &'static str {
    if model.is_consumed(name) { "Debug, Default" } else { "Clone, Debug, Default, PartialEq" }
}

/// A union's member as a variant: short names in capitals stay as they are (`SS`, `NULL`).
fn variant_name_of(member: &str) -> String {
    if member.len() <= 4 && member.chars().all(|c| c.is_ascii_uppercase()) {
        return variant_name(member);
    }
    super::names::type_name(member)
}
