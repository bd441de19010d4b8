//! Who posts a form, and whether its policy lets it pass. The policy counts in every mode.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>

use std::ops::RangeInclusive;

use auth::credential::Signed;
use auth::faults::{self, Family};
use auth::policy::Policy;
use auth::{Credential, Presented, Version2, sign, verify};
use kernel::Fault;
use kernel::service::AccessKey;

use super::{Form, fields};
use crate::authorise::Mode;
use crate::identify::Identity;
use crate::serve::Gateway;

/// The fields of a signature, in the order in which AWS misses them.
const VERSION_4: [&str; 4] = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"];
const VERSION_2: [&str; 2] = ["AWSAccessKeyId", "Signature"];

/// What the form presents. One field of a signature asks for all others.
pub fn presented(form: &Form) -> Result<Presented, Fault> {
    let all = |names: &[&str]| {
        let lost = names.iter().chain(&["policy"]).find(|name| form.field(name).is_none());
        lost.map_or(Ok(()), |name| Err(fields::missing(name)))
    };
    let has_any = |names: &[&str]| names.iter().any(|name| form.field(name).is_some());
    let text = |name: &str| form.field(name).unwrap_or_default().to_owned();
    if has_any(&VERSION_4) {
        all(&VERSION_4)?;
        let credential = Credential::parse(&text("x-amz-credential"));
        let credential = credential.ok_or_else(|| faults::bad_parameters(faults::MALFORMED_CREDENTIAL))?;
        let (signature, date) = (text("x-amz-signature"), text("x-amz-date"));
        return Ok(Presented::Query(Signed { credential, signature, date, ..Signed::default() }));
    }
    if has_any(&VERSION_2) {
        all(&VERSION_2)?;
        let (access_key, signature) = (text("awsaccesskeyid"), text("signature"));
        return Ok(Presented::Version2(Version2 { access_key, signature, ..Version2::default() }));
    }
    Ok(Presented::Anonymous)
}

/// Checks the signature as the mode asks, and the policy. Returns how long the file may be.
pub fn policy(
    gateway: &Gateway,
    form: &Form,
    presented: &Presented,
    identity: &Identity,
) -> Result<Option<RangeInclusive<u64>>, Fault> {
    let now = gateway.clock.now();
    if gateway.settings.mode == Mode::Signature {
        if *presented == Presented::Anonymous {
            return Err(faults::missing(Family::S3));
        }
        let unknown = || faults::unknown_key(Family::S3, &identity.access_key);
        let key = identity.known.as_ref().ok_or_else(unknown)?;
        verify::session(key, form.field("x-amz-security-token"), now, Family::S3)?;
        signature(form, presented, key)?;
    }
    let Some(text) = form.field("policy") else { return Ok(None) };
    let mut fields = form.fields.clone();
    fields.retain(|(name, _)| !name.eq_ignore_ascii_case("bucket"));
    fields.push(("bucket".to_owned(), form.bucket.clone()));
    Policy::parse(text)?.check(&fields, now)
}

/// The policy is what is signed, as it was sent.
fn signature(form: &Form, presented: &Presented, key: &AccessKey) -> Result<(), Fault> {
    let policy = form.field("policy").unwrap_or_default();
    let (wanted, given) = match presented {
        Presented::Query(signed) => {
            let signing_key = sign::signing_key(&key.secret, &signed.credential);
            (sign::signature(&signing_key, policy), &signed.signature)
        }
        Presented::Version2(signed) => (sign::version2(&key.secret, policy), &signed.signature),
        _ => return Ok(()),
    };
    if verify::equal(&wanted, given) {
        return Ok(());
    }
    Err(faults::mismatch(Family::S3, presented.access_key(), policy, None, given))
}
