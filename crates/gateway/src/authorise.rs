//! Whether the request may go on: signature, expiry, and the place of IAM's policies.

use auth::canonical::Signing;
use auth::chunks::Chain;
use auth::credential::Signed;
use auth::faults::{self, Family};
use auth::{Presented, Version2, sign, verify, version2};
use kernel::service::AccessKey;
use kernel::{Context, Fault, Region};
use protocol::chunked::{self, ChunkVerifier};
use protocol::{RequestBody, WireRequest};

use crate::address::{self, Address};
use crate::identify::Identity;
use crate::payload;
use crate::route::Target;
use crate::serve::{Gateway, Stop};

/// The header that declares what stands for the payload in the signature.
const PAYLOAD: &str = "x-amz-content-sha256";
/// What stands there for a payload that is not signed.
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Who gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Any credentials; expiry of presigned URLs is honoured.
    Off,
    /// A known key must sign rightly.
    Signature,
}

/// Checks the signature as the mode asks, and takes chunk framing off a streaming body.
pub fn signature(
    gateway: &Gateway,
    presented: &Presented,
    identity: &Identity,
    target: &Target,
    address: &Address,
    wire: &mut WireRequest,
) -> Result<(), Stop> {
    let family = if target.is_s3() { Family::S3 } else { Family::Common };
    let check = Check { gateway, presented, identity, target, address, family };
    let verifier = check.run(wire).map_err(|fault| Stop::Fault(target.clone(), fault))?;
    if family == Family::S3 {
        hoist(wire, presented);
        payload::length(wire).map_err(|fault| Stop::Fault(target.clone(), fault))?;
    }
    let is_chunked = wire.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"))
        || wire.header("content-encoding").is_some_and(|encoding| encoding.contains("aws-chunked"));
    if let RequestBody::Streaming(stream) = &wire.body
        && is_chunked
    {
        let length = wire.header("x-amz-decoded-content-length").and_then(|length| length.parse().ok());
        wire.body = RequestBody::Streaming(chunked::decode(stream, length, verifier));
    }
    Ok(())
}

/// S3 takes parameters of a presigned URL for the headers of their names, as signers have put them there.
fn hoist(wire: &mut WireRequest, presented: &Presented) {
    let is_older = match presented {
        Presented::Query(_) => false,
        Presented::Version2(signed) if signed.in_query => true,
        _ => return,
    };
    let is_header = |name: &str| {
        let signs = auth_parameter(name) || name == "x-amz-sdk-checksum-algorithm";
        let is_known = name.starts_with("x-amz-") || name.starts_with("if-") || name == "content-md5";
        is_known && !signs || is_older && name == "content-type"
    };
    let parameters: Vec<_> = wire
        .parameters()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .filter(|(name, _)| is_header(name))
        .collect();
    for (name, value) in parameters {
        let value = payload::header_value(&name, &value);
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), value) {
            wire.headers.entry(name).or_insert(value);
        }
    }
}

/// Whether a parameter belongs to the signature itself.
fn auth_parameter(name: &str) -> bool {
    matches!(
        name.strip_prefix("x-amz-").unwrap_or_default(),
        "algorithm" | "credential" | "date" | "expires" | "signedheaders" | "signature" | "security-token"
    )
}

/// Whether policies allow the call. Policies are evaluated from the `iam` mode on, which has its place here.
pub fn permission(mode: Mode, cx: &Context, target: &Target) {
    let _ = (mode, cx, target);
}

struct Check<'a> {
    gateway: &'a Gateway,
    presented: &'a Presented,
    identity: &'a Identity,
    target: &'a Target,
    address: &'a Address,
    family: Family,
}

