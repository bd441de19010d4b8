//! What a request presents: the credential scope of its signature, wherever it stands.

use http::HeaderMap;

use crate::Version2;
use crate::faults::{ALL_PARAMETERS, MALFORMED_CREDENTIAL};

/// The credential of a signature: `AKIA…/20260102/us-east-1/s3/aws4_request`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    /// The access key's id.
    pub access_key: String,
    /// The day, as `YYYYMMDD`.
    pub date: String,
    /// The region.
    pub region: String,
    /// The service's signing name.
    pub service: String,
}

impl Credential {
    /// Parses a credential scope.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.rsplitn(5, '/');
        if parts.next()? != "aws4_request" {
            return None;
        }
        let (service, region, date) = (parts.next()?, parts.next()?, parts.next()?);
        let access_key = parts.next()?;
        let owned = str::to_owned;
        Some(Self {
            access_key: owned(access_key),
            date: owned(date),
            region: owned(region),
            service: owned(service),
        })
    }

    /// The scope without the key: `20260102/us-east-1/s3/aws4_request`.
    pub fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// Where and how a request is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// Not at all.
    Anonymous,
    /// In the `Authorization` header.
    Header(Signed),
    /// In the query string: a presigned URL.
    Query(Signed),
    /// By the older version 2.
    Version2(Version2),
    /// In a header that cannot be read; the sentence says why.
    Malformed(String),
    /// In a query string that cannot be read; the sentence says why.
    MalformedQuery(&'static str),
}

/// A version 4 signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// The credential.
    pub credential: Credential,
    /// The names of the signed headers, in lower case, as listed.
    pub headers: Vec<String>,
    /// The signature, in hexadecimal.
    pub signature: String,
    /// `X-Amz-Date` of a presigned URL.
    pub date: String,
    /// Whether it stands in the query string.
    pub in_query: bool,
    /// `X-Amz-Algorithm` of a presigned URL.
    pub algorithm: String,
    /// `X-Amz-Expires` of a presigned URL, in seconds.
    pub expires: Option<String>,
    /// `X-Amz-Security-Token` of a presigned URL.
    pub token: Option<String>,
}

impl Presented {
    /// Reads what the request presents; `query` is the raw query string.
    pub fn of(headers: &HeaderMap, query: &str) -> Self {
        if let Some(value) = headers.get(http::header::AUTHORIZATION) {
            return value.to_str().map_or_else(|_| malformed("not text"), header);
        }
        if query.contains("X-Amz-") {
            return self::query(query);
        }
        let older = |name| parameter(query, name);
        let (access_key, signature) = (older("AWSAccessKeyId"), older("Signature"));
        let Some(access_key) = access_key.or_else(|| signature.is_some().then(String::new)) else {
            return Self::Anonymous;
        };
        let signature = signature.unwrap_or_default();
        Self::Version2(Version2 { access_key, signature, in_query: true, expires: older("Expires") })
    }

    /// The version 4 credential, if there is one.
    pub fn credential(&self) -> Option<&Credential> {
        match self {
            Self::Header(signed) | Self::Query(signed) => Some(&signed.credential),
            _ => None,
        }
    }

    /// The access key's id; empty for anonymous requests.
    pub fn access_key(&self) -> &str {
        match self {
            Self::Header(signed) | Self::Query(signed) => &signed.credential.access_key,
            Self::Version2(signed) => &signed.access_key,
            _ => "",
        }
    }
}

fn malformed(reason: &str) -> Presented {
    Presented::Malformed(reason.to_owned())
}

fn header(value: &str) -> Presented {
    if let Some(rest) = value.strip_prefix("AWS ") {
        let (access_key, signature) = rest.split_once(':').unwrap_or((rest, ""));
        return Presented::Version2(Version2 {
            access_key: access_key.to_owned(),
            signature: signature.to_owned(),
            ..Version2::default()
        });
    }
    let Some(rest) =
        value.strip_prefix("AWS4-HMAC-SHA256").or_else(|| value.strip_prefix("AWS4-ECDSA-P256-SHA256"))
    else {
        // Bearer and Basic belong to the services' own edges.
        return Presented::Anonymous;
    };
    let mut signed = Signed::default();
    let mut credential = None;
    for part in rest.split(',') {
        match part.trim().split_once('=') {
            Some(("Credential", value)) => credential = Some(value),
            Some(("SignedHeaders", value)) => signed.headers = value.split(';').map(str::to_owned).collect(),
            Some(("Signature", value)) => value.clone_into(&mut signed.signature),
            _ => {}
        }
    }
    let missing: Vec<_> = [
        ("Credential", credential.is_none()),
        ("Signature", signed.signature.is_empty()),
        ("SignedHeaders", signed.headers.is_empty()),
    ]
    .iter()
    .filter(|(_, missing)| *missing)
    .map(|(name, _)| format!("Authorization header requires '{name}' parameter."))
    .collect();
    if !missing.is_empty() {
        return Presented::Malformed(format!("{} Authorization={value}", missing.join(" ")));
    }
    match Credential::parse(credential.unwrap_or_default()) {
        Some(credential) => Presented::Header(Signed { credential, ..signed }),
        None => malformed(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term",
        ),
    }
}

fn query(query: &str) -> Presented {
    let Some(credential) = parameter(query, "X-Amz-Credential") else {
        let is_signed =
            ["X-Amz-Algorithm", "X-Amz-Signature"].iter().any(|name| parameter(query, name).is_some());
        return if is_signed { Presented::MalformedQuery(ALL_PARAMETERS) } else { Presented::Anonymous };
    };
    let Some(credential) = Credential::parse(&credential) else {
        return Presented::MalformedQuery(MALFORMED_CREDENTIAL);
    };
    Presented::Query(Signed {
        credential,
        in_query: true,
        algorithm: parameter(query, "X-Amz-Algorithm").unwrap_or_default(),
        headers: parameter(query, "X-Amz-SignedHeaders")
            .map(|names| names.split(';').map(str::to_owned).collect())
            .unwrap_or_default(),
        signature: parameter(query, "X-Amz-Signature").unwrap_or_default(),
        date: parameter(query, "X-Amz-Date").unwrap_or_default(),
        expires: parameter(query, "X-Amz-Expires"),
        token: parameter(query, "X-Amz-Security-Token"),
    })
}

/// A parameter of a raw query string, decoded.
pub fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_it = key == name || percent_encoding::percent_decode_str(key).decode_utf8_lossy() == name;
        is_it.then(|| percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_may_hold_slashes() {
        let credential = Credential::parse("my/key/20260102/us-east-1/s3/aws4_request").unwrap();
        assert_eq!((credential.access_key.as_str(), credential.service.as_str()), ("my/key", "s3"));
        assert_eq!(Credential::parse("key/20260102/us-east-1/s3"), None);
    }

    #[test]
    fn both_places_of_a_signature_are_read() {
        let mut headers = HeaderMap::new();
        let query = "X-Amz-Credential=AKIA%2F20260102%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Expires=60";
        let Presented::Query(signed) = Presented::of(&headers, query) else { panic!("not in the query") };
        assert_eq!((signed.credential.region.as_str(), signed.expires.as_deref()), ("eu-west-1", Some("60")));
        let value = "AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=ab";
        headers.insert("authorization", value.parse().unwrap());
        assert_eq!(Presented::of(&headers, "").access_key(), "A");
        headers.insert("authorization", "AWS4-HMAC-SHA256 Credential=A".parse().unwrap());
        assert!(matches!(Presented::of(&headers, ""), Presented::Malformed(_)));
    }
}
