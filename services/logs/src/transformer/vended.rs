//! Parsers of what AWS's services write: WAF, RDS for `PostgreSQL`, CloudFront, Route 53, VPC.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation-BuiltIn.html>

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::Regex;
use serde_json::{Map, Number, Value};

use super::parsers;
use super::path::Fields;

/// A service whose lines are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// Accesses through CloudFront.
    Cloudfront,
    /// RDS for PostgreSQL.
    Postgres,
    /// Queries of public hosted zones.
    Route53,
    /// Flows of a VPC, in the default format.
    Vpc,
    /// Requests that WAF has looked at.
    Waf,
}

const CLOUDFRONT: [&str; 33] = [
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "fle-status",
    "fle-encrypted-fields",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
    "sc-range-start",
    "sc-range-end",
];

const ROUTE53: [&str; 10] = [
    "version",
    "queryTimestamp",
    "hostZoneId",
    "queryName",
    "queryType",
    "responseCode",
    "protocol",
    "edgeLocation",
    "resolverIp",
    "ednsClientSubnet",
];

const VPC: [&str; 14] = [
    "version",
    "accountId",
    "interfaceId",
    "srcAddr",
    "dstAddr",
    "srcPort",
    "dstPort",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "logStatus",
];

/// What is a text, however much it looks like a number.
const TEXTS: [&str; 2] = ["accountId", "hostZoneId"];

static POSTGRES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?<logTime>[0-9-]+ [0-9:.]+ [^:]+):(?<srcIp>[^:]*|\[?[0-9a-fA-F:]+\]?\([0-9]+\)):(?<userName>[^@:]*)@(?<dbName>[^:]*):\[(?<processId>[0-9]+)\]:(?<logLevel>[A-Z0-9]+):",
    )
    .ok()
});

impl Vendor {
    /// The fields of a line.
    pub fn parse(self, text: &str) -> Result<Fields, String> {
        match self {
            // Fields have tabs between them; AWS's own examples have spaces.
            Self::Cloudfront => columns("parseCloudfront", &CLOUDFRONT, text.split_whitespace()),
            Self::Route53 => columns("parseRoute53", &ROUTE53, text.split_whitespace()),
            Self::Vpc => columns("parseVPC", &VPC, text.split_whitespace()),
            Self::Postgres => postgres(text),
            Self::Waf => waf(text),
        }
    }
}

fn columns<'t>(what: &str, names: &[&str], values: impl Iterator<Item = &'t str>) -> Result<Fields, String> {
    let values: Vec<_> = values.collect();
    if values.len() != names.len() {
        return Err(format!("{what}: {} fields where {} are expected", values.len(), names.len()));
    }
    Ok(names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), typed(name, value))).collect())
}

/// Numbers as numbers, the rest as text with its escapes undone.
fn typed(name: &str, text: &str) -> Value {
    let is_number = !TEXTS.contains(&name) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_number {
        if let Ok(number) = text.parse::<i64>() {
            return number.into();
        }
        if let Some(number) = text.parse().ok().and_then(Number::from_f64) {
            return Value::Number(number);
        }
    }
    Value::String(percent_decode_str(text).decode_utf8_lossy().into_owned())
}

fn postgres(text: &str) -> Result<Fields, String> {
    let found = POSTGRES.as_ref().and_then(|regex| Some((regex, regex.captures(text)?)));
    let (regex, found) = found.ok_or("parsePostgres: the line is not understood")?;
    let named = regex.capture_names().flatten();
    Ok(named.filter_map(|name| Some((name.to_owned(), found.name(name)?.as_str().into()))).collect())
}

/// Lists of headers and labels become objects.
fn waf(text: &str) -> Result<Fields, String> {
    let mut fields = parsers::json(text).map_err(|_| "parseWAF: the text is not a JSON object")?;
    if let Some(headers) = fields.get_mut("httpRequest").and_then(|request| request.get_mut("headers"))
        && let Value::Array(list) = headers
    {
        let pair = |header: &Value| Some((header["name"].as_str()?.to_owned(), header["value"].clone()));
        *headers = Value::Object(list.iter().filter_map(pair).collect());
    }
    if let Some(Value::Array(list)) = fields.get("labels") {
        // AWS's example has one; of more with the same key, the last counts.
        let mut labels = Map::new();
        list.iter().filter_map(Value::as_object).for_each(|label| labels.extend(label.clone()));
        fields.insert("labels".to_owned(), Value::Object(labels));
    }
    Ok(fields)
}
