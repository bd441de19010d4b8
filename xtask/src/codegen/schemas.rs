//! The static schemas: one per shape that needs its own, one per operation, one for the service.

use std::fmt::Write;

use serde_json::Value;

use super::model::{Model, flag, target};
use super::names::static_name;

/// `schemas.rs` of one service.
pub fn write(model: &Model) -> String {
    let mut out = String::from(
        "//! The static description of every shape and operation.\n\n\
         #[allow(unused_imports)]\nuse kernel::schema::{Checksum, Kind, Limits, Location, Member, OperationSchema, \
         ProtocolKind, Schema, ServiceSchema, TimestampFormat, plain};\n\n",
    );
    for name in model.shapes.keys() {
        if plain(model, name).is_none() {
            shape(model, name, &mut out);
        }
    }
    for name in model.operations.keys() {
        operation(model, name, &mut out);
    }
    service(model, &mut out);
    out
}

/// The shared schema of a shape without traits of its own.
fn plain(model: &Model, name: &str) -> Option<&'static str> {
    let shape = model.shape(name);
    let own =
        ["enum", "min", "max", "pattern", "timestampFormat", "locationName", "xmlNamespace", "sensitive"];
    if own.iter().any(|key| !shape[*key].is_null()) {
        return None;
    }
    Some(match kind(model, name) {
        "Blob" => "BLOB",
        "Boolean" => "BOOLEAN",
        "Byte" => "BYTE",
        "Document" => "DOCUMENT",
        "Double" => "DOUBLE",
        "Float" => "FLOAT",
        "Integer" => "INTEGER",
        "Long" => "LONG",
        "Short" => "SHORT",
        "Stream" => "STREAM",
        "String" => "STRING",
        "Timestamp" => "TIMESTAMP",
        _ => return None,
    })
}

fn kind(model: &Model, name: &str) -> &'static str {
    let shape = model.shape(name);
    match model.kind(name) {
        "structure" if flag(shape, "document") => "Document",
        "structure" if flag(shape, "eventstream") => "EventStream",
        "structure" if flag(shape, "union") => "Union",
        "structure" => "Structure",
        "list" => "List",
        "map" => "Map",
        "string" | "character" => "String",
        "blob" if flag(shape, "streaming") => "Stream",
        "blob" => "Blob",
        "boolean" => "Boolean",
        "byte" => "Byte",
        "short" => "Short",
        "integer" => "Integer",
        "long" | "bigint" => "Long",
        "float" => "Float",
        "double" | "bigdecimal" => "Double",
        "timestamp" => "Timestamp",
        other => panic!("{name} is of an unknown type {other}"),
    }
}

fn reference(model: &Model, member: &Value) -> String {
    let name = target(member);
    if flag(member, "streaming") {
        return "&plain::STREAM".to_owned();
    }
    match plain(model, name) {
        Some(shared) => format!("&plain::{shared}"),
        None => format!("&{}", static_name(name)),
    }
}

fn shape(model: &Model, name: &str, out: &mut String) {
    let value = model.shape(name);
    let model_name = value["modelName"].as_str().unwrap_or(name);
    let mut text = format!("Schema::new({model_name:?}, Kind::{})", kind(model, name));
    let members = members(model, name);
    if !members.is_empty() {
        let _ = write!(text, ".members(&[{}])", members.join(", "));
    }
    if let Some(limits) = limits(model, name) {
        let _ = write!(text, ".limits(&{limits})");
    } else if model.is_constrained(name) {
        text.push_str(".constrained()");
    }
    if flag(value, "sensitive") {
        text.push_str(".sensitive()");
    }
    if let Some(format) = timestamp(value) {
        let _ = write!(text, ".timestamp(TimestampFormat::{format})");
    }
    if let Some(location) = value["locationName"].as_str() {
        let _ = write!(text, ".xml_name({location:?})");
    }
    if let Some(namespace) = namespace(value) {
        let _ = write!(text, ".xml_namespace({namespace})");
    }
    let _ = writeln!(out, "pub static {}: Schema = {text};", static_name(name));
}

fn members(model: &Model, name: &str) -> Vec<String> {
    let value = model.shape(name);
    match model.kind(name) {
        "list" => vec![inner(model, "member", &value["member"])],
        "map" => vec![inner(model, "key", &value["key"]), inner(model, "value", &value["value"])],
        _ => {
            model.members(name).iter().map(|(member, part)| self::member(model, name, member, part)).collect()
        }
    }
}

