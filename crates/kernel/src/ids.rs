//! The one source of chance: request ids, resource ids, tokens.
#![allow(clippy::disallowed_methods, reason = "this is where chance comes from")]

use std::sync::{Arc, Mutex};

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use uuid::Uuid;

/// Makes ids. Clones draw from the same source.
#[derive(Clone, Default)]
pub struct Ids(Option<Arc<Mutex<StdRng>>>);

const BASE36: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const BASE36_UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BASE32_UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE62: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8] = b"0123456789abcdef";

impl Ids {
    /// Ids that nobody can foretell.
    pub fn random() -> Self {
        Self(None)
    }

    /// The same ids for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// Fills `bytes` with chance.
    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            None => rand::rng().fill_bytes(bytes),
            Some(rng) => rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(bytes),
        }
    }

    /// A UUID of version 4.
    pub fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// A UUID that is not yet text.
    pub fn raw_uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A number below `bound`, which is not zero.
    pub fn below(&self, bound: u64) -> u64 {
        match &self.0 {
            None => rand::rng().random_range(0..bound),
            Some(rng) => rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner).random_range(0..bound),
        }
    }

    /// Lower-case letters and digits, as in API Gateway's ids.
    pub fn base36(&self, length: usize) -> String {
        self.text(BASE36, length)
    }

    /// Upper-case letters and digits, as in S3's request ids.
    pub fn base36_upper(&self, length: usize) -> String {
        self.text(BASE36_UPPER, length)
    }

    /// Upper-case letters and the digits 2 to 7, as in IAM's unique ids and access keys.
    pub fn base32_upper(&self, length: usize) -> String {
        self.text(BASE32_UPPER, length)
    }

    /// Letters of both cases and digits, as in secret keys.
    pub fn base62(&self, length: usize) -> String {
        self.text(BASE62, length)
    }

    /// Hexadecimal digits.
    pub fn hex(&self, length: usize) -> String {
        self.text(HEX, length)
    }

    fn text(&self, alphabet: &[u8], length: usize) -> String {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes);
        bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
    }
}

impl std::fmt::Debug for Ids {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Ids(seeded)" } else { "Ids(random)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_ids() {
        assert_eq!(Ids::seeded(7).uuid(), Ids::seeded(7).uuid());
        assert_ne!(Ids::random().uuid(), Ids::random().uuid());
        assert_eq!(Ids::random().base32_upper(16).len(), 16);
    }
}
