//! Signatures of the chunks of a streaming payload, each chained to the one before.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>

use kernel::Fault;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::sign;

/// The state of the chain.
pub struct Chain {
    key: Vec<u8>,
    date: String,
    scope: String,
    previous: String,
    hasher: Sha256,
}

impl Chain {
    /// The chain that starts with the request's own signature.
    pub fn new(key: Vec<u8>, date: &str, scope: String, seed: &str) -> Self {
        Self { key, date: date.to_owned(), scope, previous: seed.to_owned(), hasher: Sha256::new() }
    }

    /// More bytes of the present chunk.
    pub fn update(&mut self, data: &[u8]) {
        self.hasher.update(data);
    }

    /// Ends the present chunk.
    ///
    /// # Errors
    /// `SignatureDoesNotMatch`.
    pub fn end_chunk(&mut self, signature: &str) -> Result<(), Fault> {
        let hash = sign::hex(&std::mem::take(&mut self.hasher).finalize());
        let text = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{hash}",
            self.date,
            self.scope,
            self.previous,
            sign::EMPTY
        );
        self.check(&text, signature)
    }

    /// Ends the trailers.
    ///
    /// # Errors
    /// `SignatureDoesNotMatch`.
    pub fn end_trailers(&mut self, canonical: &str, signature: &str) -> Result<(), Fault> {
        let hash = sign::hash(canonical.as_bytes());
        let text =
            format!("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{hash}", self.date, self.scope, self.previous);
        self.check(&text, signature)
    }

    fn check(&mut self, text: &str, signature: &str) -> Result<(), Fault> {
        let wanted = sign::signature(&self.key, text);
        if !bool::from(wanted.as_bytes().ct_eq(signature.as_bytes())) {
            let message = "The request signature we calculated does not match the signature you provided. \
                           Check your key and signing method.";
            return Err(Fault::new("SignatureDoesNotMatch", 403, message));
        }
        self.previous = wanted;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Credential;

    /// The example of AWS's documentation: 65 KiB of `a` in chunks of 64 KiB.
    #[test]
    fn awss_own_example_verifies() {
        let credential =
            Credential::parse("AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request").unwrap();
        let key = sign::signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", &credential);
        let seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
        let mut chain = Chain::new(key, "20130524T000000Z", credential.scope(), seed);
        chain.update(&[b'a'; 65536]);
        chain.end_chunk("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648").unwrap();
        chain.update(&[b'a'; 1024]);
        chain.end_chunk("0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497").unwrap();
        chain.end_chunk("b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9").unwrap();
        assert!(chain.end_chunk("00").is_err());
    }
}
