//! Filter patterns that are used over and over, parsed once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use api_logs::LogsError;

use crate::pattern::Pattern;

/// How many patterns are kept before all are let go.
const MOST: usize = 1024;

/// Patterns by their text.
#[derive(Default)]
pub struct Compiled(Mutex<HashMap<String, Arc<Pattern>>>);

impl Compiled {
    /// The pattern that a text is.
    pub fn get(&self, text: &str) -> Result<Arc<Pattern>, LogsError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = all.get(text) {
            return Ok(pattern.clone());
        }
        let pattern = Arc::new(Pattern::parse(text)?);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(text.to_owned(), pattern.clone());
        Ok(pattern)
    }
}
