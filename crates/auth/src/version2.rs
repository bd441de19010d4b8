//! Signatures of version 2, which S3 alone still takes: in the `Authorization` header and in query strings.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html>

use std::collections::BTreeMap;

use http::HeaderMap;
use jiff::SignedDuration;
use kernel::service::AccessKey;
use kernel::{Fault, Timestamp};
use percent_encoding::percent_decode_str;

use crate::faults::{self, Family};
use crate::{sign, verify};

/// The parameters that say what of a resource is meant, and so belong to its name.
const SUBRESOURCES: &[&str] = &[
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "retention",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
    "attributes",
];

/// A version 2 signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version2 {
    /// The access key's id.
    pub access_key: String,
    /// The signature, in base64.
    pub signature: String,
    /// Whether it stands in the query string.
    pub in_query: bool,
    /// `Expires` of a query string, in seconds since 1970.
    pub expires: Option<String>,
}

/// What is signed of a request.
pub struct Signing<'a> {
    /// The method.
    pub method: &'a str,
    /// The bucket of the host.
    pub bucket: Option<&'a str>,
    /// The path as it came, percent-encoded.
    pub path: &'a str,
    /// The parameters of the query string, decoded.
    pub parameters: &'a [(String, String)],
    /// The headers.
    pub headers: &'a HeaderMap,
}

/// Checks that a signature in a query string has not ended; true in every mode.
///
/// # Errors
/// AWS's fault for one that has, or for parameters that are missing or none.
pub fn expiry(signed: &Version2, now: Timestamp) -> Result<(), Fault> {
    let denied = |message: &str| Fault::new("AccessDenied", 403, message);
    if !signed.in_query {
        return Ok(());
    }
    let all = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters";
    let Some(text) = signed.expires.as_deref().filter(|_| !signed.signature.is_empty()) else {
        return Err(denied(all));
    };
    let expires = text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let invalid = || denied(&format!("Invalid date (should be seconds since epoch): {text}"));
    let expires = expires.ok_or_else(invalid)?;
    if expires < now { Err(faults::expired(expires, now)) } else { Ok(()) }
}

/// Checks a signature made with `key`.
///
/// # Errors
/// AWS's fault for a skewed clock, a wrong token or a signature that does not match.
pub fn signature(
    signed: &Version2,
    signing: &Signing<'_>,
    key: &AccessKey,
    now: Timestamp,
) -> Result<(), Fault> {
    if !signed.in_query {
        clock(signing.headers, now)?;
    }
    let headers = signing.amazon_headers();
    verify::session(key, headers.get("x-amz-security-token").map(String::as_str), now, Family::S3)?;
    let text = signing.string_to_sign(signed, &headers, &signing.path());
    // Most clients name a bucket with a slash at the end, as its host would; some as they ask for it.
    let as_asked = || signing.string_to_sign(signed, &headers, signing.path);
    let signs = |text: &str| verify::equal(&sign::version2(&key.secret, text), &signed.signature);
    if signs(&text) || signs(&as_asked()) {
        return Ok(());
    }
    Err(faults::mismatch(Family::S3, &signed.access_key, &text, None, &signed.signature))
}

fn clock(headers: &HeaderMap, now: Timestamp) -> Result<(), Fault> {
    let date = headers.get("x-amz-date").or_else(|| headers.get(http::header::DATE));
    let text = date.and_then(|date| date.to_str().ok()).unwrap_or_default();
    let made = jiff::fmt::rfc2822::parse(text).map(|date| date.timestamp()).ok();
    let Some(made) = made.or_else(|| verify::parse_date(text)) else {
        let message = "AWS authentication requires a valid Date or x-amz-date header";
        return Err(Fault::new("AccessDenied", 403, message));
    };
    let is_near = made.duration_since(now).abs() <= SignedDuration::from_mins(15);
    if is_near { Ok(()) } else { Err(faults::skewed(Family::S3, text, now)) }
}

