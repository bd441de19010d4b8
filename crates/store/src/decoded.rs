//! Rows that are read far more often than written, decoded once.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use kernel::Fault;

use crate::row::{self, Row};

/// How many rows are kept before all are let go.
const MOST: usize = 1024;

/// What rows of a table decode to, kept beside their bytes: a row is decoded again only when its bytes have changed.
///
/// It is declared as a `static` beside its table and knows nothing of stores: the same bytes are the same row.
pub struct Decoded<R>(LazyLock<RwLock<HashMap<Vec<u8>, Kept<R>>>>);

struct Kept<R> {
    bytes: Vec<u8>,
    row: Arc<R>,
}

impl<R: Row> Decoded<R> {
    /// Nothing yet.
    #[expect(clippy::new_without_default, reason = "it is only ever a static")]
    pub const fn new() -> Self {
        Self(LazyLock::new(RwLock::default))
    }

    /// The row that has those bytes at that address.
    pub(crate) fn row(&self, address: Vec<u8>, bytes: &[u8]) -> Result<Arc<R>, Fault> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.get(&address).filter(|kept| kept.bytes == bytes) {
            return Ok(kept.row.clone());
        }
        drop(kept);
        let row: Arc<R> = Arc::new(row::decode(bytes)?);
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(address, Kept { bytes: bytes.to_vec(), row: row.clone() });
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_decoded_again_when_its_bytes_change() {
        static DECODED: Decoded<String> = Decoded::new();
        let bytes = |text: &str| {
            let mut bytes = Vec::new();
            row::encode(text, &mut bytes).unwrap();
            bytes
        };
        let first = DECODED.row(vec![1], &bytes("a")).unwrap();
        let same = DECODED.row(vec![1], &bytes("a")).unwrap();
        assert!(Arc::ptr_eq(&first, &same));
        assert_eq!(*DECODED.row(vec![1], &bytes("b")).unwrap(), "b");
        assert_eq!(*DECODED.row(vec![2], &bytes("a")).unwrap(), "a");
        assert!(DECODED.row(vec![3], &[0xc1]).is_err());
    }
}