impl Check<'_> {
    fn run(&self, wire: &mut WireRequest) -> Result<Option<Box<dyn ChunkVerifier>>, Fault> {
        self.lasting()?;
        if self.gateway.settings.mode == Mode::Off {
            return Ok(None);
        }
        if self.family == Family::S3 {
            self.one_way(wire)?;
        }
        match self.presented {
            Presented::Anonymous if self.target.operation.anonymous => Ok(None),
            Presented::Anonymous => Err(faults::missing(self.family)),
            Presented::Malformed(reason) => Err(faults::malformed(self.family, reason)),
            Presented::MalformedQuery(reason) => Err(faults::malformed(self.family, reason)),
            Presented::Version2(signed) => self.older(wire, signed),
            Presented::Header(signed) => {
                let date = wire.header("x-amz-date").unwrap_or_default().to_owned();
                let token = wire.header("x-amz-security-token").map(str::to_owned);
                self.verify(wire, signed, &date, token.as_deref())
            }
            Presented::Query(signed) => self.verify(wire, signed, &signed.date, signed.token.as_deref()),
        }
    }

    /// S3 wants to know one way to sign and one only, in a region that there is.
    fn one_way(&self, wire: &WireRequest) -> Result<(), Fault> {
        let argument = |message: &str| {
            let value = wire.header("authorization").unwrap_or_default();
            let fault = Fault::client("InvalidArgument", message);
            Err(fault.field("ArgumentName", "Authorization").field("ArgumentValue", value))
        };
        if wire.headers.contains_key(http::header::AUTHORIZATION) {
            if *self.presented == Presented::Anonymous {
                return argument("Unsupported Authorization Type");
            }
            let mut parameters = wire.parameters();
            if parameters.any(|(name, _)| name == "X-Amz-Algorithm" || name == "Signature") {
                let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature \
                               query string parameter or the Authorization header should be specified";
                return argument(message);
            }
        }
        match self.presented.credential() {
            Some(credential) if !address::is_region(&credential.region) => {
                Err(faults::wrong_region(&credential.region, Region::default().as_str()))
            }
            _ => Ok(()),
        }
    }

    /// Presigned URLs must be whole and end, in every mode.
    fn lasting(&self) -> Result<(), Fault> {
        let now = self.gateway.clock.now();
        match self.presented {
            Presented::Query(signed) => verify::expiry(signed, now, self.family),
            Presented::Version2(signed) if self.family == Family::S3 => version2::expiry(signed, now),
            Presented::MalformedQuery(reason) if self.family == Family::S3 => {
                Err(faults::bad_parameters(reason))
            }
            _ => Ok(()),
        }
    }

    /// Version 2 signs neither the payload nor all headers.
    fn older(&self, wire: &WireRequest, signed: &Version2) -> Result<Option<Box<dyn ChunkVerifier>>, Fault> {
        if self.family != Family::S3 {
            let message = "The authorization mechanism you have provided is not supported. Please use \
                           AWS4-HMAC-SHA256.";
            return Err(Fault::client("InvalidRequest", message));
        }
        let key = self.key()?;
        let signing = version2::Signing {
            method: wire.method.as_str(),
            bucket: self.address.bucket.as_deref(),
            path: &wire.sent_path,
            parameters: &version2::parameters(&wire.query),
            headers: &wire.headers,
        };
        version2::signature(signed, &signing, key, self.gateway.clock.now()).map(|()| None)
    }

    fn key(&self) -> Result<&AccessKey, Fault> {
        let unknown = || faults::unknown_key(self.family, &self.identity.access_key);
        self.identity.known.as_ref().ok_or_else(unknown)
    }

    fn verify(
        &self,
        wire: &mut WireRequest,
        signed: &Signed,
        date: &str,
        token: Option<&str>,
    ) -> Result<Option<Box<dyn ChunkVerifier>>, Fault> {
        let key = self.key()?;
        if self.family == Family::S3 {
            verify::all_signed(signed, &wire.headers)?;
        }
        let payload = self.payload(wire, signed)?;
        let signing = Signing {
            method: wire.method.as_str(),
            path: &wire.sent_path,
            query: &wire.query,
            headers: &wire.headers,
            signed: &signed.headers,
            payload: &payload,
            is_s3: self.family == Family::S3,
        };
        let now = self.gateway.clock.now();
        let signing_key = verify::signature(signed, &signing, date, key, token, now, self.family)?;
        if self.family == Family::S3 {
            payload::check(wire, &payload)?;
        }
        let is_signed_stream = payload.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        let chain = || Chain::new(signing_key, date, signed.credential.scope(), &signed.signature);
        Ok(is_signed_stream.then(|| Box::new(Chunks(chain())) as Box<dyn ChunkVerifier>))
    }

    /// What stands for the payload in the signature.
    fn payload(&self, wire: &WireRequest, signed: &Signed) -> Result<String, Fault> {
        match self.family {
            Family::S3 if signed.in_query => {
                // Few signers say so in the URL or in a signed header; what they say counts then.
                let is_signed = signed.headers.iter().any(|name| name == PAYLOAD);
                let sent = wire.header(PAYLOAD).filter(|_| is_signed).map(str::to_owned);
                let mut parameters = wire.parameters();
                let told = parameters.find(|(name, _)| name.eq_ignore_ascii_case(PAYLOAD));
                Ok(sent.or(told.map(|(_, value)| value.into_owned())).unwrap_or_else(|| UNSIGNED.to_owned()))
            }
            Family::S3 => payload::declared(wire),
            Family::Common => match (&wire.body, wire.header(PAYLOAD)) {
                (_, Some(name)) if !payload::is_hash(name) => Ok(name.to_owned()),
                (RequestBody::Whole(body), _) => Ok(sign::hash(body)),
                (RequestBody::Streaming(_), declared) => Ok(declared.unwrap_or(UNSIGNED).to_owned()),
            },
        }
    }
}

/// The chain of `auth`, as the chunk decoder wants it.
struct Chunks(Chain);

impl ChunkVerifier for Chunks {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn end_chunk(&mut self, signature: &str) -> Result<(), Fault> {
        self.0.end_chunk(signature)
    }

    fn end_trailers(&mut self, canonical: &str, signature: &str) -> Result<(), Fault> {
        self.0.end_trailers(canonical, signature)
    }
}
