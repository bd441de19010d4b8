//! The static description of a shape: all that codecs, validation and routing need to know of it.

use std::fmt;

/// One shape of a service's model.
pub struct Schema {
    /// The shape's name in the model.
    pub name: &'static str,
    /// What kind of value it is.
    pub kind: Kind,
    /// Structures and unions: their members. Lists: the element. Maps: key and value.
    pub members: &'static [Member],
    /// Length, range, pattern and enum constraints, if any.
    pub limits: Option<&'static Limits>,
    /// How a timestamp of this shape is written where its member says nothing.
    pub timestamp_format: Option<TimestampFormat>,
    /// The XML element name of the shape itself, where it differs from the member's.
    pub xml_name: Option<&'static str>,
    /// The XML namespace written on the shape's element.
    pub xml_namespace: Option<XmlNamespace>,
    /// Whether this shape, or one reachable from it, has a constraint or a required member.
    pub constrained: bool,
    /// Whether values must stay out of logs.
    pub sensitive: bool,
}

/// The kinds of value that AWS models know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes.
    Blob,
    /// True or false.
    Boolean,
    /// A signed integer of 8 bits.
    Byte,
    /// An open JSON-like value.
    Document,
    /// A 64-bit floating point number.
    Double,
    /// A stream of events.
    EventStream,
    /// A 32-bit floating point number.
    Float,
    /// A signed integer of 32 bits.
    Integer,
    /// A list.
    List,
    /// A signed integer of 64 bits.
    Long,
    /// A map from strings.
    Map,
    /// A signed integer of 16 bits.
    Short,
    /// A stream of bytes, never held whole.
    Stream,
    /// Text.
    String,
    /// A structure.
    Structure,
    /// An instant.
    Timestamp,
    /// A structure of which exactly one member is set.
    Union,
}

/// One member of a structure, union, list or map.
pub struct Member {
    /// The name in the model.
    pub name: &'static str,
    /// The name on the wire: JSON key, XML element, header, query parameter.
    pub wire: &'static str,
    /// The name in requests of the query protocols, where it differs.
    pub query_name: Option<&'static str>,
    /// The name in XML, and in requests of the query protocols, for services that also speak JSON.
    pub xml_name: Option<&'static str>,
    /// The shape of the value.
    pub target: &'static Schema,
    /// Where in an HTTP message the value stands.
    pub location: Location,
    /// Whether AWS refuses a request without it.
    pub required: bool,
    /// Lists and maps in XML and query: no wrapping element.
    pub flattened: bool,
    /// Written as an XML attribute.
    pub attribute: bool,
    /// Filled in by clients when the caller leaves it out.
    pub idempotency_token: bool,
    /// Header values that are base64 of JSON.
    pub json_value: bool,
    /// Part of the host name.
    pub host_label: bool,
    /// How a timestamp is written here.
    pub timestamp_format: Option<TimestampFormat>,
    /// The XML namespace written on the element.
    pub xml_namespace: Option<XmlNamespace>,
}

/// An XML namespace with its optional prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlNamespace {
    /// The prefix, such as `xsi`; empty for the default namespace.
    pub prefix: &'static str,
    /// The URI.
    pub uri: &'static str,
}

/// Where a member stands in an HTTP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the body, with the other body members.
    Body,
    /// An event's header (event streams).
    EventHeader,
    /// An event's payload (event streams).
    EventPayload,
    /// A header named by `wire`.
    Header,
    /// All headers that start with `wire`.
    Headers,
    /// It is the body.
    Payload,
    /// A parameter of the query string.
    QueryString,
    /// All other parameters of the query string.
    QueryParameters,
    /// The response's status code.
    StatusCode,
    /// A label of the path.
    Uri,
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// RFC 3339, `2026-01-02T03:04:05Z`.
    DateTime,
    /// Seconds since 1970, with a fraction.
    EpochSeconds,
    /// `Fri, 02 Jan 2026 03:04:05 GMT`.
    HttpDate,
}

