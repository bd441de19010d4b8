//! Hashes and signatures of version 4.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::Credential;

/// The hash of an empty payload.
pub const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// SHA-256 in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

/// A signature, in hexadecimal, of `text` with the key made of a secret.
pub fn signature(key: &[u8], text: &str) -> String {
    hex(&mac(key, text.as_bytes()))
}

/// The signing key of a day, region and service.
pub fn signing_key(secret: &str, credential: &Credential) -> Vec<u8> {
    let date = mac(format!("AWS4{secret}").as_bytes(), credential.date.as_bytes());
    let region = mac(&date, credential.region.as_bytes());
    let service = mac(&region, credential.service.as_bytes());
    mac(&service, b"aws4_request")
}

/// The text that is signed for a canonical request.
pub fn string_to_sign(date: &str, credential: &Credential, canonical: &str) -> String {
    format!("AWS4-HMAC-SHA256\n{date}\n{}\n{}", credential.scope(), hash(canonical.as_bytes()))
}

/// A signature of version 2, in base64.
pub fn version2(secret: &str, text: &str) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
