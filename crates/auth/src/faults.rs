//! The sentences AWS prints when it does not let somebody in; S3 has codes of its own.

use kernel::{Fault, Timestamp};

/// The service family whose codes are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// S3.
    S3,
    /// All others.
    Common,
}

/// No signature where one is needed.
pub fn missing(family: Family) -> Fault {
    match family {
        Family::S3 => Fault::new("AccessDenied", 403, "Access Denied"),
        Family::Common => {
            Fault::new("MissingAuthenticationToken", 403, "Request is missing Authentication Token")
        }
    }
}

/// A signature that cannot be read.
pub fn malformed(family: Family, reason: &str) -> Fault {
    match family {
        Family::S3 => Fault::new(
            "AuthorizationHeaderMalformed",
            400,
            format!("The authorization header is malformed; {reason}"),
        ),
        Family::Common => Fault::new("IncompleteSignature", 400, reason),
    }
}

/// A signature for a region that is not the endpoint's.
pub fn wrong_region(region: &str, expected: &str) -> Fault {
    let reason = format!("the region '{region}' is wrong; expecting '{expected}'");
    malformed(Family::S3, &reason).field("Region", expected)
}

/// A key that nobody gave out.
pub fn unknown_key(family: Family, key: &str) -> Fault {
    match family {
        Family::S3 => {
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            Fault::new("InvalidAccessKeyId", 403, message).field("AWSAccessKeyId", key)
        }
        Family::Common => Fault::new(
            "UnrecognizedClientException",
            400,
            "The security token included in the request is invalid.",
        )
        .query_code("InvalidClientTokenId"),
    }
}

/// A signature of another secret or another request; `canonical` is what version 4 hashes of it.
pub fn mismatch(family: Family, key: &str, signed: &str, canonical: Option<&str>, given: &str) -> Fault {
    match family {
        Family::S3 => {
            let message = "The request signature we calculated does not match the signature you provided. Check \
                           your key and signing method.";
            let fault = Fault::new("SignatureDoesNotMatch", 403, message)
                .field("AWSAccessKeyId", key)
                .field("StringToSign", signed)
                .field("SignatureProvided", given)
                .field("StringToSignBytes", spelled(signed));
            match canonical {
                Some(text) => {
                    fault.field("CanonicalRequest", text).field("CanonicalRequestBytes", spelled(text))
                }
                None => fault,
            }
        }
        Family::Common => Fault::new(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ),
    }
}

/// A text's bytes, in hexadecimal, with spaces between.
fn spelled(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// Headers of AWS's that the signature does not cover.
pub fn not_signed(names: &[&str]) -> Fault {
    let message = "There were headers present in the request which were not signed";
    Fault::new("AccessDenied", 403, message).field("HeadersNotSigned", names.join(", "))
}

/// A signature of a query string that has ended.
pub fn expired(expires: Timestamp, now: Timestamp) -> Fault {
    let text = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Fault::new("AccessDenied", 403, "Request has expired")
        .field("Expires", text(expires))
        .field("ServerTime", text(now))
}

/// A clock that is more than 15 minutes off.
pub fn skewed(family: Family, date: &str, now: Timestamp) -> Fault {
    match family {
        Family::S3 => Fault::new(
            "RequestTimeTooSkewed",
            403,
            "The difference between the request time and the current time is too large.",
        )
        .field("RequestTime", date)
        .field("ServerTime", now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .field("MaxAllowedSkewMilliseconds", "900000"),
        Family::Common => {
            let stamp = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
            let earliest = now - jiff::SignedDuration::from_mins(15);
            let message = format!(
                "Signature expired: {date} is now earlier than {} ({} - 15 min.)",
                stamp(earliest),
                stamp(now)
            );
            Fault::new("InvalidSignatureException", 403, message).query_code("SignatureDoesNotMatch")
        }
    }
}

/// A token that is not the key's.
pub fn bad_token(family: Family, token: &str) -> Fault {
    match family {
        Family::S3 => {
            Fault::new("InvalidToken", 400, "The provided token is malformed or otherwise invalid.")
                .field("Token-0", token)
        }
        Family::Common => Fault::new(
            "UnrecognizedClientException",
            400,
            "The security token included in the request is invalid.",
        )
        .query_code("InvalidClientTokenId"),
    }
}

/// Temporary credentials that have ended.
pub fn expired_token(family: Family) -> Fault {
    match family {
        Family::S3 => Fault::new("ExpiredToken", 400, "The provided token has expired."),
        Family::Common => {
            Fault::new("ExpiredTokenException", 400, "The security token included in the request is expired")
                .query_code("ExpiredToken")
        }
    }
}

/// A presigned URL that has ended.
pub fn expired_url(family: Family, expires: Timestamp, seconds: i64, now: Timestamp) -> Fault {
    match family {
        Family::S3 => expired(expires, now).field("X-Amz-Expires", seconds.to_string()),
        Family::Common => Fault::new("AccessDenied", 403, "Request has expired"),
    }
}

/// What S3 says of a presigned URL that lacks a parameter.
pub const ALL_PARAMETERS: &str = "Query-string authentication version 4 requires the X-Amz-Algorithm, \
    X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";

/// What S3 says of a credential that is none.
pub const MALFORMED_CREDENTIAL: &str = "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; \
    expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";

/// Parameters of a presigned URL that are missing or out of range.
pub fn bad_parameters(message: &str) -> Fault {
    Fault::new("AuthorizationQueryParametersError", 400, message)
}
