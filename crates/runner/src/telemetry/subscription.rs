//! What an extension asks for when it subscribes.

use std::time::Duration;

use serde_json::Value;

use super::record::{Category, Dialect};

/// The two APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Telemetry,
    Logs,
}

/// Where telemetry goes. It never leaves the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// An array of records in each request.
    Http { port: u16, path: String, is_put: bool },
    /// A record a line.
    Tcp { port: u16 },
}

/// How much is gathered before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Buffering {
    pub items: usize,
    pub bytes: usize,
    pub timeout: Duration,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub dialect: Dialect,
    pub categories: Vec<Category>,
    pub buffering: Buffering,
    pub destination: Destination,
}

/// Bounds and default of a number.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html#telemetry-api-buffering>
struct Bounds(&'static str, u64, u64, u64);

const BYTES: Bounds = Bounds("maxBytes", 262_144, 1_048_576, 262_144);
const TIMEOUT: Bounds = Bounds("timeoutMs", 25, 30_000, 1000);
const ITEMS: Bounds = Bounds("maxItems", 1000, 10_000, 10_000);
/// Taken by AWS's own server.
const RESERVED_PORT: u16 = 9001;

impl Subscription {
    /// Reads a request; all that is wrong with it in one sentence.
    pub fn parse(api: Api, body: &[u8]) -> Result<Self, String> {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Err("request body is not valid JSON".to_owned());
        };
        let mut wrong = Vec::new();
        let dialect = dialect(api, body.get("schemaVersion"), &mut wrong);
        let destination = destination(body.get("destination"), &mut wrong);
        let categories = categories(body.get("types"), &mut wrong);
        let buffering = Buffering {
            items: number(&body["buffering"], &ITEMS, &mut wrong) as usize,
            bytes: number(&body["buffering"], &BYTES, &mut wrong) as usize,
            timeout: Duration::from_millis(number(&body["buffering"], &TIMEOUT, &mut wrong)),
        };
        match (dialect, destination) {
            (Some(dialect), Some(destination)) if wrong.is_empty() => {
                Ok(Self { dialect, categories, buffering, destination })
            }
            _ => Err(wrong.join("; ")),
        }
    }
}

fn dialect(api: Api, given: Option<&Value>, wrong: &mut Vec<String>) -> Option<Dialect> {
    let dialect = match (api, given.map(|value| value.as_str().unwrap_or_default())) {
        (Api::Logs, None | Some("2020-08-15")) => Some(Dialect::Logs20200815),
        (Api::Logs, Some("2021-03-18")) => Some(Dialect::Logs20210318),
        (Api::Telemetry, Some("2022-07-01")) => Some(Dialect::Telemetry20220701),
        (Api::Telemetry, Some("2022-12-13")) => Some(Dialect::Telemetry20221213),
        (Api::Telemetry, Some("2025-01-29")) => Some(Dialect::Telemetry20250129),
        _ => None,
    };
    if dialect.is_none() {
        wrong.push("schemaVersion is not supported".to_owned());
    }
    dialect
}

fn destination(given: Option<&Value>, wrong: &mut Vec<String>) -> Option<Destination> {
    let Some(given) = given.filter(|given| given.is_object()) else {
        wrong.push("destination is not provided".to_owned());
        return None;
    };
    let found = match given["protocol"].as_str() {
        Some("HTTP") => http(given),
        Some("TCP") => tcp(given),
        _ => Err("protocol should be HTTP or TCP"),
    };
    found.map_err(|sentence| wrong.push(sentence.to_owned())).ok()
}

fn http(given: &Value) -> Result<Destination, &'static str> {
    let uri: http::Uri =
        given["URI"].as_str().and_then(|text| text.parse().ok()).ok_or("URI is not provided or invalid")?;
    if uri.scheme_str() != Some("http") {
        return Err("URI scheme should be http");
    }
    if !matches!(uri.host(), Some("sandbox.localdomain" | "sandbox")) {
        return Err("URI host should be sandbox.localdomain");
    }
    let port = uri.port_u16().ok_or("URI port is not provided")?;
    if port == RESERVED_PORT {
        return Err("URI port 9001 is reserved");
    }
    let is_put = match given["method"].as_str() {
        None | Some("POST") => false,
        Some("PUT") => true,
        Some(_) => return Err("method should be POST or PUT"),
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    Ok(Destination::Http { port, path, is_put })
}

fn tcp(given: &Value) -> Result<Destination, &'static str> {
    let port = given["port"].as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
    match port.ok_or("port is not provided or invalid")? {
        RESERVED_PORT => Err("port 9001 is reserved"),
        port => Ok(Destination::Tcp { port }),
    }
}

fn categories(given: Option<&Value>, wrong: &mut Vec<String>) -> Vec<Category> {
    let given = given.and_then(Value::as_array).cloned().unwrap_or_default();
    if given.is_empty() {
        wrong.push("types should not be empty".to_owned());
    }
    let of = |value: &Value| Category::ALL.into_iter().find(|category| value == category.name());
    if given.iter().any(|value| of(value).is_none()) {
        wrong.push("types should be platform, function or extension".to_owned());
    }
    given.iter().filter_map(of).collect()
}

fn number(given: &Value, bounds: &Bounds, wrong: &mut Vec<String>) -> u64 {
    let Bounds(name, least, most, default) = bounds;
    match given.get(*name) {
        None => *default,
        Some(value) => match value.as_u64() {
            Some(value) if (*least..=*most).contains(&value) => value,
            _ => {
                wrong.push(format!("{name} should be between {least} and {most}"));
                *default
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once() {
        let body = json!({"schemaVersion": "2022-07-01", "types": [], "destination": {
            "protocol": "HTTP", "URI": "http://sandbox.localdomain"}});
        let told = Subscription::parse(Api::Telemetry, body.to_string().as_bytes()).unwrap_err();
        assert_eq!(told, "URI port is not provided; types should not be empty");
    }

    #[test]
    fn numbers_have_bounds_and_defaults() {
        let with = |buffering: Value| {
            let body = json!({"schemaVersion": "2025-01-29", "types": ["platform"], "buffering": buffering,
                "destination": {"protocol": "TCP", "port": 4243}});
            Subscription::parse(Api::Telemetry, body.to_string().as_bytes())
        };
        let timeout = Duration::from_secs(1);
        assert_eq!(with(json!({})).unwrap().buffering, Buffering { items: 10_000, bytes: 262_144, timeout });
        assert!(with(json!({"maxItems": 999})).is_err());
        assert!(with(json!({"timeoutMs": 24})).is_err());
        assert!(with(json!({"maxBytes": 1_048_577})).is_err());
        assert!(with(json!({"maxItems": 1000, "timeoutMs": 30_000, "maxBytes": 1_048_576})).is_ok());
    }

    #[test]
    fn telemetry_stays_in_the_environment() {
        for uri in
            ["http://example.com:80", "https://sandbox.localdomain:80", "http://sandbox.localdomain:9001"]
        {
            let given = json!({"protocol": "HTTP", "URI": uri});
            assert!(http(&given).is_err(), "{uri}");
        }
    }
}