fn inner(model: &Model, name: &str, value: &Value) -> String {
    let wire = value["locationName"].as_str().unwrap_or(name);
    let mut text = format!("Member::new({name:?}, {wire:?}, {})", reference(model, value));
    if let Some(namespace) = namespace(value) {
        let _ = write!(text, ".xml_namespace({namespace})");
    }
    text
}

fn member(model: &Model, shape: &str, name: &str, value: &Value) -> String {
    let wire = value["locationName"].as_str().unwrap_or(name);
    let mut text = format!("Member::new({name:?}, {wire:?}, {})", reference(model, value));
    if let Some(location) = location(model, shape, name, value) {
        let _ = write!(text, ".at(Location::{location})");
    }
    if model.is_required(shape, name) {
        text.push_str(".required()");
    }
    if flag(value, "flattened") || flag(model.shape(target(value)), "flattened") {
        text.push_str(".flattened()");
    }
    for (key, call) in [
        ("xmlAttribute", ".attribute()"),
        ("idempotencyToken", ".idempotency_token()"),
        ("jsonvalue", ".json_value()"),
        ("hostLabel", ".host_label()"),
    ] {
        if flag(value, key) {
            text.push_str(call);
        }
    }
    if let Some(format) = timestamp(value) {
        let _ = write!(text, ".timestamp(TimestampFormat::{format})");
    }
    for (key, call) in [("queryName", "query_name"), ("xmlName", "xml_name")] {
        if let Some(other) = value[key].as_str() {
            let _ = write!(text, ".{call}({other:?})");
        }
    }
    if let Some(namespace) = namespace(value) {
        let _ = write!(text, ".xml_namespace({namespace})");
    }
    text
}

fn location(model: &Model, shape: &str, name: &str, value: &Value) -> Option<&'static str> {
    if model.shape(shape)["payload"] == name {
        return Some("Payload");
    }
    match value["location"].as_str() {
        Some("header") => Some("Header"),
        Some("headers") => Some("Headers"),
        Some("querystring") if model.kind(target(value)) == "map" => Some("QueryParameters"),
        Some("querystring") => Some("QueryString"),
        Some("statusCode") => Some("StatusCode"),
        Some("uri") => Some("Uri"),
        _ if flag(value, "eventheader") => Some("EventHeader"),
        _ if flag(value, "eventpayload") => Some("EventPayload"),
        _ => None,
    }
}

fn limits(model: &Model, name: &str) -> Option<String> {
    let shape = model.shape(name);
    if ["enum", "min", "max", "pattern"].iter().all(|key| shape[*key].is_null()) {
        return None;
    }
    // Some models bound floats and longs with fractions or beyond 64 bits: the integer part is what AWS enforces.
    let number =
        |key: &str| match shape[key].as_i64().or_else(|| shape[key].as_f64().map(|value| value as i64)) {
            Some(value) => format!("Some({value})"),
            None => "None".to_owned(),
        };
    let pattern = shape["pattern"].as_str().map_or("None".to_owned(), |pattern| format!("Some({pattern:?})"));
    let values = match shape["enum"].is_null() {
        true => "&[]".to_owned(),
        false => format!("crate::enums::{name}::VALUES"),
    };
    let (min, max) = (number("min"), number("max"));
    Some(format!("Limits {{ min: {min}, max: {max}, pattern: {pattern}, values: {values} }}"))
}

fn timestamp(value: &Value) -> Option<&'static str> {
    match value["timestampFormat"].as_str()? {
        "iso8601" => Some("DateTime"),
        "unixTimestamp" => Some("EpochSeconds"),
        "rfc822" => Some("HttpDate"),
        other => panic!("an unknown timestamp format {other}"),
    }
}

fn namespace(value: &Value) -> Option<String> {
    let namespace = &value["xmlNamespace"];
    let uri = namespace.as_str().or(namespace["uri"].as_str())?;
    Some(format!("{:?}, {uri:?}", namespace["prefix"].as_str().unwrap_or_default()))
}

