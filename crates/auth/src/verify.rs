//! Checks a request's signature, and the expiry of presigned URLs.

use jiff::SignedDuration;
use kernel::service::AccessKey;
use kernel::{Fault, Timestamp};
use subtle::ConstantTimeEq;

use crate::canonical::Signing;
use crate::credential::Signed;
use crate::faults::{self, Family};
use crate::sign;

/// How far a client's clock may be off.
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// The ways of version 4 to sign.
const ALGORITHMS: [&str; 2] = ["AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"];

/// The longest life of a presigned URL, in seconds: a week.
const MAX_EXPIRES: i64 = 604_800;

/// Checks a signature made with `key`. Returns the signing key, for the chunks that may follow.
///
/// # Errors
/// AWS's fault for a skewed clock, a wrong token or a signature that does not match.
pub fn signature(
    signed: &Signed,
    signing: &Signing<'_>,
    date: &str,
    key: &AccessKey,
    token: Option<&str>,
    now: Timestamp,
    family: Family,
) -> Result<Vec<u8>, Fault> {
    let made = parse_date(date)
        .ok_or_else(|| faults::malformed(family, "Date must be in ISO-8601 'basic format'"))?;
    let is_presigned = signed.in_query && signed.expires.is_some();
    if !is_presigned && made.duration_since(now).abs() > MAX_SKEW {
        return Err(faults::skewed(family, date, now));
    }
    session(key, token, now, family)?;
    let canonical = signing.canonical();
    let text = sign::string_to_sign(date, &signed.credential, &canonical);
    let signing_key = sign::signing_key(&key.secret, &signed.credential);
    if !equal(&sign::signature(&signing_key, &text), &signed.signature) {
        let access_key = &signed.credential.access_key;
        return Err(faults::mismatch(family, access_key, &text, Some(&canonical), &signed.signature));
    }
    Ok(signing_key)
}

/// Checks that temporary credentials come with their token, and have not ended.
///
/// # Errors
/// AWS's fault for a wrong token or one that has ended.
pub fn session(key: &AccessKey, token: Option<&str>, now: Timestamp, family: Family) -> Result<(), Fault> {
    if let Some(wanted) = &key.session_token
        && !equal(token.unwrap_or_default(), wanted)
    {
        return Err(faults::bad_token(family, token.unwrap_or_default()));
    }
    if key.expires.is_some_and(|expires| expires <= now) {
        return Err(faults::expired_token(family));
    }
    Ok(())
}

/// Checks that no header with a name of AWS's goes unsigned, as S3 asks.
///
/// # Errors
/// `AccessDenied` with their names.
pub fn all_signed(signed: &Signed, headers: &http::HeaderMap) -> Result<(), Fault> {
    let is_open = |name: &&str| {
        // The hash of the payload is no part of a presigned URL, and so ignored.
        let is_payload = signed.in_query && *name == "x-amz-content-sha256";
        name.starts_with("x-amz-") && !is_payload && !signed.headers.iter().any(|known| known == name)
    };
    let mut names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).filter(is_open).collect();
    names.sort_unstable();
    if names.is_empty() { Ok(()) } else { Err(faults::not_signed(&names)) }
}

/// Checks that a presigned URL has not ended; true in every mode.
///
/// # Errors
/// AWS's fault for an expired URL, or for parameters that are missing or out of range.
pub fn expiry(signed: &Signed, now: Timestamp, family: Family) -> Result<(), Fault> {
    if family == Family::S3 {
        complete(signed)?;
    }
    // Other services presign without a life of their own: 15 minutes, as for headers.
    let Some(text) = &signed.expires else { return Ok(()) };
    let number = || faults::bad_parameters("X-Amz-Expires should be a number");
    let seconds: i64 = text.parse().map_err(|_| number())?;
    if seconds < 0 {
        return Err(faults::bad_parameters("X-Amz-Expires must be non-negative"));
    }
    if seconds > MAX_EXPIRES {
        let message = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be \
                       less than 604800 seconds";
        return Err(faults::bad_parameters(message));
    }
    let message = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"";
    let made = parse_date(&signed.date).ok_or_else(|| faults::bad_parameters(message))?;
    if made.duration_since(now) > MAX_SKEW {
        return Err(Fault::new("AccessDenied", 403, "Request is not yet valid"));
    }
    let expires = made + SignedDuration::from_secs(seconds);
    if expires < now {
        return Err(faults::expired_url(family, expires, seconds, now));
    }
    Ok(())
}