/// The constraints of a shape.
pub struct Limits {
    /// Least length (text, blobs, lists, maps) or value (numbers).
    pub min: Option<i64>,
    /// Greatest length or value.
    pub max: Option<i64>,
    /// A regular expression that text must match.
    pub pattern: Option<&'static str>,
    /// The values a string may have.
    pub values: &'static [&'static str],
}

/// One operation of a service's model.
pub struct OperationSchema {
    /// The operation's name.
    pub name: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// The path template, such as `/{Bucket}/{Key+}?acl`.
    pub uri: &'static str,
    /// Status code of the answer.
    pub status: u16,
    /// The input structure.
    pub input: &'static Schema,
    /// The output structure.
    pub output: &'static Schema,
    /// The element that wraps the answer in the query protocol; empty where the operation has no output.
    pub result_wrapper: &'static str,
    /// A prefix that clients put before the host name, such as `api.`.
    pub host_prefix: Option<&'static str>,
    /// What AWS says of the request's checksum.
    pub checksum: Option<&'static Checksum>,
    /// Whether the answer's only member is the XML root itself.
    pub unwrapped_xml: bool,
    /// Whether requests need no signature.
    pub anonymous: bool,
    /// Whether the payload is left out of the signature.
    pub unsigned_payload: bool,
    /// Whether clients may compress the request's body.
    pub compressible: bool,
}

/// The checksum rules of an operation.
pub struct Checksum {
    /// The request must carry a checksum.
    pub required: bool,
    /// The input member that names the algorithm.
    pub request_algorithm_member: Option<&'static str>,
    /// The input member that asks for validation of the answer.
    pub request_validation_mode_member: Option<&'static str>,
    /// The algorithms an answer may carry.
    pub response_algorithms: &'static [&'static str],
}

/// One service's model.
pub struct ServiceSchema {
    /// The name AWS gives its model, such as `sqs`.
    pub name: &'static str,
    /// The name for people, such as `Amazon Simple Queue Service`'s id `SQS`.
    pub service_id: &'static str,
    /// The version of the API, such as `2012-11-05`.
    pub api_version: &'static str,
    /// The service's name in SigV4 scopes.
    pub signing_name: &'static str,
    /// The first label of the service's host names.
    pub endpoint_prefix: &'static str,
    /// The prefix of `X-Amz-Target`.
    pub target_prefix: &'static str,
    /// Every protocol in which the service answers, AWS's preference first.
    pub protocols: &'static [ProtocolKind],
    /// The XML namespace of the service's answers.
    pub xml_namespace: &'static str,
    /// Whether JSON and CBOR errors carry the query protocol's code in a header.
    pub query_compatible: bool,
    /// Whether XML errors stand alone, without `ErrorResponse` around them (S3).
    pub bare_errors: bool,
    /// What stands before a modelled error's name in `__type`, such as `com.amazonaws.sqs#`.
    pub error_namespace: &'static str,
    /// Whether answers carry `x-amz-crc32` (DynamoDB).
    pub crc32: bool,
    /// All operations of the model, in alphabetical order.
    pub operations: &'static [&'static OperationSchema],
}

/// The wire protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProtocolKind {
    /// AWS JSON 1.0.
    AwsJson10,
    /// AWS JSON 1.1.
    AwsJson11,
    /// EC2 query.
    Ec2Query,
    /// AWS query.
    Query,
    /// REST with JSON bodies.
    RestJson,
    /// REST with XML bodies.
    RestXml,
    /// Smithy RPC v2 with CBOR bodies.
    RpcV2Cbor,
}

/// What a modelled error is on the wire.
#[derive(Clone, Copy, Debug)]
pub struct ErrorSchema {
    /// The shape's name; the `__type` of JSON protocols.
    pub name: &'static str,
    /// The code in XML protocols, where it differs from the name.
    pub code: &'static str,
    /// The code of the query protocol, for services that moved from query to JSON.
    pub query_code: &'static str,
    /// The sentence of the query protocol, where it is another one.
    pub query_message: Option<&'static str>,
    /// HTTP status.
    pub status: u16,
    /// Whether the sender is at fault.
    pub sender: bool,
}