fn operation(model: &Model, name: &str, out: &mut String) {
    let value = &model.operations[name];
    let http = &value["http"];
    let text = |key: &str| http[key].as_str().unwrap_or_default();
    let status = http["responseCode"].as_u64().unwrap_or(200);
    let mut built = format!(
        "OperationSchema::new({name:?}).http({:?}, {:?}, {status})",
        text("method"),
        text("requestUri")
    );
    let schema = |key| static_name(model.operation_shape(name, key).unwrap_or_default());
    let _ = write!(built, ".input(&{})", schema("input"));
    let wrapper = match (value["output"]["resultWrapper"].as_str(), flag(value, "no_output")) {
        (Some(wrapper), _) => wrapper.to_owned(),
        (None, true) => String::new(),
        (None, false) => format!("{name}Result"),
    };
    let _ = write!(built, ".output(&{}, {wrapper:?})", schema("output"));
    if let Some(prefix) = value["endpoint"]["hostPrefix"].as_str() {
        let _ = write!(built, ".host_prefix({prefix:?})");
    }
    if let Some(checksum) = checksum(value) {
        let _ = write!(built, ".checksum(&{checksum})");
    }
    if flag(value, "unwrappedXml") {
        built.push_str(".unwrapped_xml()");
    }
    if value["authtype"] == "none" {
        built.push_str(".anonymous()");
    }
    if flag(value, "unsignedPayload") || value["authtype"] == "v4-unsigned-body" {
        built.push_str(".unsigned_payload()");
    }
    if value["requestcompression"]["encodings"].as_array().is_some_and(|all| all.contains(&"gzip".into())) {
        built.push_str(".compressible()");
    }
    let _ = writeln!(out, "pub static OPERATION_{}: OperationSchema = {built};", static_name(name));
}

fn checksum(operation: &Value) -> Option<String> {
    let rules = &operation["httpChecksum"];
    if !rules.is_object() && !flag(operation, "httpChecksumRequired") {
        return None;
    }
    let required = flag(operation, "httpChecksumRequired") || flag(rules, "requestChecksumRequired");
    let name = |key: &str| rules[key].as_str().map_or("None".to_owned(), |name| format!("Some({name:?})"));
    let algorithms: Vec<_> =
        rules["responseAlgorithms"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    Some(format!(
        "Checksum {{ required: {required}, request_algorithm_member: {}, request_validation_mode_member: {}, response_algorithms: &{algorithms:?} }}",
        name("requestAlgorithmMember"),
        name("requestValidationModeMember"),
    ))
}

fn service(model: &Model, out: &mut String) {
    let mut kinds = Vec::new();
    for protocol in model.protocols() {
        kinds.push(match protocol {
            "json" if model.metadata("jsonVersion") == "1.1" => "AwsJson11",
            "json" => "AwsJson10",
            "query" => "Query",
            "ec2" => "Ec2Query",
            "rest-json" => "RestJson",
            "rest-xml" => "RestXml",
            "smithy-rpc-v2-cbor" => "RpcV2Cbor",
            other => panic!("an unknown protocol {other}"),
        });
    }
    let kinds: Vec<_> = kinds.iter().map(|kind| format!("ProtocolKind::{kind}")).collect();
    let operations: Vec<_> =
        model.operations.keys().map(|name| format!("&OPERATION_{}", static_name(name))).collect();
    let signing = match model.metadata("signingName") {
        "" => model.metadata("endpointPrefix"),
        name => name,
    };
    let _ = writeln!(
        out,
        "pub static SERVICE_MODEL: ServiceSchema = ServiceSchema {{ name: {:?}, service_id: {:?}, api_version: {:?}, \
         signing_name: {signing:?}, endpoint_prefix: {:?}, target_prefix: {:?}, protocols: &[{}], \
         xml_namespace: {:?}, query_compatible: {}, bare_errors: {}, error_namespace: {:?}, crc32: {}, operations: &[{}] }};",
        model.name,
        model.metadata("serviceId"),
        model.metadata("apiVersion"),
        model.metadata("endpointPrefix"),
        model.metadata("targetPrefix"),
        kinds.join(", "),
        model.metadata("xmlNamespace"),
        model.has_metadata("awsQueryCompatible"),
        model.has_metadata("bareErrors"),
        model.metadata("errorNamespace"),
        model.has_metadata("crc32"),
        operations.join(", "),
    );
}