impl Signing<'_> {
    fn string_to_sign(&self, signed: &Version2, amazon: &BTreeMap<String, String>, path: &str) -> String {
        let date = match &signed.expires {
            Some(expires) if signed.in_query => expires.clone(),
            _ if amazon.contains_key("x-amz-date") => String::new(),
            _ => self.positional("date"),
        };
        let amazon: String = amazon.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        format!(
            "{}\n{}\n{}\n{date}\n{amazon}{}",
            self.method,
            self.positional("content-md5"),
            self.positional("content-type"),
            self.resource(path)
        )
    }

    /// A header that has a place of its own; in query strings some signers put it among the parameters.
    fn positional(&self, name: &str) -> String {
        let header =
            self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let parameter = || {
            let mut found = self.parameters.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.clone())
        };
        header.or_else(parameter).unwrap_or_default()
    }

    /// The headers that AWS gives names to, and the parameters that stand for such.
    fn amazon_headers(&self) -> BTreeMap<String, String> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for name in self.headers.keys().filter(|name| name.as_str().starts_with("x-amz-")) {
            let values = self.headers.get_all(name).iter();
            let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            found.insert(name.as_str().to_owned(), values.join(","));
        }
        for (name, value) in self.parameters {
            let name = name.to_ascii_lowercase();
            if name.starts_with("x-amz-") {
                found.entry(name).or_insert_with(|| value.clone());
            }
        }
        found
    }

    /// The path, which ends in a slash if it is a bucket's.
    fn path(&self) -> String {
        let is_bucket = self.bucket.is_none() && self.path.len() > 1 && !self.path[1..].contains('/');
        format!("{}{}", self.path, if is_bucket { "/" } else { "" })
    }

    fn resource(&self, path: &str) -> String {
        let mut named: Vec<_> =
            self.parameters.iter().filter(|(name, _)| SUBRESOURCES.contains(&name.as_str())).collect();
        named.sort();
        let named: Vec<_> = named
            .into_iter()
            .map(|(name, value)| if value.is_empty() { name.clone() } else { format!("{name}={value}") })
            .collect();
        let bucket = self.bucket.map(|bucket| format!("/{bucket}")).unwrap_or_default();
        let mark = if named.is_empty() { "" } else { "?" };
        format!("{bucket}{path}{mark}{}", named.join("&"))
    }
}

/// The parameters of a query string, decoded.
pub fn parameters(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn check(
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
        signed: &Version2,
    ) -> Result<(), Fault> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let parameters = parameters(query);
        let signing = Signing {
            method,
            bucket: Some("awsexamplebucket1"),
            path,
            parameters: &parameters,
            headers: &map,
        };
        let key = AccessKey {
            secret: SECRET.to_owned(),
            account: "000000000000".into(),
            session_token: None,
            expires: None,
            arn: String::new(),
            user_id: String::new(),
        };
        signature(signed, &signing, &key, "2007-03-27T19:36:42Z".parse().unwrap())
    }

    /// The examples of AWS's page.
    #[test]
    fn awss_own_examples_verify() {
        let signed = |signature: &str| Version2 {
            access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            signature: signature.to_owned(),
            ..Version2::default()
        };
        let date = [("date", "Tue, 27 Mar 2007 19:36:42 +0000")];
        check("GET", "/photos/puppy.jpg", "", &date, &signed("qgk2+6Sv9/oM7G3qLEjTH1a1l1g=")).unwrap();
        let put = [
            ("content-type", "image/jpeg"),
            ("content-length", "94328"),
            ("date", "Tue, 27 Mar 2007 21:15:45 +0000"),
        ];
        let fault =
            check("PUT", "/photos/puppy.jpg", "", &put, &signed("iqRzw+ileNPu1fhspnRs8nOjjIA=")).unwrap_err();
        assert_eq!(fault.code(), "RequestTimeTooSkewed");
        let list = "prefix=photos&max-keys=50&marker=puppy";
        let listed = [("user-agent", "Mozilla/5.0"), ("date", "Tue, 27 Mar 2007 19:42:41 +0000")];
        check("GET", "/", list, &listed, &signed("m0WP8eCtspQl5Ahe6L1SozdX9YA=")).unwrap();
        let acl = [("date", "Tue, 27 Mar 2007 19:44:46 +0000")];
        check("GET", "/", "acl", &acl, &signed("82ZHiFIjc+WbcwFKGUVEQspPn+0=")).unwrap();
        let fault = check("GET", "/", "policy", &acl, &signed("82ZHiFIjc+WbcwFKGUVEQspPn+0=")).unwrap_err();
        assert_eq!(fault.code(), "SignatureDoesNotMatch");
    }

    #[test]
    fn query_strings_end() {
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let code = |expires: Option<&str>| {
            let expires = expires.map(str::to_owned);
            let signed =
                Version2 { signature: "s".to_owned(), in_query: true, expires, ..Version2::default() };
            expiry(&signed, at).map_err(|fault| fault.message().to_owned())
        };
        assert!(code(Some("1999999999")).is_ok());
        assert_eq!(code(Some("1")).unwrap_err(), "Request has expired");
        assert!(code(None).unwrap_err().starts_with("Query-string authentication requires"));
    }
}
