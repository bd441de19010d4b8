//! One service's model as botocore ships it, with our patches, pruned to what its operations reach.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::names;
use super::package::Entry;
use crate::root;

/// A service's model, ready to be written as Rust.
pub struct Model {
    /// The name AWS gives it.
    pub name: String,
    metadata: Map<String, Value>,
    /// Operations by name, in alphabetical order.
    pub operations: BTreeMap<String, Value>,
    /// Shapes by the name they have in Rust, in alphabetical order.
    pub shapes: BTreeMap<String, Value>,
}

const INPUT: &str = "input";
const OUTPUT: &str = "output";

impl Model {
    /// Loads, patches and prunes one service's model.
    pub fn load(package: &Path, entry: &Entry) -> Result<Self, Box<dyn Error>> {
        let mut raw = read(package, entry)?;
        patch(&mut raw, &entry.name)?;
        let take = |value: &mut Value, key: &str| match value[key].take() {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let metadata = take(&mut raw, "metadata");
        let mut operations: BTreeMap<_, _> = take(&mut raw, "operations").into_iter().collect();
        if let Some(kept) = &entry.operations {
            operations.retain(|name, _| kept.contains(name));
        }
        let shapes: BTreeMap<_, _> = take(&mut raw, "shapes").into_iter().collect();
        let mut model = Self { name: entry.name.clone(), metadata, operations, shapes };
        model.name_inputs_and_outputs();
        model.prune();
        model.add_messages();
        Ok(model)
    }

    /// A text of the model's metadata; empty where it is not given.
    pub fn metadata(&self, key: &str) -> &str {
        self.metadata.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether the metadata has that key at all.
    pub fn has_metadata(&self, key: &str) -> bool {
        self.metadata.contains_key(key)
    }

    /// Every protocol, AWS's preference first, then what our patches add.
    pub fn protocols(&self) -> Vec<&str> {
        let listed = self.metadata.get("protocols").and_then(Value::as_array);
        let listed: Vec<_> = listed.into_iter().flatten().filter_map(Value::as_str).collect();
        if listed.is_empty() { vec![self.metadata("protocol")] } else { listed }
    }

    /// A shape by its Rust name.
    pub fn shape(&self, name: &str) -> &Value {
        &self.shapes[name]
    }

    /// The type of a shape: `structure`, `list`, `string` and so on.
    pub fn kind(&self, name: &str) -> &str {
        self.shapes[name]["type"].as_str().unwrap_or_default()
    }

    /// The members of a structure, in the model's order.
    pub fn members(&self, name: &str) -> Vec<(&str, &Value)> {
        let members = self.shapes[name]["members"].as_object();
        members.into_iter().flatten().map(|(name, member)| (name.as_str(), member)).collect()
    }

    /// Whether the structure lists that member as required.
    pub fn is_required(&self, shape: &str, member: &str) -> bool {
        let required = self.shapes[shape]["required"].as_array();
        required.is_some_and(|list| list.iter().any(|name| name == member))
    }

    /// Whether the shape is a union.
    pub fn is_union(&self, name: &str) -> bool {
        flag(self.shape(name), "union") || flag(self.shape(name), "eventstream")
    }

    /// Whether the member or its shape streams.
    pub fn is_stream(&self, member: &Value) -> bool {
        flag(member, "streaming") || flag(self.shape(target(member)), "streaming")
    }

    /// Whether the shape, or what it holds directly, can be consumed only once.
    pub fn is_consumed(&self, name: &str) -> bool {
        self.members(name)
            .iter()
            .any(|(_, member)| self.is_stream(member) || flag(self.shape(target(member)), "eventstream"))
    }

    /// Whether a structure's member leads back to the structure through structures alone.
    pub fn is_recursive(&self, shape: &str, member: &Value) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![target(member).to_owned()];
        while let Some(name) = open.pop() {
            if name == shape {
                return true;
            }
            if self.kind(&name) == "structure" && seen.insert(name.clone()) {
                open.extend(self.members(&name).iter().map(|(_, member)| target(member).to_owned()));
            }
        }
        false
    }

    /// Whether the shape, or one it reaches, has a constraint or a required member.
    pub fn is_constrained(&self, name: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let shape = self.shape(&name);
            let required = shape["required"].as_array().is_some_and(|list| !list.is_empty());
            if required || ["min", "max", "pattern", "enum"].iter().any(|key| !shape[*key].is_null()) {
                return true;
            }
            open.extend(references(shape));
        }
        false
    }

    /// An operation's input or output shape, if it has one.
    pub fn operation_shape(&self, operation: &str, key: &str) -> Option<&str> {
        self.operations[operation][key]["shape"].as_str()
    }

    /// Gives a shape used by one operation alone the operation's name.
    fn name_inputs_and_outputs(&mut self) {
        let mut uses: BTreeMap<String, usize> = BTreeMap::new();
        for value in self.shapes.values() {
            for name in references(value) {
                *uses.entry(name).or_default() += 1;
            }
        }
        for operation in self.operations.values() {
            for key in [INPUT, OUTPUT] {
                if let Some(name) = operation[key]["shape"].as_str() {
                    *uses.entry(name.to_owned()).or_default() += 1;
                }
            }
        }
        let mut renamed = BTreeMap::new();
        for (operation, value) in &self.operations {
            for (key, suffix) in [(INPUT, "Input"), (OUTPUT, "Output")] {
                let new = format!("{operation}{suffix}");
                match value[key]["shape"].as_str() {
                    Some(old) if uses[old] == 1 && (old == new || !self.shapes.contains_key(&new)) => {
                        renamed.insert(old.to_owned(), new);
                    }
                    _ => {}
                }
            }
        }
        for name in self.shapes.keys() {
            let mut rust = names::type_name(name);
            // Models may tell names apart by the case of their first letter alone: SNS's `endpoint` and `Endpoint`.
            if rust != *name && self.shapes.contains_key(&rust) {
                rust.push_str("Shape");
            }
            if rust != *name && !renamed.contains_key(name) {
                renamed.insert(name.clone(), rust);
            }
        }
        self.rename(&renamed);
        self.add_missing();
    }