impl Schema {
    /// A schema with no members and no constraints.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            members: &[],
            limits: None,
            timestamp_format: None,
            xml_name: None,
            xml_namespace: None,
            constrained: false,
            sensitive: false,
        }
    }

    /// The schema with these members.
    pub const fn members(mut self, members: &'static [Member]) -> Self {
        self.members = members;
        self
    }

    /// The schema with these constraints.
    pub const fn limits(mut self, limits: &'static Limits) -> Self {
        self.limits = Some(limits);
        self.constrained = true;
        self
    }

    /// The schema, marked as having constraints below it.
    pub const fn constrained(mut self) -> Self {
        self.constrained = true;
        self
    }

    /// The schema of something secret.
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// The schema with a timestamp format.
    pub const fn timestamp(mut self, format: TimestampFormat) -> Self {
        self.timestamp_format = Some(format);
        self
    }

    /// The schema with an XML element name of its own.
    pub const fn xml_name(mut self, name: &'static str) -> Self {
        self.xml_name = Some(name);
        self
    }

    /// The schema with an XML namespace.
    pub const fn xml_namespace(mut self, prefix: &'static str, uri: &'static str) -> Self {
        self.xml_namespace = Some(XmlNamespace { prefix, uri });
        self
    }

    /// The member that stands under `wire` in a JSON-like body, with its index.
    pub fn member_by_wire(&self, wire: &str) -> Option<(usize, &'static Member)> {
        self.members.iter().enumerate().find(|(_, member)| member.wire == wire)
    }

    /// The member of that model name, with its index.
    pub fn member_by_name(&self, name: &str) -> Option<(usize, &'static Member)> {
        self.members.iter().enumerate().find(|(_, member)| member.name == name)
    }

    /// The member that is the whole body, with its index.
    pub fn payload(&self) -> Option<(usize, &'static Member)> {
        self.members.iter().enumerate().find(|(_, member)| member.location == Location::Payload)
    }
}

impl Member {
    /// An optional member of the body.
    pub const fn new(name: &'static str, wire: &'static str, target: &'static Schema) -> Self {
        Self {
            name,
            wire,
            query_name: None,
            xml_name: None,
            target,
            location: Location::Body,
            required: false,
            flattened: false,
            attribute: false,
            idempotency_token: false,
            json_value: false,
            host_label: false,
            timestamp_format: None,
            xml_namespace: None,
        }
    }

    /// The member, standing there in the message.
    pub const fn at(mut self, location: Location) -> Self {
        self.location = location;
        self
    }

    /// The member, required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The member without a wrapping element.
    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }

    /// The member as an XML attribute.
    pub const fn attribute(mut self) -> Self {
        self.attribute = true;
        self
    }

    /// The member, filled in by clients when left out.
    pub const fn idempotency_token(mut self) -> Self {
        self.idempotency_token = true;
        self
    }

    /// The member as base64 of JSON in a header.
    pub const fn json_value(mut self) -> Self {
        self.json_value = true;
        self
    }

    /// The member as a part of the host name.
    pub const fn host_label(mut self) -> Self {
        self.host_label = true;
        self
    }

    /// The member with a timestamp format.
    pub const fn timestamp(mut self, format: TimestampFormat) -> Self {
        self.timestamp_format = Some(format);
        self
    }

    /// The member with its name in XML.
    pub const fn xml_name(mut self, name: &'static str) -> Self {
        self.xml_name = Some(name);
        self
    }

    /// The member with its name in requests of the query protocols.
    pub const fn query_name(mut self, name: &'static str) -> Self {
        self.query_name = Some(name);
        self
    }

    /// The member with an XML namespace.
    pub const fn xml_namespace(mut self, prefix: &'static str, uri: &'static str) -> Self {
        self.xml_namespace = Some(XmlNamespace { prefix, uri });
        self
    }

    /// How a timestamp is written here, with the protocol's own default.
    pub fn timestamp_or(&self, default: TimestampFormat) -> TimestampFormat {
        self.timestamp_format.or(self.target.timestamp_format).unwrap_or(default)
    }
}

