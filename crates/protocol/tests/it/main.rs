//! Vectors: hand-made bytes for each trait of each wire protocol, with what the specifications make of them.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod aws_json;
mod ec2_query;
mod event_stream;
mod hostile;
mod json_values;
mod query;
mod query_answers;
mod rest_json;
mod rest_xml;
mod rest_xml_answers;
mod rpc_v2_cbor;
mod support;
mod validation;