    fn rename(&mut self, renamed: &BTreeMap<String, String>) {
        let shapes = std::mem::take(&mut self.shapes);
        for (name, mut shape) in shapes {
            shape["modelName"] = json!(name);
            rename_references(&mut shape, renamed);
            let name = renamed.get(&name).cloned().unwrap_or(name);
            self.shapes.insert(name, shape);
        }
        for operation in self.operations.values_mut() {
            rename_references(operation, renamed);
        }
    }

    /// Operations without an input or output get an empty one.
    fn add_missing(&mut self) {
        for (name, operation) in &mut self.operations {
            for (key, suffix) in [(INPUT, "Input"), (OUTPUT, "Output")] {
                if operation[key].is_null() {
                    let shape = format!("{name}{suffix}");
                    operation[format!("no_{key}")] = json!(true);
                    operation[key] = json!({ "shape": shape });
                    let empty = json!({ "type": "structure", "members": {}, "modelName": shape });
                    self.shapes.entry(shape).or_insert(empty);
                }
            }
        }
    }

    fn prune(&mut self) {
        let mut kept = BTreeSet::new();
        let mut open: Vec<String> = self.operations.values().flat_map(references).collect();
        open.extend(
            self.shapes.iter().filter(|(_, shape)| flag(shape, "exception")).map(|(name, _)| name.clone()),
        );
        while let Some(name) = open.pop() {
            if kept.insert(name.clone()) {
                open.extend(references(&self.shapes[&name]));
            }
        }
        self.shapes.retain(|name, _| kept.contains(name));
    }

    /// Errors that AWS models without a message have one on the wire all the same.
    fn add_messages(&mut self) {
        let text = self.shapes.iter().find(|(_, shape)| is_plain_text(shape)).map(|(name, _)| name.clone());
        let text = text.unwrap_or_else(|| {
            self.shapes.insert("ErrorText".to_owned(), json!({ "type": "string", "modelName": "String" }));
            "ErrorText".to_owned()
        });
        for shape in self.shapes.values_mut().filter(|shape| flag(shape, "exception")) {
            let members = shape["members"].as_object_mut();
            if let Some(members) = members
                && !members.keys().any(|name| name.eq_ignore_ascii_case("message"))
            {
                members.insert("message".to_owned(), json!({ "shape": text }));
            }
        }
    }
}

/// Whether a JSON object has that key set to true (or to anything, as `event: true`).
pub fn flag(value: &Value, key: &str) -> bool {
    value[key].as_bool().unwrap_or(false)
}

/// The shape a member refers to.
pub fn target(member: &Value) -> &str {
    member["shape"].as_str().unwrap_or_default()
}

fn is_plain_text(shape: &Value) -> bool {
    shape["type"] == "string"
        && ["enum", "min", "max", "pattern", "sensitive"].iter().all(|key| shape[*key].is_null())
}

/// Every shape named directly below a shape or an operation.
fn references(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |part: &Value| found.extend(part["shape"].as_str().map(str::to_owned));
    for key in ["member", "key", "value", INPUT, OUTPUT] {
        add(&value[key]);
    }
    value["members"].as_object().into_iter().flatten().for_each(|(_, member)| add(member));
    value["errors"].as_array().into_iter().flatten().for_each(&mut add);
    found
}

fn rename_references(value: &mut Value, renamed: &BTreeMap<String, String>) {
    let rename = |part: &mut Value| {
        if let Some(new) = part["shape"].as_str().and_then(|old| renamed.get(old)) {
            part["shape"] = json!(new);
        }
    };
    for key in ["member", "key", "value", INPUT, OUTPUT] {
        if value[key].is_object() {
            rename(&mut value[key]);
        }
    }
    if let Some(members) = value["members"].as_object_mut() {
        members.values_mut().for_each(rename);
    }
    if let Some(errors) = value["errors"].as_array_mut() {
        errors.iter_mut().for_each(rename);
    }
}

/// The raw model out of the package.
fn read(package: &Path, entry: &Entry) -> Result<Value, Box<dyn Error>> {
    let script = "import gzip, sys, zipfile\n\
                  with zipfile.ZipFile(sys.argv[1]) as z: sys.stdout.buffer.write(gzip.decompress(z.read(sys.argv[2])))";
    let path = format!("botocore/data/{}/{}/service-2.json.gz", entry.name, entry.version);
    let output = Command::new("python3").args(["-c", script]).arg(package).arg(&path).output()?;
    if !output.status.success() {
        return Err(format!("{path}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Applies `models/patches/<service>.toml`: a list of paths and values, each with its source.
fn patch(model: &mut Value, name: &str) -> Result<(), Box<dyn Error>> {
    let path = root().join("models/patches").join(format!("{name}.toml"));
    let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
    let table: toml::Table = text.parse()?;
    for entry in table.get("patch").and_then(|list| list.as_array()).into_iter().flatten() {
        let target = entry.get("path").and_then(|path| path.as_str()).ok_or("a patch without a path")?;
        let value = entry.get("value").ok_or("a patch without a value")?;
        let mut place = &mut *model;
        for key in target.split('.') {
            place = &mut place[key];
        }
        *place = serde_json::to_value(value)?;
    }
    Ok(())
}
