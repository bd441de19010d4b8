//! Where a request is sent: host styles of services, S3 virtual hosts, regions in host names.

use crate::body::Received;

/// What the host tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The host as the client wrote it, with its port.
    pub host: String,
    /// The first label of a service's host name, such as `sqs` or `execute-api`.
    pub service: Option<String>,
    /// The region in the host name.
    pub region: Option<String>,
    /// The bucket of a virtual-host style request.
    pub bucket: Option<String>,
}

/// The domains under which all hosts are ours.
const DOMAINS: [&str; 4] =
    ["localhost.localstack.cloud", "localhost.fogbank.cloud", "amazonaws.com", "localhost"];

/// Reads the host of a request.
pub fn of(received: &Received) -> Address {
    parse(&received.host)
}

fn parse(host: &str) -> Address {
    let name = without_port(host).to_ascii_lowercase();
    let address = Address { host: host.to_owned(), ..Address::default() };
    let Some(front) = DOMAINS.iter().find_map(|domain| name.strip_suffix(domain)?.strip_suffix('.')) else {
        return address;
    };
    let labels: Vec<&str> = front.split('.').collect();
    s3(&labels)
        .or_else(|| service(&labels))
        .map_or(address.clone(), |found| Address { host: address.host, ..found })
}

/// `bucket.s3.region`, `bucket.s3`, `s3.region`, `s3`, and the dash styles of old.
fn s3(labels: &[&str]) -> Option<Address> {
    let is_s3 = |label: &str| {
        label == "s3"
            || label == "s3-accelerate"
            || label.starts_with("s3-")
                && !label.starts_with("s3-control")
                && !label.starts_with("s3-website")
    };
    let place = labels.iter().rposition(|label| is_s3(label))?;
    let bucket = labels[..place].join(".");
    let dashed = labels[place].strip_prefix("s3-").filter(|region| is_region(region));
    let region =
        labels.get(place + 1..).unwrap_or_default().iter().find(|label| is_region(label)).copied().or(dashed);
    Some(Address {
        host: String::new(),
        service: Some("s3".to_owned()),
        region: region.map(str::to_owned),
        bucket: (!bucket.is_empty()).then_some(bucket),
    })
}

/// `service.region`, `service`, `id.service.region`, `id.service`.
fn service(labels: &[&str]) -> Option<Address> {
    let region = labels.iter().find(|label| is_region(label)).copied();
    let names: Vec<&&str> = labels.iter().filter(|label| Some(**label) != region).collect();
    let service = names.last()?;
    // One unknown label before `localhost` is a bucket: `bucket.localhost:4566`.
    let bucket = (names.len() == 1).then(|| (**service).to_owned());
    Some(Address {
        host: String::new(),
        service: Some((**service).to_owned()),
        region: region.map(str::to_owned),
        bucket,
    })
}

/// Whether it has the form of a region's name.
pub fn is_region(label: &str) -> bool {
    let mut parts = label.rsplit('-');
    let number =
        parts.next().is_some_and(|part| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_digit()));
    let place =
        parts.next().is_some_and(|part| part.len() > 3 && part.bytes().all(|byte| byte.is_ascii_lowercase()));
    number && place && parts.next().is_some_and(|part| part.len() >= 2)
}

/// The URL of a bucket: a virtual host where the client's host can have one, else a path.
pub fn of_bucket(host: &str, bucket: &str) -> String {
    let name = without_port(host);
    let rest = host.strip_prefix(&format!("{bucket}.s3.")).or_else(|| host.strip_prefix("s3."));
    match rest {
        Some(rest) => format!("http://{bucket}.s3.{rest}/"),
        None if name == "localhost" || name.ends_with(".localstack.cloud") => {
            format!("http://{bucket}.s3.{host}/")
        }
        None => format!("http://{host}/{bucket}/"),
    }
}

/// The host without its port.
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s3(host: &str) -> (Option<String>, Option<String>) {
        let address = parse(host);
        assert_eq!(address.service.as_deref(), Some("s3"), "{host}");
        (address.bucket, address.region)
    }

    #[test]
    fn virtual_hosts_name_a_bucket() {
        let bucket = |name: &str| Some(name.to_owned());
        assert_eq!(
            s3("my.bucket.s3.eu-west-1.localhost.localstack.cloud:4566"),
            (bucket("my.bucket"), bucket("eu-west-1"))
        );
        assert_eq!(s3("b.s3.localhost.localstack.cloud"), (bucket("b"), None));
        assert_eq!(s3("b.s3.localhost:4566"), (bucket("b"), None));
        assert_eq!(s3("s3.localhost.localstack.cloud:4566"), (None, None));
        assert_eq!(s3("b.s3-eu-west-1.amazonaws.com"), (bucket("b"), bucket("eu-west-1")));
    }

    #[test]
    fn service_hosts_name_a_service() {
        let address = parse("abc123.execute-api.eu-central-1.localhost.localstack.cloud:4566");
        assert_eq!(
            (address.service.as_deref(), address.region.as_deref()),
            (Some("execute-api"), Some("eu-central-1"))
        );
        assert_eq!(parse("sqs.us-east-1.localhost.localstack.cloud").service.as_deref(), Some("sqs"));
        assert_eq!(parse("b.localhost:4566").bucket.as_deref(), Some("b"));
    }

    #[test]
    fn plain_hosts_tell_nothing() {
        for host in [
            "localhost:4566",
            "127.0.0.1:4566",
            "[::1]:4566",
            "example.org",
            "localhost.localstack.cloud:4566",
        ] {
            assert_eq!(parse(host), Address { host: host.to_owned(), ..Address::default() });
        }
    }
}
