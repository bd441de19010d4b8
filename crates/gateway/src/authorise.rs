//! Whether the request may go on: signature, expiry, and the place of IAM's policies.

use auth::canonical::Signing;
use auth::chunks::Chain;
use auth::credential::Signed;
use auth::faults::{self, Family};
use auth::{Presented, sign, verify};
use kernel::{Context, Fault};
use protocol::chunked::{self, ChunkVerifier};
use protocol::{RequestBody, WireRequest};

use crate::identify::Identity;
use crate::route::Target;
use crate::serve::{Gateway, Stop};

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
    wire: &mut WireRequest,
) -> Result<(), Stop> {
    let family = if target.service.schema.bare_errors { Family::S3 } else { Family::Common };
    let check = Check { gateway, presented, identity, target, family };
    let verifier = check.run(wire).map_err(|fault| Stop::Fault(target.clone(), fault))?;
    if family == Family::S3 && matches!(presented, Presented::Query(_)) {
        hoist(wire);
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
fn hoist(wire: &mut WireRequest) {
    let is_header = |name: &str| {
        let signs = auth_parameter(name) || name == "x-amz-sdk-checksum-algorithm";
        (name.starts_with("x-amz-") || name.starts_with("if-") || name == "content-md5") && !signs
    };
    let parameters: Vec<_> = wire
        .parameters()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .filter(|(name, _)| is_header(name))
        .collect();
    for (name, value) in parameters {
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::try_from(value))
        {
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
    family: Family,
}

impl Check<'_> {
    fn run(&self, wire: &WireRequest) -> Result<Option<Box<dyn ChunkVerifier>>, Fault> {
        if let Presented::Query(signed) = self.presented {
            verify::expiry(signed, self.gateway.clock.now(), self.family)?;
        }
        if self.gateway.settings.mode == Mode::Off {
            return Ok(None);
        }
        match self.presented {
            Presented::Anonymous if self.target.operation.anonymous => Ok(None),
            Presented::Anonymous => Err(faults::missing(self.family)),
            Presented::Malformed(reason) => Err(faults::malformed(self.family, reason)),
            Presented::Version2(_) => Err(Fault::client(
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            )),
            Presented::Header(signed) => {
                let date = wire.header("x-amz-date").unwrap_or_default().to_owned();
                self.verify(wire, signed, &date, wire.header("x-amz-security-token"))
            }
            Presented::Query(signed) => self.verify(wire, signed, &signed.date, signed.token.as_deref()),
        }
    }

    fn verify(
        &self,
        wire: &WireRequest,
        signed: &Signed,
        date: &str,
        token: Option<&str>,
    ) -> Result<Option<Box<dyn ChunkVerifier>>, Fault> {
        let Some(key) = &self.identity.known else {
            return Err(faults::unknown_key(self.family, &self.identity.access_key));
        };
        let payload = self.payload(wire)?;
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
        let is_signed_stream = payload.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        let chain = || Chain::new(signing_key, date, signed.credential.scope(), &signed.signature);
        Ok(is_signed_stream.then(|| Box::new(Chunks(chain())) as Box<dyn ChunkVerifier>))
    }

    /// What stands for the payload in the signature: a declared hash, which whole bodies must match, or their hash.
    fn payload(&self, wire: &WireRequest) -> Result<String, Fault> {
        if matches!(self.presented, Presented::Query(_)) && self.family == Family::S3 {
            return Ok("UNSIGNED-PAYLOAD".to_owned());
        }
        let declared = wire.header("x-amz-content-sha256");
        let RequestBody::Whole(body) = &wire.body else {
            return Ok(declared.unwrap_or("UNSIGNED-PAYLOAD").to_owned());
        };
        let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match declared {
            Some(text) if !is_hash(text) => Ok(text.to_owned()),
            declared => {
                let computed = sign::hash(body);
                match declared.filter(|text| *text != computed) {
                    None => Ok(computed),
                    Some(text) if self.family == Family::S3 => Err(Fault::client(
                        "XAmzContentSHA256Mismatch",
                        "The provided 'x-amz-content-sha256' header does not match what was computed.",
                    )
                    .field("ClientComputedContentSHA256", text)
                    .field("S3ComputedContentSHA256", computed)),
                    Some(_) => Ok(computed),
                }
            }
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
