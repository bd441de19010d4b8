//! Open enums: the values AWS documents, and a place for any other.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use super::model::Model;
use super::names::variant_name;

/// `enums.rs` of one service.
pub fn write(model: &Model) -> String {
    let mut out = String::from("//! Enums of the API; unknown values are kept.\n\n");
    for (name, shape) in &model.shapes {
        let Some(values) = shape["enum"].as_array() else { continue };
        let _ = writeln!(out, "kernel::open_enum!({name} {{");
        let mut used = BTreeSet::new();
        for value in values.iter().filter_map(Value::as_str) {
            let mut variant = variant_name(value);
            while !used.insert(variant.clone()) {
                variant.push('_');
            }
            let variant = variant.replace('_', "Also");
            let _ = writeln!(out, "{variant} = {value:?},");
        }
        let _ = writeln!(out, "}});\n");
    }
    out
}