/// Checks that a presigned URL of S3's has all its parameters.
fn complete(signed: &Signed) -> Result<(), Fault> {
    let is_empty = [&signed.algorithm, &signed.signature, &signed.date].into_iter().any(String::is_empty);
    if is_empty || signed.headers.is_empty() || signed.expires.is_none() {
        return Err(faults::bad_parameters(faults::ALL_PARAMETERS));
    }
    if !ALGORITHMS.contains(&signed.algorithm.as_str()) {
        let message = "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"";
        return Err(faults::bad_parameters(message));
    }
    let day = &signed.credential.date;
    if !signed.date.starts_with(day.as_str()) {
        let date = &signed.date;
        let message = format!(
            "Invalid credential date \"{day}\". This date is not the same as X-Amz-Date: \"{date}\"."
        );
        return Err(faults::bad_parameters(&message));
    }
    Ok(())
}

/// `20260102T030405Z`.
pub(crate) fn parse_date(text: &str) -> Option<Timestamp> {
    let date = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// Compares without telling by the time it takes where two texts differ.
pub fn equal(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::Credential;

    /// The example of AWS's documentation for `GET Object`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
    fn example() -> (Signed, HeaderMap, AccessKey) {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("range", "bytes=0-9"),
            ("x-amz-content-sha256", sign::EMPTY),
            ("x-amz-date", "20130524T000000Z"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let signed = Signed {
            credential: Credential::parse("AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request").unwrap(),
            headers: ["host", "range", "x-amz-content-sha256", "x-amz-date"].map(str::to_owned).to_vec(),
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41".to_owned(),
            ..Signed::default()
        };
        let key = AccessKey {
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            account: "000000000000".into(),
            session_token: None,
            expires: None,
            arn: String::new(),
            user_id: String::new(),
        };
        (signed, headers, key)
    }

    fn check(path: &str, now: &str) -> Result<(), Fault> {
        let (signed, headers, key) = example();
        let signing = Signing {
            method: "GET",
            path,
            query: "",
            headers: &headers,
            signed: &signed.headers,
            payload: sign::EMPTY,
            is_s3: true,
        };
        let now = now.parse().unwrap();
        signature(&signed, &signing, "20130524T000000Z", &key, None, now, Family::S3).map(drop)
    }

    #[test]
    fn awss_own_example_verifies() {
        check("/test.txt", "2013-05-24T00:00:00Z").unwrap();
    }

    #[test]
    fn another_request_or_time_does_not() {
        assert_eq!(check("/other.txt", "2013-05-24T00:00:00Z").unwrap_err().code(), "SignatureDoesNotMatch");
        assert_eq!(check("/test.txt", "2013-05-24T00:15:01Z").unwrap_err().code(), "RequestTimeTooSkewed");
    }

    #[test]
    fn presigned_urls_end() {
        let (mut signed, ..) = example();
        "20130524T000000Z".clone_into(&mut signed.date);
        "AWS4-HMAC-SHA256".clone_into(&mut signed.algorithm);
        signed.expires = Some("60".to_owned());
        let at = |text: &str| expiry(&signed, text.parse().unwrap(), Family::S3);
        at("2013-05-24T00:01:00Z").unwrap();
        assert_eq!(at("2013-05-24T00:01:01Z").unwrap_err().message(), "Request has expired");
        signed.expires = Some("604801".to_owned());
        let fault = expiry(&signed, "2013-05-24T00:00:00Z".parse().unwrap(), Family::S3).unwrap_err();
        assert_eq!(fault.code(), "AuthorizationQueryParametersError");
        signed.expires = None;
        let fault = expiry(&signed, "2013-05-24T00:00:00Z".parse().unwrap(), Family::S3).unwrap_err();
        assert_eq!(fault.message(), faults::ALL_PARAMETERS);
    }
}