impl OperationSchema {
    /// An operation with neither input nor output, posted to `/`.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            method: "POST",
            uri: "/",
            status: 200,
            input: &plain::UNIT,
            output: &plain::UNIT,
            result_wrapper: "",
            host_prefix: None,
            checksum: None,
            unwrapped_xml: false,
            anonymous: false,
            unsigned_payload: false,
            compressible: false,
        }
    }

    /// The operation with its HTTP binding.
    pub const fn http(mut self, method: &'static str, uri: &'static str, status: u16) -> Self {
        self.method = method;
        self.uri = uri;
        self.status = status;
        self
    }

    /// The operation with this input.
    pub const fn input(mut self, input: &'static Schema) -> Self {
        self.input = input;
        self
    }

    /// The operation with this output, wrapped in that element in the query protocol.
    pub const fn output(mut self, output: &'static Schema, result_wrapper: &'static str) -> Self {
        self.output = output;
        self.result_wrapper = result_wrapper;
        self
    }

    /// The operation with a prefix of the host name.
    pub const fn host_prefix(mut self, prefix: &'static str) -> Self {
        self.host_prefix = Some(prefix);
        self
    }

    /// The operation with checksum rules.
    pub const fn checksum(mut self, checksum: &'static Checksum) -> Self {
        self.checksum = Some(checksum);
        self
    }

    /// The operation whose answer's only member is the XML root.
    pub const fn unwrapped_xml(mut self) -> Self {
        self.unwrapped_xml = true;
        self
    }

    /// The operation, open to requests without a signature.
    pub const fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// The operation whose payload is not signed.
    pub const fn unsigned_payload(mut self) -> Self {
        self.unsigned_payload = true;
        self
    }

    /// The operation whose request's body clients may compress.
    pub const fn compressible(mut self) -> Self {
        self.compressible = true;
        self
    }
}

impl ServiceSchema {
    /// The first part of every operation's path, where it is the same literal everywhere.
    pub fn front(&self) -> Option<&'static str> {
        let front = |operation: &OperationSchema| operation.uri.get(1..)?.split(['/', '?']).next();
        let mut fronts = self.operations.iter().map(|operation| front(operation));
        let first = fronts.next()??;
        (!first.is_empty() && !first.starts_with('{') && fronts.all(|other| other == Some(first)))
            .then_some(first)
    }

    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&'static OperationSchema> {
        let index = self.operations.binary_search_by(|operation| operation.name.cmp(name)).ok()?;
        Some(self.operations[index])
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.kind, self.name)
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.name, self.target)
    }
}

/// Schemas of values without a constraint, shared by all services.
pub mod plain {
    use super::{Kind, Schema};

    /// Bytes.
    pub static BLOB: Schema = Schema::new("Blob", Kind::Blob);
    /// True or false.
    pub static BOOLEAN: Schema = Schema::new("Boolean", Kind::Boolean);
    /// 8 bits.
    pub static BYTE: Schema = Schema::new("Byte", Kind::Byte);
    /// An open value.
    pub static DOCUMENT: Schema = Schema::new("Document", Kind::Document);
    /// 64-bit floating point.
    pub static DOUBLE: Schema = Schema::new("Double", Kind::Double);
    /// 32-bit floating point.
    pub static FLOAT: Schema = Schema::new("Float", Kind::Float);
    /// 32 bits.
    pub static INTEGER: Schema = Schema::new("Integer", Kind::Integer);
    /// 64 bits.
    pub static LONG: Schema = Schema::new("Long", Kind::Long);
    /// 16 bits.
    pub static SHORT: Schema = Schema::new("Short", Kind::Short);
    /// A stream of bytes.
    pub static STREAM: Schema = Schema::new("Stream", Kind::Stream);
    /// Text.
    pub static STRING: Schema = Schema::new("String", Kind::String);
    /// An instant.
    pub static TIMESTAMP: Schema = Schema::new("Timestamp", Kind::Timestamp);
    /// A structure without members: the input or output of operations that have none.
    pub static UNIT: Schema = Schema::new("Unit", Kind::Structure);
}
